"""What must hold when a history is over and everything has settled. Each finding is one sentence with its number.

I1 what an officer was told is there, at its author and at every honest recipient who may have it
I2 all honest parties fold a record to the same state; the stored projection is the fold of what is stored, in any order
I3 logs verify; what counts stands in them once, what does not count nowhere; receipts verify and are true
I4 nothing was accepted that agreement or procedure forbid; a liar's inventions count nowhere
I5 two histories or a shortened one, shown to honest nodes, raise a critical alarm
I6 numbers of a pair are gapless, cursors agree
I7 what a holder confirmed as erased is gone there, key and ciphertext
I8 clocks fired once, none is left over; undelivered facts were alarmed about, and nothing else
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean.core.errors import SpeanError
from spean.core.world import MINUTE
from spean.exchange.codec import decode_header
from spean.exchange.page import ReceiptItem
from spean.exchange.receipts import verify_receipt
from spean.node.folding import FOLDED
from spean.node.node import Node
from spean.node.work import EXCHANGE, Work
from spean.store.rows import FactRow, OutboxRow, ReceiptRow, RecordRow

if TYPE_CHECKING:
    from federation.simulation import History
    from spean.store import Tx

ALL = 10**9
HELD = ("waiting", "quarantined", "unknown")


@dataclass(slots=True)
class Seen:
    """Everything that one node has, read once."""

    node: Node
    facts: dict[str, FactRow]
    records: dict[str, RecordRow]
    outbox: dict[str, list[OutboxRow]]
    cursors: dict[str, int]
    receipts: list[ReceiptRow]
    leaves: list[str]

    def counts(self, fact: str) -> bool:
        """Whether the fact counts here."""
        return fact in self.facts and self.facts[fact].status in FOLDED


def look(node: Node) -> Seen:
    """Read all of a node."""
    with node.reading() as tx:
        peers = node.peering.active()
        facts = {row.id: row for row in tx.facts.recent(limit=ALL)}
        return Seen(
            node=node, facts=facts, records={row.id: row for row in tx.records.list(limit=ALL)},
            outbox={peer: tx.outbox.page(peer, 0, ALL) for peer in peers},
            cursors={peer: tx.peers.get(peer).in_seq for peer in peers},
            receipts=_receipts(tx),
            leaves=[row[0].hex() for row in tx.sql.connection.exec_driver_sql("SELECT id FROM leaves WHERE log='exchange' ORDER BY idx")],
        )  # fmt: skip


def _receipts(tx: Tx) -> list[ReceiptRow]:
    columns = "fact peer direction status step rule reason at payload key_id signature seq idx n"
    rows = tx.sql.connection.exec_driver_sql(f"SELECT {', '.join(columns.split())} FROM receipts ORDER BY n")
    return [
        ReceiptRow(
            fact=row[0].hex(),
            **dict(zip(columns.split()[1:12], row[1:12], strict=True)),
            index=-1 if row[12] is None else row[12],
            n=row[13],
        )
        for row in rows
    ]


def broken(history: History) -> list[str]:
    """Every invariant that does not hold."""
    seen = {name: look(history.nodes[name]) for name in history.honest}
    found: list[str] = []
    for check in (told, folds, logs, receipts, forbidden, exposed, pairs, erased, clocks, delivery):
        found += [f"{check.__name__}: {fault}" for fault in check(history, seen)]
    return found


# I1 -------------------------------------------------------------------------------------------------------------


def told(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I1: nothing that an officer was told is missing."""
    yield from (f"I1 {fault}" for fault in history.officers_at_work.half_done)
    for word in history.officers_at_work.told:
        if word.node not in seen:
            continue
        author = seen[word.node]
        if word.record not in author.records:
            yield f"I1 {word.node} has lost the record {word.record}"
        if word.fact and not author.counts(word.fact):
            yield f"I1 {word.node} has lost its own {word.fact[:8]}"
        elif word.fact:
            yield from _everywhere(seen, author, author.facts[word.fact], word.behind)
    for name, author in seen.items():
        for peer, rows in author.outbox.items():
            if peer in seen:
                yield from (f"I1 {name} → {peer}: {why}" for row in rows for why in _arrived(seen, author, peer, row))


