"""The desk: what runs out next is on top. A list shows no contents, so looking at it is no read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from spean.core.world import MINUTE
from spean.node.faces import RecordRow
from spean.procedures.acts import Context
from spean.procedures.declare import Procedure
from spean.web.frame.pages import Answer, Go, Page, Pages
from spean.web.frame.visit import Visit
from spean.web.places.record import act_path, known_procedure, nodes_of, turns, waits_for

pages = Pages()
LINES = 50
"""Records on one page."""
LOOKED = 200
"""Records that are looked at for one page of those whose turn is ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record of the queue."""

    id: str
    procedure: str
    title: str
    state: str
    state_doc: str
    others: tuple[str, ...]
    due_at: int | None
    purpose: str
    via: str
    instrument: str
    basis: str
    changed_at: int
    act: str
    """What this officer would do next, empty when it is not our turn."""
    path: str
    """Where it is done."""
    waits_for: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner as the desk's top line counts it."""

    node: str
    silent_for: int | None
    """Milliseconds since it was last heard; None: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage(Page):
    """The queue with its filters."""

    template: ClassVar[str] = "desk.html"
    lines: tuple[Line, ...]
    after: str
    """Name of the last record when there are more."""
    procedure: str
    procedures: tuple[tuple[str, str], ...]
    turn: str
    late: int
    ours: int
    silent: tuple[Partner, ...]
    partners: int
    openings: tuple[tuple[str, str, str], ...]
    """Procedures that this officer may open: name, title, doc."""
    closed: bool


@pages.get("/")
def desk(visit: Visit) -> Answer:
    """Open records by the seconds that are left; a bank's fraud desk has its own page."""
    node, who = visit.node, visit.who
    if who.only_bank:
        return Go("/bank")
    procedure, closed = visit.query("procedure"), visit.query("closed") == "1"
    turn = "ours" if visit.query("turn") == "ours" else ""
    rows = node.reading_desk.records(
        who,
        procedure=procedure or None,
        open_only=not closed,
        after=visit.query("after"),
        limit=LOOKED if turn else LINES,
    )
    words = visit.office.markup.words(visit.reader.language)
    lines, last = _lines(visit, rows, ours=bool(turn))
    partners = _partners(visit)
    return DeskPage(
        title=words.gettext("What runs out next"), lines=tuple(lines), after=last,
        procedure=procedure, procedures=tuple((each.name, each.title) for each in node.engine.procedures), turn=turn,
        late=sum(1 for line in lines if line.due_at is not None and line.due_at < visit.now),
        ours=sum(1 for line in lines if line.act), silent=tuple(each for each in partners if _is_silent(each)),
        partners=len(partners), openings=tuple(_openings(visit)), closed=closed,
    )  # fmt: skip


def _lines(visit: Visit, rows: Sequence[RecordRow], *, ours: bool) -> tuple[list[Line], str]:
    """The lines to show, and the record after which the next page begins (empty: there is none)."""
    found: list[Line] = []
    for place, row in enumerate(rows):
        line = line_of(visit, row)
        if line.act or not ours:
            found.append(line)
        if len(found) == LINES and place + 1 < len(rows):
            return found, row.id
    return found, rows[-1].id if len(rows) == (LOOKED if ours else LINES) else ""


def line_of(visit: Visit, row: RecordRow) -> Line:
    """A row of the queue with the next act, judged from the declaration alone: no content is opened."""
    node = visit.node
    procedure = known_procedure(node, row)
    act = _next_act(visit, row, procedure)
    registry = node.registry
    return Line(
        id=row.id, procedure=row.procedure, title=procedure.title if procedure else row.procedure, state=row.state,
        state_doc=procedure.states.get(row.state, "") if procedure else "", others=tuple(sorted(nodes_of(row) - {node.me})),
        due_at=row.due_at, purpose=row.purpose, via=row.via, instrument=row.instrument,
        basis=registry.get(row.instrument).title if row.instrument in registry else "", changed_at=row.changed_at,
        act=act, path=act_path(row, act) if act else "", waits_for=() if act else waits_for(row, procedure, node.me), key=act[:1],
    )  # fmt: skip


def _next_act(visit: Visit, row: RecordRow, procedure: Procedure | None) -> str:
    if procedure is None or row.closed:
        return ""
    context = Context(now=visit.now, me=visit.node.me)
    offers = visit.node.engine.offers(visit.node.projector.view(row), visit.node.me, visit.who.roles, context)
    first, _, _ = turns(offers, procedure, row.state)
    return first.kind if first else ""


def _openings(visit: Visit) -> list[tuple[str, str, str]]:
    roles = visit.who.roles
    found = []
    for each in visit.node.engine.procedures:
        opening = each.opening
        if not each.through and (not opening.roles or not roles.isdisjoint(opening.roles)):
            found.append((each.name, each.title, each.doc))
    return found


def _partners(visit: Visit) -> list[Partner]:
    now = visit.now
    return [
        Partner(node=row.node, silent_for=None if row.last_contact is None else now - row.last_contact)
        for row in visit.node.peering.list() if row.status == "active"
    ]  # fmt: skip


def _is_silent(partner: Partner) -> bool:
    return partner.silent_for is None or partner.silent_for > 2 * MINUTE
