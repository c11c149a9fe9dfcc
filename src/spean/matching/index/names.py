"""The index of names: in this process, in memory, changed with each fact, and nothing of it readable on a disk.

A question goes four ways, all of them cheap: its words find words that sound alike (``keys``), those find names; the consonants of the
whole name find names that are cut into words elsewhere; the day of birth finds who was born then; and what was added last is
looked at always. The best some dozens of them are compared with care by ``score``, which also says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from spean.core.errors import InvalidInput
from spean.matching.index import keys
from spean.matching.index.postings import Postings
from spean.matching.index.sounding import Near, Sounding
from spean.matching.names.model import Kind
from spean.matching.score import births
from spean.matching.score.align import MOST_WORDS, population_of
from spean.matching.score.frequency import MOST, NUMBER, at_length
from spean.matching.score.score import PRIOR, Judge, Judged
from spean.matching.score.sentence import Sentence, clauses
from spean.matching.score.words import INITIAL, NAME, NICKNAME, TENTH, Ids

CANDIDATES = 6_000
"""Names that are looked at roughly for one question."""
COMPARED = 40
"""Names that are compared with care."""
PRESUMED = 200.0
"""So many people of the population at large are counted to those of the list when its words are weighed."""
COMMONER = 2.0
"""Bits by which a word may be rarer in a list than it is at large."""
SEEN_ONCE = 0.5
"""How much less than its count a word of the list proves: what stands there once is rarer than that."""
_WAITING = 512
_WAITING_SHARE = 500
_AT_LEAST = 500
_RESEMBLING, _UNLIKE = 1200, np.float32(0.12)
_COMBINATIONS = 24
_SLIPS = np.array(sorted(digit * 10**place for digit in range(1, 10) for place in range(8)), np.int32)
"""How far two dates are apart that differ by one digit."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer: the id it was added under, the name as written, how likely it is the one asked for, and the reason."""

    id: str
    name: str
    score: float
    bits: float
    why: Sentence
    weights: dict[str, float]
    said: int
    """What the dates of birth say: ``births.Said``."""

    @property
    def sentence(self) -> str:
        """``why`` in English."""
        return "; ".join(template.format(**values) for template, values in self.why)