def _everywhere(seen: dict[str, Seen], author: Seen, fact: FactRow, behind: tuple[str, ...]) -> Iterator[str]:
    """Whoever the header names has it, also through a mediator, unless a suspension or a refusal on the way stopped it."""
    envelope = decode_header(fact.payload).envelope
    if envelope is None or envelope.via not in ("", *seen):
        return
    way = seen.get(envelope.via)
    held_on_the_way = way is not None and not way.counts(fact.id)
    for node in envelope.recipients:
        if node in seen and node not in behind and fact.id not in seen[node].facts and not held_on_the_way:
            yield f"I1 {fact.kind} {fact.id[:8]} of {author.node.me} never reached {node}"


def _arrived(seen: dict[str, Seen], author: Seen, peer: str, row: OutboxRow) -> Iterator[str]:
    """A fact in an outbox counts at the receiver, unless a suspension or a liar's part in the record stands against it."""
    fact, there = author.facts[row.fact], seen[peer].facts.get(row.fact)
    name = f"{fact.kind} {fact.id[:8]}"
    if there is None:
        yield f"{name} never arrived"
    elif (
        there.status in FOLDED
        or not _among_honest(seen, author, fact.record)
        or (there.status in ("quarantined", "waiting") and _rests(seen[peer].node, fact, author.node.me))
    ):
        return
    elif not _may_wait(seen[peer], there):
        yield f"{name} is {there.status} (step {there.step}: {there.reason})"


def _among_honest(seen: dict[str, Seen], author: Seen, record: str) -> bool:
    row = author.records.get(record)
    return (
        row is not None
        and all(node in seen for nodes in row.parties.values() for node in nodes)
        and row.via in ("", *seen)
    )


def _rests(node: Node, fact: FactRow, sender: str) -> bool:
    """Whether the instrument under which it came is suspended for this pair, or for a hop that we would have to carry it."""
    envelope = decode_header(fact.payload).envelope
    if envelope is None or envelope.instrument not in node.registry:
        return False
    instrument = node.registry.get(envelope.instrument)
    onward = envelope.recipients if envelope.via == node.me else ()
    pairs = (
        (sender, node.me),
        (decode_header(fact.payload).node, node.me),
        *((node.me, each) for each in onward if each != node.me),
    )
    return any(instrument.suspension_of(*pair) is not None for pair in pairs)


def _may_wait(receiver: Seen, fact: FactRow) -> bool:
    """A fact waits rightly while something it builds on is held here, too."""
    if fact.status != "waiting":
        return False
    before = [receiver.facts.get(name) for name in decode_header(fact.payload).builds_on]
    return any(row is None or row.status in HELD for row in before)


# I2 -------------------------------------------------------------------------------------------------------------


