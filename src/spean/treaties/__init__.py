"""How states conclude, amend, suspend and leave an agreement (A1, A9). What it says is in ``agreements``."""

from spean.treaties.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
