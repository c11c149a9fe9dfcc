"""One fact in full (A3, A8): what it says, what proves it, who has it and what may be done with it; its evidence file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.responses import Response

from spean.core.errors import NotFound, Refusal
from spean.node.views.inspecting import Acts, FactDetail, Leaf
from spean.node.views.recall_watch import Asked
from spean.procedures.declare import Procedure
from spean.procedures.forms import schema
from spean.web.frame.pages import Answer, Page, Pages
from spean.web.frame.visit import Visit
from spean.web.parts.lanes import Receipt, Value, values
from spean.web.parts.strip import Strip, strip_of
from spean.web.places.record import nodes_of

pages = Pages()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Another fact that belongs to this one."""

    fact: str
    record: str
    kind: str
    node: str
    at: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A node that has or had a copy."""

    node: str
    status: str
    outcome: str
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactPage(Page):
    """Everything about one fact."""

    template: ClassVar[str] = "fact.html"
    id: str
    record: str
    procedure: str
    doc: str
    node: str
    ours: bool
    unit: str
    by: str
    actor: str
    actor_kind: str
    at: int
    track: str
    status: str
    status_reason: str
    corrected_by: str
    erased_at: int | None
    strip: Strip | None
    values: tuple[Value, ...]
    builds_on: tuple[str, ...]
    targets: tuple[str, ...]
    key_id: str
    key: str
    signature_fault: str
    officer: tuple[str, str] | None
    """The passkey with which the acting officer signed, and on which page."""
    leaf: Leaf | None
    got: tuple[Receipt, ...]
    gave: tuple[Receipt, ...]
    holders: tuple[Holder, ...]
    asked: tuple[Asked, ...]
    exports: tuple[tuple[str, int], ...]
    derived: tuple[Cited, ...]
    follows: tuple[Cited, ...]
    acts: Acts
    me: str


@pages.get("/facts/{fact}")
def fact(visit: Visit) -> Answer:
    """The fact's page; opening it is a read, which is written down with the officer's task (R38)."""
    name = visit.part("fact")
    detail = visit.node.inspecting.fact(visit.who, name, reason=visit.reason())
    return fact_page(visit, detail)


@pages.post("/facts/{fact}/evidence")
def evidence(visit: Visit) -> Answer:
    """The evidence file, handed out for a reason that is written down (R38)."""
    name = visit.part("fact")
    visit.node.inspecting.acts(visit.who, name)
    reason = visit.typed("reason").strip() or visit.reason()
    document = visit.node.logs.evidence(visit.who, name, reason=reason, content=visit.typed("words", "yes") == "yes")
    disposition = f'attachment; filename="{name[:16]}.spean.json"'
    return Response(document, headers={"content-disposition": disposition}, media_type="application/json")


def fact_page(visit: Visit, detail: FactDetail) -> FactPage:
    """The context of a fact that was read."""
    node, view, row = visit.node, detail.view, detail.view.row
    words = visit.office.markup.words(visit.reader.language)
    procedure = procedure_of(visit, row.procedure)
    parties = frozenset({row.origin}) if detail.record is None else nodes_of(detail.record)
    header: dict[str, Any] = view.header
    transition = None if procedure is None else procedure.by_kind.get(row.kind)
    return FactPage(
        title=words.act(row.kind), id=row.id, record=row.record, procedure=procedure.title if procedure else row.procedure,
        doc=transition.doc if transition else "", node=row.origin, ours=row.origin == node.me,
        unit=str(header.get("unit", "")), by=view.by or "", actor=str(header.get("actor", "")),
        actor_kind=str(header.get("actor_kind", "")), at=row.at, track=row.track, status=row.status, status_reason=row.reason,
        corrected_by=row.superseded_by, erased_at=row.erased_at, strip=strip_of(node, [view], parties),
        values=tuple(values(view.form or {}, shape_of(procedure, row.kind))), builds_on=tuple(header.get("builds_on", ())),
        targets=tuple(header.get("targets", ())), key_id=row.key_id, key=detail.key, signature_fault=detail.signature_fault,
        officer=None if view.officer is None else (view.officer.key, view.officer.origin), leaf=detail.leaf,
        got=_receipts(detail, "in"), gave=_receipts(detail, "out"),
        holders=tuple(Holder(node=each.node, status=each.status, outcome=each.outcome, record=each.record) for each in detail.holding),
        asked=tuple(node.recall_watch.of_fact(visit.who, row.id)),
        exports=tuple((each.medium, each.at) for each in detail.exports), derived=_cited(detail.derived),
        follows=_cited(detail.follows), acts=detail.acts, me=node.me,
    )  # fmt: skip


def procedure_of(visit: Visit, name: str) -> Procedure | None:
    """The declaration; None when this version does not know it."""
    try:
        return visit.node.engine.procedure(name)
    except NotFound:
        return None


def shape_of(procedure: Procedure | None, kind: str) -> dict[str, Any]:
    """The JSON Schema of an act's form; empty when it is not known."""
    transition = None if procedure is None else procedure.by_kind.get(kind)
    return {} if transition is None else schema(transition.form)


def need(possible: bool, rule: str, why: str) -> None:
    """Refuse the page of an act that is not possible now."""
    if not possible:
        raise Refusal(rule, why, remedy="the fact's page shows what may be done with it")


def _receipts(detail: FactDetail, direction: str) -> tuple[Receipt, ...]:
    rows = (each for each in detail.receipts if each.direction == direction)
    return tuple(Receipt(node=each.peer, status=each.status, at=each.at, reason=each.reason) for each in rows)


def _cited(rows: Any) -> tuple[Cited, ...]:
    return tuple(
        Cited(fact=row.id, record=row.record, kind=row.kind, node=row.origin, at=row.at, status=row.status)
        for row in rows
    )
