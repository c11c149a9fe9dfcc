"""The index of names: in this process, in memory, changed with each fact, and nothing of it readable on a disk.

A question goes four ways, all of them cheap: its words find words that sound alike (``keys``), those find names; the consonants of the
whole name find names that are cut into words elsewhere; the day of birth finds who was born then; and what was added last is
looked at always. The best some dozens of them are compared with care by ``score``, which also says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spean.core.errors import InvalidInput
from spean.matching.index import compiled, keys
from spean.matching.index.compiled import Loops
from spean.matching.index.fit import MOST, refit
from spean.matching.index.kernel_names import Rows, Wanted
from spean.matching.index.postings import Postings
from spean.matching.index.sounding import Sounding
from spean.matching.names.model import Kind
from spean.matching.score import births
from spean.matching.score.align import MOST_WORDS, Aligned, join, population_of
from spean.matching.score.costs import FAR, LATIN
from spean.matching.score.frequency import NUMBER
from spean.matching.score.score import PRIOR, Judge, Judged, judge, together
from spean.matching.score.sentence import Sentence, clauses
from spean.matching.score.words import INITIAL, NAME, NICKNAME, Ids

CANDIDATES = 6_000
"""Names that are looked at roughly for one question."""
COMPARED = 60
"""Names that are compared with care."""
_JOINED = ("word", "cost", "worth", "begin", "end")
SURELY = 6.0
"""Bits from which on a name counts as found, so that it is not asked for in another cut of its words."""
_WAITING = 512
_WAITING_SHARE, _FILLING_SHARE = 500, 8
"""The postings are made anew when more names than one of so many were added; while a list is being filled, when it has grown by an eighth."""
_COMBINATIONS = 24


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
        self._sign = np.zeros(256, np.uint64)
        self._rows_of: dict[str, list[int]] | None = None
        self._alive = 0
        self.filling = False
        """Whether many names are on their way: then questions meanwhile look at more new names instead of making the postings anew each time."""
        self._settled = 0
        self._by_word = Postings(np.zeros(0, np.int32), np.zeros(0, np.int32))
        self._sounding = Sounding(self.judge.words)
        self._fresh_upto = 0
        self._by_run = Postings(np.zeros(0, np.uint64), np.zeros(0, np.int32))
        self._by_birth = Postings(np.zeros(0, np.int32), np.zeros(0, np.int32))
        self._seen = np.zeros(256, np.bool_)
        self._worth = self._cost = np.zeros((MOST_WORDS, 0), np.float32)

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
        self._widen(len(words))
        self._names[row, : len(words)] = words
        self._births[row], self._firms[row] = born, kind == "organisation"
        self._ids.append(id)
        self._written.append(name)
        if self._rows_of is not None:
            self._rows_of.setdefault(id, []).append(row)
        self._alive += 1

    def add_many(
        self, ids: Sequence[str], names: Sequence[str], births: Sequence[int], kinds: Sequence[Kind] | None = None
    ) -> None:
        """Add names that stand side by side with their ids and dates (numbers of ``births``): their words are read together.

        ``kinds``: None where all are persons. The order is kept; the same as so many ``add``.
        """
        table = self.judge.reader.table(names, kinds)
        row, upto = len(self._ids), len(self._ids) + len(ids)
        if upto > len(self._births):
            self._grow(max(upto, 2 * len(self._births)))
        self._widen(table.shape[1])
        self._names[row:upto, : table.shape[1]] = table
        self._births[row:upto] = births
        self._firms[row:upto] = False if kinds is None else [kind == "organisation" for kind in kinds]
        self._ids += ids
        self._written += names
        if self._rows_of is not None:
            for at, id in enumerate(ids, row):
                self._rows_of.setdefault(id, []).append(at)
        self._alive += len(ids)

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
            self._names[row], self._births[row], self._sign[row] = 0, 0, 0
            self._ids[row] = self._written[row] = ""
        self._alive -= len(rows)
        return len(rows)

    def settle(self) -> None:
        """Make the postings anew; ``search`` does so by itself when enough was added."""
        count = len(self._ids)
        row, place = np.nonzero(self._names[:count])
        self._by_word = Postings(self._names[row, place], row.astype(np.int32))
        self._sounding.settle(self._by_word, count)
        self._sign[:count] = self._signs(self._names[:count])
        live = np.flatnonzero(~self._gone[:count]).astype(np.int32)
        self._by_run = Postings(self._run(self._names[live]), live)
        born = live[self._births[live] > 0]
        self._by_birth = Postings(self._births[born], born)
        self._settled = self._fresh_upto = count

    def _freshen(self) -> None:
        """Look at the names that were added since."""
        some = slice(self._settled, len(self._ids))
        self._sounding.fresh(np.unique(self._names[some]))
        self._sign[some] = self._signs(self._names[some])
        self._fresh_upto = len(self._ids)

    def _run(self, names: Ids) -> NDArray[np.uint64]:
        held = self.judge.words.columns
        whole = keys.packed(held.codes)
        first = whole[held.reading[held.first[names]]]
        return keys.run(np.where((names != 0) & (held.many[names] > 0), first, np.uint64(0)))

    def _signs(self, names: Ids) -> NDArray[np.uint64]:
        """The letters and pairs of letters of whole names, by which those that share no key are still told apart."""
        held = self.judge.words.columns
        signs = np.where(names != 0, held.sign[held.reading[held.first[names]]], np.uint64(0))
        found: NDArray[np.uint64] = np.bitwise_or.reduce(signs, axis=1)
        return found

    def _widen(self, words: int) -> None:
        if words > self._names.shape[1]:
            self._names = np.pad(self._names, ((0, 0), (0, words - self._names.shape[1])))

    def _grow(self, size: int) -> None:
        for name in ("_names", "_births", "_firms", "_gone", "_sign", "_seen"):
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
        if count - self._settled > max(_WAITING, count // (_FILLING_SHARE if self.filling else _WAITING_SHARE)):
            self.settle()
        born = births.parse(birth) if isinstance(birth, str) else birth
        most = max(k, MOST)
        words = self.judge.reader.ids(name, kind)
        rows, judged = self._asked(words, born, kind, most)
        if not len(rows) or float(judged.total[0]) < SURELY:
            whole = self.judge.reader.whole(name, kind)
            if whole:
                rows, judged = _either((rows, judged), self._asked(whole, born, kind, most), most)
        native = kind == "person" and len(words) > 0 and self.judge.words.columns.script[words[0]] != LATIN
        if native and refit(name, kind, [self._written[row] for row in rows[:MOST].tolist()], judged.first(MOST)):
            order = np.lexsort((rows, -judged.total))
            rows, judged = rows[order], judged.only(order)
        return rows[:k], judged.first(k)

    def _asked(self, words: tuple[int, ...], born: int, kind: Kind, most: int) -> tuple[NDArray[np.intp], Judged]:
        """Rows of the likeliest names for these words, at most ``most``, and what was found about each."""
        query = np.array(words, np.int32)
        if not words:
            nobody = np.zeros((0, 1), np.int32)
            return np.zeros(0, np.intp), self.judge.rows(nobody, nobody, np.zeros(0, np.uint8))
        if self._fresh_upto != len(self._ids):
            self._freshen()
        loops = compiled.loops()
        organisation = kind == "organisation"
        population = (
            NUMBER["org"] if organisation else int(population_of(self.judge.words, query[None, :], query[None, :])[0])
        )
        near = self._sounding.near(words, population, loops)
        wanted = Wanted(
            np.cumsum([0, *(len(each.word) for each in near)]),
            np.array([each.rare for each in near], np.float32),
            *(np.concatenate([getattr(each, name) for each in near]) for name in _JOINED),
        )
        rows = self._rows(query, wanted, born, COMPARED + most, loops)
        said = births.said(np.int32(born), self._births[rows]) if born else np.zeros(len(rows), np.uint8)
        firms = self._firms[rows] if organisation else np.zeros(len(rows), np.bool_)
        judged = self._compare(query, rows, wanted, said, firms, loops)
        order = np.lexsort((rows, -judged.total))[:most]
        return rows[order], judged.only(order)

    def _rows(self, query: Ids, wanted: Wanted, born: int, most: int, loops: Loops) -> NDArray[np.int64]:
        """The rows that may be the name."""
        total = len(self.judge.words)
        if total > self._worth.shape[1]:
            self._worth = np.zeros((MOST_WORDS, 2 * total), np.float32)
            self._cost = np.full_like(self._worth, FAR)
        held = Rows(self._names, self._births, self._sign)
        others = self._by_run.get(self._runs(query, loops))
        if born % 100:
            others = np.concatenate([others, self._by_birth.get(np.array([born], np.int32))])
        found = np.empty(CANDIDATES + len(others) + len(self._ids) - self._settled, np.int64)
        count = loops.candidates(
            held, wanted, self._by_word.places, others, self._settled, len(self._ids), self._seen, found
        )
        sign = self._signs(query[None, :])[0]
        count = loops.likeliest(held, wanted, found, count, self._worth, born, sign, most)
        return found[:count]

    def _compare(
        self, query: Ids, rows: NDArray[np.int64], wanted: Wanted, said: NDArray[np.uint8], firms: NDArray[np.bool_], loops: Loops
    ) -> Judged:  # fmt: skip
        words = self.judge.words
        names = self._names[rows]

        def way(one: Ids, other: Ids, populations: NDArray[np.uint8]) -> Aligned:
            same = one[:, :, None] == query
            places = np.where(same.any(axis=2), same.argmax(axis=2), -1)
            partner, bits, cost, common = loops.aligned(
                words.held(), one, places, other, populations, wanted, self._cost
            )
            return Aligned(one, other, populations, partner, bits, cost, common, np.zeros(len(one), np.uint8))

        populations = loops.populations(words.held(), query, names, firms, NUMBER["org"])
        found = way(np.repeat(query[None, :], len(rows), axis=0), names, populations)
        join(words, found, way)
        return judge(words, found, said, firms)

    def _runs(self, query: Ids, loops: Loops) -> NDArray[np.uint64]:
        """The consonants of the whole name."""
        found = np.empty(3 * _COMBINATIONS, np.uint64)
        kind = self.judge.words.columns.kind[query]
        name = query[(kind == NAME) | (kind == NICKNAME) | (kind == INITIAL)]
        return found[: loops.runs(self.judge.words.held(), name, found)]


def _either(
    one: tuple[NDArray[np.intp], Judged], other: tuple[NDArray[np.intp], Judged], most: int
) -> tuple[NDArray[np.intp], Judged]:
    """What was found by either question, each row once, by the better one."""
    rows, judged = np.concatenate([one[0], other[0]]), together([one[1], other[1]])
    order = np.lexsort((rows, -judged.total))
    _, first = np.unique(rows[order], return_index=True)
    order = order[np.sort(first)][:most]
    return rows[order], judged.only(order)
