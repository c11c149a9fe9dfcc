"""Money that was stopped goes back to the victims, by a written rule, each cent explained (C8)."""

from spean.restitution.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
