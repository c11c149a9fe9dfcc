"""All ways to read a word in Hangul at once: a Korean name, a Chinese one as it sounds, a name of another language."""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache

from spean.matching.names import hangul, hangul_pinyin, sounds
from spean.matching.names.lattice import Graph, Run, Unit, beside, row, unit

_LONGEST_NAME = 4
"""Syllables of a Korean word."""
_SPOKEN = 4.0
"""Bits of a spelling by the official rules that people hardly use for names."""
_MOST = 8.0
"""Bits by which a word can speak for a Korean or a Chinese name at most: no table knows everybody."""
_LESS = 2.0
"""Bits of a Chinese name beside a Korean one that both fit."""


@lru_cache(maxsize=1 << 14)
def graph(word: str) -> Graph:
    """The ways to read a word, each with the bits of its being such a word."""
    korean, chinese = _korean(word), _chinese(word)
    other = _other(word)
    total = math.log2(sum(2.0**-bits for _, _, bits in (*korean, *chinese, *other)) or 1.0)
    return beside((last, steps, bits + total) for last, steps, bits in (*korean, *chinese, *other))


def _korean(word: str) -> list[Run]:
    """As a given name, as a family name, as both."""
    if not 0 < len(word) <= _LONGEST_NAME or not all("가" <= char <= "힣" for char in word):
        return []
    given = max(-_MOST, min(_MOST, hangul.given_bits(word)))
    found = [row([_syllable(char, "g") for char in word], -given)]
    spoken = hangul.official(word)
    if spoken:
        found.append(row([unit(tuple((latin, 0.0) for latin in spoken))], _SPOKEN - given))
    if hangul.is_family(word):
        found.append(row([_syllable(word, "f")], -_MOST))
    for cut in (1, 2):
        bits = hangul.family_bits(word, cut) if cut < len(word) <= cut + 3 else -_MOST
        if bits > -_MOST:
            units = [_syllable(word[:cut], "f"), *(_syllable(char, "g") for char in word[cut:])]
            found.append(row(units, -min(_MOST, bits)))
    return found


@lru_cache(maxsize=1 << 12)
def _syllable(text: str, role: str) -> Unit:
    return unit(tuple(hangul.spellings(text, role)))


def _chinese(word: str) -> list[Run]:
    """Syllable by syllable of pinyin, where every part of the word sounds like one."""
    bits = max(hangul_pinyin.given_bits(word), hangul_pinyin.cut_of(word)[1], -_MOST)
    steps = [
        (start, end, unit(known, hangul_pinyin.FEWER))
        for start in range(len(word))
        for end in range(start + 1, min(len(word), start + 3) + 1)
        if (known := hangul_pinyin.sounds_of(word[start:end]))
    ]
    ends = {0}
    for start, end, _ in steps:
        ends |= {end} if start in ends else set()
    return [(len(word), steps, _LESS - min(_MOST, bits))] if word and len(word) in ends else []


def _other(word: str) -> list[Run]:
    jamo = "".join(
        char for char in unicodedata.normalize("NFD", word) if "\u1100" <= char <= "\u11c2" and char != "\u110b"
    )
    return sounds.runs("hangul", word, jamo) if jamo else []
