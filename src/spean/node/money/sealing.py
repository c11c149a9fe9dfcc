"""Words of money at rest: each file's under a key of its own, in the store of content keys, like the contents of facts (D4).

Destroying a file's key erases what it said of payments, its rejected rows and its spooled bytes, in every backup that lacks the keys.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spean.core.errors import NotFound, VerificationFailed

if TYPE_CHECKING:
    from spean.node.ground import Ground

_NONCE = 12
_HASHING = sha256(b"spean/money/names/1").hexdigest()
"""Name of the key under which accounts and victims are hashed."""


class Vault:
    """Seals and opens words, and hashes names that must only be compared."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._key = lru_cache(maxsize=256)(self._load)
        self._hashing = b""

    def new(self) -> bytes:
        """A fresh key, durable; its name."""
        entropy = self._ground.entropy
        name = entropy.bytes(32)
        self._ground.content_keys.put([(name.hex(), entropy.bytes(32))])
        return name

    def seal(self, name: bytes, words: bytes) -> bytes:
        """``words`` under the key called ``name``: a fresh nonce before the ciphertext."""
        nonce = self._ground.entropy.bytes(_NONCE)
        return nonce + self._key(name).encrypt(nonce, words, name)

    def open(self, name: bytes, sealed: bytes) -> bytes:
        """The inverse. Raises ``NotFound`` once the key is destroyed, ``VerificationFailed`` for altered bytes."""
        try:
            return self._key(name).decrypt(sealed[:_NONCE], sealed[_NONCE:], name)
        except (InvalidTag, ValueError) as error:
            raise VerificationFailed(
                "Sealed words do not open", why="they were altered", remedy="restore them from a backup"
            ) from error

    def _load(self, name: bytes) -> AESGCM:
        found = self._ground.content_keys.get([name.hex()])
        if name.hex() not in found:
            raise NotFound("The words of this file are erased", why="their key was destroyed")
        return AESGCM(found[name.hex()])

    def forget(self) -> None:
        """Keep no key in memory: one of them was destroyed."""
        self._key.cache_clear()

    def hashed(self, *parts: str) -> bytes:
        """A keyed hash of names: equal for equal names at this node, and of no use without its key."""
        text = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.digest(self._hash_key(), text, "sha256")

    def _hash_key(self) -> bytes:
        if self._hashing:
            return self._hashing
        keys = self._ground.content_keys
        found = keys.get([_HASHING]).get(_HASHING)
        if found is None:
            keys.put([(_HASHING, self._ground.entropy.bytes(32))])
            found = keys.get([_HASHING])[_HASHING]
        self._hashing = found
        return found
