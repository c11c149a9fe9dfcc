"""Search over what one may read. Words stand in the posted form and never in an address: they often name people.

Each search is written down with its words and the officer's task (R38). The page opens the few facts that it shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import InvalidInput, Refusal
from spean.core.marks import Purpose
from spean.node.views.searching import Found, Hit, Mark
from spean.web.frame.pages import Answer, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()
SHOWN = 30
AROUND = 90
"""Characters of a long text that stand before and after the first place that holds the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A field of a form with the words marked: pieces of text, each with whether it is one of the words."""

    label: str
    pieces: tuple[tuple[str, bool], ...]
    alike: bool = False
    """What is marked only sounds like the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A fact that holds the words."""

    fact: str
    record: str
    procedure: str
    kind: str
    origin: str
    at: int
    status: str
    excerpts: tuple[Excerpt, ...]
    alike: bool
    """Found by sound only: a candidate (D8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(Page):
    """The question and what was found."""

    template: ClassVar[str] = "search.html"
    words: str
    alike: bool
    """Whether what sounds alike is asked for too."""
    candidates: bool
    """Whether a hit of this page was found by sound only."""
    asked: bool
    """Whether anything was searched for."""
    results: tuple[Result, ...]
    before: int | None
    cut: bool
    behind: int
    facets: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    procedure: str
    origin: str
    purpose: str
    procedures: tuple[tuple[str, str], ...]
    origins: tuple[str, ...]
    purposes: tuple[str, ...]
    rule: Rule | None


@pages.get("/search")
def ask(visit: Visit) -> Answer:
    """An empty question."""
    return _page(visit, None, None)


@pages.post("/search")
def search(visit: Visit) -> Answer:
    """What was found, newest first."""
    narrow = {name: visit.typed(name) for name in ("procedure", "origin", "purpose") if visit.typed(name)}
    before = visit.typed("before")
    try:
        found = visit.node.searching.search(
            visit.who, words=visit.typed("words"), reason=visit.reason(), limit=SHOWN,
            before=int(before) if before.isdecimal() else None, narrow=narrow, alike=bool(visit.typed("alike")),
        )  # fmt: skip
    except (InvalidInput, Refusal) as refused:
        if isinstance(refused, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, refused, "POST /search")
        return Shown(_page(visit, None, rule_of(refused)), refused.status)
    return _page(visit, found, None)


def _page(visit: Visit, found: Found | None, rule: Rule | None) -> SearchPage:
    words = visit.office.markup.words(visit.reader.language)
    node = visit.node
    return SearchPage(
        title=words.gettext("Search"), words=visit.typed("words")[:200], alike=bool(visit.typed("alike")),
        candidates=any(hit.alike for hit in found or ()), asked=found is not None,
        results=tuple(map(_result, found.hits)) if found else (), before=found.before if found else None,
        cut=bool(found and found.cut), behind=found.behind if found else 0, facets=_facets(found),
        procedure=visit.typed("procedure"), origin=visit.typed("origin"), purpose=visit.typed("purpose"),
        procedures=tuple((each.name, each.title) for each in node.engine.procedures),
        origins=(node.me, *node.peering.active()), purposes=tuple(Purpose), rule=rule,
    )  # fmt: skip


def _facets(found: Found | None) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    if found is None:
        return ()
    return tuple(
        (name, tuple(sorted(counts.items(), key=lambda item: -item[1])))
        for name, counts in found.facets.items()
        if counts
    )


def _result(hit: Hit) -> Result:
    row = hit.fact.row
    return Result(
        fact=row.id, record=row.record, procedure=row.procedure, kind=row.kind, origin=row.origin, at=row.at,
        status=row.status, excerpts=tuple(map(excerpt, hit.marks[:4])), alike=hit.alike,
    )  # fmt: skip


def excerpt(mark: Mark) -> Excerpt:
    """The text around the first place, with every place of it marked."""
    start = max(0, mark.at[0][0] - AROUND) if mark.at else 0
    end = min(len(mark.text), (mark.at[0][1] if mark.at else 0) + AROUND)
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    place = start
    for begin, stop in mark.at:
        if begin >= end:
            break
        pieces += [(mark.text[place:begin], False), (mark.text[begin:stop], True)]
        place = stop
    pieces += [(mark.text[place:end], False), *([("…", False)] if end < len(mark.text) else [])]
    label = mark.path.split(".")[-1] if not mark.path.split(".")[-1].isdecimal() else mark.path.split(".")[-2]
    return Excerpt(label=label.replace("_", " "), pieces=tuple(piece for piece in pieces if piece[0]), alike=mark.alike)
