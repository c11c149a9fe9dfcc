"""The index folder: Parquet as truth, and the arrays of ``tracing.segment`` mapped from disk.

    index.json            format, currency, and every file with size and checksums; replaced last, at once
    truth/                append-only Parquet parts, in order of arrival, and the opening balances
    gen-000001/           rows, times, names …: derived, can be built again from the truth
    tail-000001.log       what arrived since (``live``)

A build that dies leaves files that ``index.json`` does not name; the next build removes them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from spean.core.errors import Conflict, InvalidInput
from spean.ledgers import columns as reading
from spean.ledgers import files, kernel_cache, simulated, tail
from spean.ledgers.bad import BALANCES, SHOWN, BadRow, BadRows, Report
from spean.ledgers.columns import Columns
from spean.ledgers.kinds import kind_of
from spean.ledgers.strings import Strings, strings_of
from spean.ledgers.watching import Progress, Stage, no_stage, nothing
from spean.tracing import compiled, kernels, model, segment
from spean.tracing.engine import Ledger
from spean.tracing.segment import Segment

kernel_cache.only_ours(compiled.KERNELS, (model, segment))  # before the first kernel runs
Array = Any
FORMAT = 1
MANIFEST = "index.json"
PARTS: dict[str, tuple[str, int]] = {
    "rows": ("int64", 8), "mins": ("int64", 1), "where": ("int32", 1), "pairs": ("int32", 2), "times": ("int64", 1),
    "keys": ("int32", 1), "first": ("int64", 1), "opening": ("int64", 3), "closing": ("int64", 3),
}  # fmt: skip
TEXTS: dict[str, tuple[str, int]] = {
    "blob": ("uint8", 1), "ends": ("int64", 1), "hashes": ("uint64", 1), "places": ("int32", 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableNames:
    """Names from two tables; a payment's number is its order."""

    payments: Strings
    accounts: Strings

    def order(self, payment: str) -> int | None:
        return self.payments.find(payment)

    def payment(self, order: int) -> str:
        return self.payments[order]

    def account(self, number: int) -> str:
        return self.accounts[number]

    def number(self, account: str) -> int | None:
        return self.accounts.find(account)

    def count(self) -> int:
        return len(self.accounts)


def load(
    source: Path, opening: Path | None = None, progress: Progress = nothing, keep_good: bool = False
) -> tuple[Columns, Array, Report]:
    """Read a ledger and its opening balances (by account number). Raises ``BadRows`` unless ``keep_good``."""
    report = Report()
    generated = simulated.files_of(source)
    if generated is None:
        table = reading.read(source, report, progress)
        known = None if opening is None else reading.read(opening, report, wanted=BALANCES)
    else:
        table, known = _simulated(*generated, opening, report, progress)
    if not keep_good:
        report.check()
    if known is not None and opening is not None:
        _once(known.column("account"), opening, report)
    found = reading.columns(table, None if known is None else known.column("account"))
    balances = np.zeros(len(found.accounts), np.int64)
    if known is not None:  # its accounts have the first numbers, in its order
        balances[: len(known)] = known.column("amount").to_numpy()
    return found, balances, report


def _simulated(
    transactions: Path, accounts: Path | None, opening: Path | None, report: Report, progress: Progress
) -> tuple[pa.Table, pa.Table | None]:
    """A ledger of AMLSim in our columns; named balances go before its own."""
    table = tail.table_of(simulated.transfers(transactions, report, progress))
    if opening is not None:
        return table, reading.read(opening, report, wanted=BALANCES)
    if accounts is None:
        return table, None
    held = simulated.balances(accounts, report)
    return table, pa.table(
        {"account": pa.array(held, pa.large_string()), "amount": pa.array(held.values(), pa.int64())}
    )


def _once(accounts: Any, path: Path, report: Report) -> None:
    """Raises ``BadRows`` when an account has two opening balances."""
    if len(accounts.unique()) == len(accounts):
        return
    seen: set[str] = set()
    for at, account in enumerate(accounts.to_pylist()):
        if account in seen:
            report.add(path.name, at + (2 if kind_of(path) == "csv" else 1), "account", f"{account!r} stands twice")
        seen.add(account)
    report.check()


def names_of(found: Columns, seed: int, source: Path | None = None) -> TableNames:
    """Tables of the names. Raises ``BadRows`` when an id stands twice, with its line when ``source`` is one file."""
    payments = strings_of(found.ids, seed)
    again = payments.doubles(SHOWN)
    if again:
        one = source is not None and source.is_file()
        name = source.name if source is not None and one else "row of the whole ledger,"
        first = 2 if source is not None and one and kind_of(source) == "csv" else 1
        rows = [BadRow(name, at + first, "id", f"{payments[at]!r} already stands in a row before") for at in again]
        raise BadRows(rows, len(rows))
    return TableNames(payments, strings_of(found.accounts, seed))


def in_memory(found: Columns, balances: Array, seed: int, source: Path | None = None) -> Ledger:
    """Index columns without writing anything."""
    names = names_of(found, seed, source)
    totals = np.zeros((len(found.accounts), 3), np.int64)
    totals[:, 0] = totals[:, 1] = balances
    segment = kernels.build(0, found.times, found.payers, found.payees, found.amounts, totals)
    return Ledger((segment,), names, found.currency, kernels)


