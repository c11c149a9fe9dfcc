"""Tables of names that commands read: CSV in UTF-8, row by row, so that a file of any length passes; errors name line, field and remedy."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TypeVar

from spean.core.errors import InvalidInput
from spean.matching.names.model import Kind

T = TypeVar("T")
LONGEST_FIELD = 20_000
AT_ONCE = 16_384
"""Pairs of names that are compared at once: the more, the less each costs."""
KINDS: dict[str, Kind] = {
    "": "person", "person": "person", "organisation": "organisation", "organization": "organisation", "company": "organisation",
    "org": "organisation",
}  # fmt: skip
"""What a column ``kind`` may say."""


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """A table to read; ``-`` is standard input."""
    if str(path) == "-":
        yield sys.stdin
        return
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise InvalidInput(
            "file", f"{path} cannot be read: {error.strerror}", remedy="name a readable CSV file"
        ) from error
    with file:
        yield file


def rows(
    file: IO[str], name: str, wanted: tuple[str, ...], optional: tuple[str, ...]
) -> Iterator[tuple[int, list[str]]]:
    """The line number and the named fields of each row, in the order ``wanted + optional``; an absent column is empty.

    Raises ``InvalidInput`` for a missing or doubled column, for a row that is too short, and for what is no CSV in UTF-8.
    """
    reader = csv.reader(file, strict=True)
    try:
        head = [column.strip().lower().removeprefix("\ufeff") for column in next(reader, [])]
        at = _places(head, name, wanted, optional)
        needed = max(at[: len(wanted)]) + 1
        whole = at == list(range(len(at)))
        for row in reader:
            if any(len(field) > LONGEST_FIELD for field in row):
                raise _bad(name, reader.line_num, "row", f"has a field of more than {LONGEST_FIELD} characters")
            if len(row) < needed:
                if not row:
                    continue
                raise _bad(name, reader.line_num, wanted[-1], f"the row has {len(row)} of {len(head)} fields")
            if whole and len(row) == len(at):
                yield reader.line_num, row
            else:
                yield reader.line_num, [row[place] if 0 <= place < len(row) else "" for place in at]
    except csv.Error as error:
        raise _bad(name, reader.line_num, "row", f"is no CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise _bad(name, reader.line_num + 1, "row", "is not text in UTF-8") from error


def _places(head: list[str], name: str, wanted: tuple[str, ...], optional: tuple[str, ...]) -> list[int]:
    for column in (*wanted, *optional):
        if head.count(column) > 1 or (column in wanted and column not in head):
            there = ", ".join(each[:40] for each in head[:20]) or "nothing"
            raise InvalidInput(
                column, f"{name}: the column is missing or stands twice; the first line names {there}",
                remedy=f"the first line names the columns: {','.join(wanted)}" + (f"; may name {','.join(optional)}" if optional else ""),
            )  # fmt: skip
    return [head.index(column) if column in head else -1 for column in (*wanted, *optional)]


def _bad(name: str, line: int, field: str, why: str) -> InvalidInput:
    return InvalidInput(field, f"{name} line {line}: {why}", remedy="correct the line; rows before it were answered")


@contextmanager
def at_line(name: str, line: int) -> Iterator[None]:
    """Says where a bad value stands."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(error.field, f"{name} line {line}: {error.why}", remedy=error.remedy) from error


def kind_of(text: str) -> Kind:
    """The kind that a field says. Raises ``InvalidInput``."""
    known = KINDS.get(text) or KINDS.get(text.strip().lower())
    if known is None:
        raise InvalidInput(
            "kind", f"{text[:40]!r} is no kind", remedy="write person or organisation, or leave it empty"
        )
    return known


def batches(items: Iterator[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """Items in lists of at most ``size``."""
    while some := list(islice(items, size)):
        yield some


def writer() -> Callable[[list[dict[str, object]]], None]:
    """Prints one JSON object a line, at once."""
    import msgspec

    encode, into = msgspec.json.Encoder().encode_lines, sys.stdout

    def write(objects: list[dict[str, object]]) -> None:
        into.write(encode(objects).decode())
        into.flush()

    return write
