"""Spean: a unified exchange platform on which states act together against online scams."""

__version__ = "0.1.0"
