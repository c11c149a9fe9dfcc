"""A record: handling strip, clocks, two lanes, your turn, who holds this, rule cards. For any procedure (D6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import NotFound
from spean.core.roles import Role
from spean.node import Node
from spean.node.faces import RecordRow
from spean.node.views.reading import RecordDetail
from spean.node.work import Work
from spean.procedures.declare import Procedure, Transition
from spean.procedures.engine import Offer
from spean.procedures.turn import clocks
from spean.web.frame.pages import Page, Pages
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.parts.lanes import MOST_STEPS, Step, steps
from spean.web.parts.strip import Strip, strip_of

pages = Pages()
SHEETS = {"fraud-report": "/money", "stop-payment": "/money", "restitution": "/restitutions", "entity": "/entities"}
"""Procedures whose records have a sheet of their own, and where."""
BY_SHEET = {"fraud-report": frozenset({"trace", "retrace", "follow"}), "restitution": frozenset({"propose"})}
"""Acts whose form nobody types: the sheet does them, from the ledgers or by the written rule."""
GENERIC = ("note", "approve", "correct")
AT_STEP = {"stop-payment": frozenset({"answered"})}
"""Acts that are done from the step to which they belong: an answer from its inquiry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock that runs: when, what is expected, by whom, and what happens by itself otherwise."""

    due_at: int
    expected: str
    by: tuple[str, ...]
    otherwise: str
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An act that this officer may do now, or that something is in the way of."""

    kind: str
    doc: str
    adverse: bool
    local: bool
    key: str
    refusal: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A side of the record with its nodes."""

    name: str
    nodes: tuple[str, ...]
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage(Page):
    """Everything about one record that this reader may see."""

    template: ClassVar[str] = "record.html"
    id: str
    procedure: str
    state: str
    state_doc: str
    ended: bool
    parties: tuple[Party, ...]
    strip: Strip | None
    clocks: tuple[Clock, ...]
    steps: tuple[Step, ...]
    earlier: int
    """Steps that are left out before the first shown."""
    primary: Turn | None
    others: tuple[Turn, ...]
    blocked: tuple[Turn, ...]
    held_by: tuple[tuple[str, str], ...]
    waits_for: tuple[str, ...]
    """The nodes that may move the record now, when we may not."""
    me: str
    done: str
    """The fact that was just sent from here; empty otherwise."""
    newer_version: bool
    auditor: bool
    sheet: str
    """Where its own sheet is; empty when it has none."""
    by_sheet: frozenset[str]
    """Acts that are done there."""


@pages.get("/records/{record}")
def record(visit: Visit) -> Page:
    """The record's page; opening it is a read, which is logged with the officer's task (R38)."""
    found = visit.node.reading_desk.record(visit.who, visit.part("record"), reason=visit.reason())
    return record_page(visit, found)


def record_page(visit: Visit, found: RecordDetail) -> RecordPage:
    """The context of a record that was read."""
    node, row = visit.node, found.row
    procedure = known_procedure(node, row)
    words = visit.office.markup.words(visit.reader.language)
    story = steps(found.facts, procedure, node.me)
    skip = max(0, len(story) - MOST_STEPS) if not visit.query("all") else 0
    primary, others, blocked = turns(found.offers, procedure, row.state)
    by_sheet = BY_SHEET.get(row.procedure, frozenset())
    at_step = AT_STEP.get(row.procedure, frozenset())
    return RecordPage(
        title=words.gettext(procedure.title) if procedure else row.procedure,
        id=row.id, procedure=row.procedure, state=row.state,
        state_doc=procedure.states.get(row.state, "") if procedure else "", ended=row.closed,
        parties=tuple(Party(name=name, nodes=nodes, ours=node.me in nodes) for name, nodes in row.parties.items()),
        strip=strip_of(node, found.facts, nodes_of(row)), clocks=running(node, row, procedure),
        steps=tuple(story[skip:]), earlier=skip, primary=primary, others=tuple(turn for turn in others if turn.kind not in by_sheet | at_step),
        blocked=tuple(turn for turn in blocked if turn.kind not in by_sheet), by_sheet=by_sheet,
        held_by=tuple(found.held_by), waits_for=() if primary else waits_for(row, procedure, node.me), me=node.me,
        done=visit.query("done"), newer_version=procedure is None, auditor=Role.AUDITOR in visit.who.roles,
        sheet=f"{SHEETS[row.procedure]}/{row.id}" if row.procedure in SHEETS else "",
    )  # fmt: skip


def act_path(row: RecordRow, act: str) -> str:
    """Where an act in a record is done."""
    if act in BY_SHEET.get(row.procedure, ()):
        return f"{SHEETS[row.procedure]}/{row.id}"
    return f"/records/{row.id}/{act}"


def known_procedure(node: Node, row: RecordRow) -> Procedure | None:
    """The declaration on which the record stays; None when a newer version wrote it."""
    try:
        return node.engine.procedure(row.procedure, row.version)
    except NotFound:
        return None


def nodes_of(row: RecordRow) -> frozenset[str]:
    """All nodes that are party to the record."""
    return frozenset(node for nodes in row.parties.values() for node in nodes)


def running(node: Node, row: RecordRow, procedure: Procedure | None) -> tuple[Clock, ...]:
    """The clocks that run, nearest first, each with what will happen by itself."""
    if procedure is None:
        return ()
    with node.reading() as tx:
        due = clocks(procedure, node.projector.view(row), node.projector.context(Work(node, tx), row.id, local=False))
    return tuple(_clock(procedure, row, timer.name, timer.kind, timer.due_at) for timer in due)


def _clock(procedure: Procedure, row: RecordRow, name: str, kind: str, due_at: int) -> Clock:
    expected = name.split(":")[0]
    transition = procedure.by_kind[expected]
    done = row.done.get(expected, ())
    by = [node for party in transition.by for node in row.parties.get(party, ()) if node not in done]
    fired = procedure.by_kind[kind]
    return Clock(
        due_at=due_at, expected="" if transition.is_timer else expected, by=tuple(by), otherwise=kind, doc=fired.doc
    )


def turns(
    offers: Sequence[Offer], procedure: Procedure | None, state: str
) -> tuple[Turn | None, tuple[Turn, ...], tuple[Turn, ...]]:
    """One primary act, the other possible ones, and those that something is in the way of.

    An adverse act is never the primary one (STYLE, rule 3); neither is a note, nor, where the record rests, an act
    that nobody expects.
    """
    rests = procedure is not None and state in procedure.rests
    approvals = procedure is not None and any(rule.author_only for t in procedure.transitions for rule in t.rules)
    hidden = {"correct"} if approvals else {"correct", "approve"}
    shown = [offer for offer in offers if offer.kind not in hidden]
    possible = [offer for offer in shown if offer.refusal is None]
    blocked = [offer for offer in shown if offer.refusal is not None]
    possible.sort(key=lambda offer: _weight(offer, rests=rests))
    used: set[str] = set()
    made = [_turn(offer, used) for offer in possible]
    first = made[0] if possible and _weight(possible[0], rests=rests) <= DUE else None
    rest = made[1:] if first else made
    return first, tuple(rest), tuple(_turn(offer, used) for offer in blocked if not offer.transition.local)


DUE = 1
"""Weights up to here are somebody's turn; heavier ones are only possible."""


