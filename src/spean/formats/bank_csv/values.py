"""Dates and amounts as banks write them: scripts' own digits, month names, Buddhist years, commas and points."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from spean.core.errors import InvalidInput
from spean.formats.moments import start_of_day

_MONTHS = (
    "jan january januari มค มกราคม មករា",
    "feb february februari pebruari กพ กุมภาพันธ์ កុម្ភៈ",
    "mar march maret mac มีค มีนาคม មីនា",
    "apr april เมย เมษายน មេសា",
    "may mei mai พค พฤษภาคม ឧសភា",
    "jun june juni jun มิย มิถุนายน មិថុនា",
    "jul july juli julai กค กรกฎาคม កក្កដា",
    "aug august agustus agu ogos สค สิงหาคม សីហា",
    "sep sept september กย กันยายน កញ្ញា",
    "oct october oktober okt ตค ตุลาคม តុលា",
    "nov november nopember พย พฤศจิกายน វិច្ឆិកា",
    "dec december desember des disember ธค ธันวาคม ធ្នូ",
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_DATE = re.compile(
    r"\s*(\d{1,4})\s*[-/.年년\s]\s*(\d{1,2}|[^\W\d]+\.?(?:[^\W\d]+\.?)?)\s*[-/.月월,\s]\s*(\d{1,4})\s*[日일.]?[,T\s]*(.*)",
    re.DOTALL,
)
_RUN = re.compile(r"\s*(\d{8})(\d{6})?\s*(.*)", re.DOTALL)
_CLOCK = re.compile(
    r"(오전|오후|上午|下午)?\s*(\d{1,2})\s*[:.시时時]\s*(\d{2})(?:\s*[:.분]\s*(\d{2})(?:\.(\d{1,9}))?)?\s*[분초]?\s*(am|pm|น\.?)?",
    re.IGNORECASE,
)
_ZONE = re.compile(r"([^:]+:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(?:Z|([-+])(\d{2}):?(\d{2})?)")
_SIGNED = re.compile(
    r"(?P<open>\()?(?P<sign>[-+−])?(?P<number>[\d.,'\u00a0\u202f\s]+)(?P<after>[-+−])?(?P<close>\))?(?P<word>cr|dr|db)?",
    re.IGNORECASE,
)
_AROUND = re.compile(r"^[A-Z]{3}\s*|\s*[A-Z]{3}$|[$€£¥￥₩₫฿៛₭₱元원円]|^Rp\.?|^RM|บาท$", re.IGNORECASE)
_GROUPED = {
    ".": re.compile(
        r"\d{1,3}(?:([,'\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+|\d{1,2}(?:,\d{2})*,\d{3}(?:\.\d+)?"
    ),
    ",": re.compile(r"\d{1,3}(?:([.'\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:,\d+)?|\d+(?:,\d+)?|,\d+"),
}
BUDDHIST = 543
_LONGEST = 64
"""Characters of a date, time or amount; no pattern is tried on more."""


def ascii_digits(text: str) -> str:
    """Thai, Khmer, Lao, Burmese and wide digits as 0–9; wide letters as narrow ones."""
    if text.isascii():
        return text
    return "".join(
        char if number is None else str(number)
        for char in unicodedata.normalize("NFKC", text)
        for number in (unicodedata.decimal(char, None),)
    )


def date_parts(text: str) -> tuple[list[int], bool, str] | None:
    """The three numbers as they stand, whether the middle one was a month's name, and the rest of the cell; ``None`` when it is no date."""
    if len(text) > _LONGEST:
        return None
    text = ascii_digits(text)
    run = _RUN.fullmatch(text)
    if run is not None:
        clock = run[2] or ""
        rest = ":".join((clock[:2], clock[2:4], clock[4:])) if clock else run[3]
        digits = run[1]
        cuts = (4, 6) if 1900 <= int(digits[:4]) <= 2743 else (2, 4)
        return [int(digits[: cuts[0]]), int(digits[cuts[0] : cuts[1]]), int(digits[cuts[1] :])], False, rest
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    middle = found[2]
    if middle.isdecimal():
        return [int(found[1]), int(middle), int(found[3])], False, found[4]
    month = MONTHS.get(middle.replace(".", "").casefold())
    return None if month is None else ([int(found[1]), month, int(found[3])], True, found[4])


