"""Keys by which words that sound alike find one another: the classes of their consonants and where vowels stand, packed into a number.

Which vowel it is changes most between spellings, so that is not in a key; the scorer looks at it. A key without one of its classes is a
key too, so that one sound too many, missing or another does not hide a word. Short words have one key, of coarser classes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spean.matching.score.letters import CODES, VOWEL_SOUNDS, WIDTH

LENGTH = 15
"""Classes of a key; what comes later does not count."""
SHORT = 3
"""Up to so many classes a key is coarse, and whole."""
Keys = NDArray[np.uint64]

_FINE = (
    "b p bh",
    "v f ph",
    "c k q kh ck",
    "g gh",
    "s z x sh hs",
    "ch j dj zh ts tz",
    "t th",
    "d dh",
    "l r",
    "m",
    "n ng ny nh",
)
_MERGED = {1: 1, 2: 1, 3: 3, 4: 3, 5: 5, 6: 5, 7: 7, 8: 7}
VOWEL = 15
COARSE_MARK = np.uint64(1 << 60)
COARSE = np.array([_MERGED.get(each, each) for each in range(16)], np.uint64)
CLASS = np.zeros(WIDTH, np.uint64)
for _at, _sounds in enumerate(_FINE, start=1):
    for _sound in _sounds.split():
        CLASS[CODES[_sound]] = _at
for _code in (*VOWEL_SOUNDS, CODES["y"]):
    CLASS[_code] = VOWEL
_SCALAR = CLASS.tolist()


@lru_cache(maxsize=1 << 17)
def of(codes: bytes) -> tuple[int, ...]:
    """All keys of one word's sounds; the whole one first."""
    found: list[int] = []
    for code in codes:
        now = _SCALAR[code]
        if now and (not found or found[-1] != now):
            found.append(now)
    del found[LENGTH:]
    whole = _pack(found)
    if len(found) <= SHORT:
        return (whole, _pack([_MERGED.get(each, each) for each in found]) | int(COARSE_MARK))
    return tuple(dict.fromkeys([whole, *(_pack(_less(found, at)) for at in range(len(found)))]))


def _less(classes: list[int], at: int) -> list[int]:
    """Without one class; what is then twice stands once."""
    twice = 0 < at < len(classes) - 1 and classes[at - 1] == classes[at + 1]
    return classes[:at] + classes[at + 1 + twice :]


def _pack(classes: list[int]) -> int:
    key = 0
    for each in classes:
        key = key << 4 | each
    return key


def packed(codes: NDArray[np.uint8]) -> Keys:
    """The whole key of each row of sounds: four bits a class, the first one highest."""
    key = np.zeros(len(codes), np.uint64)
    last = np.zeros(len(codes), np.uint64)
    full = np.uint64(1 << 4 * (LENGTH - 1))
    for column in codes.T:
        now = CLASS[column]
        add = (now != 0) & (now != last) & (key < full)
        key = np.where(add, key << np.uint64(4) | now, key)
        last = np.where(now != 0, now, last)
    return key


def every(whole: Keys) -> tuple[Keys, NDArray[np.intp]]:
    """All keys that ``of`` gives for words with these whole keys, and the row that each comes from."""
    sizes = sum((whole >= np.uint64(1 << 4 * place)).astype(np.int64) for place in range(LENGTH))
    short = np.flatnonzero(sizes <= SHORT)
    found, rows = [whole, coarse(whole[short]) | COARSE_MARK], [np.arange(len(whole)), short]
    for place in range(LENGTH):
        row = np.flatnonzero((sizes > SHORT) & (sizes > place))
        key = whole[row]
        low = key & np.uint64((1 << 4 * place) - 1)
        high = key >> np.uint64(4 * place + 4)
        if place:  # what is then twice stands once
            high = np.where((high & np.uint64(15)) == (low >> np.uint64(4 * place - 4)), high >> np.uint64(4), high)
        found.append(high << np.uint64(4 * place) | low)
        rows.append(row)
    return np.concatenate(found), np.concatenate(rows)


def coarse(whole: Keys) -> Keys:
    """Short keys with voiced and voiceless sounds as one."""
    found = np.zeros(len(whole), np.uint64)
    for place in range(SHORT):
        digit = whole >> np.uint64(4 * place) & np.uint64(15)
        found |= COARSE[digit.astype(np.intp)] << np.uint64(4 * place)
    return found


def run(keys: Any) -> NDArray[np.uint64]:
    """One number for the consonants of whole names, whose words' keys stand in rows: where words begin does not count."""
    found = np.zeros(len(keys), np.uint64)
    last = np.zeros(len(keys), np.uint64)
    for word in keys.T:
        for place in reversed(range(LENGTH)):
            now = word >> np.uint64(4 * place) & np.uint64(15)
            add = (now != 0) & (now != VOWEL) & (now != last)
            found = np.where(add, found * np.uint64(13) + now, found)
            last = np.where((now != 0) & (now != VOWEL), now, last)
    return found


def run_of(keys: tuple[int, ...]) -> int:
    """``run`` of one name."""
    found = last = 0
    for word in keys:
        for place in range(4 * (LENGTH - 1), -1, -4):
            now = word >> place & 15
            if now and now not in (VOWEL, last):
                found, last = (found * 13 + now) & 0xFFFFFFFFFFFFFFFF, now
    return found
