"""Private matching over REST (B1, B2, R42): ask without showing whom is meant, answer without showing what is held, and who oversees it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as FromQuery
from pydantic import Field

from spean.api import views
from spean.api.bodies import LINE, MOST_NODES, RECORD, NodeName, Nothing, Reason, Strict, Why
from spean.api.guarded import Answer, Caller, StrictRoute
from spean.api.money import view
from spean.api.records import HeaderReason, reason_of
from spean.core.errors import InvalidInput
from spean.core.marks import Purpose, Subject
from spean.entities.values.place import POINT
from spean.matching.private.categories import Category
from spean.node import Node
from spean.node.private.model import Person, Term
from spean.node.same.model import Selector

RecordName = Annotated[str, Field(pattern=RECORD)]
Reference = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="By which the owner finds what it holds.")]
Words = Annotated[str, Field(min_length=1, max_length=500, pattern=LINE)]
Listed = Field(strict=False, description="A value of a closed list.")
MOST_TERMS = 400
_TIMES = frozenset({"as_of", "at"})


class TermBody(Strict):
    """What is asked about: an exact value by its ``type`` (phone, account, document …), or a person by ``name`` and ``birth``."""

    type: str = Field(default="", max_length=40, pattern="^[a-z-]*$", description="Type of an exact value.")
    value: str = Field(default="", max_length=500, pattern=LINE, description="The value as it was written.")
    chain: str = Field(default="", max_length=40, pattern=LINE, description="For a wallet: its chain.")
    name: str = Field(default="", max_length=500, pattern=LINE, description="A person's name, in any script.")
    birth: str = Field(
        default="", max_length=10, pattern="^[0-9-]*$", description="Birth date: 1988, 1988-04 or 1988-04-02."
    )

    def term(self, node: Node) -> Term:
        """The term in its clean form. Raises ``InvalidInput``."""
        if bool(self.name) == bool(self.type):
            raise InvalidInput(
                "terms", "neither a value nor a name, or both", remedy="give type and value, or name and birth"
            )
        if self.type == "point":
            return Selector("point", POINT.clean(self.value))
        return Person(self.name, self.birth) if self.name else node.same.selector(self.type, self.value, self.chain)


class QuestionBody(Strict):
    """A private question."""

    terms: Annotated[list[TermBody], Field(min_length=1, max_length=MOST_TERMS)]
    purpose: Annotated[Purpose, Listed]
    subject: Annotated[Subject, Listed]
    reason: Reason
    to: Annotated[list[NodeName], Field(max_length=MOST_NODES)] = Field(
        default=[], description="Empty: whoever offers it."
    )
    instrument: str = Field(default="", max_length=80, pattern=LINE, description="The agreement; empty: any that fits.")
    case: str = Field(default="", max_length=80, pattern=LINE, description="Our record that it is for.")
    seconds: int = Field(default=0, ge=0, le=10, description="How long to wait for the answers.")


class ClaimBody(Strict):
    """References of hits."""

    references: Annotated[list[Reference], Field(min_length=1, max_length=500)]


class OfferBody(Strict):
    """What we answer from now on."""

    instrument: Words
    category: Category
    purposes: Annotated[list[Annotated[Purpose, Listed]], Field(min_length=1, max_length=11)]
    subjects: Annotated[list[Annotated[Subject, Listed]], Field(min_length=1, max_length=9)]
    desk: Words
    contact: str = Field(default="", max_length=200, pattern=LINE)
    reason: Reason
    to: Annotated[list[NodeName], Field(max_length=MOST_NODES)] = Field(default=[], description="Empty: all partners.")


class OverlapBody(Strict):
    """Compare all our items with a partner's table."""

    holding: RecordName
    purpose: Annotated[Purpose, Listed]
    subject: Annotated[Subject, Listed]
    reason: Reason


