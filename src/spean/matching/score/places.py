"""Two places in words: the same, or another one. Coarse on purpose: somebody's birth place is told as village, town or province.

Where somebody comes from is no evidence: the names of countries are left out, and a place that is nothing else says nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

from spean.core import sounds
from spean.core.consonants import script_of

_BETWEEN = re.compile(r"[,;/()]")
_SPACE = re.compile(r"[\s.'’\-]+")
_ORDINARY = frozenset({
    "city", "province", "district", "village", "town", "state", "region", "of", "the", "khet", "krong", "srok", "ville", "changwat", "amphoe",
    "tinh", "thanh", "pho",
})  # fmt: skip
"""Words for what a place is, in Latin letters without marks."""
_TELLING = 3
"""Signs of a sound key from which on two scripts are taken to say the same place, and words of an address."""


def same_place(one: str, other: str) -> bool | None:
    """Whether a word of both is the same, in other scripts by its sound; None when one has none, or nobody can tell."""
    left, right = _pieces(one), _pieces(other)
    words, others = _words(left), _words(right)
    if not words or not others:
        return None
    if words & others or _heard(left) & _heard(right):
        return True
    scripts = {script_of(word[0]) for word in words | others}
    return False if len(scripts) == 1 and scripts != {""} else None


def same_address(one: str, other: str) -> bool | None:
    """True when all words and numbers are the same; otherwise nothing is said, since people write and have several."""
    words = _words(_pieces(one))
    return True if len(words) >= _TELLING and words == _words(_pieces(other)) else None


def _pieces(text: str) -> list[list[str]]:
    """The parts of a place, each as its words without marks; without countries and the words for town and province."""
    countries = _countries()
    apart = (_SPACE.split(_bare(piece)) for piece in _BETWEEN.split(text.casefold()))
    named = [[word for word in several if word] for several in apart]
    kept = [several for several in named if " ".join(several) not in countries]
    return [[word for word in several if word not in countries and word not in _ORDINARY] for several in kept]


def _bare(text: str) -> str:
    """Latin letters without their marks; other scripts as they are."""
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(char for char in apart if not "\u0300" <= char <= "\u036f"))


def _words(pieces: list[list[str]]) -> frozenset[str]:
    return frozenset(word for several in pieces for word in several)


def _heard(pieces: list[list[str]]) -> set[str]:
    return {key for several in pieces for key in sounds.keys(" ".join(several)) if len(key) >= _TELLING}


@cache
def _countries() -> frozenset[str]:
    text = files("spean.matching.score").joinpath("data/countries.txt").read_text("utf-8")
    return frozenset(_bare(line) for line in text.splitlines() if not line.startswith("#"))
