"""FollowTheMoney files in and out: a file's entities become own records with the file as their source; what one may read goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput, SpeanError, TooMuch
from spean.core.ids import ulid
from spean.entities.kinds import check_link, kind
from spean.entities.values.dates import DATE
from spean.formats.ftm.model import Report, Thing, Tie
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.same.dossier import Dossier, load
from spean.node.same.selecting import ENTITY, clean

if TYPE_CHECKING:
    from spean.node.ground import Ground

AT_ONCE = 200
"""Entities of one transaction."""
MOST_TIES = 2_000_000
MOST_OUT = 200_000
"""Entities of one export."""
_FOREIGN = "foreign-id"
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a file comes from, as its officer says it: it stands behind every statement of it (R29)."""

    dataset: str
    purpose: str
    category: str = "other"
    """Whom the persons in it are (R30); *suspect* is nobody by a file (R1)."""
    source: str = "X"
    grade: int = 4
    nature: str = "assessment"
    words: str = ""
    """The file and its version, e.g. the list and its date."""


@dataclass(slots=True)
class Taken:
    """What came of a file."""

    opened: int = 0
    added: int = 0
    """Entities that were known and of which it says more."""
    known: int = 0
    """Entities of which it says nothing new."""
    linked: int = 0
    loose: int = 0
    """Links whose ends are not both here, or that do not fit."""
    refused: Counter[str] = field(default_factory=Counter)
    report: Report = field(default_factory=Report)


@dataclass(slots=True)
class _Run:
    """One import on its way."""

    who: Who
    origin: Origin
    upto: int
    """Up to which fact ids of the file may be known from an earlier import; 0: there was none."""
    taken: Taken = field(default_factory=Taken)
    records: dict[str, str] = field(default_factory=dict)
    """Id of the file → record."""