def a_seed() -> int:
    """For the hash of names; drawn anew for each table."""
    return int.from_bytes(os.urandom(8), "big") >> 1


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: rows and accounts indexed, and rows left out (only with ``keep_good``)."""

    rows: int
    accounts: int
    left_out: int
    bad: tuple[BadRow, ...]


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """One process writes an index at a time. Raises ``Conflict``."""
    import fcntl

    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"Index {folder.name}", why="another process writes it", remedy="wait for it") from None
        yield


def build(
    source: Path, target: Path, balances: Path | None = None, progress: Progress = nothing, keep_good: bool = False,
    stage: Stage = no_stage,
) -> Built:  # fmt: skip
    """Build an index folder from a ledger; an index that is already there is replaced at the very end.

    Raises ``BadRows`` with every bad row's line, field and reason, unless ``keep_good``; ``InvalidInput`` for a damaged
    file; ``Conflict`` when ``target`` holds something else or is being written.
    """
    if target.exists() and not target.is_dir():
        raise Conflict(f"Folder {target.name}", why="a file has this name", remedy="a new folder")
    if target.exists() and any(target.iterdir()) and not (target / "lock").exists():
        raise Conflict(f"Folder {target.name}", why="it holds other files", remedy="an empty or a new folder")
    found, opening, report = load(source, balances, progress, keep_good)
    stage("indexing")
    ledger = in_memory(found, opening, a_seed(), source)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    stage("writing")
    with only_writer(target):
        number = last_number(target) + 1
        write_opening(target, number, opening, ledger)
        write_part(target, number, truth_of(found))
        publish(target, ledger, number, [number])
    return Built(len(found), len(found.accounts), report.count, tuple(report.rows))


def truth_of(found: Columns) -> pa.Table:
    """Columns as a Parquet file holds them."""
    accounts = found.accounts
    return pa.table({
        "id": found.ids, "time": found.times, "payer": pa.DictionaryArray.from_arrays(found.payers, accounts),
        "payee": pa.DictionaryArray.from_arrays(found.payees, accounts), "amount": found.amounts,
        "currency": pa.DictionaryArray.from_arrays(np.zeros(len(found), np.int8), [found.currency]),
    })  # fmt: skip


def _parquet(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(exist_ok=True)
    pyarrow.parquet.write_table(
        table, path, compression="zstd", row_group_size=1 << 20, write_page_checksum=True, store_schema=False
    )
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_part(target: Path, number: int, table: pa.Table) -> None:
    """Rows as they arrived, as a part of the truth."""
    _parquet(target / "truth" / f"part-{number:06}.parquet", table)


def write_opening(target: Path, number: int, opening: Array, ledger: Ledger) -> None:
    """Opening balances as a part of the truth."""
    names = [ledger.names.account(at) for at in range(len(opening))]
    _parquet(target / "truth" / f"opening-{number:06}.parquet", pa.table({"account": names, "amount": opening}))


def last_number(target: Path) -> int:
    """The highest number of a generation or part that was ever written here, finished or not."""
    names = [each.name for each in (*target.glob("gen-*"), *target.glob("truth/*"), *target.glob("tail-*"))]
    return max((int(name.split("-")[1][:6]) for name in names), default=0)


def publish(target: Path, ledger: Ledger, number: int, parts: list[int], opening: int | None = None) -> None:
    """Write a generation and make it the index, at once; then remove what it replaces."""
    (segment,) = ledger.segments
    names = ledger.names
    if not isinstance(names, TableNames):
        raise TypeError("only a compacted ledger is published")
    folder = target / f"gen-{number:06}"
    folder.mkdir()
    about = {name: files.write(folder / name, getattr(segment, name)) for name in PARTS}
    for table, strings in (("payments", names.payments), ("accounts", names.accounts)):
        for name in TEXTS:
            about[f"{table}-{name}"] = files.write(folder / f"{table}-{name}", getattr(strings, name))
    files.sync_folder(folder)
    tail.path(target, number).touch()
    manifest = {
        "format": FORMAT, "currency": ledger.currency, "generation": number, "seeds": [names.payments.seed, names.accounts.seed],
        "rows": len(segment), "accounts": len(names.accounts), "files": about, "opening": opening or number,
        "parts": parts, "after": [], "tail": number,
    }  # fmt: skip
    write_manifest(target, manifest)
    _tidy(target, manifest)


def write_manifest(target: Path, manifest: dict[str, Any]) -> None:
    files.replace(target / MANIFEST, json.dumps(manifest, indent=0).encode())


def _tidy(target: Path, manifest: dict[str, Any]) -> None:
    """Remove what the manifest does not name: former generations, and what a build that died left."""
    wanted = {
        f"gen-{manifest['generation']:06}", f"opening-{manifest['opening']:06}.parquet", f"tail-{manifest['tail']:06}.log",
        *(f"part-{part:06}.parquet" for part in (*manifest["parts"], *manifest["after"])),
    }  # fmt: skip
    for each in (*target.glob("gen-*"), *target.glob("truth/*"), *target.glob("tail-*")):
        if each.name not in wanted:
            shutil.rmtree(each) if each.is_dir() else each.unlink()


def is_index(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def manifest_of(folder: Path) -> dict[str, Any]:
    """What the index says of itself. Raises ``InvalidInput`` if that is damaged or of a newer format."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
        version = found["format"]
        needed = {"currency", "generation", "seeds", "rows", "accounts", "files", "opening", "parts", "after", "tail"}
        lacking = sorted(needed - set(found))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("index", f"{folder.name}/{MANIFEST} is damaged: {error}", remedy="build it anew") from error
    if version != FORMAT or lacking:
        raise InvalidInput(
            "index", f"{folder.name} is of format {version}, and this program reads {FORMAT}", remedy="build it anew"
        )
    return dict(found)


