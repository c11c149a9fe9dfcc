"""The holder's side: what we answer, the key of each month, the table of tags and its changes (docs/protocol.md, 10.2 and 10.3)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal
from spean.core.fact import Fact
from spean.core.world import DAY, SECOND
from spean.hits.model import INLINE, Offer
from spean.matching.private.categories import DATA, check_category, key_info
from spean.matching.private.table import (
    PREFIX,
    REFERENCE,
    TAG,
    Table,
    encode_delta,
    masked,
    padded,
    padded_delta,
    prefix,
)
from spean.matching.private.voprf import Key
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.private.inputs import group_of, items_of, stands
from spean.node.same.model import Named, Selector
from spean.node.same.selecting import ENTITY
from spean.node.work import Work
from spean.store.private_rows import KeyRow, TagRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx
    from spean.store.rows import RecordRow

T = TypeVar("T")

GRACE = 2 * DAY
"""A month's key answers so long after its month: questions may be on their way."""
SOON = 5 * SECOND
"""What is new is gathered so long before it is told, so that a list of a thousand entries is one change."""
MANY = 500
"""Records that one change names; beyond, everything is looked at anew."""
_AT_ONCE = 200
OPEN = frozenset({"offered", "in-use"})
_KEPT = frozenset({"open", "verify", "protect", "stop"})
"""States of an entity in which it is kept."""