class JudgementBody(Strict):
    """How many of the opened inputs were asked for the stated purpose."""

    proper: int = Field(ge=0, le=4096)


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """All routes of private matching."""
    router = APIRouter()
    for each in (_questions(node, guarded), _holdings(node, guarded), _oversight(node, guarded)):
        router.include_router(each)
    return router


def _questions(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1/private", route_class=guarded, tags=["private matching"])

    @router.post(
        "/questions", status_code=201, summary="Ask other nodes blindly; the question is logged with its reason (R38)"
    )
    def ask(body: QuestionBody, who: Caller) -> Answer:
        terms = [each.term(node) for each in body.terms]
        asked = node.private.ask_now(
            who, terms, purpose=body.purpose, subject=body.subject, reason=body.reason, to=body.to, instrument=body.instrument,
            case=body.case, seconds=body.seconds,
        )  # fmt: skip
        return Answer(_plain(asked), 201)

    @router.get("/questions/{asked}", summary="The answers to a question of yours, as far as they have come")
    def answers(asked: RecordName, _: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer(_plain(node.private.answers_for(who, asked)))

    @router.post(
        "/questions/{record}/claim", status_code=201, summary="Tell the owner which references came out of a question"
    )
    def claim(record: RecordName, body: ClaimBody, who: Caller) -> Answer:
        return Answer(views.done(node.private.claim(who, record, body.references)), 201)

    @router.get(
        "/references/{reference}", summary="At the owner: the records that a hit refers to; the read is logged (R38)"
    )
    def referred(reference: Reference, _: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer({"records": node.private.referred(who, reference)})

    return router


def _holdings(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1/private", route_class=guarded, tags=["private matching"])

    @router.get("/holdings", summary="What may be asked of whom, and what we answer")
    def holdings(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer([_plain(each) for each in node.private.holdings_for(who)])

    @router.post("/holdings", status_code=201, summary="Answer private questions about a category from now on")
    def offer(body: OfferBody, who: Caller) -> Answer:
        done = node.private.offer(
            who, body.instrument, body.category, purposes=body.purposes, subjects=body.subjects, desk=body.desk, contact=body.contact,
            reason=body.reason, to=body.to,
        )  # fmt: skip
        return Answer(views.done(done), 201)

    @router.get("/overlaps", summary="Overlaps of whole holdings: how far they are, and at the asker what both hold")
    def overlaps(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer([_plain(each) for each in node.private.overlapping.overlaps(who)])

    @router.post(
        "/overlaps", status_code=201, summary="Ask a partner whether all our items of a category may be compared"
    )
    def propose(body: OverlapBody, who: Caller) -> Answer:
        done = node.private.overlapping.propose(
            who, body.holding, purpose=body.purpose, subject=body.subject, reason=body.reason
        )
        return Answer(views.done(done), 201)

    return router


def _oversight(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1/private", route_class=guarded, tags=["private matching"])

    @router.get("/budgets", summary="What partners used of their budgets, over all agreements and keys")
    def budgets(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer([_plain(each) for each in node.private.spent(who)])

    @router.get(
        "/openings", summary="For auditors: the inputs of our questions that chance chose; the read is logged (R38)"
    )
    def openings(asked: Annotated[Why, FromQuery()], who: Caller, x_reason: HeaderReason = "") -> Answer:
        return Answer([_plain(each) for each in node.private.openings(who, reason=reason_of(asked, x_reason))])

    @router.post("/openings/{record}", summary="An auditor's judgement; the asked node sees the two numbers")
    def judge(record: RecordName, body: JudgementBody, who: Caller) -> Answer:
        node.private.oversee(who, record, body.proper)
        return Answer({"record": record, "proper": body.proper})

    return router


def _plain(found: Any) -> views.View:
    """A dataclass as plain values, its times in ISO 8601."""
    made: views.View = _timed(view(found))
    return made


def _timed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: views.at(item or None) if name in _TIMES and isinstance(item, int) else _timed(item)
            for name, item in value.items()
        }
    return [_timed(each) for each in value] if isinstance(value, list | tuple) else value
