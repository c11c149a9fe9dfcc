"""One question to our own files, to open lists and, without showing it, to partners (B1, R22–R24, R38).

A look-up is a record of one party: what is asked stays here, sealed, with who asked and why. Partners' answers come within seconds and are
gathered when somebody looks and by the clock; each of their hits is raised with its owner as a *candidate*, which holds no content.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from spean.candidates import look_ups
from spean.candidates.look_ups import CATEGORIES, Found, Hit, LookUp, Mark
from spean.candidates.model import Band, Category, How
from spean.core.errors import Conflict, InvalidInput, NotFound, SpeanError
from spean.node.acts.acting import Intent, Marks
from spean.node.entry.people import Who
from spean.node.entry.rights import opened_to
from spean.node.same.book import Book, entry_of
from spean.node.same.finder import Alike, Entry, Weight
from spean.node.same.model import Held, Selector
from spean.node.same.selecting import agree, clean
from spean.node.work import Work
from spean.screening.groups import birth as read_birth
from spean.screening.model import Clause

if TYPE_CHECKING:
    from spean.matching.score.evidence import Holders
    from spean.node.ground import Ground
    from spean.node.private.model import Hit as BlindHit
    from spean.node.private.model import Term
    from spean.node.same.candidates import Candidates
    from spean.node.same.lists import Lists
    from spean.node.same.looking import Looking
    from spean.store import Tx
    from spean.store.rows import RecordRow

PROCEDURE = "look-up"
MOST = 50
_LIKELY, _STRONG = 500, 900


@dataclass(frozen=True, slots=True, kw_only=True)
class HitShown:
    """A hit as somebody may see it. ``names`` and ``why`` are empty for a partner's, and for one that the reader may not open."""

    hit: Hit
    place: int
    """Its number in the look-up."""
    names: tuple[str, ...] = ()
    births: tuple[str, ...] = ()
    values: tuple[Selector, ...] = ()
    why: tuple[Clause, ...] = ()
    weights: tuple[Weight, ...] = ()
    candidate: str = ""
    """The candidate that was raised for it."""
    opens: bool = False
    """Whether the reader may open the own record behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpView:
    """A look-up with what was found."""

    row: RecordRow
    form: LookUp
    by: str
    """Opaque id of who asked."""
    subject: str
    hits: tuple[HitShown, ...]
    asked: tuple[str, ...]
    silent: tuple[str, ...]
    waits: bool
    """Marked, and the supervisor has not decided (R23)."""
    open: bool
    """Answers of partners are still awaited."""
    unread: int = 0
    """Names of ours that had not been read in when it was looked for them: the answer is not complete."""
    unindexed: int = 0
    """Facts of ours that nobody had looked at then for these exact values."""


class Asking:
    """Asks."""

    def __init__(self, ground: Ground, looking: Looking, lists: Lists, candidates: Candidates) -> None:
        self._ground = ground
        self._looking = looking
        self._lists = lists
        self._candidates = candidates
        self.book = Book(ground)
        self._blind: dict[str, str] = {}
        """Look-up → the private question whose answers are awaited; it ends with the process, since its blinds do."""

    # asking -----------------------------------------------------------------------------------------------------

    def ask(self, who: Who, form: dict[str, Any], marks: Marks, *, once: str = "") -> str:
        """Put a look-up and answer it as far as it can be now; its record. Raises ``InvalidInput``, ``Refusal``, ``TooMuch`` (R24)."""
        ground = self._ground
        self._looking.check(who, "look-up")
        form = {**form, "birth": read_birth(str(form.get("birth", "")))}
        done = ground.acting.act(who, Intent(kind="ask", procedure=PROCEDURE, form=form, marks=marks, once=once))
        if form.get("mark", Mark.NONE) != Mark.NONE:
            with ground.writing() as work:
                self._looking.note(work, who, "look-up", [(True, False)])
                text = f"{done.record}: a look-up by {who.id} about somebody whose work is protected waits"
                work.tx.alarms.raise_("R23", done.record, "warning", text, work.now)
            return done.record
        self.search(who, done.record)
        return done.record

    def search(self, who: Who, record: str) -> None:
        """Look now: in our files and lists, and ask partners. Refused while a marked one waits for the supervisor (R23)."""
        ground = self._ground
        names = self.book.refresh()
        with ground.writing() as work:
            row, form, _ = self._question(work, record)
            who.need_purpose(row.purpose)
            hits = self._own(work, who, form)
            facts = ground.same.unlooked(work.tx) if form.selectors else 0
            unread = names.unread if form.names else 0
            self._find(work, record, Found(hits=tuple(hits[:MOST]), unread=unread, unindexed=facts))
            office = self._looking.office(work, [hit.reference for hit in hits])
            self._looking.note(work, who, "look-up", [(bool(hits), office)])
            marks = self._envelope(work, row)
        if form.nodes:
            self._ask_partners(who, record, form, marks)

    def _ask_partners(self, who: Who, record: str, form: LookUp, marks: Marks) -> None:
        from spean.node.private.model import Person

        ground = self._ground
        terms: list[Term] = [*exact_of(form.selectors), *(Person(name, form.birth) for name in form.names)]
        try:
            asked = ground.private.ask(
                who,
                terms,
                purpose=marks.purpose or "",
                subject=marks.subject or "other",
                reason=form.why,
                to=form.nodes,
                case=record,
            )
        except SpeanError as refused:
            refused.add_note(record)
            with ground.writing() as work:
                self._find(work, record, Found(silent=form.nodes))
            raise
        self._blind[record] = asked.id
        self.collect(record)

    def collect(self, record: str) -> bool:
        """Take in what partners have answered; False while somebody has still to answer."""
        ground = self._ground
        if record not in self._blind:
            return True
        asked = ground.private.answers(self._blind[record])
        if asked.open:
            return False
        self._blind.pop(record, None)
        hits = [hit for answer in asked.answers for hit in answer.hits]
        told = {answer.node for answer in asked.answers if answer.state == "answered"}
        silent = {answer.node for answer in asked.answers if answer.state != "answered"} - told
        with ground.writing() as work:
            row, _, by = self._question(work, record)
            shown = tuple(_of_partner(hit) for hit in hits)
            self._find(work, record, Found(hits=shown[:MOST], asked=tuple(sorted(told)), silent=tuple(sorted(silent))))
            marks = self._envelope(work, row)
        for hit, one in zip(hits, shown, strict=True):
            self._candidates.raise_with(hit.node, one, record, by, marks, hit.instrument)
        return True

    def tick(self) -> None:
        """Take in what partners have answered and what was entered meanwhile, and read some of the older names."""
        self.book.refresh()
        self.book.step()
        for record in list(self._blind):
            self.collect(record)

    # reading ----------------------------------------------------------------------------------------------------

    def view(self, who: Who, record: str, *, reason: str) -> LookUpView:
        """A look-up with its hits, as a read (R38)."""
        ground = self._ground
        self.collect(record)
        ground.reading_desk.note_read(who, record, reason)
        with ground.reading() as tx:
            work = Work(ground, tx)
            row, form, by = self._question(work, record)
            found = [each for _, each in ground.projector.stated(work, record, "find") if isinstance(each, Found)]
            hits = list(dict.fromkeys(hit for each in found for hit in each.hits))
            raised = self._candidates.of_question(work, record)
            opens = opened_to(tx, who, (hit.reference for hit in hits if not hit.node and not hit.source))
            subject = self._envelope(work, row).subject or "other"
            shown = tuple(self._shown(work, hit, n, form, raised, opens) for n, hit in enumerate(hits))
        last = next((each for each in reversed(found) if not each.asked and not each.silent), Found())
        marked = form.mark is not Mark.NONE and row.state == "asked"
        told = tuple(sorted({node for each in found for node in each.asked}))
        return LookUpView(row=row, form=form, by=by, subject=subject, hits=shown, waits=marked, open=record in self._blind, asked=told,
                          silent=tuple(sorted({node for each in found for node in each.silent} - set(told))),
                          unread=last.unread, unindexed=last.unindexed)  # fmt: skip

    def _shown(
        self, work: Work, hit: Hit, place: int, form: LookUp, raised: dict[str, str], opens: frozenset[str]
    ) -> HitShown:
        candidate = raised.get(f"{hit.node}/{hit.reference}", "")
        if hit.node:
            return HitShown(hit=hit, place=place, candidate=candidate)
        if hit.source:
            return self._listed(work, hit, place, form, candidate)
        if hit.reference not in opens:
            return HitShown(hit=hit, place=place, candidate=candidate)
        named = next(iter(self._ground.same.named(work.tx, [hit.reference])), None)
        if named is None:
            return HitShown(hit=hit, place=place, candidate=candidate, opens=True)
        alike = self.compare(work.tx, asked_for(form), entry_of(named))
        return HitShown(
            hit=hit, place=place, names=named.names, births=named.births, values=named.selectors, candidate=candidate, opens=True,
            why=() if alike is None else alike.why, weights=() if alike is None else alike.weights,
        )  # fmt: skip

    def _listed(self, work: Work, hit: Hit, place: int, form: LookUp, candidate: str) -> HitShown:
        try:
            entry = self._lists.entry(work.tx, hit.reference)
        except NotFound:
            return HitShown(hit=hit, place=place, candidate=candidate)
        listed = Entry(reference=hit.reference, names=entry.names, births=entry.births, values=entry.values)
        alike = self.compare(work.tx, asked_for(form), listed)
        return HitShown(
            hit=hit, place=place, names=entry.names, births=entry.births, values=tuple(Selector(*each) for each in entry.values),
            candidate=candidate, why=() if alike is None else alike.why, weights=() if alike is None else alike.weights,
        )  # fmt: skip

    def compare(self, tx: Tx, one: Entry, other: Entry) -> Alike | None:
        """Two of them with every weight; how rare a value is, is counted among our own records. None when nothing can be compared."""
        return self.book.finder.compare(one, other, self._holders(tx, one.values))

    def _holders(self, tx: Tx, values: Sequence[tuple[str, str]]) -> Holders:
        exact = [each for each in values if isinstance(each, Selector)]
        return _count(exact, self._ground.same.known(tx, exact) if exact else [])

    def question(self, work: Work, record: str) -> LookUp | look_ups.Watch:
        """What a look-up or a watch of ours asks. Raises ``NotFound`` when it is no such record, or its words are erased."""
        row = work.record(record)
        if row is None or row.procedure not in (PROCEDURE, "watch"):
            raise NotFound(f"No look-up {record[:80]} here", remedy="open it from the desk")
        fact = work.opening(row)
        form = None if fact is None else self._ground.projector.form(fact, work.key(fact.id), work.fact)
        if not isinstance(form, LookUp | look_ups.Watch):
            raise NotFound("The words of this question are erased", remedy="ask anew, if it is still needed")
        return form

    def _question(self, work: Work, record: str) -> tuple[RecordRow, LookUp, str]:
        row, form = work.record(record), self.question(work, record)
        if row is None or not isinstance(form, LookUp):
            raise NotFound(f"No look-up {record[:80]} here", remedy="open it from the desk")
        known = self._ground.projector.context(work, record).ask.fact(row.done["put-by"][0])
        return row, form, "" if known is None else known.actor

    def _envelope(self, work: Work, row: RecordRow) -> Marks:
        from spean.exchange.codec import decode_header

        fact = work.opening(row)
        envelope = None if fact is None else decode_header(fact.payload).envelope
        if envelope is None:
            raise Conflict("The look-up has no marks", remedy="ask anew")
        return Marks(purpose=envelope.purpose, data=envelope.data, subject=envelope.subject)

    def _find(self, work: Work, record: str, found: Found) -> None:
        node = self._ground.people.node_itself()
        self._ground.acting.perform(work, node, Intent(kind="find", record=record, form=msgspec.to_builtins(found)))

    # our own files ----------------------------------------------------------------------------------------------

    def _own(self, work: Work, who: Who, form: LookUp) -> list[Hit]:
        """Own records and list entries, the strongest first; own records only for purposes that the asker reads (O1)."""
        exact = exact_of(form.selectors)
        found: dict[str, Hit] = {}
        known = self._ground.same.known(work.tx, exact)
        for held in known:
            found[held.record] = Hit(
                reference=held.record,
                category=CATEGORIES.get(held.selector.type, Category.OTHER),
                how=How.EXACT,
                band=Band.SAME,
            )
        if form.names:
            beside = _count(exact, known)
            for alike in self.book.finder.search(form.names, form.birth, values=exact, holders=beside, most=MOST):
                found.setdefault(alike.reference, _named(alike))
        rows = work.tx.records.many(list(found))
        own = [hit for record, hit in found.items() if record in rows and who.may_purpose(rows[record].purpose)]
        for each in self._lists.search(work, form.names, form.birth, exact):
            band, score = (Band.SAME, 1000) if each.alike is None else (band_of(each.alike.score), each.alike.score)
            kind = Category.PERSON if each.exact is None else CATEGORIES.get(each.exact.type, Category.OTHER)
            own.append(Hit(reference=each.reference, category=kind, how=How.NAME if each.exact is None else How.EXACT, band=band, score=score,
                           source=each.list.name, version=f"{each.list.version}, {each.list.published}"))  # fmt: skip
        return sorted(own, key=lambda hit: -hit.score)


def asked_for(form: LookUp) -> Entry:
    """What a question says of somebody, as it is compared; selectors that are not well formed say nothing."""
    with suppress(InvalidInput):
        values = tuple(exact_of(form.selectors))
        return Entry(reference="", names=form.names, births=(form.birth,) if form.birth else (), values=values)
    return Entry(reference="", names=form.names, births=(form.birth,) if form.birth else ())


def _count(values: Sequence[Selector], known: Iterable[Held]) -> Holders:
    """How many records of ours say each of these values."""
    records: dict[Selector, set[str]] = {}
    for held in known:
        for each in values:
            if agree(held.selector, each):
                records.setdefault(each, set()).add(held.record)
    counts = {(each.type, each.value): len(several) for each, several in records.items()}
    return lambda kind, value: counts.get((kind, value), 1)


def exact_of(selectors: Sequence[look_ups.Selector]) -> list[Selector]:
    """Selectors in their one form. Raises ``InvalidInput`` for one that is not well formed."""
    from spean.node.same.selecting import selector_type

    found = []
    for each in selectors:
        written = f"{each.chain}:{each.value}" if each.type == "document" and each.chain else each.value
        one = clean(each.type, written, each.chain)
        if one is None:
            selector_type(each.type).validate(written)
        else:
            found.append(one)
    return found


def band_of(score: int) -> Band:
    """How strong a probability (in a thousand) is, in words."""
    return Band.STRONG if score >= _STRONG else Band.LIKELY if score >= _LIKELY else Band.WEAK


def same(one: Selector, other: Selector) -> bool:
    """Whether both may mean the same."""
    return agree(one, other)


def _named(alike: Alike) -> Hit:
    return Hit(
        reference=alike.reference, category=Category.PERSON, how=How.NAME, band=band_of(alike.score), score=alike.score
    )


def _of_partner(hit: BlindHit) -> Hit:
    person = hit.category == "person"
    score = min(1000, hit.weight * 10)
    known = set(map(str, Category))
    return Hit(
        node=hit.node, reference=hit.reference, category=Category(hit.category) if hit.category in known else Category.OTHER,
        how=How.BLIND_NAME if person else How.BLIND, band=band_of(score) if person or score < 1000 else Band.SAME, score=score,
        desk=", ".join(part for part in (hit.desk, hit.contact) if part)[:300],
    )  # fmt: skip
