"""What a table from a bank seems to be: a proposal with its confidence, the open questions and sample rows. Nothing is loaded by it."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from spean.core.errors import InvalidInput
from spean.formats.bank_csv.mapping import DELIMITERS, Mapping, Order, Style, fingerprint
from spean.formats.bank_csv.read import read
from spean.formats.bank_csv.records import Row, rows
from spean.formats.bank_csv.values import ascii_digits, date_parts
from spean.formats.bank_csv.words import KNOWN, field_of, plain, unit_in
from spean.formats.model import Item

SAMPLE = 1 << 16
"""Bytes that are looked at; more are ignored."""
_SHOWN = 10
_LEGACY = ("gb18030", "big5", "cp949", "cp874", "shift_jis", "cp1258", "cp1252")
_SCRIPTS = {
    "cp874": (0x0E00, 0x0E7F), "cp949": (0xAC00, 0xD7A3), "gb18030": (0x4E00, 0x9FFF), "big5": (0x4E00, 0x9FFF), "shift_jis": (0x3040, 0x30FF),
    "cp1258": (0x00C0, 0x01B0), "cp1252": (0x00C0, 0x00FF),
}  # fmt: skip
"""The letters that a text in this encoding mostly has."""
_ACCOUNT = re.compile(r"\d[\d\- ]{4,30}\d")


@dataclass(frozen=True, slots=True)
class Proposal:
    """For the analyst: right when ``questions`` are answered and the ``samples`` read as the bank means them."""

    mapping: Mapping
    confidence: float
    """0 to 1. Below 1 something was inferred; the questions say what."""
    questions: tuple[str, ...]
    header: tuple[str, ...]
    """The columns' names; empty texts where the table has no header."""
    samples: tuple[Item, ...]
    """The first rows as they would be loaded; empty while the mapping lacks something."""


def recognise(sample: bytes, *, currency: str = "", account: str = "", keeper: str = "", offset: int = 0) -> Proposal:
    """Propose how to read a table, from its first bytes and what the analyst knows already.

    A table whose header names nothing known is proposed without columns, for the analyst to choose them.
    Raises ``InvalidInput`` when it is no table: it is empty, or has fewer than two columns (three, when nothing in it is known).
    """
    sample = sample[:SAMPLE]
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise InvalidInput(
            "file", "there is nothing in the file", remedy="fetch it again from where it was made", rule="csv-table"
        )
    encoding, sure = guess_encoding(sample)
    delimiter, found = _table(sample, encoding)
    at, fields = _header(found)
    doubts: dict[str, float] = (
        {} if sure == 1 else {f"The letters seem to be {encoding}: do names and texts look right?": sure}
    )
    if not fields:
        fields = _by_content(_whole(found))
    if not fields:
        at = _unnamed(found)
    header = tuple(found[at].cells) if at is not None else ()
    body = _whole(found[0 if at is None else at + 1 :])
    if "date" in fields and "time" not in fields:
        fields = _with_time(fields, header, body)
    style = _style(fields, doubts)
    order, buddhist = _dates([_at(row, fields["date"][0]) for row in body if "date" in fields], doubts)
    amounts = [_at(row, fields[name][0]) for row in body for name in ("amount", "debit", "credit") if name in fields]
    decimal = _decimal(amounts, doubts)
    currency = currency or ("" if "currency" in fields else _currency(header, doubts))
    account = account or ("" if style == "two-parties" or "account" in fields else _account(found[: at or 0], doubts))
    if "date" in fields and not any(":" in _at(row, fields["date"][0]) for row in body) and "time" not in fields:
        doubts["The table has no time of day: is there a fuller export?"] = 0.9
    mapping = Mapping(
        fingerprint(header), encoding, delimiter, 0 if at is None else at + 1, {name: column for name, (column, _) in fields.items()},
        style, order, buddhist, decimal, offset, currency, account, keeper,
    )  # fmt: skip
    confidence = min([1.0, *(sure for _, sure in fields.values())])
    for sure in doubts.values():
        confidence *= sure
    shown = header or ("",) * max((len(row.cells) for row in body), default=0)
    return Proposal(mapping, round(confidence, 3), tuple(doubts), shown, _samples(sample, mapping))


def _whole(found: Sequence[Row]) -> list[Row]:
    return [row for row in found if not row.fault and len(row.cells) > 1]


def _at(row: Row, column: int) -> str:
    return row.cells[column].strip() if column < len(row.cells) else ""


def _samples(sample: bytes, mapping: Mapping) -> tuple[Item, ...]:
    whole = sample[: sample.rfind(b"\n") + 1] if len(sample) == SAMPLE else sample
    try:
        items = read([whole], mapping)
        return tuple(item for item, _ in zip(items, range(_SHOWN), strict=False))
    except InvalidInput:
        return ()


