"""A link chart: what stands around an entity, by links that people stated and by exact values that several records share.

Only what the asker may read is on it; a record that she may not read is not there, nor is a link to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, NotFound
from spean.core.world import SECOND
from spean.node.same.dossier import Dossier, JudgementSaid, load
from spean.node.same.model import Held, Selector
from spean.node.same.selecting import ENTITY, pointing
from spean.node.views.offering import offers

if TYPE_CHECKING:
    from spean.node.entry.people import Who
    from spean.node.ground import Ground
    from spean.store import Tx

MOST_THINGS = 5_000
"""On one chart."""
MOST_HOPS = 4
FRESH = 10 * SECOND
"""For so long the last chart is drawn from what was just read: the picture follows its page within a moment."""
_SHARED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something on the chart. ``record`` is empty for a value that several records share; ``kind`` is a kind of entity, a type of value, or
    ``record`` for a record that is no entity."""

    id: str
    kind: str
    label: str
    record: str
    hops: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A line between two things: a stated link, a judgement (``same-as``), or a value that a record says (``says``)."""

    id: str
    source: str
    target: str
    kind: str
    role: str = ""
    sources: str = ""
    """Source and information grade of a stated link, e.g. ``B2``."""


@dataclass(slots=True)
class Chart:
    """What stands around an entity. ``cut``: there is more than fits."""

    start: str
    things: dict[str, Thing] = field(default_factory=dict)
    lines: dict[str, Joined] = field(default_factory=dict)
    cut: bool = False


class Charting:
    """Draws charts from what the node knows."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._last: tuple[tuple[str, frozenset[str], str, int], int, Chart] | None = None

    def forget(self) -> None:
        """Something is said, judged or erased: what was drawn is read anew."""
        self._last = None

    def chart(self, who: Who, start: str, *, hops: int, reason: str) -> Chart:
        """The chart around an entity; the read is written down before anything is shown (R38).

        Raises ``NotFound`` for what is no entity or may not be read, ``InvalidInput`` for hops beyond 1 to 4.
        """
        if not 1 <= hops <= MOST_HOPS:
            raise InvalidInput("hops", f"between 1 and {MOST_HOPS}", remedy="look from a thing further out instead")
        ground = self._ground
        ground.reading_desk.note_read(who, start, reason)
        key, now, last = (who.id, who.roles, start, hops), ground.clock.now(), self._last
        if last is not None and last[0] == key and 0 <= now - last[1] < FRESH:
            return last[2]
        ground.indexing.renew()
        with ground.reading() as tx:
            made = _Drawing(ground, tx, who, Chart(start))
            made.begin()
            for hop in range(1, hops + 1):
                made.widen(hop)
        self._last = key, now, made.chart
        return made.chart


