"""Commands for people at the machine and for scripts. Each group is a module, imported when it is asked for."""
