"""An act of any procedure as a form: its fields, the rules before the act, who receives it, what follows from it (D3, D6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import msgspec

from spean.agreements.preview import PreviewLine
from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, SpeanError
from spean.core.ids import parse_record, ulid
from spean.node.acts.acting import Intent
from spean.node.acts.assertions import Unsigned
from spean.node.faces import RecordRow
from spean.node.work import Work
from spean.procedures.acts import Context
from spean.procedures.clocks import words as delay_words
from spean.procedures.declare import Procedure, Transition
from spean.procedures.forms import decode, schema
from spean.procedures.permissions import who_may
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.parts.envelope import default_marks, mark_fields, read_marks
from spean.web.parts.faults import faults, place_of
from spean.web.parts.fields import Field, FormShape
from spean.web.parts.lanes import Value, values
from spean.web.parts.measures import Unit, unit_of
from spean.web.places.confirm import confirm_page, signed
from spean.web.places.record import known_procedure, nodes_of

pages = Pages()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Would this node receive it, and why. ``chosen``: it is to receive it."""

    node: str
    allowed: bool
    chosen: bool
    instrument: str
    rule: str
    reason: str
    remedy: str
    clauses: tuple[tuple[str, str, bool, str], ...]
    """Name, article, holds, words of every clause that was weighed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What follows: the state that is entered, and the clocks that run there."""

    state: str
    doc: str
    clocks: tuple[tuple[str, str, str], ...]
    """What is expected, within which time, what happens otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPage(Page):
    """The form of one act."""

    template: ClassVar[str] = "act.html"
    action: str
    back: str
    procedure: str
    procedure_name: str
    record: str
    doc: str
    opening: bool
    adverse: bool
    local: bool
    who_may: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    effect: Effect | None
    fields: tuple[Field, ...]
    marks: tuple[Field, ...]
    marks_open: bool
    receivers: tuple[Receiver, ...]
    once: str
    rule: Rule | None
    errors: tuple[tuple[str, str, str], ...]
    """Control, label and words of every fault, for the summary on top."""
    targets: tuple[str, ...]
    asked: tuple[Value, ...]
    """What the record's opening act says, to have it before one's eyes while answering."""
    kept: bool
    """What is shown was typed before; it must not be replaced by an older draft."""
    blocked: bool = False
    """It is refused whatever the form says; ``rule`` tells why and what would make it pass."""


OF_COURSE: dict[str, dict[str, Any]] = {
    "fraud-report": {"purpose": "stop-fraud", "data": "account", "subject": "victim"}
}
"""Marks that a record of this kind always has: a victim's report is taken down in three minutes (C1)."""
FIRST: dict[str, Callable[[int], dict[str, Any]]] = {"fraud-report": lambda now: {"reported_at": now, "payments": [{}]}}
"""What stands in the form of an opening at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Page):
    """Only the part of the form that says who receives it."""

    template: ClassVar[str] = "receivers.html"
    action: str
    opening: bool
    receivers: tuple[Receiver, ...]


@dataclass(slots=True)
class Draft:
    """An act that somebody is about to do, as far as it is typed."""

    procedure: Procedure
    transition: Transition
    record: RecordRow | None
    form: dict[str, Any]
    to: tuple[str, ...]
    marks: dict[str, Any]
    targets: tuple[str, ...] = ()
    once: str = ""
    kept: bool = False
    asked: tuple[Value, ...] = ()
    unit: Unit | None = None
    """In what amounts are counted whose form names no currency: as the record's opening says."""

    @property
    def path(self) -> str:
        """Where its form is."""
        if self.record is None:
            return f"/new/{self.procedure.name}"
        return f"/records/{self.record.id}/{self.transition.kind}"


@pages.get("/new/{procedure}")
def opening(visit: Visit) -> Answer:
    """An empty form that opens a record."""
    return _shown(visit, _new_draft(visit))


@pages.post("/new/{procedure}")
def open_record(visit: Visit) -> Answer:
    """Open a record."""
    return _act(visit, _new_draft(visit))


@pages.get("/records/{record}/{kind}")
def form(visit: Visit) -> Answer:
    """The form of an act in a record, with what it is about."""
    draft = _record_draft(visit)
    _open_beside(visit, draft)
    return _shown(visit, draft)


@pages.post("/records/{record}/{kind}")
def act(visit: Visit) -> Answer:
    """Act in a record."""
    return _act(visit, _record_draft(visit))


