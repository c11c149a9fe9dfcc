"""Search over what one may read. Words stand in the posted form and never in an address: they often name people.

Each search is written down with its words and the officer's task (R38). The page opens the few facts that it shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import InvalidInput, Refusal
from spean.core.marks import Purpose
from spean.entities.kinds import kind, kinds, label
from spean.node.views.searching import Found, Hit, Mark
from spean.web.frame.pages import Answer, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()
SHOWN = 30
NARROWS = ("thing", "procedure", "origin", "purpose")
"""By what the page narrows; a button of a facet says ``only.`` before the name, and counts more than the form's own choice."""
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
    things: tuple[str, ...]
    """Kinds of things that it is about, in the reader's words."""
    caption: str
    """What people call the entity that it is about."""
    opens: str
    """Where it is read: an entity has a page of its own."""


@dataclass(frozen=True, slots=True)
class Facet:
    """How many hits of the page there are by one of their sides: the field that narrows, and for each value its words and count."""

    name: str
    counts: tuple[tuple[str, str, int], ...]


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
    facets: tuple[Facet, ...]
    thing: str
    things: tuple[tuple[str, str], ...]
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
    narrow = {name: value for name in NARROWS if (value := _chosen(visit, name))}
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


def _chosen(visit: Visit, name: str) -> str:
    return visit.typed(f"only.{name}") or visit.typed(name)


def _page(visit: Visit, found: Found | None, rule: Rule | None) -> SearchPage:
    words = visit.office.markup.words(visit.reader.language)
    node = visit.node
    return SearchPage(
        title=words.gettext("Search"), words=visit.typed("words")[:200], alike=bool(visit.typed("alike")),
        candidates=any(hit.alike for hit in found or ()), asked=found is not None,
        results=tuple(_result(hit, visit.reader.language) for hit in found.hits) if found else (), before=found.before if found else None,
        cut=bool(found and found.cut), behind=found.behind if found else 0, facets=_facets(visit, found), thing=_chosen(visit, "thing"),
        things=tuple((each.name, label(each.labels, visit.reader.language)) for each in kinds()),
        procedure=_chosen(visit, "procedure"), origin=_chosen(visit, "origin"), purpose=_chosen(visit, "purpose"),
        procedures=tuple((each.name, each.title) for each in node.engine.procedures),
        origins=(node.me, *node.peering.active()), purposes=tuple(Purpose), rule=rule,
    )  # fmt: skip


def _facets(visit: Visit, found: Found | None) -> tuple[Facet, ...]:
    words = visit.office.markup.words(visit.reader.language)

    def said(name: str, value: str) -> str:
        if name == "thing":
            return label(kind(value).labels, visit.reader.language)
        return words.procedure(value) if name == "procedure" else value

    return tuple(
        Facet(
            name,
            tuple(
                (value, said(name, value), count) for value, count in sorted(counts.items(), key=lambda item: -item[1])
            ),
        )
        for name, counts in ({} if found is None else found.facets).items()
        if counts
    )


def _result(hit: Hit, language: str) -> Result:
    row = hit.fact.row
    opens = f"/entities/{row.record}" if row.procedure == "entity" else f"/records/{row.record}#f-{row.id[:16]}"
    return Result(
        fact=row.id, record=row.record, procedure=row.procedure, kind=row.kind, origin=row.origin, at=row.at,
        status=row.status, excerpts=tuple(map(excerpt, hit.marks[:4])), alike=hit.alike, opens=opens, caption=hit.caption,
        things=tuple(label(kind(each).labels, language) for each in hit.things),
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
    called = mark.path.split(".")[-1] if not mark.path.split(".")[-1].isdecimal() else mark.path.split(".")[-2]
    return Excerpt(
        label=called.replace("_", " "), pieces=tuple(piece for piece in pieces if piece[0]), alike=mark.alike
    )
