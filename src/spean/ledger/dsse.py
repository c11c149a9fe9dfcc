"""DSSE v1 envelopes (https://github.com/secure-systems-lab/dsse): what is signed says what type it is.

So a receipt can never be taken for a fact, nor a checkpoint for either, though one key signed them.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.errors import VerificationFailed
from spean.ledger import ed25519

FACT_TYPE = "application/vnd.spean.fact+json;v=1"
RECEIPT_TYPE = "application/vnd.spean.receipt+json;v=1"


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: the bytes over which a DSSE signature is made."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, private: Ed25519PrivateKey) -> bytes:
    """The Ed25519 signature, 64 bytes, over type and payload."""
    return private.sign(pae(payload_type, payload))


def verify(payload_type: str, payload: bytes, signature: bytes, *keys: bytes) -> bytes:
    """The one of ``keys`` (public, 32 bytes each) that made the signature; raises ``VerificationFailed`` if none did.

    DSSE's key id is a hint only: look up by it which keys to give, then believe what this returns.
    """
    message = pae(payload_type, payload)
    for public in keys:
        try:
            ed25519.verify(public, signature, message)
        except VerificationFailed:
            continue
        return public
    raise VerificationFailed(
        "No known key made this signature",
        why=f"none of the given keys signed this {payload_type}",
        remedy="fetch the origin's current keys, or ask it for the original",
    )
