"""A ledger that grows: what arrives can be traced at once, is durable before it is answered for, and never disturbs
a reader. A reader holds an immutable ``Ledger``; a writer makes the next one and puts it in place.

New rows become segments of their own behind the index; small ones are joined. A row that arrives late ends its segment
where it belongs and everything behind is indexed anew: one pass, as long as it is late. The answer says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from spean.core.errors import Conflict, InvalidInput, TooMuch
from spean.ledgers import columns as reading
from spean.ledgers import index, tail
from spean.ledgers.arrivals import MANY, Arrivals, LiveNames, as_range
from spean.ledgers.bad import READ, Report
from spean.ledgers.index import TableNames
from spean.ledgers.strings import Strings, strings_of
from spean.ledgers.watching import Progress, nothing
from spean.tracing import kernels
from spean.tracing.engine import Ledger
from spean.tracing.model import MAX_SUM, Transfer
from spean.tracing.segment import AMOUNT, LINK, LOW_HALF, Segment

Array = Any
JOINED = 1 << 15
"""Segments are joined up to this many rows, so that joining never makes an arrival wait for long."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came in: how many rows, which of them late, and how many rows were indexed anew for those."""

    rows: int
    late: tuple[str, ...]
    again: int
    since: int | None  # the moment from which traces may have changed; None: nothing earlier changed


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in numbers, in order; ``arrivals`` are their numbers of arrival."""

    times: Array
    payers: Array
    payees: Array
    amounts: Array
    arrivals: Array

    def columns(self) -> tuple[Array, Array, Array, Array]:
        return self.times, self.payers, self.payees, self.amounts

    def __len__(self) -> int:
        return len(self.times)


def joined(several: Sequence[Rows], sort: bool = False) -> Rows:
    """One after another, or (``sort``) by time and then as given."""
    columns = [(*each.columns(), each.arrivals) for each in several]
    whole = [np.concatenate(each) for each in zip(*columns, strict=True)]
    if sort:
        places = np.argsort(whole[0], kind="stable")
        whole = [each[places] for each in whole]
    return Rows(*whole)


def rows_of(segment: Segment, arrivals: Array | range, begin: int = 0) -> Rows:
    """The rows of a segment from place ``begin`` on, in order."""
    count = len(segment)
    lines = segment.rows[segment.where[begin:count]]
    payees = (lines[:, LINK] & LOW_HALF).astype(np.int32)
    payers = segment.pairs[begin:count, 0].copy()
    return Rows(
        segment.times[begin:count].copy(),
        payers,
        payees,
        lines[:, AMOUNT].copy(),
        np.asarray(arrivals[begin:count], np.int64),
    )


class Growing:
    """The state in memory: segments, totals of accounts, and the ledger that readers get."""

    def __init__(self, base: Ledger) -> None:
        names = base.names
        if not isinstance(names, TableNames):
            raise TypeError("a mapped ledger is needed")
        (segment,) = base.segments
        self.base = base
        self.known = Arrivals(names)
        self.totals = np.array(segment.closing, np.int64)
        self.segments: list[tuple[Segment, Array | range]] = [(segment, range(len(segment)))]
        self.currency = base.currency
        self.ledger = base
        self.publish()

    def publish(self) -> None:
        """Give readers the new state, at once."""
        segments = tuple(segment for segment, _ in self.segments)
        bases = tuple(segment.base for segment in segments)
        names = LiveNames(self.known, bases, tuple(map(len, segments)), tuple(numbers for _, numbers in self.segments))
        self.ledger = Ledger(segments, names, self.currency, kernels)

    def latest(self) -> int | None:
        """The time of the last row."""
        segment = self.segments[-1][0]
        return int(segment.times[-1]) if len(segment) else None

    def add(self, rows: Rows) -> Arrived:
        """Index rows in order of time; whatever is late is put where it belongs."""
        if not len(rows):
            return Arrived(0, (), 0, None)
        new = len(self.totals)
        if self.known.count() > new:
            grown = np.zeros((max(self.known.count(), new * 5 // 4 + 64), 3), np.int64)
            grown[:new] = self.totals
            self.totals = grown
        latest = self.latest()
        late = 0 if latest is None else int(np.searchsorted(rows.times, latest, "left"))
        behind = [] if not late else self._cut(int(rows.times[0]))
        again = sum(len(each) for each in behind)
        whole = joined([*behind, rows], sort=bool(late))
        self._append(whole)
        self.publish()
        names = tuple(self.known.payment(int(number)) for number in rows.arrivals[:late])
        return Arrived(len(rows), names, again, int(rows.times[0]) if late else None)

    def _cut(self, time: int) -> list[Rows]:
        """Take away every row after ``time``; totals are then what they were there."""
        behind: list[Rows] = []
        while self.segments:
            segment, numbers = self.segments.pop()
            self.totals[segment.touched] = segment.opening
            place = int(np.searchsorted(segment.times, time, "right"))
            behind.insert(0, rows_of(segment, numbers, place))
            if place:
                kept = replace(segment, times=segment.times[:place])
                kernels.forward(kept, self.totals)
                self.segments.append((replace(kept, closing=self.totals[segment.touched]), numbers))
                break
        return behind

    def _append(self, rows: Rows) -> None:
        parts = [rows]
        while len(self.segments) > 1:
            last, numbers = self.segments[-1]
            size = sum(map(len, parts))
            cut = len(last) != len(last.rows)
            if cut or len(last) > 2 * size or len(last) + size > JOINED:
                break
            self.totals[last.touched] = last.opening
            parts.insert(0, rows_of(last, numbers))
            self.segments.pop()
        whole = joined(parts)
        base = 0 if not self.segments else self.segments[-1][0].base + len(self.segments[-1][0])
        self.segments.append((kernels.build(base, *whole.columns(), self.totals), as_range(whole.arrivals)))

    def everything(self) -> Rows:
        return joined([rows_of(segment, numbers) for segment, numbers in self.segments])


class Live:
    """An index folder that takes new rows. One process writes; ``ledger`` is safe to read from any thread.

    ``on_arrival`` is called with each ``Arrived`` before the writer goes on, so that open cases can be traced again.
    """

    def __init__(self, folder: Path, on_arrival: Callable[[Arrived], None] | None = None, check: bool = True) -> None:
        """Open an index for writing. Raises ``Conflict`` if another process does, ``InvalidInput`` for damage."""
        self._stack = ExitStack()
        self._stack.enter_context(index.only_writer(folder))
        self._lock = threading.Lock()
        self._on_arrival = on_arrival
        self._folder = folder
        self._check = check
        try:
            self._load()
        except BaseException:
            self._stack.close()
            raise

    def _load(self) -> None:
        self._manifest = index.manifest_of(self._folder)
        self._growing = _replayed(self._folder, self._manifest, self._check, mend=True)
        self._tail = tail.Tail(tail.path(self._folder, self._manifest["tail"]))

    @classmethod
    def read(cls, folder: Path, check: bool = True) -> Ledger:
        """The ledger of an index with all that arrived since, for reading only; nothing is locked or changed."""
        manifest = index.manifest_of(folder)
        try:
            ledger = index.open_index(folder, check)
            if not manifest["after"] and not tail.lines(tail.path(folder, manifest["tail"]), mend=False):
                return ledger
            return _replayed(folder, manifest, check, mend=False).ledger
        except (InvalidInput, FileNotFoundError):
            if index.manifest_of(folder)["tail"] == manifest["tail"]:
                raise
            return cls.read(folder, check)  # a writer made a new generation meanwhile

    @property
    def ledger(self) -> Ledger:
        """The state now; it does not change in the reader's hands."""
        return self._growing.ledger

    def add(self, transfers: Sequence[Transfer]) -> Arrived:
        """Take in rows: durable on disk, then traceable, then this returns.

        Raises ``InvalidInput`` for a bad row and ``Conflict`` for an id that is already here; then none is taken.
        """
        with self._lock:
            rows = sorted(transfers, key=lambda each: each.time)
            _acceptable(rows, self._growing)
            if not rows:
                return Arrived(0, (), 0, None)
            self._tail.append(rows)
            return self._told(_take(self._growing, rows))

    def load(self, source: Path, progress: Progress = nothing) -> Arrived:
        """Take in a file or a folder as a whole or not at all. Raises like ``index.build``, and ``Conflict``."""
        with self._lock:
            report = Report()
            table = reading.read(source, report, progress)
            report.check()
            found, payments = _new(self._growing, table)
            self._seal(table)
            return self._told(self._growing.add(_numbered(self._growing, found, payments)))

    def _told(self, arrived: Arrived) -> Arrived:
        if self._on_arrival is not None:
            self._on_arrival(arrived)
        return arrived

    def _seal(self, table: pa.Table) -> None:
        """Make what is in the tail, and then ``table``, parts of the truth; begin a new tail."""
        number = index.last_number(self._folder)
        after = list(self._manifest["after"])
        for each in (tail.table(self._folder, self._manifest["tail"]), table):
            if each is not None and len(each):
                number += 1
                index.write_part(self._folder, number, each)
                after.append(number)
        self._next_tail({**self._manifest, "after": after, "tail": number + 1})

    def _next_tail(self, manifest: dict[str, Any]) -> None:
        path = tail.path(self._folder, manifest["tail"])
        path.touch()
        index.write_manifest(self._folder, manifest)
        self._tail.close()
        tail.path(self._folder, self._manifest["tail"]).unlink()
        self._manifest, self._tail = manifest, tail.Tail(path)

    def compact(self) -> None:
        """Make one mapped segment of everything. Readers go on with what they hold."""
        with self._lock:
            waiting = tail.table(self._folder, self._manifest["tail"])
            if waiting is not None:
                self._seal(waiting.slice(0, 0))
            growing, number = self._growing, index.last_number(self._folder) + 1
            index.read_through(growing.base)
            rows = growing.everything()
            names = growing.known.payments().take(pa.array(rows.arrivals))
            accounts = [growing.known.account(each) for each in range(growing.known.count())]
            found = reading.Columns(names, *rows.columns()[:3], rows.amounts,
                                    pa.array(accounts, pa.large_string()), growing.currency)  # fmt: skip
            opening = np.zeros(len(accounts), np.int64)
            before = growing.segments[0][0].opening[:, 0]
            known = min(len(before), len(opening))
            opening[:known] = before[:known]
            ledger = index.in_memory(found, opening, index.a_seed())
            parts = [*self._manifest["parts"], *self._manifest["after"]]
            self._tail.close()
            index.publish(self._folder, ledger, number, parts, self._manifest["opening"])
            self._load()

    def close(self) -> None:
        self._tail.close()
        self._stack.close()

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _replayed(folder: Path, manifest: dict[str, Any], check: bool, mend: bool) -> Growing:
    growing = Growing(index.open_index(folder, check))
    for part in manifest["after"]:
        report = Report()
        table = reading.read(folder / "truth" / f"part-{part:06}.parquet", report)
        report.check()
        growing.add(_numbered(growing, reading.columns(table)))
    for rows in tail.lines(tail.path(folder, manifest["tail"]), mend):
        _take(growing, rows)
    return growing


