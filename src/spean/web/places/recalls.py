"""Recalls under way and lately confirmed; who still holds a fact (A8, R34, D5). What is shown is no content, so looking is no read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import InvalidInput
from spean.node.views.recall_watch import Asked
from spean.web.frame.pages import Answer, Go, Page, Pages
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallsPage(Page):
    """What runs out next on top, then what is overdue longest."""

    template: ClassVar[str] = "recalls.html"
    under_way: tuple[Asked, ...]
    to_us: tuple[Asked, ...]
    """Partners recall from us, and we have not answered."""
    confirmed: tuple[Asked, ...]
    overdue: int
    find: str
    found: tuple[tuple[str, str, str, int], ...]
    """Facts that were looked for: name, kind, owner, time."""
    rule: Rule | None
    me: str


@pages.get("/recalls")
def recalls(visit: Visit) -> Answer:
    """All recalls; with ``find`` the way to who holds a fact."""
    node, rule, found = visit.node, None, []
    find = visit.query("find").strip()
    if find:
        try:
            found = node.inspecting.find(visit.who, find)
        except InvalidInput as wrong:
            rule = rule_of(wrong)
        if len(found) == 1:
            return Go(f"/facts/{found[0].id}/recall")
    asked = node.recall_watch.under_way(visit.who)
    ours = sorted((each for each in asked if each.owner == node.me), key=lambda each: (not each.overdue, each.asked_at))
    words = visit.office.markup.words(visit.reader.language)
    return RecallsPage(
        title=words.gettext("Recalls"), under_way=tuple(ours), to_us=tuple(each for each in asked if each.owner != node.me),
        confirmed=tuple(node.recall_watch.confirmed(visit.who)), overdue=sum(each.overdue for each in ours), find=find,
        found=tuple((row.id, row.kind, row.origin, row.at) for row in found), rule=rule, me=node.me,
    )  # fmt: skip
