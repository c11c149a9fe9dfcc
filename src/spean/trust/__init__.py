"""Rotation and revocation of a node's keys (O8, O9)."""

from spean.trust.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
