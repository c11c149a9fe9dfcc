"""What is found in a text, and the text as the finders see it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

MOST_TEXT = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A value in a text: its type, as written, its clean form, and where it stands (``text[start:end]``)."""

    kind: str
    value: str
    clean: str
    start: int
    end: int
    also: tuple[str, ...] = ()
    """Other things that it may be: further chains of an address."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A text beside its shadow: as many characters, with the digits of all scripts as 0–9, wide letters as plain ones, all dashes as
    ``-`` and all spaces but line ends as one space each. ``country`` (ISO 3166): where numbers without a country code are from."""

    text: str
    shadow: str
    low: str
    country: str

    def found(self, kind: str, clean: str, start: int, end: int, also: tuple[str, ...] = ()) -> Found:
        """What stands there."""
        return Found(kind=kind, value=self.text[start:end], clean=clean, start=start, end=end, also=also)


def see(text: str, country: str = "") -> Seen:
    """The text with its shadow."""
    shadow = "".join(map(_plain, text)) if not text.isascii() else text
    return Seen(text, shadow, _lower(shadow), country)


def _lower(text: str) -> str:
    """Small letters; a letter whose small form is longer stays, so that places stay the same."""
    low = text.lower()
    return (
        low if len(low) == len(text) else "".join(small if len(small := char.lower()) == 1 else char for char in text)
    )


@cache
def _plain(char: str) -> str:
    if char.isascii():
        return char
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    code = ord(char)
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    kind = unicodedata.category(char)
    if kind == "Pd" or char == "\u2212":
        return "-"
    if kind == "Zs" or (kind == "Cf" and char not in "\u200c\u200d"):
        return " "
    return {"\u3002": ".", "\u2024": "."}.get(char, char)