def open_index(folder: Path, check: bool = True) -> Ledger:
    """The indexed ledger, mapped, without what arrived since. ``check`` compares every block with its checksum.

    Raises ``InvalidInput`` with file and place where it is damaged.
    """
    manifest = manifest_of(folder)
    here = folder / f"gen-{manifest['generation']:06}"

    def array(name: str, kind: str, width: int) -> Array:
        if name not in manifest["files"]:
            raise InvalidInput("index", f"{MANIFEST} does not name {name}", remedy="build it anew")
        return files.mapped(here / name, kind, width, manifest["files"][name], check)

    parts = {name: array(name, *shape) for name, shape in PARTS.items()}
    tables = [
        Strings(**{name: array(f"{table}-{name}", *shape) for name, shape in TEXTS.items()}, seed=seed)
        for table, seed in zip(("payments", "accounts"), manifest["seeds"], strict=True)
    ]
    touched = np.arange(manifest["accounts"], dtype=np.int32)
    segment = Segment(base=0, touched=touched, **parts)
    _fits(segment, tables, manifest)
    for each in _scattered(segment, tables):
        files.scattered(each)
    return Ledger((segment,), TableNames(*tables), manifest["currency"], kernels)


def _scattered(segment: Segment, tables: list[Strings]) -> list[Array]:
    """What a trace reads here and there. Pairs are read from end to end by the reach of a whole ledger."""
    several = [segment.rows, segment.mins, segment.where, segment.times, segment.keys, segment.first]
    return several + [getattr(table, name) for table in tables for name in TEXTS]


def read_through(ledger: Ledger) -> None:
    """Say that everything will be read, before that is done."""
    names = ledger.names
    if isinstance(names, TableNames):
        for each in _scattered(ledger.segments[0], [names.payments, names.accounts]):
            files.scattered(each, is_so=False)


def _fits(segment: Segment, tables: list[Strings], manifest: dict[str, Any]) -> None:
    """Lengths agree, and no number points outside its array: a crafted index must not read foreign memory."""
    rows, accounts = manifest["rows"], manifest["accounts"]
    lengths = (
        all(len(each) == rows for each in (segment.rows, segment.where, segment.pairs, segment.times, tables[0]))
        and len(tables[1]) == len(segment.opening) == len(segment.closing) == accounts
        and len(segment.mins) == -(-rows // 64) and len(segment.first) == len(segment.keys) + 1
        and all(len(each.ends) == len(each) + 1 and len(each.hashes) == len(each) for each in tables)
    )  # fmt: skip
    inside = lengths and kernels.inside(segment, accounts) and all(
        len(each) == 0 or (each.places.min() >= 0 and each.places.max() < len(each)
        and each.ends[0] == 0 and each.ends[-1] == len(each.blob) and bool((np.diff(each.ends) >= 0).all()))
        for each in tables
    )  # fmt: skip
    if not inside:
        raise InvalidInput("index", "its parts do not fit together", remedy="build it anew from its truth")


def rebuild(folder: Path, progress: Progress = nothing) -> Built:
    """Build the arrays anew from the truth: when they are damaged, or of an older format of theirs."""
    manifest = manifest_of(folder)
    with only_writer(folder):
        parts = [*manifest["parts"], *manifest["after"]]
        waiting = tail.table(folder, manifest["tail"])
        if waiting is not None:
            parts.append(last_number(folder) + 1)
            write_part(folder, parts[-1], waiting)
        report = Report()
        tables = [reading.read(folder / "truth" / f"part-{part:06}.parquet", report, progress) for part in parts]
        table = pa.concat_tables(tables)
        table = table.take(pa.array(np.argsort(table.column("time").to_numpy(), kind="stable")))
        known = reading.read(folder / "truth" / f"opening-{manifest['opening']:06}.parquet", report, wanted=BALANCES)
        report.check()
        found = reading.columns(table, known.column("account"))
        balances = np.zeros(len(found.accounts), np.int64)
        balances[: len(known)] = known.column("amount").to_numpy()
        publish(folder, in_memory(found, balances, a_seed()), last_number(folder) + 1, parts, manifest["opening"])
    return Built(len(found), len(found.accounts), 0, ())
