"""Persons and things over REST: kinds as declared, lists and views, exact values, FollowTheMoney in and out. Acts on them are acts of the
record *entity* like any other (``/records``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Request
from fastapi import Query as FromQuery
from pydantic import Field
from starlette.responses import Response

from spean.api.bodies import LINE, RECORD, Nothing, Query, Reason, Strict, Why
from spean.api.guarded import Answer, Caller, StrictRoute, of_type
from spean.api.records import HeaderReason, reason_of
from spean.core.errors import TooMuch
from spean.core.marks import Nature, Purpose, SourceGrade
from spean.core.world import iso
from spean.door.incoming import pieces
from spean.door.workers import run_upload
from spean.dossiers.model import Category
from spean.entities.kinds import kinds, links, properties
from spean.node import Node
from spean.node.entry.people import Who
from spean.node.same.exchanging import Origin, Taken
from spean.node.same.model import Held

NDJSON = "application/x-ndjson"
FILE_TYPE = "application/octet-stream"
MOST_LINE = 4_000_000
RecordName = Annotated[str, Field(pattern=RECORD)]


class Page(Why):
    """A page of the list."""

    kind: str = Field(default="", max_length=40, pattern=LINE)
    after: str = Field(
        default="", max_length=80, pattern=LINE, description="Where the page before said that this one begins."
    )
    limit: int = Field(default=50, ge=1, le=500)


class Value(Strict):
    """An exact value."""

    type: str = Field(
        min_length=1, max_length=40, pattern=LINE, description="A value type, or the name of a property that is a code."
    )
    value: str = Field(min_length=1, max_length=400)
    chain: str = Field(default="", max_length=80, pattern=LINE, description="For a wallet: its chain.")


class Asked(Strict):
    """Who says these values?"""

    selectors: list[Value] = Field(min_length=1, max_length=1000)
    purpose: Purpose = Field(strict=False)
    reason: Reason


class Text(Strict):
    """A text whose selectors are to be found."""

    text: str = Field(max_length=2_000_000)
    country: str = Field(default="", max_length=2, pattern="^[A-Za-z]{0,2}$")


class File(Query):
    """A file of FollowTheMoney, and what its officer says of it."""

    dataset: str = Field(
        min_length=1, max_length=60, pattern="^[^:\\x00-\\x1f]*$", description="The list's name, the same each time."
    )
    purpose: Purpose = Field(strict=False)
    category: str = Field(
        default="other", pattern="^(" + "|".join(get_args(Category)) + ")$", description="Of the persons in it (R30)."
    )
    source: SourceGrade = Field(default=SourceGrade.X, strict=False)
    grade: int = Field(default=4, ge=1, le=4)
    nature: Nature = Field(default=Nature.ASSESSMENT, strict=False)
    words: str = Field(default="", max_length=300, pattern=LINE, description="Version and date of the file.")


class Export(Why):
    """What is to go out."""

    record: list[RecordName] = Field(default=[], max_length=1000, description="Only these; else all that one may read.")


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """All routes about entities."""
    router = APIRouter()
    for each in (_kinds(guarded), _files(node, guarded), _reads(node, guarded)):
        router.include_router(each)
    return router


def _kinds(guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1/entities", route_class=guarded, tags=["entities"])

    @router.get("/kinds", summary="Kinds of things with their properties and links, with labels in nine languages")
    def declared(_: Annotated[Nothing, FromQuery()]) -> Answer:
        return Answer({
            "kinds": [asdict(each) for each in kinds()], "properties": [asdict(each) for each in properties().values()],
            "links": [asdict(each) for each in links().values()],
        })  # fmt: skip

    @router.post("/extract", summary="The selectors in a text, each with its place; nothing is kept")
    def found(body: Text) -> Answer:
        from spean.entities.extract import extract  # loaded by whoever asks

        return Answer([asdict(each) for each in extract(body.text, body.country.upper())])

    return router


def _reads(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1/entities", route_class=guarded, tags=["entities"])

    @router.get("", summary="Entities that one may read, those that changed last first; the look is logged (R38)")
    def listed(asked: Annotated[Page, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Answer:
        rows, following = node.same.viewing.listed(
            who, kind=asked.kind, after=asked.after, limit=asked.limit, reason=reason_of(asked, x_reason)
        )
        return Answer({"entities": [asdict(each) for each in rows], "after": following})

    @router.post("/find", summary="Who says these exact values: records, never content; logged with its reason (R38)")
    def find(body: Asked, who: Caller) -> Answer:
        asked = [node.same.selector(each.type, each.value, each.chain) for each in body.selectors]
        return Answer([_held(each) for each in node.same.find(who, asked, purpose=body.purpose, reason=body.reason)])

    @router.get(
        "/export", summary="What one may read as FollowTheMoney; logged, and listed as exported", **of_type(NDJSON)
    )
    def export(asked: Annotated[Export, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Response:
        lines = node.same.exchanging.give(who, reason=reason_of(asked, x_reason), records=asked.record)
        headers = {"content-disposition": 'attachment; filename="entities.ftm.json"'}
        return Response(b"".join(lines), headers=headers, media_type=NDJSON)

    @router.get(
        "/{record}", summary="One entity: statements with who says them, links, judgements, what a border answers (R38)"
    )
    def one(record: RecordName, asked: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Answer:
        found = node.same.viewing.entity(who, record, reason=reason_of(asked, x_reason))
        acts = [each.kind for each in found.offers if each.refusal is None]
        view = {name: _plain(getattr(found, name)) for name in found.__slots__ if name != "offers"}
        return Answer({**view, "acts": acts})

    return router


def _files(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    streamed = type("Streamed", (guarded,), {"reads": False})  # the body goes to whoever takes it, piece by piece
    router = APIRouter(prefix="/api/v1/entities", route_class=streamed, tags=["entities"])
    body = {
        "requestBody": {"required": True, "content": {FILE_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
    }

    @router.post(
        "/import", status_code=201, openapi_extra=body, summary="A file of FollowTheMoney: its lines are the body"
    )
    async def take(request: Request, asked: Annotated[File, FromQuery()], who: Caller) -> Answer:
        origin = Origin(**asked.model_dump())
        return Answer(_taken(await run_upload(_take, node, who, pieces(request), origin)), 201)

    return router


def _take(node: Node, who: Who, parts: Iterable[bytes], origin: Origin) -> Taken:
    return node.same.exchanging.take(who, _lines(parts), origin)


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a body that comes in pieces. Raises ``TooMuch`` for one that does not end."""
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
        if len(rest) > MOST_LINE:
            raise TooMuch(
                "A line is too long", why=f"more than {MOST_LINE} bytes", remedy="send one JSON object a line"
            )
    yield rest


def _taken(taken: Taken) -> dict[str, Any]:
    report = taken.report
    return {
        "opened": taken.opened, "added": taken.added, "known": taken.known, "linked": taken.linked, "loose_links": taken.loose,
        "refused": dict(taken.refused), "lines": report.lines, "bad_lines": [{"line": line, "why": why} for line, why in report.bad_lines],
        "left_aside": {"schemata": dict(report.schemata), "properties": dict(report.properties), "forbidden": dict(report.forbidden),
                       "values": dict(report.values)},
    }  # fmt: skip


def _held(each: Held) -> dict[str, Any]:
    return {**asdict(each), "selector": {"type": each.selector.type, "value": each.selector.value}, "at": iso(each.at)}


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value
