"""Vietnamese words: with all marks, without, or with other ones. A mark that is left out is no contradiction; another one is."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

from spean.matching.names.writing import fold

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_SHAPES = {"\u0302": "circumflex", "\u0306": "breve", "\u031b": "horn"}

Marks = Literal["same", "omitted", "tone", "letter", "other"]
"""How two spellings of a word differ: not at all; one lacks marks; another tone; another letter (*o*, *ô*, *d*, *đ*); the letters a–z."""


@lru_cache(maxsize=1 << 14)
def parts(word: str) -> tuple[str, frozenset[str], frozenset[str]]:
    """The letters a–z of a word, its tone marks, and the marks that make other letters, each with its place."""
    tones: set[str] = set()
    shapes: set[str] = set()
    at = 0
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _TONES:
            tones.add(char)
        elif char in _SHAPES:
            shapes.add(f"{at}{_SHAPES[char]}")
        else:
            at += 1
            if char == "đ":
                shapes.add(f"{at}stroke")
    return fold(word), frozenset(tones), frozenset(shapes)


def marks(one: str, other: str) -> Marks:
    """How two spellings of one word differ. A spelling without any mark, or without tones, only omits them."""
    (letters, tones, shapes), (others, other_tones, other_shapes) = parts(one), parts(other)
    if letters != others:
        return "other"
    if tones == other_tones and shapes == other_shapes:
        return "same"
    bare, other_bare = not (tones or shapes), not (other_tones or other_shapes)
    if bare or other_bare:
        return "omitted"
    if shapes != other_shapes:
        return "letter"
    return "tone" if tones and other_tones else "omitted"
