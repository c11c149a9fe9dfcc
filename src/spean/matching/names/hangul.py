"""Korean letters: how people spell Korean names, and other names written in Hangul, in Latin letters."""

from __future__ import annotations

from spean.matching.names.model import Reading, Role

_INITIALS = "g kk n d tt r m b pp s ss  j jj ch k t p h"
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"
_FINALS = " k k k n n n t l k m p l l p l m p p t t ng t t k t p t"
_INITIAL, _VOWEL, _FINAL = _INITIALS.split(" "), _VOWELS.split(), _FINALS.split(" ")


def revised(word: str) -> str:
    """The Revised Romanisation of each syllable by itself, as names of people are written; other characters fall away."""
    return "".join(
        _INITIAL[code // 588] + _VOWEL[code // 28 % 21] + _FINAL[code % 28]
        for code in (ord(char) - 0xAC00 for char in word)
        if 0 <= code < 11172
    )


def readings(word: str, role: Role = "unknown") -> tuple[Reading, ...]:
    """The likely Latin spellings of a word in Hangul."""
    latin = revised(word)
    return (Reading(latin, 0.0),) if latin else ()


def split(word: str) -> tuple[str, ...]:
    """Family and given name of a Korean name without a space."""
    return (word[:1], word[1:]) if 2 <= len(word) <= 4 else (word,)
