"""From a word to the words of the list that may be it, with what it costs to read one as the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spean.matching.index import keys
from spean.matching.index.postings import Postings
from spean.matching.score.align import APART, eased, reach
from spean.matching.score.costs import FAR, LATIN
from spean.matching.score.words import Ids, Words

COMPARED = 160
"""Pairs of spellings of one word that are compared with care."""
_SOUNDING = 20_000


class Near(NamedTuple):
    """Words of the list near the words asked for: which of these, the word, its cost and how rare the commoner of both is, in bits."""

    place: NDArray[np.intp]
    word: Ids
    cost: NDArray[np.float32]
    common: NDArray[np.float32]


class _Entries(NamedTuple):
    """Readings of words: the word, the spelling, its surprise in bits."""

    word: Ids
    spelling: Ids
    bits: NDArray[np.float32]


class Sounding:
    """The readings of all words of a list under their keys."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._entries = self._fresh = self._of(np.zeros(0, np.int32))
        self._by_key = Postings(np.zeros(0, np.uint64), np.zeros(0, np.int32))

    def settle(self, listed: Ids) -> None:
        """Hold exactly these words."""
        held = self.words.columns
        self._entries = self._of(listed)
        whole = keys.packed(held.codes)[self._entries.spelling]
        sound, entry = keys.every(whole)
        self._by_key = Postings(sound, entry.astype(np.int32))
        self.fresh(np.zeros(0, np.int32))

    def fresh(self, listed: Ids) -> None:
        """Words that were added since; they are looked at always."""
        self._fresh = self._of(listed)

    def _of(self, listed: Ids) -> _Entries:
        held = self.words.columns
        listed = listed[listed > 0]
        many = held.many[listed].astype(np.int64)
        word = np.repeat(listed, many)
        at = held.first[word] + np.arange(len(word)) - np.repeat(np.cumsum(many) - many, many)
        return _Entries(word, held.reading[at], held.surprise[at])

    def near(self, query: Ids, population: int) -> Near:
        """What may be one of the words ``query``, each word once for each of them."""
        pairs = [self._pairs(word) for word in query.tolist()]
        place = np.repeat(np.arange(len(query)), [len(left) for left, _, _, _ in pairs])
        left, right, bits, word = (np.concatenate(column) for column in zip(*pairs, strict=True))
        cost, common = self._costs(query[place], word, left, right, bits, population)
        order = np.lexsort((cost, word, place))
        place, word, cost, common = place[order], word[order], cost[order], common[order]
        first = np.ones(len(word), np.bool_)
        first[1:] = (word[1:] != word[:-1]) | (place[1:] != place[:-1])
        first &= cost < FAR
        return Near(place[first], word[first], cost[first], common[first])

    def _pairs(self, word: int) -> tuple[Ids, Ids, NDArray[np.float32], Ids]:
        """Spellings of a word beside spellings of the list, the likeliest pairs; and which words of the list these are."""
        held = self.words.columns
        first = int(held.first[word])
        asked = list(zip(
            held.reading[first : first + int(held.many[word])].tolist(), held.surprise[first : first + int(held.many[word])].tolist(),
            strict=True,
        ))  # fmt: skip
        asked += self.words.others(word)
        sounds = [keys.of(self.words.letters(each)) for each, _ in asked]
        owner = np.repeat(np.arange(len(asked)), [len(each) for each in sounds])
        which, entry = self._by_key.each(np.array([key for each in sounds for key in each], np.uint64), _SOUNDING)
        listed, fresh = self._entries, self._fresh
        who = np.concatenate([owner[which], np.repeat(np.arange(len(asked)), len(fresh.word))])
        spelling = np.array([each for each, _ in asked], np.int32)[who]
        right = np.concatenate([listed.spelling[entry], np.tile(fresh.spelling, len(asked))])
        bits = np.array([bits for _, bits in asked], np.float32)[who]
        bits += np.concatenate([listed.bits[entry], np.tile(fresh.bits, len(asked))])
        words = np.concatenate([listed.word[entry], np.tile(fresh.word, len(asked))])
        if held.script[word] != LATIN:
            other = np.flatnonzero(held.script[words] != held.script[word])
            same = np.unique(words[held.script[words] == held.script[word]])
        else:
            other, same = np.arange(len(words)), words[:0]
        if len(other) > COMPARED:
            unlike = np.bitwise_count(held.sign[spelling[other]] ^ held.sign[right[other]]) + 2.0 * bits[other]
            other = other[np.argpartition(unlike, COMPARED)[:COMPARED]]
        own = np.full(len(same), -1, np.int32)
        return (
            np.concatenate([spelling[other], own]), np.concatenate([right[other], own]),
            np.concatenate([bits[other], np.zeros(len(same), np.float32)]), np.concatenate([words[other], same]),
        )  # fmt: skip

    def _costs(
        self, asked: Ids, word: Ids, left: Ids, right: Ids, bits: NDArray[np.float32], population: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        held = self.words.columns
        one = np.full(len(asked), population, np.uint8)
        common, limit = reach(self.words, asked, word, one)
        cost = np.where(left == right, 0.0, FAR).astype(np.float32)
        script = np.maximum(held.script[asked], held.script[word])
        table = np.where(script == LATIN, self.words.tables[population], self.words.reading_table[script]).astype(
            np.uint8
        )
        some = np.flatnonzero((left != right) & (bits <= limit))
        cost[some] = self.words.by_spelling(
            left[some], right[some], table[some], limit[some] - bits[some], np.ones(len(some), np.bool_)
        )
        cost += bits
        direct = np.flatnonzero(left < 0)
        if len(direct):
            cost[direct] = self.words.costs(asked[direct], word[direct], one[direct], limit[direct])
        cost = eased(self.words, asked, word, np.minimum(cost, np.float32(FAR)))
        cost[common - cost < APART] = FAR
        return cost, common
