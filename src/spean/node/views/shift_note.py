"""The note that the node writes for a hand-over: what came in, what was done, which clocks run, what rings, who is silent (DOMAIN 5).

It names records, kinds, times and clocks and no contents, so composing it is no read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from spean.core.errors import InvalidInput
from spean.core.world import HOUR
from spean.exchange.codec import decode_header
from spean.node.entry.people import Who
from spean.node.entry.rights import opened_to
from spean.node.views.partners import SILENT
from spean.node.views.reading import ACCESSES
from spean.store.rows import RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx
    from spean.store.facts import Arrival

SHIFT = 12 * HOUR
"""How far a note looks back when nobody has handed over before, and always how far ahead."""
MOST_BACK = 14 * 24 * HOUR
MOST_LINES = 100
"""Lines of each part; the note says how many it left out."""
MOST_FACTS = 20_000
"""Facts that are looked through; a busier shift is told from there on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Facts of one kind in one record by one node, and, of ours, by one person. ``at`` is the latest of ``count``."""

    record: str
    procedure: str
    kind: str
    node: str
    by: str
    at: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A record with a clock."""

    record: str
    procedure: str
    state: str
    others: tuple[str, ...]
    due_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """An alarm that nobody has acknowledged."""

    kind: str
    severity: str
    text: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A partner that is silent or for which facts wait."""

    node: str
    last_contact: int | None
    silent: bool
    undelivered: int
    oldest: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The note as the node writes it. Times are ms UTC."""

    node: str
    unit: str
    since: int
    until: int
    came_in: tuple[Happened, ...]
    done: tuple[Happened, ...]
    late: tuple[Due, ...]
    runs_out: tuple[Due, ...]
    alarms: tuple[Rings, ...]
    partners: tuple[Quiet, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    """Part → lines that did not fit, e.g. ``came_in``."""


def compose(ground: Ground, tx: Tx, who: Who, since: int) -> Note:
    """The note as of now, of the records that ``who`` may open (O1). Raises ``InvalidInput`` for a moment that is ahead or too long ago."""
    now = ground.clock.now()
    if not now - MOST_BACK <= since <= now:
        raise InvalidInput("since", "a note goes back at most 14 days and not ahead", remedy="give another moment")
    came_in, done = _happened(ground, tx, who, since)
    late, runs_out = _clocks(ground, tx, who, now)
    alarms = [
        Rings(kind=each.kind, severity=each.severity, text=each.text, at=each.at) for each in tx.alarms.list(open_only=True)
    ]  # fmt: skip
    parts: dict[str, Sequence[object]] = {
        "came_in": came_in,
        "done": done,
        "late": late,
        "runs_out": runs_out,
        "alarms": alarms,
    }
    return Note(
        node=ground.me, unit=who.user.unit, since=since, until=now, came_in=tuple(came_in[:MOST_LINES]), done=tuple(done[:MOST_LINES]),
        late=tuple(late[:MOST_LINES]), runs_out=tuple(runs_out[:MOST_LINES]), alarms=tuple(alarms[:MOST_LINES]),
        partners=tuple(_quiet(tx, now)),
        left_out={name: len(lines) - MOST_LINES for name, lines in parts.items() if len(lines) > MOST_LINES},
    )  # fmt: skip


def _happened(ground: Ground, tx: Tx, who: Who, since: int) -> tuple[list[Happened], list[Happened]]:
    """What partners sent and what was done here, latest first."""
    names = {row.id: row.name for row in tx.people.list()}
    lines: dict[tuple[str, str, str, str], Happened] = {}
    for each in _arrivals(ground, tx, since):
        by = "" if each.received_from else _actor(each, names)
        key = (each.record, each.kind, each.origin, by)
        known = lines.get(key)
        lines[key] = replace(known, count=known.count + 1) if known else Happened(
            record=each.record, procedure=each.procedure, kind=each.kind, node=each.origin, by=by,
            at=each.received_at or each.at, count=1,
        )  # fmt: skip
    opens = opened_to(tx, who, (line.record for line in lines.values()))
    shown = [line for line in lines.values() if line.record in opens]
    return [line for line in shown if line.node != ground.me], [line for line in shown if line.node == ground.me]


def seen_by(note: Note, opens: frozenset[str]) -> Note:
    """The part of a note that is about records which its reader may open."""
    return replace(
        note, came_in=_of(note.came_in, opens), done=_of(note.done, opens), late=_of(note.late, opens),
        runs_out=_of(note.runs_out, opens),
    )  # fmt: skip


_Line = TypeVar("_Line", Happened, Due)


def _of(lines: Iterable[_Line], opens: frozenset[str]) -> tuple[_Line, ...]:
    return tuple(line for line in lines if line.record in opens)


def _arrivals(ground: Ground, tx: Tx, since: int) -> Iterator[Arrival]:
    known = {procedure.name for procedure in ground.engine.procedures}
    seen, before = 0, None
    while seen < MOST_FACTS and (page := tx.facts.arrivals(before=before, limit=500)):
        for each in page:
            if (each.received_at or each.at) < since:
                return
            if each.procedure in known and each.kind not in ACCESSES:
                yield each
        seen, before = seen + len(page), page[-1].n


def _clocks(ground: Ground, tx: Tx, who: Who, now: int) -> tuple[list[Due], list[Due]]:
    """Open records whose clock has run out, and those whose clock will within a shift."""
    late: list[Due] = []
    soon: list[Due] = []
    after: RecordRow | None = None
    while rows := tx.records.list(open_only=True, purposes=who.purposes, after=after, limit=500):
        for row in rows:
            if row.due_at is None or row.due_at > now + SHIFT:
                return late, soon
            (late if row.due_at < now else soon).append(_due(ground.me, row, row.due_at))
        after = rows[-1]
    return late, soon


def _due(me: str, row: RecordRow, due_at: int) -> Due:
    others = {node for nodes in row.parties.values() for node in nodes} - {me}
    return Due(record=row.id, procedure=row.procedure, state=row.state, others=tuple(sorted(others)), due_at=due_at)


def _quiet(tx: Tx, now: int) -> Iterable[Quiet]:
    counts, oldest = tx.outbox.counts(), tx.outbox.oldest_unreceipted()
    for row in tx.peers.list():
        waits = counts[row.node].open if row.node in counts else 0
        silent = row.last_contact is None or now - row.last_contact > SILENT
        if row.status == "active" and (silent or waits):
            since = oldest[row.node].queued_at if row.node in oldest else None
            yield Quiet(node=row.node, last_contact=row.last_contact, silent=silent, undelivered=waits, oldest=since)


def _actor(each: Arrival, names: dict[str, str]) -> str:
    """Who did it: a person's name, or empty for a clock or the node itself."""
    header = decode_header(each.payload)
    return names.get(header.actor, "") if header.actor_kind == "person" else ""
