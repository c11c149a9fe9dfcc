"""Large ledgers as columns: Parquet and CSV by Arrow, checked in one sweep; only a chunk with a fault is read by row."""

from __future__ import annotations

import csv
import mmap
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from spean.core.errors import InvalidInput, TooMuch
from spean.ledgers.bad import COLUMNS, EARLIEST, LATEST, MAX_NAME, READ, Report, missing
from spean.ledgers.kinds import kind_of, named, not_utf8
from spean.ledgers.watching import Progress, nothing
from spean.tracing.model import MAX_AMOUNT
from spean.tracing.segment import MAX_ROWS

Array = Any
CHUNK = 1 << 23
MAX_GROUP = 4 << 30
BYTES_A_ROW = 200
"""What reading and indexing a row takes at its peak; a little less than measured."""
NUMBERS = ("time", "amount")
TEXTUAL = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary, pa.types.is_integer
)  # fmt: skip
MAX_FILES = 10_000
_STRAY = re.compile(rb'(?:^|[,\n])"(?:[^"\n]|"")*"[^",\r\n]')
CONTROL = r"[\x00-\x1f\x7f-\x{9f}]"


@dataclass(frozen=True, slots=True)
class Columns:
    """A ledger by columns, in order. ``payers`` and ``payees`` are places in ``accounts`` (int32)."""

    ids: pa.Array
    times: Array
    payers: Array
    payees: Array
    amounts: Array
    accounts: pa.Array
    currency: str

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one file as they were read, and the line of each."""

    file: str
    table: pa.Table
    line: Callable[[int], int]


def files_of(source: Path) -> list[Path]:
    """The file, or those of the folder by name. Raises ``InvalidInput`` when there are none, or too many."""
    if source.is_dir():
        found = sorted(each for each in source.iterdir() if named(each))
        if not 0 < len(found) <= MAX_FILES:
            raise InvalidInput(
                "ledger", f"the folder {source.name} holds {len(found)} files that end in .csv or .parquet",
                remedy="name a folder of ledger files, or an index that is whole",
            )  # fmt: skip
        return found
    kind_of(source)
    return [source]


def chunks(path: Path, wanted: tuple[str, ...], report: Report, progress: Progress = nothing) -> Iterator[Chunk]:
    """Read a file piece by piece. A damaged file says where it is damaged (``InvalidInput``)."""
    reader = _csv if kind_of(path) == "csv" else _parquet
    where = ["at its beginning"]
    try:
        yield from reader(path, wanted, report, progress, where)
    except MemoryError as error:
        raise TooMuch(
            path.name, why=f"memory ended {where[0]}", remedy="a larger machine, or several ledgers"
        ) from error
    except (pa.ArrowException, OSError, UnicodeDecodeError, csv.Error) as error:
        if isinstance(error, UnicodeDecodeError) or "invalid UTF8" in str(error):
            raise not_utf8(path) from error
        raise InvalidInput(
            "file", f"{path.name} is damaged {where[0]}: {str(error)[:300]}", remedy="fetch the file again"
        ) from error


def _csv(path: Path, wanted: tuple[str, ...], report: Report, progress: Progress, where: list[str]) -> Iterator[Chunk]:
    skipped: list[int] = []

    def odd(row: Any) -> str:
        line = 2 if row.number is None else row.number
        skipped.append(line)
        report.add(path.name, line, "row", f"has {row.actual_columns} fields, and the header {row.expected_columns}")
        return "skip"

    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader([file.readline(10_000)], strict=True), [])
    missing(path.name, wanted, header)
    _quoted_right(path)
    size, rows = path.stat().st_size, 0
    reader = pyarrow.csv.open_csv(
        path,
        read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=CHUNK),
        parse_options=pyarrow.csv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=odd),
        convert_options=pyarrow.csv.ConvertOptions(
            include_columns=list(wanted), column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False
        ),
    )
    done = 0
    for batch in reader:
        first = rows + 2
        yield _without_blank(Chunk(path.name, pa.Table.from_batches([batch]), _from(first, skipped)))
        rows += len(batch)
        done = min(size, done + CHUNK)
        where[0] = f"after line {rows + 1}"
        progress(done, size)


def _quoted_right(path: Path) -> None:
    """Arrow takes ``""A1`` for A1. Raises ``InvalidInput`` with the line on which something follows a closing quote."""
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        first = text.find(b'"')
        stray = None if first < 0 else _STRAY.search(text, max(0, first - 1))
        if stray is not None:
            line = text[: stray.end() - 1].count(b"\n") + 1
            raise InvalidInput(
                "file", f"{path.name} line {line}: ',' expected after '\"'", remedy="a CSV file in UTF-8"
            )


def _without_blank(chunk: Chunk) -> Chunk:
    """Lines with nothing in them are no rows; the others keep their lines."""
    blank = pa.scalar(True)
    for column in chunk.table.columns:
        blank = pc.and_(blank, pc.equal(column, ""))
    if not pc.any(blank).as_py():
        return chunk
    places = np.flatnonzero(~blank.to_numpy())
    return Chunk(chunk.file, chunk.table.take(pa.array(places)), lambda at: chunk.line(int(places[at])))


def _line(skipped: list[int], line: int) -> int:
    """The line in the file of what would be ``line`` without the rows that were skipped before it."""
    for each in sorted(skipped):
        if each > line:
            break
        line += 1
    return line


def _from(first: int, skipped: list[int]) -> Callable[[int], int]:
    return lambda at: _line(skipped, first + at)


def _parquet_file(path: Path, wanted: tuple[str, ...]) -> Any:
    """The file, with its texts read as a list of different ones and places in it: what repeats is not multiplied."""
    limits = {"thrift_string_size_limit": 100_000_000, "thrift_container_size_limit": 10_000_000}
    with pyarrow.parquet.ParquetFile(path, **limits) as file:
        schema, about = file.schema_arrow, file.metadata
    missing(path.name, wanted, schema.names)
    texts = [name for name in wanted if name not in NUMBERS and not pa.types.is_nested(schema.field(name).type)]
    return pyarrow.parquet.ParquetFile(
        path, memory_map=True, page_checksum_verification=True, metadata=about, read_dictionary=texts, **limits
    )


def _parquet(path: Path, wanted: tuple[str, ...], _: Report, progress: Progress, where: list[str]) -> Iterator[Chunk]:
    where[0] = "at its end, where it says what is in it (perhaps it is cut short)"
    with _parquet_file(path, wanted) as file:
        size, rows, done = path.stat().st_size, 0, 0
        _fits_memory(path, file.metadata.num_rows)
        for group in range(file.metadata.num_row_groups):
            where[0] = f"in row group {group} (from row {rows + 1})"
            about = file.metadata.row_group(group)
            if about.total_byte_size > MAX_GROUP or rows + about.num_rows > MAX_ROWS:
                raise TooMuch(f"{path.name}, row group {group}", why="larger than any ledger", remedy="smaller files")
            table = file.read_row_group(group, columns=list(wanted), use_threads=False)
            first = rows + 1
            yield Chunk(path.name, table, _from(first, []))
            rows += about.num_rows
            done += sum(about.column(at).total_compressed_size for at in range(about.num_columns))
            progress(min(done, size), size)


def _fits_memory(path: Path, rows: int) -> None:
    """A small file can claim billions of rows. Raises ``TooMuch`` for more than this machine could index."""
    needed, there = rows * BYTES_A_ROW, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > there:
        raise TooMuch(
            f"{path.name} says that it has {rows} rows", why=f"they need about {needed >> 30} GiB, and this machine has {there >> 30}",
            remedy="a larger machine, or several ledgers",
        )  # fmt: skip


def read_column(chunk: Chunk, name: str, report: Report, good: Array) -> pa.Array | Array:
    """One column, checked: int64 numbers, or strings. Bad rows are reported and unset in ``good``."""
    column = chunk.table.column(name).combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # no chunk at all
        column = pa.array([], column.type)
    try:
        return _FAST[name](column)
    except (ValueError, pa.ArrowException):
        return _by_row(chunk, name, column, report, good)


def _by_row(chunk: Chunk, name: str, column: pa.Array, report: Report, good: Array) -> pa.Array | Array:
    number = name in NUMBERS
    values: list[Any] = []
    for at, value in enumerate(_plain(column)):
        try:
            values.append(READ[name](value))
        except ValueError as error:
            if good[at]:
                report.add(chunk.file, chunk.line(at), name, str(error))
            good[at] = False
            values.append(0 if number else "")
    return np.array(values, np.int64) if number else pa.array(values, pa.large_string())


def _plain(column: pa.Array) -> Iterator[Any]:
    """The values as Python has them; a text that many rows share is made once, however long it is."""
    if not pa.types.is_dictionary(column.type):
        yield from column.to_pylist()
        return
    shared = column.dictionary.to_pylist()
    for place in column.indices.to_pylist():
        yield None if place is None else shared[place]


def _ok(condition: Any) -> None:
    if not condition:
        raise ValueError


def _amounts(column: pa.Array) -> Array:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        _ok(pc.all(pc.match_substring_regex(column, "^[0-9]{1,18}$")).as_py() is not False)
    else:
        _ok(pa.types.is_integer(kind))
    values = _numbers(column)
    _ok(len(values) == 0 or (values.min() >= 0 and values.max() <= MAX_AMOUNT))
    return values


def _numbers(column: pa.Array) -> Array:
    _ok(column.null_count == 0)
    return column.cast(pa.int64()).to_numpy(zero_copy_only=False)


def _times(column: pa.Array) -> Array:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        if len(column) and not column[0].as_py().lstrip("-").isdigit():
            column = _moments(column)
        else:  # Arrow would take hexadecimal digits too
            _ok(pc.all(pc.match_substring_regex(column, "^-?[0-9]{1,15}$")).as_py() is not False)
    elif pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("ms", kind.tz), safe=False)
    else:
        _ok(pa.types.is_integer(kind))
    values = _numbers(column)
    _ok(len(values) == 0 or (values.min() >= EARLIEST and values.max() <= LATEST))
    return values


def _moments(column: pa.Array) -> pa.Array:
    """ISO 8601 text to milliseconds, by Arrow; what it does not understand goes by row."""
    zone = "UTC" if column[0].as_py()[19:].strip(".0123456789") else None
    return column.cast(pa.timestamp("us", zone)).cast(pa.timestamp("ms", zone), safe=False)


def _names(column: pa.Array) -> pa.Array:
    _ok(column.null_count == 0)
    if pa.types.is_dictionary(
        column.type
    ):  # looked at before it is multiplied: one long text may stand in a million rows
        texts = _texts(column.dictionary)
        return pa.DictionaryArray.from_arrays(column.indices, texts).dictionary_decode()
    return _texts(column)


def _texts(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = column.cast(pa.large_string())  # refuses what is not UTF-8
    _ok(column.null_count == 0 and any(test(kind) for test in TEXTUAL))
    column = column.cast(pa.large_string())
    if len(column):
        extent = pc.min_max(pc.binary_length(column)).as_py()
        _ok(extent["min"] >= 1 and extent["max"] <= MAX_NAME)
        _ok(not pc.any(pc.match_substring_regex(column, CONTROL)).as_py())
    return column


_FAST: dict[str, Callable[[pa.Array], Any]] = {
    "id": _names, "time": _times, "payer": _names, "payee": _names, "amount": _amounts, "currency": _names,
    "account": _names,
}  # fmt: skip


def read(source: Path, report: Report, progress: Progress = nothing, wanted: tuple[str, ...] = COLUMNS) -> pa.Table:
    """All good rows of a file or folder, in order: by time, then by file and row. The bad ones are in ``report``."""
    tables, several = [], files_of(source)
    sizes = [path.stat().st_size for path in several]
    before, order = 0, _Order(report)
    for path, size in zip(several, sizes, strict=True):
        order.begin()

        def shown(done: int, _: int, before: int = before) -> None:
            progress(before + done, sum(sizes))

        tables += [_checked(chunk, wanted, report, order) for chunk in chunks(path, wanted, report, shown)]
        before += size
    table = pa.concat_tables(tables) if tables else _checked_schema(wanted).empty_table()
    if len(table) > MAX_ROWS:
        raise TooMuch("Ledger", why=f"more than {MAX_ROWS} rows", remedy="several ledgers")
    if len(several) > 1 and "time" in wanted:
        places = np.argsort(table.column("time").to_numpy(), kind="stable")
        table = table.take(pa.array(places))
    return table


def _checked_schema(wanted: tuple[str, ...]) -> pa.Schema:
    return pa.schema([(name, pa.int64() if name in NUMBERS else pa.large_string()) for name in wanted])


class _Order:
    """Rows stand in order of time within a file, and in one currency throughout."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.currency = ""
        self.latest = EARLIEST

    def begin(self) -> None:
        self.latest = EARLIEST

    def check(self, chunk: Chunk, values: dict[str, Any], good: Array) -> None:
        times = values["time"]
        highest = np.maximum.accumulate(np.where(good, np.maximum(times, self.latest), self.latest))
        for at in np.flatnonzero(good & (times < highest)).tolist():
            self._bad(chunk, at, good, "time", "is earlier than a row before; rows stand in order of time")
        self.latest = int(highest[-1])
        currencies = pc.value_counts(values["currency"].filter(pa.array(good))).to_pylist()
        self.currency = self.currency or next((each["values"] for each in currencies), "")
        if any(each["values"] != self.currency for each in currencies):
            other = pc.not_equal(values["currency"], self.currency).to_numpy(zero_copy_only=False)
            for at in np.flatnonzero(good & other).tolist():
                shown = values["currency"][at].as_py()
                self._bad(chunk, at, good, "currency", f"{shown} in a ledger of {self.currency}")

    def _bad(self, chunk: Chunk, at: int, good: Array, name: str, reason: str) -> None:
        self.report.add(chunk.file, chunk.line(at), name, reason)
        good[at] = False


