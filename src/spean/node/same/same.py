"""``node.same``: what this node knows of persons and things, by exact value and by name, and what its border answers.

It keeps nothing of its own at rest. Exact values stand as keyed hashes in the search index, names in the sealed contents of facts, judgements
in the log; whatever is asked is looked up there, opened and compared. So erasing a fact needs no second place to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput, Refusal
from spean.core.ids import ulid
from spean.core.marks import Purpose
from spean.core.postings import last_of
from spean.dossiers.model import Opened
from spean.entities.kinds import properties
from spean.exchange.codec import decode_header
from spean.node.entry.people import Who
from spean.node.same.bulk import form_of
from spean.node.same.bulk import opened as opened_at_once
from spean.node.same.charting import Charting
from spean.node.same.dossier import ANSWERS, Dossier, load
from spean.node.same.exchanging import Exchanging
from spean.node.same.judging import ERASURES, Judging
from spean.node.same.model import Answer, Changed, Cluster, Held, Judged, Named, Selector
from spean.node.same.selecting import (
    CARRIES,
    CARRYING,
    ENTITY,
    NAMES,
    agree,
    carries,
    clean,
    index_terms,
    names,
    selector_type,
    selectors,
    terms_of,
)  # fmt: skip
from spean.node.same.viewing import Viewing
from spean.node.views.indexing import behind, narrowed, opened, unfinished
from spean.node.views.offering import offers

if TYPE_CHECKING:
    from spean.core.fact import Fact
    from spean.node.ground import Ground
    from spean.node.work import Work
    from spean.store import Tx
    from spean.store.rows import FactRow, SearchBucket

MOST_KNOWN = 200
"""Statements that one question is answered with, at most."""
MOST_SELECTORS = 1_000
PLACES = ("birth-place", "address")
"""Properties in words that are weighed beside names (``matching.score.evidence``)."""
MOST_FRESH = 50_000
"""Facts that are looked through though they are not indexed yet, the newest: so an answer stays quick while a large file comes in. What is older
is found as soon as the index has it, and until then whoever asks is told how many facts that are (``unlooked``)."""
_AT_ONCE = 500
_COUNTS = frozenset({"effective"})
_MOVES = frozenset({"open", "state", "withdraw-statement", "categorise", "mark-suspect", "close", "verify", "protect", "stop", "lift",
                    "lapse", "off-line"})  # fmt: skip
"""Acts of an entity after which it is told differently."""


_SHELTERED = frozenset({"missing", "presumed-victim"})
_SHELTERING = frozenset(
    {Purpose.PROTECT_PERSON, Purpose.LOCATE_MISSING, Purpose.INVESTIGATE_TRAFFICKING, Purpose.DANGER_TO_LIFE}
)


class Same:
    """What the node knows."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.judging = Judging(ground)
        self.exchanging = Exchanging(ground)
        self.viewing = Viewing(ground, self.judging)
        self.charting = Charting(ground)
        self.on_change: list[Changed] = []

    # exact values ---------------------------------------------------------------------------------------------

    def known(
        self, tx: Tx, selectors: Sequence[Selector], limit: int = MOST_KNOWN, upto: int | None = None
    ) -> list[Held]:
        """Who says these exact values, newest first, at most up to fact number ``upto``; opened and compared, so no hash alone decides."""
        ground = self._ground
        asked: dict[str, list[Selector]] = {}
        for each in list(dict.fromkeys(selectors))[:MOST_SELECTORS]:
            for key in terms_of(each):
                asked.setdefault(key, []).append(each)
        if not asked:
            return []
        newest = tx.search.newest() if upto is None else upto
        buckets = {each.bucket: each for each in tx.search.buckets()}
        indexed = offers(ground, tx, [[{each} for each in asked]], buckets, newest, fresh=0)
        found: list[Held] = []
        for part in _parts(chain(self._fresh(tx, buckets.values(), newest, asked.keys()), indexed)):
            for held in self._held(tx, part):
                if any(agree(held.selector, each) for key in terms_of(held.selector) for each in asked.get(key, ())):
                    found.append(held)
            if len(found) >= limit:
                break
        return sorted(found, key=lambda each: -each.n)[:limit]

    def _fresh(self, tx: Tx, buckets: Iterable[SearchBucket], newest: int, asked: Set[str]) -> Iterator[int]:
        """Numbers of facts that are not indexed yet and say one of these terms, the newest first: of the newest ``MOST_FRESH``."""
        left = MOST_FRESH
        for first, last in _gaps(buckets, newest):
            for upto in range(last, first - 1, -_AT_ONCE):
                if left <= 0:
                    return
                after = max(first - 1, upto - _AT_ONCE)
                left -= upto - after
                for fact in opened_at_once(self._ground, tx, after, upto, CARRYING):
                    if carries(fact.procedure, fact.kind) and not asked.isdisjoint(
                        index_terms(fact.procedure, fact.kind, form_of(fact.body))
                    ):
                        yield fact.n

    def unlooked(self, tx: Tx) -> int:
        """Facts that no answer about exact values looks at yet: they are neither indexed nor among the newest ``MOST_FRESH``."""
        return max(0, behind(tx.search.buckets(), tx.search.newest()) - MOST_FRESH)

    def find(self, who: Who, selectors: Sequence[Selector], *, purpose: str, reason: str) -> list[Held]:
        """The same for a person: of records that ``who`` may read, written down before it is shown (R38).

        Raises ``Refusal`` (O1, R26) and ``InvalidInput``.
        """
        ground = self._ground
        ground.reading_desk.may_read(who)
        who.need_purpose(purpose)
        if not 1 <= len(selectors) <= MOST_SELECTORS:
            raise InvalidInput("selectors", f"between 1 and {MOST_SELECTORS}", remedy="ask for fewer at a time")
        subject = f"{ground.me}:search:{ulid(ground.clock, ground.entropy)}"
        told = {"words": ", ".join(f"{each.type} {each.value}" for each in selectors), "purpose": purpose}
        ground.committer.run(lambda work: ground.reading_desk.note_access(work, who, "search", subject, reason, told))
        ground.indexing.renew()
        with ground.reading() as tx:
            return [each for each in self.known(tx, selectors) if who.may_purpose(each.purpose)]

    def selector(self, type: str, value: str, chain: str = "") -> Selector:
        """The selector of a value as somebody typed it. Raises ``InvalidInput``."""
        found = clean(type, value, chain)
        if found is None:
            selector_type(type).validate(value)
            raise InvalidInput("type", f"a {type} is not looked up by its exact value", remedy="search for it in words")
        return found

    def held(self, tx: Tx, after: int = 0) -> Iterator[Held]:
        """Every exact value that the node holds, in the order of arrival, of facts beyond number ``after``."""
        for part in _parts(iter(self._numbers(tx, [[{CARRIES}]], after))):
            yield from self._held(tx, part)

    def _held(self, tx: Tx, numbers: Sequence[int]) -> Iterator[Held]:
        """What the facts of these numbers say and what stands."""
        rows = [
            row for row in tx.facts.at(numbers).values() if carries(row.procedure, row.kind) and row.status in _COUNTS
        ]
        records = tx.records.many({row.record for row in rows})
        dossiers = load(self._ground, tx, {row.record for row in rows if row.procedure == ENTITY})
        keys = self._ground.content_keys.get(
            row.id for row in rows if row.content is not None and row.procedure != ENTITY
        )
        for row in sorted(rows, key=lambda row: row.n):
            if row.record not in records:
                continue
            if row.procedure == ENTITY:
                yield from _of_entity(row, dossiers.get(row.record))
            else:
                yield from _of_fact(row, opened(row.id, row.content, keys.get(row.id)), records[row.record].purpose)

    # names ----------------------------------------------------------------------------------------------------

    def names(self, after: int = 0) -> Iterator[Named]:
        """The names of every record in which something was said beyond fact number ``after``: a row each, once."""
        with self._ground.reading() as tx:
            wanted = [[{narrowed("procedure", ENTITY)}, {NAMES}]]
            numbers = self._numbers(tx, wanted, after)
            seen: dict[str, None] = {}
            for part in _parts(iter(numbers)):
                rows = tx.facts.at(part)
                seen.update((rows[n].record, None) for n in part if n in rows and _tells(rows[n]))
            for records in _parts(iter(seen)):
                yield from self.named(tx, records)

    def named(self, tx: Tx, records: Sequence[str]) -> list[Named]:
        """The names of these records as they stand now."""
        own = load(self._ground, tx, records)
        found = [_named(each) for each in own.values()]
        return found + self._mentioned(tx, [name for name in records if name not in own])

    def _mentioned(self, tx: Tx, records: Sequence[str]) -> list[Named]:
        """Names that other records' facts say: a request, a stop-payment, a report."""
        known = tx.records.many(records)
        facts = [
            each
            for each in tx.facts.of_records(list(known))
            if carries(each.procedure, each.kind) and each.status in _COUNTS
        ]
        keys = self._ground.content_keys.get(each.id for each in facts if each.content is not None)
        forms: dict[str, list[tuple[FactRow, Any]]] = {}
        for each in facts:
            forms.setdefault(each.record, []).append((each, opened(each.id, each.content, keys.get(each.id))))
        found = []
        for name, record in known.items():
            mine = forms.get(name, [])
            said = tuple(dict.fromkeys(each for fact, form in mine for each in names(fact.procedure, fact.kind, form)))
            exact = tuple(
                dict.fromkeys(one for fact, form in mine for one, _ in selectors(fact.procedure, fact.kind, form))
            )
            found.append(
                Named(record=name, upto=max((fact.n for fact, _ in mine), default=0), thing="", names=said, births=(), genders=(),
                      countries=(), selectors=exact, category="", purpose=record.purpose, gone=not said)
            )  # fmt: skip
        return found

    def newest(self) -> int:
        """Running number of the last fact."""
        with self._ground.store.read() as tx:
            return tx.search.newest()

    def _numbers(self, tx: Tx, wanted: Sequence[Sequence[set[str]]], after: int) -> list[int]:
        buckets = {each.bucket: each for each in tx.search.buckets()}
        return list(offers(self._ground, tx, wanted, buckets, tx.search.newest(), after))[::-1]

    # the border, judgements -------------------------------------------------------------------------------------

    def dossiers(self, tx: Tx, records: Iterable[str]) -> dict[str, Dossier]:
        """Entities as their facts say them, by record; for the node itself."""
        return load(self._ground, tx, records)

    def answer(self, tx: Tx, record: str) -> Answer | None:
        """What the border answers about an entity now."""
        found = load(self._ground, tx, [record]).get(record)
        return None if found is None else found.answer

    def answers(self, tx: Tx) -> Iterator[Answer]:
        """Every answer that holds now."""
        for state in ANSWERS:
            last = None
            while rows := tx.records.list(procedure=ENTITY, state=state, after=last, limit=_AT_ONCE):
                found = load(self._ground, tx, [row.id for row in rows])
                yield from (each.answer for each in found.values() if each.answer is not None)
                last = rows[-1]

    def cluster(self, tx: Tx, entity: str) -> Cluster:
        """Who is judged to be the same."""
        return self.judging.cluster(tx, entity)

    def judged(self, tx: Tx, entity: str) -> list[Judged]:
        """The history of judgements about an entity, oldest first."""
        return self.judging.judged(tx, entity)

    # hooks ------------------------------------------------------------------------------------------------------

    def accepted(self, work: Work, fact: Fact, form: Any) -> None:
        """A fact counts: whoever keeps something in memory is told which record says more now."""
        header = fact.header
        if isinstance(form, Opened):
            _check_purpose(form.category, "" if header.envelope is None else header.envelope.purpose)
        if header.procedure == ENTITY:
            self.charting.forget()
        if (header.procedure == ENTITY and header.kind in _MOVES) or carries(header.procedure, header.kind):
            self._tell(work, frozenset({header.record}))

    def lost(self, work: Work, facts: Sequence[str]) -> None:
        """Contents are erased in this transaction."""
        known = work.tx.facts.many(facts)
        self.charting.forget()
        if records := frozenset(
            row.record for row in known.values() if carries(row.procedure, row.kind) or row.procedure == ENTITY
        ):
            work.tx.meta.set(ERASURES, str(int(work.tx.meta.get(ERASURES) or 0) + 1))
            self._tell(work, records)

    def _tell(self, work: Work, records: frozenset[str]) -> None:
        for each in self.on_change:
            each(work, records)


