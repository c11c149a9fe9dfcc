"""An entity as a reader sees it: what is said and by whom, how it is joined, who judged what, what a border answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, NotFound
from spean.core.ids import ulid
from spean.entities.kinds import KIND_NAMES, properties
from spean.entities.statements import PropertyView
from spean.node.entry.people import Who
from spean.node.entry.rights import opened_to
from spean.node.same.dossier import Dossier, JudgementSaid, load
from spean.node.same.judging import Judging
from spean.node.same.model import Answer, Cluster
from spean.node.same.selecting import ENTITY, pointing
from spean.node.views.offering import offers
from spean.node.work import Work
from spean.procedures.engine import Offer
from spean.store.rows import RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

MOST_LISTED = 50
_LOOKED_AT = 2_000
"""Records that are opened in vain at most for one page of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another entity: by what it is called, as far as this reader may read it."""

    record: str
    kind: str
    caption: str
    seen: bool
    """False: it is for other eyes; nothing but its record is told."""
    state: str = ""
    """What the border answers about it, as far as it is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link from here or to here, with its statement."""

    id: str
    link: str
    backward: bool
    """It is said of the other one, and leads here."""
    other: Other
    role: str
    since: str
    until: str
    source: str
    grade: int
    nature: str
    origin: str
    by: str
    said_at: int
    withdrawn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementView:
    """A judgement with what became of it."""

    record: str
    """The record in which it stands, where it can be taken back."""
    other: Other
    said: JudgementSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Something on the time line: ISO date with precision, and what."""

    when: str
    what: str
    """A property, a link, or ``said``."""
    text: str
    until: bool = False
    """It ended then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityView:
    """Everything about one entity that this reader may see."""

    record: str
    kind: str
    caption: str
    category: str
    purpose: str
    state: str
    opened_at: int
    properties: tuple[PropertyView, ...]
    links: tuple[LinkView, ...]
    judgements: tuple[JudgementView, ...]
    cluster: Cluster
    same: tuple[Other, ...]
    """The other members of its cluster."""
    timeline: tuple[Dated, ...]
    answer: Answer | None
    off_line: bool
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of the list of entities."""

    record: str
    kind: str
    caption: str
    category: str
    state: str
    purpose: str
    statements: int
    same: int
    """How many others are judged to be the same."""


class Viewing:
    """Views for people; each is written down before it is shown (R38)."""

    def __init__(self, ground: Ground, judging: Judging) -> None:
        self._ground = ground
        self._judging = judging

    def entity(self, who: Who, record: str, *, reason: str) -> EntityView:
        """One entity. Raises ``NotFound`` and ``Refusal`` (O1)."""
        ground = self._ground
        if record.split(":")[1:2] != [ENTITY]:
            raise NotFound(f"{record} is no entity", remedy="spean record show opens other records")
        ground.reading_desk.note_read(who, record, reason)
        ground.indexing.renew()
        with ground.reading() as tx:
            here = load(ground, tx, [record])[record]
            there = self._pointing_at(tx, record)
            cluster = self._judging.cluster(tx, record)
            others = self._others(tx, who, here, there, cluster)
            row = tx.records.get(record)
            offers_ = self._offers(tx, row, who)
        readable = {name: each for name, each in there.items() if others[name].seen}
        links = sorted(_links(here, readable, others), key=lambda each: (bool(each.withdrawn), each.link, each.said_at))
        return EntityView(
            record=record, kind="" if here.kind is None else here.kind.name, caption=here.caption, category=here.category,
            purpose=here.purpose, state=here.state, opened_at=here.opened_at, properties=here.views, links=tuple(links),
            judgements=tuple(_judgements(here, readable, others)), cluster=cluster,
            same=tuple(others[name] for name in cluster.members if name != record), timeline=tuple(_timeline(here, links)),
            answer=here.answer, off_line=here.off_line, offers=tuple(offers_),
        )  # fmt: skip

    def listed(
        self, who: Who, *, kind: str = "", after: str = "", limit: int = MOST_LISTED, reason: str
    ) -> tuple[list[Listed], str]:
        """Entities that ``who`` may read, those that changed last first, of one kind or all; and where the next page begins.

        Names are contents: the look at the list is written down like a search (R38).
        """
        if kind and kind not in KIND_NAMES:
            raise InvalidInput("kind", f"{kind[:40]!r} is no kind of thing", remedy="one of " + ", ".join(KIND_NAMES))
        if not 1 <= limit <= 500:
            raise InvalidInput("limit", "between 1 and 500", remedy="ask for a page")
        ground = self._ground
        ground.reading_desk.may_read(who)
        subject = f"{ground.me}:search:{ulid(ground.clock, ground.entropy)}"
        told = {"words": f"list of entities {kind}".strip()}
        ground.committer.run(lambda work: ground.reading_desk.note_access(work, who, "search", subject, reason, told))
        with ground.reading() as tx:
            found, following = self._page(tx, who, kind, after, limit)
            clusters = self._judging.clusters(tx, [each.record for each in found])
        return [_listed(each, len(clusters[each.record]) - 1) for each in found], following

    def _page(self, tx: Tx, who: Who, kind: str, after: str, limit: int) -> tuple[list[Dossier], str]:
        last = tx.records.get(after) if after else None
        found: list[Dossier] = []
        looked = 0
        while len(found) < limit and looked < _LOOKED_AT:
            rows = tx.records.list(procedure=ENTITY, purposes=who.purposes, after=last, limit=limit)
            looked += len(rows)
            dossiers = load(self._ground, tx, [row.id for row in rows])
            for row in rows:
                last = row
                each = dossiers[row.id]
                if each.kind is not None and (not kind or each.kind.name == kind):
                    found.append(each)
                if len(found) == limit:
                    return found, row.id
            if len(rows) < limit:
                return found, ""
        return found, "" if last is None else last.id

    def _pointing_at(self, tx: Tx, record: str) -> dict[str, Dossier]:
        """Entities whose links or judgements name this one."""
        buckets = {each.bucket: each for each in tx.search.buckets()}
        numbers = list(offers(self._ground, tx, [[{pointing(record)}]], buckets, tx.search.newest()))
        rows = tx.facts.at(numbers).values()
        names = {
            row.record
            for row in rows
            if row.procedure == ENTITY and row.kind in ("link", "judge") and row.record != record
        }
        found = load(self._ground, tx, names)
        return {
            name: each
            for name, each in found.items()
            if any(link.target_entity == record for link in each.links)
            or any(said.other == record for said in each.judgements)
        }

    def _others(self, tx: Tx, who: Who, here: Dossier, there: dict[str, Dossier], cluster: Cluster) -> dict[str, Other]:
        """Every other entity that is named, with its caption where this reader may open it."""
        names = {
            *there,
            *(link.target_entity for link in here.links),
            *(said.other for said in here.judgements),
            *cluster.members,
        }
        names.discard(here.record)
        may = opened_to(tx, who, names)
        known = load(self._ground, tx, names)
        return {name: _other(name, known.get(name) if name in may else None) for name in names}

    def _offers(self, tx: Tx, row: RecordRow, who: Who) -> Sequence[Offer]:
        projector = self._ground.projector
        context = projector.context(Work(self._ground, tx), row.id)
        return self._ground.engine.offers(projector.view(row), self._ground.me, who.roles, context)


