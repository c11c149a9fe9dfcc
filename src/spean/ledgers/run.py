"""What the commands ``trace``, ``trace-many`` and ``index`` do, as functions: their answers are the printed objects."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from spean.core.errors import InvalidInput
from spean.core.world import HOUR
from spean.ledgers import small
from spean.ledgers.bad import Report
from spean.tracing.engine import Ledger, ledger_of, trace, trace_many
from spean.tracing.model import known_rule


def open_ledger(source: Path, balances: Path | None = None) -> Ledger:
    """A ledger from a Parquet or CSV file, a folder of them, or an index. Small CSV files need no package.

    Raises ``BadRows`` with each bad row's line, field and reason, ``InvalidInput`` for damage and what is no ledger.
    """
    if source.is_dir() and (source / "index.json").is_file():
        if balances is not None:
            raise InvalidInput("balances", "an index has its own", remedy="build the index with the balances")
        from spean.ledgers.live import Live

        return Live.read(source)
    if all(_small(path) for path in (source, balances) if path is not None):
        return _small_ledger(source, balances)
    from spean.ledgers import index

    found, opening, report = index.load(source, balances)
    report.check()
    return index.in_memory(found, opening, index.a_seed(), source)


def _small(path: Path) -> bool:
    return path.suffix.lower() == ".csv" and path.is_file() and path.stat().st_size <= small.SMALL


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
    source: Path, payment: str, rule: str = "fifo", hours: str | int | None = None, balances: Path | None = None
) -> dict[str, Any]:
    """The object of ``spean trace LEDGER --payment ID --json``; without ``hours``, to the end of the ledger."""
    ledger, wanted, last = open_ledger(source, balances), known_rule(rule), lasting(hours)
    until = None if last is None else ledger.time(ledger.order(payment)) + last
    return trace(ledger, payment, wanted, until).as_dict()


def run_trace_many(
    source: Path, payments: Path, rule: str = "fifo", hours: str | int | None = None, balances: Path | None = None
) -> Iterator[dict[str, Any]]:
    """The objects of ``spean trace-many``, one for each id of the file, in its order."""
    wanted, last = known_rule(rule), lasting(hours)
    with payments.open(encoding="utf-8-sig") as file:
        asked = [line.strip() for line in file if line.strip()]
    ledger = open_ledger(source, balances)
    return (each.as_dict() for each in trace_many(ledger, asked, wanted, last))
