"""Money over REST: files for the ledgers, the hold board, cases and their requests; and a bank's fraud desk, which reaches only its orders."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi import Query as FromQuery
from pydantic import Field
from starlette.responses import Response

from spean.api import views
from spean.api.bodies import (
    LINE,
    RECORD,
    FactName,
    MarksBody,
    Name,
    NodeName,
    Nothing,
    Query,
    Reason,
    Reasoned,
    Strict,
    Why,
)
from spean.api.guarded import Answer, Caller, StrictRoute, of_type
from spean.api.records import HeaderReason, act_of, reason_of
from spean.core.errors import InvalidInput, NotFound
from spean.door.incoming import pieces
from spean.door.workers import run_upload
from spean.node import Node
from spean.node.acts.acting import Intent
from spean.node.money.conversions import Leg
from spean.node.money.reporting import Wanted
from spean.node.money.sending import Sent

FILE_TYPE = "application/octet-stream"
XML = "application/xml"
JSON = "application/json"
ImportName = Annotated[str, Field(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]
RecordName = Annotated[str, Field(pattern=RECORD)]
Account = Annotated[str, Field(min_length=1, max_length=160, pattern=LINE)]
Currency = Annotated[
    str, Field(pattern="^([A-Z0-9]{2,12}|0x[0-9a-f]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})(@[a-z-]{0,40}(/[0-9]{1,2})?)?$")
]
"""As a ledger is named: a currency, or a token with its chain and decimals where those are not everywhere the same."""
_TIMES = frozenset(
    {"at", "since", "due_at", "time", "traced_at", "ordered_at", "expires_at", "asked_at", "answered_at", "until"}
)


class File(Query):
    """A file for the ledgers, and what is known of it."""

    name: str = Field(min_length=1, max_length=200, pattern=LINE)
    source: Literal["A", "B", "C", "X"] = Field(default="B", description="Reliability of the source.")
    grade: int = Field(default=2, ge=1, le=4, description="Reliability of the information.")
    currency: str = Field(default="", max_length=12, pattern=LINE)
    account: str = Field(default="", max_length=160, pattern=LINE, description="Whose statement it is.")
    keeper: str = Field(default="", max_length=40, pattern=LINE, description="Code of the bank whose statement it is.")
    offset: int = Field(default=0, ge=-840, le=840, description="Minutes east of UTC of times that name no zone.")
    chain: str = Field(default="", max_length=40, pattern=LINE, description="Of an explorer's export.")

    def hints(self) -> dict[str, Any]:
        """What is known beside name and grades."""
        given = {name: getattr(self, name) for name in ("currency", "account", "keeper", "offset", "chain")}
        return {name: value for name, value in given.items() if value}


class Rows(Why):
    """A page of rows that were not taken, and why they are read."""

    after: int = Field(default=0, ge=0, description="The number of the last row of the page before.")
    limit: int = Field(default=500, ge=1, le=1000)


class NamedRows(Why):
    """A page of what a report names."""

    after: int = Field(default=0, ge=0, description="The number of the last one of the page before.")
    limit: int = Field(default=500, ge=1, le=1000)


class Answers(Strict):
    """What an analyst says of a table or an export: the fields of the mapping that are other than proposed, or the chain."""

    answers: dict[str, Any] = Field(max_length=20)


class Rule(Strict):
    """By which rule a case's money is claimed."""

    claim: Literal["", "fifo", "lifo", "haircut"] = Field(default="", description="Empty: as before, FIFO at first.")


class Place(Strict):
    """Where money is asked for."""

    node: NodeName
    account: Account


class Sending(Strict):
    """Requests for some places, or for all that nobody was asked about."""

    places: list[Place] = Field(default=[], max_length=200)
    basis: str = Field(default="", max_length=400, pattern=LINE)
    contact_name: str = Field(default="", max_length=200, pattern=LINE)
    contact_phone: str = Field(default="", max_length=30, pattern=LINE)
    marks: MarksBody = MarksBody()