@pages.post("/new/{procedure}/receivers")
def receivers_of_opening(visit: Visit) -> Answer:
    """Who would receive it, asked anew while the form is filled in."""
    return _asked(visit, _new_draft(visit))


@pages.post("/records/{record}/{kind}/receivers")
def receivers_of_act(visit: Visit) -> Answer:
    """The same for an act in a record."""
    return _asked(visit, _record_draft(visit))


def _asked(visit: Visit, draft: Draft) -> Answer:
    draft.to = tuple(value for name, value in visit.pairs if name == "to")
    return Part(title="", action=draft.path, opening=draft.transition.opens, receivers=receivers(visit, draft))


def _new_draft(visit: Visit) -> Draft:
    procedure = visit.node.engine.procedure(visit.part("procedure"))
    first = FIRST.get(procedure.name)
    form = {} if first is None else first(visit.now)
    marks = default_marks(OF_COURSE.get(procedure.name, {}))
    return Draft(procedure, procedure.opening, None, form, (), marks, once=_fresh(visit))


def _record_draft(visit: Visit) -> Draft:
    record, kind = visit.part("record"), visit.part("kind")
    parse_record(record)
    with visit.node.reading() as tx:
        row = tx.records.get(record)
    procedure = known_procedure(visit.node, row)
    transition = procedure.by_kind.get(kind) if procedure else None
    if (
        procedure is None
        or transition is None
        or transition.opens
        or transition.is_timer
        or transition.auto
        or kind == "correct"
    ):
        raise NotFound(f"{row.procedure} has no act {kind!r} for a person", remedy="see the record's page", rule="D6")
    visit.node.reading_desk.may_read(visit.who)
    targets = tuple(filter(None, visit.query("target").split(",")))
    return Draft(procedure, transition, row, {}, (), {}, targets, once=_fresh(visit))


def _open_beside(visit: Visit, draft: Draft) -> None:
    """The opening form beside the act's, and what the act's form holds at first. It is a read, and written down as one."""
    if draft.record is None:
        return
    opening = visit.node.reading_desk.opening(visit.who, draft.record.id, reason=visit.reason())
    declared = draft.procedure.opening.form
    if opening is None or opening.form is None:
        return
    draft.unit = unit_of(opening.form, None)
    draft.asked = tuple(values(opening.form, schema(declared)))
    if draft.transition.begins is not None and not draft.form:
        draft.form = draft.transition.begins(decode(declared, msgspec.json.encode(opening.form)))


def _fresh(visit: Visit) -> str:
    return ulid(visit.node.clock, visit.node.entropy)


def _act(visit: Visit, draft: Draft) -> Answer:
    """Do it; or show the form again with what was typed and what is wrong."""
    if draft.record is not None and visit.task:
        _open_beside(visit, draft)
    shape = FormShape(schema(draft.transition.form), visit.reader, draft.unit)
    draft.form, draft.kept = shape.read(visit.pairs), True
    draft.to = tuple(value for name, value in visit.pairs if name == "to")
    draft.targets = tuple(value for name, value in visit.pairs if name == "target") or draft.targets
    draft.once = visit.typed("once") or draft.once
    draft.marks = {name.removeprefix("m."): value for name, value in visit.pairs if name.startswith("m.") and value}
    changed = shape.changed_rows(visit.pairs)
    if changed is not None or visit.typed("again"):
        draft.form = changed if changed is not None else draft.form
        return _shown(visit, draft)
    words = visit.office.markup.words(visit.reader.language)
    wrong = faults(shape.fields(draft.form), words)
    if wrong:
        return Shown(_page(visit, draft, errors=wrong), 422)
    try:
        marks, _ = read_marks(visit)
        intent = _intent(draft, marks)
        done = signed(visit, lambda given: visit.node.acting.act(visit.who, replace(intent, **given)))
    except Unsigned as unsigned:
        return confirm_page(visit, unsigned, draft.procedure, draft.transition, draft.path, draft.unit)
    except InvalidInput as invalid:
        place = place_of(invalid)
        return Shown(_page(visit, draft, errors={place: invalid.why}, error=invalid), 422)
    except (Refusal, Conflict) as refused:
        if isinstance(refused, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, refused, f"POST {draft.path}")
        return Shown(_page(visit, draft, error=refused), refused.status)
    return Go(f"/records/{done.record}?done={done.fact}")


