"""Exchange by file, for nodes without a line (docs/protocol.md, section 7): the same pages, the same seven steps.

A *parcel* holds a pull (our receipts and how far we have read) and pages of facts, each signed by itself. A file may be lost
and another made meanwhile, so we cannot know which checkpoint of ours the partner verified last: for each that it may know, a
page without items leads from there to the present one, and the partner takes the one that fits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.errors import InvalidInput, TooMuch
from spean.core.ids import ulid
from spean.core.roles import Role
from spean.exchange.codec import fact_id
from spean.exchange.make import Signer
from spean.exchange.page import MAX_PAGE, Page, Pull, decode_page, decode_pull, encode
from spean.exchange.usb import FileHeader, decode_file, encode_file
from spean.keys import key_id
from spean.node.entry.people import Who
from spean.node.wire.receiving import Fate

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.work import Work
    from spean.store import Tx

MAGIC = b"spean-parcel/1\n"
MAX_PARCEL = 64 * 1024 * 1024
"""Bytes of one parcel; what does not fit goes with the next."""
MOST_PARTS = 512
LIMIT = 1024
_REMEMBERED = 32
"""Parcels that were not answered and whose checkpoints the partner may know."""
_PARTS = msgspec.msgpack.Decoder(list[bytes])


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is written to a medium for one partner. ``more``: facts that did not fit."""

    peer: str
    number: int
    data: bytes
    facts: tuple[str, ...]
    receipts: int
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a parcel brought: receipts for our facts, and what became of each of theirs."""

    peer: str
    number: int
    receipts: int
    fates: tuple[Fate, ...]


@dataclass(slots=True, kw_only=True)
class _Book:
    """What we remember about exchange by file with one partner; kept as JSON in the store."""

    number: int = 0
    """Number of our last parcel to it."""
    taken: int = 0
    """Number of its last parcel that we took in."""
    after: int = 0
    """Up to where it had read our feed, by its last pull."""
    sizes: list[int] = field(default_factory=list)
    """Sizes of our log that it may have verified last."""
    sent: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Our unanswered parcels: number → the last of our receipts in it, and our signing key's id at that time."""
    knows: str = ""
    """The newest signing key of ours that the partner knows for certain."""
    written_at: int | None = None
    taken_at: int | None = None