def _checked(chunk: Chunk, wanted: tuple[str, ...], report: Report, order: _Order) -> pa.Table:
    good = np.ones(len(chunk.table), bool)
    values = {name: read_column(chunk, name, report, good) for name in wanted}
    if "time" in wanted and len(good):
        order.check(chunk, values, good)
    table = pa.table(values, _checked_schema(wanted))
    return table if good.all() else table.filter(pa.array(good))


def columns(table: pa.Table, known: pa.Array | None = None) -> Columns:
    """Accounts get numbers: first those of ``known`` (opening balances) in their order, then as they appear."""
    count = len(table)
    names = (
        [] if known is None else known.cast(pa.large_string()).chunks if isinstance(known, pa.ChunkedArray) else [known]
    )
    both = pa.chunked_array([*names, *table.column("payer").chunks, *table.column("payee").chunks], pa.large_string())
    coded = both.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    places = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    skip = len(both) - 2 * count
    currency = table.column("currency")[0].as_py() if count else ""
    ids = table.column("id").combine_chunks()
    if isinstance(ids, pa.ChunkedArray):
        ids = pa.concat_arrays(ids.chunks) if ids.num_chunks else pa.array([], pa.large_string())
    times, amounts = (np.ascontiguousarray(table.column(name).to_numpy()) for name in ("time", "amount"))
    return Columns(ids, times, places[skip : skip + count].copy(), places[skip + count :].copy(), amounts,
                   coded.dictionary, currency)  # fmt: skip
