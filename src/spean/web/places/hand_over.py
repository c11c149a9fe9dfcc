"""Hand-over of the shift: the note that the node writes, the officer's words, and who takes over (DOMAIN 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import Conflict, InvalidInput, SpeanError
from spean.core.ids import ulid
from spean.core.world import HOUR
from spean.node.views.handing_over import Handed
from spean.node.views.shift_note import Note
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()
HOURS = (4, 8, 12, 24, 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverPage(Page):
    """The note as of now, the form that hands it over, and the notes before it."""

    template: ClassVar[str] = "hand-over.html"
    note: Note
    titles: dict[str, str]
    """Procedure → title."""
    hours: int
    """How far back the note was asked to look; 0: since the last hand-over."""
    choices: tuple[int, ...]
    text: str
    once: str
    may: bool
    rule: Rule | None
    past: tuple[Handed, ...]
    me: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePage(Page):
    """A note that was handed over, with its words."""

    template: ClassVar[str] = "hand-over-note.html"
    handed: Handed
    text: str
    note: Note | None
    titles: dict[str, str]
    may_take: bool
    rule: Rule | None


@pages.get("/hand-over")
def hand_over(visit: Visit) -> Page:
    """The note of this moment. It holds no contents, so looking at it is no read."""
    return _page(visit)


@pages.post("/hand-over")
def hand(visit: Visit) -> Answer:
    """Hand over: the note and the officer's words become a fact of the domestic log."""
    try:
        handed = visit.node.handing_over.hand_over(
            visit.who, visit.typed("text"), _since(visit), once=visit.typed("once")
        )
    except InvalidInput as wrong:
        return Shown(_page(visit, wrong), wrong.status)
    return Go(f"/hand-over/{handed.fact}")


@pages.get("/hand-over/{fact}")
def note(visit: Visit) -> Page:
    """A note with its words: a read, which is written down (R38)."""
    return _note_page(visit)


@pages.post("/hand-over/{fact}/take-over")
def take_over(visit: Visit) -> Answer:
    """This officer has the desk from now on."""
    fact = visit.part("fact")
    try:
        visit.node.handing_over.take_over(visit.who, fact)
    except Conflict as late:
        return Shown(_note_page(visit, late), late.status)
    return Go(f"/hand-over/{fact}")


def _since(visit: Visit) -> int | None:
    """The chosen moment; None: since the last hand-over."""
    hours = _hours(visit)
    return visit.now - hours * HOUR if hours else None


def _hours(visit: Visit) -> int:
    text = visit.typed("hours") or visit.query("hours")
    if not text:
        return 0
    if not text.isdecimal() or len(text) > 3 or int(text) not in HOURS:
        raise InvalidInput("hours", "not on the list", remedy=f"one of {', '.join(map(str, HOURS))}")
    return int(text)


def _page(visit: Visit, error: SpeanError | None = None) -> HandOverPage:
    words = visit.office.markup.words(visit.reader.language)
    node = visit.node
    return HandOverPage(
        title=words.gettext("Hand-over"), note=node.handing_over.compose(visit.who, _since(visit)), titles=_titles(visit),
        hours=_hours(visit), choices=HOURS, text=visit.typed("text"), once=visit.typed("once") or ulid(node.clock, node.entropy),
        may=node.handing_over.may(visit.who), rule=None if error is None else rule_of(error),
        past=tuple(node.handing_over.past(visit.who)), me=visit.who.id,
    )  # fmt: skip


def _note_page(visit: Visit, error: SpeanError | None = None) -> NotePage:
    words = visit.office.markup.words(visit.reader.language)
    opened = visit.node.handing_over.open(visit.who, visit.part("fact"), reason=visit.reason())
    handed = opened.handed
    return NotePage(
        title=words.gettext("Hand-over note"), handed=handed, text=opened.text, note=opened.note, titles=_titles(visit),
        may_take=handed.taken_at is None and handed.by_id != visit.who.id and visit.node.handing_over.may(visit.who),
        rule=None if error is None else rule_of(error),
    )  # fmt: skip


def _titles(visit: Visit) -> dict[str, str]:
    return {each.name: each.title for each in visit.node.engine.procedures}
