"""Hand-over of the shift over REST: the note of this moment, handing it over, reading it, taking it over (DOMAIN 5)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as FromQuery
from pydantic import Field

from spean.api import views
from spean.api.bodies import FactName, Query, Strict, Why
from spean.api.guarded import Answer, Caller, StrictRoute
from spean.api.records import HeaderReason, reason_of
from spean.core.errors import InvalidInput
from spean.node import Node
from spean.node.views.handing_over import Handed
from spean.node.views.shift_note import Note


class Since(Query):
    """How far the note looks back."""

    since: datetime | None = Field(default=None, description="ISO 8601 with offset; the last hand-over when left out.")


class HandingOver(Strict):
    """The officer's own words, which go with the note."""

    text: str = Field(default="", max_length=4000)
    since: datetime | None = Field(
        default=None, strict=False, description="ISO 8601 with offset; the last hand-over when left out."
    )
    once: str = Field(default="", max_length=80, description="A mark of the form: sent again it is the same hand-over.")


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """The note and its way from one officer to the next."""
    router = APIRouter(prefix="/api/v1/hand-over", route_class=guarded, tags=["hand-over"])

    @router.get("", summary="The note of this moment, and the notes before it; without contents")
    def compose(who: Caller, asked: Annotated[Since, FromQuery()]) -> Answer:
        note = node.handing_over.compose(who, _moment(asked.since))
        return Answer({"note": note_view(note), "past": [handed_view(each) for each in node.handing_over.past(who)]})

    @router.post(
        "", summary="Hand over: the note and the officer's words become a fact of the domestic log", status_code=201
    )
    def hand_over(who: Caller, body: HandingOver) -> Answer:
        handed = node.handing_over.hand_over(who, body.text, _moment(body.since), once=body.once)
        return Answer(handed_view(handed), 201)

    @router.get("/{fact}", summary="A note with its words; the read is logged with its reason (R38)")
    def opened(fact: FactName, query: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Answer:
        found = node.handing_over.open(who, fact, reason=reason_of(query, x_reason))
        note = None if found.note is None else note_view(found.note)
        return Answer({**handed_view(found.handed), "text": found.text, "note": note})

    @router.post("/{fact}/take-over", summary="This officer has the desk from now on")
    def take_over(fact: FactName, who: Caller) -> Answer:
        return Answer(handed_view(node.handing_over.take_over(who, fact)))

    return router


def handed_view(handed: Handed) -> views.View:
    """A note that was handed over, without its words."""
    return {
        "fact": handed.fact, "unit": handed.unit, "by": handed.by, "user": handed.by_id, "at": views.at(handed.at),
        "taken_by": handed.taken_by, "taken_at": views.at(handed.taken_at),
    }  # fmt: skip


def note_view(note: Note) -> views.View:
    """The note with its times in ISO 8601."""
    found: views.View = _timed(asdict(note))
    return found


def _timed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: views.at(item) if name in _TIMES else _timed(item) for name, item in value.items()}
    return [_timed(each) for each in value] if isinstance(value, list | tuple) else value


_TIMES = frozenset({"since", "until", "at", "due_at", "last_contact", "oldest"})


def _moment(given: datetime | None) -> int | None:
    if given is None:
        return None
    if given.tzinfo is None:
        raise InvalidInput("since", "a time needs an offset", remedy="give e.g. 2026-03-04T01:41:00Z")
    return int(given.timestamp() * 1000)
