"""Search for people: over what they may read, newest first, logged with words and reason (R38, O1).

The index offers facts; each is opened and looked at before it is shown, so what is found does hold the words as they were
asked for. At most ``MOST_OPENED`` are opened in vain for one page: a question that the index cannot narrow, such as two common words
in quotes that never stand together, ends with how far the search got, instead of hanging.

Asked for what sounds alike, a word may also be one of the same sound key, in any script (``core/sounds``). Such a hit is a candidate
for a person to look at and says so; nothing follows from it (D8).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput
from spean.core.ids import ulid
from spean.core.sounds import Ways, heard
from spean.core.tokens import MOST_PHRASES, Phrase, places, query, spans
from spean.matching.heard import asked, sounds
from spean.node.entry.people import Who
from spean.node.same.dossier import kinds_of, load
from spean.node.same.selecting import things
from spean.node.views.indexing import NARROWED, THING, behind, narrowed, opened, sounding, texts
from spean.node.views.offering import offers
from spean.node.views.reading import ACCESSES, FactView
from spean.node.work import Work
from spean.store.rows import FactRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

MOST_OPENED = 200
"""Facts that are opened in vain, at most, for one page of results."""
MOST_PASSED = 10_000
"""Facts at most that are not indexed yet and need no opening, such as notes of who read what."""
_ROWS = 128
"""Facts that are fetched in one question at most, once a first page brought no full list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Words in a field: its path in the form (``items.0.value``), its text, and where they stand (start, end)."""

    path: str
    text: str
    at: tuple[tuple[int, int], ...]
    alike: bool = False
    """These words only sound like those that were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A fact that holds the words, and where."""

    fact: FactView
    marks: tuple[Mark, ...]
    alike: bool = False
    """At least one of the words was found by its sound only: a candidate (D8)."""
    things: tuple[str, ...] = ()
    """Kinds of things that the fact is about."""
    caption: str = ""
    """Of an entity's fact: what people call the entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of hits, newest first."""

    hits: tuple[Hit, ...]
    before: int | None
    """Give it to get the next page; None when nothing older can match."""
    cut: bool
    """The page is not full and yet there may be more: too many facts hold the words otherwise. Narrow it, or go on."""
    behind: int
    """Facts that are not indexed yet; until they are, a page may be cut early."""
    facets: dict[str, dict[str, int]]
    """How many hits of this page there are by procedure, by origin and by kind of thing."""

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)


