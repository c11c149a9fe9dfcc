"""Dates as precise as they are known: ``1988``, ``1988-04``, ``1988-04-02``. Calendars of the region are understood, ISO 8601 is stored."""

from __future__ import annotations

import re
from datetime import date

from spean.entities.values.base import ValueType, latin_digits
from spean.entities.values.words import tidy

BUDDHIST = 543
"""Years by which the Buddhist era of Thailand, Laos and Cambodia is ahead."""
MINGUO = 1911
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier มกราคม ม.ค. មករា ມັງກອນ", "feb february fev fevr fevrier กุมภาพันธ์ ก.พ. កុម្ភៈ ກຸມພາ",
            "mar march mars มีนาคม มี.ค. មីនា ມີນາ", "apr april avr avril เมษายน เม.ย. មេសា ເມສາ", "may mai พฤษภาคม พ.ค. ឧសភា ພຶດສະພາ",
            "jun june juin มิถุนายน มิ.ย. មិថុនា ມິຖຸນາ", "jul july juil juillet กรกฎาคม ก.ค. កក្កដា ກໍລະກົດ",
            "aug august aout สิงหาคม ส.ค. សីហា ສິງຫາ", "sep sept september septembre กันยายน ก.ย. កញ្ញា ກັນຍາ",
            "oct october octobre ตุลาคม ต.ค. តុលា ຕຸລາ", "nov november novembre พฤศจิกายน พ.ย. វិច្ឆិកា ພະຈິກ",
            "dec december decembre ธันวาคม ธ.ค. ធ្នូ ທັນວາ",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_ERA = re.compile(r"^(?:พ\.?ศ\.?|b\.?e\.?|ព\.?ស\.?|ພ\.?ສ\.?)\s*|\s*(?:b\.?e\.?|พ\.?ศ\.?)$", re.IGNORECASE)
_REPUBLIC = re.compile(r"^(?:民國|民国)\s*")
_HAN = re.compile(r"(\d{1,4})\s*[年년]\s*(?:(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일]?)?)?")
_BIG_FIRST = re.compile(r"(\d{4})(?:[-/. ](\d{1,2})(?:[-/. ](\d{1,2}))?)?(?:[T ]\d{2}:\d{2}.*)?")
_SMALL_FIRST = re.compile(r"(?:(\d{1,2})[-/. ])?(\d{1,2})[-/. ](\d{4})")
_WORDS = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th|er)?[\s.,/-]+)?([^\d\s,/-]+?)[\s,/-]+(?:(\d{1,2})(?:st|nd|rd|th)?,\s+)?(\d{4})"
)


class Day(ValueType):
    """A day, month or year. Numbers with the day first are read so, as the region writes them; ``2531`` is 1988."""

    name = "date"
    exact = False

    def clean(self, text: str) -> str:
        found = latin_digits(tidy(self.bounded(text)))
        plain = _ERA.sub("", found)
        buddhist = plain != found
        republic = _REPUBLIC.sub("", plain)
        if republic != plain:
            return self._made(*self._parts(republic), shift=-MINGUO)
        year, month, day = self._parts(plain)
        return self._made(year, month, day, shift=BUDDHIST if buddhist or 2400 <= year <= 2700 else 0)

    def _parts(self, text: str) -> tuple[int, int, int]:
        if found := _HAN.fullmatch(text):
            return int(found[1]), int(found[2] or 0), int(found[3] or 0)
        if found := _BIG_FIRST.fullmatch(text):
            return int(found[1]), int(found[2] or 0), int(found[3] or 0)
        if found := _SMALL_FIRST.fullmatch(text):
            return int(found[3]), int(found[2]), int(found[1] or 0)
        if found := _WORDS.fullmatch(text):
            month = _MONTHS.get(_folded(found[2]), 0) or _MONTHS.get(found[2], 0)
            if month:
                return int(found[4]), month, int(found[1] or found[3] or 0)
        raise self.refused("it is no date", "give year, year-month or year-month-day, e.g. 1988-04")

    def _made(self, year: int, month: int, day: int, shift: int) -> str:
        year -= shift
        try:
            date(year, month or 1, day or 1)
        except ValueError:
            raise self.refused(
                "there is no such day", "compare it with the paper; a day that is not known stays away"
            ) from None
        if not 1000 <= year <= 2199:
            raise self.refused(f"the year {year} cannot be meant", "give the year with four digits")
        return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if month and day else "")

    def mask(self, text: str) -> str:
        """The decade."""
        return f"{self.clean(text)[:3]}…"


def precision(clean: str) -> str:
    """``year``, ``month`` or ``day``."""
    return {4: "year", 7: "month"}.get(len(clean), "day")


def consistent(one: str, other: str) -> bool:
    """Whether two clean dates may be the same day: the coarser one holds the finer one."""
    return one.startswith(other) or other.startswith(one)


def _folded(word: str) -> str:
    return word.lower().rstrip(".").replace("é", "e").replace("û", "u")


DATE = Day()