def _check_purpose(category: str, purpose: str) -> None:
    """Whoever is missing or presumed a victim is in a record that those read who protect and look for people (R11, O1)."""
    if category in _SHELTERED and purpose not in _SHELTERING:
        raise Refusal("R11", f"a record about somebody {category} is not for the purpose {purpose}",
                      remedy="choose protect-person, locate-missing or investigate-trafficking")  # fmt: skip


def _parts(items: Iterator[Any]) -> Iterator[list[Any]]:
    while part := list(islice(items, _AT_ONCE)):
        yield part


def _gaps(buckets: Iterable[SearchBucket], newest: int) -> Iterator[tuple[int, int]]:
    """First and last number of facts that are not indexed, the newest first."""
    for each in unfinished(buckets, newest):
        yield each.upto + 1, min(last_of(each.bucket), newest)


def _tells(row: FactRow) -> bool:
    """Whether a fact can change the names of its record."""
    return row.kind in _MOVES if row.procedure == ENTITY else carries(row.procedure, row.kind)


def _of_entity(row: FactRow, dossier: Dossier | None) -> Iterator[Held]:
    if dossier is None or not dossier.open or dossier.kind is None:
        return
    known = properties()
    for each in dossier.standing:
        if each.id.startswith(row.id) and known[each.property].values.exact:
            yield Held(
                n=row.n, fact=row.id, record=row.record, selector=Selector(known[each.property].selector, each.value),
                property=each.property, thing=dossier.kind.name, category=dossier.category, purpose=dossier.purpose, origin=row.origin,
                source=each.source, grade=each.grade, at=row.at,
            )  # fmt: skip


def _of_fact(row: FactRow, form: Any, purpose: str) -> Iterator[Held]:
    envelope = decode_header(row.payload).envelope
    for selector, path in selectors(row.procedure, row.kind, form):
        yield Held(
            n=row.n, fact=row.id, record=row.record, selector=selector, property=path, thing="",
            category="" if envelope is None else envelope.subject, purpose=purpose, origin=row.origin,
            source="" if envelope is None else envelope.source, grade=0 if envelope is None else envelope.grade, at=row.at,
        )  # fmt: skip


def _named(each: Dossier) -> Named:
    return Named(
        record=each.record, upto=each.upto, thing="" if each.kind is None else each.kind.name, names=each.of_type("name"),
        births=each.of("birth-date"), genders=each.of("sex"), countries=each.of("nationality", "country"), selectors=each.selectors,
        category=each.category, purpose=each.purpose, gone=not each.open,
        places=tuple(Selector(name, value) for name in PLACES for value in each.of(name)),
    )  # fmt: skip
