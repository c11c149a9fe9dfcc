"""Kinds of things as readable data, value types, statements with provenance, links and judgements. No I/O."""
