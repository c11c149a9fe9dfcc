"""The restitution sheet: each holding and each victim to the last unit, each amount with how it follows from the rule; it prints (C8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import Conflict, InvalidInput, Refusal, SpeanError
from spean.core.roles import Role
from spean.node.entry.rights import opened_to
from spean.node.money.giving_back import RestitutionSheet
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.parts.strip import Strip, strip_of
from spean.web.places.record import nodes_of

pages = Pages()
PROPOSERS = frozenset({Role.FINANCIAL_ANALYST, Role.INVESTIGATOR, Role.LEGAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class RestitutionPage(Page):
    """The sheet."""

    template: ClassVar[str] = "restitution.html"
    sheet: RestitutionSheet
    strip: Strip | None
    may_propose: bool
    adds_up: bool
    """held = shared + given + left, and each holding by itself."""
    reason: str
    links: frozenset[str]
    """Records of holdings that this reader may open."""
    rule: Rule | None


@pages.get("/restitutions/{record}")
def restitution(visit: Visit) -> Page:
    """The sheet; opening it is a read."""
    return _page(visit, None, "")


@pages.post("/restitutions/{record}/propose")
def propose(visit: Visit) -> Answer:
    """Put on the table what the rule gives for the claims that stand."""
    record, reason = visit.part("record"), visit.typed("reason").strip()
    try:
        visit.node.money.giving_back.propose(visit.who, record, reason)
    except (Refusal, Conflict, InvalidInput) as wrong:
        if isinstance(wrong, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, wrong, f"POST {visit.path}")
        return Shown(_page(visit, wrong, reason), wrong.status)
    return Go(f"/restitutions/{record}")


def _page(visit: Visit, wrong: SpeanError | None, reason: str) -> RestitutionPage:
    node, record = visit.node, visit.part("record")
    detail = node.reading_desk.record(visit.who, record, reason=visit.reason())
    sheet = node.money.giving_back.of(detail)
    with node.reading() as tx:
        links = opened_to(tx, visit.who, (pot.record for pot in sheet.pots))
    words = visit.office.markup.words(visit.reader.language)
    whole = sheet.held.amount == sheet.shared.amount + sheet.given.amount + sheet.left.amount
    each = all(pot.pot.amount == pot.given.amount + pot.left.amount for pot in sheet.pots)
    open_ = sheet.leads and sheet.state in ("collecting", "proposed") and bool(sheet.claims)
    return RestitutionPage(
        title=words.gettext("Restitution sheet"), sheet=sheet, strip=strip_of(node, detail.facts, nodes_of(detail.row)),
        may_propose=open_ and not visit.who.roles.isdisjoint(PROPOSERS), adds_up=whole and each, reason=reason,
        rule=None if wrong is None else rule_of(wrong), links=links,
    )  # fmt: skip
