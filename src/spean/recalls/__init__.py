"""Recall of a fact from one holder, with its signed answer (A8, R34, D5)."""

from spean.recalls.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
