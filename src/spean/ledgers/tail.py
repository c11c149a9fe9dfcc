"""The log behind an index: what arrived since its last part, a line for each arrival, synced before it is answered for.

The file is made longer ahead of need, with zeros, and synced by its data alone: an arrival then waits for one write of the disk and
not for the file system's journal, where the writes of others stand in the queue. What follows the last line is zeros.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from spean.core.errors import InvalidInput, Unavailable
from spean.ledgers.bad import COLUMNS
from spean.tracing.model import Transfer

AHEAD = 1 << 20


def path(folder: Path, number: int) -> Path:
    return folder / f"tail-{number:06}.log"


class Tail:
    """The open tail of the one writer."""

    def __init__(self, file: Path) -> None:
        """Open a tail that ``lines(…, mend=True)`` has read, or an empty one."""
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._file).st_size
        self._at = len(file.read_bytes().rstrip(b"\0"))
        self._failed = False

    def append(self, rows: Sequence[Transfer]) -> None:
        """One line for each arrival: checksum, then the rows as JSON; on disk when this returns.

        Raises ``Unavailable`` when the disk refuses; then nothing more is taken until the index is opened again, since what
        a disk holds after such an error is only known by reading it.
        """
        if self._failed:
            raise Unavailable(
                "The ledger takes no rows", why="its disk failed before", remedy="look at the disk; open it again"
            )
        text = json.dumps([[row.id, row.time, row.payer, row.payee, row.amount, row.currency] for row in rows])
        data = text.encode()
        line = b"%08x %s\n" % (zlib.crc32(data), data)
        try:
            self._write(line)
        except OSError as error:
            self._failed = True
            raise Unavailable(
                "The row is not taken", why=str(error), remedy="look at the disk; open the ledger again"
            ) from error

    def _write(self, line: bytes) -> None:
        end = self._at + len(line)
        if end > self._size:
            room = b"\0" * (end - self._size + AHEAD)
            self._all(room, self._size)
            os.fsync(self._file)
            self._size += len(room)
        self._all(line, self._at)
        os.fdatasync(self._file)
        self._at = end

    def _all(self, data: bytes, place: int) -> None:
        view = memoryview(data)
        while view:
            done = os.pwrite(self._file, view, place)
            view, place = view[done:], place + done

    def close(self) -> None:
        """Give the zeros back."""
        if not self._failed:
            os.ftruncate(self._file, self._at)
        os.close(self._file)


def lines(file: Path, mend: bool) -> list[list[Transfer]]:
    """Read the tail. A last line that was not written to its end was never answered for, and is dropped; other damage is named."""
    data = file.read_bytes()
    whole = _whole(data.rstrip(b"\0"))
    if mend and len(whole) < len(data):
        with file.open("r+b") as torn:
            torn.truncate(len(whole))
            os.fsync(torn.fileno())
    several = []
    for number, line in enumerate(whole.splitlines(), 1):
        if not _right(line):
            raise InvalidInput(
                "index", f"{file.name} line {number} does not match its checksum", remedy="fetch these rows again"
            )
        several.append([Transfer(*row) for row in json.loads(line[9:])])
    return several


def _right(line: bytes) -> bool:
    return line[:8] == b"%08x" % zlib.crc32(line[9:])


def _whole(data: bytes) -> bytes:
    """Without a last line that has no end, or that lacks a piece (zeros) which did not reach the disk."""
    whole = data[: data.rfind(b"\n") + 1]
    begin = whole.rfind(b"\n", 0, len(whole) - 1) + 1
    last = whole[begin:-1]
    return whole[:begin] if b"\0" in last and not _right(last) else whole


def table(folder: Path, number: int) -> pa.Table | None:
    """What is in a tail as a part of the truth; None: nothing."""
    rows = [row for each in lines(path(folder, number), mend=False) for row in each]
    # The rows of a part stand in order of time; among equals, as they arrived.
    return table_of(sorted(rows, key=lambda row: row.time)) if rows else None


def table_of(rows: Sequence[Transfer]) -> pa.Table:
    """Rows as columns, in the order given."""
    kinds = {name: pa.int64() if name in ("time", "amount") else pa.large_string() for name in COLUMNS}
    return pa.table({name: pa.array([getattr(row, name) for row in rows], kind) for name, kind in kinds.items()})
