"""Stop a payment on its way: the report that starts it, the request at each hop, the hold, the question across a border."""

from spean.holds.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
