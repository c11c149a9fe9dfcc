"""Ledgers of AMLSim as they are: a folder with ``transactions.csv`` and ``nodes.csv``, or such a file of transactions alone.

A payment's id is the line in the file on which it stands, since the files give none that is theirs alone. Steps are days
from 1970 on, since they name no date; currency USD, as the generator says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spean.formats import amlsim
from spean.formats.model import Balance, Payment, Rejected
from spean.ledgers.bad import Report, amount_of
from spean.ledgers.watching import Progress, nothing
from spean.tracing.model import Transfer

TRANSACTIONS, ACCOUNTS = ("transactions.csv",), ("nodes.csv", "accounts.csv")
_HEADERS = (
    {"sourceNodeId", "targetNodeId", "value", "time"},
    {"orig_acct", "bene_acct", "base_amt", "tran_timestamp"},
    {"SENDER_ACCOUNT_ID", "RECEIVER_ACCOUNT_ID", "TX_AMOUNT", "TIMESTAMP"},
)
PIECE = 1 << 18


def files_of(source: Path) -> tuple[Path, Path | None] | None:
    """The file of transactions and that of accounts; None: this is no ledger of AMLSim."""
    if source.is_file():
        return (source, None) if _is_simulated(source) else None
    found = next((source / name for name in TRANSACTIONS if (source / name).is_file()), None)
    if found is None or not _is_simulated(found):
        return None
    return found, next((source / name for name in ACCOUNTS if (source / name).is_file()), None)


def _is_simulated(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.readline(4_000).decode("ascii", "replace")
    names = {name.strip().strip('"') for name in head.split(",")}
    return any(known <= names for known in _HEADERS)


def transfers(path: Path, report: Report, progress: Progress = nothing) -> list[Transfer]:
    """The good rows in order of time; the bad ones are in ``report``."""
    rows: list[Transfer] = []
    for item in amlsim.read(_pieces(path, progress)):
        if isinstance(item, Rejected):
            report.add(path.name, item.line, item.field, item.reason)
            continue
        if not isinstance(item, Payment):
            continue
        line = item.source.line
        if rows and item.time_ms < rows[-1].time:
            report.add(path.name, line, "time", "is earlier than a row before; rows stand in order of time")
        else:
            rows.append(Transfer(str(line), item.time_ms, item.payer, item.payee, item.amount_minor, item.currency))
    return rows


def balances(path: Path, report: Report) -> dict[str, int]:
    """Opening balances by account."""
    found: dict[str, int] = {}
    for item in amlsim.read(_pieces(path, nothing)):
        if isinstance(item, Rejected):
            report.add(path.name, item.line, item.field, item.reason)
        elif isinstance(item, Balance):
            try:
                found[item.account] = _opening(item, found)
            except ValueError as error:
                report.add(path.name, item.source.line, "account", str(error))
    return found


def _opening(item: Balance, found: dict[str, int]) -> int:
    if item.account in found:
        raise ValueError(f"{item.account!r} stands twice")
    return amount_of(item.amount_minor)


def _pieces(path: Path, progress: Progress) -> Iterator[bytes]:
    size, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            done += len(piece)
            progress(done, size)
            yield piece
