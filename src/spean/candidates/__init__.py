"""The same one? Candidates that a person verifies, look-ups, watches, open lists (DOMAIN 2.4, 4.1, 6.B)."""

from spean.candidates.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