def _intent(draft: Draft, marks: Any) -> Intent:
    return Intent(
        kind=draft.transition.kind, form=draft.form, record="" if draft.record is None else draft.record.id,
        procedure=draft.procedure.name if draft.record is None else "", to=draft.to, marks=marks, targets=draft.targets,
        once=draft.once,
    )  # fmt: skip


def _shown(visit: Visit, draft: Draft) -> Page:
    """The form; where something stands in the way of the act whatever is typed, that instead of a button."""
    refusal = _in_the_way(visit, draft)
    page = _page(visit, draft, error=refusal)
    return page if refusal is None else replace(page, blocked=True)


def _in_the_way(visit: Visit, draft: Draft) -> Refusal | None:
    node, who, t = visit.node, visit.who, draft.transition
    if draft.record is None:
        return node.engine.in_the_way(None, t, node.me, who.roles, Context(now=visit.now, me=node.me))
    with node.reading() as tx:
        context = node.projector.context(Work(node, tx), draft.record.id)
        return node.engine.in_the_way(node.projector.view(draft.record), t, node.me, who.roles, context)


def _page(
    visit: Visit, draft: Draft, *, errors: dict[str, str] | None = None, error: SpeanError | None = None
) -> ActPage:
    errors = errors or {}
    t = draft.transition
    shape = FormShape(schema(t.form), visit.reader, draft.unit)
    controls = shape.fields(draft.form, errors)
    local = t.local or draft.procedure.own
    marks = () if t.local else mark_fields(visit, draft.marks, opening=t.opens, errors=errors)
    words = visit.office.markup.words(visit.reader.language)
    return ActPage(
        title=words.act(t.kind), action=draft.path, back="/" if draft.record is None else f"/records/{draft.record.id}",
        procedure=draft.procedure.title,
        procedure_name=draft.procedure.name, record="" if draft.record is None else draft.record.id, doc=t.doc, opening=t.opens,
        adverse=t.adverse, local=local, who_may=who_may(t), rules=tuple((rule.number, rule.text) for rule in t.rules),
        effect=_effect(draft.procedure, t), fields=controls, marks=marks,
        marks_open=(t.opens and draft.procedure.name not in OF_COURSE) or any(field.error for field in marks) or bool(draft.marks and not t.opens),
        receivers=receivers(visit, draft), once=draft.once, rule=None if error is None or _is_field(error, controls, marks) else rule_of(error),
        errors=tuple(_listed_errors((*controls, *marks))), targets=draft.targets, asked=draft.asked, kept=draft.kept,
    )  # fmt: skip


def _is_field(error: SpeanError, *groups: Sequence[Field]) -> bool:
    """Whether the error is shown at a control already."""
    return isinstance(error, InvalidInput) and any(_listed_errors(group) for group in groups)


def _listed_errors(controls: Sequence[Field]) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for field in controls:
        if field.error:
            found.append((field.name, field.label, field.error))
        found += _listed_errors(field.children)
        for row in field.rows:
            found += _listed_errors(row)
    return found


def _effect(procedure: Procedure, t: Transition) -> Effect | None:
    if t.target is None:
        return None
    expected = []
    for each in procedure.clocks_in.get(t.target, ()):
        if each.within is not None:
            expected.append((each.kind, delay_words(each.within), each.else_))
        elif each.after is not None:
            expected.append(("", delay_words(each.after), each.kind))
    return Effect(state=t.target, doc=procedure.states.get(t.target, ""), clocks=tuple(expected))


def receivers(visit: Visit, draft: Draft) -> tuple[Receiver, ...]:
    """Each partner: yes and why, or no and why not; before anything is sent."""
    if draft.transition.local:
        return ()
    try:
        marks, _ = read_marks(visit)
    except InvalidInput:
        return ()
    lines = visit.node.previewing.lines(_intent(draft, marks))
    chosen = set(draft.to) if draft.record is None else nodes_of(draft.record)
    return tuple(
        receiver_of(line, line.node in chosen) for line in sorted(lines, key=lambda line: line.node not in chosen)
    )


def receiver_of(line: PreviewLine, chosen: bool) -> Receiver:
    """A line of a preview as the component *who receives this* shows it."""
    clauses = tuple((each.name, each.article, each.holds, each.says) for each in line.clauses)
    return Receiver(
        node=line.node, allowed=line.allowed, chosen=chosen, instrument=line.instrument, rule=line.rule, reason=line.reason,
        remedy=line.remedy, clauses=clauses,
    )  # fmt: skip
