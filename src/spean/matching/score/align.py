"""Which word of one name is which word of the other, for thousands of pairs of names at once.

The best pair of words goes together first, then the best of what is left; order does not count here, and its price comes later. Where
one name has more words than the other, two neighbours may be one word (*Cheol Su*, *Cheolsu*).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spean.matching.score.costs import BEYOND, FAR, REACH, REACH_BY_SOUND
from spean.matching.score.words import FORM, INITIAL, NAME, NICKNAME, PARTICLE, TENTH, Ids, Words

MOST_WORDS = 8
"""Words of a name that are compared; more are left out."""
APART = -BEYOND
"""Bits below which two words are two different words rather than two spellings of one."""
UNEQUAL = -30.0
JOINING = 1.0
"""Bits that it costs to take two words for one."""
DOUBTFUL = 1.0
"""Bits up to which a pair of words may be a part of one word taken for the whole (*Ja*, *Minja*)."""
_JOIN_ROUNDS = 3
_WRITTEN = (NAME, INITIAL, PARTICLE)

Way = Callable[[Ids, Ids, NDArray[np.uint8]], "Aligned"]
"""How names are aligned, row by row, in the spelling of populations."""


@dataclass(slots=True)
class Aligned:
    """Pairs of names, row by row. ``partner[i, p]`` is the place in the other name of word ``p``, or −1; ``bits`` its weight."""

    one: Ids
    other: Ids
    populations: NDArray[np.uint8]
    partner: NDArray[np.int8]
    bits: NDArray[np.float32]
    cost: NDArray[np.float32]
    common: NDArray[np.float32]
    """Bits of how rare the matched word is: the less common of nothing, the commoner of both spellings."""
    joined: NDArray[np.uint8]
    """How many times two words were taken for one."""

    def of(self, rows: NDArray[np.intp]) -> Aligned:
        """These rows."""
        return Aligned(
            self.one[rows], self.other[rows], self.populations[rows], self.partner[rows], self.bits[rows], self.cost[rows],
            self.common[rows], self.joined[rows],
        )  # fmt: skip

    def total(self) -> Any:
        """What the alignment is worth, for choosing between alignments."""
        lonely = self.left_over()
        return (
            self.bits.sum(axis=1)
            + APART * np.minimum(*lonely)
            - 1.0 * np.abs(lonely[0] - lonely[1])
            - JOINING * self.joined
        )

    def left_over(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How many words of each name found no partner."""
        matched = np.count_nonzero(self.partner >= 0, axis=1)
        return (
            (np.count_nonzero(self.one, axis=1) - matched).astype(np.float32),
            (np.count_nonzero(self.other, axis=1) - matched).astype(np.float32),
        )

    def put(self, rows: NDArray[np.intp], better: Aligned, which: NDArray[np.intp]) -> None:
        """Take over ``better[which]`` into ``rows``."""
        for name in ("one", "other", "partner", "bits", "cost", "common"):
            into, value = getattr(self, name), getattr(better, name)[which]
            into[rows] = 0 if name != "partner" else -1
            into[rows, : value.shape[1]] = value
        self.joined[rows] = better.joined[which]


def population_of(words: Words, one: Ids, other: Ids) -> NDArray[np.uint8]:
    """Whose custom of spelling each pair of names follows; 0 where nothing says so, or the names do not agree."""
    speaks = [words.columns.customs[ids].astype(np.uint16).sum(axis=1) for ids in (one, other)]
    best = [np.argmax(each, axis=1) for each in speaks]
    strong = [each.max(axis=1) >= 30 for each in speaks]
    joint = np.minimum(*speaks)
    agreed = np.argmax(joint, axis=1)
    same = (best[0] == best[1]) & strong[0] & strong[1]
    return np.where(same, best[0], np.where(joint.max(axis=1) >= 50, agreed, 0)).astype(np.uint8)


def align(words: Words, one: Ids, other: Ids, populations: NDArray[np.uint8]) -> Aligned:
    """Align names given as rows of word numbers, filled up with 0."""

    def way(one: Ids, other: Ids, populations: NDArray[np.uint8]) -> Aligned:
        return _align(words, one, other, populations)

    found = way(one, other, populations)
    join(words, found, way)
    return found


def join(words: Words, found: Aligned, way: Way) -> None:
    """Take, again and again, two neighbours for one word where that is worth more."""
    for _ in range(_JOIN_ROUNDS):
        if not _join(words, found, way):
            break


def _align(words: Words, one: Ids, other: Ids, populations: NDArray[np.uint8]) -> Aligned:
    count, wide, high = len(one), one.shape[1], other.shape[1]
    weight = np.full((count, wide, high), UNEQUAL, np.float32)
    cost = np.full((count, wide, high), FAR, np.float32)
    common = np.zeros((count, wide, high), np.float32)
    row, at, to = np.nonzero((one != 0)[:, :, None] & (other != 0)[:, None, :])
    a, b = one[row, at], other[row, to]
    cost[row, at, to], common[row, at, to], weight[row, at, to] = weigh(words, a, b, populations[row])
    return _assign(one, other, populations, weight, cost, common)


