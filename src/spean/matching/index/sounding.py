"""From a word to the words of the list that may be it, with what it costs to read one as the other.

What was found for a word is kept until the list changes: family names come again and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spean.matching.index import keys
from spean.matching.index.compiled import PLAIN, Loops
from spean.matching.index.kernels import Listed, Lists
from spean.matching.index.postings import Postings, Starts
from spean.matching.score.words import Ids, Words

COMPARED = 80
"""Spellings of the list that are compared with care for one word."""
_SOUNDING = 20_000
_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Near:
    """Words of the list that may be a word asked for, those worth most first. ``begin`` and ``end``: their rows in the postings."""

    word: Ids
    cost: NDArray[np.float32]
    rare: np.float32
    """How rarely somebody's name has the very word asked for, in bits, after this list."""
    worth: NDArray[np.float32]
    begin: Starts
    end: Starts


class Sounding:
    """The readings of all words of a list under their keys."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._rows = Postings(np.zeros(0, np.int32), np.zeros(0, np.int32))
        self._names = 0
        self._known: dict[tuple[int, int], Near] = {}
        self._listed = self._fresh = self._of(np.zeros(0, np.int32))
        self._by_key = Postings(np.zeros(0, np.uint64), np.zeros(0, np.int32))
        self._seen = np.zeros(0, np.bool_)

    def settle(self, rows: Postings, names: int) -> None:
        """Hold exactly the words of these postings, in which ``names`` names have their rows."""
        self._rows, self._names = rows, names
        self._listed = self._of(rows.numbers)
        sound, place = keys.every(keys.packed(self.words.columns.codes[self._listed.spelling]))
        self._by_key = Postings(sound, place.astype(np.int32))
        self._seen = np.zeros(len(self._listed.spelling), np.bool_)
        self.fresh(np.zeros(0, np.int32))

    def fresh(self, listed: Ids) -> None:
        """Words that were added since; they are looked at always."""
        self._fresh = self._of(listed)
        self._known.clear()

    def _of(self, listed: Ids) -> Listed:
        held = self.words.columns
        listed = listed[listed > 0]
        many = held.many[listed].astype(np.int64)
        word = np.repeat(listed, many)
        at = held.first[word] + np.arange(len(word)) - np.repeat(np.cumsum(many) - many, many)
        both = held.reading[at].astype(np.int64) << 8 | held.script[word]
        order = np.lexsort((held.surprise[at], both))
        both, start = np.unique(both[order], return_index=True)
        bits, spelling = held.surprise[at][order], (both >> 8).astype(np.int32)
        return Listed(
            spelling, (both & 0xFF).astype(np.uint8), held.sign[spelling], held.sound[spelling],
            np.minimum(2.0 * bits[start], 60.0).astype(np.uint8), np.append(start, len(word)), word[order], bits,
        )  # fmt: skip

    def near(self, query: Sequence[int], population: int, loops: Loops = PLAIN) -> list[Near]:
        """What may be each of the words ``query``, for names of a population's customs."""
        if len(self._known) > _KEPT:
            self._known.clear()
        found = []
        for word in query:
            near = self._known.get((word, population))
            if near is None:
                near = self._known[word, population] = self._near(word, population, loops)
            found.append(near)
        return found

    def _near(self, word: int, population: int, loops: Loops) -> Near:
        asked, bits = self._asked(word)
        by_key = Lists(self._by_key.numbers, self._by_key.starts, self._by_key.places)
        rows = Lists(self._rows.numbers, self._rows.starts, self._rows.places)
        return Near(
            *loops.near(
                self.words.held(), word, population, asked, bits, by_key, self._listed, self._fresh, self._seen, rows, self._names, COMPARED,
                _SOUNDING,
            )
        )  # fmt: skip

    def _asked(self, word: int) -> tuple[Ids, NDArray[np.float32]]:
        """The ways to spell a word, with what each surprises."""
        held = self.words.columns
        some = slice(int(held.first[word]), int(held.first[word]) + int(held.many[word]))
        spelling, bits = held.reading[some], held.surprise[some]
        others = self.words.others(word)
        if others:
            more, further = zip(*others, strict=True)
            spelling = np.concatenate([spelling, np.array(more, np.int32)])
            bits = np.concatenate([bits, np.array(further, np.float32)])
        return spelling, bits
