"""Passing on what a holder received: never against its marks, with the owner's consent where it is needed (A5, R26)."""

from spean.onward.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
