"""What commands print: short sentences and tables for people, one JSON value for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from spean.core.world import iso

WIDEST = 64
"""Columns of a table are cut after so many characters; the last one is not."""


def as_json(value: Any) -> str:
    """One line of JSON."""
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Any) -> Any:
    """Dataclasses, tuples, sets and bytes (as hex) as JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def clean(text: str) -> str:
    """Text of a stranger must not steer the reader's terminal."""
    return "".join(mark if mark.isprintable() or mark in "\n\t" else "\N{REPLACEMENT CHARACTER}" for mark in text)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], none: str = "none") -> str:
    """Rows under their heads; ``none`` when there are no rows."""
    if not rows:
        return none
    cells = [[_cell(value) for value in row] for row in rows]
    last = len(heads) - 1
    cells = [[text if at == last else _cut(text) for at, text in enumerate(row)] for row in cells]
    widths = [max(len(row[at]) for row in [list(heads), *cells]) for at in range(len(heads))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
             for row in [list(heads), *cells]]  # fmt: skip
    return "\n".join(lines)


def moment(milliseconds: int | None) -> str:
    """A time for a table, to the second, in UTC."""
    return "" if milliseconds is None else iso(milliseconds)[:19] + "Z"


def stamp(milliseconds: int | None) -> str | None:
    """A time for a program: ISO 8601 in UTC."""
    return None if milliseconds is None else iso(milliseconds)


def short(fact: str) -> str:
    """A fact's name as a table shows it."""
    return fact[:16]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple | list | frozenset | set):
        return ", ".join(map(str, value))
    return clean(str(value)).replace("\n", " ")


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
