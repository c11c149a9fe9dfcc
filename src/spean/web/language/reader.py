"""Moments, days, durations, numbers, amounts and accounts as one reader wants to see them (A7).

Stored are UTC milliseconds, ISO days and integers in minor units; only what a page shows is in the reader's zone,
calendar and language. Babel's tables are not loaded at run time: the few rules of our languages stand here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as Day  # noqa: N812 - ``Reader.date`` is the name that pages use
from functools import lru_cache
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from spean.core.errors import InvalidInput
from spean.core.world import DAY, HOUR, MINUTE, SECOND, iso
from spean.web.language.scripts import lang_of, runs

__all__ = ["CALENDARS", "THEMES", "Reader", "exponent", "lang_of", "masked", "read_date", "runs", "zone"]

Calendar = Literal["gregorian", "buddhist"]
CALENDARS: Final[tuple[Calendar, ...]] = ("gregorian", "buddhist")
THEMES: Final = ("system", "day", "night")
_ERA: Final = {"gregorian": 0, "buddhist": 543}
"""Years to add to the ISO year. The Thai solar calendar has the same days and months."""
_MINUS = "\N{MINUS SIGN}"
_FAINT = "\N{NO-BREAK SPACE}"
_NARROW = "\N{NARROW NO-BREAK SPACE}"

_MONTHS: Final = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre"),
}  # fmt: skip
_UNITS: Final = {
    "en": (("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")),
    "fr": (("jour", "jours"), ("heure", "heures"), ("minute", "minutes"), ("seconde", "secondes")),
}
_SHORT: Final = {"en": ("d", "h"), "fr": ("j", "h")}
_GROUP: Final = {"en": ",", "fr": _NARROW}
_POINT: Final = {"en": ".", "fr": ","}
_LENGTHS: Final = (DAY, HOUR, MINUTE, SECOND)

_EXPONENTS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
                     "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
    "BTC": 8, "ETH": 18, "TRX": 6, "USDT": 6, "USDC": 6,
}  # fmt: skip
"""Digits of the minor unit where they are not two: ISO 4217:2015 list one; the coins by their own smallest unit."""
_CURRENCY = re.compile(r"[A-Z]{3,5}")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[/. ](\d{1,2})[/. ](\d{4})")
_EARLIEST, _LATEST = 1900, 2199


@dataclass(frozen=True, slots=True)
class Reader:
    """How one reader sees times and numbers. Unknown values fall back to English, UTC, Gregorian and the system."""

    language: str = "en"
    time_zone: str = "UTC"
    calendar: str = "gregorian"
    theme: str = "system"

    def moment(self, milliseconds: int) -> str:
        """A moment (ms UTC) by the reader's clock, e.g. ``4 March 2026, 08:41``."""
        own = self._own(milliseconds)
        return f"{self._long(own.date())}, {own:%H:%M}"

    def utc(self, milliseconds: int) -> str:
        """The same moment in UTC, to stand beside it: ``01:41 UTC``, with its day when the reader's is another."""
        at = _utc(milliseconds)
        same = at.date() == self._own(milliseconds).date()
        return f"{at:%H:%M} UTC" if same else f"{self._long(at.date())}, {at:%H:%M} UTC"

    def both(self, milliseconds: int) -> str:
        """The reader's clock with UTC beside it: ``4 March 2026, 08:41 (01:41 UTC)``; once when they are the same."""
        own = self._own(milliseconds)
        if own.utcoffset() == timedelta(0):
            return f"{self.moment(milliseconds)} UTC"
        return f"{self.moment(milliseconds)} ({self.utc(milliseconds)})"

    def machine(self, milliseconds: int) -> str:
        """The moment for ``<time datetime>``: ISO 8601 in UTC."""
        return iso(milliseconds)

    def zone_name(self, milliseconds: int) -> str:
        """The reader's zone as an offset at that moment, e.g. ``UTC+7`` or ``UTC+6:30``."""
        offset = self._own(milliseconds).utcoffset() or timedelta(0)
        hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
        sign = _MINUS if offset < timedelta(0) else "+"
        return "UTC" if not offset else f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")

    def clock(self, milliseconds: int) -> str:
        """Only the time of day with seconds, in the reader's zone, e.g. ``08:41:05``."""
        return f"{self._own(milliseconds):%H:%M:%S}"

    def date(self, day: str) -> str:
        """A stored ISO day in the reader's calendar and language, e.g. ``4 March 2569``; what is no day as it is."""
        found = _day(day)
        return day if found is None else self._long(found)

    def typed(self, stored: str) -> str:
        """A stored ISO day as this reader would type it (``04/03/2569``): what ``read_date`` reads back."""
        day = _day(stored)
        if day is None:
            return stored
        return f"{day.day:02d}/{day.month:02d}/{day.year + _era(self.calendar)}"

    @property
    def units(self) -> tuple[str, str]:
        """The short names of day and hour on a clock."""
        days, hours = self._of(_SHORT)
        return days, hours

    def left(self, milliseconds: int) -> str:
        """What is left of a clock: ``2:10`` under an hour, ``3 h 25`` under two days, else ``6 d``.

        Never more than there is; what ran out shows how long ago, with a minus sign.
        """
        if milliseconds < 0:
            return _MINUS + self.left(-milliseconds)
        days_, hours_ = self._of(_SHORT)
        if milliseconds < HOUR:
            return f"{milliseconds // MINUTE}:{milliseconds % MINUTE // SECOND:02d}"
        if milliseconds < 2 * DAY:
            return f"{milliseconds // HOUR}{_FAINT}{hours_}{_FAINT}{milliseconds % HOUR // MINUTE:02d}"
        return f"{milliseconds // DAY}{_FAINT}{days_}"

    def duration(self, milliseconds: int) -> str:
        """A length of time in words with its two largest units, e.g. ``3 hours 25 minutes``."""
        parts: list[tuple[int, tuple[str, str]]] = []
        rest = abs(milliseconds)
        for length, names in zip(_LENGTHS, self._of(_UNITS), strict=True):
            count, rest = divmod(rest, length)
            if count or parts:
                parts.append((count, names))
        said = [f"{self.number(count)}{_FAINT}{self._named(count, names)}" for count, names in parts[:2] if count]
        return " ".join(said) or f"0{_FAINT}{self._named(0, self._of(_UNITS)[-1])}"

    def number(self, value: int) -> str:
        """A whole number with its digits in groups of three: ``12,345`` or ``12 345``."""
        return _signed(value, f"{abs(value):,}".replace(",", self._of(_GROUP)))

    def amount(self, minor: int, currency: str) -> str:
        """An amount of ``minor`` units with its currency's code, e.g. ``1,250.00 THB`` or ``38,000,000 KRW``."""
        digits = exponent(currency)
        whole, part = divmod(abs(minor), 10**digits)
        text = self.number(whole) + (f"{self._of(_POINT)}{part:0{digits}d}" if digits else "")
        return f"{_signed(minor, text)}{_FAINT}{currency}"

    def figure(self, minor: int, digits: int) -> str:
        """An amount alone, its ``digits`` said by whoever knows the currency or token, e.g. ``91,500.00`` of USDT.

        Zeros behind the second digit are left out, so that people can read it; nothing is ever rounded.
        """
        whole, part = divmod(abs(minor), 10**digits)
        shown = f"{part:0{digits}d}" if digits else ""
        if digits > 2:
            shown = shown.rstrip("0").ljust(2, "0")
        return _signed(minor, self.number(whole) + (f"{self._of(_POINT)}{shown}" if shown else ""))

    def _own(self, milliseconds: int) -> datetime:
        return _utc(milliseconds).astimezone(zone(self.time_zone))

    def _long(self, day: Day) -> str:
        name = self._of(_MONTHS)[day.month - 1]
        first = "1er" if self.language == "fr" and day.day == 1 else str(day.day)
        return f"{first}{_FAINT}{name}{_FAINT}{day.year + _era(self.calendar)}"

    def _named(self, count: int, names: tuple[str, str]) -> str:
        """Singular or plural: French counts zero as singular, English does not."""
        one = count < 2 if self.language == "fr" else count == 1
        return names[0] if one else names[1]

    def _of(self, table: dict[str, Any]) -> Any:
        return table.get(self.language, table["en"])


