"""Procedures and records. Every act of every procedure comes through the same few routes: what may be done, by whom,
with which form, is the declaration's word and the engine's judgement (D6); nothing here knows any one procedure."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Body, Header
from fastapi import Query as FromQuery
from starlette.responses import Response

from spean.api import views
from spean.api.bodies import Acting, Name, Nothing, Opening, Queue, Searching, Why
from spean.api.guarded import Answer, Caller, StrictRoute, of_type
from spean.core.errors import InvalidInput, NotFound, Refusal, TooMuch
from spean.core.ids import RecordName, parse_record
from spean.node import Node
from spean.node.acts.acting import Intent
from spean.procedures.declare import Procedure, Transition
from spean.procedures.diagram import diagram

MOST_IN_BATCH = 10_000
HeaderReason = Annotated[str, Header(alias="X-Reason", max_length=4000)]


def reason_of(query: Why, header: str) -> str:
    """The reason for a read, from the header or else the query."""
    return unquote(header) if header else query.reason


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """Everything about procedures and records."""
    router = APIRouter(prefix="/api/v1", route_class=guarded, tags=["records"])
    _declarations(router, node)
    _acts(router, node)
    _reads(router, node)
    return router


def _declarations(router: APIRouter, node: Node) -> None:
    @router.get("/procedures", summary="All procedures: states, acts, forms, rules, clocks")
    def procedures(_: Annotated[Nothing, FromQuery()]) -> Answer:
        engine = node.engine
        return Answer({"procedures": [views.procedure(each, engine.versions(each.name)) for each in engine.procedures]})

    @router.get("/procedures/{procedure}", summary="One procedure")
    def procedure(procedure: Name) -> Answer:
        return Answer(views.procedure(node.engine.procedure(procedure), node.engine.versions(procedure)))

    @router.get("/procedures/{procedure}/diagram.svg", summary="Its state diagram", **of_type("image/svg+xml"))
    def state_diagram(procedure: Name, _: Annotated[Nothing, FromQuery()]) -> Response:
        return Response(drawn(procedure), media_type="image/svg+xml")

    @cache
    def drawn(procedure: str) -> str:
        return diagram(node.engine.procedure(procedure))


def _acts(router: APIRouter, node: Node) -> None:
    @router.post("/records/{procedure}", status_code=201, summary="Open a record")
    def open_record(procedure: Name, body: Opening, who: Caller) -> Answer:
        return Answer(views.done(node.acting.act(who, opening(procedure, body))), 201)

    @router.post(
        "/records/{procedure}/prepare", summary="What the officer's passkey is to sign, to open such a record (R1)"
    )
    def prepare_opening(procedure: Name, body: Opening, who: Caller) -> Answer:
        return Answer(views.prepared(node.acting.prepare(who, opening(procedure, body))))

    def opening(procedure: str, body: Opening) -> Intent:
        return Intent(
            kind=node.engine.procedure(procedure).opening.kind, form=body.form, procedure=procedure, to=tuple(body.to),
            marks=body.marks.marks(), targets=tuple(body.targets), officer=body.officer, at=body.at, opens=body.opens,
        )  # fmt: skip

    @router.post("/records/{record_id}/{kind}", status_code=201, summary="Act in a record")
    def act(record_id: str, kind: Name, body: Acting, who: Caller) -> Answer:
        return Answer(views.done(node.acting.act(who, intent(record_id, kind, body))), 201)

    @router.post("/records/{record_id}/{kind}/prepare", summary="What the officer's passkey is to sign, to act so (R1)")
    def prepare(record_id: str, kind: Name, body: Acting, who: Caller) -> Answer:
        """Judges the act as acting would, and writes nothing."""
        return Answer(views.prepared(node.acting.prepare(who, intent(record_id, kind, body))))

    def intent(record_id: str, kind: str, body: Acting) -> Intent:
        transition = act_of(node, record_id, kind)[1]
        if transition.kind == "correct":
            raise Refusal("A8", "a correction also recalls what was wrong", remedy="POST /api/v1/facts/{id}/correct")
        if transition.opens:
            raise Refusal("D6", "a record is opened once", remedy="POST /api/v1/records/{procedure}")
        return Intent(
            kind=kind, form=body.form, record=record_id, marks=body.marks.marks(), targets=tuple(body.targets),
            officer=body.officer, at=body.at,
        )  # fmt: skip

    @router.post("/records/{record_id}/{kind}/batch", status_code=201, summary="Many acts of one kind, all or none")
    def act_in_bulk(record_id: str, kind: Name, body: Annotated[list[dict[str, Any]], Body()], who: Caller) -> Answer:
        if not act_of(node, record_id, kind)[1].bulk:
            raise Refusal("D6", f"{kind} is decided one at a time", remedy="POST each to …/" + kind)
        if not 1 <= len(body) <= MOST_IN_BATCH:
            raise TooMuch("Not so many at once", why=f"{len(body)} acts", remedy=f"send 1 to {MOST_IN_BATCH}")
        results = node.acting.act_batch(who, record_id, kind, body)
        return Answer({**views.done(results[-1]), "facts": [each.fact for each in results]}, 201)


def act_of(node: Node, record_id: str, kind: str) -> tuple[Procedure, Transition]:
    """The declared act behind a path; raises ``NotFound`` naming the acts that there are."""
    name = named(record_id).procedure
    procedure = node.engine.procedure(name)
    found = procedure.by_kind.get(kind)
    if found is None:
        raise NotFound(
            f"{name} has no act {kind!r}", remedy=f"one of {', '.join(sorted(procedure.by_kind))}", rule="D6"
        )
    return procedure, found


def named(record_id: str) -> RecordName:
    """The record's name taken apart; what is no record's name names nothing here."""
    try:
        return parse_record(record_id)
    except InvalidInput as wrong:
        raise NotFound(wrong.why, remedy=wrong.remedy) from None


def _reads(router: APIRouter, node: Node) -> None:
    @router.get("/records", summary="The desk's queue, what runs out next first")
    def queue(query: Annotated[Queue, FromQuery()], who: Caller) -> Answer:
        found = node.reading_desk.records(
            who,
            procedure=query.procedure,
            state=query.state,
            open_only=query.open,
            after=query.after,
            limit=query.limit,
        )
        after = found[-1].id if len(found) == query.limit else None
        return Answer({"records": [views.record(each) for each in found], "after": after})

    @router.get("/records/{record_id}", summary="A record with its facts; the read is logged (R38)")
    def record(record_id: str, query: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Answer:
        named(record_id)
        found = node.reading_desk.record(who, record_id, reason=reason_of(query, x_reason))
        return Answer(views.detail(found))

    @router.get("/records/{record_id}/readers", summary="Who read it (auditor)")
    def readers(record_id: str, _: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        named(record_id)
        return Answer({"readers": [views.reader(each) for each in node.reading_desk.readers(who, record_id)]})

    @router.get("/search", summary="Facts whose form holds the words; the search is logged (R38)")
    def search(query: Annotated[Searching, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Answer:
        found = node.reading_desk.search(
            who, words=query.words, reason=reason_of(query, x_reason), limit=query.limit, before=query.before,
            narrow=query.narrow(), alike=query.alike,
        )  # fmt: skip
        return Answer(views.found(found))