def folds(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I2: one set of facts, one state; at every node, in every order of arrival."""
    rng = random.Random(history.report.seed)
    views: dict[tuple[str, frozenset[str]], tuple[str, object]] = {}
    for name, node in seen.items():
        for row in node.records.values():
            facts = [
                fact
                for fact in node.facts.values()
                if fact.record == row.id and fact.track == "shared" and fact.status in FOLDED
            ]
            yield from _refolded(name, node, row, facts, rng)
            shown = (
                row.state,
                row.heads,
                row.entered_by,
                {kind: who for kind, who in row.done.items() if not kind.startswith("clock:")},
            )
            other, first = views.setdefault((row.id, frozenset(fact.id for fact in facts)), (name, shown))
            if first != shown:
                yield f"I2 {row.id}: {other} has {first}, {name} has {shown}"


def _refolded(name: str, seen: Seen, row: RecordRow, facts: list[FactRow], rng: random.Random) -> Iterator[str]:
    node = seen.node
    with node.reading() as tx:
        acts = node.projector.acts_of(Work(node, tx), row.id)
    rng.shuffle(acts)
    folded = node.engine.fold(row.id, node.engine.procedure(row.procedure, row.version), acts)
    if folded.view is None or folded.invalid:
        yield f"I2 {name} {row.id} does not fold: {folded.invalid}"
        return
    stored = (row.state, tuple(sorted(row.heads)), row.entered_by)
    if stored != (folded.view.state, tuple(sorted(folded.view.heads)), folded.view.entered_by):
        yield f"I2 {name} {row.id}: stored {stored}, folded {(folded.view.state, folded.view.heads)}"
    for fact in facts:
        if fact.status in ("effective", "overtaken") and folded.effects[fact.id] != fact.status:
            yield f"I2 {name}: {fact.kind} {fact.id[:8]} is {fact.status}, folds as {folded.effects[fact.id]}"


# I3 -------------------------------------------------------------------------------------------------------------


def logs(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I3: both logs verify whole, and hold what counts, once."""
    for name, node in seen.items():
        for log in ("exchange", "domestic"):
            try:
                node.node.logs.verify(log)
            except SpeanError as failed:
                yield f"I3 {name} {log}: {failed}"
        if len(set(node.leaves)) != len(node.leaves):
            yield f"I3 {name} logged a fact twice"
        places = {leaf: at for at, leaf in enumerate(node.leaves)}
        for fact in node.facts.values():
            if fact.track == "shared" and (fact.status in FOLDED) != (
                places.get(fact.id) == fact.index and fact.index is not None
            ):
                yield f"I3 {name}: {fact.kind} {fact.id[:8]} is {fact.status} and stands at {fact.index}"


def receipts(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I3: every receipt that a node keeps verifies, and an honest receiver's word is true; the last word is the present state."""
    for name, node in seen.items():
        last: dict[tuple[str, int], str] = {}
        for row in sorted(node.receipts, key=lambda each: each.n):
            if row.direction != "in":
                continue
            known = {key.key_id: key.public for key in node.node.sign_keys(row.peer)}
            try:
                words = verify_receipt(ReceiptItem(row.payload, row.key_id, row.signature), known)
            except SpeanError as failed:
                yield f"I3 {name} keeps a receipt of {row.peer} that does not hold: {failed}"
                continue
            for at, seq in enumerate(range(words.seq_from, words.seq_to + 1)):
                last[row.peer, seq] = words.status
                if row.peer in seen and words.status == "accepted":
                    yield from _true(seen, node.outbox[row.peer][seq - 1].fact, row.peer, words.index, at)
        for peer, rows in node.outbox.items():
            for sent in rows if peer in seen else ():
                yield from _last_word(seen[peer], name, sent, last.get((peer, sent.seq), ""))


def _true(seen: dict[str, Seen], fact: str, peer: str, index: int | None, at: int) -> Iterator[str]:
    there = seen[peer].facts.get(fact)
    if there is None or there.status not in FOLDED or index is None or there.index != index + at:
        yield f"I3 {peer} receipted {fact[:8]} as accepted at {index}, and has it at {there and there.index} as {there and there.status}"


def _last_word(receiver: Seen, name: str, sent: OutboxRow, word: str) -> Iterator[str]:
    there = receiver.facts.get(sent.fact)
    status = "missing" if there is None else "accepted" if there.status in FOLDED else there.status
    if status != word or sent.receipt != word:
        yield f"I3 {name} believes {sent.receipt!r} of {sent.fact[:8]} at {receiver.node.me} (receipt {word!r}), it is {status}"


# I4, I5 ---------------------------------------------------------------------------------------------------------


def forbidden(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I4: in the order of a node's own log, nothing under an agreement before it was in force or while the pair rested."""
    for name, node in seen.items():
        for fact in history.liar.inventions if history.liar is not None else ():
            if node.counts(fact):
                yield f"I4 {name} believes the invention {fact[:8]}: {history.liar.inventions[fact]}"  # type: ignore[union-attr]
        yield from (f"I4 {name}: {why}" for why in _against_agreements(node))


def _against_agreements(seen: Seen) -> Iterator[str]:
    node, in_force, resting = seen.node, set[str](), dict[str, tuple[str, frozenset[str]]]()
    with node.reading() as tx:
        work = Work(node, tx)
        for name in seen.leaves:
            fact = seen.facts[name]
            header = decode_header(fact.payload)
            if fact.procedure == "agreement":
                _agreement_step(node, work, fact, in_force, resting)
            envelope = header.envelope
            if (
                envelope is None
                or envelope.instrument == "peering"
                or _always(fact, envelope.purpose)
                or not fact.received_from
            ):
                continue
            if envelope.instrument not in in_force:
                yield f"{fact.kind} {name[:8]} under {envelope.instrument}, which is not in force"
            if (envelope.instrument, frozenset((fact.received_from, node.me))) in resting.values():
                yield f"{fact.kind} {name[:8]} from {fact.received_from} while the pair rested"
            if envelope.data not in ("phone", "wallet", "account", "indicator", "identity"):
                yield f"{fact.kind} {name[:8]} with data {envelope.data}"


def _agreement_step(
    node: Node, work: Work, fact: FactRow, in_force: set[str], resting: dict[str, tuple[str, frozenset[str]]]
) -> None:
    if fact.kind == "enter":
        in_force.add(fact.record)
    elif fact.kind == "suspend-pair":
        form = node.projector.form(fact, work.key(fact.id))
        if form is not None:
            resting[fact.id] = (fact.record, frozenset((fact.origin, form.other)))
    elif fact.kind == "resume-pair":
        for target in decode_header(fact.payload).targets:
            resting.pop(target, None)


def _always(fact: FactRow, purpose: str) -> bool:
    closed = (
        fact.procedure == "recall"
        or fact.kind in ("correct", "withdraw")
        or (fact.procedure, fact.kind) in (("stop-payment", "release"), ("stop-payment", "lapse"))
    )
    return closed or (fact.procedure, fact.kind) == ("key-rotation", "revoke") or purpose == "danger-to-life"


def exposed(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I5: a liar whose lie must be noticed was noticed by somebody."""
    if history.liar is None:
        return
    for kinds, why in history.liar.must_be_noticed():
        raised = [alarm.kind for node in seen.values() for alarm in node.node.reading_desk.alarms(open_only=False)
                  if alarm.severity == "critical"]  # fmt: skip
        if not set(kinds) & set(raised):
            yield f"I5 nobody noticed: {why} (alarms: {sorted(set(raised))})"


# I6, I7, I8 -----------------------------------------------------------------------------------------------------


def pairs(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I6: gapless numbers, and honest pairs are at the same place."""
    for name, node in seen.items():
        for peer, rows in node.outbox.items():
            if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
                yield f"I6 {name} → {peer} has gaps"
            if len({row.fact for row in rows}) != len(rows):
                yield f"I6 {name} → {peer} sends a fact twice"
            if peer in seen and seen[peer].cursors[name] != len(rows):
                yield f"I6 {peer} has {seen[peer].cursors[name]} of {len(rows)} from {name}"


def erased(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I7: a confirmed erasure has happened."""
    for name, node in seen.items():
        for row in (
            row
            for row in node.facts.values()
            if row.procedure == "recall" and row.kind == "confirm" and row.origin == name
        ):
            opening = next(fact for fact in node.facts.values() if fact.record == row.record and fact.kind == "recall")
            target = decode_header(opening.payload).targets[0]
            with node.node.reading() as tx:
                form = node.node.projector.form(row, Work(node.node, tx).key(row.id))
            if form is None or form.outcome != "erased":
                continue
            held = node.facts.get(target)
            if held is not None and (held.content is not None or node.node.content_keys.get([target])):
                yield f"I7 {name} confirmed the erasure of {target[:8]} and still has it"
    for owner, fact in history.officers_at_work.recalled:
        for held in seen[owner].node.recalling.holding(fact) if owner in seen else ():
            if held.node in seen and _party(seen, owner, held.record, held.node) and held.status != "confirmed":
                yield f"I7 {held.node} has not answered the recall of {fact[:8]} by {owner}"


def _party(seen: dict[str, Seen], owner: str, record: str, holder: str) -> bool:
    """Whether the holder answers the owner itself, not through somebody who may lie."""
    return holder in seen[owner].records[record].parties["holder"] if record else True


def clocks(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I8: every clock of an open record is armed once, none is overdue, none fired twice in one state."""
    for name, node in seen.items():
        with node.node.reading() as tx:
            jobs = tx.jobs.list()
        now = node.node.clock.now()
        for job in jobs:
            if job.due_at < now - 10 * MINUTE and job.kind != "compare-logs":
                yield f"I8 {name} left {job.kind} {job.key} undone since {now - job.due_at} ms ({job.attempts} attempts)"
        armed: dict[str, set[str]] = {}
        for job in jobs:
            if job.kind == "timer":
                record, timer = job.key.rsplit("/", 1)
                armed.setdefault(record, set()).add(timer)
        for row in node.records.values():
            view = node.node.projector.view(row)
            with node.node.writing() as work:
                context = node.node.projector.context(work, row.id)
            from spean.procedures.turn import clocks as running

            due = running(node.node.engine.procedure(row.procedure, row.version), view, context)
            mine = {each.name for each in due if name in row.parties.get(each.by_party, ())}
            if mine != armed.get(row.id, set()):
                yield f"I8 {name} {row.id}: clocks {sorted(mine)} run, {sorted(armed.get(row.id, set()))} are armed"


def delivery(history: History, seen: dict[str, Seen]) -> Iterator[str]:
    """I8: what was alarmed about as not delivered was late indeed."""
    for name, node in seen.items():
        limit = node.node.settings.undelivered_ms
        for peer, rows in node.outbox.items():
            for row in rows:
                if row.alarmed_at is not None and row.alarmed_at - row.queued_at <= limit:
                    yield f"I8 {name} alarmed about {peer}:{row.seq} after {row.alarmed_at - row.queued_at} ms"


__all__ = ["EXCHANGE", "broken"]
