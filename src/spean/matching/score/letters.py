"""Letters as small numbers, so that thousands of words are compared at once.

Latin words become *sounds*: a letter, or two letters that people write for one sound (``ch``, ``ae``, ``oo``); a doubled consonant is
one. Words of another script become the letters of that script (a vowel sign is a letter of its own), Hangul its jamo, Han characters
two numbers each. 0 fills up; a word holds at most ``LONGEST`` numbers, and more of it is not compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import eq

import numpy as np
from numpy.typing import NDArray

from spean.matching.names import han

LONGEST = 20
"""Numbers of one word."""
JOINED = 32
"""Numbers of two words written as one."""

VOWELS = "aeiou"
_PAIRS = (
    *(a + b for a in "aeiou" for b in "aeiou"), "ay", "ey", "oy", "uy", "aw", "ew", "ow", "yo", "yu", "ya", "ye", "yeo", "you",
    "ch", "sh", "th", "ph", "kh", "gh", "zh", "ts", "tz", "ck", "ng", "ny", "nh", "dh", "bh", "hs", "dj",
)  # fmt: skip
SOUNDS: tuple[str, ...] = ("", *"abcdefghijklmnopqrstuvwxyz", *_PAIRS)
"""What the number of a Latin sound stands for."""
CODES = {sound: number for number, sound in enumerate(SOUNDS)}
VOWEL_SOUNDS = frozenset(
    number for number, sound in enumerate(SOUNDS) if sound and set(sound) <= set("aeiouyw") and sound not in {"y", "w"}
)
WIDTH = 128
"""Numbers of an alphabet: every script here has fewer letters."""
assert len(SOUNDS) < WIDTH

_SOUND = re.compile("|".join(sorted(_PAIRS, key=len, reverse=True)) + "|[a-z]")


_FIND, _CODE = _SOUND.findall, CODES.__getitem__


@lru_cache(maxsize=1 << 15)
def sounds(latin: str) -> bytes:
    """The sounds of a word in the letters a–z."""
    codes = bytes(map(_CODE, _FIND(latin)))
    if any(map(eq, codes, codes[1:])):  # a doubled consonant is one
        return bytes(now for before, now in zip(b"\0" + codes, codes, strict=False) if now != before)
    return codes


_WINDOW = 24
"""Letters of a word that are looked at when many words are."""
_TWO = np.zeros((27, 27), np.uint8)
_THREE: dict[tuple[int, int, int], int] = {}
for _name, _number in CODES.items():
    _letters = [ord(letter) - 96 for letter in _name]
    if len(_letters) == 2:
        _TWO[_letters[0], _letters[1]] = _number
    elif len(_letters) == 3:
        _THREE[_letters[0], _letters[1], _letters[2]] = _number


def sounds_of_many(words: Sequence[str]) -> Iterator[tuple[bytes, bytes]]:
    """The sounds of words in the letters a–z, and their letters (``plain``): as ``sounds`` gives them, a thousand times at once."""
    text = np.array(words, f"S{_WINDOW + 2}").view(np.uint8).reshape(len(words), -1)
    text = np.where(text > 96, text - 96, 0).astype(np.uint8)
    codes, letters_ = np.zeros((len(words), LONGEST), np.uint8), np.zeros((len(words), PLAIN + 3), np.uint8)
    last, skip = np.zeros(len(words), np.uint8), np.zeros(len(words), np.int8)
    many, size = np.zeros(len(words), np.intp), np.zeros(len(words), np.intp)
    for at in range(_WINDOW):
        one, two, three = text[:, at], text[:, at + 1], text[:, at + 2]
        if not one.any():
            break
        begins = (skip == 0) & (one != 0)
        code, wide = _TWO[one, two], np.full(len(words), 2, np.int8)
        for (a, b, c), number in _THREE.items():
            here = (one == a) & (two == b) & (three == c)
            code[here], wide[here] = number, 3
        single = code == 0
        code[single], wide[single] = one[single], 1
        rows = np.flatnonzero(begins & (code != last) & (many < LONGEST))
        codes[rows, many[rows]] = code[rows]
        for step in range(3):
            some = rows[wide[rows] > step]
            letters_[some, np.minimum(size[some] + step, PLAIN)] = text[some, at + step] + 96
        many[rows] += 1
        size[rows] += wide[rows]
        last = np.where(begins, code, last)
        skip = np.where(begins, wide - 1, np.maximum(skip - 1, 0))
    sounded = codes.view(f"S{LONGEST}").ravel().tolist()
    spelt = np.ascontiguousarray(letters_[:, :PLAIN]).view(f"S{PLAIN}").ravel().tolist()
    for at, word in enumerate(words):
        if len(word) <= _WINDOW:
            yield sounded[at], spelt[at]
        else:
            found = sounds(word)[:LONGEST]
            yield found, plain(found)[:PLAIN]


@lru_cache(maxsize=1 << 16)
def letters(written: str, script: str) -> bytes:
    """The letters of a word that is not Latin; nothing for signs and digits of other scripts."""
    if script == "latin":
        raise ValueError("a Latin word has sounds")
    if script == "hangul":
        return bytes([code for char in unicodedata.normalize("NFD", written) if (code := _jamo(ord(char)))])
    if script in _BLOCK:
        base = _BLOCK[script]
        return bytes([(ord(char) - base) & 0x7F or 0x7F for char in written if 0 <= ord(char) - base < 256])
    text = han.fold(written) if script == "han" else written
    return b"".join(_two(char) for char in text if char.isalpha())


_BLOCK = {"khmer": 0x1780, "lao": 0x0E80, "thai": 0x0E00, "burmese": 0x1000, "arabic": 0x0600, "cyrillic": 0x0400}


def _jamo(code: int) -> int:
    return code - 0x1100 + 1 if 0x1100 <= code < 0x1100 + 19 else (code - 0x1161 + 20 if 0x1161 <= code < 0x1161 + 21 else (
        code - 0x11A8 + 41 if 0x11A8 <= code < 0x11A8 + 27 else 0))  # fmt: skip


def _two(char: str) -> bytes:
    """Two numbers that stand for one character of a large script."""
    spread = ord(char) * 2654435761 >> 7
    return bytes((spread & 0x7F or 0x7F, spread >> 7 & 0x7F or 0x7F))


_TEXT = {number: sound.encode() for number, sound in enumerate(SOUNDS)}
PLAIN = 24
"""Letters of a word that are compared for slips."""


def plain(codes: bytes) -> bytes:
    """The letters of sounds."""
    return b"".join([_TEXT[code] for code in codes])


_CLASSES = (
    "b p bh", "v f ph", "c k q kh ck g gh", "s z x sh hs", "ch j dj zh ts tz", "t th d dh", "l r", "m", "n ng ny nh",
    "a ai au aw ay ya", "e i ee ei ey ie y ye ae ea ia yeo eo", "o u oo ou ow oa oe oi oy ue ui uo uy ua io iu eu ew you yo yu ao",
)  # fmt: skip
_CLASS = np.zeros(WIDTH, np.uint64)
for _at, _sounds in enumerate(_CLASSES, start=1):
    for _each in _sounds.split():
        _CLASS[CODES[_each]] = _at


_ONE = np.uint64(1)
_BEFORE, _NOW = np.arange(16, dtype=np.uint64)[:, None], _CLASS[None, :]
_NEXT_CLASS = np.where(_NOW != 0, _NOW, _BEFORE).astype(np.intp)
_CLASS_BITS = np.where(
    (_NOW != 0) & (_NOW != _BEFORE),
    _ONE << _NOW | _ONE << (np.uint64(13) + (_BEFORE * 13 + _NOW * 5) % 51),
    np.uint64(0),
)
_LAST_BITS = _ONE << (np.uint64(13) + np.arange(16, dtype=np.uint64) * 13 % 51)
_LETTER = np.arange(WIDTH, dtype=np.uint64)
_LETTER_BITS = np.where(
    _LETTER != 0, _ONE << (_LETTER * 7 + _LETTER[:, None] * 3) % 61 | _ONE << _LETTER % 61, np.uint64(0)
)


def sound_signatures(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """64 bits a row of how a word sounds: its classes of sounds and which follows which, wherever they stand."""
    found, last = np.zeros(len(codes), np.uint64), np.zeros(len(codes), np.intp)
    for column in codes.T:
        if not column.any():
            break
        at = last * WIDTH + (column & 0x7F)
        found |= _CLASS_BITS.take(at)
        last = _NEXT_CLASS.take(at)
    return found | _LAST_BITS.take(last)


def signatures(text: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """64 bits a row by which words with few letters and pairs of letters in common are told apart at once."""
    found, last = np.zeros(len(text), np.uint64), np.zeros(len(text), np.intp)
    for column in text.T:
        if not column.any():
            break
        now = column & 0x7F
        found |= _LETTER_BITS.take(last * WIDTH + now)
        last = now.astype(np.intp)
    return found
