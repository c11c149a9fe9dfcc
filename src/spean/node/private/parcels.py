"""Bytes beside facts, named by their SHA-256 in a signed fact: tables, deltas, batches of an overlap. Fetched in ranges, with resume.

A partner may fetch what a fact to it names, and nothing else (docs/protocol.md, 10.3).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from spean.core.errors import NotFound, VerificationFailed
from spean.core.world import MINUTE
from spean.store.private_rows import ParcelRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

PART = 256 * 1024
"""Bytes of one part, and of one answer."""
AT_ONCE = 32
"""Parts that one turn fetches before others get theirs."""
MOST = 1 << 31
"""Bytes of one parcel."""
AGAIN = MINUTE


class Parcels:
    """Keeps, serves and fetches."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def put(self, tx: Tx, data: bytes, peers: Iterable[str]) -> str:
        """Keep bytes for these partners; their name."""
        name = hashlib.sha256(data).hexdigest()
        if tx.private.parcel(name) is None:
            for start in range(0, len(data), PART):
                tx.private.add_part(name, start, data[start : start + PART])
            tx.private.save_parcel(
                ParcelRow(hash=name, size=len(data), have=len(data), at=self._ground.clock.now())
            )  # fmt: skip
        tx.private.allow(name, peers)
        return name

    def get(self, tx: Tx, name: str) -> bytes | None:
        """The bytes once they are all here, else None."""
        row = tx.private.parcel(name)
        return None if row is None or row.have < row.size else b"".join(tx.private.parts(name))

    def serve(self, peer: str, name: str, start: int) -> bytes:
        """Bytes from ``start`` on, at most ``PART``. What is not the partner's is not there. Raises ``NotFound``."""
        ground = self._ground
        ground.restoring.check()
        with ground.store.read() as tx:
            row = tx.private.parcel(name) if tx.private.allowed(name, peer) else None
            if row is None or row.have < row.size or not 0 <= start < row.size:
                raise NotFound("No such parcel for you", remedy="ask for what a fact to you names, within its size")
            found = tx.private.part_at(name, start)
        if found is None:
            raise NotFound("No such parcel for you", remedy="ask for what a fact to you names, within its size")
        first, data = found
        return data[start - first :]

    def want(self, tx: Tx, node: str, name: str, size: int) -> bool:
        """Fetch a partner's parcel from now on; whether it is here already."""
        row = tx.private.parcel(name)
        if row is None:
            row = ParcelRow(hash=name, size=size, have=0, at=self._ground.clock.now())
            tx.private.save_parcel(row)
        if row.have >= row.size:
            return True
        payload = json.dumps({"node": node, "name": name})
        tx.jobs.put("private-fetch", name, self._ground.clock.now(), payload)
        return False

    def fetch(self, node: str, name: str) -> bool:
        """Fetch on from where it stopped, for one turn; whether it is all here. Raises ``Unavailable`` when the line is down.

        Raises ``VerificationFailed`` when the whole is not what was named: then it is forgotten, and begun anew by whoever wants it.
        """
        ground = self._ground
        with ground.store.read() as tx:
            row = tx.private.parcel(name)
        if row is None:
            raise NotFound("Nobody wants this parcel any more")
        have = row.have
        parts: list[tuple[int, bytes]] = []
        try:
            while have < row.size and len(parts) < AT_ONCE:
                data = ground.pulling.line.parcel(node, name, have)
                if not 0 < len(data) <= min(PART, row.size - have):
                    raise VerificationFailed(f"{node} gave other bytes than were asked for")
                parts.append((have, data))
                have += len(data)
        finally:
            self._keep(row, parts)
        return self._whole(node, name) if have >= row.size else False

    def _keep(self, row: ParcelRow, parts: list[tuple[int, bytes]]) -> None:
        if not parts:
            return
        start, data = parts[-1]
        with self._ground.writing() as work:
            for first, part in parts:
                work.tx.private.add_part(row.hash, first, part)
            have = start + len(data)
            work.tx.private.save_parcel(ParcelRow(hash=row.hash, size=row.size, have=have, at=work.now))

    def _whole(self, node: str, name: str) -> bool:
        ground = self._ground
        with ground.store.read() as tx:
            data = self.get(tx, name)
        if data is not None and hashlib.sha256(data).hexdigest() == name:
            return True
        with ground.writing() as work:
            work.tx.private.drop_parcel(name)
            text = f"{node}: what it gave is not what its fact names ({name[:16]}): call its desk"
            work.tx.alarms.raise_("private-table", name, "critical", text, work.now)
        raise VerificationFailed(f"{node} gave something else than its fact names", remedy="call its desk")

    def run(self, payload: dict[str, str]) -> None:
        """One turn of a fetch as a job; queues the next, or tells whoever waited."""
        ground = self._ground
        name = payload["name"]
        try:
            done = self.fetch(payload["node"], name)
        except VerificationFailed:
            return
        except NotFound:  # not ready there, or not wanted here any more
            self._again(payload, AGAIN)
            return
        if done:
            ground.private.arrived(name)
        else:
            self._again(payload, 0)

    def _again(self, payload: dict[str, str], wait: int) -> None:
        with self._ground.writing() as work:
            if work.tx.private.parcel(payload["name"]) is not None:
                work.tx.jobs.put("private-fetch", payload["name"], work.now + wait, json.dumps(payload))
