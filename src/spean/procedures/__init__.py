"""The procedures engine (D6, D7, D8): declare a cooperation process once; advance, fold and describe it. Pure."""
