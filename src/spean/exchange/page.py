"""What travels between two nodes: pull requests and pages, as MessagePack arrays (docs/protocol.md, section 3).

Decoding checks every length and count here, so the rooms above never meet a value out of bounds. Signatures,
proofs and seals are checked later, in the seven receiving steps.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec

from spean.core.errors import InvalidInput, TooMuch
from spean.exchange.codec import MAX_BODY, MAX_PAYLOAD, VERSION
from spean.exchange.seal import CONTENT_OVERHEAD, SEALED_SIZE, WRAPPED_SIZE

MAX_PAGE = 16 * 1024 * 1024
MAX_ITEMS = 1024
MAX_RECEIPTS = 1024
MAX_LATE = 16 * 1024
MAX_WAIT = 60_000
"""Milliseconds that a pull may wait."""
PULL_TYPE = "application/vnd.spean.pull+msgpack;v=1"
PAGE_TYPE = "application/vnd.spean.page+msgpack;v=1"
GIVE_BACK_TYPE = "application/vnd.spean.give-back+msgpack;v=1"
RETURNED_TYPE = "application/vnd.spean.returned+msgpack;v=1"
HASHES_TYPE = "application/vnd.spean.hashes+msgpack;v=1"

T = TypeVar("T")
Meta = msgspec.Meta
Count = Annotated[int, Meta(ge=0, le=2**53)]
NodeName = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]{1,7}\Z")]
KeyId = Annotated[str, Meta(min_length=1, max_length=100)]
BatchId = Annotated[str, Meta(max_length=64)]
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Payload = Annotated[bytes, Meta(min_length=2, max_length=MAX_PAYLOAD)]
Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]
Content = Annotated[bytes, Meta(max_length=MAX_BODY + CONTENT_OVERHEAD)]
Sealed = Annotated[bytes, Meta(min_length=SEALED_SIZE, max_length=SEALED_SIZE)]
Wrapped = Annotated[bytes, Meta(min_length=WRAPPED_SIZE, max_length=WRAPPED_SIZE)]
Note = Annotated[bytes, Meta(max_length=16 * 1024)]
"""A signed note with its cosignatures (C2SP tlog-checkpoint)."""
FactName = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")]
Path = Annotated[list[Hash], Meta(max_length=64)]
"""Hashes of one inclusion or consistency proof: at most two per level of the tree."""
Hashes = Annotated[list[Hash], Meta(max_length=64 * 1024)]


class _Wire(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Arrays instead of maps: half the bytes, and a field too many is refused."""


class Forward(_Wire, frozen=True):
    """A mediated fact: whose it is, and the mediator's own ``forward`` fact, an item of the same feed.

    The original's leaf stands in the mediator's log like any other, so the page proves it too.
    """

    origin: NodeName
    wrap: FactName = ""


class Item(_Wire, frozen=True):
    """One fact at its place in the sender's feed. ``index`` is its leaf in the sender's exchange log.

    The content key comes either ``sealed`` (a single fact) or ``wrapped`` (under the key of ``batch``); both
    are None, like ``content``, when the fact was erased before it was fetched.
    """

    seq: Count
    payload: Payload
    key_id: KeyId
    signature: Signature
    index: Count
    content: Content | None
    sealed: Sealed | None = None
    wrapped: Wrapped | None = None
    batch: BatchId = ""
    forward: Forward | None = None


class BatchSeal(_Wire, frozen=True):
    """The key of one batch, sealed to the receiver."""

    batch: BatchId
    sealed: Sealed


class Page(_Wire, frozen=True):
    """Items ``after`` a cursor, in sequence, with all that proves them.

    ``top`` is the highest sequence number that the sender has for this receiver; ``receipted`` the highest one
    up to which it holds the receiver's receipts. ``checkpoint`` is a signed note; ``consistency`` leads from
    ``old_size`` to it; ``proof`` is the multi-inclusion proof of all items' leaves; ``now`` is the
    sender's clock in milliseconds.
    """

    sender: NodeName
    after: Count
    top: Count
    items: Annotated[list[Item], Meta(max_length=MAX_ITEMS)]
    batch_seals: Annotated[list[BatchSeal], Meta(max_length=MAX_ITEMS)]
    checkpoint: Note
    old_size: Count
    consistency: Path
    proof: Hashes
    receipted: Count
    now: Count
    version: Count = VERSION


class ReceiptItem(_Wire, frozen=True):
    """A signed receipt (exchange/receipts.py)."""

    payload: Payload
    key_id: KeyId
    signature: Signature


class Pull(_Wire, frozen=True):
    """A receiver's request for what follows ``after``; it carries receipts, cosignature and gossip along.

    ``known_size`` is the size of the sender's log that the receiver last verified; ``cosignature`` its line under
    that checkpoint, or empty; ``seen`` the signed checkpoints of third logs; ``now`` its clock in milliseconds.
    """

    after: Count
    wait_ms: Annotated[int, Meta(ge=0, le=MAX_WAIT)]
    limit: Annotated[int, Meta(ge=0, le=MAX_ITEMS)]
    known_size: Count
    receipts: Annotated[list[ReceiptItem], Meta(max_length=MAX_RECEIPTS)]
    cosignature: Annotated[bytes, Meta(max_length=1024)]
    seen: Annotated[list[Note], Meta(max_length=64)]
    now: Count
    version: Count = VERSION


