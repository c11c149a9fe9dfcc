"""Signed receipts: what became of the facts that a node received (step 7, docs/protocol.md).

A receipt covers one fact, or the consecutive facts of a batch. It names the first and the last fact and the
hash of all their names, so it can be checked against the sender's own list without repeating that list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import msgspec

from spean.core.errors import InvalidInput, VerificationFailed
from spean.core.ids import check_fact, check_node
from spean.exchange.make import Signer
from spean.exchange.page import ReceiptItem
from spean.ledger import dsse

Status = Literal["accepted", "waiting", "quarantined", "refused", "unknown"]
MAX_REASON = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One receipt. It holds no words from a body; ``reason`` explains a refusal to the sender's officer."""

    v: int = 1
    facts: tuple[str, ...]
    """The fact, or the first and the last fact of a batch."""
    digest: str
    """``digest_of`` all covered facts in their sequence."""
    sender: str
    """Who sent the facts; the receipt is for it."""
    receiver: str
    """Who received them; it signs."""
    seq_from: int
    seq_to: int
    status: Status
    step: int = 0
    """The receiving step that refused or held it, 1–7; else 0."""
    rule: str = ""
    reason: str = ""
    index: int | None = None
    """Leaf of the first fact in the receiver's log; the others follow it. None when not logged."""
    at: int
    """Milliseconds UTC."""


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(Receipt)


def digest_of(facts: Sequence[str]) -> str:
    """SHA-256 over the binary names of ``facts``, in hex."""
    return sha256(bytes.fromhex("".join(facts))).hexdigest()


def receipt_for(
    facts: Sequence[str],
    *,
    sender: str,
    receiver: str,
    seq_from: int,
    status: Status,
    at: int,
    step: int = 0,
    rule: str = "",
    reason: str = "",
    index: int | None = None,
) -> Receipt:
    """The receipt for one fact, or for consecutive facts of one fate."""
    ends = (facts[0],) if len(facts) == 1 else (facts[0], facts[-1])
    return Receipt(
        facts=ends,
        digest=digest_of(facts),
        sender=sender,
        receiver=receiver,
        seq_from=seq_from,
        seq_to=seq_from + len(facts) - 1,
        status=status,
        step=step,
        rule=rule,
        reason=reason[:MAX_REASON],
        index=index,
        at=at,
    )


def sign_receipt(receipt: Receipt, signer: Signer) -> ReceiptItem:
    """The receipt as it travels."""
    payload = _ENCODER.encode(receipt)
    return ReceiptItem(payload, signer.key_id, dsse.sign(dsse.RECEIPT_TYPE, payload, signer.private))


def verify_receipt(item: ReceiptItem, keys: Mapping[str, bytes]) -> Receipt:
    """Check signature and form. ``keys`` are the receiver's believed public keys by key id.

    Raises ``VerificationFailed`` for an unknown key or a wrong signature, ``InvalidInput`` for a wrong form.
    """
    public = keys.get(item.key_id)
    if public is None:
        raise VerificationFailed(
            f"Receipt signed with unknown key {item.key_id}",
            why="the partner never announced it, or it is revoked",
            remedy="compare fingerprints by telephone",
        )
    dsse.verify(dsse.RECEIPT_TYPE, item.payload, item.signature, public)
    try:
        receipt = _DECODER.decode(item.payload)
        if _ENCODER.encode(receipt) != item.payload:
            raise ValueError("not canonical, or a field is unknown or missing")
        _check(receipt)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidInput("receipt", str(error), remedy="send it as docs/protocol.md says") from error
    return receipt


def check_covers(receipt: Receipt, facts: Sequence[str]) -> None:
    """Raise ``VerificationFailed`` unless the receipt is about exactly ``facts``, our items seq_from … seq_to."""
    fits = len(facts) == receipt.seq_to - receipt.seq_from + 1 and digest_of(facts) == receipt.digest
    if not fits or receipt.facts[0] != facts[0] or receipt.facts[-1] != facts[-1]:
        raise VerificationFailed(
            f"The receipt for {receipt.seq_from}–{receipt.seq_to} is about other facts",
            why="its names differ from what stands at these numbers in our outbox",
            remedy="ask the partner for its log proof of these facts",
        )


def _check(receipt: Receipt) -> None:
    check_node(receipt.sender)
    check_node(receipt.receiver)
    for fact in (*receipt.facts, receipt.digest):
        check_fact(fact)
    if receipt.v != 1 or not 0 <= receipt.step <= 7 or receipt.at < 0 or (receipt.index or 0) < 0:
        raise ValueError("a number is out of range")
    if not 1 <= receipt.seq_from <= receipt.seq_to <= 2**53:
        raise ValueError("sequence numbers are out of order")
    if len(receipt.facts) != (1 if receipt.seq_from == receipt.seq_to else 2):
        raise ValueError("name the fact, or the first and the last of a batch")
    if len(receipt.rule) > 80 or len(receipt.reason) > MAX_REASON:
        raise ValueError("rule or reason is too long")
