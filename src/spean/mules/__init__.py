"""Accounts that moved victims' money: listed with a grade, verified by a second person, expiring, cleared everywhere (C10)."""

from spean.mules.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
