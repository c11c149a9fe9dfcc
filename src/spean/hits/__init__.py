"""Hits without content: what a node answers blindly, private questions, budgets, overlaps of whole holdings (B1, B2, R42)."""
