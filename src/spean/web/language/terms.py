"""Terms of the field side by side in twelve languages, found from any of them (A7)."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = MappingProxyType({
    "en": "English", "fr": "Français", "km": "ខ្មែរ", "th": "ไทย", "lo": "ລາວ", "my": "မြန်မာ", "zh": "简体中文",
    "ko": "한국어", "vi": "Tiếng Việt", "id": "Bahasa Indonesia", "ms": "Bahasa Melayu", "fil": "Filipino",
})  # fmt: skip
"""Languages of the terms (BCP 47), each by its own name, in the order of the page."""
_FILE = Path(__file__).with_name("terms.toml")
_LONGEST_QUERY = 100
_FAMILIES: Final = ("LATIN",)
"""Scripts whose marks are accents; in the others a mark is a vowel or tone, which counts."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its key and, by language, its word."""

    key: str
    words: MappingProxyType[str, str]

    def word(self, language: str) -> str:
        """The word in ``language``, in English when there is none."""
        return self.words.get(language, self.words["en"])


@dataclass(frozen=True, slots=True)
class _Table:
    terms: tuple[Term, ...]
    checked: frozenset[str]
    folded: tuple[tuple[str, ...], ...]


def terms() -> tuple[Term, ...]:
    """All terms, in the order of the file."""
    return _table().terms


def checked() -> frozenset[str]:
    """The languages whose words somebody who speaks them well has checked; the page says so of the others."""
    return _table().checked


def find(query: str) -> tuple[Term, ...]:
    """The terms of which some word, in any language, contains the query; those that begin with it come first.

    Accents and case of Latin letters do not count; the marks of other scripts do. An empty query gives all terms.
    """
    table = _table()
    wanted = fold(query[:_LONGEST_QUERY])
    if not wanted:
        return table.terms
    ranked = [(rank, term) for term, words in zip(table.terms, table.folded, strict=True)
              if (rank := _rank(wanted, words)) is not None]  # fmt: skip
    return tuple(term for _, term in sorted(ranked, key=lambda each: each[0]))


def _rank(wanted: str, words: tuple[str, ...]) -> int | None:
    """0 the very word, 1 its beginning, 2 the beginning of a word in it, 3 somewhere; None nowhere."""
    ranks = [
        0 if word == wanted else 1 if word.startswith(wanted) else 2 if f" {wanted}" in word else 3
        for word in words
        if wanted in word
    ]
    return min(ranks, default=None)


def fold(text: str) -> str:
    """What is compared: one form for one text, small letters, no accents on Latin letters, spaces single."""
    letters: list[str] = []
    latin = False
    for letter in unicodedata.normalize("NFKD", text.casefold()):
        if unicodedata.combining(letter) and latin:
            continue
        latin = unicodedata.name(letter, "").startswith(_FAMILIES)
        letters.append({"đ": "d", "’": "'"}.get(letter, letter))
    return " ".join(unicodedata.normalize("NFC", "".join(letters)).split())


@cache
def _table() -> _Table:
    with _FILE.open("rb") as file:
        read = tomllib.load(file)
    found = tuple(_term(entry) for entry in read["term"])
    folded = tuple(tuple(fold(word) for word in term.words.values()) for term in found)
    return _Table(found, frozenset(read["checked"]), folded)


def _term(entry: dict[str, str]) -> Term:
    return Term(entry["key"], MappingProxyType({language: entry[language] for language in LANGUAGES}))
