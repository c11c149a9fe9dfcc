"""Birth dates with their precision, and what two of them say: the same day, a slip, another year."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spean.core.errors import InvalidInput

Births = NDArray[np.int32]
"""Year × 10,000 + month × 100 + day; month and day 0 where they are not known, 0 where nothing is."""

_ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_BACKWARD = re.compile(r"(?:(\d{1,2})[-/.])?(\d{1,2})[-/.](\d{4})")
_RUN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_BUDDHIST, _BUDDHIST_FROM = 543, 2400
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Said(IntEnum):
    """What two birth dates say of one another."""

    NOTHING = 0
    DAY = 1
    MONTH = 2
    YEAR = 3
    SWAPPED = 4
    DIGIT = 5
    NEAR = 6
    SAME_YEAR = 7
    APART = 8


class Weight(NamedTuple):
    """Bits of what two dates say, and bits of how rarely it happens by chance (0 where it speaks against)."""

    bits: float
    chance: float


WEIGHTS = {
    Said.NOTHING: Weight(0.0, 0.0),
    Said.DAY: Weight(13.5, 14.0),
    Said.MONTH: Weight(8.8, 9.0),
    Said.YEAR: Weight(5.2, 5.4),
    Said.SWAPPED: Weight(6.5, 13.0),
    Said.DIGIT: Weight(3.0, 9.0),
    Said.NEAR: Weight(-2.0, 0.0),
    Said.SAME_YEAR: Weight(-4.0, 0.0),
    Said.APART: Weight(-10.5, 0.0),
}
"""−log2 of one of 45 years of birth, and of its days, against how often a date is written wrong: one of a hundred by a digit, three of
a thousand with day and month changed, one of two hundred otherwise."""
_BITS = np.array([WEIGHTS[each].bits for each in Said], np.float32)
_CHANCE = np.array([WEIGHTS[each].chance for each in Said], np.float32)


def parse(text: str, field: str = "birth") -> int:
    """A date as a number of ``Births``; 0 for nothing. Takes ``1988``, ``1988-04``, ``1988-04-02``, ``02/04/1988`` (day first), ``19880402``,
    ``00`` or ``XX`` for what is not known, and years of the Buddhist calendar. Raises ``InvalidInput``."""
    text = text.strip().upper().replace("XX", "00")
    if not text or not text.strip("0-/."):
        return 0
    run = _RUN.fullmatch(text)
    iso = run or _ISO.fullmatch(text)
    if iso is not None:
        year, month, day = (int(piece or 0) for piece in iso.groups())
    else:
        back = _BACKWARD.fullmatch(text)
        if back is None:
            raise InvalidInput(
                field,
                f"{text[:40]!r} is no date",
                remedy="write 1988, 1988-04 or 1988-04-02; leave it empty if it is unknown",
            )
        day, month, year = (int(piece or 0) for piece in back.groups())
    if year >= _BUDDHIST_FROM:
        year -= _BUDDHIST
    if not 1850 <= year <= 2200 or month > 12 or (day and (not month or day > _DAYS[month - 1])):
        raise InvalidInput(
            field, f"{text[:40]!r} is no day of birth", remedy="write year, month, day, as in 1988-04-02"
        )
    return year * 10_000 + month * 100 + day


def said(one: Births | np.int32, other: Births) -> NDArray[np.uint8]:
    """What the dates say, pair by pair, as ``Said``; at the precision that both have."""
    one, other = np.broadcast_arrays(np.asarray(one), other)
    found = np.zeros(one.shape, np.uint8)
    known = (one > 0) & (other > 0)
    years = one // 10_000, other // 10_000
    months = one // 100 % 100, other // 100 % 100
    days = one % 100, other % 100
    gap = np.abs(years[0] - years[1])
    with_month = (months[0] > 0) & (months[1] > 0)
    with_day = with_month & (days[0] > 0) & (days[1] > 0)
    found[:] = np.where(
        gap == 0, np.where(with_month, Said.SAME_YEAR, Said.YEAR), np.where(gap == 1, Said.NEAR, Said.APART)
    )
    found[with_day & (gap == 1)] = Said.APART
    new_year = with_day & (gap == 0) & ((one % 10_000 == 101) | (other % 10_000 == 101))
    found[new_year] = Said.YEAR  # the first of January stands for a day that nobody knows
    same_month = with_month & (gap == 0) & (months[0] == months[1])
    found[same_month & ~with_day] = Said.MONTH
    slip = with_day & (_differing(one, other) | ((gap == 1) & (one % 10_000 == other % 10_000)))
    found[slip] = Said.DIGIT
    found[with_day & (gap == 0) & (months[0] == days[1]) & (months[1] == days[0])] = Said.SWAPPED
    found[with_day & (one == other)] = Said.DAY
    swapped_years = ~with_day & (gap > 0) & (gap % 9 == 0) & (gap <= 72) & (years[0] // 100 == years[1] // 100)
    found[swapped_years & _turned(years[0], years[1])] = Said.NEAR
    found[~known] = Said.NOTHING
    return found


def bits_of(what: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The weights of what dates say."""
    return _BITS[what]


def chance_of(what: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How rarely it happens by chance, in bits."""
    return _CHANCE[what]


def _turned(one: Births, other: Births) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (one % 10 == other // 10 % 10) & (one // 10 % 10 == other % 10)
    return found


def _differing(one: Births, other: Births) -> NDArray[np.bool_]:
    """Whether exactly one digit differs, or two neighbours of year, month or day changed places."""
    digits = [(one // 10**place % 10, other // 10**place % 10) for place in range(8)]
    unlike = np.sum([a != b for a, b in digits], axis=0)
    turned = np.zeros(one.shape, np.bool_)
    for low in (0, 2, 4):
        (a, b), (c, d) = digits[low], digits[low + 1]
        turned |= (a == d) & (c == b) & (a != c)
    found: NDArray[np.bool_] = (unlike == 1) | ((unlike == 2) & turned)
    return found
