"""Small CSV ledgers by the standard library alone: ready before a larger package would be loaded."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spean.core.errors import InvalidInput
from spean.ledgers.bad import BALANCES, COLUMNS, READ, Report, missing
from spean.ledgers.kinds import not_utf8
from spean.tracing.model import Transfer

SMALL = 2_000_000
"""Bytes up to which a CSV file is read here."""


def _lines(path: Path, wanted: tuple[str, ...], report: Report) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows as text by column, with their line."""
    at = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            missing(path.name, wanted, header)
            for cells in reader:
                at = reader.line_num
                if not any(cells):  # a line with nothing in it is no row
                    continue
                if len(cells) == len(header):
                    yield reader.line_num, dict(zip(header, cells, strict=True))
                else:
                    reason = f"has {len(cells)} fields, and the header {len(header)}"
                    report.add(path.name, reader.line_num, "row", reason)
    except UnicodeDecodeError as error:
        raise not_utf8(path) from error
    except csv.Error as error:
        raise InvalidInput("file", f"{path.name} line {at + 1}: {error}", remedy="a CSV file in UTF-8") from error


def _values(path: Path, wanted: tuple[str, ...], report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, cells in _lines(path, wanted, report):
        values: dict[str, Any] = {}
        for name in wanted:
            try:
                values[name] = READ[name](cells[name])
            except ValueError as error:
                report.add(path.name, line, name, str(error))
                break
        else:
            yield line, values


def transfers(path: Path, report: Report) -> list[Transfer]:
    """The good rows; the bad ones are in ``report``. Raises ``InvalidInput`` for a file that is no such CSV."""
    rows: list[Transfer] = []
    seen: dict[str, int] = {}
    for line, values in _values(path, COLUMNS, report):
        row = Transfer(**values)
        if rows and row.time < rows[-1].time:
            report.add(path.name, line, "time", "is earlier than the row before; rows stand in order of time")
        elif rows and row.currency != rows[0].currency:
            report.add(path.name, line, "currency", f"{row.currency} in a ledger of {rows[0].currency}")
        elif row.id in seen:
            report.add(path.name, line, "id", f"{row.id!r} already stands in line {seen[row.id]}")
        else:
            seen[row.id] = line
            rows.append(row)
    return rows


def balances(path: Path, report: Report) -> dict[str, int]:
    """Opening balances by account."""
    found: dict[str, int] = {}
    for line, values in _values(path, BALANCES, report):
        account = str(values["account"])
        if account in found:
            report.add(path.name, line, "account", f"{account!r} stands twice")
        else:
            found[account] = int(values["amount"])
    return found
