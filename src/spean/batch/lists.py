"""Lists as CSV: the columns that are asked for, as text, each row with its id."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spean.batch.columns import Columns
from spean.core.errors import InvalidInput

_MOST_LETTERS = 1_000
"""Of one cell that is compared."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of one list by column: their ids, and each role's values (None where the cell is empty)."""

    ids: list[str]
    values: dict[str, list[str | None]]

    @property
    def rows(self) -> int:
        return len(self.ids)


def read(path: Path, columns: Columns) -> Listed:
    """Read the columns. Raises ``InvalidInput`` with file, line and reason."""
    wanted = {role: column for role, column in columns.of.items() if role != "id"}
    wanted |= {f"same_{at}": column for at, column in enumerate(columns.same)}
    listed = Listed([], {role: [] for role in wanted})
    seen: set[str] = set()
    for line, row in _rows(path):
        name = row[columns.of["id"]].strip() if columns.has("id") else str(len(seen) + 1)
        if not name or name in seen:
            reason = "is empty" if not name else f"{name!r} stands in an earlier row too"
            raise InvalidInput(
                "id", f"{path.name} line {line}: {reason}", remedy="a column whose values are all different"
            )
        seen.add(name)
        listed.ids.append(name)
        for role, column in wanted.items():
            listed.values[role].append(_cell(role, row[column]))
    return listed


def _cell(role: str, written: str) -> str | None:
    text = written.strip()[:_MOST_LETTERS]
    return (text.lower() if role.startswith("same_") else text) or None


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    at = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            for cells in reader:
                at = reader.line_num
                if not any(cells):  # a line with nothing in it is no row
                    continue
                if len(cells) != len(header):
                    reason = f"has {len(cells)} fields, and the header {len(header)}"
                    raise InvalidInput("row", f"{path.name} line {at}: {reason}", remedy="correct the line")
                yield at, dict(zip(header, cells, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("file", f"{path.name}, after line {at}: {error}", remedy="a CSV file in UTF-8") from error
