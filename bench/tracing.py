"""Following money on a large ledger of mule accounts and ordinary ones, beside DuckDB and SQLite in the same run.

Usage: python bench/tracing.py [--transfers 10000000] [--victims 200] [--cases 25000] [--no-peers] [--work DIR] [--json]
Goals (issue 4): one victim over 72 hours by FIFO, all hops, at least 1,000 times as fast as DuckDB and 10 times as fast
as SQLite with primary key (payer, seq); warm p99 under 1 ms, cold under 100 ms; reach of the whole ledger at 25 % of what
the machine reads in sequence; 25,000 open cases traced again in 0.2 s on two free cores; 200,000 transfers a second
taken in from Parquet, a single one traceable within 10 ms.

The peers get our running sums as columns, so that each does the same search by interval, and answer in numbers, as does
our row "in numbers"; without the sums they would be far slower. Their answers are compared with ours. The ledger:
accounts of heavy-tailed activity, of which some also pass a victim's money on within minutes, split, five hops deep.
The seed is fixed. Everything is measured by the clock: run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import gc
import json
import mmap
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pyarrow as pa
import pyarrow.parquet

from spean.core.world import DAY, HOUR, MINUTE
from spean.ledgers import index
from spean.ledgers.live import Live
from spean.tracing import kernels
from spean.tracing.engine import Ledger, trace
from spean.tracing.model import Transfer
from spean.tracing.segment import AMOUNT, FIFO, LINK, LOW_HALF, OUT

START = 1_772_586_000_000
DAYS = 30
LASTING = 72 * HOUR


def generate(path: Path, count: int) -> list[str]:
    """Write a ledger as Parquet; ids of the victims' payments."""
    chance = np.random.default_rng(2026)
    accounts = max(1000, count // 10)
    times = np.sort(START + chance.integers(0, DAYS * DAY, count))
    payers = _heavy(chance, accounts, count)
    payees = _heavy(chance, accounts, count)
    amounts = np.maximum(1, (np.exp(chance.normal(8.5, 1.6, count))).astype(np.int64))
    mules = max(500, accounts // 50)
    victims = _cases(chance, (times, payers, payees, amounts), accounts - mules, accounts)
    names = pa.array([f"{1000 + number % 37:04}-{number:010}" for number in range(accounts)])
    table = pa.table({
        "id": pa.array([f"T{number:010}" for number in range(count)]), "time": times,
        "payer": pa.DictionaryArray.from_arrays(payers.astype(np.int32), names),
        "payee": pa.DictionaryArray.from_arrays(payees.astype(np.int32), names), "amount": amounts,
        "currency": pa.DictionaryArray.from_arrays(np.zeros(count, np.int8), ["USD"]),
    })  # fmt: skip
    pyarrow.parquet.write_table(table, path, row_group_size=1 << 20)
    with (path.parent / "balances.csv").open("w") as file:
        file.write("account,amount\n")
        opening = chance.integers(0, 400_000, accounts)
        opening[-mules:] //= 200
        for name, amount in zip(names.to_pylist(), opening.tolist(), strict=True):
            file.write(f"{name},{amount}\n")
    return [f"T{at:010}" for at in victims if times[at] < START + (DAYS - 4) * DAY]


def _cases(chance: Any, columns: tuple[Any, ...], first_mule: int, accounts: int) -> list[int]:
    """Write cases over the ordinary payments; the places of the victims' payments.

    A victim pays a mule, who passes it on within minutes in one to three parts, five times over. Mules (the accounts
    from ``first_mule`` on) have ordinary payments as well.
    """
    times, _, payees, amounts = columns
    count = len(times)
    victims = []
    for head in chance.choice(count - 1, max(100, count // 5000), replace=False).tolist():
        mule, amount = int(chance.integers(first_mule, accounts)), int(amounts[head]) * 20
        payees[head], amounts[head] = mule, amount
        victims.append(head)
        layer = [(mule, int(times[head]), amount)]
        for _ in range(5):
            layer = [
                passed
                for holder, since, held in layer
                for passed in _passed_on(chance, columns, holder, since, held, first_mule, accounts)
            ]
    return victims


def _passed_on(
    chance: Any, columns: tuple[Any, ...], holder: int, since: int, held: int, first_mule: int, accounts: int
) -> list[tuple[int, int, int]]:
    times, payers, payees, amounts = columns
    parts = int(chance.choice((1, 1, 2, 3)))
    passed = []
    for _ in range(parts):
        at = int(np.searchsorted(times, since + int(chance.integers(1, 40)) * MINUTE))
        following, amount = int(chance.integers(first_mule, accounts)), max(1, held // parts)
        if at < len(times):
            payers[at], payees[at], amounts[at] = holder, following, amount
            passed.append((following, int(times[at]), amount))
    return passed


def _heavy(chance: Any, accounts: int, count: int) -> Any:
    """Few accounts are busy, most are not."""
    return (accounts * chance.random(count) ** 2.2).astype(np.int64)


def timed(
    act: Callable[[Any], object], over: Sequence[Any], clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Seconds of each call, by the clock: what tells the processor's time takes half as long as a trace."""
    took = []
    for each in over:
        begun = clock()
        act(each)
        took.append(clock() - begun)
    return took


def spread(took: Sequence[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {
        "p50_us": round(statistics.median(ordered) * 1e6, 1),
        "p99_us": round(ordered[len(ordered) * 99 // 100] * 1e6, 1),
    }


def drop_cache(folder: Path) -> None:
    """Ask the system to forget the pages of the index."""
    for path in folder.glob("gen-*/*"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def forget(ledger: Ledger, folder: Path) -> None:
    """Take every page of a mapped index out of this process, then out of the system's cache."""
    (segment,), names = ledger.segments, ledger.names
    assert isinstance(names, index.TableNames)
    arrays = [getattr(segment, name) for name in index.PARTS]
    arrays += [getattr(table, name) for table in (names.payments, names.accounts) for name in index.TEXTS]
    for holder in arrays:
        while not isinstance(holder, mmap.mmap):
            holder = holder.obj if isinstance(holder, memoryview) else holder.base
        holder.madvise(mmap.MADV_DONTNEED)
    drop_cache(folder)


def bytes_read() -> int:
    """What this process has had to fetch from storage."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("read_bytes")))


def measure_cold(ledger: Ledger, victims: Sequence[str], folder: Path) -> dict[str, Any]:
    """The first trace after the whole index was forgotten, for several victims; by the clock, the disk included."""
    took, fetched = [], []
    for payment in victims[:30]:
        forget(ledger, folder)
        before = bytes_read()
        took += timed(
            lambda each: trace(ledger, each, "fifo", ledger.time(ledger.order(each)) + LASTING),
            [payment],
            time.perf_counter,
        )
        fetched.append(bytes_read() - before)
    for name in index.PARTS:  # and what comes next is measured warm
        np.asarray(getattr(ledger.segments[0], name)).sum()
    return {"p50_ms": round(statistics.median(took) * 1e3, 1), "max_ms": round(max(took) * 1e3, 1),
            "fetched_MB": round(statistics.median(fetched) / 1e6, 1)}  # fmt: skip


def measure_traces(ledger: Ledger, victims: Sequence[str]) -> dict[str, Any]:
    """One victim over 72 hours: as a full answer with names, and as numbers."""
    found: dict[str, Any] = {}
    for rule in ("fifo", "lifo", "haircut", "poison"):

        def act(payment: str, rule: Any = rule) -> object:
            return trace(ledger, payment, rule, ledger.time(ledger.order(payment)) + LASTING)

        timed(act, victims)
        found[rule] = spread(timed(act, victims))
    segment = ledger.segments[0]
    orders = [ledger.order(payment) for payment in victims]
    asked = [
        (order, 0, int(segment.rows[segment.where[order], AMOUNT]), int(segment.times[order]) + LASTING)
        for order in orders
    ]

    def numbers(question: tuple[int, int, int, int]) -> Any:
        return kernels.slices_of_one(ledger.segments, True, *question, 1 << 20)

    timed(numbers, asked)
    found["fifo, in numbers"] = spread(timed(numbers, asked))
    found["slices a trace"] = statistics.mean(len(numbers(each)) for each in asked)
    return found


def measure_cases(ledger: Ledger, cases: int, victims: Sequence[str]) -> dict[str, Any]:
    """Many open cases traced again by FIFO to the end of the ledger, on two threads: payments to mules of the last ten days,
    and (harder: money that is passed on quickly, of the whole month) the victims' payments, each as often as needed."""
    segment = ledger.segments[0]
    chance = np.random.default_rng(7)
    since = int(np.searchsorted(segment.times, segment.times[-1] - 10 * DAY))
    accounts = ledger.names.count()
    to_mules = since + np.flatnonzero(segment.pairs[since:, 1] >= accounts - accounts // 50)
    stolen = np.array([ledger.order(payment) for payment in victims])
    return {
        name: _retraced(ledger, chance.choice(orders, cases, replace=len(orders) < cases))
        for name, orders in (("to mules", to_mules), ("stolen", stolen))
    }


def _retraced(ledger: Ledger, orders: Any) -> dict[str, Any]:
    segment, cases = ledger.segments[0], len(orders)
    starts = np.zeros((cases, 3), np.int64)
    starts[:, 0], starts[:, 2] = orders, segment.rows[segment.where[orders], AMOUNT]
    untils = np.full(cases, kernels.FOREVER)

    def half(part: slice) -> int:
        return len(kernels.slices_array(ledger.segments, "fifo", starts[part], untils[part], 1 << 26))

    half(slice(0, 10))
    middle, took, cpu = cases // 2, [], []
    for _ in range(5):
        begun, spent = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(2) as pool:
            pieces = sum(pool.map(half, (slice(0, middle), slice(middle, cases))))
        took.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - spent)
    return {
        "cases": cases,
        "slices": pieces,
        "first_s": round(took[0], 3),
        "wall_s": round(min(took), 3),
        "cpu_s": round(min(cpu), 3),
    }


@numba.njit(cache=True, nogil=True)
def _sum(data):
    total = 0
    for at in range(len(data)):
        total += data[at]
    return total


def measure_reach(ledger: Ledger, victims: Sequence[str], folder: Path) -> dict[str, Any]:
    """Poison of the whole ledger in bytes read a second, one thread, beside reading in sequence by one thread in the same minute.

    Warm: the pairs are in memory, beside a sum over memory (which the compiler makes as wide as the machine) and beside
    reading a cached file. Cold: the pairs come from storage through the map, beside reading a file from storage.
    """
    starts = [ledger.order(payment) for payment in victims]
    segment = ledger.segments[0]
    plain, size = segment.rows.reshape(-1), segment.pairs.nbytes
    rates: dict[str, list[float]] = {name: [] for name in ("memory", "cached file", "warm", "storage", "cold")}
    space, reached = bytearray(size), 0
    pairs, rows = (next(folder.glob(f"gen-*/{name}")) for name in ("pairs", "rows"))

    def rate(name: str, size: int, act: Callable[[], object]) -> object:
        begun = time.perf_counter()
        done = act()
        rates[name].append(size / (time.perf_counter() - begun))
        return done

    def reach() -> Any:
        return kernels.reach(ledger.segments, [0], starts, ledger.names.count()).sum()

    for _ in range(7):
        reach(), _sum(plain)
        rate("memory", plain.nbytes, lambda: _sum(plain))
        rate("warm", size, reach)
        rate("cached file", size, lambda: _read(pairs, space))
    for _ in range(3):
        forget(ledger, folder)
        rate("storage", rows.stat().st_size, lambda: _read(rows, space))
        forget(ledger, folder)
        for start in starts[:200]:  # these pages are not the pass that is measured
            segment.rows[segment.where[start], AMOUNT]
        reached = int(rate("cold", size, reach))
    best = {name: max(several) for name, several in rates.items()}
    return {"accounts": ledger.names.count(), "reached": reached, **{f"{name}_GB_s": round(each / 1e9, 2) for name, each in best.items()},
            "warm/memory": round(best["warm"] / best["memory"], 3), "warm/cached file": round(best["warm"] / best["cached file"], 3),
            "cold/storage": round(best["cold"] / best["storage"], 3)}  # fmt: skip


def _read(path: Path, space: bytearray) -> None:
    """A file from end to end, in pieces of the size of ``space`` or less."""
    view = memoryview(space)[: 8 << 20]
    with path.open("rb", buffering=0) as file:
        while file.readinto(view):
            pass


def measure_live(folder: Path, work: Path, count: int, ledger: Ledger) -> dict[str, Any]:
    """Bulk arrivals from Parquet, then single ones, each traced at once."""
    chance = np.random.default_rng(3)
    names = [ledger.names.account(int(each)) for each in chance.integers(0, ledger.names.count(), 5000)]
    last = START + DAYS * DAY
    table = pa.table({
        "id": [f"L{number:010}" for number in range(count)], "time": last + np.arange(count),
        "payer": [names[each] for each in chance.integers(0, 5000, count)],
        "payee": [names[each] for each in chance.integers(0, 5000, count)],
        "amount": chance.integers(1, 10_000, count), "currency": ["USD"] * count,
    })  # fmt: skip
    pyarrow.parquet.write_table(table, work / "more.parquet")
    os.sync()  # what the peers wrote is not ours to wait for
    with Live(folder, check=False) as live:
        begun = time.perf_counter()
        live.load(work / "more.parquet")
        bulk = count / (time.perf_counter() - begun)
        os.sync()
        rows = [
            Transfer(f"S{number}", last + count + number, names[number], names[number + 1], 500, "USD")
            for number in range(1500)
        ]

        def one(row: Transfer) -> None:
            live.add([row])
            assert trace(live.ledger, row.id, "fifo").positions

        one(rows[0])
        took, disk = [], []
        with (work / "plain").open("wb") as plain:
            plain.write(bytes(1 << 20))
            os.fsync(plain.fileno())
            for at, row in enumerate(rows[1:]):
                took += timed(one, [row])
                os.pwrite(plain.fileno(), b"x" * 130, at * 130)
                disk += timed(os.fdatasync, [plain.fileno()])
        single = {**spread(took), "max_us": round(max(took) * 1e6, 1), "a synced write beside it": spread(disk)}
        late = Transfer("late", last - 60 * MINUTE, names[0], names[1], 500, "USD")
        begun = time.perf_counter()
        again = live.add([late]).again
        behind = time.perf_counter() - begun
    return {
        "bulk_per_s": round(bulk),
        "single": single,
        "late_by_an_hour": {"rows_again": again, "s": round(behind, 3)},
    }


def columns_of(ledger: Ledger) -> dict[str, Any]:
    """The running sums as plain columns, for the peers."""
    segment = ledger.segments[0]
    rows = segment.rows
    order = rows[:, LINK] >> 32
    return {
        "payer": segment.pairs[order, 0], "seq": np.arange(len(rows)), "out": rows[:, OUT], "upto": rows[:, OUT] + rows[:, AMOUNT],
        "payee": (rows[:, LINK] & LOW_HALF), "land": rows[:, FIFO], "time": segment.times[order], "ord": order,
    }  # fmt: skip


HOPS = """
WITH RECURSIVE lot(payee, u, v, hop) AS (
  SELECT payee, land, land + upto - out, 1 FROM t WHERE {first}
  UNION ALL
  SELECT t.payee, t.land + max({a}) - t.out, t.land + min({b}) - t.out, lot.hop + 1
  FROM lot JOIN t ON t.payer = lot.payee AND t.upto > lot.u AND t.out < lot.v AND t.upto > t.out AND t.time <= {until}
)
SELECT count(*), sum(v - u) FROM lot
"""


def measure_sqlite(
    columns: dict[str, Any], starts: Sequence[tuple[int, int, int]], work: Path
) -> tuple[list[float], list[int]]:
    """A table without rowid under (payer, seq), with the index by which a search for an interval can begin."""
    connection = sqlite3.connect(work / "peer.sqlite")
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-4000000")
    connection.execute("PRAGMA mmap_size=8000000000")
    connection.execute(
        "CREATE TABLE t (payer INT, seq INT, out INT, upto INT, payee INT, land INT, time INT, ord INT,"
        " PRIMARY KEY (payer, seq)) WITHOUT ROWID"
    )
    names = ("payer", "seq", "out", "upto", "payee", "land", "time", "ord")
    count = len(columns["seq"])
    for at in range(0, count, 500_000):
        part = [columns[name][at : at + 500_000].tolist() for name in names]
        connection.executemany("INSERT INTO t VALUES (?,?,?,?,?,?,?,?)", zip(*part, strict=True))
    connection.commit()
    text = HOPS.format(first="payer = ? AND seq = ?", a="t.out, lot.u", b="t.upto, lot.v", until="?")
    slices: list[int] = []

    def ask(start: tuple[int, int, int]) -> None:
        slices.append(connection.execute(text, start).fetchone()[0])

    timed(ask, starts)
    slices.clear()
    return timed(ask, starts), slices


def measure_duckdb(columns: dict[str, Any], starts: Sequence[tuple[int, int, int]]) -> tuple[list[float], list[int]]:
    """DuckDB in memory on one thread, its table in the same order; recursive, and unrolled if that is faster."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads TO 1")
    arrow = pa.table(columns)
    connection.register("arrow", arrow)
    connection.execute("CREATE TABLE t AS SELECT * FROM arrow ORDER BY payer, seq")
    recursive = HOPS.format(first="payer = ? AND seq = ?", a="[t.out, lot.u]", b="[t.upto, lot.v]", until="?")
    recursive = recursive.replace("max([", "list_max([").replace("min([", "list_min([")
    slices: list[int] = []

    def by_recursion(start: tuple[int, int, int]) -> None:
        slices.append(connection.execute(recursive, start).fetchone()[0])

    def unrolled(start: tuple[int, int, int]) -> None:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE lot AS SELECT payee, land AS u, land + upto - out AS v FROM t"
            " WHERE payer = ? AND seq = ?", start[:2],
        )  # fmt: skip
        count = 0
        while (size := connection.execute("SELECT count(*) FROM lot").fetchone()[0]) > 0:
            count += size
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE lot AS SELECT t.payee, t.land + greatest(t.out, lot.u) - t.out AS u,"
                " t.land + least(t.upto, lot.v) - t.out AS v FROM lot JOIN t ON t.payer = lot.payee"
                " AND t.upto > lot.u AND t.out < lot.v AND t.upto > t.out AND t.time <= ?", start[2:],
            )  # fmt: skip
        slices.append(count)

    ways = (by_recursion, unrolled)
    quick = [statistics.median(timed(way, starts[:5])) for way in ways]
    best = ways[quick.index(min(quick))]
    slices.clear()
    return timed(best, starts), slices


def measure_peers(ledger: Ledger, victims: Sequence[str], work: Path) -> dict[str, Any]:
    """The same search by the peers; the number of slices must be ours."""
    segment = ledger.segments[0]
    starts, ours = [], []
    for payment in victims:
        order = ledger.order(payment)
        row, until = int(segment.where[order]), int(segment.times[order]) + LASTING
        starts.append((int(segment.pairs[order, 0]), row, until))
        asked = np.array([[order, 0, segment.rows[row, AMOUNT]]])
        ours.append(len(kernels.slices_array(ledger.segments, "fifo", asked, np.array([until]), 1 << 20)))
    columns = columns_of(ledger)
    few = min(20, len(starts))
    in_duckdb, counted = measure_duckdb(columns, starts[:few])
    in_sqlite, counted_too = measure_sqlite(columns, starts, work)
    if counted != ours[:few] or counted_too != ours:
        raise SystemExit("a peer's answer differs from ours")
    return {"duckdb": spread(in_duckdb), "sqlite": spread(in_sqlite)}


def prepare(options: argparse.Namespace, work: Path) -> tuple[list[str], dict[str, Any]]:
    """The ledger and its index, made unless they are kept from before; ids of the victims' payments."""
    kept, folder = work / "victims.json", work / "index"
    if kept.exists():
        return json.loads(kept.read_text()), {"build": "kept from before"}
    victims = generate(work / "ledger.parquet", options.transfers)
    begun, spent = time.perf_counter(), time.process_time()
    index.build(work / "ledger.parquet", folder, work / "balances.csv")
    took = {"wall_s": round(time.perf_counter() - begun, 1), "cpu_s": round(time.process_time() - spent, 1)}
    kept.write_text(json.dumps(victims))
    return victims, {"build": took}


def run(options: argparse.Namespace, work: Path) -> dict[str, Any]:
    all_victims, result = prepare(options, work)
    victims, folder = all_victims[: options.victims], work / "index"
    result["index_MB"] = sum(path.stat().st_size for path in folder.glob("gen-*/*")) // 1_000_000
    begun = time.perf_counter()
    ledger = index.open_index(folder)
    result["open_s"] = round(time.perf_counter() - begun, 2)
    result["transfers"], result["accounts"] = len(ledger.segments[0]), ledger.names.count()
    trace(ledger, victims[1], "fifo")
    result["cold"] = measure_cold(ledger, victims, folder)
    gc.collect()
    gc.freeze()  # as a server does once it has started: what is loaded is not looked through again and again
    result["traces"] = measure_traces(ledger, victims)
    result["cases"] = measure_cases(ledger, options.cases, all_victims)
    result["reach"] = measure_reach(ledger, victims, folder)
    if options.peers:
        result["peers"] = measure_peers(ledger, victims, work)
        for name, ours in (
            ("in_numbers", result["traces"]["fifo, in numbers"]),
            ("with_names", result["traces"]["fifo"]),
        ):
            peers = {peer: round(took["p50_us"] / ours["p50_us"], 1) for peer, took in result["peers"].items()}
            result[f"times_as_fast_{name}"] = peers
    if options.work is None:  # what is kept stays as it is
        result["live"] = measure_live(folder, work, min(1_000_000, options.transfers), ledger)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--transfers", type=int, default=10_000_000)
    parser.add_argument("--victims", type=int, default=200)
    parser.add_argument("--cases", type=int, default=25_000)
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", type=Path, help="keep ledger and index in this folder, and use what is there")
    options = parser.parse_args()
    if options.work is not None:
        options.work.mkdir(parents=True, exist_ok=True)
        result = run(options, options.work)
    else:
        with tempfile.TemporaryDirectory() as work:
            result = run(options, Path(work))
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:>14}  {value}")


if __name__ == "__main__":
    main()
