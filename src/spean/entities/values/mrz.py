"""Machine-readable zones after ICAO Doc 9303: parts 3 (check digits, transliteration), 4 (TD3), 5 (TD1), 6 (TD2), 7 (visas)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from spean.core.errors import InvalidInput
from spean.entities.values.base import ValueType
from spean.entities.values.country import COUNTRY, STATELESS

_SIZES = {(3, 30): "TD1", (2, 36): "TD2", (2, 44): "TD3"}
_LINE = re.compile(r"[A-Z0-9<]+")
_WIDE = {"Ä": "AE", "Å": "AA", "Æ": "AE", "Ĳ": "IJ", "Ñ": "N", "Ö": "OE", "Ø": "OE", "Œ": "OE", "ß": "SS", "ẞ": "SS", "Þ": "TH",
         "Ü": "UE", "Đ": "D", "Ð": "D", "Ħ": "H", "ı": "I", "ĸ": "Q", "Ł": "L", "Ŋ": "N", "Ŧ": "T", "Ŀ": "L", "Ĉ": "C"}  # fmt: skip
"""Doc 9303-3, section 6, table A; all other Latin letters lose their marks."""


def check_digit(text: str) -> int:
    """Weights 7, 3, 1; letters count from 10; fillers nothing (Doc 9303-3, 4.9)."""
    return sum(_value(char) * (7, 3, 1)[place % 3] for place, char in enumerate(text)) % 10


def _value(char: str) -> int:
    return 0 if char == "<" else int(char, 36)


def transliterate(name: str) -> str:
    """A name as a zone prints it: A–Z and ``<`` between words; apostrophes go, all other signs part words."""
    found: list[str] = []
    for char in unicodedata.normalize("NFC", name):
        wide = _WIDE.get(char) or _WIDE.get(char.upper())
        base = wide or unicodedata.normalize("NFD", char)[0].upper()
        if re.fullmatch(r"[A-Z]+", base):
            found.append(base)
        elif unicodedata.category(char)[0] != "M" and char not in "'’ʼ`":
            found.append("<")
    return re.sub("<+", "<", "".join(found)).strip("<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """What a zone says. Dates are ISO with what is known; ``birth`` and ``expires`` have two digits of year resolved."""

    format: str
    kind: str
    """Document code, e.g. ``P``, ``ID``, ``V``."""
    issuer: str
    """Two letters of ISO 3166, or the code as printed when it is no country's."""
    number: str
    nationality: str
    birth: str
    sex: str
    expires: str
    surname: str
    given: str
    optional: str

    @property
    def document(self) -> str:
        """As the value type *document* has it."""
        return f"{self.issuer}:{self.number}" if len(self.issuer) == 2 else self.number

    @property
    def name(self) -> str:
        """Surname first, as documents have it."""
        return f"{self.surname}, {self.given}" if self.given else self.surname


class Mrz(ValueType):
    """Two or three lines of a travel document, every check digit verified."""

    name = "mrz"

    def clean(self, text: str) -> str:
        lines = [re.sub(r"\s", "", line).upper().replace("«", "<<") for line in self.bounded(text).strip().splitlines()]
        lines = _cut([line for line in lines if line])
        if len({len(line) for line in lines}) != 1 or (len(lines), len(lines[0])) not in _SIZES:
            raise self.refused("it is not 3 lines of 30, 2 of 36 or 2 of 44 characters", "read the zone again")
        if any(_LINE.fullmatch(line) is None for line in lines):
            raise self.refused("a zone has letters, digits and < only", "read the zone again")
        self._verify(lines)
        return "\n".join(lines)

    def read(self, text: str, year: int) -> Zone:
        """What it says; ``year`` is the present one, against which two digits of a year are understood. Raises ``InvalidInput``."""
        lines = self.clean(text).split("\n")
        size = _SIZES[len(lines), len(lines[0])]
        names = lines[2] if size == "TD1" else lines[0][5:]
        second = lines[1]
        if size == "TD1":
            number, optional = _number(lines[0][5:14], lines[0][14], lines[0][15:30])
            birth, sex, expires, nationality = second[:6], second[7], second[8:14], second[15:18]
            optional += second[18:29]
        else:
            number, optional = _number(second[:9], second[9], second[28:-1])
            birth, sex, expires, nationality = second[13:19], second[20], second[21:27], second[10:13]
            optional = optional if size == "TD2" or lines[0][0] == "V" else second[28:42]
        surname, _, given = names.partition("<<")
        return Zone(
            format=size, kind=lines[0][:2].rstrip("<"), issuer=_country(lines[0][2:5]), number=number,
            nationality=_country(nationality), birth=_date(birth, year, past=True), sex={"M": "male", "F": "female"}.get(sex, ""),
            expires=_date(expires, year, past=False), surname=_words(surname), given=_words(given), optional=optional.strip("<"),
        )  # fmt: skip

    def _verify(self, lines: list[str]) -> None:
        for name, data, digit in _checks(lines):
            if digit == "<" and not data.strip("<"):
                continue
            if digit not in "0123456789" or check_digit(data) != int(digit):
                raise self.refused(
                    f"the check digit of {name} does not hold", "read the zone again, O and 0, I and 1 above all"
                )

    def mask(self, text: str) -> str:
        first = self.clean(text)[:5]
        return f"{first}…"


