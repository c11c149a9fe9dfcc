"""Matching over REST: the border's one question and its groups, look-ups, candidates, watches, open lists (B1, B3, B5–B7)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request
from fastapi import Query as FromQuery
from pydantic import Field

from spean.api import views
from spean.api.bodies import LINE, RECORD, MarksBody, NodeName, Nothing, Query, Reason, Strict, Why
from spean.api.guarded import Answer, Caller, StrictRoute
from spean.api.records import HeaderReason, reason_of
from spean.core.errors import InvalidInput
from spean.door.incoming import pieces
from spean.door.workers import run_upload
from spean.entities.values.mrz import MRZ
from spean.node import Node
from spean.node.same.lists import read_whole
from spean.node.same.screening import Screened
from spean.screening.groups import MOST
from spean.screening.model import Traveller, english

RecordName = Annotated[str, Field(pattern=RECORD)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE)]
Text = Annotated[str, Field(max_length=500, pattern=LINE)]


class DocumentBody(Strict):
    """A document as typed."""

    number: str = Field(min_length=1, max_length=40, pattern=LINE)
    issuer: str = Field(default="", max_length=3, pattern="^[A-Za-z]*$", description="KHM or KH.")


class TravellerBody(Strict):
    """Who stands there: as typed, or the lines of a machine-readable zone."""

    id: str = Field(default="", max_length=80, pattern=LINE)
    names: list[Name] = Field(default=[], max_length=10)
    birth: str = Field(default="", max_length=10, description="1990, 1990-05, 1990-05-17 or 17/05/1990.")
    documents: list[DocumentBody] = Field(default=[], max_length=10)
    zone: str = Field(default="", max_length=200, description="Two or three lines, joined by line feeds.")

    def traveller(self, now: int) -> Traveller:
        """The same for the node. Raises ``InvalidInput`` for a zone whose check digits do not hold."""
        names, documents = list(self.names), [(each.number, each.issuer) for each in self.documents]
        birth = self.birth
        if self.zone:
            zone = MRZ.read(self.zone, datetime.fromtimestamp(now / 1000, UTC).year)
            names.append(zone.name)
            documents.append((zone.number, zone.issuer))
            birth = birth or zone.birth
        return Traveller(names=tuple(names), birth=birth, documents=tuple(documents), id=self.id)


class ScreenBody(TravellerBody):
    """One traveller, and why."""

    reason: Reason


class GroupBody(Strict):
    """Several, each for itself."""

    travellers: list[TravellerBody] = Field(min_length=1, max_length=MOST)
    reason: Reason


class SelectorBody(Strict):
    """One number, address or document."""

    type: str = Field(max_length=40, pattern="^[a-z-]+$")
    value: str = Field(min_length=1, max_length=500, pattern=LINE)
    chain: str = Field(default="", max_length=40, pattern=LINE)


class LookUpBody(Strict):
    """Do we, or partners, know this one?"""

    names: list[Name] = Field(default=[], max_length=5)
    birth: str = Field(default="", max_length=10)
    selectors: list[SelectorBody] = Field(default=[], max_length=20)
    nodes: list[NodeName] = Field(default=[], max_length=20)
    mark: Literal["none", "journalist", "lawyer", "ngo-or-source"] = "none"
    why: Reason
    marks: MarksBody


class VerdictBody(Strict):
    """What somebody says who did not ask. Only a person may; a service is refused (B3)."""

    verdict: Literal["confirm", "reject", "leave-undecided"]
    points: list[str] = Field(min_length=1, max_length=11)
    reason: Reason


class WatchBody(Strict):
    """Tell me when somebody enters this key."""

    type: str = Field(max_length=40, pattern="^[a-z-]+$")
    value: str = Field(min_length=1, max_length=500, pattern=LINE)
    chain: str = Field(default="", max_length=40, pattern=LINE)
    birth: str = Field(default="", max_length=10)
    nodes: list[NodeName] = Field(default=[], max_length=20)
    instrument: str = Field(default="", max_length=120, pattern=LINE)
    until: datetime = Field(strict=False, description="ISO 8601 with offset.")
    mark: Literal["none", "journalist", "lawyer", "ngo-or-source"] = "none"
    reason: Reason
    marks: MarksBody


class ListQuery(Query):
    """A published list; its file is the body."""

    name: str = Field(min_length=2, max_length=120, pattern=LINE)
    publisher: str = Field(min_length=2, max_length=200, pattern=LINE)
    version: str = Field(min_length=1, max_length=60, pattern=LINE)
    date: str = Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    source: str = Field(default="", max_length=400, pattern=LINE)
    licence: str = Field(default="", max_length=120, pattern=LINE)
    chain: str = Field(default="", max_length=40, pattern=LINE)
    record: str = Field(default="", max_length=120, pattern=LINE, description="A newer version of this list.")


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """All routes about matching."""
    router = APIRouter()
    for each in (_border(node, guarded), _asking(node, guarded), _watching(node, guarded), _list_file(node, guarded)):
        router.include_router(each)
    return router


def _border(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1", route_class=guarded, tags=["border"])

    @router.post("/screen", summary="One traveller: nothing, verify, protect or stop, with what to do and whom to call")
    def screen(body: ScreenBody, who: Caller) -> Answer:
        traveller = body.traveller(node.clock.now())
        return Answer(_told(node.matching.screening.screen(who, traveller, reason=body.reason)))

    @router.post("/screen/group", summary=f"At most {MOST} travellers, each answered by itself")
    def group(body: GroupBody, who: Caller) -> Answer:
        screening, now = node.matching.screening, node.clock.now()
        travellers = [each.traveller(now) for each in body.travellers]
        screening.may(who, len(travellers))
        return Answer([_told(each) for each in screening.each(who, travellers, reason=body.reason)])

    return router


def _asking(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1", route_class=guarded, tags=["matching"])
    desk = node.matching

    @router.post(
        "/look-ups", status_code=201, summary="Ask our own files, open lists and, without showing it, partners"
    )
    def ask(body: LookUpBody, who: Caller) -> Answer:
        form = {"names": body.names, "birth": body.birth, "selectors": [each.model_dump() for each in body.selectors], "nodes": body.nodes,
                "mark": body.mark, "why": body.why}  # fmt: skip
        return Answer({"record": desk.asking.ask(who, form, body.marks.marks())}, 201)

    @router.get("/look-ups/{record}", summary="What was found; the read is logged with its reason (R38)")
    def look_up(
        record: RecordName, query: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = ""
    ) -> Answer:
        view = desk.asking.view(who, record, reason=reason_of(query, x_reason))
        hits = [
            {**_plain(each.hit), "names": each.names, "births": each.births, "why": english(each.why), "candidate": each.candidate,
             "weights": [asdict(weight) for weight in each.weights]} for each in view.hits
        ]  # fmt: skip
        return Answer(
            {
                "record": record,
                "state": view.row.state,
                "hits": hits,
                "asked": view.asked,
                "silent": view.silent,
                "waits": view.waits,
                "open": view.open,
                "unread": view.unread,
                "unindexed": view.unindexed,
            }
        )

    @router.post("/look-ups/{record}/search", summary="Look once more, or after the supervisor passed it")
    def search(record: RecordName, who: Caller) -> Answer:
        desk.asking.search(who, record)
        return Answer({"record": record})

    @router.get("/candidates/{record}", summary="A candidate with both sides as far as they may be seen (R27)")
    def candidate(
        record: RecordName, query: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = ""
    ) -> Answer:
        found = desk.review(who, record, reason=reason_of(query, x_reason))
        told = {
            "record": record, "state": found.row.state, "raised": _plain(found.raised), "asker": found.asker, "owner": found.owner,
            "left": [asdict(each) for each in found.left], "right": [asdict(each) for each in found.right], "why": english(found.sentence),
            "core": None if found.core is None else _plain(found.core), "weights": [asdict(each) for each in found.weights],
            "may_verify": found.may_verify,
        }  # fmt: skip
        return Answer(told)

    @router.post("/candidates/{record}/verdict", status_code=201, summary="A person who did not ask says what it is")
    def verdict(record: RecordName, body: VerdictBody, who: Caller) -> Answer:
        return Answer(views.done(desk.candidates.verify(who, record, body.verdict, body.points, body.reason)), 201)

    return router


def _watching(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1", route_class=guarded, tags=["matching"])

    @router.post("/watches", status_code=201, summary="Watch a key until its end")
    def watch(body: WatchBody, who: Caller) -> Answer:
        if body.until.tzinfo is None:
            raise InvalidInput("until", "a time needs an offset", remedy="give e.g. 2026-03-04T01:41:00Z")
        form = {**body.model_dump(exclude={"marks", "until"}), "until": int(body.until.timestamp() * 1000)}
        return Answer({"record": node.matching.watching.watch(who, form, body.marks.marks())}, 201)

    @router.get("/watches", summary="The watches that run; what is watched is shown, so it is a read of each (R38)")
    def watches(query: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Answer:
        found = node.matching.watching.shown(who, reason=reason_of(query, x_reason))
        return Answer(
            [
                {
                    "record": each.row.id,
                    "state": each.row.state,
                    "watch": _plain(each.form),
                    "until": views.at(each.until),
                    "rang": each.rang,
                }
                for each in found
            ]
        )

    @router.get("/lists", summary="Open lists with version, source and date")
    def lists(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer([asdict(each) for each in node.matching.lists.all(who)])

    return router


def _list_file(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    streamed = type("Streamed", (guarded,), {"reads": False})
    router = APIRouter(prefix="/api/v1", route_class=streamed, tags=["matching"])
    body = {
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    }

    @router.post(
        "/lists/file",
        status_code=201,
        openapi_extra=body,
        summary="A version of a published list: its bytes are the body",
    )
    async def bring(request: Request, asked: Annotated[ListQuery, FromQuery()], who: Caller) -> Answer:
        def take() -> Any:
            return node.matching.lists.bring(who, read_whole(pieces(request)), **asked.model_dump())

        brought = await run_upload(take)
        return Answer(
            {"record": brought.done.record, "taken": brought.taken, "rejected": [asdict(each) for each in brought.bad]},
            201,
        )

    return router


def _told(found: Screened) -> views.View:
    told = found.told
    return {
        "id": found.traveller.id, "answer": told.kind, "instructions": told.instructions, "contacts": told.contacts, "languages": told.languages,
        "grounds": told.grounds,
        "lists": [{"name": name, "version": version} for name, version in told.lists], "why": [english(each) for each in told.why],
        "at": views.at(found.at), "log": found.log,
    }  # fmt: skip


def _plain(form: Any) -> views.View:
    made: views.View = msgspec.to_builtins(form)
    return made
