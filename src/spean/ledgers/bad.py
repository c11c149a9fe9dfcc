"""What makes a row of a ledger bad, said with file, line, field and reason. Every reader uses these checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from spean.core.errors import InvalidInput
from spean.tracing.model import MAX_AMOUNT

COLUMNS = ("id", "time", "payer", "payee", "amount", "currency")
BALANCES = ("account", "amount")
MAX_NAME = 200
SHOWN = 100
"""Bad rows that are named one by one; the rest are counted."""
EARLIEST, LATEST = -62_135_596_800_000, 253_402_300_799_999  # years 1 to 9999
_WHOLE = re.compile(r"[0-9]{1,40}")
_TOO_MUCH = f"is more than {MAX_AMOUNT}; sums must stay exact in 64 bits: count in a coarser unit (a token of 18 decimals in billionths)"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_MILLISECONDS = re.compile(r"-?[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class BadRow:
    """``line`` counts from 1 and includes a CSV's header; in a Parquet file it is the row."""

    file: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file} line {self.line}, {self.field}: {self.reason}"


class BadRows(InvalidInput):
    """Rows of a ledger that cannot be read. ``rows`` names the first hundred; ``count`` is how many there are."""

    def __init__(self, rows: list[BadRow], count: int) -> None:
        shown = "; ".join(str(row) for row in rows[:5])
        more = f"; and {count - 5} more" if count > 5 else ""
        super().__init__(
            rows[0].field, f"{count} bad row{'s' if count > 1 else ''}: {shown}{more}",
            remedy="correct the file; a trace through a ledger with holes would be wrong",
        )  # fmt: skip
        self.rows = rows
        self.count = count


@dataclass(slots=True)
class Report:
    """Collects bad rows while reading."""

    rows: list[BadRow] = field(default_factory=list)
    count: int = 0

    def add(self, file: str, line: int, name: str, reason: str) -> None:
        self.count += 1
        if len(self.rows) < SHOWN:
            self.rows.append(BadRow(file, line, name, reason))

    def check(self) -> None:
        """Raises ``BadRows`` if there are any."""
        if self.count:
            raise BadRows(self.rows, self.count)


def amount_of(value: Any) -> int:
    """Whole minor units from 0. Raises ``ValueError`` with the reason."""
    if isinstance(value, str):
        if _WHOLE.fullmatch(value) is None:
            raise ValueError(_why_not_whole(value))
        value = int(value)
    if value is None:
        raise ValueError("is empty")
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < 40 and value == int(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"is a {type(value).__name__}; whole minor units are needed")
    if value < 0:
        raise ValueError(f"{value} is negative; a payment back is a row of its own")
    if value > MAX_AMOUNT:
        raise ValueError(_TOO_MUCH)
    return value


def _why_not_whole(value: str) -> str:
    shown = repr(value[:40])
    if not value:
        return "is empty"
    if re.fullmatch(r"-[0-9]{1,40}", value):
        return f"{shown} is negative; a payment back is a row of its own"
    return f"{shown} is not a whole number of minor units"


def time_of(value: Any) -> int:
    """Milliseconds since 1970 UTC, from such a number or ISO 8601 (without an offset: UTC). Raises ``ValueError``."""
    if isinstance(value, str):
        value = int(value) if _MILLISECONDS.fullmatch(value) else _moment(value)
    if isinstance(value, datetime):
        value = _milliseconds(value)
    if value is None:
        raise ValueError("is empty")
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"is a {type(value).__name__}; ISO 8601 or whole milliseconds are needed")
    if not EARLIEST <= value <= LATEST:
        raise ValueError("is outside the years 1 to 9999")
    return value


def _moment(value: str) -> datetime:
    if not value:
        raise ValueError("is empty")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value[:40]!r} is neither ISO 8601 nor whole milliseconds") from None


def _milliseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000


def name_of(value: Any) -> str:
    """An id, account or currency: 1 to 200 characters without control characters. Raises ``ValueError``."""
    if isinstance(value, bytes):
        value = _decoded(value)
    if value is None or value == "":
        raise ValueError("is empty")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"is a {type(value).__name__}; a text is needed")
    text = str(value)
    if len(text) > MAX_NAME:
        raise ValueError(f"is longer than {MAX_NAME} characters")
    if _CONTROL.search(text):
        raise ValueError("holds a control character")
    return text


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise ValueError("is not text in UTF-8") from None


READ: dict[str, Callable[[Any], Any]] = {
    "id": name_of, "time": time_of, "payer": name_of, "payee": name_of, "amount": amount_of, "currency": name_of,
    "account": name_of,
}  # fmt: skip


def missing(file: str, wanted: tuple[str, ...], have: list[str]) -> None:
    """Raises ``InvalidInput`` if a column is not there, or is there twice."""
    lacking = [name for name in wanted if have.count(name) != 1]
    if lacking:
        there = ", ".join(name[:40] for name in have[:20]) or "nothing"
        raise InvalidInput(
            lacking[0], f"{file}: the column is missing or stands twice; its first line names {there}",
            remedy=f"columns {','.join(wanted)}",
        )  # fmt: skip
