"""Devices, files, vehicles and vessels by their numbers, each with its check digit."""

from __future__ import annotations

import re

from spean.entities.values.base import ValueType, latin_digits
from spean.entities.values.country import COUNTRY
from spean.entities.values.words import tidy

_BETWEEN = re.compile(r"[\s./-]+")
_KINDS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_DIGITS = {"pdq": 64, "phash": 16}
_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
                   (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9, *range(10)), strict=True))  # fmt: skip
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
"""Of the letters and places of a VIN (49 CFR 565.15)."""


def luhn(digits: str) -> int:
    """The check digit that follows ``digits`` (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


class Imei(ValueType):
    """A telephone's number (3GPP TS 23.003, 6.2): 15 digits. Of an IMEISV (16 digits) the software version is left away."""

    name = "imei"

    def clean(self, text: str) -> str:
        digits = _BETWEEN.sub("", latin_digits(tidy(self.bounded(text))))
        if re.fullmatch(r"[0-9]{14,16}", digits) is None:
            raise self.refused("it has not 15 digits", "dial *#06# on the device, or read its box")
        if digits[:8].strip("0") == "" or len(set(digits[:14])) == 1:
            raise self.refused("no device has this number", "dial *#06# on the device, or read its box")
        check = str(luhn(digits[:14]))
        if len(digits) == 15 and digits[14] != check:
            raise self.refused("its check digit does not hold", "compare it digit by digit")
        return digits[:14] + check

    def mask(self, text: str) -> str:
        """The first eight digits are the model's (TAC)."""
        return f"{self.clean(text)[:8]}…"


class Hash(ValueType):
    """Of a file: MD5, SHA-1, SHA-256 or SHA-512, told apart by length."""

    name = "hash"

    def clean(self, text: str) -> str:
        given, colon, rest = tidy(self.bounded(text)).lower().rpartition(":")
        digits = rest.replace(" ", "")
        kind = _KINDS.get(len(digits), "")
        if re.fullmatch(r"[0-9a-f]+", digits) is None or not kind or (colon and given.replace("-", "") != kind):
            raise self.refused("it is no MD5, SHA-1, SHA-256 or SHA-512 in hex", "copy it from the examiner's report")
        return f"{kind}:{digits}"


class ImageHash(ValueType):
    """A perceptual hash of an image: ``pdq`` (256 bits) or ``phash`` (64 bits). Never the image, and no template of a face (R31)."""

    name = "image-hash"

    def clean(self, text: str) -> str:
        kind, colon, digits = tidy(self.bounded(text)).lower().partition(":")
        if not colon or re.fullmatch(r"[0-9a-f]+", digits) is None or len(digits) != _DIGITS.get(kind):
            raise self.refused("it is no perceptual hash", "give pdq: and 64 hex digits, or phash: and 16")
        return f"{kind}:{digits}"

    def distance(self, one: str, other: str) -> int | None:
        """In how many bits two hashes differ; None when they are of different kinds."""
        (a, _, x), (b, _, y) = self.clean(one).partition(":"), self.clean(other).partition(":")
        return (int(x, 16) ^ int(y, 16)).bit_count() if a == b else None


class Imo(ValueType):
    """A ship's number (IMO resolution A.1117(30)): seven digits, the last one checks the others."""

    name = "imo"

    def clean(self, text: str) -> str:
        digits = latin_digits(tidy(self.bounded(text))).upper().removeprefix("IMO").strip(" :.-")
        if re.fullmatch(r"[0-9]{7}", digits) is None:
            raise self.refused("it has not seven digits", "give it as in IMO 9074729")
        if sum(int(digit) * weight for digit, weight in zip(digits, range(7, 1, -1), strict=False)) % 10 != int(
            digits[6]
        ):
            raise self.refused("its check digit does not hold", "compare it digit by digit")
        return f"IMO{digits}"

    def mask(self, text: str) -> str:
        """A ship's number stands on its stern."""
        return self.clean(text)


class Vin(ValueType):
    """A vehicle's number (ISO 3779): 17 characters; the check digit is judged where makers must set it (North America, China)."""

    name = "vin"

    def clean(self, text: str) -> str:
        found = _BETWEEN.sub("", tidy(self.bounded(text))).upper()
        if len(found) != 17 or any(char not in _VALUES for char in found):
            raise self.refused(
                "it has not 17 letters and digits without I, O, Q", "read it from the windscreen or the papers"
            )
        rest = sum(_VALUES[char] * weight for char, weight in zip(found, _WEIGHTS, strict=True)) % 11
        if found[0] in "12345L" and found[8] != ("X" if rest == 10 else str(rest)):
            raise self.refused("its check digit does not hold", "compare it character by character")
        return found


class Plate(ValueType):
    """A number plate, ``KH:2A1234``: the country, and letters and digits without what stands between."""

    name = "plate"

    def clean(self, text: str) -> str:
        country, colon, rest = tidy(self.bounded(text)).partition(":")
        if not colon:
            raise self.refused("the country is missing", "give it as in KH:2A-1234")
        number = "".join(char for char in latin_digits(rest).upper() if char.isalnum() or _is_mark(char))
        if not 2 <= len(number) <= 16:
            raise self.refused("it is no number plate", "give it as in KH:2A-1234")
        return f"{COUNTRY.clean(country)}:{number}"


def _is_mark(char: str) -> bool:
    """Vowel signs of Thai, Khmer and Burmese plates belong to their letters."""
    import unicodedata

    return unicodedata.category(char) in ("Mn", "Mc")


IMEI, HASH, IMAGE_HASH, IMO, VIN, PLATE = Imei(), Hash(), ImageHash(), Imo(), Vin(), Plate()
