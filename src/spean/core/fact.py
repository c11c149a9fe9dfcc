"""The fact: written once, signed once, provable for ever (D2, D4).

The *header* is what the origin signs and what the log's leaf hashes. It holds no personal data: people and
words are in the *body*, to which the header commits by a salted hash. So the body can be erased while
signature and proof stay valid.

    commitment = SHA-256("spean/commit/1" ‖ salt (32 bytes) ‖ body)
    payload    = canonical JSON of the header            (signed by DSSE, hashed as the log entry)
    fact id    = SHA-256(0x00 ‖ payload), in hex         (RFC 6962 leaf hash)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Track = Literal["shared", "local"]
ActorKind = Literal["person", "service", "timer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The marks under which a fact travels (DOMAIN 4.2). Values come from ``core.marks``."""

    recipients: tuple[str, ...]
    """Nodes that receive it, sorted. An exclusion is simply absent: it never leaves the sender."""
    purpose: str
    instrument: str
    """The one agreement under which it leaves: a record id, or ``peering``."""
    basis: str
    """Legal basis in words, e.g. ``MoU KR–KH art. 4``."""
    data: str
    subject: str
    handling: str
    tlp: str
    source: str
    grade: int
    nature: str
    review: str
    """ISO date by which the owner reviews it (R33)."""
    via: str = ""
    """The mediating node when the direct channel is closed (A9), else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What is signed. Field order is irrelevant: the payload is canonical JSON."""

    v: int = 1
    node: str
    """Origin."""
    unit: str
    actor: str
    """Opaque id of the acting person, service or timer; its name is in the body, where it can be erased."""
    actor_kind: ActorKind
    time: str
    """ISO 8601 UTC with milliseconds (core.world.iso)."""
    record: str
    procedure: str
    version: int
    """Version of the procedure that the record stays on."""
    kind: str
    """The transition, e.g. ``answer``."""
    builds_on: tuple[str, ...] = ()
    """Heads of the record as the author saw it, sorted; empty only for the opening fact."""
    track: Track = "shared"
    envelope: Envelope | None = None
    """None on the local track."""
    targets: tuple[str, ...] = ()
    """Facts that this one corrects, withdraws, lifts or cites as its source."""
    batch: str = ""
    """Same id for all facts of one bulk act: they share envelope, decision, seal and receipt."""
    commitment: str
    """Hex of the salted hash of the body."""
    size: int
    """Length of the body in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A signed header with its content: ``content`` is AES-256-GCM(key, salt ‖ body), None once erased."""

    id: str
    header: Header
    payload: bytes
    key_id: str
    signature: bytes
    content: bytes | None
