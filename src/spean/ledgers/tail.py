"""The log behind an index: what arrived since its last part, a line for each arrival, synced before it is answered for."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pyarrow as pa

from spean.core.errors import InvalidInput
from spean.ledgers.bad import COLUMNS
from spean.tracing.model import Transfer


def path(folder: Path, number: int) -> Path:
    return folder / f"tail-{number:06}.log"


def append(tail: IO[bytes], rows: Sequence[Transfer]) -> None:
    """One line for each arrival: checksum, then the rows as JSON; on disk when this returns."""
    text = json.dumps([[row.id, row.time, row.payer, row.payee, row.amount, row.currency] for row in rows])
    data = text.encode()
    tail.write(b"%08x %s\n" % (zlib.crc32(data), data))
    tail.flush()
    os.fsync(tail.fileno())


def lines(file: Path, mend: bool) -> list[list[Transfer]]:
    """Read the tail. A last line that is cut short was never answered for, and is dropped; other damage is named."""
    data = file.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if mend and len(whole) < len(data):
        with file.open("r+b") as torn:
            torn.truncate(len(whole))
            os.fsync(torn.fileno())
    several = []
    for number, line in enumerate(whole.splitlines(), 1):
        if line[:8] != b"%08x" % zlib.crc32(line[9:]):
            raise InvalidInput(
                "index", f"{file.name} line {number} does not match its checksum", remedy="fetch these rows again"
            )
        several.append([Transfer(*row) for row in json.loads(line[9:])])
    return several


def table(folder: Path, number: int) -> pa.Table | None:
    """What is in a tail as a part of the truth; None: nothing."""
    rows = [row for each in lines(path(folder, number), mend=False) for row in each]
    # The rows of a part stand in order of time; among equals, as they arrived.
    return table_of(sorted(rows, key=lambda row: row.time)) if rows else None


def table_of(rows: Sequence[Transfer]) -> pa.Table:
    """Rows as columns, in the order given."""
    kinds = {name: pa.int64() if name in ("time", "amount") else pa.large_string() for name in COLUMNS}
    return pa.table({name: pa.array([getattr(row, name) for row in rows], kind) for name, kind in kinds.items()})
