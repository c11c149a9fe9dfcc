"""A node's private keys in a folder: one versioned file, readable by the node alone, sealed when it has a passphrase.

    keys.json   {"format": "spean-node-keys", "version": 1, "sealed": …, "keys": …}
    tls.pem     the TLS key and its certificate, as web servers read them

The passphrase is stretched with Argon2id (RFC 9106, second recommended option) and seals by AES-256-GCM.
"""

from __future__ import annotations

import os
import stat
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from spean.core.errors import NotFound, Refusal, SpeanError, Unauthenticated, Unavailable, VerificationFailed
from spean.core.world import Entropy
from spean.keys.node import NodeKeys, StoredKey, fingerprint, key_id
from spean.keys.words import fingerprint_words

__all__ = ["FILE", "TLS_FILE", "NodeKeys", "fingerprint", "fingerprint_words", "key_id", "load", "save"]

FILE = "keys.json"
TLS_FILE = "tls.pem"
FORMAT = "spean-node-keys"
VERSION = 1
_MAX_FILE = 1 << 20
_ITERATIONS, _LANES, _MEMORY = 3, 4, 64 * 1024
_AAD = f"{FORMAT}/{VERSION}".encode()


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kdf: str
    salt: str
    nonce: str
    data: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    sealed: _Sealed | None
    keys: list[dict[str, Any]] | None


class _Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    use: str
    private: str
    certificate: str
    created_at: int
    retired_at: int | None


def save(keys: NodeKeys, folder: Path, entropy: Entropy, passphrase: str | None = None) -> None:
    """Write the keys to ``folder`` (made with mode 0700), whole or not at all; raises ``Unavailable``."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _private(folder, folder=True)
        _replace(folder / FILE, _pack(keys, entropy, passphrase))
        _write_tls(keys, folder, passphrase)
    except OSError as error:
        raise Unavailable(
            f"The keys cannot be written to {folder}", why=str(error), remedy="look at disk space and permissions"
        ) from error


def load(folder: Path, passphrase: str | None = None) -> NodeKeys:
    """Read the keys back.

    Raises ``NotFound`` (no keys there), ``Refusal`` (others may read them), ``Unauthenticated`` (passphrase missing
    or wrong) or ``VerificationFailed`` (damaged, or of a newer version).
    """
    path = folder / FILE
    try:
        _private(folder, folder=True)
        _private(path, folder=False)
        with path.open("rb") as handle:
            data = handle.read(_MAX_FILE + 1)
    except FileNotFoundError as error:
        raise NotFound(f"No keys in {folder}", remedy="make them with: spean init") from error
    except OSError as error:
        raise Unavailable(f"The keys in {folder} cannot be read", why=str(error), remedy="run as the node") from error
    keys = _unpack(data, path, passphrase)
    _write_tls(keys, folder, passphrase)
    return keys


def _pack(keys: NodeKeys, entropy: Entropy, passphrase: str | None) -> bytes:
    plain = _plain(keys)
    if passphrase is None:
        return msgspec.json.encode({"format": FORMAT, "version": VERSION, "sealed": None, "keys": plain})
    salt, nonce = entropy.bytes(16), entropy.bytes(12)
    data = AESGCM(stretch(passphrase, salt)).encrypt(nonce, msgspec.json.encode(plain), _AAD)
    sealed = _Sealed("argon2id", *(b64encode(part).decode() for part in (salt, nonce, data)))
    return msgspec.json.encode(_File(FORMAT, VERSION, sealed, None))


def _unpack(data: bytes, path: Path, passphrase: str | None) -> NodeKeys:
    try:
        if len(data) > _MAX_FILE:
            raise ValueError("it is over a megabyte")
        file = msgspec.json.decode(data, type=_File)
        if (file.format, file.version) != (FORMAT, VERSION):
            raise ValueError(f"it has format {file.format[:40]!r} version {file.version}; this program reads {VERSION}")
        plain = msgspec.convert(file.keys, list[_Key]) if file.sealed is None else _open(file.sealed, passphrase)
        return _keys(plain)
    except SpeanError:
        raise
    except (ValueError, TypeError) as error:  # msgspec's and base64's errors are ValueErrors
        raise VerificationFailed(
            f"{path} is no file of node keys", why=str(error), remedy="restore it from the safe where keys are kept"
        ) from error


def to_bytes(keys: NodeKeys) -> bytes:
    """All private keys in one value, for sealing elsewhere (``recovery``). Never written as it is."""
    return msgspec.json.encode(_plain(keys))


def from_bytes(data: bytes) -> NodeKeys:
    """The keys out of ``to_bytes``. Raises ``ValueError`` or ``InvalidInput``."""
    return _keys(msgspec.json.decode(data, type=list[_Key]))


def _plain(keys: NodeKeys) -> list[_Key]:
    return [
        _Key(key.use, b64encode(key.private).decode(), key.certificate, key.created_at, key.retired_at)
        for key in keys.stored
    ]


def _keys(plain: list[_Key]) -> NodeKeys:
    return NodeKeys(
        StoredKey(key.use, b64decode(key.private, validate=True), key.certificate, key.created_at, key.retired_at)
        for key in plain
    )


def _open(sealed: _Sealed, passphrase: str | None) -> list[_Key]:
    if sealed.kdf != "argon2id":
        raise ValueError(f"it is sealed by {sealed.kdf[:40]!r}")
    if passphrase is None:
        raise Unauthenticated("The node's keys are sealed", remedy="give the passphrase")
    salt, nonce, data = (b64decode(part, validate=True) for part in (sealed.salt, sealed.nonce, sealed.data))
    try:
        plain = AESGCM(stretch(passphrase, salt)).decrypt(nonce, data, _AAD)
    except InvalidTag as error:
        raise Unauthenticated(
            "The passphrase does not open the node's keys",
            why="it is wrong, or the file was changed",
            remedy="try again, or restore the file",
        ) from error
    return msgspec.json.decode(plain, type=list[_Key])


def stretch(passphrase: str, salt: bytes) -> bytes:
    """A 32-byte key out of a passphrase (Argon2id, RFC 9106)."""
    return Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY).derive(
        passphrase.encode()
    )


def _write_tls(keys: NodeKeys, folder: Path, passphrase: str | None) -> None:
    """Write what web servers read; only when it is missing or older than the keys."""
    path = folder / TLS_FILE
    if keys.tls_certificate and not (path.is_file() and keys.tls_certificate in path.read_text()):
        _replace(path, keys.tls_pem(passphrase))


def _private(path: Path, *, folder: bool) -> None:
    """Refuse keys that other users of the machine may read."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise Refusal(
            "key-file",
            f"{path} has mode {mode:04o}: other users of this machine may read or change it",
            remedy=f"chmod {'700' if folder else '600'} {path}, and rotate the keys if others may have read them",
        )


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
