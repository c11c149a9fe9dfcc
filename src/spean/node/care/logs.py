"""Our two logs: evidence for one fact, export as a folder of tiles, verification, and the padded domestic cadence (O2, R38)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from spean.core.errors import InvalidInput, NotFound, VerificationFailed
from spean.core.world import MINUTE
from spean.exchange.receipts import Receipt
from spean.exchange.seal import decrypt_content
from spean.ledger import evidence as evidence_file
from spean.ledger.checkpoint import Checkpoint, sign_checkpoint
from spean.ledger.evidence import Evidence, ReceiptEvidence
from spean.ledger.merkle import head_at, inclusion_proof, leaf_hash
from spean.ledger.note import Verifier, format_vkey, parse_note
from spean.ledger.tiles import LogReport, encode_entries, entries_path, tile_path, verify_log
from spean.node.entry.people import Who
from spean.node.entry.rights import check_fact
from spean.node.wire.serving import witness_name
from spean.node.work import DOMESTIC, EXCHANGE, Work
from spean.store.rows import CheckpointRow, FactRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

CADENCE = 15 * MINUTE
PADDING = 16
"""The domestic log grows to a multiple of this at each cadence, at least by it, so that its size tells little."""


class Logs:
    """Evidence, export, verification."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    # evidence -----------------------------------------------------------------------------------------------

    def evidence(self, who: Who, fact: str, *, reason: str, content: bool = True, judged: bool = False) -> bytes:
        """The evidence file for one fact, for somebody who has no node. Its handing out is logged.

        ``judged``: the caller has found that these words were said to the one who asks, such as an order to a bank.
        """
        ground = self._ground
        if content and not judged:
            ground.reading_desk.may_read(who)
        with ground.writing() as work:
            row = work.fact(fact)
            if row is None or row.index is None or row.log is None:
                raise NotFound(f"no logged fact {fact[:16]}… here", remedy="spean record show names them")
            if content and not judged:
                check_fact(work, who, row.record)
            ground.reading_desk.note_access(work, who, "export", row.record, reason, {"fact": fact})
        with ground.reading() as tx:
            row = tx.facts.get(fact)
            return evidence_file.encode(self._evidence(tx, row, content))

    def _evidence(self, tx: Tx, row: FactRow, content: bool) -> Evidence:
        ground = self._ground
        log = row.log or EXCHANGE
        head = tx.log.head(log)
        note = ground.serving.note(tx) if log == EXCHANGE else self._note(tx, DOMESTIC)
        salt = body = None
        key = ground.content_keys.get([row.id]).get(row.id)
        if content and key is not None and row.content is not None:
            salt, body = decrypt_content(key, row.content, row.id)
        sign = next((key for key in ground.sign_keys(row.origin) if key.key_id == row.key_id), None)
        if sign is None:
            raise NotFound(f"the key {row.key_id} is not known", remedy="ask its origin for it")
        best = self._best_size(tx, head.size, row.index or 0) if log == EXCHANGE else head.size
        if best != head.size:
            note = ground.serving.note_at(tx, best)
        return Evidence(
            payload=row.payload, signature=row.signature, key_id=row.key_id, node=row.origin, sign_key=sign.public,
            log_key=self.verifier(log), index=row.index or 0, proof=inclusion_proof(row.index or 0, best, tx.log.reader(log)),
            checkpoint=note, witnesses=self._witnesses(note), salt=salt, body=body, receipts=self._receipts(tx, row),
        )  # fmt: skip

    def _best_size(self, tx: Tx, size: int, index: int) -> int:
        """The latest size that holds the fact and that a partner has cosigned; the present one if none has."""
        origin = self._ground.settings.log_origin
        cosigned = tx.witness.cosigned_sizes(origin, above=index, limit=1)
        return cosigned[0] if cosigned else size

    def _witnesses(self, note: bytes) -> tuple[Verifier, ...]:
        """The partners' witness keys, also former ones, for the cosignatures that the note carries."""
        signed = {(signature.name, signature.key_id) for signature in parse_note(note).signatures}
        peering = self._ground.peering
        keys = [key for node in peering.active() for key in peering.trust(node).logs]
        witnesses = [Verifier(witness_name(key.name), key.public).witness for key in keys]
        return tuple(each for each in witnesses if (each.name, each.key_id) in signed)

    def _receipts(self, tx: Tx, row: FactRow) -> tuple[ReceiptEvidence, ...]:
        found = []
        for receipt in tx.receipts.covering(row.id):
            key = next((key for key in self._ground.sign_keys(receipt.peer) if key.key_id == receipt.key_id), None)
            if key is None or receipt.direction != "in":
                continue
            words = msgspec.json.decode(receipt.payload, type=Receipt)
            covers: tuple[str, ...] = ()
            if row.id not in words.facts:
                rows = tx.outbox.page(receipt.peer, words.seq_from - 1, words.seq_to - words.seq_from + 1)
                covers = tuple(each.fact for each in rows)
            found.append(
                ReceiptEvidence(
                    payload=receipt.payload,
                    signature=receipt.signature,
                    key_id=receipt.key_id,
                    key=key.public,
                    covers=covers,
                )
            )
        return tuple(found)

    # export and verification --------------------------------------------------------------------------------

    def verifier(self, log: str) -> Verifier:
        """The public key of one of our logs, under its origin as name."""
        origin = self._ground.settings.log_origin if log == EXCHANGE else self._ground.settings.domestic_origin
        return Verifier(origin, self._ground.keys.log_public)

    def _note(self, tx: Tx, log: str) -> bytes:
        head = tx.log.head(log)
        return sign_checkpoint(Checkpoint(self.verifier(log).name, head.size, head.root()), self._ground.keys.log)

    def export(self, target: Path, log: str = EXCHANGE) -> int:
        """Write a log as a C2SP tlog-tiles folder: checkpoint, hash tiles, entry bundles, its verifier key. Returns its size.

        Entries are headers, which hold no personal data; contents are not in it.
        """
        if target.exists() and any(target.iterdir()):
            raise InvalidInput("folder", f"{target.name} is not empty", remedy="name a new folder")
        with self._ground.store.read() as tx:
            head = tx.log.head(log)
            read = tx.log.reader(log)
            for start in range(0, head.size, 256):
                width = min(256, head.size - start)
                entries = tx.log.entries(log, start, start + width)
                _write(target / entries_path(start // 256, width), encode_entries(entries))
            level, size = 0, head.size
            while size:
                for start in range(0, size, 256):
                    width = min(256, size - start)
                    _write(target / tile_path(level, start // 256, width), read(level, start // 256, width))
                level, size = level + 1, size // 256
            note = self._ground.serving.note(tx) if log == EXCHANGE else self._note(tx, log)
        _write(target / "checkpoint", note)
        _write(target / "key", format_vkey(self.verifier(log)).encode() + b"\n")
        return head.size

    def verify(self, log: str = EXCHANGE, tell: Callable[[str], None] | None = None) -> LogReport:
        """Recompute one of our logs from its entries, and compare with every checkpoint of it that was cosigned.

        ``tell`` hears of each tile that is read.
        """
        with self._ground.store.read() as tx:
            tiles = self._reader(tx, log)

            def read(path: str) -> bytes | None:
                if tell is not None:
                    tell(path)
                return tiles(path)

            report = verify_log(read, [self.verifier(log)])
            tree = tx.log.reader(log)
            for row in tx.witness.history(self.verifier(log).name):
                if row.size > report.size:
                    raise VerificationFailed(f"we once signed {row.size} entries and now have {report.size}", rule="shrunken-log",
                                             remedy="restore: spean restore --catch-up")  # fmt: skip
                if row.size and head_at(row.size, tree).root() != row.root:
                    raise VerificationFailed(
                        f"the first {row.size} entries are not those that we signed", rule="forked-log"
                    )
        return report

    def _reader(self, tx: Tx, log: str) -> Callable[[str], bytes | None]:
        from spean.ledger.tiles import parse_path

        def read(path: str) -> bytes | None:
            if path == "checkpoint":
                return self._note(tx, log)
            place = parse_path(path)
            if place.level is None:
                return encode_entries(tx.log.entries(log, place.index * 256, place.index * 256 + place.width))
            return tx.log.reader(log)(place.level, place.index, place.width)

        return read

    # domestic log -------------------------------------------------------------------------------------------

    def domestic_cadence(self, work: Work) -> None:
        """At a fixed cadence pad the domestic log and sign its checkpoint; partners witness it, and see no rhythm."""
        state = json.loads(work.tx.meta.get("domestic") or '{"at":0,"size":0}')
        if work.now - state["at"] < CADENCE:
            return
        head = work.tx.log.head(DOMESTIC)
        goal = max(state["size"] + PADDING, -(-head.size // PADDING) * PADDING)
        padding = [b"spean/padding/1" + self._ground.entropy.bytes(32) for _ in range(goal - head.size)]
        work.pad(DOMESTIC, padding, [leaf_hash(entry) for entry in padding])
        work.flush()
        head = work.tx.log.head(DOMESTIC)
        note = self._note(work.tx, DOMESTIC)
        work.tx.witness.save(
            CheckpointRow(origin=self.verifier(DOMESTIC).name, size=head.size, root=head.root(), note=note, at=work.now)
        )
        work.tx.meta.set("domestic-note", note.decode())
        work.tx.meta.set("domestic", json.dumps({"at": work.now, "size": head.size}))


def verify_folder(folder: Path, keys: list[Verifier]) -> LogReport:
    """Verify an exported log. Without ``keys`` the folder's own key is used: it proves consistency, not whose log it is."""
    from spean.ledger.note import parse_vkey

    if not keys:
        try:
            keys = [parse_vkey((folder / "key").read_text().strip())]
        except OSError as missing:
            raise NotFound(f"no log in {folder}", remedy="name a folder that spean log export wrote") from missing

    def read(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    return verify_log(read, keys)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
