"""Arabic letters, which leave vowels out: spellings of known names, else the consonants with the likeliest vowels; a key without vowels."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from spean.matching.names import sounds
from spean.matching.names.facts import lines
from spean.matching.names.lattice import Graph, Run, beside, row, unit
from spean.matching.names.model import MOST_READINGS, Reading

_LETTERS = "بتثجحخدذرزسشصضطظعغفقكلمنهپچژگکھاآةوي"
_SOUNDS = "b t th,s j,g h kh d dh,z r z s sh s d t z a gh f q,k k l m n h p ch zh g k h a a a,ah w,u,ou y,i,ee"
_SOUND = {letter: tuple(sounds.split(",")) for letter, sounds in zip(_LETTERS, _SOUNDS.split(), strict=True)}
_SAME = str.maketrans(dict(zip("أإٱیکىۀہۃەےؤ", "ااايكيههةهيو", strict=True)))
_UNWRITTEN = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200c]")
_BEHIND_ARTICLE = 0.5
_RARELY = 4.0
"""Bits of spelling a known name by its sounds."""


@cache
def _known() -> dict[str, tuple[Reading, ...]]:
    """Common names, with the spellings that people give them."""
    return {
        plain(word): tuple(Reading(spelt, 0.4 + 0.8 * at) for at, spelt in enumerate(spellings.split()))
        for word, spellings in lines("arabic.tsv")
    }


def plain(word: str) -> str:
    """A word without vowel marks and lengthening strokes, with one kind of each letter that is written in two ways."""
    return _UNWRITTEN.sub("", unicodedata.normalize("NFC", word)).translate(_SAME)


def sounds_of(letter: str) -> tuple[str, ...]:
    """What a letter may be written as by the plain rules; the short vowels behind it are nowhere written."""
    return _SOUND.get(letter, ("", "a", "i"))


@lru_cache(maxsize=1 << 14)
def readings(word: str) -> tuple[Reading, ...]:
    """The likely Latin spellings of a word in Arabic letters; *al-* stays joined to its word, or is left out."""
    whole = plain(word)
    best: dict[str, float] = {}
    for text, beginnings, behind in _articles(whole):
        known = _known().get(text) or sounds.readings("arabic", text, text)
        for spelt, bits in known:
            for article, more in beginnings:
                total = bits + more + behind
                best[article + spelt] = min(best.get(article + spelt, total), total)
    found = sorted((bits, spelt) for spelt, bits in best.items() if spelt)[:MOST_READINGS]
    return tuple(Reading(spelt, bits) for bits, spelt in found)


@lru_cache(maxsize=1 << 14)
def graph(word: str) -> Graph:
    """All ways to read a word in Arabic letters."""
    found: list[Run] = []
    for text, beginnings, behind in _articles(plain(word)):
        known = _known().get(text)
        runs = [row([unit(known)])] if known else []
        runs += [
            (last, steps, bits + (_RARELY if known else 0.0)) for last, steps, bits in sounds.runs("arabic", text, text)
        ]
        begun = unit(beginnings)
        for last, steps, bits in runs:
            later = [(source + 1, target + 1, each) for source, target, each in steps]
            found.append((last + 1, [(0, 1, begun), *later], bits + behind))
    return beside(found)


Beginnings = tuple[tuple[str, float], ...]


def _articles(word: str) -> list[tuple[str, Beginnings, float]]:
    """The word whole, or after *al-* or *ʿAbd al-*: what remains, how the beginning is spelt, and the bits of the cut."""
    whole: tuple[str, Beginnings, float] = (word, (("", 0.0),), 0.0)
    if word.startswith("عبدال") and len(word) > 6:
        servant: tuple[str, Beginnings, float] = (word[5:], (("abdul", 0.5), ("abdel", 1.2), ("abdal", 3.0)), 0.0)
        return [servant, whole] if word in _known() else [servant]
    if word.startswith("ال") and len(word) > 4:
        cut: tuple[str, Beginnings, float] = (word[2:], (("al", 0.5), ("", 1.5), ("el", 2.0)), 0.0)
        seen = word in _known() or word in sounds.words("arabic")
        return [cut, (word, (("", 0.0),), _BEHIND_ARTICLE)] if seen else [cut]
    return [whole]


_KEY = re.compile("[aeiouyw]+|h(?![aeiou])")
_ALIKE = (
    ("ph", "f"), ("kh", "x"), ("gh", "g"), ("ch", "sh"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("q", "k"), ("c", "k"), ("j", "g"), ("z", "s"),
    ("v", "f"), ("p", "b"),
)  # fmt: skip


@lru_cache(maxsize=1 << 14)
def key(latin: str) -> str:
    """A Latin spelling of an Arabic name without its vowels: spellings of one name share it (*Mohammed*, *Muhamad*: ``mhmd``)."""
    text = latin
    for one, other in _ALIKE:
        text = text.replace(one, other)
    text = text[:1].translate(str.maketrans("aeiou", "aaaaa")) + _KEY.sub("", text[1:])
    return re.sub(r"(.)\1+", r"\1", text)
