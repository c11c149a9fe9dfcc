"""What the commands ``trace``, ``trace-many`` and ``index`` do, as functions: their answers are the printed objects."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from spean.core.errors import InvalidInput
from spean.core.world import HOUR
from spean.ledgers import simulated, small
from spean.ledgers.bad import Report
from spean.ledgers.kinds import kind_of, not_utf8
from spean.ledgers.watching import Progress, Stage, no_stage, nothing
from spean.tracing.engine import Ledger, ledger_of, trace, trace_many
from spean.tracing.model import known_rule


def open_ledger(
    source: Path, balances: Path | None = None, progress: Progress = nothing, stage: Stage = no_stage
) -> Ledger:
    """A ledger from a Parquet or CSV file, a folder of them, AMLSim's files, or an index. Small CSV files need no package.

    Raises ``BadRows`` with each bad row's line, field and reason, ``InvalidInput`` for damage and what is no ledger.
    """
    if not source.exists():
        raise InvalidInput(
            "ledger", f"{source} is not there", remedy="a CSV or Parquet file, a folder of them, or an index"
        )
    if source.is_dir() and (source / "index.json").is_file():
        from spean.ledgers.live import Live

        ledger = Live.read(source)
        if balances is not None:
            _same_balances(ledger, balances)
        return ledger
    if simulated.files_of(source) is None and all(_small(path) for path in (source, balances) if path is not None):
        return _small_ledger(source, balances)
    from spean.ledgers import index

    found, opening, report = index.load(source, balances, progress)
    report.check()
    stage("indexing")
    return index.in_memory(found, opening, index.a_seed(), source)


def _same_balances(ledger: Ledger, balances: Path) -> None:
    """An index was built with its balances; others cannot be put under it. Raises ``InvalidInput`` where they differ."""
    from spean.ledgers import columns
    from spean.ledgers.bad import BALANCES

    report = Report()
    table = columns.read(balances, report, wanted=BALANCES)
    report.check()
    opening = ledger.segments[0].opening[:, 0]
    given = zip(table.column("account").to_pylist(), table.column("amount").to_pylist(), strict=True)
    same = int(opening.sum()) == sum(table.column("amount").to_pylist()) and all(
        not amount or ((number := ledger.names.number(account)) is not None and number < len(opening) and int(opening[number]) == amount)
        for account, amount in given
    )  # fmt: skip
    if not same:
        raise InvalidInput(
            "balances", "the index was built with other opening balances",
            remedy="leave --balances out, or build the index with these",
        )  # fmt: skip


def _small(path: Path) -> bool:
    return path.is_file() and path.stat().st_size <= small.SMALL and kind_of(path) == "csv"


def _small_ledger(source: Path, balances: Path | None) -> Ledger:
    report = Report()
    opening = {} if balances is None else small.balances(balances, report)
    rows = small.transfers(source, report)
    report.check()
    return ledger_of(rows, opening)


def lasting(hours: str | int | None) -> int | None:
    """Hours, also parts of them (``1.5``), as milliseconds. Raises ``InvalidInput``."""
    if hours is None:
        return None
    try:
        milliseconds = Decimal(hours) * HOUR
    except InvalidOperation:
        milliseconds = Decimal(-1)
    if not (milliseconds.is_finite() and 0 <= milliseconds <= 10_000_000 * HOUR):
        raise InvalidInput("hours", f"{str(hours)[:40]!r} is no number of hours from 0", remedy="such as 72")
    return int(milliseconds)


def run_trace(
    source: Path, payment: str, rule: str = "fifo", hours: str | int | None = None, balances: Path | None = None,
    progress: Progress = nothing, stage: Stage = no_stage,
) -> dict[str, Any]:  # fmt: skip
    """The object of ``spean trace LEDGER --payment ID --json``; without ``hours``, to the end of the ledger."""
    wanted, last = known_rule(rule), lasting(hours)
    ledger = open_ledger(source, balances, progress, stage)
    until = None if last is None else ledger.time(ledger.order(payment)) + last
    return trace(ledger, payment, wanted, until).as_dict()


def run_trace_many(
    source: Path, payments: Path, rule: str = "fifo", hours: str | int | None = None, balances: Path | None = None,
    progress: Progress = nothing, stage: Stage = no_stage,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The objects of ``spean trace-many``, one for each id of the file, in its order.

    An id that the ledger does not know gives ``{"payment", "error"}`` in its place: the others are answered all the same.
    """
    wanted, last = known_rule(rule), lasting(hours)
    asked = _ids(payments)
    ledger = open_ledger(source, balances, progress, stage)
    known = [payment for _, payment in asked if ledger.names.order(payment) is not None]
    found = trace_many(ledger, known, wanted, last)
    for line, payment in asked:
        if ledger.names.order(payment) is None:
            yield {"payment": payment, "error": f"{payments.name} line {line}: no row of the ledger has this id"}
        else:
            yield next(found).as_dict()


def _ids(path: Path) -> list[tuple[int, str]]:
    """The ids of a file with their lines; empty lines are left out. An id is all of its line but spaces around it."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            found = [(number, line.strip()) for number, line in enumerate(file, 1)]
    except UnicodeDecodeError as error:
        raise not_utf8(path) from error
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InvalidInput("payments", f"{path} is no file", remedy="a text file, one id a line") from error
    return [(number, payment) for number, payment in found if payment]