def _other(record: str, dossier: Dossier | None) -> Other:
    if dossier is None or dossier.kind is None:
        return Other(record=record, kind="", caption="", seen=False)
    return Other(record=record, kind=dossier.kind.name, caption=dossier.caption, seen=True, state=dossier.state)


def _links(here: Dossier, there: dict[str, Dossier], others: dict[str, Other]) -> Iterable[LinkView]:
    for owner in (here, *there.values()):
        backward = owner is not here
        for each in owner.links:
            if backward and each.target_entity != here.record:
                continue
            said = each.statement
            yield LinkView(
                id=each.id, link=each.link, backward=backward, other=others[owner.record if backward else each.target_entity],
                role=each.role, since=said.since, until=said.until, source=said.source, grade=said.grade, nature=said.nature,
                origin=said.origin, by=said.by, said_at=said.said_at, withdrawn=said.withdrawn,
            )  # fmt: skip


def _judgements(here: Dossier, there: dict[str, Dossier], others: dict[str, Other]) -> list[JudgementView]:
    found = [JudgementView(record=here.record, other=others[each.other], said=each) for each in here.judgements]
    for name, dossier in there.items():
        found += [
            JudgementView(record=name, other=others[name], said=each)
            for each in dossier.judgements
            if each.other == here.record
        ]
    return sorted(found, key=lambda each: (each.said.at, each.said.fact))


def _timeline(here: Dossier, links: Iterable[LinkView]) -> list[Dated]:
    """What stands and has a date, the latest first: dates that are said, and from when to when something is true."""
    known = properties()
    found: list[Dated] = []
    for each in here.standing:
        if known[each.property].type in ("date", "moment"):
            found.append(Dated(when=each.value, what=each.property, text=""))
            continue
        found += [
            Dated(when=when, what=each.property, text=each.value, until=until)
            for when, until in ((each.since, False), (each.until, True))
            if when
        ]
    for link in links:
        if not link.withdrawn and link.other.seen:
            text = link.other.caption
            found += [
                Dated(when=when, what=link.link, text=text, until=until)
                for when, until in ((link.since, False), (link.until, True))
                if when
            ]
    return sorted(found, key=lambda each: each.when, reverse=True)


def _listed(each: Dossier, same: int) -> Listed:
    return Listed(
        record=each.record, kind="" if each.kind is None else each.kind.name, caption=each.caption, category=each.category,
        state=each.state, purpose=each.purpose, statements=len(each.standing), same=same,
    )  # fmt: skip
