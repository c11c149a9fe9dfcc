"""Words of the domain. Imports the standard library only; performs no I/O."""