class Exchanging:
    """Imports and exports of one node."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    # in ---------------------------------------------------------------------------------------------------------

    def take(self, who: Who, lines: Iterable[bytes], origin: Origin, progress: Progress | None = None) -> Taken:
        """Take a file in, ``AT_ONCE`` entities a transaction. Taken again, it adds only what is new.

        Raises ``Refusal`` (O1) and ``InvalidInput``; what is wrong with single lines stands in the report.
        """
        who.need_purpose(origin.purpose)
        if not origin.dataset.strip() or len(origin.dataset) > 60 or ":" in origin.dataset:
            raise InvalidInput(
                "dataset", "between 1 and 60 characters without a colon", remedy="name the list, e.g. un-list"
            )
        from spean.formats.ftm.read import read  # loaded with the first file

        run = _Run(who, origin, self._begin(origin))
        ties: list[Tie] = []
        things = self._things(read(lines, run.taken.report), ties)
        while part := list(islice(things, AT_ONCE)):
            self._part(run, part)
            if progress is not None:
                progress(run.taken.report.things)
        for at in range(0, len(ties), AT_ONCE):
            self._ties(run, ties[at : at + AT_ONCE])
        return run.taken

    def _begin(self, origin: Origin) -> int:
        """Up to which fact ids of this name may be known already: 0 when no import of it was here. The index is brought up to date for it."""
        mark = f"dataset:{origin.dataset}"
        with self._ground.store.write() as tx:
            seen = tx.meta.get(mark) is not None
            tx.meta.set(mark, "1")
        while seen and self._ground.indexing.step():
            pass
        return self._ground.same.newest() if seen else 0

    def _things(self, items: Iterable[Thing | Tie], ties: list[Tie]) -> Iterator[Thing]:
        for each in items:
            if isinstance(each, Thing):
                yield each
            else:
                if len(ties) >= MOST_TIES:
                    raise TooMuch(
                        "The file has too many links", why=f"more than {MOST_TIES}", remedy="cut it into parts"
                    )
                ties.append(each)

    def _part(self, run: _Run, part: Sequence[Thing]) -> None:
        taken, records = run.taken, run.records
        known = self._known(run, [each.id for each in part])
        with self._ground.reading() as tx:
            dossiers = load(self._ground, tx, known.values())
        records.update(known)
        intents: list[Intent] = []
        for each in part:
            statements = self._statements(each, run.origin, taken.report)
            there = dossiers.get(known.get(each.id, ""))
            if there is None:
                intents.append(self._open(each, statements, run.origin))
            elif new := _new(there, statements):
                intents.append(Intent(kind="state", form={"statements": new}, record=there.record))
            else:
                taken.known += 1
        named = [each.id for each in part if each.id not in known]
        for intent, done in zip(intents, self._ground.acting.act_each(run.who, intents), strict=True):
            foreign = named.pop(0) if intent.kind == "open" else ""
            if isinstance(done, SpeanError):
                taken.refused[done.why or done.what] += 1
            elif intent.kind == "open":
                taken.opened += 1
                records[foreign] = done.record
            else:
                taken.added += 1

    def _open(self, each: Thing, statements: list[dict[str, Any]], origin: Origin) -> Intent:
        person = kind(each.kind).person
        category = origin.category if person else "none"
        marks = Marks(purpose=origin.purpose, data="identity" if person else "indicator", subject=category, source=origin.source,
                      grade=origin.grade, nature=origin.nature)  # fmt: skip
        form = {"kind": each.kind, "category": category, "statements": statements}
        return Intent(kind="open", procedure=ENTITY, form=form, marks=marks)

    def _statements(self, each: Thing, origin: Origin, report: Report) -> list[dict[str, Any]]:
        """Its values that are well formed, with the file behind each; the others are counted."""
        of = kind(each.kind)
        said: dict[tuple[str, str], None] = {(_FOREIGN, f"{origin.dataset}:{each.id}"): None}
        for name, value in each.values:
            try:
                of.property(name).values.validate(value)
            except InvalidInput:
                report.values[f"{each.kind}.{name}"] += 1
                continue
            said[name, value] = None
        return [_said(name, value, origin) for name, value in islice(said, 300)]

    def _known(self, run: _Run, ids: Sequence[str]) -> dict[str, str]:
        """Which of these ids of the file are records here, by what an earlier import said."""
        if not run.upto:
            return {}
        wanted = {found: each for each in ids if (found := clean(_FOREIGN, f"{run.origin.dataset}:{each}")) is not None}
        with self._ground.reading() as tx:
            held = self._ground.same.known(tx, list(wanted), limit=10 * AT_ONCE, upto=run.upto)
        return {wanted[each.selector]: each.record for each in held if each.selector in wanted}

    def _ties(self, run: _Run, part: Sequence[Tie]) -> None:
        taken, records = run.taken, run.records
        missing = {name for each in part for name in (each.source, each.target) if name not in records}
        if missing:
            records.update(self._known(run, sorted(missing)))
        ends_ = {records[name] for each in part for name in (each.source, each.target) if name in records}
        with self._ground.reading() as tx:
            dossiers = load(self._ground, tx, ends_)
        intents = [intent for each in part if (intent := self._tie(each, run.origin, dossiers, records)) is not None]
        there = {
            (link.link, link.source_entity, link.target_entity) for each in dossiers.values() for link in each.links
        }
        fresh: dict[tuple[str, str, str], Intent] = {}
        for intent in intents:
            key = (intent.form["link"], intent.record, intent.form["other"])
            if key not in there:
                fresh.setdefault(key, intent)
        taken.loose += len(part) - len(intents)
        for done in self._ground.acting.act_each(run.who, list(fresh.values())):
            if isinstance(done, Done):
                taken.linked += 1
            else:
                taken.refused[done.why or done.what] += 1

    def _tie(self, each: Tie, origin: Origin, dossiers: dict[str, Dossier], records: dict[str, str]) -> Intent | None:
        one, other = dossiers.get(records.get(each.source, "")), dossiers.get(records.get(each.target, ""))
        if one is None or other is None or one.kind is None or other.kind is None or one.record == other.record:
            return None
        try:
            check_link(each.link, one.kind.name, other.kind.name)
        except InvalidInput:
            return None
        form = {"link": each.link, "other": other.record, "role": each.role, "source": origin.source, "grade": origin.grade,
                "nature": origin.nature, "origin": _words(origin), "since": _day(each.since), "until": _day(each.until)}  # fmt: skip
        return Intent(kind="link", form=form, record=one.record)

    # out --------------------------------------------------------------------------------------------------------

    def give(self, who: Who, *, reason: str, records: Sequence[str] = ()) -> Iterator[bytes]:
        """What ``who`` may read as lines of FollowTheMoney: these records, or all. Written down before the first line (R38); the facts are
        listed as exported, so that a recall names the file, too."""
        from spean.formats.ftm.write import ends, line, thing

        ground = self._ground
        ground.reading_desk.may_read(who)
        with ground.reading() as tx:
            found = [each for each in self._readable(tx, who, records) if each.open]
        subject = f"{ground.me}:export:{ulid(ground.clock, ground.entropy)}"
        facts = sorted({said.id.partition(":")[0] for each in found for said in each.standing})
        with ground.writing() as work:
            ground.reading_desk.note_access(work, who, "export", subject, reason, {"entities": str(len(found))})
            work.tx.exports.add(facts, "followthemoney", work.now, who.id)
        things = [
            thing(each.record, each.kind, [(said.property, said.value) for said in each.standing])
            for each in found
            if each.kind is not None
        ]
        ties = [
            (link.link, link.source_entity, link.target_entity, link.role, link.statement.since, link.statement.until)
            for each in found
            for link in each.links
            if link.statement.counts
        ]
        return (line(each) for each in ends(things, ties))

    def _readable(self, tx: Any, who: Who, records: Sequence[str]) -> Iterator[Dossier]:
        if records:
            found = load(self._ground, tx, records)
            yield from (each for each in found.values() if who.may_purpose(each.purpose))
            return
        last, count = None, 0
        while rows := tx.records.list(procedure=ENTITY, purposes=who.purposes, after=last, limit=500):
            count += len(rows)
            if count > MOST_OUT:
                raise TooMuch("Too many entities for one file", why=f"more than {MOST_OUT}", remedy="name the records")
            yield from load(self._ground, tx, [row.id for row in rows]).values()
            last = rows[-1]


def _said(name: str, value: str, origin: Origin) -> dict[str, Any]:
    return {
        "property": name,
        "value": value,
        "source": origin.source,
        "grade": origin.grade,
        "nature": origin.nature,
        "origin": _words(origin),
    }


def _words(origin: Origin) -> str:
    return (origin.words or origin.dataset)[:300]


def _new(there: Dossier, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The statements whose value nobody has said of it yet; what was withdrawn is not said again by the same file."""
    if there.kind is None:
        return []
    said = {(each.property, each.value) for each in there.statements}
    return [
        each
        for each in statements
        if (each["property"], there.kind.property(each["property"]).values.clean(each["value"])) not in said
    ]


def _day(text: str) -> str:
    try:
        return DATE.clean(text) if text else ""
    except InvalidInput:
        return ""
