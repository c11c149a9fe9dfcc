"""Many short texts in few arrays: by number in one step, and back by a keyed hash and a binary search.

``blob`` holds them one after another in UTF-8, ``ends`` where each ends (one 0 first); ``hashes`` ascend, and
``places[i]`` is the number of the text with ``hashes[i]``. The seed of the hash is drawn for each table, so nobody can
prepare ids that all hash alike; equal hashes are settled by the texts themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from spean.tracing.compiled import compiled

Array = Any


@compiled
def _hash(blob, begin, end, seed):
    """FNV-1a with a seed, and the finish of MurmurHash3."""
    value = np.uint64(14695981039346656037) ^ np.uint64(seed)
    for at in range(begin, end):
        value = (value ^ np.uint64(blob[at])) * np.uint64(1099511628211)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return value ^ (value >> np.uint64(33))


@compiled
def _hashes(blob, ends, seed, hashes):
    for number in range(len(hashes)):
        hashes[number] = _hash(blob, ends[number], ends[number + 1], seed)


@compiled
def _same(blob, ends, one, other):
    length = ends[one + 1] - ends[one]
    if length != ends[other + 1] - ends[other]:
        return False
    for at in range(length):  # noqa: SIM110 - numba compiles no generator
        if blob[ends[one] + at] != blob[ends[other] + at]:
            return False
    return True


@compiled
def _doubles(blob, ends, hashes, places, found):
    """Texts that were there before, as numbers, until ``found`` is full."""
    count = 0
    for at in range(1, len(hashes)):
        before = at - 1
        while before >= 0 and hashes[before] == hashes[at]:
            if _same(blob, ends, places[before], places[at]) and count < len(found):
                found[count] = max(places[before], places[at])
                count += 1
                break
            before -= 1
    return count


@compiled
def _near(hashes, code):
    """Bounds between which the first hash from ``code`` on stands. Hashes lie evenly, so it is near where it should be:
    one page of a large table is touched instead of a dozen."""
    count = len(hashes)
    place = np.int64(((code >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32))
    low, high, step = int(place), int(place), 64
    while low > 0 and hashes[low - 1] >= code:
        low, step = max(0, low - step), step * 2
    step = 64
    while high < count and hashes[high] < code:
        high, step = min(count, high + step), step * 2
    return low, high


@compiled
def _find(blob, ends, hashes, places, seed, wanted):
    code = _hash(wanted, 0, len(wanted), seed)
    low, high = _near(hashes, code)
    while low < high:
        middle = (low + high) >> 1
        if hashes[middle] < code:
            low = middle + 1
        else:
            high = middle
    while low < len(hashes) and hashes[low] == code:
        begin, end = ends[places[low]], ends[places[low] + 1]
        if end - begin == len(wanted):
            same = True
            for at in range(len(wanted)):
                same = same and blob[begin + at] == wanted[at]
            if same:
                return places[low]
        low += 1
    return -1


@dataclass(frozen=True, slots=True, eq=False)
class Strings:
    """A table of texts. All parts are arrays that may be mapped from disk."""

    blob: Array  # uint8
    ends: Array  # int64, one more than there are texts
    hashes: Array  # uint64
    places: Array  # int32
    seed: int
    _text: memoryview = field(init=False, repr=False)
    _cuts: memoryview = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Views that give plain bytes and integers, several times as fast as an array does."""
        object.__setattr__(self, "_text", memoryview(self.blob))
        object.__setattr__(self, "_cuts", memoryview(self.ends))

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: int) -> str:
        return str(self._text[self._cuts[number] : self._cuts[number + 1]], "utf-8")

    def __iter__(self) -> Iterator[str]:
        return (self[number] for number in range(len(self)))

    def find(self, text: str) -> int | None:
        """The number of a text, or None."""
        wanted = np.frombuffer(bytearray(text.encode()), np.uint8)
        number = _find(self.blob, self.ends, self.hashes, self.places, np.uint64(self.seed), wanted)
        return None if number < 0 else int(number)

    def array(self) -> pa.Array:
        """The texts as Arrow holds them, by number; nothing is copied."""
        return pa.LargeStringArray.from_buffers(len(self), pa.py_buffer(self.ends), pa.py_buffer(self.blob))

    def shared(self, other: Strings) -> str | None:
        """A text that is in both tables, which must have the same seed; None: none is."""
        if self.seed != other.seed:
            raise ValueError("tables of different seeds cannot be compared by their hashes")
        if not len(self):
            return None
        near = np.minimum(np.searchsorted(self.hashes, other.hashes), len(self) - 1)
        alike = other.places[self.hashes[near] == other.hashes]
        texts = (other[int(number)] for number in np.sort(alike))
        return next((text for text in texts if self.find(text) is not None), None)

    def doubles(self, most: int) -> list[int]:
        """Numbers of texts that stand in the table a second time, at most ``most``."""
        found = np.empty(most, np.int64)
        count = _doubles(self.blob, self.ends, self.hashes, self.places, found)
        return sorted(found[:count].tolist())


def _parts(texts: Any) -> tuple[Array, Array]:
    """Bytes and ends of an Arrow array of large strings without nulls."""
    _, offsets, data = texts.buffers()
    count = len(texts)
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + count + 1] if count else np.zeros(1, np.int64)
    blob = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return blob[ends[0] : ends[-1]].copy(), ends - ends[0]


def strings_of(texts: Any, seed: int) -> Strings:
    """A table of an Arrow array of large strings without nulls."""
    blob, ends = _parts(texts)
    hashes = np.empty(len(texts), np.uint64)
    _hashes(blob, ends, np.uint64(seed), hashes)
    places = np.argsort(hashes, kind="stable").astype(np.int32)
    return Strings(blob, ends, hashes[places], places, seed)
