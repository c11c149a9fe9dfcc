"""Who is the same, derived from the judgements that stand (``entities/judgements``); nothing is stored merged.

The judgements are kept in memory as a graph, filled from the log in the order of arrival like the index; whatever is erased empties it, and it is
made anew from what is left. An act that is judged inside a transaction sees what that transaction has gathered, too.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from spean.entities.judgements import Judgement, Judgements
from spean.node.same.dossier import Dossier, load
from spean.node.same.model import Cluster, Contradiction, Judged, Verdict
from spean.node.same.selecting import ENTITY
from spean.node.views.indexing import narrowed, opened
from spean.node.views.offering import offers
from spean.store.rows import FactRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.work import Work
    from spean.store import Tx

_JUDGE, _BACK = "judge", "withdraw-judgement"
ERASURES = "erasures"
"""Counts the erasures of this node: what was derived before the last one is made anew."""
_Told = tuple[Judgement | None, str]
"""A judgement that stands from then on, or the name of one that is withdrawn."""


class Judging:
    """Clusters of one node."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._lock = threading.RLock()
        self._graph = Judgements()
        self._gone: set[str] = set()
        """Judgements that are withdrawn, whether they have come already or not."""
        self._said: defaultdict[str, set[str]] = defaultdict(set)
        """Entity → other records in which it was ever judged."""
        self._upto = 0
        self._erasures = ""

    def cluster(self, tx: Tx, entity: str) -> Cluster:
        """Who is judged to be the same as ``entity``."""
        with self._standing(tx) as graph:
            chains = graph.contradictions(entity)
            members = graph.cluster(entity)
        return Cluster(
            members=tuple(sorted(members)),
            contradictions=tuple(
                Contradiction(negative=each.negative, between=(each.one, each.other), chain=each.through)
                for each in chains
            ),
        )

    def clusters(self, tx: Tx, entities: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The clusters of several entities, each with its members sorted."""
        with self._standing(tx) as graph:
            return {each: tuple(sorted(graph.cluster(each))) for each in entities}

    def members(self, work: Work, entity: str) -> tuple[str, ...]:
        """Who is judged to be the same, the entity among them; seen from inside a transaction."""
        with self._standing(work.tx, _gathered(work), keep=False) as graph:
            return tuple(sorted({entity, *graph.cluster(entity)}))

    def against(self, work: Work, one: str, other: str, verdict: str) -> tuple[str, ...]:
        """The judgements that a new one would contradict, as a chain; seen from inside the transaction that makes it."""
        with self._standing(work.tx, _gathered(work), keep=False) as graph:
            return graph.against(one, other, cast("Verdict", verdict))

    def judged(self, tx: Tx, entity: str) -> list[Judged]:
        """All judgements about an entity, whichever of the two records they stand in, oldest first."""
        with self._standing(tx):
            said_in = sorted(self._said.get(entity, ()))
        found = load(self._ground, tx, [entity, *said_in])
        return sorted(_judged(found, entity), key=lambda each: (each.at, each.fact))

    @contextmanager
    def _standing(self, tx: Tx, extra: Iterable[_Told] = (), *, keep: bool = True) -> Iterator[Judgements]:
        """The graph as of ``tx``. With ``keep`` false what is added for it is taken away afterwards: the transaction may fail."""
        with self._lock:
            new, upto = self._since(tx)
            told = [*new, *extra]
            if keep:
                self._apply(told)
                self._upto = upto
                yield self._graph
                return
            fresh = [each for each, _ in told if each is not None]
            ended = {name for each, name in told if each is None}
            taken = [each for each in self._graph if each.id in ended]
            for each in fresh:
                if each.id not in self._gone | ended:
                    self._graph.add(each)
            for each in taken:
                self._graph.withdraw(each.id)
            try:
                yield self._graph
            finally:
                for each in fresh:
                    self._graph.withdraw(each.id)
                for each in taken:
                    self._graph.add(each)

    def _apply(self, told: Iterable[_Told]) -> None:
        for judgement, name in told:
            if judgement is None:
                self._gone.add(name)
                self._graph.withdraw(name)
                continue
            self._said[judgement.other].add(judgement.one)
            if judgement.id not in self._gone:
                self._graph.add(judgement)

    def _since(self, tx: Tx) -> tuple[list[_Told], int]:
        """What was judged since the graph was filled last, in order; all of it, after an erasure."""
        erasures = tx.meta.get(ERASURES) or ""
        if erasures != self._erasures:
            self._graph, self._gone, self._upto, self._erasures = Judgements(), set(), 0, erasures
            self._said.clear()
        newest = tx.search.newest()
        if newest <= self._upto:
            return [], self._upto
        wanted = [[{narrowed("procedure", ENTITY)}], [{narrowed("kind", _JUDGE)}, {narrowed("kind", _BACK)}]]
        buckets = {each.bucket: each for each in tx.search.buckets()}
        numbers = list(offers(self._ground, tx, wanted, buckets, newest, self._upto))
        rows = [row for row in tx.facts.at(numbers).values() if row.procedure == ENTITY and row.kind in (_JUDGE, _BACK)]
        keys = self._ground.content_keys.get(row.id for row in rows if row.content is not None)
        found = (_told(row, _form(row, keys.get(row.id))) for row in sorted(rows, key=lambda row: row.n))
        return [each for each in found if each is not None], newest


def _form(row: FactRow, key: bytes | None) -> Any:
    return opened(row.id, row.content, key)


def _gathered(work: Work) -> list[_Told]:
    """What a transaction has judged so far."""
    gathered = [row for row in work.gathered() if row.procedure == ENTITY]
    return [told for row in gathered if (told := _told(row, _form(row, work.key(row.id)))) is not None]


def _told(row: FactRow, form: Any) -> _Told | None:
    if row.status != "effective" or not isinstance(form, dict):
        return None
    if row.kind == _BACK:
        return None, str(form.get("judgement", ""))
    if row.kind == _JUDGE:
        return Judgement(row.id, row.record, str(form.get("other", "")), form.get("verdict", "unsure")), ""
    return None


def _judged(found: dict[str, Dossier], entity: str) -> Iterator[Judged]:
    for record, each in found.items():
        for said in each.judgements:
            if entity in (record, said.other):
                yield Judged(
                    fact=said.fact, one=record, other=said.other, verdict=cast("Verdict", said.verdict), by=said.actor, at=said.at,
                    withdrawn=said.withdrawn, candidate=said.candidate,
                )  # fmt: skip
