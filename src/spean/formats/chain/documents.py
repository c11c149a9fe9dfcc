"""An explorer's export, JSON or table, as rows of text. Numbers stay text, so no digit is lost to a float."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from spean.core.errors import InvalidInput, TooMuch
from spean.formats.bank_csv.records import rows
from spean.formats.bank_csv.words import plain

MOST_JSON = 1 << 28
"""Bytes of a JSON document, which is read as a whole. Tables are read line by line and have no such limit."""
_HEAD = 4096


class Export:
    """``records`` are dictionaries of text (tables) or parsed JSON objects; ``table`` tells which."""

    def __init__(self, table: bool, records: Iterator[tuple[int, Any]]) -> None:
        self.table = table
        self.records = records


def export(chunks: Iterable[bytes]) -> Export:
    """Open an export. Raises ``InvalidInput`` when it is neither JSON nor a table, ``TooMuch`` when JSON is too long."""
    source = iter(chunks)
    head = b""
    while len(head.strip()) < 1 or len(head) < _HEAD:
        piece = next(source, None)
        if piece is None:
            break
        head += piece
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"["):
        return Export(False, _objects(_whole(head, source)))
    return Export(True, _table(head, source))


def _whole(head: bytes, source: Iterator[bytes]) -> bytes:
    found = bytearray(head)
    for piece in source:
        found += piece
        if len(found) > MOST_JSON:
            raise TooMuch(
                "The JSON document is too long",
                why=f"more than {MOST_JSON} bytes",
                remedy="export a table, or in parts",
                rule="json-size",
            )
    return bytes(found)


def _objects(raw: bytes) -> Iterator[tuple[int, Any]]:
    """The list of transactions or transfers inside, however the explorer wraps it; a single object is a list of one."""
    try:
        parsed = json.loads(raw.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "document", str(error)[:200] or "nested too deep", remedy="export it again", rule="json"
        ) from None
    listed = _listed(parsed)
    yield from enumerate(listed, 1)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _listed(parsed: Any) -> list[Any]:
    if isinstance(parsed, list):
        return parsed
    for name in ("result", "token_transfers", "transfers", "data", "txs", "transactions"):
        inner = parsed.get(name)
        if isinstance(inner, list):
            return inner
        if isinstance(inner, dict):
            return _listed_inside(inner)
    return [parsed]


def _listed_inside(inner: dict[str, Any]) -> list[Any]:
    """One level deeper: Blockchair's ``data`` maps a hash to its transaction."""
    for name in ("list", "items", "transfers"):
        if isinstance(inner.get(name), list):
            return list(inner[name])
    return list(inner.values())


def _table(head: bytes, source: Iterator[bytes]) -> Iterator[tuple[int, Any]]:
    first = head.split(b"\n", 1)[0]
    delimiter = max((",", "\t", ";"), key=lambda sign: first.count(sign.encode()))

    def joined() -> Iterator[bytes]:
        yield head
        yield from source

    header: list[str] | None = None
    for row in rows(joined(), "utf-8", delimiter):
        if header is None:
            header = [plain(cell) for cell in row.cells]
            if len(header) < 2:
                raise InvalidInput(
                    "document",
                    "it is neither JSON nor a table",
                    remedy="use the explorer's export",
                    rule="chain-export",
                )
            continue
        if row.fault or len(row.cells) < len(header):
            yield row.line, row.fault or f"{len(row.cells)} columns where {len(header)} are needed"
        else:
            yield row.line, {name: cell.strip() for name, cell in zip(header, row.cells, strict=False)}
    if header is None:
        raise InvalidInput("document", "it is empty", remedy="use the explorer's export", rule="chain-export")
