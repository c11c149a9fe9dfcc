"""Arabic letters, which leave vowels out: spellings of known names, else the consonants with the likeliest vowels; a key without vowels."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from spean.matching.names.facts import lines
from spean.matching.names.model import MOST_READINGS, Reading

_LETTERS = "بتثجحخدذرزسشصضطظعغفقكلمنهپچژگکھ"
_SOUNDS = "b t th j h kh d dh r z s sh s d t z a gh f q k l m n h p ch zh g k h"
_CONSONANTS = dict(zip(_LETTERS, _SOUNDS.split(), strict=True))
_VOWELS = {"ا": "a", "آ": "a", "أ": "a", "إ": "i", "ى": "a", "ة": "a", "ؤ": "u", "ئ": "i", "ۀ": "e", "ہ": "a", "ے": "e"}
_WEAK = {"و": ("w", "u"), "ي": ("y", "i"), "ی": ("y", "i")}
_SHORT = {"\u064e": "a", "\u064f": "u", "\u0650": "i", "\u0670": "a"}
_OTHERWISE = (
    ("u", "ou", 1.5),
    ("i", "ee", 2.0),
    ("q", "k", 2.0),
    ("j", "g", 2.5),
    ("dh", "d", 2.0),
    ("th", "s", 3.0),
    ("aa", "a", 0.5),
)


@cache
def _known() -> dict[str, tuple[str, ...]]:
    return {_plain(word): tuple(spellings.split()) for word, spellings in lines("arabic.tsv")}


def _plain(word: str) -> str:
    """A word without vowel marks and lengthening strokes, with one kind of each letter that is written in two ways."""
    text = "".join(
        char
        for char in unicodedata.normalize("NFC", word)
        if not "\u064b" <= char <= "\u0652" and char not in "\u0640\u0670"
    )
    return text.replace("أ", "ا").replace("إ", "ا").replace("ی", "ي").replace("ک", "ك").replace("ى", "ي")


@lru_cache(maxsize=1 << 16)
def readings(word: str) -> tuple[Reading, ...]:
    """The likely Latin spellings of a word in Arabic letters; *al-* stays joined to its word, and may be missing."""
    plain = _plain(word)
    known = _known()
    best: dict[str, float] = {}
    for text, before, behind in _articles(plain):
        if text in known:
            rows = [(spelt, 0.4 + 0.8 * at) for at, spelt in enumerate(known[text])]
        else:
            rows = _voiced(text if before else (word if text == plain else text))
        for spelt, bits in rows:
            for article, more in before or (("", 0.0),):
                best[article + spelt] = min(best.get(article + spelt, 99.0), bits + more + behind)
    found = sorted(((bits, spelt) for spelt, bits in best.items() if spelt))[:MOST_READINGS]
    return tuple(Reading(spelt, bits) for bits, spelt in found)


def _articles(plain: str) -> list[tuple[str, tuple[tuple[str, float], ...], float]]:
    """The word whole, or after *al-* or *ʿAbd al-*: what remains, how the beginning is spelt, and the bits of the cut."""
    found: list[tuple[str, tuple[tuple[str, float], ...], float]] = []
    if plain.startswith("عبدال") and len(plain) > 6:
        found.append((plain[5:], (("abdul", 0.5), ("abdel", 1.2), ("abdal", 3.0)), 0.0))
    elif plain.startswith("ال") and len(plain) > 4:
        found.append((plain[2:], (("al", 0.5), ("", 1.5), ("el", 2.0)), 0.0))
    if not found or plain in _known():
        found.append((plain, (), 0.0))
    return found


def _voiced(text: str) -> list[tuple[str, float]]:
    """The consonants with *a* between those that would stand together at the start, and what else people write for them."""
    pieces: list[str] = []
    for at, char in enumerate(text):
        if char in _WEAK:
            ends = at > 0 and (at + 1 == len(text) or text[at + 1] in _CONSONANTS)
            pieces.append(_WEAK[char][1] if ends else _WEAK[char][0])
        else:
            pieces.append(_CONSONANTS.get(char) or _VOWELS.get(char) or _SHORT.get(char, ""))
    pieces = [piece for piece in pieces if piece]
    first = "".join(_filled(pieces)).replace("aa", "a")
    best = {first: 1.5}
    for one, other, bits in _OTHERWISE:
        for spelt, before in list(best.items()):
            best.setdefault(spelt.replace(one, other), before + bits)
    return sorted(best.items(), key=lambda row: row[1])[:8]


def _filled(pieces: list[str]) -> list[str]:
    found: list[str] = []
    for at, piece in enumerate(pieces):
        found.append(piece)
        consonant = piece[-1] not in "aiue"
        follows = at + 1 < len(pieces) and pieces[at + 1][0] not in "aiue"
        closed = len(found) > 1 and found[-2][-1] in "aiue"
        if consonant and follows and not (closed and at + 2 < len(pieces)):
            found.append("a")
    return found


_KEY = re.compile("[aeiouyw]+|h(?![aeiou])")
_ALIKE = (
    ("ph", "f"), ("kh", "x"), ("gh", "g"), ("ch", "sh"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("q", "k"), ("c", "k"), ("j", "g"), ("z", "s"),
    ("v", "f"), ("p", "b"),
)  # fmt: skip


@lru_cache(maxsize=1 << 16)
def key(latin: str) -> str:
    """A Latin spelling of an Arabic name without its vowels: spellings of one name share it (*Mohammed*, *Muhamad*: ``mhmd``)."""
    text = latin
    for one, other in _ALIKE:
        text = text.replace(one, other)
    text = text[:1].translate(str.maketrans("aeiou", "aaaaa")) + _KEY.sub("", text[1:])
    return re.sub(r"(.)\1+", r"\1", text)
