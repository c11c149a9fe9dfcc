"""A case's money: the way that it took as a picture and as a table, both rules side by side, what to send, what is held (C1, C4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, SpeanError
from spean.core.ids import parse_record
from spean.holds.procedures import DESK
from spean.node.money.model import Edge, MoneySheet
from spean.node.money.reporting import REPORTERS
from spean.node.money.sending import Sent
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.parts.flow import Flow, View, flow
from spean.web.parts.outcomes import Line, parted
from spean.web.places.board import may_ask, may_load

pages = Pages()
MOST_EDGES = 200
"""Payments on one page; all of them with ``?all=1``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPage(Page):
    """The sheet with its picture."""

    template: ClassVar[str] = "money.html"
    sheet: MoneySheet
    flow: Flow | None
    view: View
    to_send: tuple[Line, ...]
    running: tuple[Line, ...]
    over: tuple[Line, ...]
    edges: tuple[Edge, ...]
    left: int
    """Payments that this page leaves out."""
    nodes: tuple[str, ...]
    """Whose ledgers and answers it rests on."""
    contact: tuple[str, str, str]
    """Name, telephone and basis for the requests, as typed."""
    ours: bool
    """A report of ours; else a request that came to us, of which nothing is sent from here."""
    may_send: bool
    may_report: bool
    """Whether this officer makes reports of it for the financial intelligence unit."""
    files: bool
    """Whether this officer gives files to the ledgers."""
    asks: bool
    """Whether this officer asks institutions about accounts."""
    rule: Rule | None
    done: tuple[tuple[str, str], ...]
    """Requests that were sent just now: record and node."""
    refused: tuple[tuple[str, str, Rule], ...]
    """Requests that were refused: node, account, why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfollowedPage(Page):
    """A report whose money nobody follows yet."""

    template: ClassVar[str] = "unfollowed.html"
    record: str
    state: str
    """Of our report; empty for a request whose payment our ledgers do not know."""
    may_follow: bool
    files: bool
    rule: Rule | None


@pages.get("/money/{record}")
def money(visit: Visit) -> Answer:
    """The sheet; opening it is a read, which is logged with the officer's task (R38)."""
    return _sheet(visit)


@pages.post("/money/{record}/trace")
def trace(visit: Visit) -> Answer:
    """Follow the money of a validated report, now and from now on; or once more, by another rule of claiming."""
    record = visit.part("record")
    try:
        visit.node.money.trace(visit.who, record, visit.typed("claim"))
    except (Conflict, InvalidInput) as wrong:
        return Shown(_unfollowed(visit, wrong), wrong.status)
    return Go(f"/money/{record}")


@pages.post("/money/{record}/send")
def send(visit: Visit) -> Answer:
    """Ask for holds at the chosen places, all at once; traced once more before they leave."""
    record = visit.part("record")
    places = [
        (node, account) for name, value in visit.pairs if name == "place" for node, _, account in [value.partition(" ")]
    ]
    contact = (visit.typed("contact_name").strip(), visit.typed("contact_phone").strip(), visit.typed("basis").strip())
    try:
        if not places:
            raise InvalidInput("place", "nobody was chosen", remedy="tick at least one line")
        sent = visit.node.money.send(
            visit.who, record, places, contact_name=contact[0], contact_phone=contact[1], basis=contact[2]
        )
    except (Refusal, Conflict, InvalidInput) as wrong:
        if isinstance(wrong, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, wrong, f"POST {visit.path}")
        return _sheet(visit, wrong=wrong, contact=contact)
    return _sheet(visit, sent=sent, contact=contact)


def _sheet(
    visit: Visit,
    *,
    wrong: SpeanError | None = None,
    sent: Sequence[Sent] = (),
    contact: tuple[str, str, str] = ("", "", ""),
) -> Answer:
    try:
        found = visit.node.money.sheet(visit.who, visit.part("record"), reason=visit.reason())
    except NotFound:
        return _unfollowed(visit, None)
    page = sheet_page(visit, found, wrong=wrong, sent=sent, contact=contact)
    return page if wrong is None else Shown(page, wrong.status)


def _unfollowed(visit: Visit, wrong: SpeanError | None) -> UnfollowedPage:
    """Raises ``NotFound`` when there is no such record."""
    record = visit.part("record")
    parse_record(record)
    visit.node.reading_desk.may_read(visit.who)
    with visit.node.reading() as tx:
        row = tx.records.get(record)
    if row.procedure not in ("fraud-report", "stop-payment"):
        raise NotFound("No money is followed for this record", remedy="open the report of the fraud")
    words = visit.office.markup.words(visit.reader.language)
    return UnfollowedPage(
        title=words.gettext("Where the money went"),
        record=record,
        state=row.state if row.procedure == "fraud-report" else "",
        files=may_load(visit),
        may_follow=not visit.who.roles.isdisjoint(DESK),
        rule=None if wrong is None else rule_of(wrong),
    )


def sheet_page(
    visit: Visit, sheet: MoneySheet, *, wrong: SpeanError | None, sent: Sequence[Sent], contact: tuple[str, str, str]
) -> MoneyPage:
    """The context of a sheet that was read."""
    words = visit.office.markup.words(visit.reader.language)
    view: View = "claimed" if visit.query("rule") == "claimed" else "located"
    hops = parted(sheet.hops)
    shown = sheet.edges if visit.query("all") else sheet.edges[:MOST_EDGES]
    refused = [(each, each.error) for each in sent if each.error is not None]
    return MoneyPage(
        title=words.gettext("Where the money went"), sheet=sheet, flow=flow(sheet, view), view=view, to_send=hops.to_send,
        running=hops.running, over=hops.over, edges=shown, left=len(sheet.edges) - len(shown),
        nodes=tuple(dict.fromkeys(edge.node for edge in sheet.edges)), contact=contact, ours=":fraud-report:" in sheet.case,
        may_send=not visit.who.roles.isdisjoint(DESK),
        may_report=":fraud-report:" in sheet.case and not visit.who.roles.isdisjoint(REPORTERS), files=may_load(visit),
        asks=may_ask(visit),
        rule=None if wrong is None else rule_of(wrong),
        done=tuple((each.done.record, each.node) for each in sent if each.done is not None),
        refused=tuple((each.node, each.account, rule_of(error)) for each, error in refused),
    )  # fmt: skip