def _take(growing: Growing, rows: Sequence[Transfer]) -> Arrived:
    known = growing.known
    growing.currency = growing.currency or rows[0].currency
    payers = np.array([known.add_account(row.payer) for row in rows], np.int32)
    payees = np.array([known.add_account(row.payee) for row in rows], np.int32)
    times, amounts = (np.array([getattr(row, name) for row in rows], np.int64) for name in ("time", "amount"))
    return growing.add(Rows(times, payers, payees, amounts, known.add_payments([row.id for row in rows])))


def _acceptable(rows: Sequence[Transfer], growing: Growing) -> None:
    seen: set[str] = set()
    for row in rows:
        for name in ("id", "time", "payer", "payee", "amount", "currency"):
            try:
                READ[name](getattr(row, name))
            except ValueError as error:
                raise InvalidInput(name, f"payment {row.id[:80]!r}: {error}", remedy="correct the row") from error
        if row.currency != (growing.currency or rows[0].currency):
            raise InvalidInput("currency", f"{row.currency} in a ledger of {growing.currency}", remedy="its own ledger")
        if row.id in seen or growing.known.arrival(row.id) is not None:
            raise Conflict(f"Payment {row.id}", why="the ledger has it already", remedy="nothing is loaded twice")
        seen.add(row.id)
    _bearable(growing, _moved(rows))