class Offering:
    """Makes keys and tables."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._keys: dict[tuple[str, str], Key] = {}

    # deciding ---------------------------------------------------------------------------------------------------

    def offer(self, who: Who, instrument: str, category: str, *, purposes: Sequence[str], subjects: Sequence[str], desk: str,
              contact: str = "", reason: str, to: Sequence[str] = ()) -> Done:  # fmt: skip
        """A person decides that we answer. ``to``: empty for all partners under the agreement. Raises ``Conflict`` when we do so already."""
        ground = self._ground
        check_category(category)
        with ground.reading() as tx:
            if instrument not in ground.registry:
                raise InvalidInput("instrument", "no agreement of that name", remedy="spean agreement list", rule="R26")
            known = Work(ground, tx).records_in("holding", OPEN)
            mine = [row for row in known if row.instrument == instrument and self._mine(row)]
            if any(self._offer_of(tx, row.id).category == category for row in mine):
                raise Conflict(
                    f"We answer about {category} under this agreement already", remedy="end that offer first"
                )
            parties = ground.registry.get(instrument).parties
        nodes = tuple(to) or tuple(node for node in ground.peering.active() if node in parties)
        form = {"category": category, "purposes": list(purposes), "subjects": list(subjects), "desk": desk, "contact": contact,
                "reason": reason}  # fmt: skip
        marks = Marks(
            purpose=purposes[0] if purposes else "", instrument=instrument, data=DATA[category], subject="none"
        )
        return ground.acting.act(who, Intent(kind="offer", form=form, procedure="holding", to=nodes, marks=marks))

    def _mine(self, row: RecordRow) -> bool:
        return self._ground.me in row.parties.get("holder", ())

    def _offer_of(self, tx: Tx, record: str) -> Offer:
        found = self._ground.projector.stated(Work(self._ground, tx), record, "offer")
        if not found or not isinstance(found[0][1], Offer):
            raise NotFound("The words of this offer are erased", remedy="end it and make a new one")
        return found[0][1]

    def offered(self, tx: Tx, record: str) -> Offer:
        """What was decided. Raises ``NotFound``."""
        return self._offer_of(tx, record)

    # keys -------------------------------------------------------------------------------------------------------

    def key(self, record: str, month: str, instrument: str, category: str, *, fresh: bool = False) -> Key:
        """Our key of that offer and month. Raises ``NotFound`` once it is destroyed."""
        known = self._keys.get((record, month))
        if known is not None:
            return known
        ground, name = self._ground, _seed_name(record, month)
        seed = ground.content_keys.get([name]).get(name)
        if seed is None and fresh:
            ground.content_keys.put([(name, ground.entropy.bytes(32))])
            seed = ground.content_keys.get([name]).get(name)
        if seed is None:
            raise NotFound(f"The key of {month} is destroyed", remedy="ask with the key of this month")
        made = Key(seed, key_info(instrument, category, month))
        self._keys[record, month] = made
        return made

    def _forget_key(self, work: Work, row: KeyRow) -> None:
        """Nobody can be answered with it any more, and its tags mean nothing."""
        self._keys.pop((row.record, row.month), None)
        work.tx.private.drop_key(row.record, row.month)
        work.tx.private.drop_parcel(row.parcel)
        self._ground.content_keys.destroy([_seed_name(row.record, row.month)], work.now, "month over")

    # months -----------------------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Make the keys and tables of this month where they are missing, destroy those whose time is over, look again tomorrow."""
        ground = self._ground
        now = ground.clock.now()
        month = month_of(now)
        with ground.reading() as tx:
            open_ = [row for row in Work(ground, tx).records_in("holding", OPEN) if self._mine(row)]
            keys = tx.private.own_keys()
        have = {(key.record, key.month) for key in keys}
        for row in open_:
            if (row.id, month) not in have:
                self._begin(row, month)
        names = {row.id for row in open_}
        for key in keys:
            if key.ends < now or key.record not in names:
                with ground.writing() as work:
                    self._forget_key(work, key)
        with ground.writing() as work:
            work.tx.jobs.put("private-renew", "all", (now // DAY + 1) * DAY)

    def _begin(self, row: RecordRow, month: str) -> None:
        """The key and the first table of a month, and their announcement."""
        ground = self._ground
        with ground.reading() as tx:
            offer, hidden = self._offer_of(tx, row.id), self._hidden(tx, row.id)
        key = self.key(row.id, month, row.instrument, offer.category, fresh=True)
        for several in _parts(self._everything(offer, hidden), _AT_ONCE):
            with ground.writing() as work:
                for source, values in several:
                    self._take(work, key, row.id, month, source, values)
        with ground.writing() as work:
            count = work.tx.private.count_tags(row.id, month)
            self._add_dummies(work, row.id, month, padded(count) - count)
            tags = work.tx.private.tags(row.id, month)
            data = _table(tags, offer.category).encode()
            readers = [node for node in row.parties.get("reader", ()) if node != ground.me]
            parcel = ground.private.parcels.put(work.tx, data, readers)
            work.tx.private.published(row.id, month, 0)
            work.tx.private.save_key(
                KeyRow(record=row.id, month=month, instrument=row.instrument, category=offer.category, public=key.public.hex(),
                       parcel=parcel, size=len(data), items=len(tags), number=0, at=work.now, ends=_end_of(month) + GRACE)
            )  # fmt: skip
            form = {
                "month": month,
                "key": key.public.hex(),
                "table": parcel,
                "size": len(data),
                "items": len(tags),
                "at": work.now,
            }
            clerk = ground.people.node_itself()
            ground.acting.perform(work, clerk, Intent(kind="announce", form=form, record=row.id))

    # what we hold -----------------------------------------------------------------------------------------------

    def _hidden(self, tx: Tx, record: str) -> frozenset[str]:
        """Our records about people who fear one of the readers: they are told nothing of them, and not why (R22)."""
        readers = frozenset(tx.records.get(record).parties.get("reader", ()))
        return self._ground.matching.looking.hidden_from(Work(self._ground, tx), readers)

    def _everything(self, offer: Offer, hidden: frozenset[str]) -> Iterable[tuple[str, list[bytes]]]:
        """Every record of ours that says something of the category, with its items."""
        ground = self._ground
        if offer.category == "person":
            records = {named.record: None for named in ground.same.names()}
        elif offer.category == "site":
            with ground.reading() as tx:
                records = {row.id: None for row in Work(ground, tx).records_in(ENTITY, _KEPT)}
        else:
            with ground.reading() as tx:
                records = {held.record: None for held in ground.same.held(tx) if held.origin == ground.me}
        for several in _parts(records, _AT_ONCE):
            for named in self._named(several, offer.category):
                if named.record not in hidden and self._may(named, offer):
                    yield named.record, list(items_of(named, offer.category))

    def _named(self, records: Sequence[str], category: str) -> list[Named]:
        """What these records say; of sites their points, which are no exact values elsewhere."""
        ground = self._ground
        with ground.reading() as tx:
            found = ground.same.named(tx, records)
            if category != "site":
                return found
            own = ground.same.dossiers(tx, records)
        points = {each.record: own[each.record].of("point") if each.record in own else () for each in found}
        return [
            replace(each, selectors=tuple(Selector("point", point) for point in points[each.record]) if each.thing == "site" else ())
            for each in found
        ]  # fmt: skip

    def _may(self, named: Named, offer: Offer) -> bool:
        """Only our own records, and only about those persons whom the offer names (R30); what is about nobody in particular is *other*."""
        ours = named.record.startswith(f"{self._ground.me}:") and stands(named)
        return ours and (named.category or "other") in offer.subjects

    def _take(self, work: Work, key: Key, record: str, month: str, source: str, values: Sequence[bytes]) -> None:
        """What one record of ours says now: tags for what is new, and away with what it says no longer."""
        ground = self._ground
        hashed = {ground.money.vault.hashed("private", record, month, value.hex()): value for value in values}
        known = work.tx.private.held(record, month, hashed)
        new = [what for what in hashed if what not in known]
        group = group_of(_secret(ground.money.vault.hashed("private-group", record, month)), source)
        rows = []
        for what, output in zip(new, key.outputs([hashed[what] for what in new]), strict=True):
            known[what] = output[:PREFIX]
            rows.append(
                TagRow(record=record, month=month, prefix=output[:PREFIX], ref=output[PREFIX : PREFIX + REFERENCE], what=what,
                       grp=masked(output, group), number=-1)
            )  # fmt: skip
        work.tx.private.add_tags(rows)
        before, now = work.tx.private.named_by(record, month, source), set(known.values())
        work.tx.private.name_tags(record, month, source, sorted(now - before))
        over = sorted(before - now)
        work.tx.private.unname(record, month, source, over)
        named = work.tx.private.sources(record, month, over)
        work.tx.private.lose_tags(record, month, [each for each in over if each not in named])

    def _add_dummies(self, work: Work, record: str, month: str, count: int) -> None:
        drawn = [self._ground.entropy.bytes(TAG) for _ in range(count)]
        work.tx.private.add_tags([
            TagRow(record=record, month=month, prefix=each[:PREFIX], ref=each[PREFIX : PREFIX + REFERENCE], what=b"",
                   grp=int.from_bytes(each[PREFIX + REFERENCE :], "big"), number=-1)
            for each in drawn
        ])  # fmt: skip

    # changes ----------------------------------------------------------------------------------------------------

    def told(self, work: Work, records: frozenset[str]) -> None:
        """Records of ours say something new, or something no longer: the tables follow in a few seconds."""
        mine = {each for each in records if each.startswith(f"{self._ground.me}:")}
        if not mine or not work.tx.private.own_keys():
            return
        waiting = [job for job in work.tx.jobs.list("private-grow") if job.key == "all"]
        if waiting:
            mine |= set(json.loads(waiting[0].payload)["records"])
        due = waiting[0].due_at if waiting else work.now + SOON
        payload = json.dumps({"records": sorted(mine) if len(mine) <= MANY else []})
        work.tx.jobs.put("private-grow", "all", due, payload)

    def grow(self, records: Sequence[str]) -> None:
        """Take what these records say now into every table of this month; none named: look at everything."""
        ground = self._ground
        month = month_of(ground.clock.now())
        with ground.reading() as tx:
            keys = [key for key in tx.private.own_keys() if key.month == month]
        for row in keys:
            with suppress(NotFound, Refusal):
                self._grow(row, records)

    def _grow(self, row: KeyRow, records: Sequence[str]) -> None:
        ground = self._ground
        key = self.key(row.record, row.month, row.instrument, row.category)
        with ground.reading() as tx:
            offer, hidden = self._offer_of(tx, row.record), self._hidden(tx, row.record)
            before = set() if records else tx.private.all_sources(row.record, row.month)
        several: Iterable[tuple[str, list[bytes]]] = self._everything(offer, hidden)
        if records:
            found = {each.record: each for each in self._named(records, row.category)}
            several = [(name, self._said(None if name in hidden else found.get(name), offer)) for name in records]
        for part in _parts(several, _AT_ONCE):
            with ground.writing() as work:
                for source, values in part:
                    before.discard(source)
                    self._take(work, key, row.record, row.month, source, values)
        for gone in _parts(before, _AT_ONCE):  # everything was looked through, and these say nothing any more
            with ground.writing() as work:
                for source in gone:
                    self._take(work, key, row.record, row.month, source, [])
        self.publish(row.record, row.month)

    def _said(self, named: Named | None, offer: Offer) -> list[bytes]:
        return list(items_of(named, offer.category)) if named is not None and self._may(named, offer) else []

    def publish(self, record: str, month: str) -> None:
        """Tell partners what came in and went out since they were told last; nothing when there is nothing."""
        ground = self._ground
        with ground.writing() as work:
            new, going = work.tx.private.waiting_tags(record, month)
            row = next((each for each in work.tx.private.own_keys(record) if each.month == month), None)
            if row is None or not (new or going):
                return
            self._add_dummies(work, record, month, padded_delta(len(new)) - len(new))
            fewer = padded_delta(len(going)) - len(going)
            work.tx.private.lose_tags(record, month, work.tx.private.dummies(record, month, fewer) if fewer else [])
            new, going = work.tx.private.waiting_tags(record, month)
            data = encode_delta(
                _table([each for each in new if not each.gone], row.category), _table(going, row.category)
            )
            self._tell(work, row, data)

    def _tell(self, work: Work, row: KeyRow, data: bytes) -> None:
        ground, number = self._ground, row.number + 1
        work.tx.private.published(row.record, row.month, number)
        items = work.tx.private.count_tags(row.record, row.month)
        small = len(data) <= INLINE
        holding = work.record(row.record)
        readers = [] if holding is None else [node for node in holding.parties.get("reader", ()) if node != ground.me]
        parcel = hashlib.sha256(data).hexdigest() if small else ground.private.parcels.put(work.tx, data, readers)
        work.tx.private.save_key(
            KeyRow(record=row.record, month=row.month, instrument=row.instrument, category=row.category, public=row.public,
                   parcel=row.parcel, size=row.size, items=items, number=number, at=work.now, ends=row.ends)
        )  # fmt: skip
        form = {"month": row.month, "number": number, "table": parcel, "size": len(data), "items": items, "at": work.now,
                "inline": base64.b64encode(data).decode() if small else ""}  # fmt: skip
        clerk = ground.people.node_itself()
        ground.acting.perform(work, clerk, Intent(kind="change", form=form, record=row.record))

    # reactions --------------------------------------------------------------------------------------------------

    def decided(self, work: Work, fact: Fact) -> None:
        """Somebody of ours decided to answer: make the first key."""
        if fact.header.node == self._ground.me:
            work.tx.jobs.put("private-renew", "all", work.now)

    def ended(self, work: Work, fact: Fact) -> None:
        """We answer no longer: keys and tables are destroyed after this transaction."""
        if fact.header.node == self._ground.me:
            work.tx.jobs.put("private-renew", "all", work.now)


def _parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def month_of(now: int) -> str:
    """The calendar month, UTC."""
    return datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m")


def _end_of(month: str) -> int:
    year, number = int(month[:4]), int(month[5:])
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return int(after.timestamp()) * 1000


def _seed_name(record: str, month: str) -> str:
    return hashlib.sha256(f"spean/private/seed\0{record}\0{month}".encode()).hexdigest()


def _secret(hashed: bytes) -> bytes:
    return hashlib.sha256(b"spean/private/group\0" + hashed).digest()


def _table(tags: Sequence[TagRow], category: str) -> Table:
    """As partners see it: groups for persons only."""
    prefixes = [prefix(each.prefix) for each in tags]
    return Table(prefixes, [each.grp for each in tags] if category == "person" else None)
