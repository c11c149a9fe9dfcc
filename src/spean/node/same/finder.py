"""Names in memory with what they belong to, found by how alike they are; numpy comes with the first question.

What is here was opened from sealed facts and is gone with the process. Each name is a row of word numbers; a question is scored against all
rows at once, so a spelling that no blocking key foresaw is found too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput
from spean.screening.model import Basis

if TYPE_CHECKING:
    from spean.matching.names.model import Kind

LEAST = 200
"""Probability in a thousand from which something is worth showing at all."""
_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Weight:
    """What one part of a comparison says, in tenths of a bit: for (positive) or against."""

    part: str
    tenths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Something whose name is alike. ``score``: probability in a thousand; ``name`` is the one that fits best."""

    reference: str
    score: int
    why: str
    basis: Basis
    name: str
    weights: tuple[Weight, ...] = ()


@dataclass(slots=True)
class _Row:
    reference: str
    name: str
    ids: tuple[int, ...]
    birth: int


@dataclass(slots=True)
class _Table:
    """Rows as arrays, made when they are asked after a change."""

    rows: list[_Row]
    ids: Any = None
    births: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is put into a finder."""

    reference: str
    names: tuple[str, ...]
    births: tuple[str, ...] = ()
    kind: Kind = "person"


@dataclass(slots=True)
class Finder:
    """Finds by name and birth date. Threads may share it."""

    _rows: dict[str, list[_Row]] = field(default_factory=dict)
    _table: _Table | None = None
    _judge: Any = None
    _guard: Any = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, entries: Iterable[Entry]) -> None:
        """Take entries in, each in place of what stood under its reference."""
        with self._guard:
            for entry in entries:
                rows = [
                    _Row(entry.reference, name, ids, birth)
                    for name in entry.names if (ids := self._reader().ids(name, entry.kind))
                    for birth in ([_birth(each) for each in entry.births] or [0])
                ]  # fmt: skip
                self._rows.pop(entry.reference, None)
                if rows:
                    self._rows[entry.reference] = rows
            self._table = None

    def drop(self, references: Iterable[str]) -> None:
        """Forget what stands under these references."""
        with self._guard:
            for reference in references:
                self._rows.pop(reference, None)
            self._table = None

    def search(self, names: Sequence[str], birth: str = "", *, most: int = 20, least: int = LEAST) -> list[Alike]:
        """What is alike, the likeliest first: one line for each reference. An empty list for names without a letter."""
        with self._guard:
            table = self._arrays()
            best: dict[str, Alike] = {}
            for name in names:
                for found in self._one(table, name, _birth(birth), least):
                    if found.reference not in best or best[found.reference].score < found.score:
                        best[found.reference] = found
        return sorted(best.values(), key=lambda each: (-each.score, each.reference))[:most]

    def compare(self, one: Entry, other: Entry) -> Alike | None:
        """The best comparison of any name of one with any of the other; None when neither has a letter."""
        apart = Finder(_judge=self._judge)
        apart.put([other])
        found = [each for birth in one.births or ("",) for each in apart.search(one.names, birth, most=1, least=0)]
        return max(found, key=lambda each: each.score, default=None)

    def _one(self, table: _Table, name: str, birth: int, least: int) -> Iterable[Alike]:
        import numpy as np

        from spean.matching.score import births
        from spean.matching.score.sentence import sentences

        asked = self._reader().ids(name)
        if not asked or not table.rows:
            return
        for start in range(0, len(table.rows), _ROWS):
            rows = table.ids[start : start + _ROWS]
            mine = self._reader().rows([asked] * len(rows))
            said = births.said(np.full(len(rows), birth, np.int32), table.births[start : start + _ROWS])
            judged = self._judge.rows(mine, rows, said)
            scores = judged.score()
            for at in np.flatnonzero(scores * 1000 >= least).tolist():
                row = table.rows[start + at]
                picked = type(judged)(**{part: getattr(judged, part)[at : at + 1] for part in judged.__slots__})
                yield Alike(
                    reference=row.reference, score=min(999, int(scores[at] * 1000)), why=sentences(picked)[0],
                    basis="name-and-birth" if int(judged.said[at]) == births.Said.DAY else "name", name=row.name,
                    weights=_weights(judged, at),
                )  # fmt: skip

    def _arrays(self) -> _Table:
        if self._table is None:
            import numpy as np

            rows = [row for several in self._rows.values() for row in several]
            self._table = _Table(
                rows, self._reader().rows([row.ids for row in rows]), np.array([row.birth for row in rows], np.int32)
            )
        return self._table

    def _reader(self) -> Any:
        if self._judge is None:
            from spean.matching.score.score import Judge

            self._judge = Judge()
        return self._judge.reader


def _weights(judged: Any, at: int) -> tuple[Weight, ...]:
    from spean.matching.score.score import PRIOR

    parts = (
        ("name", judged.names),
        ("birth", judged.birth),
        ("order", judged.order),
        ("missing", judged.missing),
        ("contradiction", judged.against),
    )
    found = [Weight(part, round(float(bits[at]) * 10)) for part, bits in parts]
    return (*(each for each in found if each.tenths), Weight("before", round(PRIOR * 10)))


def _birth(text: str) -> int:
    from spean.matching.score.births import parse

    try:
        return parse(text) if text else 0
    except InvalidInput:
        return 0