class ByFile:
    """Writes and reads parcels."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    # out ----------------------------------------------------------------------------------------------------

    def export(self, who: Who, peer: str, *, medium: str, reason: str) -> Parcel:
        """What we have for ``peer``, to be carried on ``medium``. Each fact is listed as exported there (a recall names it)."""
        who.need(Role.DUTY_OFFICER, Role.SECRETARIAT, Role.ADMINISTRATOR)
        ground = self._ground
        with ground.reading() as tx:
            book = _book(tx, peer)
            waiting = tx.outbox.oldest_unreceipted().get(peer)
            top = tx.outbox.top(peer)
        ground.serving.check_partner(peer)
        after = max(book.after, top if waiting is None else waiting.seq - 1)
        number = book.number + 1
        pull, last_receipt = ground.pulling.request(peer, 0, LIMIT)
        pages, left = self._pages(peer, after, book.sizes)
        signer = self._signer(book)
        parts = [self._part(signer, encode(pull), "pull", peer, number, book.taken)]
        parts += [self._part(signer, encode(page), "page", peer, *_span(page)) for page in pages]
        facts = tuple(fact_id(item.payload) for page in pages for item in page.items)
        self._note(who, peer, medium, reason, facts)
        self._remember(peer, number, _proved(pages[-1]), last_receipt)
        data = MAGIC + msgspec.msgpack.encode(parts)
        return Parcel(peer=peer, number=number, data=data, facts=facts, receipts=len(pull.receipts), more=left)

    def _pages(self, peer: str, after: int, sizes: Sequence[int]) -> tuple[list[Page], int]:
        """Bridges from every checkpoint that the partner may know to the present one, then facts until the parcel is full."""
        pages = [self._page(peer, after, 0, size) for size in sizes or (0,)]
        known, total = _proved(pages[-1]), 0
        while total < MAX_PARCEL - 2 * MAX_PAGE and len(pages) < MOST_PARTS - 1:
            page = self._page(peer, after, LIMIT, known)
            if not page.items:
                break
            pages.append(page)
            total += sum(len(item.content or b"") + len(item.payload) + 512 for item in page.items)
            after, known = page.items[-1].seq, _proved(page)
        return pages, pages[-1].top - after

    def _page(self, peer: str, after: int, limit: int, known: int) -> Page:
        now = self._ground.clock.now()
        pull = Pull(
            after=after, wait_ms=0, limit=limit, known_size=known, receipts=[], cosignature=b"", seen=[], now=now
        )
        return self._ground.serving.page(peer, pull)

    def _part(
        self, signer: Signer, content: bytes, kind: Literal["page", "pull"], peer: str, first: int, last: int
    ) -> bytes:
        ground = self._ground
        return encode_file(
            content,
            kind=kind,
            sender=ground.me,
            receiver=peer,
            signer=signer,
            now=ground.clock.now(),
            first=first,
            last=last,
        )

    def _signer(self, book: _Book) -> Signer:
        """After a rotation the key that the partner knows, until it has taken in the parcel that announces the new one."""
        for key in self._ground.keys.retired:
            if key.use == "sign" and key_id(key.public) == book.knows:
                return Signer(book.knows, Ed25519PrivateKey.from_private_bytes(key.private))
        return self._ground.signer

    def _note(self, who: Who, peer: str, medium: str, reason: str, facts: Sequence[str]) -> None:
        ground = self._ground
        with ground.writing() as work:
            subject = f"{ground.me}:exchange:{ulid(ground.clock, ground.entropy)}"
            ground.reading_desk.note_access(work, who, "export", subject, reason, {"peer": peer, "medium": medium})
            work.tx.exports.add(facts, medium, work.now, who.id)

    def _remember(self, peer: str, number: int, size: int, last_receipt: int) -> None:
        with self._ground.writing() as work:
            book = _book(work.tx, peer)
            book.number, book.written_at = number, work.now
            book.sizes = [*(each for each in book.sizes or [0] if each != size), size][-_REMEMBERED:]
            sent = {**book.sent, str(number): (last_receipt, self._ground.keys.sign_id)}
            book.sent = dict(sorted(sent.items(), key=_number)[-_REMEMBERED:])
            book.knows = book.knows or self._ground.keys.sign_id
            _save(work.tx, peer, book)

    # in -----------------------------------------------------------------------------------------------------

    def take(self, who: Who, data: bytes) -> Taken:
        """Take a parcel in: its receipts, then its facts by the seven steps. Raises ``InvalidInput``, ``VerificationFailed``,
        or ``PageRefused`` (with an alarm) as a pull would. A parcel that is taken twice changes nothing the second time."""
        who.need(Role.DUTY_OFFICER, Role.SECRETARIAT, Role.ADMINISTRATOR)
        opened = [decode_file(part, self._keys_of, receiver=self._ground.me) for part in _parts(data)]
        peer, number, answered = _agree([header for header, _ in opened])
        self._ground.serving.check_partner(peer)
        receipts = 0
        fates: list[Fate] = []
        pages = [decode_page(content) for header, content in opened if header.kind == "page"]
        for header, content in opened:
            if header.kind == "pull":
                receipts += self._take_pull(peer, decode_pull(content), number, answered)
        for page in pages:
            fates += self._take_page(peer, page)
        return Taken(peer=peer, number=number, receipts=receipts, fates=tuple(fates))

    def _take_pull(self, peer: str, pull: Pull, number: int, answered: int) -> int:
        """How far the partner has come, and its receipts. ``answered``: the last of our parcels that it had taken in."""
        self._ground.serving.take_pull(peer, pull)
        with self._ground.writing() as work:
            book = _book(work.tx, peer)
            if number > book.taken:
                book.taken, book.taken_at = number, work.now
                book.after = max(book.after, pull.after)
                newer = [size for size in book.sizes if size > pull.known_size]
                book.sizes = [pull.known_size, *newer]
                self._answered(work, peer, book, answered)
                _save(work.tx, peer, book)
        return len(pull.receipts)

    def _answered(self, work: Work, peer: str, book: _Book, answered: int) -> None:
        """The partner has taken in our parcels up to ``answered``: their receipts and keys have arrived."""
        for number, (receipt, key) in sorted(book.sent.items(), key=_number):
            if int(number) <= answered:
                before = int(work.tx.meta.get(f"receipts-sent:{peer}") or 0)
                work.tx.meta.set(f"receipts-sent:{peer}", str(max(before, receipt)))
                book.knows = key
        book.sent = {number: each for number, each in book.sent.items() if int(number) > answered}

    def _take_page(self, peer: str, page: Page) -> list[Fate]:
        """By the seven steps; a bridge that begins elsewhere is passed over."""
        ground = self._ground
        with ground.reading() as tx:
            row = tx.peers.get(peer)
            known = tx.witness.latest(ground.peering.trust(peer).log.name)
        size = 0 if known is None else known.size
        if not page.items and known is not None and page.old_size != size:
            return []
        if page.items and page.items[-1].seq <= row.in_seq:
            return []
        if known is not None and page.old_size != size:
            raise InvalidInput("file", f"it proves the log from {page.old_size} entries on, we know {size}", rule="step-2",
                               remedy=f"give {peer} a file of ours first (spean exchange export), then ask for a new one")  # fmt: skip
        fates = ground.receiving.take(peer, page)
        with ground.writing() as work:  # a file's age is no difference between clocks
            work.tx.peers.seen(peer, clock_offset=row.clock_offset)
        return fates

    def _keys_of(self, node: str) -> Mapping[str, bytes]:
        return {key.key_id: key.public for key in self._ground.sign_keys(node) if key.revoked_at is None}

    # status -------------------------------------------------------------------------------------------------

    def status(self) -> list[dict[str, Any]]:
        """Per active partner: what lacks a receipt, and the numbers and times of the last parcels."""
        ground = self._ground
        with ground.reading() as tx:
            counts = tx.outbox.counts()
            found = []
            for peer in ground.peering.active():
                book = _book(tx, peer)
                open_ = counts[peer].open if peer in counts else 0
                found.append({"peer": peer, "waiting": open_, "exported": book.number, "exported_at": book.written_at,
                              "imported": book.taken, "imported_at": book.taken_at})  # fmt: skip
            return found


def _proved(page: Page) -> int:
    """The size of the log that the page's checkpoint shows."""
    return int(page.checkpoint.split(b"\n", 2)[1])


