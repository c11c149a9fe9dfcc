"""A link chart around an entity: drawn on a canvas, and the same content as tables (docs/ui-principles.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from starlette.responses import JSONResponse

from spean.entities.kinds import KIND_NAMES, kind, label, links, properties
from spean.node.same.charting import MOST_HOPS, Chart, Joined, Thing, things_by_distance
from spean.web.frame.pages import Answer, Page, Pages
from spean.web.frame.visit import Visit
from spean.web.places.entity_files import as_file

pages = Pages()
A_PAGE = 100
"""Rows of each table that stand on one page."""
_KIND_OF_TYPE = {"imei": "device", "reference": "payment", "name": "person"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingRow:
    """Something on the chart."""

    id: str
    kind: str
    kind_label: str
    label: str
    path: str
    """Its own page; empty for a value that several records share."""
    hops: int
    count: int
    """Lines that end there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line of the chart."""

    source: str
    source_path: str
    how: str
    target: str
    target_path: str
    role: str
    grade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPage(Page):
    """What stands around an entity."""

    template: ClassVar[str] = "chart.html"
    record: str
    hops: int
    most_hops: int
    cut: bool
    things: tuple[ThingRow, ...]
    lines: tuple[LineRow, ...]
    kinds: tuple[tuple[str, str], ...]
    """Kinds on the chart with their labels."""
    all_things: int
    all_lines: int
    at: int
    """The first row of each table on this page."""
    following: int
    """Where the next page begins; 0: there is none."""


@pages.get("/chart/{record}")
def chart(visit: Visit) -> Answer:
    """The chart with its tables."""
    found, hops = _found(visit)
    words = visit.office.markup.words(visit.reader.language)
    things, lines = _things(visit, found), list(found.lines.values())
    at = visit.number("from", 0, max(len(things), len(lines)))
    names = {each.id: each for each in things}
    shown = {each.kind: each.kind_label for each in things}
    following = at + A_PAGE if at + A_PAGE < max(len(things), len(lines)) else 0
    return ChartPage(
        title=words.gettext("Links of %(name)s") % {"name": found.things[found.start].label or found.start}, record=found.start, hops=hops,
        most_hops=MOST_HOPS, cut=found.cut, things=tuple(things[at : at + A_PAGE]),
        lines=tuple(_line(visit, each, names) for each in lines[at : at + A_PAGE]), kinds=tuple(sorted(shown.items())),
        all_things=len(things), all_lines=len(lines), at=at, following=following,
    )  # fmt: skip


@pages.get("/chart/{record}/data")
def data(visit: Visit) -> Answer:
    """The same for the canvas."""
    found, _ = _found(visit)
    things = _things(visit, found)
    names = {each.id: each for each in things}
    return JSONResponse(
        {
            "nodes": [
                {
                    "id": each.id,
                    "kind": each.kind,
                    "kind_label": each.kind_label,
                    "label": each.label,
                    "href": each.path,
                }
                for each in things
            ],
            "links": [
                {"from": each.source, "to": each.target, "label": _line(visit, each, names).how}
                for each in found.lines.values()
            ],
        }
    )


@pages.post("/chart/{record}/export")
def export(visit: Visit) -> Answer:
    """The entities of the chart with what joins them, as FollowTheMoney; written down, and listed as exported."""
    found, _ = _found(visit)
    records = [each.record for each in found.things.values() if each.record and each.kind != "record"]
    return as_file(visit.node.same.exchanging.give(visit.who, reason=visit.reason(), records=records))


def _found(visit: Visit) -> tuple[Chart, int]:
    hops = visit.number("hops", 2, MOST_HOPS)
    return visit.node.same.charting.chart(visit.who, visit.part("record"), hops=hops, reason=visit.reason()), hops


def _things(visit: Visit, found: Chart) -> list[ThingRow]:
    ends: dict[str, int] = {}
    for line in found.lines.values():
        for each in {line.source, line.target}:
            ends[each] = ends.get(each, 0) + 1
    return [_thing(visit, each, ends.get(each.id, 0)) for each in things_by_distance(found)]


def _thing(visit: Visit, thing: Thing, count: int) -> ThingRow:
    words = visit.office.markup.words(visit.reader.language)
    name = _KIND_OF_TYPE.get(thing.kind, thing.kind)
    said = label(kind(name).labels, visit.reader.language) if name in KIND_NAMES else thing.kind
    return ThingRow(
        id=thing.id, kind=name, kind_label=words.gettext("Record") if name == "record" else said, label=thing.label or thing.id,
        path=_path(thing), hops=thing.hops, count=count,
    )  # fmt: skip


def _path(thing: Thing) -> str:
    """Its own page; a value that several records share has none."""
    return f"/{'records' if thing.kind == 'record' else 'entities'}/{thing.record}" if thing.record else ""


def _line(visit: Visit, line: Joined, names: dict[str, ThingRow]) -> LineRow:
    source, target = names[line.source], names[line.target]
    return LineRow(
        source=source.label, source_path=source.path, how=_how(visit, line), target=target.label, target_path=target.path,
        role="" if line.kind == "says" else line.role, grade=line.sources,
    )  # fmt: skip


def _how(visit: Visit, line: Joined) -> str:
    language, words = visit.reader.language, visit.office.markup.words(visit.reader.language)
    if line.kind == "same-as":
        return words.gettext("was judged to be the same as")
    if line.kind == "says":
        of = properties().get(line.role)
        return label(of.labels, language) if of else words.gettext("names")
    return label(links()[line.kind].forward, language)