def _new(growing: Growing, table: pa.Table) -> tuple[reading.Columns, Strings]:
    """Columns and ids of rows none of which is here already, and which the sums of accounts can bear. Raises ``Conflict``."""
    found = reading.columns(table)
    names = index.names_of(found, growing.known.base.payments.seed)
    double = growing.known.known(names.payments)
    if double is not None:
        raise Conflict(f"Payment {double}", why="the ledger has it already", remedy="nothing is loaded twice")
    if len(found) and found.currency != (growing.currency or found.currency):
        raise InvalidInput("currency", f"{found.currency} in a ledger of {growing.currency}", remedy="its own ledger")
    total = (int((found.amounts >> 32).sum()) << 32) + int((found.amounts & LOW_HALF).sum())
    if total + int(growing.totals[:, 1].max(initial=0)) + int(growing.totals[:, 2].max(initial=0)) > MAX_SUM:
        _bearable(growing, _sums(found))
    return found, names.payments


def _moved(rows: Sequence[Transfer]) -> dict[str, int]:
    """What each account pays and gets in these rows."""
    sums: dict[str, int] = {}
    for row in rows:
        for account in (row.payer, row.payee):
            sums[account] = sums.get(account, 0) + row.amount
    return sums


def _sums(found: reading.Columns) -> dict[str, int]:
    """The same of columns, in halves of 32 bits so that no sum runs over."""
    high, low = np.zeros((2, len(found.accounts)), np.int64)
    for accounts in (found.payers, found.payees):
        np.add.at(high, accounts, found.amounts >> 32)
        np.add.at(low, accounts, found.amounts & LOW_HALF)
    sums = [(one << 32) + other for one, other in zip(high.tolist(), low.tolist(), strict=True)]
    return dict(zip(found.accounts.to_pylist(), sums, strict=True))


