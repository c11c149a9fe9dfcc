"""Make a fact: salt, commitment, header, signature, content under a fresh key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.errors import InvalidInput, TooMuch
from spean.core.fact import ActorKind, Envelope, Fact, Header, Track
from spean.core.world import Entropy
from spean.exchange.codec import MAX_BODY, MAX_PAYLOAD, check_header, encode_header, fact_id
from spean.exchange.seal import KEY_SIZE, SALT_SIZE, commitment, encrypt_content
from spean.ledger import dsse


class HeaderFields(TypedDict):
    """What the author decides of a header; ``commitment`` and ``size`` follow from the body (core/fact.py)."""

    node: str
    unit: str
    actor: str
    actor_kind: ActorKind
    time: str
    record: str
    procedure: str
    version: int
    kind: str
    builds_on: NotRequired[tuple[str, ...]]
    track: NotRequired[Track]
    envelope: NotRequired[Envelope | None]
    targets: NotRequired[tuple[str, ...]]
    batch: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Signer:
    """A node's signing key and the id under which partners know its public half."""

    key_id: str
    private: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Made:
    """A new fact and the content key, which goes to the key store before the fact is written."""

    fact: Fact
    key: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact without its signature: its name is known, so the next fact of a batch can build on it."""

    id: str
    header: Header
    payload: bytes
    content: bytes
    key: bytes

    def signed(self, key_id: str, signature: bytes) -> Fact:
        """The fact."""
        return Fact(
            id=self.id, header=self.header, payload=self.payload, key_id=key_id, signature=signature, content=self.content
        )  # fmt: skip


def draft_fact(fields: HeaderFields, body: bytes, entropy: Entropy, *, like: Header | None = None) -> Draft:
    """Everything of a fact but its signature. ``like``: the batch's first header, whose fields were checked and are these.

    Raises ``TooMuch`` when the body is over ``MAX_BODY`` and ``InvalidInput`` when a field breaks its rule.
    """
    if len(body) > MAX_BODY:
        raise TooMuch("Body too long", why=f"{len(body)} bytes", remedy=f"at most {MAX_BODY}; attach a file instead")
    chance = entropy.bytes(KEY_SIZE + SALT_SIZE)
    key, salt = chance[:KEY_SIZE], chance[KEY_SIZE:]
    header = Header(**fields, commitment=commitment(salt, body), size=len(body))
    if like is None:
        check_header(header)
    payload = encode_header(header)
    if len(payload) > MAX_PAYLOAD:
        raise InvalidInput("header", f"{len(payload)} bytes", remedy=f"at most {MAX_PAYLOAD}; build on fewer facts")
    name = fact_id(payload)
    return Draft(name, header, payload, encrypt_content(key, salt, body, name), key)


def sign_payload(payload: bytes, signer: Signer) -> bytes:
    """The origin's signature over a payload."""
    return dsse.sign(dsse.FACT_TYPE, payload, signer.private)


def make_fact(fields: HeaderFields, body: bytes, signer: Signer, entropy: Entropy) -> Made:
    """Make, sign and encrypt one fact; raises as ``draft_fact`` does."""
    draft = draft_fact(fields, body, entropy)
    return Made(draft.signed(signer.key_id, sign_payload(draft.payload, signer)), draft.key)


def make_facts(drafts: Iterable[tuple[HeaderFields, bytes]], signer: Signer, entropy: Entropy) -> list[Made]:
    """The same for several; each fact is signed and encrypted under a key of its own."""
    return [make_fact(fields, body, signer, entropy) for fields, body in drafts]