class Side(Strict):
    """One side of a conversion, in minor units."""

    account: Account
    amount: int = Field(ge=1, le=10**17)
    currency: Currency

    def leg(self) -> Leg:
        return Leg(account=self.account, amount=self.amount, currency=self.currency)


class Reported(Strict):
    """What the financial intelligence unit's goAML wants; what is empty is as the node's settings say."""

    version: Literal["", "4.0.2", "5.0.2"] = ""
    entity: str = Field(default="", max_length=9, pattern=LINE, description="Number under which the unit knows us.")
    branch: str = Field(default="", max_length=255, pattern=LINE)
    code: str = Field(default="", max_length=20, pattern=LINE, description="Kind of report, by the unit's own list.")
    answers: str = Field(default="", max_length=255, pattern=LINE, description="The unit's number of the question.")
    mode: str = Field(default="", max_length=20, pattern=LINE)
    mode_comment: str = Field(default="", max_length=50, pattern=LINE)
    funds: str = Field(default="", max_length=20, pattern=LINE)
    currency: str = Field(default="", max_length=3, pattern=LINE)
    indicators: str = Field(default="", max_length=2000, pattern=LINE)
    rates: str = Field(default="", max_length=1000, pattern=LINE, description="USD=35.20 EUR=38.1")
    reason: str = Field(default="", max_length=4000)
    action: str = Field(default="", max_length=4000)


class Converted(Strict):
    """Money changed currency outside of any payment."""

    paid: Side
    received: Side
    at: datetime = Field(strict=False, description="ISO 8601 with offset.")
    reason: Reason
    reference: str = Field(default="", max_length=100, pattern=LINE)
    source: Literal["A", "B", "C", "X"] = "B"
    grade: int = Field(default=2, ge=1, le=4)


class Ordering(Strict):
    """What the institution of a request is told; amount and account are the request's."""

    what: Literal["hold", "release", "seize"] = "hold"
    contact_name: str = Field(min_length=1, max_length=200, pattern=LINE)
    contact_phone: str = Field(min_length=5, max_length=30, pattern=LINE)
    basis: str = Field(default="", max_length=400, pattern=LINE)
    expires_at: datetime | None = Field(
        default=None, strict=False, description="ISO 8601; the national clock when left out."
    )
    reference: str = Field(default="", max_length=100, pattern=LINE)


class BankAct(Strict):
    """An act of a bank's desk on an order, as the procedure's form."""

    form: dict[str, Any]
    officer: dict[str, Any] | None = Field(
        default=None, description="For a hold: the assertion of the officer's passkey (R1)."
    )
    at: int | None = Field(default=None, description="With it: the moment that was prepared, in ms.")


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """All routes about money."""
    router = APIRouter()
    for each in (
        _file(node, guarded),
        _imports(node, guarded),
        _conversions(node, guarded),
        _cases(node, guarded),
        _bank(node, guarded),
    ):
        router.include_router(each)
    return router


