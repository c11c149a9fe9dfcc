"""A clock that the demo may move: every node of the demo reads the same small file, so that days pass in a second for all of them.

Only the demo's own entry point uses it (``spean.demo.serving``); a real node has no such clock and no switch for one.
"""

from __future__ import annotations

from pathlib import Path

from spean.core.world import SystemClock


class PlayedClock:
    """The machine's clock plus as many milliseconds as ``path`` says; none while there is no such file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._true = SystemClock()
        self._seen: tuple[int, int] = (-1, -1)
        self._offset = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self._true.now() + self._read()

    def set(self, offset: int) -> None:
        """From now on every node's clock is ``offset`` ms off; the file is replaced whole."""
        new = self._path.with_suffix(".new")
        new.write_text(str(offset))
        new.replace(self._path)

    @property
    def offset(self) -> int:
        """Milliseconds by which it is off now."""
        return self._read()

    def _read(self) -> int:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return 0
        stamp = found.st_ino, found.st_mtime_ns
        if stamp != self._seen:
            self._offset, self._seen = int(self._path.read_text()), stamp
        return self._offset
