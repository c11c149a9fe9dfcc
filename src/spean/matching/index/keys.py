"""Keys by which words that sound alike find one another: the classes of their consonants, packed into a number.

Vowels change most between spellings, so they are not in a key; the scorer looks at them. A key without one of its classes is a key
too, so that one consonant too many, missing or another does not hide a word.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spean.matching.score.letters import CODES, WIDTH

LENGTH = 7
"""Classes of a key; what comes later does not count."""
SHORT = 3
"""From so many classes on, a key without one of them is a key too."""
Keys = NDArray[np.uint32]

_CLASSES = ("b p v f ph bh", "c k g q kh gh ck", "s z sh zh j ch ts tz hs dj x", "d t th dh", "l r", "m", "n ng ny nh")
_VOWEL = len(_CLASSES) + 1
_CLASS = np.zeros(WIDTH, np.uint32)
_BEGINS = np.zeros(WIDTH, np.bool_)
for _at, _sounds in enumerate(_CLASSES, start=1):
    for _sound in _sounds.split():
        _CLASS[CODES[_sound]] = _at
for _sound, _code in CODES.items():
    _BEGINS[_code] = _sound[:1] != "" and _sound[:1] in "aeiouyw"


def packed(codes: NDArray[np.uint8]) -> Keys:
    """The key of each row of sounds: four bits a class, the first one highest."""
    key = np.where(_BEGINS[codes[:, 0]], _VOWEL, 0).astype(np.uint32)
    last = np.zeros(len(codes), np.uint32)
    for column in codes.T:
        now = _CLASS[column]
        add = (now != 0) & (now != last) & (key < 1 << 4 * (LENGTH - 1))
        key = np.where(add, key << np.uint32(4) | now, key)
        last = np.where(column == 0, last, now)
    return key


def length(keys: Keys) -> Any:
    """How many classes a key has."""
    return sum((keys >= np.uint32(1 << 4 * place)).astype(np.int64) for place in range(LENGTH))


def without_one(keys: Keys) -> tuple[Keys, NDArray[np.intp]]:
    """Every key less one of its classes, and the row that it comes from; nothing for short ones."""
    sizes = length(keys)
    found, rows = [], []
    for place in range(LENGTH):
        row = np.flatnonzero((sizes >= SHORT) & (sizes > place))
        key = keys[row]
        low = key & np.uint32((1 << 4 * place) - 1)
        found.append((key >> np.uint32(4 * place + 4) << np.uint32(4 * place)) | low)
        rows.append(row)
    return np.concatenate(found).astype(np.uint32), np.concatenate(rows)


def run(keys: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """One number for the consonants of whole names, whose words' keys stand in rows: where words begin does not count."""
    found = np.zeros(len(keys), np.uint64)
    last = np.zeros(len(keys), np.uint32)
    for word in keys.T:
        for place in reversed(range(LENGTH)):
            now = word >> np.uint32(4 * place) & np.uint32(15)
            add = (now != 0) & (now != _VOWEL) & (now != last)
            found = np.where(add, found * np.uint64(11) + now, found)
            last = np.where((now != 0) & (now != _VOWEL), now, last)
    return found