@lru_cache(maxsize=1 << 14)
def day(text: str, order: str, buddhist: bool) -> tuple[int, str]:
    """Milliseconds of a day's start, taken as UTC, and what stands after the date in its cell."""
    found = date_parts(text)
    if found is None:
        raise _wrong("date", f"{text[:40]!r} is no date", "write 2026-03-04, or correct the mapping")
    numbers, named, rest = found
    if numbers[0] > 31 and order != "ymd":
        raise _wrong("date", f"{text[:40]!r} begins with the year, the mapping says otherwise", "correct the mapping")
    if named and order == "mdy":
        order = "dmy"
    year, month, date = {"ymd": numbers, "dmy": numbers[::-1], "mdy": [numbers[2], numbers[0], numbers[1]]}[order]
    if year < 100:
        year += 2500 if buddhist else 2000
    if buddhist:
        year -= BUDDHIST
    return start_of_day(year, month, date, "date"), rest


def zoned(text: str) -> tuple[str, int | None]:
    """A time of day without the zone that stands behind it (ISO 8601: ``Z``, ``+09:00``), and its minutes east of UTC."""
    found = _ZONE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        return text, None
    if found[2] is None:
        return found[1], 0
    minutes = int(found[3]) * 60 + int(found[4] or 0)
    if minutes > 14 * 60 or int(found[4] or 0) > 59:
        raise _wrong("time", f"{text[:40]!r} is in no zone of the earth", "write 08:24:05, or correct the mapping")
    return found[1], minutes if found[2] == "+" else -minutes


def clock(text: str) -> int | None:
    """Milliseconds since midnight; ``None`` when there is no time."""
    text = ascii_digits(text).strip()
    if not text:
        return None
    found = _CLOCK.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise _wrong("time", f"{text[:40]!r} is no time", "write 08:24:05, or correct the mapping")
    before, hours, minutes, seconds, fraction, after = found.groups()
    hour, half = int(hours), (before or after or "").casefold()
    if half in ("pm", "오후", "下午") and hour < 12:
        hour += 12
    elif half in ("am", "오전", "上午") and hour == 12:
        hour = 0
    second = int(seconds or 0)
    if hour > 23 or int(minutes) > 59 or second > 59:
        raise _wrong("time", f"{text[:40]!r} is no time", "write 08:24:05, or correct the mapping")
    return ((hour * 60 + int(minutes)) * 60 + second) * 1000 + int((fraction or "")[:3].ljust(3, "0"))


def number(text: str, decimal: str, field: str) -> str:
    """An amount as plain decimal text: sign, digits, one point. Nothing for an empty cell or a dash.

    Groups must be groups: where ``1,23`` stands and the mapping says that commas group, the row is refused rather than read as 123.
    """
    if len(text) > _LONGEST:
        raise _wrong(
            field, f"{text[:40]!r}… is no amount", "write digits with one decimal sign, or correct the mapping"
        )
    bare = _AROUND.sub("", ascii_digits(text).strip()).strip()
    if not bare or bare in ("-", "–", "—"):
        return ""
    found = _SIGNED.fullmatch(bare)
    if found is None or (found["open"] is None) != (found["close"] is None) or (found["sign"] and found["after"]):
        raise _wrong(field, f"{text[:40]!r} is no amount", "write digits with one decimal sign, or correct the mapping")
    digits = found["number"].strip()
    if _GROUPED[decimal].fullmatch(digits) is None:
        raise _wrong(
            field, f"{text[:40]!r} does not fit {decimal!r} as decimal sign", "correct the decimal sign of the mapping"
        )
    whole, _, rest = digits.partition(decimal)
    negative = found["open"] is not None or "-" in (sign := found["sign"] or found["after"] or "") or "−" in sign
    negative = negative or (found["word"] or "").casefold() in ("dr", "db")
    plain = "".join(char for char in whole if char.isdecimal())
    return f"{'-' if negative else ''}{plain or '0'}" + (f".{rest}" if rest else "")


def _wrong(field: str, why: str, remedy: str) -> InvalidInput:
    return InvalidInput(field, why, remedy=remedy, rule=f"csv-{'amount' if field not in ('date', 'time') else field}")
