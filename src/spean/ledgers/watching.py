"""How a reader of large files tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with bytes read, bytes in all."""
Stage = Callable[[str], None]
"""Called with what follows once all is read: ``indexing``, ``writing``."""


def nothing(done: int, total: int) -> None:
    """For a caller who wants no progress."""


def no_stage(name: str) -> None:
    """For a caller who wants none."""