class Searching:
    """Answers searches."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def search(self, who: Who, *, words: str, reason: str, limit: int = 50, before: int | None = None,
               narrow: dict[str, str] | None = None, alike: bool = False) -> Found:  # fmt: skip
        """Facts whose form holds every phrase of ``words``, of records that ``who`` may read.

        ``narrow`` names a procedure, kind, origin, track, purpose or thing; ``alike``: also what sounds like them. Raises
        ``InvalidInput`` or ``Refusal``.
        """
        ground = self._ground
        ground.reading_desk.may_read(who)
        phrases = _phrases(words)
        given = _narrowing(narrow or {})
        if not 1 <= limit <= 200:
            raise InvalidInput("limit", "between 1 and 200", remedy="ask for a page")
        subject = f"{ground.me}:search:{ulid(ground.clock, ground.entropy)}"
        told = {"words": words, **(narrow or {}), **({"alike": "yes"} if alike else {})}
        ground.committer.run(lambda work: ground.reading_desk.note_access(work, who, "search", subject, reason, told))
        ground.indexing.renew()
        with ground.reading() as tx:
            return self._find(tx, who, _Asked(words, phrases, alike), given, limit, before)

    def _find(self, tx: Tx, who: Who, asked_for: _Asked, given: list[str], limit: int, before: int | None) -> Found:
        ground = self._ground
        newest, buckets = tx.search.newest(), tx.search.buckets()
        wanted = [*asked_for.terms(), *([{term}] for term in given)]
        purposes = who.purposes
        if purposes is not None:
            wanted.append([{narrowed("purpose", each)} for each in ("", *sorted(purposes))])
        top = newest if before is None else min(newest, before - 1)
        offered = offers(ground, tx, wanted, {each.bucket: each for each in buckets}, top)
        look = _Looking(self._ground, tx, who, asked_for, given)
        hits: list[Hit] = []
        last, size, passed = None, limit + 8, 0
        while len(hits) < limit and look.opened - len(hits) < MOST_OPENED and passed < MOST_PASSED:
            part = list(islice(offered, size))
            size, passed = min(size * 2, _ROWS), passed + len(part)
            for n, hit in look.at(part):
                last = n
                hits += [hit] if hit is not None else []
                if len(hits) == limit:
                    break
            if not part:
                last = None
                break
        return Found(
            hits=tuple(self._named(tx, hits)), before=last, cut=last is not None and len(hits) < limit, behind=behind(buckets, newest),
            facets={
                "thing": dict(Counter(kind for hit in hits for kind in hit.things)),
                **{name: dict(Counter(getattr(hit.fact.row, name) for hit in hits)) for name in ("procedure", "origin")},
            },
        )  # fmt: skip

    def _named(self, tx: Tx, hits: Sequence[Hit]) -> list[Hit]:
        """The hits of one page with what people call their entities."""
        known = load(self._ground, tx, (hit.fact.row.record for hit in hits))
        return [
            replace(hit, caption=each.caption) if (each := known.get(hit.fact.row.record)) is not None else hit
            for hit in hits
        ]


class _Asked:
    """The phrases of a question and how each may sound."""

    def __init__(self, words: str, phrases: Sequence[Phrase], alike: bool) -> None:
        pieces = [(phrase.tokens[0].start, phrase.tokens[-1].end) for phrase in phrases]
        self.alike = alike
        self.phrases = phrases
        self.ways: Sequence[Ways] = asked(words, pieces) if alike else [()] * len(phrases)

    def terms(self) -> Iterator[list[set[str]]]:
        """For each phrase the alternatives of index terms."""
        for phrase, ways in zip(self.phrases, self.ways, strict=True):
            yield [*phrase.terms(), *(set(map(sounding, keys)) for keys in ways)]


class _Looking:
    """Opens facts and sees whether they hold the words."""

    def __init__(self, ground: Ground, tx: Tx, who: Who, asked_for: _Asked, given: list[str]) -> None:
        self._ground = ground
        self._work = Work(ground, tx)
        self._who = who
        self._asked = asked_for
        self._given = {each for each in given if not each.startswith(narrowed(THING, ""))}
        self._things = set(given) - self._given
        self._kinds: dict[str, str] = {}
        self.opened = 0
        """Contents opened so far."""

    def at(self, numbers: Sequence[int]) -> Iterator[tuple[int, Hit | None]]:
        """Each number with its hit, in this order."""
        rows = self._work.tx.facts.at(numbers)
        records = self._work.tx.records.many({row.record for row in rows.values()})
        keys = self._ground.content_keys.get(row.id for row in rows.values() if row.content is not None)
        self._kinds |= kinds_of(self._ground, self._work.tx, records.keys() - self._kinds.keys())
        for n in numbers:
            row = rows.get(n)
            hit = None
            if row is not None and row.kind not in ACCESSES:
                purpose = records[row.record].purpose if row.record in records else ""
                if self._may_show(row, purpose):
                    hit = self._hit(row, keys.get(row.id))
            yield n, hit

    def _may_show(self, row: FactRow, purpose: str) -> bool:
        """The index offers by what it knew when it saw the fact; what counts is what stands there now."""
        values = {**{name: getattr(row, name) for name in NARROWED if name != "purpose"}, "purpose": purpose}
        return self._who.may_purpose(purpose) and self._given <= {narrowed(*each) for each in values.items()}

    def _hit(self, row: FactRow, key: bytes | None) -> Hit | None:
        self.opened += 1
        form = opened(row.id, row.content, key)
        if form is None:
            return None
        marks: list[Mark] = []
        written: set[int] = set()
        missing = set(range(len(self._asked.phrases)))
        for path, text in texts(form):
            as_words, by_sound = self._where(text)
            written.update(as_words)
            missing -= as_words.keys() | by_sound.keys()
            exact = {place for at in as_words.values() for place in at}
            near = {place for at in by_sound.values() for place in at if not _overlaps(place, exact)}
            marks += _marked(path, text, exact, alike=False) + _marked(path, text, near, alike=True)
        about = things(row.procedure, row.kind, form, self._kinds.get(row.record, ""))
        if missing or not self._things <= {narrowed(THING, each) for each in about}:
            return None
        view = self._ground.reading_desk.fact_view(self._work, row, key)
        return Hit(
            fact=view, marks=tuple(marks), alike=len(written) < len(self._asked.phrases), things=tuple(sorted(about))
        )

    def _where(self, text: str) -> tuple[_Places, _Places]:
        """Where phrases stand in a text, by their number: as they were asked for, and by their sound."""
        found = list(spans(text))
        as_words = {n: at for n, phrase in enumerate(self._asked.phrases) if (at := places(phrase, found))}
        if not self._asked.alike:
            return as_words, {}
        keys = sounds(text)
        return as_words, {n: at for n, ways in enumerate(self._asked.ways) if (at := heard(ways, text, keys))}


_Places = dict[int, list[tuple[int, int]]]


def _overlaps(place: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in others)


def _marked(path: str, text: str, at: set[tuple[int, int]], *, alike: bool) -> list[Mark]:
    return [Mark(path=path, text=text, at=_apart(at), alike=alike)] if at else []


def _apart(at: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Places in order; where some overlap, the longest that begins first."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(at, key=lambda place: (place[0], -place[1])):
        if not result or start >= result[-1][1]:
            result.append((start, end))
    return tuple(result)


def _phrases(words: str) -> Sequence[Phrase]:
    found = query(words)
    if not found or (len(found) == 1 and len(found[0].texts) == 1 and len(words.strip()) < 2 and words.isascii()):
        raise InvalidInput("words", "too short to search for", remedy="give a word, a number or a name")
    if len(found) > MOST_PHRASES:
        raise InvalidInput("words", f"more than {MOST_PHRASES} words", remedy="give those that are rare")
    return found


def _narrowing(narrow: dict[str, Any]) -> list[str]:
    for name in narrow:
        if name not in (*NARROWED, THING):
            raise InvalidInput(name, "a search cannot be narrowed by it", remedy=f"use {', '.join((*NARROWED, THING))}")
    return [narrowed(name, value) for name, value in narrow.items()]
