"""Matching without showing: the oblivious function, tables of tags, derived keys of persons, budgets, openings. Pure."""
