"""Recoveries of lost authenticators: one person asks, another one approves and hands the link over (R4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import Conflict, Refusal
from spean.web.frame.pages import Answer, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.places.users import secret_page

pages = Pages()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """One recovery, with the names of those who take part."""

    id: str
    name: str
    reason: str
    asked_by: str
    asked_at: int
    approved_by: str
    approved_at: int | None
    spent_at: int | None
    until: int
    open: bool
    """It waits for its second person."""
    mine: bool
    """This reader may not approve it: she asked, or it is her own account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveriesPage(Page):
    """Those that wait, and the latest others."""

    template: ClassVar[str] = "recoveries.html"
    rule: Rule | None
    done: str
    recoveries: tuple[Recovery, ...]


@pages.get("/recoveries")
def recoveries(visit: Visit) -> Answer:
    """The list, for whoever may ask or approve."""
    return _page(visit)


@pages.post("/recoveries/{recovery}/approve")
def approve(visit: Visit) -> Answer:
    """Another person approves: the link for the owner is shown once."""
    try:
        link = visit.node.recoveries.approve(visit.who, visit.part("recovery"))
    except (Refusal, Conflict) as wrong:
        if isinstance(wrong, Refusal):
            if wrong.rule == "proof":
                raise
            visit.node.reading_desk.note_refusal(visit.who, wrong, f"POST {visit.path}")
        return Shown(_page(visit, rule_of(wrong)), wrong.status)
    owner = next(each.user for each in visit.node.recoveries.list(visit.who) if each.id == visit.part("recovery"))
    return secret_page(visit, "recovery", owner, link)


def _page(visit: Visit, rule: Rule | None = None) -> RecoveriesPage:
    words, node = visit.office.markup.words(visit.reader.language), visit.node
    rows = node.recoveries.list(visit.who)
    names = {user.id: user.name for user in node.people.list()}
    reasons = node.administering.reasons(visit.who, rows)
    me = visit.who.id
    return RecoveriesPage(
        title=words.gettext("Recoveries"), rule=rule, done=visit.query("done"),
        recoveries=tuple(
            Recovery(
                id=row.id, name=names.get(row.user, row.user), reason=reasons.get(row.id, ""), asked_by=names.get(row.asked_by, row.asked_by),
                asked_at=row.asked_at, approved_by=names.get(row.approved_by, row.approved_by), approved_at=row.approved_at,
                spent_at=row.spent_at, until=row.expires_at, open=row.approved_at is None and visit.now < row.expires_at,
                mine=me in (row.user, row.asked_by),
            ) for row in rows
        ),
    )  # fmt: skip
