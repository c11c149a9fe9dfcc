"""Single facts: correct, withdraw, pass on, erase; who holds one; its evidence; and who would receive such a one (D3, D5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as FromQuery
from starlette.responses import Response

from spean.agreements.model import PEERING
from spean.agreements.preview import PreviewLine
from spean.agreements.question import Question
from spean.api import views
from spean.api.bodies import Correcting, FactName, Nothing, PassingOn, Previewing, Reasoned, Why
from spean.api.guarded import Answer, Caller, StrictRoute
from spean.api.records import HeaderReason, reason_of
from spean.core.world import iso
from spean.node import Node
from spean.node.acts.acting import DEFAULTS


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """Everything about single facts."""
    router = APIRouter(prefix="/api/v1", route_class=guarded, tags=["facts"])
    _recalls(router, node)
    _reads(router, node)
    return router


def _recalls(router: APIRouter, node: Node) -> None:
    @router.post("/facts/{fact}/correct", status_code=201, summary="Correct an own fact at every holder (A8, R34)")
    def correct(fact: FactName, body: Correcting, who: Caller) -> Answer:
        done = node.recalling.correct(who, fact, body.replacement, body.reason, officer=body.officer, at=body.at)
        return Answer(views.recalled(done), 201)

    @router.post(
        "/facts/{fact}/correct/prepare", summary="What the officer's passkey is to sign, to correct an adverse act (R1)"
    )
    def prepare_correction(fact: FactName, body: Correcting, who: Caller) -> Answer:
        return Answer(views.prepared(node.recalling.prepare_correction(who, fact, body.replacement, body.reason)))

    @router.post("/facts/{fact}/withdraw", status_code=201, summary="Take an own fact back from every holder")
    def withdraw(fact: FactName, body: Reasoned, who: Caller) -> Answer:
        return Answer(views.recalled(node.recalling.withdraw(who, fact, body.reason)), 201)

    @router.post("/facts/{fact}/pass-on", status_code=201, summary="Pass another's fact on to a third node (A5)")
    def pass_on(fact: FactName, body: PassingOn, who: Caller) -> Answer:
        return Answer(views.passed_on(node.onward.pass_on(who, fact, body.to, body.reason, body.marks.marks())), 201)

    @router.post("/facts/{fact}/erase", status_code=201, summary="Erase its content; header and proof stay (D4)")
    def erase(fact: FactName, body: Reasoned, who: Caller) -> Answer:
        return Answer(views.recalled(node.recalling.erase(who, fact, body.reason)), 201)


def _reads(router: APIRouter, node: Node) -> None:
    @router.get("/facts/{fact}/holders", summary="Who still holds it, and what each answered to a recall (D5)")
    def holders(fact: FactName, _: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        sent = [{"node": name, "receipt": status} for name, status in node.reading_desk.holders(fact, who)]
        return Answer({"sent": sent, "recalls": [
            {"node": each.node, "status": each.status, "outcome": each.outcome, "record": each.record}
            for each in node.recalling.holding(fact, who)
        ]})  # fmt: skip

    @router.get("/facts/{fact}/evidence", summary="Its evidence file; that it was handed out is logged (R38)")
    def evidence(
        fact: FactName, query: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = ""
    ) -> Response:
        node.reading_desk.may_read(who)
        document = node.logs.evidence(who, fact, reason=reason_of(query, x_reason))
        name = f'attachment; filename="{fact[:16]}.spean.json"'
        return Response(document, headers={"content-disposition": name}, media_type="application/json")

    @router.post("/preview", summary="Who would receive this, and why; and who not, and why not (D3)")
    def preview(body: Previewing) -> Answer:
        return Answer({"receivers": [views.preview(line) for line in _preview(node, body)]})


def _preview(node: Node, body: Previewing) -> Sequence[PreviewLine]:
    """One line for each receiver. Without a named agreement each is asked under the only one in force between us."""
    procedure = node.engine.procedure(body.procedure)
    marks = {name: value for name, value in body.marks.model_dump().items() if value is not None}
    chosen = {**DEFAULTS, **marks}
    receivers = tuple(body.to) or node.peering.active()
    lines: list[PreviewLine] = []
    for receiver in receivers:
        question = Question(
            sender=node.me, receiver=receiver, origin=node.me, instrument=chosen["instrument"] or _only(node, receiver),
            purpose=chosen["purpose"], data=chosen["data"], subject=chosen["subject"], tlp=chosen["tlp"],
            handling=chosen["handling"], procedure=procedure.name, kind=body.kind or procedure.opening.kind,
            via=chosen["via"], date=iso(node.clock.now())[:10],
        )  # fmt: skip
        lines += node.reading_desk.preview(question, (receiver,))
    return lines


def _only(node: Node, receiver: str) -> str:
    fits = [
        each.id for each in node.registry.between(node.me, receiver)
        if each.state == "in-force" and each.id != PEERING
    ]  # fmt: skip
    return fits[0] if len(fits) == 1 else ""
