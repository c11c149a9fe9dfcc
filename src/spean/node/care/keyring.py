"""Where a node's private keys are kept, and how they change without a moment in which a crash would lose them.

New keys are *staged* before they are announced and *promoted* afterwards. Whoever finds staged keys looks whether their announcement
was written: then they count, otherwise they are forgotten.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from spean.core.world import Entropy
from spean.keys import NodeKeys, files


class KeyRing(Protocol):
    """Keeps the present keys and, during a rotation, the next ones."""

    def load(self, sign_id: str) -> NodeKeys:
        """The keys whose signing key has this id; '' for the present ones."""

    def stage(self, keys: NodeKeys) -> None: ...
    def promote(self) -> None: ...


class FileKeyRing:
    """Keys in files of the node's home."""

    def __init__(self, home: Path, entropy: Entropy, passphrase: str | None) -> None:
        self._present = home / "keys"
        self._next = home / "keys.next"
        self._entropy = entropy
        self._passphrase = passphrase

    def load(self, sign_id: str) -> NodeKeys:
        if sign_id and self._next.exists():
            staged = files.load(self._next, self._passphrase)
            if staged.sign_id == sign_id:
                return staged
        return files.load(self._present, self._passphrase)

    def stage(self, keys: NodeKeys) -> None:
        shutil.rmtree(self._next, ignore_errors=True)
        files.save(keys, self._next, self._entropy, self._passphrase)

    def promote(self) -> None:
        staged = files.load(self._next, self._passphrase)
        files.save(staged, self._present, self._entropy, self._passphrase)
        shutil.rmtree(self._next, ignore_errors=True)


class MemoryKeyRing:
    """Keys in memory, for simulations and tests."""

    def __init__(self, keys: NodeKeys) -> None:
        self._present = keys
        self._next: NodeKeys | None = None

    def load(self, sign_id: str) -> NodeKeys:
        if self._next is not None and self._next.sign_id == sign_id:
            return self._next
        return self._present

    def stage(self, keys: NodeKeys) -> None:
        self._next = keys

    def promote(self) -> None:
        if self._next is not None:
            self._present, self._next = self._next, None
