"""Ledgers of AMLSim (IBM, https://github.com/IBM/AMLSim): ``transactions.csv`` with steps of a day, ``nodes.csv`` with opening balances.

Both generations of its files are read: ``sourceNodeId,targetNodeId,value,time`` with ``nodeid,…,init_balance,…``, and
``tran_id,orig_acct,bene_acct,…,base_amt,tran_timestamp`` with ``acct_id,…,init_balance,…``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from spean.core.errors import InvalidInput
from spean.formats.bank_csv.records import Row, rows
from spean.formats.identity import Names
from spean.formats.model import Balance, Item, Payment, Rejected, Source
from spean.formats.moments import moment
from spean.formats.money import minor_units

DAY = 86_400_000
DOCUMENT = "amlsim"


class _Columns(NamedTuple):
    payer: str
    payee: str
    amount: str
    time: str


_PAYMENTS = (
    _Columns("sourceNodeId", "targetNodeId", "value", "time"),
    _Columns("orig_acct", "bene_acct", "base_amt", "tran_timestamp"),
    _Columns("SENDER_ACCOUNT_ID", "RECEIVER_ACCOUNT_ID", "TX_AMOUNT", "TIMESTAMP"),
)
_ACCOUNTS = ("nodeid", "acct_id", "ACCOUNT_ID")
_OPENING = ("init_balance", "initial_deposit", "INIT_BALANCE")


def read(chunks: Iterable[bytes], *, currency: str = "USD", start_ms: int = 0) -> Iterator[Item]:
    """Payments of a file of transactions, or opening balances of a file of accounts. Step 0 is ``start_ms``; a step is a day.

    Raises ``InvalidInput`` when the header is neither.
    """
    header: dict[str, int] | None = None
    names = Names()
    for row in rows(chunks, "utf-8", ","):
        if header is None:
            header = {name.strip(): at for at, name in enumerate(row.cells)}
            columns = next((known for known in _PAYMENTS if set(known) <= set(header)), None)
            held = [next((name for name in known if name in header), "") for known in (_ACCOUNTS, _OPENING)]
            if columns is None and not all(held):
                raise InvalidInput(
                    "header",
                    "it is neither of transactions nor of accounts",
                    remedy="use AMLSim's files",
                    rule="amlsim",
                )
            continue
        try:
            if row.fault or len(row.cells) < len(header):
                raise InvalidInput(
                    "row", row.fault or "a column is missing", remedy="generate the file again", rule="csv-row"
                )
            if columns is not None:
                yield _payment(row, header, columns, names, currency, start_ms)
            else:
                yield _balance(row, header, held, currency, start_ms)
        except InvalidInput as error:
            yield Rejected(row.line, error.field, error.rule, error.why, error.remedy)
    if header is None:
        raise InvalidInput("header", "the file is empty", remedy="use AMLSim's files", rule="amlsim")


def _payment(
    row: Row, header: dict[str, int], columns: _Columns, names: Names, currency: str, start_ms: int
) -> Payment:
    payer, payee, amount, step = (row.cells[header[name]].strip() for name in columns)
    if not payer or not payee:
        raise InvalidInput("account", "it is missing", remedy="generate the file again", rule="amlsim")
    minor = minor_units(amount, currency, columns.amount)
    if minor <= 0:
        raise InvalidInput(columns.amount, "the amount is not above zero", remedy="nothing moved", rule="amount")
    time = _time(step, columns.time, start_ms)
    return Payment(
        names.by_content(payer, payee, minor, currency, time), time, payer, payee, minor, currency, "", Source(DOCUMENT, row.line),
        exact_time=False,
    )  # fmt: skip


def _time(step: str, field: str, start_ms: int) -> int:
    if step.isascii() and step.isdecimal() and len(step) < 7:
        return start_ms + int(step) * DAY
    return moment(step, field)[0]


def _balance(row: Row, header: dict[str, int], held: list[str], currency: str, start_ms: int) -> Balance:
    account, amount = (row.cells[header[name]].strip() for name in held)
    return Balance(
        account, start_ms, minor_units(amount, currency, held[1]), currency, "opening", Source(DOCUMENT, row.line)
    )