def _cut(lines: list[str]) -> list[str]:
    """A scanner may send all in one line."""
    if len(lines) == 1:
        for (count, size), _ in _SIZES.items():
            if len(lines[0]) == count * size and not (count == 3 and lines[0][0] in "PV"):
                return [lines[0][at : at + size] for at in range(0, count * size, size)]
    return lines or [""]


def _checks(lines: list[str]) -> list[tuple[str, str, str]]:
    if len(lines) == 3:
        first, second, _ = lines
        whole = first[5:30] + second[0:7] + second[8:15] + second[18:29]
        found = [
            ("the birth date", second[:6], second[6]),
            ("the expiry date", second[8:14], second[14]),
            ("the whole", whole, second[29]),
        ]
        if first[14] != "<":
            found.append(("the number", first[5:14], first[14]))
        else:
            over = first[15:30].split("<")[0]
            found.append(("the number", first[5:14] + over[:-1], over[-1:] or "<"))
        return found
    first, second = lines
    found = [
        ("the number", second[:9], second[9]),
        ("the birth date", second[13:19], second[19]),
        ("the expiry date", second[21:27], second[27]),
    ]
    if first[0] == "V":
        return found
    if len(second) == 44:
        found.append(("the personal number", second[28:42], second[42]))
        return [*found, ("the whole", second[:10] + second[13:20] + second[21:43], second[43])]
    if second[9] == "<":
        over = second[28:35].split("<")[0]
        found[0] = ("the number", second[:9] + over[:-1], over[-1:] or "<")
    return [*found, ("the whole", second[:10] + second[13:20] + second[21:35], second[35])]


def _number(number: str, digit: str, optional: str) -> tuple[str, str]:
    """A long number goes on in the optional data, up to its check digit (Doc 9303-5, 4.2.2.1 note j)."""
    if digit != "<":
        return number.strip("<"), optional
    over, _, rest = optional.partition("<")
    return (number + over[:-1]).strip("<"), rest


def _country(code: str) -> str:
    code = code.rstrip("<")
    if not code or code in STATELESS:
        return code
    try:
        return COUNTRY.clean(code)
    except InvalidInput:
        return code


def _date(digits: str, year: int, *, past: bool) -> str:
    """Six digits; unknown parts are fillers. A birth lies in the past; an expiry at most 50 years after, 49 before."""
    if not digits[:2].isdigit():
        return ""
    whole = year // 100 * 100 + int(digits[:2])
    if past and whole > year:
        whole -= 100
    if not past and whole > year + 50:
        whole -= 100
    if not past and whole < year - 49:
        whole += 100
    month, day = digits[2:4], digits[4:6]
    if not month.isdigit() or not 1 <= int(month) <= 12:
        return f"{whole:04d}"
    return f"{whole:04d}-{month}-{day}" if day.isdigit() and 1 <= int(day) <= 31 else f"{whole:04d}-{month}"


def _words(part: str) -> str:
    return " ".join(word for word in part.split("<") if word)


MRZ = Mrz()
