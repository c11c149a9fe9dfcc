"""The auditor's view: who read what, and why; read-only, and itself written down (O2, R38)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from starlette.responses import Response

from spean.core.errors import Conflict, InvalidInput
from spean.core.roles import Role
from spean.core.world import DAY, from_iso
from spean.node.care.verifying import Verified
from spean.node.views.auditing import ACTS, UNUSUAL_ALWAYS, UNUSUAL_LEAST, UNUSUAL_TIMES, Asking, Entry, Hour
from spean.node.work import DOMESTIC
from spean.web.frame.pages import Answer, Go, Page, Pages
from spean.web.frame.visit import Visit

pages = Pages()
LINES = 100
HOURS = 40
WINDOW = 7 * DAY
"""Over which hours are counted; with a million entries a month that takes under half a second."""
FILTERS = ("user", "subject", "act", "since", "until", "words")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage(Page):
    """A page of entries with its filters, and how much was opened by the hour."""

    template: ClassVar[str] = "audit.html"
    entries: tuple[Entry, ...]
    more: str
    """The query of the next page; empty when there is none."""
    cut: bool
    asked: dict[str, str]
    acts: tuple[str, ...]
    users: tuple[tuple[str, str], ...]
    hours: tuple[Hour, ...]
    counted: bool
    """Whether hours were counted: on the first page only."""
    unusual: int
    rule: tuple[int, int, int]
    """At least so many, over so many times the usual, or always from so many on."""
    verified: Verified | None
    running: bool


@pages.get("/audit")
def audit(visit: Visit) -> Answer:
    """Who read what. An auditor's own look is written down with her reason, too."""
    visit.who.need(Role.AUDITOR)
    node, asked = visit.node, {name: visit.query(name).strip() for name in FILTERS}
    found = node.auditing.entries(
        visit.who, _asking(asked), reason=visit.reason(), before=visit.query("before"), limit=LINES
    )
    paging = bool(visit.query("before"))
    hours = [] if paging else node.auditing.hours(visit.who, visit.now - WINDOW, visit.now + 1)
    query = urlencode({name: value for name, value in asked.items() if value})
    words = visit.office.markup.words(visit.reader.language)
    running = node.verifying.running
    return AuditPage(
        title=words.gettext("Who read what"), entries=found.entries, cut=found.cut, asked=asked,
        more=f"{query}&before={found.before}".lstrip("&") if found.before else "", acts=ACTS,
        users=tuple((user.id, user.name) for user in node.people.list()),
        hours=tuple(each for each in hours if each.user == asked["user"] or not asked["user"])[:HOURS],
        counted=not paging, unusual=sum(each.unusual for each in hours), rule=(UNUSUAL_LEAST, UNUSUAL_TIMES, UNUSUAL_ALWAYS),
        verified=node.verifying.last(DOMESTIC), running=running is not None and running.log == DOMESTIC,
    )  # fmt: skip


@pages.post("/audit/export")
def export(visit: Visit) -> Answer:
    """The entries as CSV; that it was taken is written down."""
    asked = {name: visit.typed(name).strip() for name in FILTERS}
    table = visit.node.auditing.export(visit.who, _asking(asked), reason=visit.reason())
    headers = {"content-disposition": f'attachment; filename="{visit.node.me}-audit.csv"'}
    return Response(table, headers=headers, media_type="text/csv; charset=utf-8")


@pages.post("/audit/verify")
def verify(visit: Visit) -> Answer:
    """Verify the domestic log against its checkpoints, in the background."""
    visit.who.need(Role.AUDITOR)
    try:
        visit.node.verifying.start(DOMESTIC)
    except Conflict:
        return Go("/audit#proof")  # one is running already; the page says so
    return Go("/audit#proof")


def _asking(asked: dict[str, str]) -> Asking:
    until = _day("until", asked["until"])
    return Asking(
        user=asked["user"], subject=asked["subject"], act=asked["act"], words=asked["words"], since=_day("since", asked["since"]),
        until=until + DAY if until else 1 << 62,
    )  # fmt: skip


def _day(name: str, text: str) -> int:
    """The beginning (UTC) of an ISO day in ms; 0 for none."""
    if not text:
        return 0
    try:
        return from_iso(f"{text}T00:00:00.000Z")
    except ValueError:
        raise InvalidInput(name, f"{text!r} is no day", remedy="write it YYYY-MM-DD") from None
