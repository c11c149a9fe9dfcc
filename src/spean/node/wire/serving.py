"""What partners ask of us: pages of their feed, checkpoints, tiles, proofs, and what they once sent (docs/protocol.md, 3–6).

Everything here is synchronous and takes the transaction's snapshot; ``gate.py`` waits and speaks HTTP.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, NotFound, Refusal, VerificationFailed
from spean.exchange.page import MAX_RECEIPTS, BatchSeal, Forward, Item, Page, Pull, ReceiptItem
from spean.exchange.receipts import Receipt, check_covers, verify_receipt
from spean.exchange.seal import seal_info, seal_key, wrap_key
from spean.ledger.checkpoint import Checkpoint, sign_checkpoint, verify_cosignature
from spean.ledger.merkle import consistency_proof, head_at, inclusion_many
from spean.ledger.note import Verifier, add_signature, parse_note
from spean.ledger.tiles import parse_path
from spean.node.work import EXCHANGE, Work
from spean.store.rows import FactRow, OutboxRow, ReceiptRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

MAX_CONTENT = 8 * 1024 * 1024
"""Bytes of content in one page, well under the limit of a page."""


class Serving:
    """Answers partners."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._note: tuple[int, bytes] | None = None
        self._note_key = ""

    # pull ---------------------------------------------------------------------------------------------------

    def check_partner(self, peer: str) -> None:
        """Refuse whoever is not an active partner."""
        if peer not in self._ground.peering.active():
            raise Refusal(
                "O9", f"{peer} is no active partner of {self._ground.me}", remedy="accept each other's invitation"
            )

    def take_pull(self, peer: str, pull: Pull) -> None:
        """Write what the pull brings: receipts, a cosignature, what the peer has seen of third logs."""
        self._ground.restoring.check()
        if not pull.receipts and not pull.cosignature and not pull.seen:
            return
        ground = self._ground
        with ground.writing() as work:
            if pull.receipts:
                self._take_receipts(work, peer, pull.receipts)
            if pull.cosignature:
                self._take_cosignature(work, peer, pull.known_size, pull.cosignature.decode())
            for note in pull.seen:
                ground.witnessing.compare(work, peer, note)
            self._compare_memory(work, peer, pull)

    def page(self, peer: str, pull: Pull) -> Page:
        """The next page of this peer's feed."""
        ground = self._ground
        ground.restoring.check()
        with ground.reading() as tx:
            rows = tx.outbox.page(peer, pull.after, pull.limit)
            facts = tx.facts.many([row.fact for row in rows])
            rows = _fitting(rows, facts)
            items, seals = self._items(tx, peer, rows, facts)
            head = tx.log.head(EXCHANGE)
            read = tx.log.reader(EXCHANGE)
            known = min(pull.known_size, head.size)
            return Page(
                sender=ground.me, after=pull.after, top=max(tx.outbox.top(peer), pull.after if not rows else 0), items=items,
                batch_seals=seals, checkpoint=self.note(tx), old_size=pull.known_size,
                consistency=list(consistency_proof(known, head.size, read)) if 0 < known < head.size else [],
                proof=list(inclusion_many(sorted({item.index for item in items}), head.size, read)) if items else [],
                receipted=0, now=ground.clock.now(),
            )  # fmt: skip

    def has_news(self, peer: str, after: int) -> bool:
        """Whether there is something beyond ``after`` for the peer."""
        with self._ground.store.read() as tx:
            return tx.outbox.top(peer) > after

    def _items(
        self, tx: Tx, peer: str, rows: list[OutboxRow], facts: dict[str, FactRow]
    ) -> tuple[list[Item], list[BatchSeal]]:
        ground = self._ground
        seal_to = ground.peering.trust(peer).seal
        keys = ground.content_keys.get([row.fact for row in rows])
        batch_keys: dict[str, bytes] = {}
        items = []
        for row in rows:
            fact, key = facts[row.fact], keys.get(row.fact)
            sealed = wrapped = None
            content = fact.content if key is not None else None
            if key is not None and content is not None:
                if row.batch:
                    batch_key = batch_keys.setdefault(row.batch, b"") or ground.entropy.bytes(32)
                    batch_keys[row.batch] = batch_key
                    wrapped = wrap_key(batch_key, fact.id, key)
                else:
                    sealed = seal_key(key, seal_to, seal_info(ground.me, peer, fact.id))
            items.append(Item(
                seq=row.seq, payload=fact.payload, key_id=fact.key_id, signature=fact.signature, index=fact.index or 0,
                content=content, sealed=sealed, wrapped=wrapped, batch=row.batch,
                forward=Forward(origin=row.forward_for, wrap=row.wrap) if row.forward_for else None,
            ))  # fmt: skip
        seals = [
            BatchSeal(name, seal_key(key, seal_to, seal_info(ground.me, peer, name)))
            for name, key in batch_keys.items()
            if key
        ]
        return items, seals

    # receipts -----------------------------------------------------------------------------------------------

    def _take_receipts(self, work: Work, peer: str, items: list[ReceiptItem]) -> None:
        """A receipt that does not hold is alarmed about and changes nothing."""
        keys = {key.key_id: key.public for key in self._ground.sign_keys(peer) if key.revoked_at is None}
        held: list[tuple[ReceiptItem, Receipt]] = []
        for item in items:
            try:
                held.append((item, self._verified(peer, item, keys)))
            except (VerificationFailed, InvalidInput) as forged:
                self._forged(work, peer, item, forged)
        if not held:
            return
        first = min(receipt.seq_from for _, receipt in held)
        count = min(max(receipt.seq_to for _, receipt in held) - first + 1, 4 * MAX_RECEIPTS)
        rows = {row.seq: row.fact for row in work.tx.outbox.page(peer, first - 1, count)}
        answered: list[tuple[int, str]] = []
        for item, receipt in held:
            try:
                facts = [rows.get(seq, "") for seq in range(receipt.seq_from, min(receipt.seq_to, first + count) + 1)]
                check_covers(receipt, facts)
            except (VerificationFailed, ValueError) as forged:
                self._forged(work, peer, item, forged)
                continue
            answered += [(seq, receipt.status) for seq in range(receipt.seq_from, receipt.seq_to + 1)]
            self._keep_receipt(work, peer, item, receipt, facts[0])
        work.tx.outbox.receipt(peer, answered, work.now)

    def _verified(self, peer: str, item: ReceiptItem, keys: dict[str, bytes]) -> Receipt:
        receipt = verify_receipt(item, keys)
        if receipt.receiver != peer or receipt.sender != self._ground.me:
            raise VerificationFailed(f"a receipt of {receipt.receiver} for {receipt.sender} came from {peer}")
        return receipt

    def _forged(self, work: Work, peer: str, item: ReceiptItem, why: Exception) -> None:
        name = hashlib.sha256(item.payload + item.signature).hexdigest()[:16]
        work.tx.alarms.raise_("receipt", f"{peer}:{name}", "critical", f"{peer}: {why}", work.now)

    def _keep_receipt(self, work: Work, peer: str, item: ReceiptItem, receipt: Receipt, fact: str) -> None:
        work.receipt(ReceiptRow(
            fact=fact, peer=peer, direction="in", status=receipt.status, step=receipt.step, rule=receipt.rule, reason=receipt.reason,
            at=receipt.at, payload=item.payload, key_id=item.key_id, signature=item.signature, seq=receipt.seq_from,
            index=-1 if receipt.index is None or receipt.status != "accepted" else receipt.index,
        ))  # fmt: skip
        if receipt.status == "refused":
            text = f"{peer} refused at step {receipt.step}: {receipt.reason}"
            work.tx.alarms.raise_("refused-by-peer", fact, "warning", text, work.now)

    def _compare_memory(self, work: Work, peer: str, pull: Pull) -> None:
        """A partner that knows more of us than we do: we were restored from a backup, or something was lost."""
        size = work.tx.log.head(EXCHANGE).size
        if pull.known_size > size or pull.after > work.tx.outbox.top(peer):
            text = f"{peer} has verified {pull.known_size} entries of our log, we have {size}: spean restore --catch-up"
            work.tx.alarms.raise_("memory-lost", peer, "critical", text, work.now)

    # log ----------------------------------------------------------------------------------------------------

    def note(self, tx: Tx) -> bytes:
        """The signed checkpoint of our exchange log, with the cosignatures that we have for this size."""
        head = tx.log.head(EXCHANGE)
        settings = self._ground.settings
        if self._note is None or self._note[0] != head.size or self._note_key != self._ground.keys.log_id:
            self._note_key = self._ground.keys.log_id
            self._note = (head.size, self.signed(Checkpoint(settings.log_origin, head.size, head.root())))
        note = self._note[1]
        for line in tx.witness.cosignatures(settings.log_origin, head.size).values():
            note = add_signature(note, line)
        return note

    def signed(self, checkpoint: Checkpoint) -> bytes:
        """The checkpoint as a note, signed by our log key; after a rotation for a while also by the former one, so that a
        partner can verify the very page that brings it the new key."""
        ground = self._ground
        note = sign_checkpoint(checkpoint, ground.keys.log)
        for former in ground.former_log_keys():
            note = add_signature(note, sign_checkpoint(checkpoint, former).decode().rstrip("\n").rsplit("\n", 1)[1])
        return note

    def note_at(self, tx: Tx, size: int) -> bytes:
        """The checkpoint of an earlier size, signed again: the same bytes, since Ed25519 is deterministic."""
        origin = self._ground.settings.log_origin
        root = head_at(size, tx.log.reader(EXCHANGE)).root()
        note = self.signed(Checkpoint(origin, size, root))
        for line in tx.witness.cosignatures(origin, size).values():
            note = add_signature(note, line)
        return note

    def _take_cosignature(self, work: Work, peer: str, size: int, line: str) -> None:
        origin = self._ground.settings.log_origin
        if peer in work.tx.witness.cosignatures(origin, size) or not 0 < size <= work.tx.log.head(EXCHANGE).size:
            return
        trust = self._ground.peering.trust(peer)
        try:
            bare = self.signed(Checkpoint(origin, size, head_at(size, work.tx.log.reader(EXCHANGE)).root()))
            noted = add_signature(bare, line)
            signed = next(key for key in reversed(trust.logs) if _carries(noted, witness_name(key.name), key.public))
            verify_cosignature(noted, Verifier(witness_name(signed.name), signed.public))
        except StopIteration:
            return  # signed with a key that has been revoked or not announced yet: the next cosignature comes soon
        except (VerificationFailed, InvalidInput) as forged:
            work.tx.alarms.raise_("cosignature", f"{peer}:{size}", "warning", f"{peer}: {forged}", work.now)
            return
        work.tx.witness.add_cosignature(origin, size, peer, line, work.now)

    def tile(self, path: str) -> bytes:
        """A hash tile of our exchange log by its C2SP path."""
        place = parse_path(path)
        if place.level is None:
            raise NotFound("entries of others are never served", remedy="ask for a hash tile")
        self._ground.restoring.check()
        level, index, width = place.level, place.index, place.width
        with self._ground.store.read() as tx:
            size = tx.log.head(EXCHANGE).size
            if index * 256 + width > size >> (8 * level):
                raise NotFound(f"the log has no {path} yet", remedy="ask for a tile within the checkpoint's size")
            return tx.log.reader(EXCHANGE)(level, index, width)

    def consistency(self, old: int, new: int, log: str = EXCHANGE) -> list[bytes]:
        """A consistency proof between two sizes of one of our logs: hashes only, which say nothing about entries."""
        self._ground.restoring.check()
        with self._ground.store.read() as tx:
            if new > tx.log.head(log).size:
                raise NotFound(f"our log has no {new} entries", remedy="ask within the latest checkpoint")
            return list(consistency_proof(old, new, tx.log.reader(log))) if 0 < old < new else []


def witness_name(log_origin: str) -> str:
    """Under which name a node cosigns: its realm and node, with ``/witness``."""
    return log_origin.rsplit("/", 1)[0] + "/witness"


def _carries(note: bytes, name: str, public: bytes) -> bool:
    """Whether a note has a signature line of this witness key."""
    witness = Verifier(name, public).witness
    return any((line.name, line.key_id) == (name, witness.key_id) for line in parse_note(note).signatures)


def _fitting(rows: list[OutboxRow], facts: dict[str, FactRow]) -> list[OutboxRow]:
    """As many rows as fit into one page; at least one."""
    total = 0
    for place, row in enumerate(rows):
        total += len(facts[row.fact].content or b"")
        if total > MAX_CONTENT and place:
            return rows[:place]
    return rows
