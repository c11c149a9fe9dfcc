"""Published lists at a node: taken in as a version, sealed, asked with every look-up and at the border (B7).

A list says what its publisher says. A hit is *check*, with the list's name, version and date, and nothing follows from it alone.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from spean.candidates.lists import ListVersion
from spean.core.errors import InvalidInput, NotFound, TooMuch
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.entry.rights import check_act
from spean.node.same.finder import Alike, Entry, Finder
from spean.screening import published
from spean.screening.published import BadLine, Published
from spean.store.rows import OpenListRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.same.model import Selector
    from spean.node.work import Work
    from spean.store import Tx

PROCEDURE = "open-list"
PURPOSE = "warn"
MARKS = Marks(purpose=PURPOSE, data="indicator", subject="other", nature="assessment")
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """A list as it is used now. ``ready``: its entries can be opened; otherwise it is to be taken in anew."""

    record: str
    name: str
    publisher: str
    version: str
    published: str
    source: str
    licence: str
    entries: int
    rejected: int
    at: int
    state: str
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What came of taking a list in."""

    done: Done
    taken: int
    bad: tuple[BadLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHit:
    """An entry of a list that may be the one. ``exact``: the same number, wallet or document."""

    reference: str
    """The list's record and the number of the entry."""
    list: ListState
    alike: Alike | None
    exact: Selector | None = None


class Lists:
    """Takes lists in and asks them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._finder = Finder()
        self._loaded: dict[str, bytes] = {}
        self._guard = threading.Lock()

    def bring(self, who: Who, data: bytes, *, name: str, publisher: str, version: str, date: str, source: str = "", licence: str = "",
              chain: str = "", record: str = "") -> Brought:  # fmt: skip
        """Take a version in: a new list, or in place of the former version of ``record``. One transaction.

        Raises ``InvalidInput`` for a file without a readable entry, ``TooMuch``, ``Refusal``.
        """
        found, bad = published.read(data, chain)
        form = {"name": name, "publisher": publisher, "version": version, "published": date, "source": source, "licence": licence,
                "sha256": hashlib.sha256(data).hexdigest(), "entries": len(found), "rejected": len(bad)}  # fmt: skip
        vault = self._ground.money.vault
        key = vault.new()
        entries = [vault.seal(key, msgspec.json.encode(asdict(each))) for each in found]
        keys = [(self._hashed(*value), n) for n, each in enumerate(found) for value in each.values]
        intent = Intent(
            kind="renew" if record else "bring",
            form=form,
            record=record,
            procedure="" if record else PROCEDURE,
            marks=MARKS,
        )
        former = b""
        with self._ground.writing() as work:
            check_act(self._ground, work, who, intent, PURPOSE)
            done = self._ground.acting.perform(work, who, intent)
            former = next((row.key for row in work.tx.matching.lists() if row.record == done.record), b"")
            work.tx.matching.save_list(
                OpenListRow(record=done.record, key=key, version=version, at=work.now), entries, keys
            )
        if former:
            self._ground.content_keys.destroy([former.hex()], self._ground.clock.now(), "a newer version of the list")
        with self._ground.reading() as tx:
            self.refresh(tx)
        return Brought(done=done, taken=len(found), bad=tuple(bad[:_AT_ONCE]))

    def retire(self, who: Who, record: str, reason: str) -> Done:
        """A person says that a list is not asked any more; its entries are erased."""
        with self._ground.writing() as work:
            intent = Intent(kind="retire", form={"reason": reason}, record=record)
            check_act(self._ground, work, who, intent, PURPOSE)
            done = self._ground.acting.perform(work, who, intent)
            key = next((row.key for row in work.tx.matching.lists() if row.record == record), b"")
            work.tx.matching.drop_list(record)
        if key:
            self._ground.content_keys.destroy([key.hex()], self._ground.clock.now(), "the list is not asked any more")
        return done

    def all(self, who: Who) -> list[ListState]:
        """The lists with their versions; a list names nobody, so this is no read."""
        self._ground.reading_desk.may_read(who)
        from spean.node.work import Work

        with self._ground.reading() as tx:
            return self.states(Work(self._ground, tx))

    def states(self, work: Work) -> list[ListState]:
        """The same for the node itself."""
        kept = {row.record: row for row in work.tx.matching.lists()}
        found = []
        for row in work.tx.records.list(procedure=PROCEDURE, limit=_AT_ONCE):
            fact = work.fact(row.done["version"][0]) if "version" in row.done else None
            form = None if fact is None else self._ground.projector.form(fact, work.key(fact.id), work.fact)
            if not isinstance(form, ListVersion):
                continue
            here = kept.get(row.id)
            found.append(ListState(
                record=row.id, name=form.name, publisher=form.publisher, version=form.version, published=form.published, source=form.source,
                licence=form.licence, entries=form.entries, rejected=form.rejected, at=row.entered_at, state=row.state,
                ready=here is not None and here.version == form.version,
            ))  # fmt: skip
        return sorted(found, key=lambda each: (each.state != "current", each.name))

    def search(
        self,
        work: Work,
        names: Sequence[str],
        birth: str,
        exact: Sequence[Selector],
        most: int = 10,
        *,
        border: bool = False,
    ) -> list[ListHit]:
        """Entries whose name is alike, or that name the same number, document or wallet."""
        tx = work.tx
        states = {each.record: each for each in self.states(work) if each.state == "current" and each.ready}
        if not states:
            return []
        self.refresh(tx)
        found: dict[str, ListHit] = {}
        hashes = {self._hashed(each.type, key): each for each in exact for key in _keys(each)}
        for hashed, record, n in tx.matching.listed(hashes):
            if record in states:
                reference = f"{record}#{n}"
                found[reference] = ListHit(
                    reference=reference, list=states[record], alike=None, exact=hashes[bytes(hashed)]
                )
        for alike in self._finder.search(names, birth, values=exact, most=most, border=border) if names else ():
            record = alike.reference.partition("#")[0]
            if record in states:
                found.setdefault(alike.reference, ListHit(reference=alike.reference, list=states[record], alike=alike))
        return list(found.values())

    def entry(self, tx: Tx, reference: str) -> Published:
        """One entry, opened. Raises ``NotFound`` when its version is gone."""
        record, _, n = reference.partition("#")
        row = next((row for row in tx.matching.lists() if row.record == record), None)
        words = tx.matching.entry(record, int(n)) if row is not None and n.isdecimal() else None
        if row is None or words is None:
            raise NotFound("This version of the list is gone", remedy="look it up again")
        return _decoder.decode(self._ground.money.vault.open(row.key, words))

    def _hashed(self, type: str, value: str) -> bytes:
        return self._ground.money.vault.hashed("list", type, value)

    def refresh(self, tx: Tx) -> None:
        """Take lists into memory whose version is another than the one that is there."""
        with self._guard:
            self._refresh(tx)

    def _refresh(self, tx: Tx) -> None:
        now = {row.record: row.key for row in tx.matching.lists()}
        for record in [each for each in self._loaded if now.get(each) != self._loaded[each]]:
            self._finder.drop([each for each in self._finder.references() if each.startswith(f"{record}#")])
            del self._loaded[record]
        for record, key in now.items():
            if record not in self._loaded:
                self._finder.put(self._entries(tx, record, key))
                self._loaded[record] = key

    def _entries(self, tx: Tx, record: str, key: bytes) -> Iterable[Entry]:
        vault = self._ground.money.vault
        for n, words in tx.matching.entries(record):
            try:
                one = _decoder.decode(vault.open(key, words))
            except NotFound:
                return  # its key is not here, as after a restore without keys: it is to be taken in anew
            if one.names:
                kind: Any = "organisation" if one.kind == "organisation" else "person"
                yield Entry(reference=f"{record}#{n}", names=one.names, births=one.births, kind=kind, values=one.values)


_decoder = msgspec.json.Decoder(Published)


def _keys(selector: Selector) -> tuple[str, ...]:
    from spean.node.same.selecting import selector_type

    return selector_type(selector.type).keys(selector.value)


def read_whole(chunks: Iterable[bytes], most: int = published.MOST_BYTES) -> bytes:
    """A file as it comes. Raises ``TooMuch`` past ``most`` bytes, ``InvalidInput`` when it is empty."""
    parts, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise TooMuch("The file is too large", why=f"over {most} bytes", remedy="give it in parts")
        parts.append(chunk)
    if not size:
        raise InvalidInput("file", "it is empty", remedy="choose another file")
    return b"".join(parts)
