"""Requests for information with purpose, urgency, need, grounds of refusal and a clock (A4)."""

from spean.requests.procedures import PROCEDURES

__all__ = ["PROCEDURES"]
