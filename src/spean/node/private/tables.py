"""The reader's side of tables: what partners announce, fetched, verified, brought up to date, and looked up (docs/protocol.md, 10.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from spean.core.errors import InvalidInput, SpeanError
from spean.core.fact import Fact
from spean.hits.model import Announce, Delta, Offer
from spean.hits.rules import raw
from spean.matching.private.table import Table, decode_delta
from spean.matching.private.voprf import check_public
from spean.node.private.model import STATES, Holding, HoldingState
from spean.node.work import Work
from spean.store.private_rows import DeltaRow, HoldingRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

MOST_KEPT = 8
"""Tables that stay decoded in memory."""
CONTESTED = "contested"


class Tables:
    """Takes in what partners announce."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._decoded: dict[tuple[str, str, int], Table] = {}

    # reactions --------------------------------------------------------------------------------------------------

    def offered(self, work: Work, fact: Fact, form: Offer) -> None:
        """A partner decided to answer."""
        envelope = fact.header.envelope
        if fact.header.node == self._ground.me or envelope is None:
            return
        work.tx.private.save_holding(
            HoldingRow(record=fact.header.record, holder=fact.header.node, instrument=envelope.instrument, category=form.category,
                       desk=form.desk, contact=form.contact, purposes=msgspec.json.encode(form.purposes).decode(), month="",
                       public="", parcel="", size=0, items=0, number=0, at=work.now, state="waiting")
        )  # fmt: skip

    def announced(self, work: Work, fact: Fact, form: Announce) -> None:
        """A partner's key and table of a month: the first key of a month is pinned, another one is an alarm."""
        row = work.tx.private.holding(fact.header.record)
        if row is None or fact.header.node == self._ground.me:
            return
        if row.month == form.month and row.public != form.key:
            self.contest(work, row, f"two keys were shown for {form.month}")
            return
        try:
            check_public(bytes.fromhex(form.key))
        except SpeanError as wrong:
            self.contest(work, row, str(wrong))
            return
        if row.month and row.month != form.month:
            self._forget(work, row)
        here = self._ground.private.parcels.want(work.tx, row.holder, form.table, form.size)
        work.tx.private.save_holding(
            replace(row, month=form.month, public=form.key, parcel=form.table, size=form.size, items=form.items, number=0,
                    at=form.at, state="ready" if here else "fetching")
        )  # fmt: skip
        self._ground.private.watching.new_month(work, row.record, form.month)

    def changed(self, work: Work, fact: Fact, form: Delta) -> None:
        """What came in and went out at a partner."""
        row = work.tx.private.holding(fact.header.record)
        if row is None or fact.header.node == self._ground.me or row.month != form.month or row.state == CONTESTED:
            return
        data = raw(form.inline) if form.inline else None
        if data is not None and hashlib.sha256(data).hexdigest() != form.table:
            self.contest(work, row, "a change is not what its fact names")
            return
        delta = DeltaRow(
            record=row.record, month=form.month, number=form.number, parcel=form.table, size=form.size, data=data
        )
        work.tx.private.save_delta(delta)
        work.tx.private.save_holding(replace(row, items=form.items, at=form.at, number=max(row.number, form.number)))
        if data is None and not self._ground.private.parcels.want(work.tx, row.holder, form.table, form.size):
            return
        self._arrived(work, row, delta)

    def ended(self, work: Work, fact: Fact) -> None:
        """A partner answers no longer."""
        row = work.tx.private.holding(fact.header.record)
        if row is not None and fact.header.node != self._ground.me:
            self._forget(work, row)
            work.tx.private.drop_holding(row.record)

    def contest(self, work: Work, row: HoldingRow, why: str) -> None:
        """Something was shown that an honest holder does not show: nothing more is asked there until people have spoken."""
        work.tx.private.save_holding(replace(row, state=CONTESTED))
        text = f"{row.holder}: private questions about {row.category} are stopped: {why}: call its desk"
        work.tx.alarms.raise_("private-proof", f"{row.record}/{row.month}", "critical", text[:1000], work.now)

    def _forget(self, work: Work, row: HoldingRow) -> None:
        work.tx.private.drop_parcel(row.parcel)
        for delta in work.tx.private.deltas(row.record, row.month):
            work.tx.private.drop_parcel(delta.parcel)
        work.tx.private.drop_watched(row.record, row.month)
        self._decoded = {key: table for key, table in self._decoded.items() if key[:2] != (row.record, row.month)}

    # arriving ---------------------------------------------------------------------------------------------------

    def arrived(self, name: str) -> None:
        """A parcel is here whole: a table is ready, or a change is compared with the watches."""
        with self._ground.writing() as work:
            for row in work.tx.private.holdings():
                if row.parcel == name and row.state == "fetching":
                    self._ready(work, row)
                for delta in work.tx.private.deltas(row.record, row.month):
                    if delta.parcel == name and delta.data is None:
                        self._arrived(work, row, delta)

    def _ready(self, work: Work, row: HoldingRow) -> None:
        try:
            Table.decode(self._ground.private.parcels.get(work.tx, row.parcel) or b"")
        except SpeanError as broken:
            self.contest(work, row, str(broken))
            return
        work.tx.private.save_holding(replace(row, state="ready"))

    def _arrived(self, work: Work, row: HoldingRow, delta: DeltaRow) -> None:
        data = delta.data if delta.data is not None else self._ground.private.parcels.get(work.tx, delta.parcel)
        if data is None:
            return
        try:
            added, _ = decode_delta(data)
        except SpeanError as broken:
            self.contest(work, row, str(broken))
            return
        work.tx.private.save_delta(replace(delta, data=data))
        work.tx.private.drop_parcel(delta.parcel)
        self._ground.private.watching.compare(work, row, added)

    # looking ----------------------------------------------------------------------------------------------------

    def table(self, tx: Tx, row: HoldingRow) -> Table | None:
        """The table as it stands with the changes that are here in a row; None while its beginning is on its way."""
        base = self._ground.private.parcels.get(tx, row.parcel)
        if base is None:
            return None
        known = max((key for key in self._decoded if key[:2] == (row.record, row.month)), default=None)
        number = 0 if known is None else known[2]
        deltas = [each for each in tx.private.deltas(row.record, row.month) if each.number > number]
        ready: list[bytes] = []
        for each in deltas:
            if each.data is None or each.number != number + len(ready) + 1:
                break
            ready.append(each.data)
        if known is not None and not ready:
            return self._decoded[known]
        table = Table.decode(base) if known is None else self._decoded.pop(known)
        for data in ready:
            table = table.changed(*decode_delta(data))
        self._keep((row.record, row.month, number + len(ready)), table)
        return table

    def _keep(self, key: tuple[str, str, int], table: Table) -> None:
        while len(self._decoded) >= MOST_KEPT:
            self._decoded.pop(next(iter(self._decoded)))
        self._decoded[key] = table

    def may_ask(self, tx: Tx, nodes: Sequence[str], category: str, purpose: str, instrument: str) -> list[HoldingRow]:
        """What partners offer for such a question, one for each node: under the named agreement, else the first that is ready."""
        found: dict[str, HoldingRow] = {}
        for row in tx.private.holdings():
            fits = row.category == category and row.month != "" and row.state in ("ready", "fetching")
            fits = fits and purpose in msgspec.json.decode(row.purposes) and instrument in ("", row.instrument)
            if fits and (not nodes or row.holder in nodes):
                found.setdefault(row.holder, row)
        return list(found.values())

    def holdings(self, tx: Tx) -> list[Holding]:
        """What partners offer to us."""
        found = []
        for row in tx.private.holdings():
            parcel = tx.private.parcel(row.parcel) if row.parcel else None
            found.append(
                Holding(holder=row.holder, record=row.record, instrument=row.instrument, category=row.category, month=row.month,
                        desk=row.desk, contact=row.contact, purposes=tuple(msgspec.json.decode(row.purposes)), items=row.items,
                        as_of=row.at, state=_state(row.state), fetched=0 if parcel is None else parcel.have, size=row.size)
            )  # fmt: skip
        return found


def _state(text: str) -> HoldingState:
    for known in STATES:
        if text == known:
            return known
    raise InvalidInput("state", text, remedy="mend the store")
