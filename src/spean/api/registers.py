"""What the desk keeps an eye on: agreements, partners, alarms, the log."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as FromQuery
from starlette.responses import Response

from spean.agreements.form import to_dict
from spean.api import views
from spean.api.bodies import AlarmNumber, Alarms, Known, Nothing, Silent
from spean.api.guarded import Answer, Caller, StrictRoute, of_type
from spean.core.errors import InvalidInput
from spean.node import Node
from spean.node.work import Work
from spean.treaties import service


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """Registers and health."""
    router = APIRouter(prefix="/api/v1", route_class=guarded, tags=["registers"])
    _agreements(router, node)
    _directory(router, node)
    _watch(router, node)
    return router


def _agreements(router: APIRouter, node: Node) -> None:
    @router.get("/agreements", summary="The register of agreements: text, state, parties, suspended pairs")
    def agreements(_: Annotated[Nothing, FromQuery()]) -> Answer:
        with node.reading():
            found = sorted(node.registry, key=lambda each: each.id)
        return Answer({"agreements": [to_dict(each) for each in found]})

    @router.get("/agreements/{agreement}", summary="One agreement with its history: who did what, and when")
    def agreement(agreement: str, _: Annotated[Nothing, FromQuery()]) -> Answer:
        with node.reading() as tx:
            found = to_dict(node.registry.get(agreement))
            acts = node.projector.acts_of(Work(node, tx), agreement) if ":agreement:" in agreement else []
        return Answer({**found, "history": _history(agreement, acts), "signed_by": _signed(agreement, acts)})


def _history(agreement: str, acts: list[Any]) -> list[views.View]:
    steps = service.history(agreement, acts) if acts else ()
    return [
        {
            "at": views.at(step.at), "node": step.node, "actor": step.actor, "kind": step.kind, "says": step.says,
            "fact": step.fact, "counts": step.counts,
        }
        for step in steps
    ]  # fmt: skip


def _signed(agreement: str, acts: list[Any]) -> tuple[str, ...]:
    return service.signed_by(agreement, acts) if acts else ()


def _directory(router: APIRouter, node: Node) -> None:
    @router.get(
        "/directory", summary="Desks of all nodes; the right ones for a number, account, wallet or country (A2)"
    )
    def directory(known: Annotated[Known, FromQuery()]) -> Answer:
        if known.kind is None:
            if known.value:
                raise InvalidInput("kind", "what is it?", remedy="give phone, iban, bic, account, wallet or country")
            return Answer({"desks": [views.desk(each) for each in node.desks.all()]})
        found = node.desks.propose(known.kind, known.value, known.chain)
        return Answer({"proposals": [views.proposal(each) for each in found]})

    @router.get("/directory/{record_id}/next", summary="Whom to call when the one on duty is silent (A2)")
    def next_on_duty(record_id: str, silent: Annotated[Silent, FromQuery()]) -> Answer:
        if silent.since.tzinfo is None:
            raise InvalidInput("since", "a time needs an offset", remedy="give e.g. 2026-03-04T01:41:00Z")
        return Answer({"next": node.desks.next(record_id, int(silent.since.timestamp() * 1000))})


def _watch(router: APIRouter, node: Node) -> None:
    @router.get("/peers", summary="Partners: last contact, backlog, clock offset, version")
    def peers(_: Annotated[Nothing, FromQuery()]) -> Answer:
        with node.reading() as tx:
            counts = tx.outbox.counts()
            rows = tx.peers.list()
        backlog = {name: count.open for name, count in counts.items()}
        return Answer({"peers": [views.peer(row, backlog.get(row.node, 0)) for row in rows]})

    @router.get("/alarms", summary="What a person must see")
    def alarms(query: Annotated[Alarms, FromQuery()], who: Caller) -> Answer:
        return Answer(
            {"alarms": [views.alarm(row) for row in node.reading_desk.alarms(open_only=not query.all, who=who)]}
        )

    @router.post("/alarms/{alarm}/acknowledge", summary="Somebody has seen it; who and when stays")
    def acknowledge(alarm: AlarmNumber, who: Caller) -> Answer:
        node.reading_desk.acknowledge(who, alarm)
        return Answer({"alarm": alarm, "acknowledged_by": who.id})

    @router.get(
        "/log/checkpoint",
        summary="The signed checkpoint of the exchange log, with cosignatures",
        **of_type("text/plain"),
    )
    def checkpoint(_: Annotated[Nothing, FromQuery()]) -> Response:
        with node.reading() as tx:
            note = node.serving.note(tx)
        return Response(note, media_type="text/plain; charset=utf-8")
