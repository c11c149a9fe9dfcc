"""Ed25519 (RFC 8032) as the ledger uses it: a verification that raises, and public keys as 32 bytes."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from spean.core.errors import VerificationFailed

KEY = 32
"""Length of a public key in bytes."""
SIGNATURE = 64
"""Length of a signature in bytes."""


def public_of(private: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public key that belongs to ``private``."""
    return private.public_key().public_bytes_raw()


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Raise ``VerificationFailed`` unless ``signature`` is that of ``public`` over ``message``."""
    try:
        _loaded(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise VerificationFailed(
            "A signature does not hold",
            why=f"it was not made by the key {public.hex()[:16]}… over these bytes",
            remedy="ask the sender for the original; if it fails again, treat it as altered",
        ) from None


@lru_cache(maxsize=1024)
def _loaded(public: bytes) -> Ed25519PublicKey:
    # Decoding a key costs a good part of a verification, and few keys sign many facts.
    return Ed25519PublicKey.from_public_bytes(public)
