"""Parts that several pages share: forms and their faults, lanes, marks, the handling strip."""