class NameIndex:
    """Names with an id each; an id may have several names. One thread at a time."""

    def __init__(self, judge: Judge | None = None) -> None:
        self.judge = Judge() if judge is None else judge
        self._ids: list[str] = []
        self._written: list[str] = []
        self._names = np.zeros((256, 4), np.int32)
        self._births = np.zeros(256, np.int32)
        self._firms = np.zeros(256, np.bool_)
        self._gone = np.zeros(256, np.bool_)
        self._rows_of: dict[str, list[int]] | None = None
        self._alive = 0
        self._settled = 0
        self._by_word = Postings(np.zeros(0, np.int32), np.zeros(0, np.int32))
        self._sounding = Sounding(self.judge.words)
        self._fresh_upto = 0
        self._by_run = Postings(np.zeros(0, np.uint64), np.zeros(0, np.int32))
        self._by_birth = Postings(np.zeros(0, np.int32), np.zeros(0, np.int32))
        self._weight = np.zeros((MOST_WORDS, 256), np.float32)
        self._rare = np.zeros(0, np.float32)

    def __len__(self) -> int:
        return self._alive

    # --- Changing ----------------------------------------------------------------------------------------------------

    def add(self, id: str, name: str, *, birth: str | int = 0, kind: Kind = "person") -> None:
        """Add a name. A date as text is read by ``births.parse``. Raises ``InvalidInput`` for a date that is none."""
        words = self.judge.reader.ids(name, kind)
        born = births.parse(birth) if isinstance(birth, str) else birth
        row = len(self._ids)
        if row == len(self._births):
            self._grow(2 * row)
        if len(words) > self._names.shape[1]:
            self._names = np.pad(self._names, ((0, 0), (0, len(words) - self._names.shape[1])))
        self._names[row, : len(words)] = words
        self._births[row], self._firms[row] = born, kind == "organisation"
        self._ids.append(id)
        self._written.append(name)
        if self._rows_of is not None:
            self._rows_of.setdefault(id, []).append(row)
        self._alive += 1

    def remove(self, id: str) -> int:
        """Take every name of an id out; how many there were. Nothing of them is kept but an empty row."""
        if self._rows_of is None:
            self._rows_of = {}
            for row, each in enumerate(self._ids):
                if not self._gone[row]:
                    self._rows_of.setdefault(each, []).append(row)
        rows = self._rows_of.pop(id, [])
        for row in rows:
            self._gone[row] = True
            self._names[row], self._births[row] = 0, 0
            self._ids[row] = self._written[row] = ""
        self._alive -= len(rows)
        return len(rows)

    def settle(self) -> None:
        """Make the postings anew; ``search`` does so by itself when enough was added."""
        count = len(self._ids)
        row, at = np.nonzero(self._names[:count])
        self._by_word = Postings(self._names[row, at], row.astype(np.int32))
        self._sounding.settle(np.unique(self._names[:count]))
        live = np.flatnonzero(~self._gone[:count]).astype(np.int32)
        self._by_run = Postings(self._run(self._names[live]), live)
        born = live[self._births[live] > 0]
        self._by_birth = Postings(self._births[born], born)
        self._settled = self._fresh_upto = count

    def _run(self, names: Ids) -> NDArray[np.uint64]:
        held = self.judge.words.columns
        whole = keys.packed(held.codes)
        first = whole[held.reading[held.first[names]]]
        return keys.run(np.where((names != 0) & (held.many[names] > 0), first, np.uint64(0)))

    def _grow(self, size: int) -> None:
        for name in ("_names", "_births", "_firms", "_gone"):
            array = getattr(self, name)
            wide = np.zeros((size, *array.shape[1:]), array.dtype)
            wide[: len(array)] = array
            setattr(self, name, wide)

    # --- Asking ------------------------------------------------------------------------------------------------------

    def search(
        self, name: str, *, birth: str | int = 0, kind: Kind = "person", k: int = 10, prior: float = PRIOR
    ) -> list[Hit]:
        """The ``k`` likeliest names, best first. Raises ``InvalidInput`` for a date that is none, or ``k`` under 1."""
        if k < 1:
            raise InvalidInput("k", "at least one answer is asked for", remedy="ask for 1 or more")
        rows, judged = self.ranked(name, birth=birth, kind=kind, k=k)
        return [
            Hit(
                id=self._ids[row], name=self._written[row], score=score, bits=bits, why=clauses(*finding), weights=weights,
                said=finding[2],
            )
            for row, score, bits, finding, weights in zip(
                rows.tolist(), judged.score(prior).tolist(), judged.total.tolist(), judged.findings(), judged.all_weights(), strict=True
            )
        ]  # fmt: skip

    def ranked(
        self, name: str, *, birth: str | int = 0, kind: Kind = "person", k: int = 10
    ) -> tuple[NDArray[np.intp], Judged]:
        """Rows of the likeliest names, best first, and what was found about each."""
        count = len(self._ids)
        if count - self._settled > max(_WAITING, count // _WAITING_SHARE):
            self.settle()
        words = self.judge.reader.ids(name, kind)
        born = births.parse(birth) if isinstance(birth, str) else birth
        query = np.array(words, np.int32)
        if not words:
            nobody = np.zeros((0, 1), np.int32)
            return np.zeros(0, np.intp), self.judge.rows(nobody, nobody, np.zeros(0, np.uint8))
        near = self._alike(query, kind)
        rows = self._candidates(query, near, born)
        if len(rows) > COMPARED + k:
            rough = self._roughly(query, rows)
            if born:
                rough += _by_birth(born, self._births[rows])
            rows, rough = _best(rows, rough, _RESEMBLING)
            rough = rough - _UNLIKE * np.bitwise_count(self._signs(self._names[rows]) ^ self._signs(query[None, :]))
            rows, _ = _best(rows, rough, COMPARED + k)
        said = births.said(np.int32(born), self._births[rows]) if born else np.zeros(len(rows), np.uint8)
        judged = self._compare(query, rows, said, kind)
        self._weight[near.place, near.word] = 0.0
        order = np.lexsort((rows, -judged.total))[:k]
        return rows[order], judged.only(order)

    def _alike(self, query: Ids, kind: Kind) -> Near:
        """The words of the list that may be those asked for; what they weigh goes into ``_weight``."""
        total = len(self.judge.words)
        if total > self._weight.shape[1]:
            self._weight = np.zeros((MOST_WORDS, 2 * total), np.float32)
        if self._fresh_upto != len(self._ids):
            self._sounding.fresh(np.unique(self._names[self._settled : len(self._ids)]))
            self._fresh_upto = len(self._ids)
        population = int(population_of(self.judge.words, query[None, :], query[None, :])[0])
        near = self._sounding.near(query, NUMBER["org"] if kind == "organisation" else population)
        self._rare = self._rarity(query, near, NUMBER["org"] if kind == "organisation" else population)
        self._weight[near.place, near.word] = np.maximum(self._rare[near.place] - near.cost, 0.01)
        return near

    def _rarity(self, query: Ids, near: Near, population: int) -> NDArray[np.float32]:
        """How rarely somebody's name has each of the very words asked for, in bits.

        Either they bear a name of the list that is written so (each as often as the list has it, times how likely it is written so), or
        another one. A slip that is nobody's name is therefore told from a name that is another one.
        """
        held = self.judge.words.columns
        often = np.maximum(self._by_word.counts(near.word) - SEEN_ONCE, 0.0) * np.exp2(-near.cost)
        bits = held.bits[query, population] * np.float32(TENTH)
        longer = at_length(held.sounds[held.own[query]])
        bits = np.where(bits >= MOST, np.maximum(bits, longer), bits)
        share = (np.bincount(near.place, often, len(query)) + PRESUMED * np.exp2(-bits)) / (self._settled + PRESUMED)
        most = np.full(len(query), np.inf)
        nearest = np.lexsort((near.cost, near.place))
        nearest = nearest[np.unique(near.place[nearest], return_index=True)[1]]
        most[near.place[nearest]] = near.cost[nearest] + near.common[nearest] + COMMONER
        rarity: NDArray[np.float32] = np.minimum(-np.log2(share), most).astype(np.float32)
        return rarity

    def _candidates(self, query: Ids, near: Near, born: int) -> NDArray[np.intp]:
        found: list[NDArray[np.int32]] = [np.arange(self._settled, len(self._ids), dtype=np.int32)]
        worth = self._weight[near.place, near.word]
        sizes = np.bincount(near.place, self._by_word.counts(near.word), len(query))
        left = CANDIDATES
        for place in np.argsort(sizes, kind="stable").tolist():
            some = np.flatnonzero((near.place == place) & (worth > 0.01))
            best = near.word[some[np.argsort(-worth[some], kind="stable")]]
            found.append(self._by_word.get(best, max(left, _AT_LEAST)))
            left -= len(found[-1])
            if left <= 0:
                break
        found.append(self._by_run.get(self._runs(query)))
        if born % 100:
            found.append(self._by_birth.get(np.array([born], np.int32)))
        rows = np.unique(np.concatenate(found)).astype(np.intp)
        return rows[~self._gone[rows]]

    def _runs(self, query: Ids) -> NDArray[np.uint64]:
        """The consonants of the whole name in the orders and readings that people write most."""
        held = self.judge.words.columns
        name = [word for word in query.tolist() if held.kind[word] in (NAME, NICKNAME, INITIAL)]
        each = []
        for word in name:
            whole = dict.fromkeys(keys.of(codes)[0] for codes in self.judge.words.sounds_of(word)[:4])
            each.append(list(whole)[: 3 if len(name) < 4 else 1])
        found: set[int] = set()
        for some, _ in zip(product(*each), range(_COMBINATIONS), strict=False):
            found |= {keys.run_of(some), keys.run_of(some[1:] + some[:1]), keys.run_of(some[-1:] + some[:-1])}
        return np.fromiter(found, np.uint64, len(found))

    def _roughly(self, query: Ids, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """What the words of each name are worth, each taken for the word asked for that it is likest to."""
        names = self._names[rows]
        total = np.zeros(len(rows), np.float32)
        for place in range(len(query)):
            total += self._weight[place].take(names).max(axis=1)
        missing = np.abs(np.count_nonzero(names, axis=1) - len(query))
        rough: NDArray[np.float32] = total - np.float32(0.8) * missing
        return rough

    def _signs(self, names: Ids) -> NDArray[np.uint64]:
        """The letters and pairs of letters of whole names, by which those that share no key are still told apart."""
        held = self.judge.words.columns
        signs = np.where(names != 0, held.sign[held.reading[held.first[names]]], np.uint64(0))
        found: NDArray[np.uint64] = np.bitwise_or.reduce(signs, axis=1)
        return found

    def _compare(self, query: Ids, rows: NDArray[np.intp], said: NDArray[np.uint8], kind: Kind) -> Judged:
        rarity = dict(zip(query.tolist(), self._rare.tolist(), strict=True))

        def rare(a: Ids, _b: Ids, common: NDArray[np.float32]) -> NDArray[np.float32]:
            found = common.copy()
            for word, bits in rarity.items():
                found[a == word] = bits
            return found

        one = np.broadcast_to(query, (len(rows), len(query)))
        firms: NDArray[np.bool_] = np.logical_and(kind == "organisation", self._firms[rows])
        return self.judge.rows(np.ascontiguousarray(one), self._names[rows], said, firms, rare)


def _by_birth(born: int, births: NDArray[np.int32]) -> NDArray[np.float32]:
    """Roughly what ``births.said`` weighs: the same day, one digit or day and month changed, the same year where no more is known."""
    gap = np.abs(births - born)
    slip = np.isin(gap, _SLIPS) | ((gap < 1_200) & (gap % 99 == 0))
    vague = (births % 100 == 0) | (born % 100 == 0)
    same = np.where(vague & (gap < 10_000), np.float32(5.0), np.where(slip, np.float32(3.0), np.float32(-6.0)))
    return np.where(gap == 0, np.float32(13.5), np.where(births == 0, np.float32(0.0), same)).astype(np.float32)


def _best(
    rows: NDArray[np.intp], rough: NDArray[np.float32], most: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    if len(rows) <= most:
        return rows, rough
    best = np.argpartition(rough, -most)[-most:]
    return rows[best], rough[best]