def _bearable(growing: Growing, sums: Mapping[str, int]) -> None:
    """Refuse what could carry a running sum beyond 64 bits, before it is written. ``sums``: what new rows move at each account.

    An account's sum is at most all that it ever got and paid: a shortfall, which counts as got, is at most what was paid.
    """
    for account, amount in sums.items():
        number = growing.known.number(account)
        if number is not None and number < len(growing.totals):
            amount += int(growing.totals[number, 1]) + int(growing.totals[number, 2])
        if amount > MAX_SUM:
            raise TooMuch(
                f"Sum of account {account[:80]}", why=f"more than {MAX_SUM} units would pass through it",
                remedy="check the amounts; give a part of the time, or another ledger in a coarser unit", rule="ledger-sum",
            )  # fmt: skip


def _numbered(growing: Growing, found: reading.Columns, payments: Strings | None = None) -> Rows:
    """Columns in the numbers of this ledger; new accounts and ids get theirs. ``payments``: the ids as a table, if made before."""
    known = growing.known
    growing.currency = growing.currency or found.currency
    numbers = np.array([known.add_account(account) for account in found.accounts.to_pylist()], np.int32)
    many = len(found) >= MANY
    if many and payments is None:
        payments = strings_of(found.ids, known.base.payments.seed)
    arrivals = known.add_payments(payments if many and payments is not None else found.ids.to_pylist())
    return Rows(found.times, numbers[found.payers], numbers[found.payees], found.amounts, arrivals)
