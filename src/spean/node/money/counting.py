"""Coins and tokens in the units of their ledgers: counted with at most eight decimals, and what lies beneath kept beside the payment.

Sums of an account must stay exact in 64 bits, and 18 decimals leave room there for four coins. So an amount is cut into whole units of
10⁻⁸, which ledgers, requests and holds count, and a rest, which stands in the payment's words and on the sheet, and is followed nowhere.
Every node cuts alike, so what crosses a border is counted in one unit; nothing is rounded, for unit × amount + rest is what the chain says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spean.core.errors import InvalidInput
from spean.entities.values.chains import BY_ID
from spean.formats.chain.tokens import Token, cut, decimals, digits, named_token, unit_name
from spean.formats.model import Balance, Money, Payment
from spean.formats.money import EXPONENTS, decimal_text
from spean.node.money.model import Sum


def counted(item: Any) -> Any:
    """A payment or balance as ledgers count it; anything else as it is. Amounts in currencies of states are not touched."""
    if isinstance(item, Payment):
        return _payment(item)
    if isinstance(item, Balance):
        currency = _name(item.currency, None, item.account)
        amount, _ = _cut(item.amount_minor, currency)
        return replace(item, currency=currency, amount_minor=amount)
    return item


def _payment(item: Payment) -> Payment:
    currency = _name(item.currency, item.decimals, item.payee, item.payer)
    amount, rest = _cut(item.amount_minor, currency)
    ordered, charges = item.instructed, item.charges
    if ordered is not None:
        ordered = _money(ordered, item.payer, item.payee)
    if charges:
        charges = tuple(_money(each, item.payer, item.payee) for each in charges)
    if (currency, amount, ordered, charges) == (item.currency, item.amount_minor, item.instructed, item.charges):
        return item
    return replace(item, currency=currency, amount_minor=amount, rest=rest, instructed=ordered, charges=charges)


def _money(amount: Money, *accounts: str) -> Money:
    currency = _name(amount.currency, None, *accounts)
    return Money(_cut(amount.minor, currency)[0], currency)


def _cut(amount: int, currency: str) -> tuple[int, int]:
    return cut(amount, decimals(currency), digits(currency))


def _name(unit: str, places: int | None, *accounts: str) -> str:
    """The ledger of a coin or token: its chain is that of a wallet which pays or is paid."""
    if unit in EXPONENTS or "@" in unit:
        return unit
    for account in accounts:
        known = BY_ID.get(account.rpartition(":")[0])
        if known is None:
            continue
        if places is not None:
            return unit_name(Token(unit, places), known.name)
        try:
            return unit_name(named_token(known.name, unit), known.name)
        except InvalidInput:
            continue
    return unit


def not_followed(payment: Payment) -> Sum | None:
    """What of a payment is less than one unit of its ledger, in its own smallest units; None when nothing is."""
    if not payment.rest:
        return None
    currency = payment.currency
    return Sum(amount=payment.rest, currency=currency.partition("@")[0], digits=decimals(currency))


def money_words(minor: int, currency: str) -> str:
    """An amount of a ledger as people write it: ``1250.00 USD``."""
    return f"{decimal_text(minor, digits(currency))} {currency.partition('@')[0]}"