def _span(page: Page) -> tuple[int, int]:
    return (page.items[0].seq, page.items[-1].seq) if page.items else (0, 0)


def _parts(data: bytes) -> list[bytes]:
    if len(data) > MAX_PARCEL:
        raise TooMuch("The parcel is too long", why=f"{len(data)} bytes", remedy=f"at most {MAX_PARCEL}")
    if not data.startswith(MAGIC):
        raise InvalidInput("file", "not a parcel of Spean", remedy="give the file that spean exchange export wrote")
    try:
        parts = _PARTS.decode(memoryview(data)[len(MAGIC) :])
    except msgspec.MsgspecError as broken:
        raise InvalidInput("file", f"damaged: {broken}", remedy="copy it again") from broken
    if len(parts) > MOST_PARTS:
        raise TooMuch("The parcel has too many parts", why=f"{len(parts)}", remedy=f"at most {MOST_PARTS}")
    return parts


def _agree(headers: Sequence[FileHeader]) -> tuple[str, int, int]:
    """Sender, the parcel's number and that of our last parcel it answers; all parts are of one sender, one is a pull."""
    pulls = [header for header in headers if header.kind == "pull"]
    if len(pulls) != 1 or len({header.sender for header in headers}) != 1:
        raise InvalidInput("file", "not one pull and pages of one sender", remedy="export it again")
    return pulls[0].sender, pulls[0].first, pulls[0].last


def _book(tx: Tx, peer: str) -> _Book:
    kept = tx.meta.get(f"by-file:{peer}")
    return _Book() if kept is None else _Book(**json.loads(kept))


def _save(tx: Tx, peer: str, book: _Book) -> None:
    tx.meta.set(f"by-file:{peer}", json.dumps(asdict(book)))


def _number(item: tuple[str, Any]) -> int:
    return int(item[0])
