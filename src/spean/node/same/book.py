"""The names that this node knows, in memory: read in the background when it starts, then following each fact (docs/design.md, 52).

Nothing readable lies on a disk, so a node that starts must open every sealed name once. It answers meanwhile: names are read newest first in
batches, and whoever asks is told how many have not been read yet. A small node has read them all before its first answer.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean.node.same.bulk import Entities, Told, mentions, opened, without_pauses
from spean.node.same.finder import Entry, Finder
from spean.node.same.model import Named
from spean.node.same.selecting import ENTITY, NAMING
from spean.node.work import Work

if TYPE_CHECKING:
    from spean.matching.names.model import Kind
    from spean.node.ground import Ground
    from spean.store import Tx

AT_ONCE = 2_000
"""Facts of one batch: whoever asks waits for one at most."""
AT_FIRST = 20_000
"""Facts that are read before the first answer of a process; all of them where there are no more."""
_READ = (ENTITY, *NAMING)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is: entities whose names are read, of how many; ``unread`` of them are not known to any answer yet."""

    read: int
    of: int

    @property
    def unread(self) -> int:
        return max(0, self.of - self.read)


class Book:
    """Names of one node with what is weighed beside them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.finder = Finder()
        self._turn = threading.RLock()
        self._upto = -1
        """Facts up to this number are in, or are read by and by; −1: nothing has begun."""
        self._left = 0
        """Facts up to this number are still to be read."""
        self._entities: Entities | None = Entities()
        self._of = self._read = 0
        self._told: set[str] = set()
        """Records that were taken anew while older facts were still being read: those say nothing newer."""
        self._dirty: dict[str, int] = {}
        """Records that lost or changed something, with the store's pulse at that time."""
        ground.same.on_change.append(self._changed)

    # reading ----------------------------------------------------------------------------------------------------

    def progress(self) -> Progress:
        """How many names are read; nothing is unread once all are."""
        return Progress(self._read if self._entities else self._of, self._of)

    def step(self, facts: int = AT_ONCE) -> bool:
        """Read one batch of older facts; False when nothing is left."""
        with self._turn:
            self._begin()
            entities = self._entities
            if entities is None:
                return False
            with without_pauses(), self._ground.reading() as tx:
                self._older(tx, entities, facts)
        return self._entities is not None

    def run(self, stop: threading.Event) -> None:
        """Read everything, unless the node stops; for a thread of its own."""
        while not stop.is_set() and self.step():
            pass
        if not stop.is_set():
            self.finder.prepare()

    def _begin(self) -> None:
        if self._upto < 0:
            with self._ground.reading() as tx:
                self._upto = self._left = tx.search.newest()
                self._of = sum(count for (name, _), count in tx.records.open_counts().items() if name == ENTITY)

    def _older(self, tx: Tx, entities: Entities, facts: int) -> None:
        first = max(0, self._left - facts)
        found: list[Told] = []
        others: dict[str, None] = {}
        for fact in opened(self._ground, tx, first, self._left, _READ):
            if fact.procedure == ENTITY:
                told = entities.take(fact)
                if told is not None and told.record not in self._told:
                    found.append(told)
            elif mentions(fact) and fact.record not in self._told:
                others[fact.record] = None
        self._left = first
        if first == 0:
            others.update(dict.fromkeys(entities.left()))
            self._entities = None
        self.finder.put(entry for told in found if (entry := _entry(told)) is not None)
        self._read += len(found)
        if found or self._entities is None:
            self.finder.filling(self._entities is not None)
        self._take(tx, [record for record in others if record not in self._told])
        self._told.update(others)
        if self._entities is None:
            self._told.clear()

    # following --------------------------------------------------------------------------------------------------

    def refresh(self) -> Progress:
        """Take in what facts say since the last look, and records that lost something; how much of the older ones is read."""
        with self._turn:
            if self._upto < 0:
                self.step(AT_FIRST)
            pulse = self._ground.store.pulse()
            waiting = dict(self._dirty)
            with self._ground.reading() as tx:
                self._newer(tx, waiting)
            for record, at in waiting.items():  # what its own transaction has not committed yet is taken once more
                if at != pulse and self._dirty.get(record) == at:
                    del self._dirty[record]
            return self.progress()

    def _newer(self, tx: Tx, waiting: Iterable[str]) -> None:
        newest, entities = tx.search.newest(), Entities()
        whole: set[str] = set()
        others = dict.fromkeys(waiting)
        for upto in range(newest, self._upto, -AT_ONCE):
            found: list[Told] = []
            for fact in opened(self._ground, tx, max(self._upto, upto - AT_ONCE), upto, _READ):
                if fact.procedure == ENTITY:
                    told = entities.take(fact)
                    found += [] if told is None else [told]
                elif mentions(fact):
                    others[fact.record] = None
            self.finder.put(entry for told in found if (entry := _entry(told)) is not None)
            whole.update(told.record for told in found)
        self._upto = max(self._upto, newest)
        others.update(dict.fromkeys(entities.left()))
        self._take(tx, [record for record in others if record not in whole])
        if self._entities is not None:
            self._told.update(others, whole)

    def _take(self, tx: Tx, records: list[str]) -> None:
        for start in range(0, len(records), AT_ONCE):
            several = self._ground.same.named(tx, records[start : start + AT_ONCE])
            self.finder.drop([each.record for each in several if each.gone])
            self.finder.put(entry_of(each) for each in several if not each.gone and each.names)

    def _changed(self, work: Work, records: frozenset[str]) -> None:
        pulse = self._ground.store.pulse()
        self._dirty.update(dict.fromkeys(records, pulse))


def entry_of(named: Named) -> Entry:
    """What one of our records says of somebody, as it is compared."""
    values = (*named.selectors, *named.places)
    return Entry(reference=named.record, names=named.names, births=named.births, kind=_kind(named.thing), values=values)


def _entry(told: Told) -> Entry | None:
    if not told.names:
        return None
    return Entry(
        reference=told.record, names=told.names, births=told.births, kind=_kind(told.thing), values=told.values
    )


def _kind(thing: str) -> Kind:
    return "organisation" if thing == "organisation" else "person"