# encoding -------------------------------------------------------------------------------------------------------


def guess_encoding(sample: bytes) -> tuple[str, float]:
    """The encoding, and how sure it is. Words of headers decide between those that read the same bytes as other letters."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", 1.0
    nulls = sample[:200].count(0)
    if nulls > len(sample[:200]) // 4:
        return ("utf-16-le" if sample[1:2] == b"\0" else "utf-16-be"), 0.9
    if _decoded(sample, "utf-8") is not None:
        return "utf-8", 1.0
    scores = {name: score for name in _LEGACY if (score := _score(sample, name)) is not None}
    best = max(scores, key=lambda name: scores[name], default="cp1252")
    words = scores.get(best, 0.0) >= 1
    return best, 0.95 if words else 0.5


def _decoded(sample: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(sample)
    except UnicodeDecodeError:
        return None


def _score(sample: bytes, encoding: str) -> float | None:
    """Known words of headers, and the share of letters (below one) that a text in this encoding would have; ``None``: unreadable."""
    text = _decoded(sample, encoding)
    if text is None:
        return None
    cells = {plain(cell) for line in text.splitlines()[:40] for cell in re.split(r"[,;\t|\"]", line)[:60]}
    words = sum(1 for cell in cells if not cell.isascii() and cell in KNOWN)
    low, high = _SCRIPTS[encoding]
    foreign = [char for char in text if ord(char) > 127]
    return words + 0.99 * sum(low <= ord(char) <= high for char in foreign) / max(1, len(foreign))


# table, header, columns -----------------------------------------------------------------------------------------


def _table(sample: bytes, encoding: str) -> tuple[str, list[Row]]:
    """The delimiter under which most rows have equally many columns, and the rows."""
    whole = (
        sample[: sample.rfind(b"\n") + 1]
        if len(sample) == SAMPLE and b"\n" in sample and "16" not in encoding
        else sample
    )
    best: tuple[int, str, list[Row]] = (0, ",", [])
    for delimiter in DELIMITERS:
        found = list(rows([whole], encoding, delimiter))[:200]
        widths = Counter(len(row.cells) for row in found if len(row.cells) > 1)
        if widths:
            width, count = widths.most_common(1)[0]
            if count * min(width, 12) > best[0]:
                best = (count * min(width, 12), delimiter, found)
    if not best[2]:
        raise InvalidInput(
            "table", "no rows of several columns are in it", remedy="send a table with commas or tabs", rule="csv-table"
        )
    return best[1], best[2]


def _header(found: Sequence[Row]) -> tuple[int | None, dict[str, tuple[int, float]]]:
    """The row that names most fields, and field → column and confidence."""
    best: tuple[float, int | None, dict[str, tuple[int, float]]] = (0.0, None, {})
    for at, row in enumerate(found[:40]):
        fields: dict[str, tuple[int, float]] = {}
        for column, cell in enumerate(row.cells):
            name, sure = field_of(cell) if len(cell) < 60 else ("", 0.0)
            if name and (name not in fields or fields[name][1] < sure):
                fields[name] = (column, sure)
        if "date" not in fields and "time" in fields and _dated(found[at + 1 :], fields["time"][0]):
            fields["date"] = (fields.pop("time")[0], 0.9)
        total = sum(sure for _, sure in fields.values())
        if len(fields) > 1 and "date" in fields and total > best[0]:
            best = (total, at, fields)
    return best[1], best[2]


def _dated(body: Sequence[Row], column: int) -> bool:
    """Whether a column that is called *time* holds days with their times."""
    cells = [cell for row in body if (cell := _at(row, column))]
    return bool(cells) and all(":" in cell and date_parts(cell) is not None for cell in cells)


def _with_time(
    fields: dict[str, tuple[int, float]], header: Sequence[str], body: Sequence[Row]
) -> dict[str, tuple[int, float]]:
    """A second column with a header of dates (交易时间 means either) that holds times of day is the time."""
    for column, cell in enumerate(header):
        cells = [_at(row, column) for row in body]
        if (
            column != fields["date"][0]
            and field_of(cell)[0] == "date"
            and all(":" in text and date_parts(text) is None for text in cells)
        ):
            return {**fields, "time": (column, 0.9)}
    return fields


def _by_content(body: Sequence[Row]) -> dict[str, tuple[int, float]]:
    """A table without header: the column of dates, and the one of amounts with a decimal sign; nothing when not both are found."""
    fields: dict[str, tuple[int, float]] = {}
    for column in range(max((len(row.cells) for row in body), default=0)):
        cells = [cell for row in body if (cell := _at(row, column))]
        if cells and all(date_parts(cell) for cell in cells):
            fields.setdefault("date", (column, 0.5))
        elif cells and all(re.fullmatch(r"[-+]?[\d.,' ]*\d[.,]\d{2}", ascii_digits(cell)) for cell in cells):
            fields.setdefault("amount", (column, 0.4))
    return fields if set(fields) == {"date", "amount"} else {}


def _unnamed(found: Sequence[Row]) -> int | None:
    """Where the header of a table stands whose columns an analyst has to choose, None when it has none.

    Raises ``InvalidInput`` when nobody could: no two readable rows of the same three columns or more.
    """
    width, count = Counter(len(row.cells) for row in found if not row.fault).most_common(1)[0]
    if width < 3 or count < 2 or not all(cell.isprintable() for row in found for cell in row.cells):
        raise InvalidInput(
            "header",
            "no columns of date and amount are found",
            remedy="send a table with a date, an account and an amount in each row, and with its header",
            rule="csv-table",
        )
    at = next(at for at, row in enumerate(found) if len(row.cells) == width)
    return None if any(char.isdecimal() for cell in found[at].cells for char in cell) else at


def _style(fields: dict[str, tuple[int, float]], doubts: dict[str, float]) -> Style:
    if "payer" in fields and "payee" in fields and "amount" in fields:
        return "two-parties"
    if "debit" in fields and "credit" in fields:
        return "debit-credit"
    if "amount" in fields and "indicator" in fields:
        return "indicator"
    if "amount" not in fields:
        doubts["Which column holds the amount?"] = 0.1
    doubts["Is money that leaves the account written with a minus?"] = 0.8
    return "signed"


# values ---------------------------------------------------------------------------------------------------------


def _dates(cells: Sequence[str], doubts: dict[str, float]) -> tuple[Order, bool]:
    """The order of day, month and year, and whether years are Buddhist."""
    found = [parts for cell in cells if cell and (parts := date_parts(cell)) is not None]
    if not found:
        doubts["Which column holds the date?"] = 0.1
        return "ymd", False
    numbers = [parts[0] for parts in found]
    firsts, seconds, _thirds = (max(column) for column in zip(*numbers, strict=True))
    order: Order = "dmy"
    if firsts > 99:
        order = "ymd"
    elif seconds > 12:
        order = "mdy"
    elif firsts <= 12 and not any(named for _, named, _ in found):
        doubts["Which number of the date is the day? The rows fit both; the first is taken."] = 0.5
    years = [three[0] if order == "ymd" else three[2] for three in numbers]
    if max(years) < 100:
        shown = [year for year in years if 60 <= year <= 99]
        doubts[
            "The year has two digits: is it of the Buddhist era?"
            if shown
            else "The year has two digits: is it of this century?"
        ] = 0.6
        return order, bool(shown)
    return order, min(years) > 2400


def _decimal(cells: Sequence[str], doubts: dict[str, float]) -> Literal[".", ","]:
    """The sign before the fraction: the last of two different ones, or one that does not stand before exactly three digits."""
    votes: Counter[str] = Counter()
    unclear = False
    for cell in cells:
        signs = re.findall(r"[.,]", cell)
        tail = re.search(r"([.,])(\d+)\D*$", ascii_digits(cell))
        if tail is None:
            continue
        if len(set(signs)) == 2 or (len(signs) == 1 and len(tail[2]) != 3):
            votes[tail[1]] += 1
        elif len(signs) > 1:
            votes["," if signs[0] == "." else "."] += 1
        else:
            unclear = True
    if votes:
        best = votes.most_common(1)[0][0]
        if len(votes) > 1:
            doubts["Points and commas are mixed: which one stands before the fraction?"] = 0.4
        return "," if best == "," else "."
    if unclear:
        doubts["Do points and commas in the amounts only group the digits?"] = 0.7
        return "," if any("." in cell for cell in cells) else "."
    return "."


def _currency(header: Sequence[str], doubts: dict[str, float]) -> str:
    for cell in header:
        if unit := unit_in(cell):
            return unit
    doubts["Which currency is it?"] = 0.3
    return ""


def _account(before: Sequence[Row], doubts: dict[str, float]) -> str:
    """An account number in the lines before the header, beside a word for account."""
    for row in before:
        for column, cell in enumerate(row.cells):
            label, _, rest = cell.partition(":")
            if field_of(label)[0] != "account":
                continue
            following = row.cells[column + 1] if column + 1 < len(row.cells) else ""
            number = _ACCOUNT.search(ascii_digits(rest or following))
            if number is not None:
                doubts["Is this the statement's account?"] = 0.9
                return "".join(number[0].split())
    doubts["Whose account is this?"] = 0.3
    return ""


def confirmed(proposal: Proposal, **answers: Any) -> Mapping:
    """The mapping with the analyst's answers in place of what was proposed; raises ``InvalidInput`` while something is missing."""
    return replace(proposal.mapping, **answers).checked()
