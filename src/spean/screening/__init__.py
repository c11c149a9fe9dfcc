"""At the border: what an officer is told about a traveller, with a line and without one (B5). Pure."""
