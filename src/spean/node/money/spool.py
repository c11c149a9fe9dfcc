"""A file that waits to be read: sealed in frames under its key, in the node's home, removed once it is in the ledgers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from spean.core.errors import TooMuch
from spean.node.money.sealing import Vault

FRAME = 1 << 20
MOST = 1 << 36
"""Bytes of a file."""


class Spool:
    """Sealed files in a folder."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def write(self, id: str, key: bytes, chunks: Iterable[bytes], progress: Callable[[int], object]) -> int:
        """Take a file in as it comes; its size. On disk when it returns. Raises ``TooMuch``."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(id)
        size, waiting = 0, bytearray()
        try:
            with open(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > MOST:
                        raise TooMuch("The file is too large", why=f"more than {MOST} bytes", remedy="give it in parts")
                    waiting += chunk
                    while len(waiting) >= FRAME:
                        self._frame(file.write, key, bytes(waiting[:FRAME]))
                        del waiting[:FRAME]
                        progress(size)
                self._frame(file.write, key, bytes(waiting))
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return size

    def _frame(self, write: Callable[[bytes], object], key: bytes, data: bytes) -> None:
        sealed = self._vault.seal(key, data)
        write(len(sealed).to_bytes(4, "big") + sealed)

    def read(self, id: str, key: bytes) -> Iterator[bytes]:
        """The file's bytes, a frame at a time."""
        with self._path(id).open("rb") as file:
            while head := file.read(4):
                yield self._vault.open(key, file.read(int.from_bytes(head, "big")))

    def there(self, id: str) -> bool:
        return self._path(id).exists()

    def drop(self, id: str) -> None:
        """Remove it."""
        self._path(id).unlink(missing_ok=True)

    def _path(self, id: str) -> Path:
        return self._folder / f"{id}.sealed"
