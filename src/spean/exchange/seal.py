"""Content under a key of its own; the key sealed to the receiver (docs/design.md, decisions 2 and 3).

    commitment = SHA-256("spean/commit/1" ‖ salt ‖ body)
    content    = AES-256-GCM(content key, nonce 0, salt ‖ body, aad = fact name)
    sealed     = HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM
    wrapped    = AES-256-GCM(batch key, nonce = first 12 bytes of the fact name, content key, aad = fact name)

A nonce of zero is sound because a content key encrypts one content only. A batch key meets each fact name once,
and names are SHA-256 values, so its nonces do not repeat either.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spean.core.errors import VerificationFailed
from spean.core.fact import Header

KEY_SIZE = 32
SALT_SIZE = 32
SEALED_SIZE = 80
"""HPKE's encapsulated key (32) and the sealed key with its tag (48)."""
WRAPPED_SIZE = 48
CONTENT_OVERHEAD = SALT_SIZE + 16

_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_ZERO = bytes(12)


def seal_info(sender: str, receiver: str, subject: str) -> bytes:
    """What a seal is bound to: protocol, both nodes, and the fact's name or the batch's id."""
    return b"\x00".join((b"spean/seal/1", sender.encode(), receiver.encode(), subject.encode()))


def seal_key(key: bytes, recipient_public: bytes, info: bytes) -> bytes:
    """Seal a 32-byte ``key`` to an X25519 public key (raw, 32 bytes). Raises ``VerificationFailed`` for a bad one."""
    return _SUITE.encrypt(key, _public(recipient_public), info=info)


def open_key(sealed: bytes, private: X25519PrivateKey, info: bytes) -> bytes:
    """The key inside a seal. Raises ``VerificationFailed`` when it is not for this key and this ``info``."""
    try:
        return _SUITE.decrypt(sealed, private, info=info)
    except (InvalidTag, ValueError) as error:
        raise _failed("The seal does not open", "it is not for us, not for this fact, or was altered") from error


def encrypt_content(key: bytes, salt: bytes, body: bytes, fact_id: str) -> bytes:
    """Encrypt ``body`` under a fresh ``key`` that must never be used again."""
    return AESGCM(key).encrypt(_ZERO, salt + body, bytes.fromhex(fact_id))


def decrypt_content(key: bytes, content: bytes, fact_id: str) -> tuple[bytes, bytes]:
    """Salt and body of a fact. Raises ``VerificationFailed`` for another key or fact or altered content."""
    try:
        plain = AESGCM(key).decrypt(_ZERO, content, bytes.fromhex(fact_id))
    except (InvalidTag, ValueError) as error:
        raise _failed("The content does not open", "another key, another fact, or altered content") from error
    if len(plain) < SALT_SIZE:
        raise _failed("The content does not open", "it is too short to hold its salt")
    return plain[:SALT_SIZE], plain[SALT_SIZE:]


def commitment(salt: bytes, body: bytes) -> str:
    """The salted hash that stands in the header, in hex."""
    return sha256(b"spean/commit/1" + salt + body).hexdigest()


def check_commitment(header: Header, salt: bytes, body: bytes) -> None:
    """Raise ``VerificationFailed`` unless ``body`` is the one that the origin signed."""
    if len(salt) != SALT_SIZE or len(body) != header.size:
        raise _failed("The content is not the signed one", f"{len(body)} bytes, signed are {header.size}")
    if not compare_digest(commitment(salt, body), header.commitment):
        raise _failed("The content is not the signed one", "its salted hash differs from the header's")


def wrap_key(batch_key: bytes, fact_id: str, content_key: bytes) -> bytes:
    """A content key under the key of its batch; ``batch_key`` is fresh for each batch."""
    name = bytes.fromhex(fact_id)
    return AESGCM(batch_key).encrypt(name[:12], content_key, name)


def unwrap_key(batch_key: bytes, fact_id: str, wrapped: bytes) -> bytes:
    """The content key of one fact of a batch. Raises ``VerificationFailed``."""
    name = bytes.fromhex(fact_id)
    try:
        return AESGCM(batch_key).decrypt(name[:12], wrapped, name)
    except (InvalidTag, ValueError) as error:
        raise _failed("The key of a batched fact does not open", "another batch, another fact, or altered") from error


@lru_cache(maxsize=1024)
def _public(raw: bytes) -> X25519PublicKey:
    try:
        return X25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise _failed("Not a sealing key", "an X25519 public key has 32 bytes") from error


def _failed(what: str, why: str) -> VerificationFailed:
    return VerificationFailed(what, why=why, remedy="fetch it again; if it stays so, call the sender's duty desk")
