"""How names are written and read: one module a script, and what parts a name has."""