def _file(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    streamed = type("Streamed", (guarded,), {"reads": False})  # the body goes to whoever takes it, piece by piece
    router = APIRouter(prefix="/api/v1/money", route_class=streamed, tags=["money"])
    body = {
        "requestBody": {"required": True, "content": {FILE_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
    }

    @router.post(
        "/imports/file", status_code=201, openapi_extra=body, summary="A file for the ledgers: its bytes are the body"
    )
    async def take(request: Request, asked: Annotated[File, FromQuery()], who: Caller) -> Answer:
        given = who, asked.name, pieces(request), asked.source, asked.grade, asked.hints()
        state = await run_upload(node.money.take_file, *given)
        return Answer(view(state), 201)

    return router


def _imports(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1/money", route_class=guarded, tags=["money"])

    @router.get("/imports", summary="Files on their way into the ledgers, newest first")
    def imports(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer([view(each) for each in node.money.imports(who)])

    @router.get("/imports/{file}", summary="How far a file is, and what came of it")
    def one(file: ImportName, who: Caller) -> Answer:
        return Answer(view(node.money.import_state(who, file)))

    @router.get(
        "/imports/{file}/rows",
        summary="Rows that were not taken: line, field, reason, remedy; the read is logged with its reason (R38)",
    )
    def rows(file: ImportName, asked: Annotated[Rows, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Answer:
        reason = reason_of(asked, x_reason)
        found = node.money.import_rows(who, file, reason=reason, after=asked.after, limit=asked.limit)
        return Answer([view(each) for each in found])

    @router.get(
        "/imports/{file}/named",
        summary="Whom and what a report (goAML) names; the read is logged with its reason (R38)",
    )
    def named(
        file: ImportName, asked: Annotated[NamedRows, FromQuery()], who: Caller, x_reason: HeaderReason = ""
    ) -> Answer:
        found = node.money.import_named(
            who, file, reason=reason_of(asked, x_reason), after=asked.after, limit=asked.limit
        )
        return Answer([view(each) for each in found])

    @router.get(
        "/imports/{file}/recognised",
        summary="What a file seems to be, the questions, and how its first rows would be read; the read is logged (R38)",
    )
    def recognised(
        file: ImportName, asked: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = ""
    ) -> Answer:
        return Answer(view(node.money.recognised(who, file, reason=reason_of(asked, x_reason))))

    @router.get(
        "/imports/{file}/erasure", summary="What erasing a file would take away, which cases it touches, and what stays"
    )
    def erasure(file: ImportName, who: Caller) -> Answer:
        return Answer(view(node.money.erasure(who, file)))

    @router.post(
        "/imports/{file}/erase",
        summary="Erase what a file said: store, ledgers, traces (D4); a session needs a fresh proof",
    )
    def erase(file: ImportName, body: Reasoned, who: Caller) -> Answer:
        return Answer(view(node.money.erase_import(who, file, body.reason)))

    @router.post("/imports/{file}/confirm", summary="An analyst has looked; the node remembers the table's mapping")
    def confirm(file: ImportName, body: Answers, who: Caller) -> Answer:
        return Answer(view(node.money.confirm_mapping(who, file, body.answers)))

    return router


def _conversions(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1/money", route_class=guarded, tags=["money"])

    @router.post("/conversions", status_code=201, summary="State that money changed currency, at the stated rate")
    def convert(body: Converted, who: Caller) -> Answer:
        name = node.money.convert(
            who, body.paid.leg(), body.received.leg(), _moment("at", body.at), reason=body.reason, reference=body.reference,
            source=body.source, grade=body.grade,
        )  # fmt: skip
        return Answer({"payment": name}, 201)

    return router


def _cases(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1/money", route_class=guarded, tags=["money"])

    @router.get("/board", summary="Every hop of every open case, and every request to us; accounts masked")
    def board(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer([view(each) for each in node.money.board(who)])

    @router.get("/cases/{record}", summary="A case's money sheet; the read is logged with its reason (R38)")
    def sheet(
        record: RecordName, query: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = ""
    ) -> Answer:
        return Answer(view(node.money.sheet(who, record, reason=reason_of(query, x_reason))))

    @router.post(
        "/cases/{record}/goaml",
        summary="The case as a goAML report; that it was handed out is logged (R38)",
        **of_type(XML),
    )
    def goaml(
        record: RecordName, body: Reported, query: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = ""
    ) -> Response:
        name, document = node.money.report(who, record, Wanted(**body.model_dump()), reason=reason_of(query, x_reason))
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(document, headers=headers, media_type=XML)

    @router.post(
        "/cases/{record}/trace",
        summary="Follow a validated report's money from now on; partners are asked in the same go",
    )
    def trace(record: RecordName, body: Rule, who: Caller) -> Answer:
        node.money.trace(who, record, body.claim)
        return Answer({"record": record})

    @router.post(
        "/cases/{record}/send", status_code=201, summary="Ask for holds, in parallel; each is judged by its agreement"
    )
    def send(record: RecordName, body: Sending, who: Caller) -> Answer:
        places = [(each.node, each.account) for each in body.places]
        sent = node.money.send(
            who, record, places, basis=body.basis, contact_name=body.contact_name, contact_phone=body.contact_phone,
            marks=body.marks.marks(),
        )  # fmt: skip
        return Answer([_sent(each) for each in sent], 201)

    @router.post(
        "/requests/{record}/order", status_code=201, summary="Tell the institution of a request to us what is ordered"
    )
    def order(record: RecordName, body: Ordering, who: Caller) -> Answer:
        ends = 0 if body.expires_at is None else _moment("expires_at", body.expires_at)
        done = node.money.order(
            who, record, contact_name=body.contact_name, contact_phone=body.contact_phone, what=body.what, basis=body.basis,
            expires_at=ends, reference=body.reference,
        )  # fmt: skip
        return Answer(views.done(done), 201)

    return router


def _bank(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1/bank", route_class=guarded, tags=["bank"])

    @router.get("/orders", summary="What is ordered of the bank whose desk asks, and nothing else")
    def orders(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer([view(each) for each in node.money.orders(who)])

    @router.get(
        "/inquiries", summary="What the bank whose desk asks is asked about accounts; answered by the act *answered*"
    )
    def inquiries(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer([view(each) for each in node.money.inquiries(who)])

    @router.get(
        "/evidence/{fact}", summary="A signed order or inquiry to the bank, verifiable without a node", **of_type(JSON)
    )
    def evidence(fact: FactName, _: Annotated[Nothing, FromQuery()], who: Caller) -> Response:
        headers = {"content-disposition": f'attachment; filename="{fact[:16]}.spean.json"'}
        return Response(node.money.banks.evidence(who, fact), headers=headers, media_type=JSON)

    @router.post(
        "/orders/{record}/{kind}",
        status_code=201,
        summary="Held, too late, not found, refused, released: all as easy (R6)",
    )
    def act(record: RecordName, kind: Name, body: BankAct, who: Caller) -> Answer:
        return Answer(views.done(node.acting.act(who, intent(record, kind, body))), 201)

    @router.post("/orders/{record}/{kind}/prepare", summary="What the officer's passkey is to sign, for a hold (R1)")
    def prepare(record: RecordName, kind: Name, body: BankAct, who: Caller) -> Answer:
        return Answer(views.prepared(node.acting.prepare(who, intent(record, kind, body))))

    def intent(record: str, kind: str, body: BankAct) -> Intent:
        procedure, _ = act_of(node, record, kind)
        if procedure.name != "stop-payment":
            raise NotFound(f"{record} is no order to a bank", remedy="see /api/v1/bank/orders")
        return Intent(kind=kind, form=body.form, record=record, officer=body.officer, at=body.at)

    return router


def view(found: Any) -> views.View:
    """A dataclass as plain values, its times in ISO 8601."""
    made: views.View = _timed(asdict(found))
    return made


def _timed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: views.at(item or None) if name in _TIMES and not isinstance(item, dict) else _timed(item)
            for name, item in value.items()
        }
    return [_timed(each) for each in value] if isinstance(value, list | tuple) else value


def _sent(each: Sent) -> views.View:
    return {
        "node": each.node, "account": each.account, "amount": each.amount, "currency": each.currency,
        "record": "" if each.done is None else each.done.record, "refused": None if each.error is None else each.error.diagnostics(),
    }  # fmt: skip


def _moment(field: str, given: datetime) -> int:
    if given.tzinfo is None:
        raise InvalidInput(field, "a time needs an offset", remedy="give e.g. 2026-03-04T01:41:00Z")
    return int(given.timestamp() * 1000)
