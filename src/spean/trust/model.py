"""Forms of the procedure *key-rotation* (O8, O9), and proof that a node holds the new key."""

from __future__ import annotations

from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from spean.core.canonical import canonical
from spean.core.errors import InvalidInput, SpeanError, VerificationFailed
from spean.core.world import from_iso
from spean.ledger.note import parse_vkey
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

Use = Literal["sign", "log", "seal", "tls"]
Moment = Annotated[
    str, Meta(min_length=20, max_length=35, description="ISO 8601 with offset, e.g. 2026-03-04T01:41:00Z.")
]
_CONTEXT = b"spean/key-rotation/1\x00"


class NewKey(Form, frozen=True, kw_only=True):
    """One public key. ``public``: hex of 32 bytes for sign and seal, C2SP verifier key for log, PEM for tls."""

    use: Annotated[Use, Meta(description="What it is for.")]
    key_id: Annotated[str, Meta(min_length=1, max_length=100, description="Name of the key.")]
    public: Annotated[str, Meta(min_length=1, max_length=8000, description="The public key.")]
    proof: Annotated[
        str,
        Meta(
            pattern="^([0-9a-f]{128})?$",
            description="Signature of the new key over its own announcement (sign and log keys), in hex.",
        ),
    ] = ""


class Announcement(Form, frozen=True, kw_only=True):
    """New keys of a node, believed from ``valid_from`` on."""

    keys: Annotated[tuple[NewKey, ...], Meta(min_length=1, max_length=8, description="The new keys.")]
    valid_from: Moment
    reason: Reason


class Revocation(Form, frozen=True, kw_only=True):
    """A key is not to be believed from a moment on, which may lie in the past."""

    key_id: Annotated[str, Meta(min_length=1, max_length=100, description="The key.")]
    use: Annotated[Use, Meta(description="What it was for.")] = "sign"
    distrusted_from: Moment
    reason: Reason


class Acknowledgement(Form, frozen=True, kw_only=True):
    """The peer has taken the keys over."""


class Retirement(Form, frozen=True, kw_only=True):
    """Nothing of this rotation is in use any more."""

    reason: Reason


def possession_message(node: str, key: NewKey, valid_from: str) -> bytes:
    """What a new key signs to prove that its holder is the node that announces it."""
    told = {"node": node, "use": key.use, "key_id": key.key_id, "public": key.public, "valid_from": valid_from}
    return _CONTEXT + canonical(told)


def prove_possession(private: Ed25519PrivateKey, node: str, key: NewKey, valid_from: str) -> NewKey:
    """The key with its proof, made by the new private key."""
    proof = private.sign(possession_message(node, key, valid_from)).hex()
    return NewKey(use=key.use, key_id=key.key_id, public=key.public, proof=proof)


def verify_possession(node: str, announcement: Announcement) -> None:
    """Raise ``VerificationFailed`` unless each signing key of the announcement proves its possession by ``node``."""
    for key in announcement.keys:
        if key.use not in ("sign", "log"):
            continue
        message = possession_message(node, key, announcement.valid_from)
        try:
            _public(key).verify(bytes.fromhex(key.proof), message)
        except (InvalidSignature, ValueError, SpeanError):
            raise VerificationFailed(
                f"key {key.key_id} of {node}",
                why="the new key did not sign its own announcement",
                remedy="announce it from the machine that holds the key",
                rule="O9",
            ) from None


def _public(key: NewKey) -> Ed25519PublicKey:
    raw = parse_vkey(key.public).public if key.use == "log" else bytes.fromhex(key.public)
    return Ed25519PublicKey.from_public_bytes(raw)


def moment(field: str, text: str) -> int:
    """An ISO time in milliseconds; ``InvalidInput`` naming ``field`` otherwise."""
    try:
        return from_iso(text)
    except ValueError as error:
        raise InvalidInput(field, str(error), remedy="give e.g. 2026-03-04T01:41:00Z") from None
