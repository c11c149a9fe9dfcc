"""Standing watches, and open lists with their versions (B6, B7)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, ClassVar

from spean.candidates.look_ups import CATEGORIES, Mark
from spean.candidates.procedures import DESK, EDITORS
from spean.core.errors import InvalidInput, Refusal, SpeanError
from spean.core.marks import Purpose
from spean.core.roles import Role
from spean.core.world import DAY
from spean.entities.values.chains import BY_NAME
from spean.node.acts.acting import Marks
from spean.node.entry.people import Who
from spean.node.same.lists import ListState, read_whole
from spean.node.same.watching import WatchShown
from spean.screening.published import BadLine
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.upload import read_upload
from spean.web.frame.visit import Visit
from spean.web.places.candidates import WRONG

pages = Pages()
TYPES = tuple(CATEGORIES)
LONGEST = 180
WATCHED = ("type", "value", "chain", "birth", "purpose", "mark", "reason", "days")
SHORT = ("name", "publisher", "version", "date", "source", "licence", "chain", "record")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchesPage(Page):
    """The watches that run, and the form for another."""

    template: ClassVar[str] = "watches.html"
    watches: tuple[WatchShown, ...]
    names: dict[str, str]
    types: tuple[str, ...]
    purposes: tuple[str, ...]
    marks: tuple[str, ...]
    partners: tuple[str, ...]
    typed: dict[str, str]
    chosen: tuple[str, ...]
    longest: int
    once: str
    may_watch: bool
    past: bool
    rule: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsPage(Page):
    """Open lists, and the form for a version."""

    template: ClassVar[str] = "lists.html"
    lists: tuple[ListState, ...]
    chains: tuple[str, ...]
    typed: dict[str, str]
    bad: tuple[BadLine, ...]
    taken: int
    may_bring: bool
    rule: Rule | None


@pages.get("/same/watches")
def watches(visit: Visit) -> Answer:
    """The list; what is watched is shown, so it is a read of each."""
    return _watches(visit, None)


@pages.post("/same/watches")
def watch(visit: Visit) -> Answer:
    """Watch a key until its end."""
    try:
        days = visit.typed("days")
        if not days.isdecimal() or not 1 <= int(days) <= LONGEST:
            raise InvalidInput(
                "days", f"between 1 and {LONGEST}", remedy="a person renews it when it is still needed", rule="R33"
            )
        form = {
            "type": visit.typed("type"), "value": visit.typed("value").strip(), "chain": visit.typed("chain").strip(),
            "birth": visit.typed("birth").strip(), "nodes": [value for key, value in visit.pairs if key == "node"],
            "until": visit.now + int(days) * DAY, "mark": visit.typed("mark") or Mark.NONE, "reason": visit.typed("reason").strip(),
        }  # fmt: skip
        if not visit.typed("purpose"):
            raise InvalidInput("purpose", "every watch has one", remedy="choose for what it is kept", rule="R26")
        marks = Marks(
            purpose=visit.typed("purpose"),
            subject="other",
            data="identity" if form["type"] == "person" else "indicator",
        )
        visit.node.matching.watching.watch(visit.who, form, marks, once=visit.typed("once"))
    except WRONG as wrong:
        _note(visit, wrong)
        return Shown(_watches(visit, wrong), wrong.status)
    return Go("/same/watches")


@pages.post("/same/watches/{record}/renew")
def renew(visit: Visit) -> Answer:
    """A person looks at it and lets it go on."""
    try:
        days = visit.typed("days")
        until = visit.now + int(days) * DAY if days.isdecimal() and len(days) < 5 else 0
        visit.node.matching.watching.renew(visit.who, visit.part("record"), until, visit.typed("reason").strip())
    except WRONG as wrong:
        _note(visit, wrong)
        return Shown(_watches(visit, wrong), wrong.status)
    return Go("/same/watches")


@pages.post("/same/watches/{record}/begin")
def begin(visit: Visit) -> Answer:
    """After the supervisor passed a marked watch: it is compared from now on."""
    try:
        visit.node.matching.watching.begin(visit.who, visit.part("record"))
    except WRONG as wrong:
        _note(visit, wrong)
        return Shown(_watches(visit, wrong), wrong.status)
    return Go("/same/watches")


def _watches(visit: Visit, wrong: SpeanError | None) -> WatchesPage:
    words, node, who = visit.office.markup.words(visit.reader.language), visit.node, visit.who
    past = visit.query("past") == "1"
    partners = {each.holder for each in node.private.holdings() if each.holder != node.me}
    found = node.matching.watching.shown(who, reason=visit.reason(), past=past)
    return WatchesPage(
        title=words.gettext("Watches"), watches=tuple(found), types=TYPES,
        names={user.id: user.name for user in node.people.list()}, purposes=_purposes(who),
        marks=tuple(Mark), partners=tuple(sorted(partners)), typed=_typed(visit, WATCHED),
        chosen=tuple(value for key, value in visit.pairs if key == "node"), longest=LONGEST, once=secrets.token_hex(12),
        may_watch=not who.roles.isdisjoint(DESK), past=past, rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip


def _purposes(who: Who) -> tuple[str, ...]:
    return tuple(str(each) for each in Purpose if who.may_purpose(each))


# lists --------------------------------------------------------------------------------------------------------------


@pages.get("/same/lists")
def lists(visit: Visit) -> Page:
    """The lists with their versions; a list names nobody, so this is no read."""
    return _lists(visit, None, {}, (), 0)


@pages.post("/same/lists/file", stream=True)
def bring(visit: Visit) -> Answer:
    """Take a version in: a new list, or in place of the former version."""
    typed: dict[str, str] = {}
    try:
        upload = read_upload(visit.request.headers.get("content-type", ""), visit.incoming)
        typed = {name: upload.fields.get(name, "") for name in SHORT}
        given: dict[str, Any] = {name: typed[name] for name in SHORT}
        brought = visit.node.matching.lists.bring(visit.who, read_whole(upload.chunks), **given)
    except WRONG as wrong:
        _note(visit, wrong)
        return Shown(_lists(visit, wrong, typed, (), 0), wrong.status)
    return _lists(visit, None, {}, brought.bad, brought.taken)


@pages.post("/same/lists/{record}/retire")
def retire(visit: Visit) -> Answer:
    """The list is not asked any more; its entries are erased."""
    try:
        visit.node.matching.lists.retire(visit.who, visit.part("record"), visit.typed("reason").strip())
    except WRONG as wrong:
        _note(visit, wrong)
        return Shown(_lists(visit, wrong, {}, (), 0), wrong.status)
    return Go("/same/lists")


def _lists(
    visit: Visit, wrong: SpeanError | None, typed: dict[str, str], bad: tuple[BadLine, ...], taken: int
) -> ListsPage:
    words = visit.office.markup.words(visit.reader.language)
    may = not visit.who.roles.isdisjoint((*EDITORS, Role.ANALYST, Role.FINANCIAL_ANALYST))
    return ListsPage(
        title=words.gettext("Open lists"), lists=tuple(visit.node.matching.lists.all(visit.who)), chains=tuple(sorted(BY_NAME)),
        typed={name: typed.get(name, "") for name in SHORT}, bad=bad, taken=taken, may_bring=may,
        rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip


def _typed(visit: Visit, names: tuple[str, ...]) -> dict[str, str]:
    return {name: visit.typed(name)[:2000] for name in names}


def _note(visit: Visit, wrong: SpeanError) -> None:
    if isinstance(wrong, Refusal):
        visit.node.reading_desk.note_refusal(visit.who, wrong, f"POST {visit.path}")
