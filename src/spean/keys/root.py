"""The key of a trust root: it admits nodes to a realm, and nothing else (R40). Kept off-line in real life."""

from __future__ import annotations

import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.errors import Conflict, InvalidInput
from spean.core.world import Entropy
from spean.exchange.make import Signer
from spean.keys.node import key_id

FORMAT = "spean-trust-root/1"


def new_root(path: Path, realm: str, entropy: Entropy) -> Signer:
    """Make a root key in a file that only its owner can read. Raises ``Conflict`` when the file is there."""
    secret = entropy.bytes(32)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as there:
        raise Conflict(f"{path.name} is there already", remedy="a root is made once; name another file") from there
    with os.fdopen(handle, "w") as file:
        json.dump({"format": FORMAT, "realm": realm, "secret": secret.hex()}, file)
    return _signer(secret)


def load_root(path: Path) -> Signer:
    """Read a root key back."""
    try:
        known = json.loads(path.read_text())
        if known["format"] != FORMAT:
            raise ValueError(known["format"])
        return _signer(bytes.fromhex(known["secret"]))
    except (ValueError, KeyError, TypeError) as wrong:
        raise InvalidInput(
            "root", f"not a trust root's file: {wrong}", remedy="give the file that spean trust new made"
        ) from wrong


def root_public(signer: Signer) -> str:
    """The root's public key in hex, as it stands in every node's settings."""
    return signer.private.public_key().public_bytes_raw().hex()


def _signer(secret: bytes) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(secret)
    return Signer(key_id(private.public_key().public_bytes_raw()), private)
