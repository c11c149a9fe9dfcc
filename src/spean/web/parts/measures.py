"""Amounts and moments as people type them: ``32,000.00`` and a day with a time of day, kept as minor units and milliseconds.

A form says by its JSON Schema which of its whole numbers are which (``format``: ``minor-units``, ``moment``). Nothing is rounded
and nothing is guessed: what can be read in two ways stays as it was typed, and the page says how to write it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from spean.formats.chain.tokens import digits, known_decimals
from spean.web.language.reader import Reader, zone

AMOUNT, MOMENT = "minor-units", "moment"
_SPACES = str.maketrans("", "", " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}_'")
_TYPED = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:\.\d{1,3})?)?")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Unit:
    """In what an amount is counted."""

    currency: str
    digits: int


def known_digits(currency: str) -> int | None:
    """Decimals in which a currency (ISO 4217) or token that is known here is counted; None for another, whose digits must be said."""
    return None if known_decimals(currency) is None else digits(currency)


def unit_of(values: Any, inherited: Unit | None) -> Unit | None:
    """The unit that an object's own ``currency`` and ``digits`` say, else the one around it."""
    if not isinstance(values, Mapping):
        return inherited
    currency, digits = values.get("currency"), values.get("digits")
    if not isinstance(currency, str) or not currency:
        return inherited
    known = known_digits(currency)
    if known is not None:
        return Unit(currency, known if not isinstance(digits, int) else digits)
    return Unit(currency, digits) if isinstance(digits, int) and not isinstance(digits, bool) else None


def shown_amount(minor: int, unit: Unit, reader: Reader) -> str:
    """An amount as it stands in a control: no groups, the reader's decimal sign."""
    group = reader.number(1000)[1:-3]
    text = reader.figure(abs(minor), unit.digits).replace(group, "")
    return f"-{text}" if minor < 0 else text


def typed_amount(text: str, unit: Unit, reader: Reader) -> int | str:
    """Minor units of what was typed; the text itself when it is no amount, could be read in two ways, or has too many decimals."""
    if len(text) > _LONGEST:
        return text
    plain = text.strip().translate(_SPACES)
    point = "," if reader.language == "fr" else "."
    if point == ".":
        plain = re.sub(r"^(\d{1,3}(?:,\d{3})+)(?=\.|$)", lambda found: found[1].replace(",", ""), plain)
    elif re.fullmatch(r"\d+\.\d{1,2}|\d+\.\d{4,}", plain):
        plain = plain.replace(".", ",")
    found = re.fullmatch(rf"(\d+)(?:{re.escape(point)}(\d+))?", plain, re.ASCII)
    if found is None:
        return text
    decimals = (found[2] or "").rstrip("0")
    if len(decimals) > unit.digits:
        return text
    return int(found[1] + decimals.ljust(unit.digits, "0"))


def shown_moment(milliseconds: int, reader: Reader) -> str:
    """A moment by the reader's clock, as a control for day and time holds it."""
    return (
        datetime.fromtimestamp(milliseconds // 1000, UTC)
        .astimezone(zone(reader.time_zone))
        .strftime("%Y-%m-%dT%H:%M:%S")
    )


def typed_moment(text: str, reader: Reader) -> int | str:
    """Milliseconds UTC of a day and time by the reader's clock; the text itself when it is none."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return text
    try:
        at = datetime.fromisoformat(f"{found[1]}T{found[2]}:{found[3] or '00'}").replace(tzinfo=zone(reader.time_zone))
        return int(at.timestamp()) * 1000
    except (ValueError, OverflowError):
        return text
