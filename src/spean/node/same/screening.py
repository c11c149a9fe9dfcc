"""At the border: one question about a traveller, one answer, written down (B5, R27, R38).

What the border answers is set by people in our own files (``dossiers``: verify, protect, stop) and read here into memory; open lists add
*verify* at most. A group is so many single questions; none of them is decided with another.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from spean.candidates.misuse import Use
from spean.core.errors import InvalidInput
from spean.core.ids import ulid
from spean.core.roles import Role
from spean.node.entry.people import Who
from spean.node.same.dossier import ANSWERS
from spean.node.same.finder import Entry as Named
from spean.node.same.finder import Finder
from spean.node.same.model import Answer, Selector
from spean.node.same.selecting import agree, clean
from spean.screening.answer import USUAL, told
from spean.screening.groups import birth as read_birth
from spean.screening.model import Entry, Match, Told, Traveller
from spean.screening.offline import Query
from spean.store.rows import RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.same.lists import ListHit, Lists
    from spean.node.same.looking import Looking
    from spean.node.same.offline import Offline
    from spean.node.work import Work
    from spean.store import Tx

ROLES = (
    Role.BORDER_OFFICER,
    Role.DUTY_OFFICER,
    Role.PROTECTION_OFFICER,
    Role.CONSUL,
    Role.INVESTIGATOR,
    Role.COMMANDER,
)
"""Who screens travellers."""
NEVER = 2**62
_AT_ONCE = 500
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What was answered about one traveller, and the line of the log that says so."""

    traveller: Traveller
    told: Told
    at: int
    log: str
    """The fact in the domestic log."""


@dataclass(slots=True)
class _Held:
    """One entity with an answer, as it was read last."""

    heads: tuple[str, ...]
    answer: Answer | None
    selectors: tuple[Selector, ...]
    languages: tuple[str, ...]


class Screening:
    """Answers for the border."""

    def __init__(self, ground: Ground, looking: Looking, lists: Lists, offline: Offline) -> None:
        self._ground = ground
        self._looking = looking
        self._lists = lists
        self._offline = offline
        self._finder = Finder()
        self._held: dict[str, _Held] = {}
        self._by_value: dict[str, set[str]] = {}
        self._guard = threading.Lock()

    def screen(self, who: Who, traveller: Traveller, *, reason: str) -> Screened:
        """One traveller. Raises ``InvalidInput`` for nothing to ask about, ``Refusal`` (O1), ``TooMuch`` (R24)."""
        return self.each(who, [traveller], reason=reason, use="border")[0]

    def each(self, who: Who, travellers: Sequence[Traveller], *, reason: str, use: Use = "group") -> list[Screened]:
        """Several, each for itself, in one transaction of the log."""
        who.need(*ROLES)
        asked = [checked(each) for each in travellers]
        if use != "group":  # a group was counted when it was given
            self._looking.check(who, use, len(asked))
        with self._ground.writing() as work:
            return self.within(work, who, asked, reason=reason, use=use)

    def within(
        self, work: Work, who: Who, travellers: Sequence[Traveller], *, reason: str, use: Use = "group"
    ) -> list[Screened]:
        """The same in a transaction of the caller, who counted them already (R24)."""
        who.need(*ROLES)
        asked = [checked(each) for each in travellers]
        self._refresh(work.tx)
        found = [self._one(work, who, each, reason) for each in asked]
        outcomes = [(each.told.kind != "nothing", self._looking.office(work, each.told.references)) for each in found]
        self._looking.note(work, who, use, outcomes)
        return found

    def may(self, who: Who, count: int) -> None:
        """Refuse a group of so many before it begins. Raises ``Refusal`` (O1) and ``TooMuch`` (R24)."""
        who.need(*ROLES)
        self._looking.check(who, "group", count)

    def match(self, work: Work, traveller: Traveller) -> list[Match]:
        """What may be about the traveller: our own entries, then open lists."""
        exact = exact_of(traveller)
        found: dict[str, Match] = {}
        for alike in self._finder.search(traveller.names, traveller.birth, values=exact, most=_MOST, border=True):
            entry = self._entry(alike.reference)
            if entry is not None:
                found[alike.reference] = Match(entry=entry, score=alike.score, basis=alike.basis, why=alike.why)
        for selector in exact:
            for record in self._by_value.get(_key(selector), ()):
                entry = self._entry(record)
                if entry is not None and any(agree(selector, each) for each in self._held[record].selectors):
                    found[record] = Match(entry=entry, score=1000, basis="document", why=SAME_DOCUMENT)
        listed = self._lists.search(work, traveller.names, traveller.birth, exact, border=True)
        return [*found.values(), *(_listed(each) for each in listed)]

    def _one(self, work: Work, who: Who, traveller: Traveller, reason: str) -> Screened:
        ground = self._ground
        extracts = self._offline.matches(traveller, work.now)
        carried = [_carried(each, path.stem) for path, several in extracts for each in several]
        answer = told([*self.match(work, traveller), *carried], work.now, USUAL)
        subject = f"{ground.me}:screening:{ulid(ground.clock, ground.entropy)}"
        words = " · ".join([*traveller.names, traveller.birth, *(":".join(each) for each in traveller.documents)])
        extra = {"words": words, "answer": answer.kind, "entries": " ".join(answer.references)}
        fact = ground.reading_desk.note_access(work, who, "search", subject, reason, extra)
        for path, _ in extracts:
            self._offline.note(
                path, Query(at=work.now, by=who.user.name, reason=reason, words=words, answer=answer.kind)
            )
        return Screened(traveller=traveller, told=answer, at=work.now, log=fact)

    # what is answered -------------------------------------------------------------------------------------------

    def refresh(self, tx: Tx) -> None:
        """Bring what is in memory up to date; for the extract and for tests of speed."""
        with self._guard:
            self._refresh(tx)

    def _refresh(self, tx: Tx) -> None:
        """Read anew the entities whose records moved since, and forget those that answer nothing any more."""
        now = {row.id: row for state in ANSWERS for row in _all(tx, state)}
        gone = [record for record in self._held if record not in now]
        changed = [row for row in now.values() if row.id not in self._held or self._held[row.id].heads != row.heads]
        if gone:
            self._forget(gone)
        if changed:
            self._forget([row.id for row in changed if row.id in self._held])
            self._take(tx, changed)

    def _forget(self, records: Iterable[str]) -> None:
        names = list(records)
        self._finder.drop(names)
        for record in names:
            for selector in self._held.pop(record).selectors:
                self._by_value.get(_key(selector), set()).discard(record)

    def _take(self, tx: Tx, rows: Sequence[RecordRow]) -> None:
        for start in range(0, len(rows), _AT_ONCE):
            part = {row.id: row for row in rows[start : start + _AT_ONCE]}
            found = self._ground.same.dossiers(tx, part)
            for record, row in part.items():
                each = found.get(record)
                selectors = () if each is None else tuple(one for one in each.selectors if one.type == "document")
                self._held[record] = _Held(
                    row.heads,
                    None if each is None else each.answer,
                    selectors,
                    () if each is None else each.of("language"),
                )
                for selector in selectors:
                    self._by_value.setdefault(_key(selector), set()).add(record)
            self._finder.put(
                Named(reference=record, names=each.of_type("name"), births=each.of("birth-date"), values=each.selectors)
                for record, each in found.items()
                if each.open
            )

    def _entry(self, record: str) -> Entry | None:
        held = self._held.get(record)
        if held is None or held.answer is None:
            return None
        answer = held.answer
        return Entry(reference=record, kind=answer.kind, instructions=answer.instructions, contact=answer.contact, until=answer.until,
                     languages=held.languages, ground=answer.ground)  # fmt: skip


