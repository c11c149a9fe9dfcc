"""Numbers that states give to persons, ``CN:11010519491231002X``; checked where the state's rule is published, else by form only."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from spean.entities.values.base import ValueType, latin_digits
from spean.entities.values.country import COUNTRY
from spean.entities.values.words import tidy

Check = Callable[[str], bool]


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _any_century(digits: str) -> bool:
    """Six digits that are a day in one century."""
    return any(_day(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6])) for century in (1900, 2000))


def _cn(text: str) -> bool:
    """GB 11643-1999: region, birth date, order, check by ISO 7064 MOD 11-2."""
    if re.fullmatch(r"[1-9]\d{16}[\dX]", text) is None or not _day(int(text[6:10]), int(text[10:12]), int(text[12:14])):
        return False
    return "10X98765432"[_weighted(text, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11] == text[17]


def _kr(text: str) -> bool:
    """Birth date and century digit; the last digit is a check only in numbers before October 2020."""
    return re.fullmatch(r"\d{6}[0-9]\d{6}", text) is not None and _any_century(text)


def _th(text: str) -> bool:
    return re.fullmatch(r"[1-8]\d{12}", text) is not None and (
        11 - _weighted(text, tuple(range(13, 1, -1))) % 11
    ) % 10 == int(text[12])


def _sg(text: str) -> bool:
    if re.fullmatch(r"[STFGM]\d{7}[A-Z]", text) is None:
        return False
    rest = (_weighted(text[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if text[0] in "TG" else 0)) % 11
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK"}.get(text[0])
    return letters is None or letters[rest] == text[8]


def _my(text: str) -> bool:
    return re.fullmatch(r"\d{12}", text) is not None and _any_century(text)


def _id(text: str) -> bool:
    """Women's days are 40 more."""
    if re.fullmatch(r"[1-9]\d{15}", text) is None:
        return False
    day = int(text[6:8])
    return _any_century(f"{text[10:12]}{text[8:10]}{day - 40 if day > 40 else day:02d}")


def _vn(text: str) -> bool:
    """Province 001–096, century and sex, two digits of the year; or nine digits of the older card."""
    return re.fullmatch(r"0(?:0[1-9]|[1-8]\d|9[0-6])\d{9}|\d{9}", text) is not None


def _hk(text: str) -> bool:
    found = re.fullmatch(r"([A-Z]{1,2})(\d{6})([\dA])", text)
    if found is None:
        return False
    values = [36, *(ord(char) - 55 for char in found[1])][-2:] + [int(digit) for digit in found[2]]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + (10 if found[3] == "A" else int(found[3]))) % 11 == 0


def _tw(text: str) -> bool:
    if re.fullmatch(r"[A-Z][1289]\d{8}", text) is None:
        return False
    code = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(text[0]) + 10
    return (code // 10 + code % 10 * 9 + _weighted(text[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


CHECKS: dict[str, Check] = {
    "CN": _cn, "KR": _kr, "TH": _th, "SG": _sg, "MY": _my, "ID": _id, "VN": _vn, "HK": _hk, "TW": _tw,
}  # fmt: skip


class NationalNumber(ValueType):
    """The country, and letters and digits without what stands between."""

    name = "national-number"

    def clean(self, text: str) -> str:
        country, colon, rest = tidy(self.bounded(text)).partition(":")
        if not colon:
            raise self.refused("the country is missing", "give it as in TH:1-2345-67890-12-1")
        code = COUNTRY.clean(country)
        number = "".join(char for char in latin_digits(rest).upper() if char.isalnum() and char.isascii())
        if not 4 <= len(number) <= 24:
            raise self.refused("it has not 4 to 24 letters and digits", "compare it with the paper")
        check = CHECKS.get(code)
        if check is not None and not check(number):
            raise self.refused(
                f"it does not fit the rule of {code}: length, birth date or check digit", "compare it with the paper"
            )
        return f"{code}:{number}"

    def mask(self, text: str) -> str:
        country, _, number = self.clean(text).partition(":")
        return f"{country}:{number[:1]}…{number[-2:]}"


NATIONAL = NationalNumber()
