"""Payments as banks tell them, as rows of a ledger: with a fee, split, merged, or sent back.

A fee is a payment of its own to the bank's fee account, behind the payment that it belongs to. The parts of a split or
merged payment are rows side by side, so they are taken from one account one after another, in the bank's order. A
reversal is a payment back, traced by the rule like any other: an account is one queue, and under LIFO a prompt reversal
returns the very slice. Rows never vanish, so earlier traces never change.
"""

from __future__ import annotations

from dataclasses import dataclass

from spean.core.errors import InvalidInput
from spean.tracing.engine import Ledger, trace_parts
from spean.tracing.model import Rule, Trace, Transfer

FEE = "#fee"


@dataclass(frozen=True, slots=True)
class Payment:
    """One instruction: from one or several payers to one or several payees, with a fee if there is one.

    ``payers`` and ``payees`` are (account, amount); one of the two has a single member. ``fee`` comes on top, from the
    first payer (``charged`` "payer"), or out of the last payee's amount ("payee").
    """

    id: str
    time: int
    payers: tuple[tuple[str, int], ...]
    payees: tuple[tuple[str, int], ...]
    currency: str = ""
    fee: int = 0
    fee_account: str = ""
    charged: str = "payer"


def rows(payment: Payment) -> tuple[Transfer, ...]:
    """The rows of a payment, in the order in which they are booked. Raises ``InvalidInput`` when sums do not meet."""
    if min(len(payment.payers), len(payment.payees)) != 1:
        raise InvalidInput("payers", "several payers and several payees", remedy="one payment for each")
    if sum(amount for _, amount in payment.payers) != sum(amount for _, amount in payment.payees):
        raise InvalidInput("payees", "what is paid is not what is received", remedy="amounts that meet, before fees")
    pairs = _pairs(payment)
    if payment.fee and payment.charged == "payee":
        payer, payee, amount = pairs[-1]
        if payment.fee > amount:
            raise InvalidInput("fee", "is more than the payment", remedy="check the fee")
        pairs[-1] = payer, payee, amount - payment.fee
    names = [payment.id] if len(pairs) == 1 else [f"{payment.id}#{number}" for number in range(1, len(pairs) + 1)]
    made = [_row(payment, name, *pair) for name, pair in zip(names, pairs, strict=True)]
    if payment.fee:
        payer = pairs[-1][0] if payment.charged == "payee" else pairs[0][0]
        made.append(_row(payment, payment.id + FEE, payer, payment.fee_account, payment.fee))
    return tuple(made)


def _pairs(payment: Payment) -> list[tuple[str, str, int]]:
    if len(payment.payees) == 1:
        return [(payer, payment.payees[0][0], amount) for payer, amount in payment.payers]
    return [(payment.payers[0][0], payee, amount) for payee, amount in payment.payees]


def _row(payment: Payment, name: str, payer: str, payee: str, amount: int) -> Transfer:
    return Transfer(name, payment.time, payer, payee, amount, payment.currency)


def reversal(of: Transfer, id: str, time: int, amount: int | None = None) -> Transfer:
    """The payment back, of all or a part. Raises ``InvalidInput`` for more than was paid or an earlier time."""
    back = of.amount if amount is None else amount
    if not 0 < back <= of.amount or time < of.time:
        raise InvalidInput("amount", "a reversal returns at most what was paid, later", remedy="check amount and time")
    return Transfer(id, time, of.payee, of.payer, back, of.currency)


def trace_payment(ledger: Ledger, payment: str, rule: Rule, until: int | None = None) -> Trace:
    """Trace a payment by its name, whether it is one row, or parts (``ID#1``, ``ID#2`` …), without its fee."""
    if ledger.names.order(payment) is not None:
        return trace_parts(ledger, payment, [payment], rule, until)
    parts: list[str] = []
    while ledger.names.order(f"{payment}#{len(parts) + 1}") is not None:
        parts.append(f"{payment}#{len(parts) + 1}")
    return trace_parts(ledger, payment, parts or [payment], rule, until)
