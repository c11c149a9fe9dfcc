"""A copy of the content keys for the safe: one file, encrypted under a passphrase, the same from SQLite and PostgreSQL.

    "spean-content-keys/1\\n" ‖ salt (16) ‖ chunk ‖ chunk ‖ …
    chunk = length (4, big endian) ‖ AES-256-GCM(key, nonce = number of the chunk, aad = the first line)
    key   = Argon2id(passphrase, salt)

A chunk holds keys, destroyed names, or the end with both counts; its nonce counts the chunks, so none can be lost,
doubled or moved, and a torn file has no end. A destroyed key is never in it, only the fact that it is destroyed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spean.core.errors import Conflict, NotFound, Unauthenticated, Unavailable, VerificationFailed
from spean.core.world import Entropy
from spean.keys.content import ContentKeys
from spean.keys.files import stretch

MAGIC = b"spean-content-keys/1\n"
_SALT = 16
_AT_ONCE = 1_000
_MOST = 1 << 20
"""Bytes of a chunk."""


class _Chunk(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    keys: list[tuple[bytes, bytes]] = []
    gone: list[tuple[bytes, int, str]] = []
    end: tuple[int, int] | None = None
    """How many keys and destroyed names there were."""


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Chunk)


def write_copy(keys: ContentKeys, target: Path, passphrase: str, entropy: Entropy) -> int:
    """Write every content key to the new file ``target``; returns how many. Keys may arrive and go meanwhile.

    Raises ``Conflict`` when the file exists and ``Unavailable`` when it cannot be written.
    """
    if target.exists():
        raise Conflict(f"{target} exists", remedy="name a new file")
    salt = entropy.bytes(_SALT)
    cipher = AESGCM(stretch(passphrase, salt))
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(MAGIC + salt)
            counts = [0, 0]
            for number, chunk in enumerate(_chunks(keys, counts)):
                _write(file, cipher.encrypt(_nonce(number), _ENCODER.encode(chunk), MAGIC))
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except OSError as error:
        raise Unavailable(f"{target} cannot be written", why=error.strerror or "", remedy="look at the disk") from error
    finally:
        part.unlink(missing_ok=True)
    return counts[0]


def read_copy(source: Path, passphrase: str, into: ContentKeys) -> tuple[int, int]:
    """Put a copy into a key store; how many keys and how many destroyed names. Every byte is verified before it counts.

    Raises ``NotFound``, ``Unauthenticated`` (wrong passphrase) or ``VerificationFailed`` (damaged or cut off).
    """
    try:
        with source.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise VerificationFailed(f"{source} is no copy of content keys", remedy="name the right file")
            cipher = AESGCM(stretch(passphrase, file.read(_SALT)))
            found = _take(file, source, cipher, into)
    except FileNotFoundError as error:
        raise NotFound(f"there is no {source}", remedy="name the copy of the content keys") from error
    return found


def _chunks(keys: ContentKeys, counts: list[int]) -> Iterator[_Chunk]:
    after = 0
    while page := keys.page(after, _AT_ONCE):
        after = page[-1][0]
        found = keys.get(name for _, name in page)
        counts[0] += len(found)
        yield _Chunk(keys=[(bytes.fromhex(name), key) for name, key in found.items()])
    gone = keys.destroyed()
    for at in range(0, len(gone), _AT_ONCE):
        part = gone[at : at + _AT_ONCE]
        counts[1] += len(part)
        yield _Chunk(gone=[(bytes.fromhex(each.id), each.at, each.ground) for each in part])
    yield _Chunk(end=(counts[0], counts[1]))


def _take(file: BinaryIO, source: Path, cipher: AESGCM, into: ContentKeys) -> tuple[int, int]:
    keys = gone = number = 0
    while True:
        chunk = _read(file, source, cipher, number)
        if chunk.end is not None:
            if chunk.end != (keys, gone) or file.read(1):
                raise _damaged(source, "its counts do not fit")
            return keys, gone
        into.put([(name.hex(), key) for name, key in chunk.keys])
        for (at, ground), names in groupby(chunk.gone, key=lambda each: each[1:]):
            into.destroy([name.hex() for name, _, _ in names], at, ground)
        keys, gone, number = keys + len(chunk.keys), gone + len(chunk.gone), number + 1


def _read(file: BinaryIO, source: Path, cipher: AESGCM, number: int) -> _Chunk:
    length = int.from_bytes(file.read(4), "big")
    data = file.read(length) if 16 < length <= _MOST else b""
    if len(data) != length or not data:
        raise _damaged(source, "it is cut off")
    try:
        return _DECODER.decode(cipher.decrypt(_nonce(number), data, MAGIC))
    except InvalidTag as error:
        if number == 0:
            raise Unauthenticated(
                "The passphrase does not open the copy of the content keys",
                why="it is wrong, or the file was changed",
                remedy="try again, or take another copy",
            ) from error
        raise _damaged(source, f"chunk {number} was changed") from error
    except msgspec.MsgspecError as error:
        raise _damaged(source, str(error)) from error


def _write(file: BinaryIO, data: bytes) -> None:
    file.write(len(data).to_bytes(4, "big") + data)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _damaged(source: Path, why: str) -> VerificationFailed:
    return VerificationFailed(f"{source} is damaged", why=why, remedy="take another copy")