SAME_DOCUMENT = (("the same document", ()),)
LISTED = (("the same number on the list", ()),)


def checked(traveller: Traveller) -> Traveller:
    """The traveller with a birth date in its one form. Raises ``InvalidInput`` when nothing can be asked about."""
    if traveller.empty:
        raise InvalidInput("name", "nothing to ask about", remedy="give a name or a document")
    names = tuple(dict.fromkeys(name.strip() for name in traveller.names if name.strip()))
    if any(len(name) > 200 for name in names) or len(names) > 10:
        raise InvalidInput("name", "too long", remedy="give at most ten names of 200 characters")
    return replace(traveller, names=names, birth=read_birth(traveller.birth))


def exact_of(traveller: Traveller) -> list[Selector]:
    """Documents in their one form; a number that is none is looked for in no file."""
    found = []
    for number, issuer in traveller.documents:
        one = (clean("document", f"{issuer}:{number}") if issuer else None) or clean("document", number)
        if one is not None:
            found.append(one)
    return found


def _key(selector: Selector) -> str:
    return selector.value.rpartition(":")[2]


def _carried(match: Match, extract: str) -> Match:
    """A match of an extract: without a line a name never says *stop*."""
    entry = replace(match.entry, reference=f"{extract}{match.entry.reference}")
    return replace(match, entry=entry, basis="name" if match.basis == "name-and-birth" else match.basis)


def _listed(hit: ListHit) -> Match:
    entry = Entry(reference=hit.reference, kind="verify", instructions="", contact="", until=NEVER, list_name=hit.list.name,
                  list_version=f"{hit.list.version}, {hit.list.published}")  # fmt: skip
    if hit.alike is None:
        return Match(entry=entry, score=1000, basis="document", why=LISTED)
    return Match(entry=entry, score=hit.alike.score, basis=hit.alike.basis, why=hit.alike.why)


def _all(tx: Tx, state: str) -> Iterable[RecordRow]:
    after = None
    while rows := tx.records.list(procedure="entity", state=state, after=after, limit=_AT_ONCE):
        yield from rows
        after = rows[-1]
