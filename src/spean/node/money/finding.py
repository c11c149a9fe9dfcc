"""A reported payment in our ledgers: by its name or UETR, else by who paid how much when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spean.core.world import HOUR
from spean.formats.chain.tokens import cut, digits
from spean.holds.reports import ReportedPayment

if TYPE_CHECKING:
    from spean.node.money.keeping import Ledgers
    from spean.tracing.engine import Ledger

NEAR = 26 * HOUR
"""A reported time and a booked one may lie so far apart: banks often book by day."""


def find(ledgers: Ledgers, told: ReportedPayment) -> str:
    """The reported payment's name in our ledgers; empty when they do not know it."""
    names = [told.payment, f"uetr:{told.uetr.lower()}" if told.uetr else ""]
    for currency in ledgers.currencies():
        ledger = ledgers.ledger(currency)
        for name in names:
            if ledger is not None and name and ledger.names.order(name) is not None:
                return name
    for currency in ledgers.currencies():
        ledger = ledgers.ledger(currency)
        if ledger is not None and currency.partition("@")[0] == told.currency:
            amount, _ = cut(told.amount, told.digits, digits(currency))
            for account in account_names(told.sender_institution, told.sender_account):
                if found := _paid(ledger, account, amount, told.transferred_at):
                    return found
    return ""


def account_names(institution: str, account: str) -> list[str]:
    """How formats may name a reported account."""
    from spean.entities.values.account import account_name, bank_code

    if not account:
        return []
    bare = account_name("", account, bank_code(institution)) if "/" not in account else account
    return list(dict.fromkeys((account, bare, account_name(account, "", ""))))


def _paid(ledger: Ledger, account: str, amount: int, time: int) -> str:
    """The payment of ``amount`` by ``account`` that lies nearest to ``time``."""
    from spean.tracing import twin
    from spean.tracing.segment import AMOUNT, LINK

    number = ledger.names.number(account)
    best: tuple[int, int] | None = None
    if number is None or not amount:
        return ""
    for segment in ledger.segments:
        begin, end = twin.lines(segment, number)
        for row in range(begin, end):
            line: Any = segment.rows[row]
            place = int(line[LINK]) >> 32
            away = abs(int(segment.times[place]) - time)
            if int(line[AMOUNT]) == amount and away <= NEAR and (best is None or away < best[0]):
                best = away, segment.base + place
    return "" if best is None else ledger.names.payment(best[1])
