"""Forks and shrinking: what partners compare about each other's logs (docs/protocol.md section 5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from spean.core.errors import VerificationFailed
from spean.core.world import MINUTE
from spean.ledger.checkpoint import Checkpoint, cosign, open_checkpoint
from spean.ledger.note import Verifier, parse_note
from spean.ledger.verify import verify_consistency
from spean.node.wire.serving import witness_name
from spean.node.work import Work
from spean.store.rows import CheckpointRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.wire.peering import Trust
    from spean.node.wire.pulling import Line
    from spean.store import Tx

LATE = 10 * MINUTE
"""A third partner's cosignature must follow within this, or alarm (DESIGN, Two logs)."""


class Witnessing:
    """Compares, cosigns, and alarms."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def cosignature(self, tx: Tx, peer: str) -> tuple[int, bytes]:
        """The size of the peer's log that we last verified, and our cosignature on it."""
        ground = self._ground
        known = tx.witness.latest(ground.peering.trust(peer).log.name)
        if known is None:
            return 0, b""
        name = witness_name(ground.settings.log_origin)
        return known.size, cosign(known.note, name, ground.keys.log, ground.clock.now() // 1000).encode()

    def seen(self, tx: Tx, peer: str) -> list[bytes]:
        """The latest checkpoints that we verified of logs other than the peer's and ours."""
        notes = []
        for other in self._ground.peering.active():
            if other != peer:
                known = tx.witness.latest(self._ground.peering.trust(other).log.name)
                if known is not None:
                    notes.append(known.note)
        domestic = tx.meta.get("domestic-note")
        return notes if domestic is None else [*notes, domestic.encode()]

    def compare(self, work: Work, told_by: str, note: bytes) -> None:
        """A partner says what a third node showed it, or shows its own domestic log's checkpoint (O2).

        Only what the log's owner itself signed counts, so nobody can be framed.
        """
        try:
            origin = parse_note(note).text.split("\n", 1)[0]
            trust = self._of(origin)
            if trust is None:
                return
            theirs = open_checkpoint(note, [Verifier(origin, key.public) for key in trust.logs])
        except VerificationFailed as forged:
            work.tx.alarms.raise_(
                "gossip",
                f"{told_by}",
                "warning",
                f"{told_by} passed on a checkpoint that does not hold: {forged}",
                work.now,
            )
            return
        same = work.tx.witness.at_size(origin, theirs.size)
        if any(row.root != theirs.root for row in same):
            self._fork(work, trust, theirs, note, told_by)
        elif not same:
            ours = work.tx.witness.latest(origin)
            if ours is None:
                self._first(work, told_by, trust, theirs, note)
            elif told_by == trust.node and theirs.size < ours.size:
                self._shrunk(work, trust, ours, theirs, note)
            else:
                payload = {
                    "node": trust.node,
                    "size": theirs.size,
                    "root": theirs.root.hex(),
                    "note": note.decode(),
                    "told_by": told_by,
                    "origin": origin,
                }
                work.tx.jobs.put("compare-logs", f"{origin}:{theirs.size}", work.now, json.dumps(payload))

    def _first(self, work: Work, told_by: str, trust: Trust, theirs: Checkpoint, note: bytes) -> None:
        """A log of which we knew nothing: remembered when its owner shows it. Exchange logs are remembered from pages."""
        if told_by == trust.node and theirs.origin != trust.log.name:
            self._remember(work, theirs, note, told_by)

    def _remember(self, work: Work, checkpoint: Checkpoint, note: bytes, told_by: str) -> None:
        work.tx.witness.save(
            CheckpointRow(
                origin=checkpoint.origin,
                size=checkpoint.size,
                root=checkpoint.root,
                note=note,
                at=work.now,
                seen_from=told_by,
            )
        )

    def _shrunk(self, work: Work, trust: Trust, ours: CheckpointRow, theirs: Checkpoint, note: bytes) -> None:
        """Its own owner shows fewer entries than it once signed: something was deleted, or it was restored."""
        self._remember(work, theirs, note, trust.node)
        text = f"{trust.node}: its log {theirs.origin} shrank from {ours.size} to {theirs.size} entries; both signed checkpoints are kept"
        work.tx.alarms.raise_("shrunken-log", f"{theirs.origin}:{theirs.size}", "critical", text, work.now)

    def check(self, line: Line, payload: dict[str, str | int]) -> None:
        """The job behind ``compare``: ask the log for a proof that both checkpoints are of one history."""
        ground = self._ground
        node = str(payload["node"])
        trust = ground.peering.trust(node)
        theirs = (int(payload["size"]), bytes.fromhex(str(payload["root"])))
        origin = str(payload["origin"])
        with ground.store.read() as tx:
            known = tx.witness.latest(origin)
        if known is None or not trust.active:
            return
        (old, old_root), (new, new_root) = sorted([theirs, (known.size, known.root)])
        try:
            if old == new:
                if old_root != new_root:
                    raise VerificationFailed("two roots for one size")
            elif old:
                verify_consistency(
                    old, new, old_root, new_root, line.consistency(node, old, new, log=origin.rsplit("/", 1)[1])
                )
        except VerificationFailed:
            with ground.writing() as work:
                self._fork(
                    work, trust, Checkpoint(origin, *theirs), str(payload["note"]).encode(), str(payload["told_by"])
                )
            return
        if new == theirs[0] and origin != trust.log.name:
            with ground.writing() as work:
                self._remember(
                    work, Checkpoint(origin, *theirs), str(payload["note"]).encode(), str(payload["told_by"])
                )

    def _fork(self, work: Work, trust: Trust, theirs: Checkpoint, note: bytes, told_by: str) -> None:
        """Both signed checkpoints stay as evidence."""
        self._remember(work, theirs, note, told_by)
        whom = "us another log than before" if told_by == trust.node else f"{told_by} another log than us"
        text = f"{trust.node} shows {whom} (size {theirs.size}); both signed checkpoints are kept as evidence"
        work.tx.alarms.raise_("forked-log", f"{trust.node}:{theirs.size}", "critical", text, work.now)

    def late(self, work: Work) -> None:
        """Alarm when no third partner has cosigned what we wrote more than ten minutes ago."""
        active = self._ground.peering.active()
        if len(active) < 2:
            return
        head = work.tx.log.head("exchange")
        state = json.loads(work.tx.meta.get("witnessed") or '{"size":0,"at":0}')
        witnesses = {
            w for w in active if work.tx.witness.cosignatures(self._ground.settings.log_origin, head.size).get(w)
        }
        if len(witnesses) >= 2 or head.size == 0:
            work.tx.meta.set("witnessed", json.dumps({"size": head.size, "at": work.now}))
        elif state["at"] and work.now - state["at"] > LATE and head.size > state["size"]:
            text = f"only {len(witnesses)} partners have cosigned our log since {state['size']} of {head.size} entries"
            work.tx.alarms.raise_("unwitnessed", str(state["size"]), "warning", text, work.now)
        elif not state["at"]:
            work.tx.meta.set("witnessed", json.dumps({"size": 0, "at": work.now}))

    def _of(self, origin: str) -> Trust | None:
        peering = self._ground.peering
        owner = origin.rsplit("/", 1)[0]
        return next(
            (trust for node in peering.active() if (trust := peering.trust(node)).log.name.rsplit("/", 1)[0] == owner),
            None,
        )
