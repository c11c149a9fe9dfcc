"""Bytes to rows of cells: decoding, lines, quotes. A stray quote costs its own line, never the rows after it."""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from spean.core.errors import InvalidInput, TooMuch

MOST_IN_LINE = 1 << 16
"""Characters of a line that is read."""
_MOST_WAITING = 1 << 20
"""Characters without a line's end: then it is no table."""
_MOST_LINES = 20
"""Lines of one record: a quoted text with line breaks."""
MOST_COLUMNS = 500
REPLACED = "\ufffd"
"""Stands where bytes are none of the encoding."""


class Row(NamedTuple):
    """A record's cells, or why it is none (``fault``). ``line`` from 1: where it begins."""

    line: int
    cells: list[str]
    fault: str = ""


def lines(chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Lines without their ends. A byte order mark goes; bytes that are none of the encoding become ``REPLACED``."""
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)("replace")
    waiting = ""
    for chunk in chunks:
        parts = (waiting + _decoded(decoder, chunk)).replace("\r\n", "\n").split("\n")
        waiting = parts.pop()
        for part in parts:
            yield from part.split("\r") if "\r" in part else (part,)
        if len(waiting) > _MOST_WAITING:
            raise TooMuch(
                "A line is too long",
                why=f"more than {_MOST_WAITING} characters",
                remedy="send a table",
                rule="csv-size",
            )
    waiting += _decoded(decoder, b"", final=True)
    if waiting:
        yield from waiting.rstrip("\r").split("\r")


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> str:
    try:
        return decoder.decode(chunk, final)
    except UnicodeError as error:
        raise InvalidInput(
            "encoding", str(error)[:100], remedy="have the table recognised, or save it as UTF-8", rule="csv-encoding"
        ) from None


def rows(chunks: Iterable[bytes], encoding: str, delimiter: str) -> Iterator[Row]:
    """All records in order; empty lines are left away."""
    source = lines(chunks, encoding)
    ahead: deque[str] = deque()
    at = 0
    while True:
        line = ahead.popleft() if ahead else next(source, None)
        if line is None:
            return
        at += 1
        if not line or line.isspace():
            continue
        if line.count('"') % 2 == 0:
            yield _row(at, line, delimiter)
            continue
        record, used = _joined(line, ahead, source)
        joined = _row(at, record, delimiter)
        if not used or joined.fault:  # a stray quote: this line is bad, those after it stand for themselves
            yield Row(at, [], joined.fault or "a quotation mark is not closed")
            continue
        for _ in range(used):
            ahead.popleft()
        yield joined
        at += used


def _joined(line: str, ahead: deque[str], source: Iterator[str]) -> tuple[str, int]:
    """The record that begins in a line with an open quote, and how many lines ahead belong to it; 0 when it never closes."""
    parts = [line]
    for used in range(1, _MOST_LINES):
        if len(ahead) < used:
            following = next(source, None)
            if following is None:
                break
            ahead.append(following)
        parts.append(ahead[used - 1])
        if ahead[used - 1].count('"') % 2:
            return "\n".join(parts), used
    return "", 0


def _row(at: int, record: str, delimiter: str) -> Row:
    if len(record) > MOST_IN_LINE:
        return Row(at, [], f"the line is longer than {MOST_IN_LINE} characters")
    if REPLACED in record:
        return Row(at, [], "some bytes are none of the table's encoding")
    if '"' not in record:
        cells = record.split(delimiter)
    else:
        try:
            cells = next(csv.reader((record,), delimiter=delimiter, strict=True))
        except (csv.Error, StopIteration) as error:
            return Row(at, [], f"the quotation marks are wrong ({error})")
    if len(cells) > MOST_COLUMNS:
        return Row(at, [], f"more than {MOST_COLUMNS} columns")
    return Row(at, cells)