class GiveBack(_Wire, frozen=True):
    """A restored node asks for every leaf of *its* log, from index ``after`` on, of which the partner knows.

    ``bare``: names only, to see first whether they make the log that was witnessed. ``settled``: the outbox number up
    to which it still has the partner's receipts; those beyond come again with the partner's next pulls. ``delivered``:
    its last outbox number for the partner; older leaves that came under higher ones are named in the answer too.
    """

    after: Count
    limit: Annotated[int, Meta(ge=0, le=MAX_ITEMS)]
    now: Count
    bare: bool = False
    settled: Count | None = None
    delivered: Count | None = None
    version: Count = VERSION


class ReturnedFact(_Wire, frozen=True):
    """A fact that is given back. Content and its sealed key are None when it was erased, recalled or refused."""

    payload: Payload
    key_id: KeyId
    signature: Signature
    content: Content | None
    sealed: Sealed | None = None


class ReturnedItem(_Wire, frozen=True):
    """One leaf of the asker's log. ``fact`` is None in a bare answer.

    ``sent``: whether the giver sent it to the asker, with its number ``seq`` and as leaf ``leaf`` of its own log; else
    it came from the asker, under the asker's number ``seq``, and ``leaf`` is None. ``index`` is None for what
    was sent and never receipted: the asker may have logged it.
    """

    index: Count | None
    name: Hash
    seq: Count
    sent: bool
    leaf: Count | None = None
    fact: ReturnedFact | None = None


class Delivery(_Wire, frozen=True):
    """A leaf that the asker still has was delivered under a number that it has lost."""

    seq: Count
    name: Hash


class Returned(_Wire, frozen=True):
    """Leaves of the asker's exchange log, by index, and the latest checkpoints of its two logs that the giver verified
    (empty when there is none): ``note`` of the exchange log, ``domestic`` of the other, whose leaves nobody else has.

    ``late``: deliveries beyond ``delivered`` of leaves before ``after``, by number, the first ``MAX_LATE``.
    ``more``: there are further leaves beyond the last index; those without an index come when there are none.
    """

    sender: NodeName
    items: Annotated[list[ReturnedItem], Meta(max_length=2 * MAX_ITEMS)]
    late: Annotated[list[Delivery], Meta(max_length=MAX_LATE)]
    note: Note
    domestic: Note
    more: bool
    now: Count
    version: Count = VERSION


_ENCODER = msgspec.msgpack.Encoder()
_PAGE = msgspec.msgpack.Decoder(Page)
_PULL = msgspec.msgpack.Decoder(Pull)
_GIVE_BACK = msgspec.msgpack.Decoder(GiveBack)
_RETURNED = msgspec.msgpack.Decoder(Returned)
_HASHES = msgspec.msgpack.Decoder(Hashes)


def encode(message: Page | Pull | GiveBack | Returned | list[bytes]) -> bytes:
    """The message's bytes. Raises ``TooMuch`` over ``MAX_PAGE``."""
    data = _ENCODER.encode(message)
    _check_size(data)
    return data


def decode_page(data: bytes) -> Page:
    """Read a page; raises ``TooMuch`` or ``InvalidInput``, nothing else. Sequence numbers rise one by one."""
    page = _decode(_PAGE, data, "page")
    for place, item in enumerate(page.items, start=page.after + 1):
        if item.seq != place:
            raise InvalidInput("page", f"item {item.seq} stands at place {place}", remedy="send items without a gap")
        if item.sealed is not None and item.wrapped is not None:
            raise InvalidInput("page", f"item {item.seq} has two seals", remedy="send one of sealed and wrapped")
        if item.wrapped is not None and not item.batch:
            raise InvalidInput("page", f"item {item.seq} is wrapped for no batch", remedy="name its batch")
    if page.items and page.items[-1].seq > page.top:
        raise InvalidInput("page", "items beyond top", remedy="send the highest sequence number as top")
    return page


def decode_pull(data: bytes) -> Pull:
    """Read a pull request; raises ``TooMuch`` or ``InvalidInput``, nothing else."""
    return _decode(_PULL, data, "pull")


def decode_give_back(data: bytes) -> GiveBack:
    """Read a restored node's request; raises ``TooMuch`` or ``InvalidInput``, nothing else."""
    return _decode(_GIVE_BACK, data, "give-back")


def decode_returned(data: bytes) -> Returned:
    """Read what a partner gives back; raises ``TooMuch`` or ``InvalidInput``, nothing else. Indexes never fall."""
    returned = _decode(_RETURNED, data, "returned")
    last = 0
    for item in returned.items:
        place = 2**53 if item.index is None else item.index
        if place < last:
            raise InvalidInput("returned", f"leaf {place} after {last}", remedy="send leaves in order")
        if item.index is None and not item.sent:
            raise InvalidInput("returned", "the asker's own fact without its leaf", remedy="say where it stood")
        last = place
    if returned.more and (not returned.items or returned.items[-1].index is None):
        raise InvalidInput("returned", "more is promised beyond nothing", remedy="send at least one leaf, or no more")
    return returned


def decode_hashes(data: bytes) -> list[bytes]:
    """Read a list of hashes (a consistency proof); raises ``TooMuch`` or ``InvalidInput``, nothing else."""
    return _decode(_HASHES, data, "hashes")


def _decode(decoder: msgspec.msgpack.Decoder[T], data: bytes, what: str) -> T:
    _check_size(data)
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, MemoryError) as error:
        raise InvalidInput(what, str(error) or type(error).__name__, remedy="see docs/protocol.md") from error


def _check_size(data: bytes) -> None:
    if len(data) > MAX_PAGE:
        raise TooMuch("Page too long", why=f"{len(data)} bytes", remedy=f"at most {MAX_PAGE} bytes; ask for less")