def _era(calendar: str) -> int:
    return _ERA.get(calendar, 0)


def _signed(value: int, digits: str) -> str:
    return _MINUS + digits if value < 0 else digits


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _utc(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC)


def _day(text: str) -> Day | None:
    try:
        return Day.fromisoformat(text)
    except ValueError:
        return None


def exponent(currency: str) -> int:
    """Digits of the currency's minor unit (ISO 4217), 2 unless listed. Raises ``InvalidInput`` for what is no code."""
    if _CURRENCY.fullmatch(currency) is None:
        raise InvalidInput(
            "currency", f"{currency[:10]!r} is no currency's code", remedy="give three capitals, e.g. THB"
        )
    return _EXPONENTS.get(currency, 2)


def masked(account: str, shown: int = 4) -> str:
    """An account, card or wallet with its middle hidden: ``0712••••4410``. A short one shows its end only: ``••••4410``, ``••••10``."""
    plain = account.strip()
    if len(plain) > 2 * shown + 2:
        return f"{plain[:shown]}••••{plain[-shown:]}"
    end = plain[-shown:] if len(plain) > 2 * shown else plain[-2:] if len(plain) > 4 else ""
    return f"••••{end}"


def read_date(text: str, calendar: str = "gregorian", *, field: str = "date") -> str:
    """The ISO day that somebody typed: ``2026-03-04``, ``4/3/2026`` or, in the Thai calendar, ``4/3/2569``.

    ISO is ISO whatever the calendar (date pickers send it), except that 2569-03-04 is read where the calendar has
    such years. With the day first, the year counts in the reader's ``calendar``; a year of the other one is refused,
    never guessed at. Digits of any script are read. Raises ``InvalidInput`` naming ``field``.
    """
    plain = "".join(_digit(letter) for letter in text.strip()[:40])
    year_first, day_first = _ISO.fullmatch(plain), _DAY_FIRST.fullmatch(plain)
    if year_first is not None:
        year, month, day = (int(part) for part in year_first.groups())
        if _EARLIEST <= year <= _LATEST:
            calendar = "gregorian"
    elif day_first is not None:
        day, month, year = (int(part) for part in day_first.groups())
    else:
        raise InvalidInput(field, f"{text[:40]!r} is no date", remedy="give day/month/year or YYYY-MM-DD")
    return _checked(year, month, day, calendar, field)


def _checked(year: int, month: int, day: int, calendar: str, field: str) -> str:
    era = _era(calendar)
    if not _EARLIEST <= year - era <= _LATEST:
        example = 2026 + era
        raise InvalidInput(
            field,
            f"the year {year} does not fit your calendar ({calendar if era else 'gregorian'})",
            remedy=f"write the year as your calendar counts it, e.g. {example}, or choose another calendar",
        )
    try:
        return Day(year - era, month, day).isoformat()
    except ValueError:
        raise InvalidInput(
            field, f"there is no day {day} in month {month} of {year}", remedy="correct day or month"
        ) from None


def _digit(letter: str) -> str:
    """A digit of any script (Thai, Khmer, Lao, Burmese …) as an ASCII one; anything else as it is."""
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)
