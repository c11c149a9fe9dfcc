"""Values that are words: text, names, and words of a closed list."""

from __future__ import annotations

import unicodedata

from spean.entities.values.base import ValueType, latin_digits

_WEARERS = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad")
"""Signs that are not seen: they only hide that two texts are equal. Joiners (U+200C, U+200D) stay, since scripts need them."""


def tidy(text: str) -> str:
    """NFC, one space between words, without signs that are not seen."""
    if text.isascii():
        return " ".join(text.split())
    seen = text if _WEARERS.isdisjoint(text) else "".join(char for char in text if char not in _WEARERS)
    return " ".join(unicodedata.normalize("NFC", seen).split())


class Text(ValueType):
    """Words that a person reads; equal texts are no hit."""

    exact = False

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.most = most

    def clean(self, text: str) -> str:
        found = tidy(self.bounded(text))
        if not found:
            raise self.refused("it is empty", "leave the statement out")
        return found

    def mask(self, text: str) -> str:
        """First letters: a name is recognised by who knows it."""
        return " ".join(f"{word[:1]}…" for word in self.clean(text).split()[:6])


class Choice(ValueType):
    """A word of a closed list."""

    exact = False

    def __init__(self, name: str, words: tuple[str, ...]) -> None:
        self.name = name
        self.words = words

    def clean(self, text: str) -> str:
        found = tidy(self.bounded(text)).lower()
        if found not in self.words:
            raise self.refused(f"{found[:40]!r} is not on the list", "one of " + ", ".join(self.words))
        return found

    def mask(self, text: str) -> str:
        """A word that many share is no secret."""
        return self.clean(text)


class Code(ValueType):
    """A number or code that somebody gave: capitals and digits, without spaces; equal codes of one property are a hit."""

    name = "code"

    def clean(self, text: str) -> str:
        found = "".join(latin_digits(tidy(self.bounded(text))).upper().split())
        if not found or not any(char.isalnum() for char in found):
            raise self.refused("it is empty", "leave the statement out")
        return found


class Number(ValueType):
    """A whole number."""

    name = "number"
    exact = False

    def clean(self, text: str) -> str:
        try:
            return str(int(tidy(self.bounded(text)).replace(" ", "")))
        except ValueError:
            raise self.refused("it is no whole number", "give digits only") from None

    def mask(self, text: str) -> str:
        """How many digits it has."""
        return "…" * len(self.clean(text))


TEXT, NAME, CODE, NUMBER = Text("text", 4_000), Text("name", 400), Code(), Number()
SEX = Choice("sex", ("female", "male", "other"))
