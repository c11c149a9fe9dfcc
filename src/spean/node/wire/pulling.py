"""Fetching from partners: one loop a partner, receipts and cosignature ride along, back-off when the line is down."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

import msgspec

from spean.core.errors import InvalidInput, SpeanError, StepFailed, Unauthenticated, Unavailable, VerificationFailed
from spean.core.world import SECOND
from spean.exchange.make import Signer
from spean.exchange.page import GiveBack, Page, Pull, ReceiptItem, Returned
from spean.ledger import dsse
from spean.node.wire.receiving import Fate
from spean.store.rows import ReceiptRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

LIMIT = 256
"""Items in one page: large enough to amortise a transaction, small enough that the first fact of a page does not wait."""
MAX_BACKOFF = 30 * SECOND
CLOCK_TOLERANCE = 60 * SECOND


class Line(Protocol):
    """How partners are reached: HTTP in life (``peers/``), function calls in the simulation."""

    def pull(self, node: str, request: Pull, *, signer: Signer | None = None) -> Page: ...
    def consistency(self, node: str, old: int, new: int, *, log: str = "exchange") -> list[bytes]: ...
    def give_back(self, node: str, request: GiveBack) -> Returned: ...
    def parcel(self, node: str, name: str, start: int) -> bytes: ...
    def close(self) -> None: ...


class Pulling:
    """Pulls pages and takes them in."""

    def __init__(self, ground: Ground, line: Line) -> None:
        self._ground = ground
        self.line = line
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def request(self, peer: str, wait_ms: int, limit: int = LIMIT) -> tuple[Pull, int]:
        """The next pull for this partner, and the receipt number up to which it carries receipts."""
        ground = self._ground
        with ground.reading() as tx:
            row = tx.peers.get(peer)
            sent = int(tx.meta.get(f"receipts-sent:{peer}") or 0)
            receipts = tx.receipts.to_send(peer, sent, limit)
            size, cosignature = ground.witnessing.cosignature(tx, peer)
            pull = Pull(
                after=row.in_seq, wait_ms=0 if receipts else wait_ms, limit=limit, known_size=size,
                receipts=[self._receipt(each) for each in receipts],
                cosignature=cosignature, seen=ground.witnessing.seen(tx, peer), now=ground.clock.now(), version=1,
            )  # fmt: skip
            return pull, receipts[-1].n if receipts else sent

    def _receipt(self, row: ReceiptRow) -> ReceiptItem:
        """A receipt as it travels: signed with our present key, since the former one may be revoked by now."""
        signer = self._ground.signer
        if row.key_id == signer.key_id:
            return ReceiptItem(row.payload, row.key_id, row.signature)
        return ReceiptItem(row.payload, signer.key_id, dsse.sign(dsse.RECEIPT_TYPE, row.payload, signer.private))

    def _page(self, peer: str, pull: Pull) -> tuple[Page, Pull]:
        """Ask. A partner that has not heard of our new key knows the former one: asked with that, it can tell us of its own
        new key, too. What our new key has signed waits for the next pull."""
        try:
            return self.line.pull(peer, pull), pull
        except Unauthenticated:
            former = self._ground.former_signer()
            if former is None:
                raise
        plain = msgspec.structs.replace(pull, receipts=[], cosignature=b"", seen=[])
        return self.line.pull(peer, plain, signer=former), plain

    def once(self, peer: str, wait_ms: int = 0, limit: int = LIMIT) -> list[Fate]:
        """One pull: ask, take in, note that our receipts arrived. Raises ``Unavailable`` when the line is down."""
        ground = self._ground
        ground.restoring.check()
        pull, sent = self.request(peer, wait_ms, limit)
        try:
            page, pull = self._page(peer, pull)
            self._check_clock(peer, page)
            fates = ground.receiving.take(peer, page, sent=sent if pull.receipts else None)
        except StepFailed as refused:
            self._failed(peer, str(refused))
            raise
        except SpeanError as down:
            self._failed(peer, str(down), damaged=isinstance(down, InvalidInput | VerificationFailed))
            raise Unavailable(
                f"{peer} cannot be reached", why=str(down), remedy="it is tried again by itself"
            ) from down
        return fates

    def owes(self, peer: str) -> int:
        """How many receipts we still owe the partner."""
        with self._ground.reading() as tx:
            sent = int(tx.meta.get(f"receipts-sent:{peer}") or 0)
            return len(tx.receipts.to_send(peer, sent, LIMIT))

    def _check_clock(self, peer: str, page: Page) -> None:
        """A partner whose clock is off by more than a minute is alarmed about, not believed."""
        offset = page.now - self._ground.clock.now()
        if abs(offset) > CLOCK_TOLERANCE:
            with self._ground.writing() as work:
                text = f"the clock of {peer} is {offset // 1000} s off ours"
                work.tx.alarms.raise_("clock", peer, "warning", text, work.now)

    def _failed(self, peer: str, why: str, *, damaged: bool = False) -> None:
        """Count it; damaged bytes are alarmed about at once, a line that is down only when it stays so."""
        ground = self._ground
        try:
            with ground.writing() as work:
                if damaged:
                    text = f"what passes between {peer} and us is damaged: {why}"
                    work.tx.alarms.raise_("damaged", peer, "critical", text[:1000], work.now)
                row = work.tx.peers.get(peer)
                work.tx.peers.seen(peer, failures=row.failures + 1, last_error=why[:500])
        except Unavailable:
            return  # our own disk is the trouble; the alarm for that is raised where it is met

    # threads ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """One thread a partner; partners accepted later get theirs within a second."""
        keeper = threading.Thread(target=self._keep, name="pulling", daemon=True)
        keeper.start()
        self._threads.append(keeper)

    def stop(self) -> None:
        """End all loops; a pull that waits ends with its connection."""
        self._stop.set()

    def _keep(self) -> None:
        running: dict[str, threading.Thread] = {}
        while not self._stop.wait(0.5):
            with self._ground.reading():
                partners = self._ground.peering.active()
            for peer in partners:
                if peer not in running or not running[peer].is_alive():
                    running[peer] = threading.Thread(target=self._loop, args=(peer,), name=f"pull-{peer}", daemon=True)
                    running[peer].start()

    def _loop(self, peer: str) -> None:
        backoff = SECOND // 4
        while not self._stop.is_set() and peer in self._ground.peering.active():
            try:
                self.once(peer, self._ground.settings.poll_ms)
                backoff = SECOND // 4
            except SpeanError:
                jitter = self._ground.entropy.bytes(1)[0] / 512
                self._stop.wait(backoff / SECOND * (0.75 + jitter))
                backoff = min(backoff * 2, MAX_BACKOFF)
