"""Names in memory with what they belong to, found by how alike they are (``matching.index``); numpy comes with the first question.

What is here was opened from sealed facts and is gone with the process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput
from spean.screening.model import Basis, Clause

if TYPE_CHECKING:
    from spean.matching.index.names import Hit, NameIndex
    from spean.matching.names.model import Kind
    from spean.matching.score.score import Judge

LEAST = 200
"""Probability in a thousand from which something is worth showing at all."""
_SEVERAL = 3
"""An entry has about so many names: so many times more lines are looked at than are shown."""


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
    why: tuple[Clause, ...]
    basis: Basis
    name: str
    weights: tuple[Weight, ...] = ()


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

    _index: NameIndex | None = None
    _judge: Judge | None = None
    _known: set[str] = field(default_factory=set)
    _guard: threading.RLock = field(default_factory=threading.RLock)

    def __len__(self) -> int:
        return len(self._known)

    def references(self) -> frozenset[str]:
        """What is in it."""
        with self._guard:
            return frozenset(self._known)

    def put(self, entries: Iterable[Entry]) -> None:
        """Take entries in, each in place of what stood under its reference."""
        with self._guard:
            index = self._open()
            for entry in entries:
                if entry.reference in self._known:
                    index.remove(entry.reference)
                self._known.add(entry.reference)
                for name in entry.names:
                    for birth in [each for each in entry.births if _readable(each)] or [""]:
                        index.add(entry.reference, name, birth=birth, kind=entry.kind)

    def drop(self, references: Iterable[str]) -> None:
        """Forget what stands under these references."""
        with self._guard:
            for reference in references:
                if reference in self._known:
                    self._known.discard(reference)
                    self._open().remove(reference)

    def search(
        self, names: Sequence[str], birth: str = "", *, kind: Kind = "person", most: int = 20, least: int = LEAST,
        border: bool = False,
    ) -> list[Alike]:  # fmt: skip
        """What is alike, the likeliest first: one line for each reference. An empty list for names without a letter.

        ``border``: weighed for a queue of strangers, of whom hardly any is looked for, instead of for a question that somebody put.
        """
        if not self._known:
            return []
        from spean.matching.score.score import PRIOR, SCREENING

        prior = SCREENING if border else PRIOR
        best: dict[str, Alike] = {}
        with self._guard:
            for name in names:
                born = birth if _readable(birth) else ""
                hits = self._open().search(name, birth=born, kind=kind, k=most * _SEVERAL, prior=prior)
                for found in map(_alike, hits):
                    if found.score >= least and (
                        found.reference not in best or best[found.reference].score < found.score
                    ):
                        best[found.reference] = found
        return sorted(best.values(), key=lambda each: (-each.score, each.reference))[:most]

    def compare(self, one: Entry, other: Entry) -> Alike | None:
        """The best comparison of any name of one with any of the other; None when there is nothing to compare."""
        with self._guard:
            self._open()
            apart = Finder(_judge=self._judge)
        apart.put([other])
        found = [
            each
            for birth in one.births or ("",)
            for each in apart.search(one.names, birth, kind=one.kind, most=1, least=0)
        ]
        return max(found, key=lambda each: each.score, default=None)

    def _open(self) -> NameIndex:
        if self._index is None:
            from spean.matching.index.names import NameIndex

            self._index = NameIndex(self._judge)
            self._judge = self._index.judge
        return self._index


def _alike(hit: Hit) -> Alike:
    from spean.matching.score.births import Said

    return Alike(
        reference=hit.id, score=min(999, int(hit.score * 1000)), basis="name-and-birth" if hit.said == Said.DAY else "name", name=hit.name,
        why=tuple((template, tuple(values.items())) for template, values in hit.why),
        weights=tuple(Weight(part, round(bits * 10)) for part, bits in hit.weights.items() if round(bits * 10)),
    )  # fmt: skip


def _readable(birth: str) -> bool:
    from spean.matching.score.births import parse

    try:
        return bool(birth) and parse(birth) > 0
    except InvalidInput:
        return False
