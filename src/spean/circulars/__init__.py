"""A signed list to all parties, with corrections and withdrawals (A6, A8)."""

from spean.circulars.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
