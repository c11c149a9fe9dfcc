"""Names in memory with what they belong to, found by how alike they are (``matching.index``); numpy comes with the first question.

What is here was opened from sealed facts and is gone with the process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput
from spean.screening.model import Basis, Clause

if TYPE_CHECKING:
    from spean.matching.index.names import Hit, NameIndex
    from spean.matching.names.model import Kind
    from spean.matching.score.evidence import Finding, Holders, Value
    from spean.matching.score.score import Judge
    from spean.matching.score.sentence import Sentence

LEAST = 200
"""Probability in a thousand from which something is worth showing at all."""
COMPILED_FROM = 2_000
"""Things from which on it pays to load a compiler."""
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
    values: tuple[tuple[str, str], ...] = ()
    """What is weighed beside names and dates (``matching.score.evidence``): pairs of value type and text."""


@dataclass(slots=True)
class Finder:
    """Finds by name and birth date, and weighs beside them what else both sides say. Threads may share it."""

    _index: NameIndex | None = None
    _judge: Judge | None = None
    _known: set[str] = field(default_factory=set)
    _values: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    _guard: threading.RLock = field(default_factory=threading.RLock)

    def __len__(self) -> int:
        return len(self._known)

    def references(self) -> frozenset[str]:
        """What is in it."""
        with self._guard:
            return frozenset(self._known)

    def filling(self, on: bool) -> None:
        """Whether many entries are on their way, so that questions meanwhile stay quick."""
        with self._guard:
            if self._index is not None or on:
                self._open().filling = on

    def put(self, entries: Iterable[Entry]) -> None:
        """Take entries in, each in place of what stood under its reference."""
        several = {entry.reference: entry for entry in entries}
        if not several:
            return
        ids: list[str] = []
        names: list[str] = []
        births: list[int] = []
        kinds: list[Kind] = []
        with self._guard:
            for reference, entry in several.items():
                if reference in self._known:
                    self._forget(reference)
                if entry.values:
                    self._values[reference] = entry.values
                for birth in _numbers(entry.births):
                    for name in entry.names:
                        ids.append(reference)
                        names.append(name)
                        births.append(birth)
                        kinds.append(entry.kind)
            self._known.update(several)
            self._open().add_many(ids, names, births, kinds if "organisation" in kinds else None)

    def drop(self, references: Iterable[str]) -> None:
        """Forget what stands under these references."""
        with self._guard:
            for reference in references:
                if reference in self._known:
                    self._known.discard(reference)
                    self._forget(reference)

    def _forget(self, reference: str) -> None:
        self._open().remove(reference)
        self._values.pop(reference, None)

    def search(
        self, names: Sequence[str], birth: str = "", *, values: Sequence[Value] = (), holders: Holders | None = None,
        kind: Kind = "person", most: int = 20, least: int = LEAST, border: bool = False,
    ) -> list[Alike]:  # fmt: skip
        """What is alike, the likeliest first: one line for each reference. An empty list for names without a letter.

        ``values`` (clean) are weighed beside the names, ``holders`` counts who else has them. ``border``: weighed for a queue of strangers,
        of whom hardly any is looked for, instead of for a question that somebody put.
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
                for hit in hits:
                    found = _alike(hit, self._beside(values, hit.id, holders))
                    if found.score >= least and (
                        found.reference not in best or best[found.reference].score < found.score
                    ):
                        best[found.reference] = found
        return sorted(best.values(), key=lambda each: (-each.score, each.reference))[:most]

    def _beside(self, values: Sequence[Value], reference: str, holders: Holders | None) -> list[Finding]:
        theirs = self._values.get(reference)
        if not values or not theirs:
            return []
        from spean.matching.score.evidence import weigh

        return weigh(values, (_clean(*each) for each in theirs), holders)

    def compare(self, one: Entry, other: Entry, holders: Holders | None = None) -> Alike | None:
        """The best comparison of any name of one with any of the other, and of what stands beside; None when there is nothing to compare."""
        with self._guard:
            self._open()
            apart = Finder(_judge=self._judge)
        apart.put([other])
        found = [
            each
            for birth in one.births or ("",)
            for each in apart.search(
                one.names, birth, values=one.values, holders=holders, kind=other.kind, most=1, least=0
            )
        ]
        best = max(found, key=lambda each: each.score, default=None)
        return best or _by_values(other.reference, apart._beside(one.values, other.reference, holders))

    def prepare(self) -> None:
        """Have a long list searched by compiled loops from now on; some seconds of work, during which questions are answered as before."""
        if len(self._known) > COMPILED_FROM:
            from spean.ledgers.kernel_cache import only_ours
            from spean.matching.index import compiled

            compiled.load(only_ours)

    def _open(self) -> NameIndex:
        if self._index is None:
            from spean.matching.index.names import NameIndex

            self._index = NameIndex(self._judge)
            self._judge = self._index.judge
        return self._index


def _alike(hit: Hit, beside: list[Finding]) -> Alike:
    from spean.matching.score.births import Said

    score, why = hit.score, hit.why
    if beside:
        from spean.matching.score import evidence

        score, why = evidence.beside(score, beside), evidence.sentence(why, beside)
    return Alike(
        reference=hit.id, score=min(999, int(score * 1000)), basis="name-and-birth" if hit.said == Said.DAY else "name", name=hit.name,
        why=_clauses(why), weights=_weights([*hit.weights.items(), *((each.part, each.bits) for each in beside)]),
    )  # fmt: skip


def _by_values(reference: str, beside: list[Finding]) -> Alike | None:
    """Where no names can be compared: what the values say alone."""
    if not beside:
        return None
    from spean.matching.score import evidence
    from spean.matching.score.score import PRIOR

    score = evidence.beside(1 / (1 + 2.0**-PRIOR), beside)
    return Alike(
        reference=reference, score=min(999, int(score * 1000)), basis="name", name="", why=_clauses(evidence.sentence((), beside)),
        weights=_weights((each.part, each.bits) for each in beside),
    )  # fmt: skip


def _clauses(why: Sentence) -> tuple[Clause, ...]:
    return tuple((template, tuple(values.items())) for template, values in why)


def _weights(parts: Iterable[tuple[str, float]]) -> tuple[Weight, ...]:
    return tuple(Weight(part, round(bits * 10)) for part, bits in parts if round(bits * 10))


@lru_cache(maxsize=1 << 12)
def _clean(kind: str, text: str) -> Value:
    """A value as it was written in its one form; as it is where it is none. Only those that are compared are looked at so closely."""
    from spean.entities.values.types import NAMES, value_type

    try:
        return kind, value_type(kind).clean(text) if kind in NAMES else text
    except InvalidInput:
        return kind, text


def _readable(birth: str) -> bool:
    return _number(birth) > 0


def _numbers(births: tuple[str, ...]) -> Iterable[int]:
    if len(births) == 1:
        return (_number(births[0]),)
    return {_number(each) for each in births} - {0} or (0,)


@lru_cache(maxsize=1 << 16)
def _number(birth: str) -> int:
    """A birth date as the index has it; 0 for none and for what is none."""
    from spean.matching.score.births import parse

    try:
        return parse(birth) if birth else 0
    except InvalidInput:
        return 0
