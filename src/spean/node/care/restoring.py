"""After a disaster: a restored node knows that it is one, and partners give back what it lacks (docs/protocol.md, section 6).

A restored node neither acts nor shows its log before it is complete again: whoever has seen more would be told less, and a
log that is written anew from an old size is a fork. Backup and restore themselves are in ``backup``; asking in ``catching_up``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from spean.core.errors import SpeanError, Unavailable
from spean.core.world import SECOND
from spean.exchange.page import MAX_ITEMS, MAX_LATE, Delivery, GiveBack, Returned, ReturnedFact, ReturnedItem
from spean.exchange.receipts import Receipt
from spean.exchange.seal import seal_info, seal_key
from spean.node.care import backup
from spean.node.care.catching_up import CatchingUp, CaughtUp
from spean.store.rows import FactRow, ReceiptRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

RETRY = 30 * SECOND
"""Between two attempts of a restored node to catch up by itself."""
MAX_CONTENT = 6 * 1024 * 1024
"""Bytes of placed leaves in one answer, and again of those without a place: together well under the limit of a page."""
MARK = "restored"
"""Meta key: since when and from what; empty once the node is complete again."""
BACKUP_AT, KEYS_COPIED_AT, DRILL_AT = "backup-at", "keys-copied-at", "drill-at"
"""Meta keys: when the last backup, the last copy of the keys and the last drill were made (ms)."""
RECALLED = ("corrected", "withdrawn", "refused")
"""Facts whose content is not given back: the asker was told to erase it, or never held it."""

_RECEIPT = msgspec.json.Decoder(Receipt)


class Restoring:
    """Backup; the restored mode; giving back and asking back."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._asking = threading.Lock()
        self._next_try = 0
        self.pending = ""
        """Why this node may not act or serve yet; empty when it may."""

    def load(self, tx: Tx) -> None:
        """Read the marker; called when another process or transaction may have changed it."""
        self.pending = tx.meta.get(MARK) or ""

    def check(self) -> None:
        """Raise ``Unavailable`` while the node is restored and not complete again."""
        if self.pending:
            raise Unavailable(
                "This node was restored and has not caught up with its partners",
                why=f"{self.pending}; what it wrote now would contradict what they have seen",
                remedy="spean restore --catch-up shows what is missing; it is tried again by itself",
            )

    def backup(self, target: Path) -> dict[str, dict[str, int | str]]:
        """Copy the node to a new folder while it runs; private keys and content keys are left out by design."""
        files = backup.write(self._ground, target)
        self._made(BACKUP_AT)
        return files

    def backup_keys(self, target: Path, passphrase: str, *, over: bool = False) -> int:
        """Copy the private keys and the content keys, encrypted; returns how many content keys."""
        count = backup.write_keys(self._ground, target, passphrase, over=over)
        self._made(KEYS_COPIED_AT)
        return count

    def _made(self, what: str) -> None:
        """Remember when, so that somebody sees when it is too long ago."""
        with self._ground.store.write() as tx:
            tx.meta.set(what, str(self._ground.clock.now()))

    # asking back --------------------------------------------------------------------------------------------

    def catch_up(self) -> CaughtUp:
        """Ask every partner for what our log lacks, and take it in when it makes the log that they have witnessed."""
        with self._asking:
            return CatchingUp(self._ground).run()

    def retry(self) -> None:
        """Catch up by itself, at intervals. Failures are alarms: nobody waits for this."""
        now = self._ground.clock.now()
        if not self.pending or now < self._next_try or self._asking.locked():
            return
        self._next_try = now + RETRY
        try:
            self.catch_up()
        except SpeanError:
            return  # the store or a partner is away; the next attempt comes

    # giving back --------------------------------------------------------------------------------------------

    def give_back(self, peer: str, request: GiveBack) -> Returned:
        """What we know of the log of ``peer``: the facts that it sent us, and ours that it says it logged."""
        ground = self._ground
        if request.settled is not None:
            self._receipts_again(peer, request.settled)
        with ground.reading() as tx:
            items, more = self._items(tx, peer, request)
            trust = ground.peering.trust(peer)
            domestic = trust.log.name.rsplit("/", 1)[0] + "/domestic"
            notes = [tx.witness.latest(origin) for origin in (trust.log.name, domestic)]
            note, other = (b"" if row is None else row.note for row in notes)
            late: list[tuple[int, bytes]] = []
            if request.delivered is not None:
                late = tx.facts.late_from(peer, request.after, request.delivered, MAX_LATE)
            deliveries = [Delivery(*each) for each in late]
            return Returned(ground.me, items, deliveries, note, other, more, ground.clock.now())

    def _receipts_again(self, peer: str, settled: int) -> None:
        """Our receipts beyond that number were lost: they go out again with our next pulls."""
        with self._ground.writing() as work:
            first = work.tx.receipts.first_beyond(peer, settled)
            sent = int(work.tx.meta.get(f"receipts-sent:{peer}") or 0)
            if first is not None and first <= sent:
                work.tx.meta.set(f"receipts-sent:{peer}", str(first - 1))

    def _items(self, tx: Tx, peer: str, request: GiveBack) -> tuple[list[ReturnedItem], bool]:
        limit = max(1, request.limit)
        theirs = tx.facts.given_by(peer, request.after, limit)
        receipts = tx.receipts.logged(peer, request.after, limit)
        known: list[tuple[ReturnedItem, FactRow]] = [(_theirs(row), row) for row in theirs]
        known += self._ours(tx, peer, receipts, request.after)
        known.sort(key=lambda each: each[0].index or 0)
        ends = [row.from_index for row in theirs[-1:] if len(theirs) == limit]
        ends += [row.index for row in receipts[-1:] if len(receipts) >= limit and row.index >= request.after]
        kept = [each for each in known if not ends or (each[0].index or 0) <= min(ends)]
        more = bool(ends) or len(kept) > limit
        chosen = self._fitting(kept[:limit])
        more = more or len(chosen) < len(kept)
        if not more:
            chosen += self._loose(tx, peer)
        return ([item for item, _ in chosen] if request.bare else self._with_facts(peer, chosen)), more

    def _ours(
        self, tx: Tx, peer: str, receipts: list[ReceiptRow], after: int
    ) -> Iterator[tuple[ReturnedItem, FactRow]]:
        """Our facts that the partner's own receipts place in its log."""
        for receipt in receipts:
            words = _RECEIPT.decode(receipt.payload)
            rows = tx.outbox.page(peer, words.seq_from - 1, words.seq_to - words.seq_from + 1)
            facts = tx.facts.many([row.fact for row in rows])
            for row in rows:
                index = receipt.index + row.seq - words.seq_from
                if index >= after:
                    yield _ours(index, row.seq, facts[row.fact]), facts[row.fact]

    def _loose(self, tx: Tx, peer: str) -> list[tuple[ReturnedItem, FactRow]]:
        """What we sent and have no receipt for: it may stand in the partner's log, only the partner knew where."""
        rows = tx.outbox.unreceipted(peer, 0, MAX_ITEMS)
        facts = tx.facts.many([row.fact for row in rows])
        return self._fitting([(_ours(None, row.seq, facts[row.fact]), facts[row.fact]) for row in rows])

    def _fitting(self, known: list[tuple[ReturnedItem, FactRow]]) -> list[tuple[ReturnedItem, FactRow]]:
        """As many as fit; at least one."""
        total = 0
        for place, (_, row) in enumerate(known):
            total += len(row.content or b"") + len(row.payload)
            if total > MAX_CONTENT and place:
                return known[:place]
        return known

    def _with_facts(self, peer: str, chosen: list[tuple[ReturnedItem, FactRow]]) -> list[ReturnedItem]:
        ground = self._ground
        seal_to = ground.peering.trust(peer).seal
        keys = ground.content_keys.get([row.id for _, row in chosen if row.status not in RECALLED])
        found = []
        for item, row in chosen:
            key = keys.get(row.id) if row.content is not None else None
            sealed = None if key is None else seal_key(key, seal_to, seal_info(ground.me, peer, row.id))
            fact = ReturnedFact(row.payload, row.key_id, row.signature, None if key is None else row.content, sealed)
            found.append(msgspec.structs.replace(item, fact=fact))
        return found


def _theirs(row: FactRow) -> ReturnedItem:
    return ReturnedItem(row.from_index, bytes.fromhex(row.id), row.from_seq, False)


def _ours(index: int | None, seq: int, row: FactRow) -> ReturnedItem:
    return ReturnedItem(index, bytes.fromhex(row.id), seq, True, row.index)
