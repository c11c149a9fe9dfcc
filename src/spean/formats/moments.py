"""Times of documents to UTC milliseconds (ISO 8601 as in XML Schema ``dateTime`` and ``date``)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from spean.core.errors import InvalidInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
EARLIEST, LATEST = 1970, 2199
"""Years that a payment may have; others are a damaged or misread date."""


def moment(text: str, field: str, offset: int = 0) -> tuple[int, bool]:
    """Milliseconds, and whether a time of day was given. ``offset``: minutes east of UTC for text that names no zone."""
    found = _DAY_TIME.fullmatch(text.strip())
    if found is None:
        raise _unreadable(text, field)
    day, clock, fraction, zone = found.groups()
    start = _day(day, field)
    try:
        hours, minutes, seconds = (int(part) for part in clock.split(":")) if clock else (0, 0, 0)
        shift = offset if zone is None else _minutes(zone)
    except ValueError:
        raise _unreadable(text, field) from None
    if hours > 23 or minutes > 59 or seconds > 59 or abs(shift) > 14 * 60:
        raise _unreadable(text, field)
    rest = int((fraction or "")[:3].ljust(3, "0"))
    return start + ((hours * 60 + minutes - shift) * 60 + seconds) * 1000 + rest, clock is not None


def _minutes(zone: str) -> int:
    if zone == "Z":
        return 0
    size = int(zone[1:3]) * 60 + int(zone[4:6])
    return -size if zone[0] == "-" else size


@lru_cache(maxsize=4096)
def _day(day: str, field: str) -> int:
    try:
        found = datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        raise _unreadable(day, field) from None
    return start_of_day(found.year, found.month, found.day, field)


def start_of_day(year: int, month: int, day: int, field: str) -> int:
    """Milliseconds of the first moment of a day in UTC; raises ``InvalidInput`` when there is no such day."""
    try:
        found = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        raise _unreadable(f"{year}-{month}-{day}", field) from None
    if not EARLIEST <= year <= LATEST:
        raise InvalidInput(
            field,
            f"year {year} is not between {EARLIEST} and {LATEST}",
            remedy="check the calendar and the order",
            rule="date",
        )
    return (found - _EPOCH) // _MILLISECOND


def iso_time(time_ms: int, offset: int = 0) -> str:
    """Milliseconds as ISO 8601 with seconds (and milliseconds where there are any) and the zone's offset."""
    zone = UTC if offset == 0 else timezone(timedelta(minutes=offset))
    found = (_EPOCH + time_ms * _MILLISECOND).astimezone(zone)
    text = found.isoformat(timespec="milliseconds" if time_ms % 1000 else "seconds")
    return text.removesuffix("+00:00") + "Z" if offset == 0 else text


def iso_day(time_ms: int, offset: int = 0) -> str:
    """The day of a moment, as ISO 8601."""
    return (_EPOCH + (time_ms + offset * 60_000) * _MILLISECOND).date().isoformat()


def _unreadable(text: str, field: str) -> InvalidInput:
    return InvalidInput(field, f"{text[:40]!r} is no date or time", remedy="write 2026-03-04T01:02:00Z", rule="iso8601")
