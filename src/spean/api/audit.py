"""The auditor's list over REST: who read what, and why (O2, R38). Each question is itself written down."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as FromQuery
from pydantic import Field

from spean.api import views
from spean.api.bodies import Why
from spean.api.guarded import Answer, Caller, StrictRoute
from spean.api.records import HeaderReason, reason_of
from spean.node import Node
from spean.node.views.auditing import Asking


class Auditing(Why):
    """Which entries."""

    user: str = Field(default="", max_length=120, description="Id or exact name.")
    subject: str = Field(default="", max_length=120, description="A record, or a fact, which stands for its record.")
    act: str = Field(default="", max_length=40, description="read, search, export, attempt, refused, sign-in …")
    words: str = Field(default="", max_length=200, description="Words of the reason.")
    since: int = Field(default=0, ge=0, le=2**53, description="From this moment on, in ms.")
    until: int = Field(default=2**53, ge=0, le=2**53, description="Before this moment, in ms.")
    before: str = Field(default="", max_length=40, description="Where the page before ended.")
    limit: int = Field(default=100, ge=1, le=1000)


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """For auditors."""
    router = APIRouter(prefix="/api/v1", route_class=guarded, tags=["audit"])

    @router.get("/audit", summary="Who read what, and why; for an auditor, whose look is written down too (O2, R38)")
    def audit(query: Annotated[Auditing, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Answer:
        asking = Asking(
            user=query.user,
            subject=query.subject,
            act=query.act,
            words=query.words,
            since=query.since,
            until=query.until,
        )
        found = node.auditing.entries(
            who, asking, reason=reason_of(query, x_reason), before=query.before, limit=query.limit
        )
        entries = [
            {
                "at": views.at(each.at), "user": each.user, "name": each.name, "act": each.act, "subject": each.subject,
                "reason": each.reason, "more": dict(each.more), "fact": each.fact,
            }
            for each in found.entries
        ]  # fmt: skip
        return Answer({"entries": entries, "before": found.before, "cut": found.cut})

    return router
