"""Data abroad are kept until a formal request for them arrives (DOMAIN 2.5, 4.1)."""

from spean.preservation.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