class _Drawing:
    """One chart in the making: each hop looks at the records that the hop before brought."""

    def __init__(self, ground: Ground, tx: Tx, who: Who, chart: Chart) -> None:
        self._ground, self._tx, self._who = ground, tx, who
        self.chart = chart
        self._buckets = {each.bucket: each for each in tx.search.buckets()}
        self._edge: dict[str, Dossier] = {}
        self._read: dict[str, Dossier] = {}

    def begin(self) -> None:
        found = self._readable([self.chart.start])
        if self.chart.start not in found:
            raise NotFound("there is no such entity here", remedy="look for it by a name or number")
        self._add(found, 0)

    def widen(self, hop: int) -> None:
        """One hop more: links out of the edge, links into it, judgements, shared values."""
        edge = self._edge
        wanted = [name for each in edge.values() for name in _named_by(each)]
        shared = self._shared(edge)
        wanted += [held.record for several in shared.values() for held in several]
        found = self._readable(name for name in dict.fromkeys(wanted) if name not in self.chart.things)
        found |= self._pointing_at(edge)
        self._add(found, hop)
        self._others(shared, hop)
        for dossier in (*edge.values(), *found.values()):
            self._lines(dossier)
        for selector, several in shared.items():
            self._value(selector, several, hop)
        self._edge = {name: each for name, each in found.items() if name in self.chart.things}

    def _readable(self, records: Iterable[str]) -> dict[str, Dossier]:
        names = list(records)
        self._read |= load(self._ground, self._tx, (name for name in names if name not in self._read))
        found = {name: self._read[name] for name in names if name in self._read}
        return {
            name: each for name, each in found.items() if each.kind is not None and self._who.may_purpose(each.purpose)
        }

    def _room(self, name: str) -> bool:
        if name in self.chart.things:
            return True
        self.chart.cut = self.chart.cut or len(self.chart.things) >= MOST_THINGS
        return len(self.chart.things) < MOST_THINGS

    def _add(self, found: dict[str, Dossier], hop: int) -> None:
        for name, each in found.items():
            if each.kind is not None and self._room(name):
                self.chart.things[name] = Thing(id=name, kind=each.kind.name, label=each.caption, record=name, hops=hop)
        if not hop:
            self._edge = found

    def _pointing_at(self, edge: dict[str, Dossier]) -> dict[str, Dossier]:
        """Entities whose links or judgements name one of these. The index offers; what they say now decides."""
        if not edge:
            return {}
        numbers = list(
            offers(
                self._ground, self._tx, [[{pointing(name)} for name in edge]], self._buckets, self._tx.search.newest()
            )
        )
        rows = self._tx.facts.at(numbers).values()
        named = {row.record for row in rows if row.procedure == ENTITY and row.kind in ("link", "judge")}
        found = self._readable(named - self.chart.things.keys())
        return {name: each for name, each in found.items() if not edge.keys().isdisjoint(_named_by(each))}

    def _shared(self, edge: dict[str, Dossier]) -> dict[Selector, list[Held]]:
        """Exact values of the edge that some other record says, too."""
        asked = [selector for each in edge.values() for selector in each.selectors]
        several: dict[Selector, list[Held]] = {}
        for held in self._ground.same.known(self._tx, asked, limit=MOST_THINGS):
            if self._who.may_purpose(held.purpose):
                several.setdefault(held.selector, []).append(held)
        return {each: held for each, held in several.items() if len({one.record for one in held}) >= _SHARED}

    def _others(self, shared: dict[Selector, list[Held]], hop: int) -> None:
        """Records that are no entities and say a shared value."""
        for held in (one for several in shared.values() for one in several):
            if not held.thing and self._room(held.record):
                self.chart.things.setdefault(
                    held.record,
                    Thing(id=held.record, kind="record", label=held.record, record=held.record, hops=hop),
                )

    def _value(self, selector: Selector, several: list[Held], hop: int) -> None:
        name = f"{selector.type}={selector.value}"
        if not self._room(name):
            return
        self.chart.things.setdefault(
            name, Thing(id=name, kind=selector.type, label=selector.value, record="", hops=hop)
        )
        for held in several:
            self._line(
                Joined(id=f"{held.fact}:{name}", source=held.record, target=name, kind="says", role=held.property)
            )

    def _lines(self, dossier: Dossier) -> None:
        for link in dossier.links:
            if link.statement.counts:
                said = link.statement
                self._line(Joined(id=link.id, source=link.source_entity, target=link.target_entity, kind=link.link, role=link.role,
                                  sources=f"{said.source}{said.grade}"))  # fmt: skip
        for judged in dossier.judgements:
            if _same(judged):
                self._line(Joined(id=judged.fact, source=dossier.record, target=judged.other, kind="same-as"))

    def _line(self, line: Joined) -> None:
        if line.source in self.chart.things and line.target in self.chart.things:
            self.chart.lines.setdefault(line.id, line)


def _same(said: JudgementSaid) -> bool:
    return said.verdict == "positive" and not said.withdrawn


def _named_by(dossier: Dossier) -> list[str]:
    """The entities to which its links and judgements go."""
    found = [link.target_entity for link in dossier.links if link.statement.counts]
    return found + [said.other for said in dossier.judgements if _same(said)]


def things_by_distance(chart: Chart) -> Iterator[Thing]:
    """Nearest first, then by kind and label: the order of the table."""
    return iter(sorted(chart.things.values(), key=lambda each: (each.hops, each.kind, each.label, each.id)))
