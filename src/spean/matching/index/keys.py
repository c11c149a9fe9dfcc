"""Keys by which words that sound alike find one another: the classes of their consonants and where vowels stand, packed into a number.

Which vowel it is changes most between spellings, so that is not in a key; the scorer looks at it. A key without one of its classes is a
key too, so that one sound too many, missing or another does not hide a word. Short words have one key, of coarser classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spean.matching.score.letters import CODES, VOWEL_SOUNDS, WIDTH

LENGTH = 15
"""Classes of a key; what comes later does not count."""
SHORT = 3
"""Up to so many classes a key is coarse, and whole."""
RUN = np.uint64((1 << 59) - 1)
"""What is kept of the number of a whole name."""
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
    """All keys (``kernels.keys_of``) of words with these whole keys, and the row that each comes from."""
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
            found = np.where(add, (found * np.uint64(13) + now) & RUN, found)
            last = np.where((now != 0) & (now != VOWEL), now, last)
    return found