def weigh(
    words: Words, a: Ids, b: Ids, populations: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Of pairs of words: cost, rarity and weight, in bits."""
    rarity, limit = reach(words, a, b, populations)
    kinds, kind_b = words.columns.kind[a], words.columns.kind[b]
    plain = np.flatnonzero(comparable(kinds, kind_b))
    cost = np.full(len(a), FAR, np.float32)
    cost[plain] = words.costs(a[plain], b[plain], populations[plain], limit[plain])
    single = np.flatnonzero((kinds == INITIAL) ^ (kind_b == INITIAL))
    if len(single):
        cost[single] = np.where(_begins(words, a[single], b[single]), 0.0, FAR)
    return cost, rarity, np.where(cost < FAR, rarity - cost, UNEQUAL).astype(np.float32)


def _begins(words: Words, a: Ids, b: Ids) -> Any:
    """Whether words begin with the same letter."""
    held = words.columns
    return held.codes[held.reading[held.first[a]], 0] == held.codes[held.reading[held.first[b]], 0]


def reach(
    words: Words, a: Ids, b: Ids, populations: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How rare the commoner of two words is, and how much their spellings may differ, in bits."""
    held = words.columns
    rarity = np.minimum(held.bits[a, populations], held.bits[b, populations]) * np.float32(TENTH)
    short = np.minimum(held.sounds[held.own[a]], held.sounds[held.own[b]])
    return rarity, np.minimum(rarity - APART, REACH + REACH_BY_SOUND * short).astype(np.float32)


def comparable(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> Any:
    """A legal form or a particle is compared with its like; names, also second ones, with one another."""
    named = ((a == NAME) | (a == NICKNAME) | (a == PARTICLE)) & ((b == NAME) | (b == NICKNAME) | (b == PARTICLE))
    return named | ((a == b) & ((a == FORM) | (a == INITIAL)))


def _assign(
    one: Ids,
    other: Ids,
    populations: NDArray[np.uint8],
    weight: NDArray[np.float32],
    cost: NDArray[np.float32],
    common: NDArray[np.float32],
) -> Aligned:
    count, wide, high = weight.shape
    left = weight.reshape(count, wide * high).copy()
    squares = left.reshape(count, wide, high)
    found = Aligned(
        one.copy(), other.copy(), populations, np.full((count, wide), -1, np.int8), np.zeros((count, wide), np.float32),
        np.zeros((count, wide), np.float32), np.zeros((count, wide), np.float32), np.zeros(count, np.uint8),
    )  # fmt: skip
    rows = np.arange(count)
    for _ in range(min(wide, high)):
        best = np.argmax(left[rows], axis=1)
        good = left[rows, best] > APART
        rows, best = rows[good], best[good]
        if not len(rows):
            break
        at, to = best // high, best % high
        found.partner[rows, at] = to
        found.bits[rows, at] = left[rows, best]
        found.cost[rows, at] = cost[rows, at, to]
        found.common[rows, at] = common[rows, at, to]
        squares[rows, at, :] = UNEQUAL * 2
        squares[rows, :, to] = UNEQUAL * 2
    return found


def _join(words: Words, found: Aligned, way: Way) -> bool:
    """Try, where a name has more words than the other, to take two neighbours for one; keep what is worth more."""
    counts = [np.count_nonzero(ids, axis=1) for ids in (found.one, found.other)]
    matched = np.count_nonzero((found.partner >= 0) & (found.bits > DOUBTFUL), axis=1)
    rows = np.flatnonzero((counts[0] != counts[1]) & (np.minimum(*counts) > matched))
    if len(rows):
        rows = rows[_alike(words, found.one[rows], found.other[rows])]
    better = False
    for side in (0, 1):
        some = rows[counts[side][rows] > counts[1 - side][rows]]
        if len(some):
            better |= _join_rows(words, found, some, side, way)
    return better


def _alike(words: Words, one: Ids, other: Ids) -> Any:
    """Whether two names have nearly the same consonants, and as many sounds."""
    held = words.columns
    seen = []
    for ids in (one, other):
        mask, size = np.zeros(len(ids), np.uint32), np.zeros(len(ids), np.int32)
        for column in ids.T:
            first = held.reading[held.first[column]]
            mask |= np.where(column != 0, held.mask[first], np.uint32(0))
            size += np.where(column != 0, held.sounds[first], np.uint8(0))
        seen.append((mask, size))
    return (np.bitwise_count(seen[0][0] ^ seen[1][0]) <= 2) & (np.abs(seen[0][1] - seen[1][1]) <= 3)


def _join_rows(words: Words, found: Aligned, rows: NDArray[np.intp], side: int, way: Way) -> bool:
    ids = found.one if side == 0 else found.other
    tried, origin = [], []
    kind, script = words.columns.kind, words.columns.script
    for row in rows.tolist():
        name = [each for each in ids[row].tolist() if each]
        for at in range(len(name) - 1):
            first, next_ = name[at], name[at + 1]
            if kind[first] in _WRITTEN and kind[next_] in _WRITTEN and script[first] == script[next_]:
                joined = [*name[:at], words.join(first, next_), *name[at + 2 :]]
                tried.append(joined + [0] * (ids.shape[1] - len(joined)))
                origin.append(row)
    if not tried:
        return False
    source = np.array(origin)
    new = np.array(tried, np.int32)
    one, two = (new, found.other[source]) if side == 0 else (found.one[source], new)
    other = way(one, two, found.populations[source])
    other.joined[:] = found.joined[source] + 1
    rows, back = np.unique(source, return_inverse=True)
    value, now = other.total(), found.of(rows).total()[back]
    order = np.lexsort((-value, source))
    first = order[np.unique(source[order], return_index=True)[1]]
    gains = first[value[first] > now[first] + 0.5]
    found.put(source[gains], other, gains)
    return len(gains) > 0