def _weight(offer: Offer, *, rests: bool) -> int:
    """What a clock waits for first, then what moves the record on; then what ends it or is only possible; notes last."""
    t = offer.transition
    if offer.adverse or t.local or offer.kind in GENERIC:
        return 4 if offer.adverse else 5
    if t.within is not None:
        return 0
    return 1 if t.moves and not t.prevails and not rests else 3


def _turn(offer: Offer, used: set[str]) -> Turn:
    t: Transition = offer.transition
    key = next((letter for letter in offer.kind if letter.isalpha() and letter not in used | RESERVED), "")
    if key and offer.refusal is None:
        used.add(key)
    return Turn(
        kind=offer.kind, doc=t.doc, adverse=offer.adverse, local=t.local, key=key if offer.refusal is None else "",
        refusal=None if offer.refusal is None else rule_of(offer.refusal),
    )  # fmt: skip


RESERVED = frozenset("gjk")
"""Letters that move about on every page."""


def waits_for(row: RecordRow, procedure: Procedure | None, me: str) -> tuple[str, ...]:
    """The other nodes whose move it is."""
    if procedure is None or row.closed or row.state in procedure.rests:
        return ()
    moving = [t for t in procedure.transitions if t.moves and not t.is_timer and not t.auto and t.allowed_in(row.state)]
    first = [t for t in moving if not t.prevails] or moving
    nodes = {node for t in first for party in t.by for node in row.parties.get(party, ())}
    return tuple(sorted(nodes - {me}))
