"""Desks, duty rosters, languages and keys; and which desk is the right one (A2)."""

from spean.directory.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
