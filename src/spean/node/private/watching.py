"""Standing watches: tags that are kept, and compared with whatever partners add (B6; docs/protocol.md, 10.6).

A node that is asked once does not learn that a watch stands, nor when it hits: the comparison happens here. Whom a watch means is sealed,
since each month's key needs it once more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from spean.core.errors import NotFound, SpeanError
from spean.matching.private.people import Certified
from spean.matching.private.table import Table
from spean.node.private.inputs import Input
from spean.node.private.model import Hit, OnHit, Person, Term, Watched
from spean.node.same.model import Selector
from spean.node.work import Work
from spean.store.private_rows import AskedRow, HoldingRow, WatchedRow, WatchRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.private.asking import Asking


class Sealed(msgspec.Struct, array_like=True):
    """What a watch means, sealed: category or ``person``, value or name, birth date; and how it is asked."""

    terms: list[tuple[str, str, str]]
    purpose: str
    subject: str
    reason: str
    to: list[str]
    instrument: str
    case: str


class Watching:
    """Keeps and compares."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.on_hit: list[OnHit] = []

    def keep(self, asking: Asking) -> None:
        """Remember whom a watch means until it ends."""
        ground = self._ground
        words = msgspec.msgpack.encode(_sealed(asking))
        with ground.store.read() as tx:
            known = {row.watch: row for row in tx.private.watches()}.get(asking.watch)
        if known is not None:
            return
        key = ground.money.vault.new()
        row = WatchRow(watch=asking.watch, until=asking.watch_until, at=ground.clock.now(), key=key,
                       words=ground.money.vault.seal(key, words))  # fmt: skip
        with ground.writing() as work:
            work.tx.private.save_watch(row)
            payload = json.dumps({"watch": asking.watch})
            work.tx.jobs.put("private-unwatch", asking.watch, asking.watch_until, payload)

    def drop(self, watch: str) -> None:
        """Forget its tags, and whom it meant."""
        ground = self._ground
        with ground.writing() as work:
            known = {row.watch: row for row in work.tx.private.watches()}.get(watch)
            work.tx.private.drop_watch(watch)
        if known is not None:
            ground.content_keys.destroy([known.key.hex()], ground.clock.now(), "watch over")
            ground.money.vault.forget()

    def add(self, work: Work, row: AskedRow, inputs: Sequence[tuple[int, Input]], tags: Sequence[bytes]) -> None:
        """The tags of a watch for one offer and month."""
        several = [
            WatchedRow(watch=row.watch, record=row.holding, month=row.month, n=place, term=number, tag=tag, says=_packed(each))
            for place, ((number, each), tag) in enumerate(zip(inputs, tags, strict=True)) if number >= 0
        ]  # fmt: skip
        work.tx.private.add_watched(several)

    def compare(self, work: Work, holding: HoldingRow, added: Table) -> int:
        """Whom do we watch for among what a partner added? How many hits were told."""
        from spean.node.private.asking import find

        rows = work.tx.private.watched(holding.record, holding.month)
        watches = {row.watch: row for row in work.tx.private.watches()} if rows else {}
        told = 0
        for name in dict.fromkeys(row.watch for row in rows):
            watch = watches.get(name)
            if watch is None or watch.until <= work.now:
                continue
            mine = [row for row in rows if row.watch == name]
            try:
                terms = self._terms(watch)
            except NotFound:
                continue
            inputs = [(row.term, Input(b"", _unpacked(row.says))) for row in mine]
            for number, reference, keys, weight in find(inputs, terms, [row.tag for row in mine], added):
                hit = Hit(node=holding.holder, desk=holding.desk, contact=holding.contact, category=holding.category,
                          reference=reference, month=holding.month, instrument=holding.instrument, term=number, keys=keys,
                          weight=weight)  # fmt: skip
                told += 1
                self._tell(work, Watched(watch=name, hit=hit))
        return told

    def _tell(self, work: Work, watched: Watched) -> None:
        hit = watched.hit
        text = f"watch {watched.watch}: {hit.node} ({hit.desk}) has it since now, reference {hit.reference}"
        work.tx.alarms.raise_("watch-hit", f"{watched.watch}/{hit.reference}", "critical", text, work.now)
        for each in self.on_hit:
            each(work, watched)

    def _terms(self, watch: WatchRow) -> list[Term]:
        return _terms(msgspec.msgpack.decode(self._ground.money.vault.open(watch.key, watch.words), type=Sealed).terms)

    # months -----------------------------------------------------------------------------------------------------

    def new_month(self, work: Work, record: str, month: str) -> None:
        """A partner shows a new key: the watches are asked anew for it, beside this transaction."""
        if work.tx.private.watches():
            work.tx.jobs.put(
                "private-rekey", f"{record}/{month}", work.now, json.dumps({"record": record, "month": month})
            )

    def rekey(self, record: str, month: str) -> None:
        """Ask all standing watches anew under a new key. They spend elements like any question."""
        from spean.node.private.asking import Asking

        ground = self._ground
        now = ground.clock.now()
        with ground.reading() as tx:
            holding = tx.private.holding(record)
            watches = [row for row in tx.private.watches() if row.until > now]
            done = {row.watch for row in watches if (record, month) in tx.private.watch_months(row.watch)}
        if holding is None or holding.month != month:
            return
        for watch in watches:
            try:
                sealed = msgspec.msgpack.decode(ground.money.vault.open(watch.key, watch.words), type=Sealed)
            except NotFound:
                continue
            if watch.watch in done or (sealed.to and holding.holder not in sealed.to):
                continue
            asking = Asking(
                terms=tuple(_terms(sealed.terms)), purpose=sealed.purpose, subject=sealed.subject, reason=sealed.reason,
                to=(holding.holder,), instrument=holding.instrument, case=sealed.case, watch=watch.watch, watch_until=watch.until,
            )  # fmt: skip
            try:
                ground.private.questions.ask(ground.people.node_itself(), asking)
            except SpeanError as refused:
                with ground.writing() as work:
                    text = (
                        f"watch {watch.watch} cannot be asked anew of {holding.holder}: {refused.what}: {refused.why}"
                    )
                    work.tx.alarms.raise_("watch-silent", f"{watch.watch}/{record}/{month}", "warning", text, work.now)


def _sealed(asking: Asking) -> Sealed:
    terms = [
        ("person", each.name, each.birth) if isinstance(each, Person) else (each.type, each.value, "")
        for each in asking.terms
    ]
    return Sealed(terms, asking.purpose, asking.subject, asking.reason, list(asking.to), asking.instrument, asking.case)


def _terms(several: Sequence[tuple[str, str, str]]) -> list[Term]:
    return [Person(value, birth) if kind == "person" else Selector(kind, value) for kind, value, birth in several]


def _packed(each: Input) -> str:
    says: Any = each.says
    return json.dumps([list(map(list, says.words)), says.date] if isinstance(says, Certified) else says)


def _unpacked(text: str) -> str | Certified:
    says = json.loads(text)
    if isinstance(says, str):
        return says
    words, date = says
    return Certified(tuple((int(place), str(level)) for place, level in words), str(date))
