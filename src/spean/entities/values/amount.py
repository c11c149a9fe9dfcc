"""Amounts and moments, as a payment or an event has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from spean.entities.values.base import ValueType, latin_digits
from spean.entities.values.words import tidy

_AMOUNT = re.compile(r"([A-Z][A-Z0-9]{1,11})?\s*(\d{1,18}(?:\.\d{1,18})?)\s*([A-Z][A-Z0-9]{1,11})?")


class Amount(ValueType):
    """``1200.50 USD``: decimals with a point, then the currency (ISO 4217, or the token's name)."""

    name = "amount"
    exact = False

    def clean(self, text: str) -> str:
        found = _AMOUNT.fullmatch(latin_digits(tidy(self.bounded(text))).upper().replace(",", ""))
        if found is None or bool(found[1]) == bool(found[3]):
            raise self.refused("it is no amount with one currency", "give it as in 1200.50 USD")
        whole, point, rest = found[2].partition(".")
        return f"{int(whole)}{point}{rest} {found[1] or found[3]}"

    def mask(self, text: str) -> str:
        """The currency."""
        return f"… {self.clean(text).rpartition(' ')[2]}"


class Moment(ValueType):
    """A moment in UTC to the second, ISO 8601."""

    name = "moment"
    exact = False

    def clean(self, text: str) -> str:
        try:
            found = datetime.fromisoformat(latin_digits(tidy(self.bounded(text))))
        except ValueError:
            raise self.refused("it is no moment", "give it as in 2026-03-04T01:41:00+07:00") from None
        if found.tzinfo is None:
            raise self.refused("its time zone is missing", "give it as in 2026-03-04T01:41:00+07:00")
        return f"{found.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


AMOUNT, MOMENT = Amount(), Moment()
