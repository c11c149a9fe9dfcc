"""Everything that one transaction writes, gathered so that a thousand facts cost one flush (the way of a fact, step 6).

A ``Work`` lives inside one write transaction. Reads see what it has gathered; ``flush`` writes content keys first (their
store commits on its own: a key without a fact is harmless, a fact without its key would be lost), then all rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from spean.core.fact import Envelope, Fact
from spean.core.world import from_iso, iso
from spean.exchange.codec import decode_header
from spean.ledger.merkle import grow
from spean.procedures.acts import TimerDue
from spean.procedures.fold import Folding
from spean.store.rows import AccessRow, FactRow, FactStatus, ReceiptRow, RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

EXCHANGE = "exchange"
DOMESTIC = "domestic"


class Work:
    """The facts, projections, deliveries, timers and receipts of one transaction."""

    def __init__(self, ground: Ground, tx: Tx) -> None:
        self.ground = ground
        self.tx = tx
        self.now = ground.clock.now()
        self.time = iso(self.now)
        self.decided: set[tuple[str, str, str, Envelope]] = set()
        """Batches (peer, batch, kind, envelope) for which the agreement has been asked in this transaction: one decision each."""
        self._marked = 0
        self.touched: list[str] = []
        """Agreements and partners that changed in this transaction (``instrument:…``, ``node:…``): what waited for them is
        judged again at its end."""
        self._clear()

    def _clear(self) -> None:
        self.foldings: dict[str, Folding] = {}
        """Records whose facts are concurrent in this transaction, with their fold."""
        self._records: dict[str, RecordRow | None] = {}
        self._dirty: dict[str, RecordRow] = {}
        self._facts: dict[str, FactRow] = {}
        self._new: dict[str, FactRow] = {}
        self._keys: list[tuple[str, bytes]] = []
        self._missing: set[str] = set()
        """Facts known not to be here, so that a page of new ones asks once."""
        self._leaves: dict[str, list[bytes]] = {EXCHANGE: [], DOMESTIC: []}
        self._start: dict[str, int] = {}
        self._out: dict[str, list[tuple[str, str, str, str]]] = {}
        self._receipts: list[ReceiptRow] = []
        self._access: list[AccessRow] = []
        self._padding: dict[str, dict[int, bytes]] = {}
        self._waits: list[tuple[str, str]] = []
        self._openings: dict[str, FactRow | None] = {}
        self._timers: dict[str, tuple[list[TimerDue], bool]] = {}

    def trace(self) -> tuple[int, ...]:
        """Differs as soon as anything was gathered or written: an act that is refused must leave it as it was."""
        gathered = (
            self._new,
            self._keys,
            self._dirty,
            self._receipts,
            self._access,
            self._waits,
            self._timers,
            self.touched,
        )
        queued = sum(map(len, self._out.values())) + sum(map(len, self._leaves.values()))
        return (self.tx.sql.changes, self._marked, queued, *map(len, gathered))

    # reading ------------------------------------------------------------------------------------------------

    def record(self, record: str) -> RecordRow | None:
        """The projection as this transaction sees it."""
        if record not in self._records:
            self._records[record] = self.tx.records.many([record]).get(record)
        return self._records[record]

    def records_in(self, procedure: str, states: frozenset[str]) -> list[RecordRow]:
        """All records of a procedure in one of these states, as this transaction sees them."""
        found: dict[str, RecordRow] = {}
        for state in sorted(states):
            after = None
            while rows := self.tx.records.list(procedure=procedure, state=state, after=after, limit=500):
                found.update((row.id, row) for row in rows)
                after = rows[-1]
        found.update((row.id, row) for row in self._dirty.values() if row.procedure == procedure)
        return [row for row in found.values() if row.state in states]

    def new_record(self, record: str) -> str:
        """A name just made cannot be here yet: nobody needs to look."""
        self._records[record] = None
        return record

    def preload(self, records: Iterable[str], facts: Iterable[str]) -> None:
        """Fetch many at once, so that a page costs two queries instead of hundreds."""
        wanted = [name for name in dict.fromkeys(records) if name not in self._records]
        found = self.tx.records.many(wanted)
        self._records.update({name: found.get(name) for name in wanted})
        names = [name for name in dict.fromkeys(facts) if name not in self._facts]
        here = self.tx.facts.many(names)
        self._facts.update(here)
        self._missing.update(name for name in names if name not in here)

    def fact(self, fact: str) -> FactRow | None:
        """A fact's row, new or stored."""
        row = self._facts.get(fact)
        if row is None and fact not in self._missing:
            row = self.tx.facts.many([fact]).get(fact)
            if row is None:
                self._missing.add(fact)
            else:
                self._facts[fact] = row
        return row

    def facts_of(self, record: str, track: str = "shared") -> list[FactRow]:
        """All facts of a record, stored and new."""
        stored = {row.id: row for row in self.tx.facts.of_record(record, track)}
        stored.update({row.id: row for row in self._new.values() if row.record == record and row.track == track})
        return list(stored.values())

    def citing(self, fact: str) -> list[FactRow]:
        """Facts whose header targets ``fact``, stored and new."""
        found = {row.id: self._facts.get(row.id, row) for row in self.tx.facts.citing(fact)}
        found.update({row.id: row for row in self._new.values() if fact in decode_header(row.payload).targets})
        return list(found.values())

    def key(self, fact: str) -> bytes | None:
        """The content key of a fact, None once destroyed."""
        return self.keys([fact]).get(fact)

    def keys(self, facts: Sequence[str]) -> dict[str, bytes]:
        """Content keys by fact, new ones included."""
        new = dict(self._keys)
        stored = [fact for fact in facts if fact not in new]
        found = self.ground.content_keys.get(stored) if stored else {}
        return {**found, **{fact: new[fact] for fact in facts if fact in new}}

    # gathering ----------------------------------------------------------------------------------------------

    def add(
        self,
        fact: Fact,
        key: bytes | None,
        *,
        status: FactStatus,
        received_from: str = "",
        from_seq: int = 0,
        from_index: int = -1,
    ) -> FactRow:
        """Take an accepted fact in; it gets its leaf in our log."""
        header = fact.header
        log = EXCHANGE if header.envelope is not None and header.envelope.recipients else DOMESTIC
        row = FactRow(
            id=fact.id, record=header.record, procedure=header.procedure, kind=header.kind, origin=header.node,
            track=header.track, at=from_iso(header.time), payload=fact.payload, key_id=fact.key_id, signature=fact.signature,
            content=fact.content, status=status, log=log, index=self._leaf(log, fact.id), received_from=received_from,
            received_at=self.now if received_from else 0, from_seq=from_seq, from_index=from_index,
        )  # fmt: skip
        self.keep(row, key)
        return row

    def keep(self, row: FactRow, key: bytes | None) -> None:
        """Keep a fact as it is; one that waits or was refused has no leaf."""
        self._new[row.id] = self._facts[row.id] = row
        self._missing.discard(row.id)
        if key is not None:
            self._keys.append((row.id, key))

    def gathered(self) -> tuple[FactRow, ...]:
        """The facts that this transaction has taken in and not written yet."""
        return tuple(self._new.values())

    def place(self, row: FactRow, status: FactStatus) -> FactRow:
        """A fact that waited is accepted now: it gets its leaf."""
        log = EXCHANGE if row.track == "shared" else DOMESTIC
        placed = replace(row, status=status, log=log, index=self._leaf(log, row.id), step=0, reason="")
        self._facts[row.id] = placed
        if row.id in self._new:
            self._new[row.id] = placed
        else:
            self.tx.facts.place(row.id, log, placed.index or 0)
            self.tx.facts.set_status([row.id], status)
        return placed

    def mark(self, fact: str, status: FactStatus, *, step: int = 0, reason: str = "", superseded_by: str = "") -> None:
        """Change what a fact counts as."""
        row = self.fact(fact)
        if row is None or (row.status == status and row.superseded_by == superseded_by and row.reason == reason):
            return
        self._marked += 1
        self._facts[fact] = changed = replace(row, status=status, step=step, reason=reason, superseded_by=superseded_by)
        if fact in self._new:
            self._new[fact] = changed
        else:
            self.tx.facts.set_status([fact], status, step=step, reason=reason, superseded_by=superseded_by)

    def save(self, row: RecordRow) -> None:
        """A record's new projection."""
        self._marked += 1
        self._records[row.id] = self._dirty[row.id] = row

    def send(self, peer: str, fact: str, *, batch: str = "", forward_for: str = "", wrap: str = "") -> None:
        """Queue a fact for a partner."""
        self._out.setdefault(peer, []).append((fact, batch, forward_for, wrap))

    def receipt(self, row: ReceiptRow) -> None:
        self._receipts.append(row)

    def access(self, row: AccessRow) -> None:
        """Who read or searched what."""
        self._access.append(row)

    def pad(self, log: str, entries: list[bytes], leaves: list[bytes]) -> None:
        """Leaves that stand for nothing (the domestic log's padding)."""
        for entry, leaf in zip(entries, leaves, strict=True):
            self._padding.setdefault(log, {})[self._leaf(log, leaf.hex())] = entry

    def wait(self, fact: str, key: str) -> None:
        """Note that ``fact`` waits for ``key``: a fact's name, or ``instrument:…``."""
        self._waits.append((fact, waiting_key(key)))

    def arm(self, record: str, timers: list[TimerDue], *, fresh: bool) -> None:
        """These clocks, and only these, run for the record from now on."""
        known = self._timers.get(record)
        self._timers[record] = (timers, fresh if known is None else known[1])

    def opening(self, row: RecordRow) -> FactRow | None:
        """The fact that opened the record."""
        if row.id not in self._openings:
            kind = self.ground.engine.procedure(row.procedure, row.version).opening.kind
            new = (fact for fact in self._new.values() if fact.record == row.id and fact.kind == kind)
            self._openings[row.id] = next(new, None) or self.tx.facts.first(row.id, kind)
        return self._openings[row.id]

    def _leaf(self, log: str, fact: str) -> int:
        if log not in self._start:
            self._start[log] = self.tx.log.head(log).size
        self._leaves[log].append(bytes.fromhex(fact))
        return self._start[log] + len(self._leaves[log]) - 1

    def next_index(self, log: str) -> int:
        """The index that the next leaf will have."""
        if log not in self._start:
            self._start[log] = self.tx.log.head(log).size
        return self._start[log] + len(self._leaves[log])

    # writing ------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write all that was gathered, in the order that foreign keys and crashes want."""
        if self._keys:
            self.ground.content_keys.put(self._keys)
        for log, leaves in self._leaves.items():
            if leaves:
                head = self.tx.log.head(log)
                grown, tiles = grow(head, leaves, self.tx.log.reader(log))
                self.tx.log.save(log, grown, head.size, leaves, tiles, self._padding.get(log, {}))
        if self._new:
            self.tx.facts.add(list(self._new.values()))
        for fact, missing in self._waits:
            self.tx.facts.add_waiting(fact, [missing])
        if self._dirty:
            self.tx.records.save(list(self._dirty.values()))
        for record, (timers, fresh) in self._timers.items():
            if not fresh:
                self.tx.jobs.cancel("timer", f"{record}/")
            for timer in timers:
                self.tx.jobs.put("timer", f"{record}/{timer.name}", timer.due_at, json.dumps({"kind": timer.kind}))
        for peer, rows in self._out.items():
            self.tx.outbox.add(peer, rows, self.now)
        if self._receipts:
            self.tx.receipts.add(self._receipts)
        if self._access:
            self.tx.access.add(self._access)
        self._clear()


def waiting_key(key: str) -> str:
    """What a fact waits for, as a name of 64 hex digits: a fact's own, or the hash of other words."""
    return hashlib.sha256(key.encode()).hexdigest() if ":" in key else key
