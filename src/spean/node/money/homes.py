"""Whose an account is: ours, another node's, or nobody's that we know; and a payment as rows of our ledgers.

A ledger holds the lines of our own country's accounts alone (``tracing.borders``): a foreign account has no line there, since we do
not see what else moves it. What the document says of it is kept beside the ledger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput
from spean.formats.model import Money, Payment
from spean.node.money.model import UNNAMED
from spean.tracing.borders import FROM_ABROAD, TO_ABROAD
from spean.tracing.model import Transfer

if TYPE_CHECKING:
    from spean.directory.service import Kind, KnownDesk
    from spean.node.ground import Ground

NOBODY = "nobody else answers for it"
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
_WALLET = re.compile(r"[a-z0-9-]{3,8}:[-_a-zA-Z0-9]{1,32}:.+")


@dataclass(frozen=True, slots=True)
class Owner:
    """Which node answers for an account (empty: nobody known), and why."""

    node: str
    why: str


class Homes:
    """Answers for one import or one trace; the directory is read once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._desks: list[KnownDesk] = ground.desks.all()
        self._asked = lru_cache(maxsize=1 << 16)(self._find)

    def owner(self, account: str) -> Owner:
        """The node that answers for ``account``."""
        return self._asked(account)

    def ours(self, account: str) -> bool:
        """Whether the account has a line in our ledgers; what nobody else claims is ours, since our banks' files tell of it."""
        return self._asked(account).node == self._ground.me

    def public(self, account: str) -> bool:
        """Whether it is a wallet for which nobody answers: whoever has the chain's export has its line, and that is no secret."""
        return bool(_WALLET.fullmatch(account)) and self._asked(account).why == NOBODY

    def _find(self, account: str) -> Owner:
        settings = self._ground.settings
        code = institution(account)
        if code and code in settings.institutions:
            return Owner(self._ground.me, f"{code} is ours")
        told = self._told(account, code)
        if told is not None:
            return told
        country = _country(account, code)
        if country and country != settings.own_country:
            return Owner("", f"an account in {country}, for which no desk answers")
        return Owner(self._ground.me, f"an account in {country}" if country else NOBODY)

    def _told(self, account: str, code: str) -> Owner | None:
        """What the directory says; a desk that answers for a whole country weighs less than our own accounts of that country."""
        if not self._desks:
            return None
        from spean.directory import service

        best: tuple[int, str, str] | None = None
        for selector in _selectors(account, code):
            try:
                found = service.propose(self._desks, service.Selector(*selector), self._ground.clock.now())
            except InvalidInput:
                continue
            for each in found[:1]:
                if best is None or each.weight > best[0]:
                    best = each.weight, each.desk.node, each.why
        return None if best is None else Owner(best[1], best[2])


def institution(account: str) -> str:
    """Code of the institution that an account names itself, else nothing."""
    code, slash, _ = account.partition("/")
    return code if slash and ":" not in code else ""


def _country(account: str, code: str) -> str:
    if _IBAN.fullmatch(account):
        return account[:2]
    return code[4:6] if _BIC.fullmatch(code) else ""


def _selectors(account: str, code: str) -> list[tuple[Kind, str, str]]:
    if _WALLET.fullmatch(account):
        from spean.entities.values.chains import BY_ID

        chain, _, address = account.rpartition(":")
        return [("wallet", address, BY_ID[chain].name if chain in BY_ID else chain)]
    if _IBAN.fullmatch(account):
        return [("iban", account, "")]
    found: list[tuple[Kind, str, str]] = []
    if _BIC.fullmatch(code):
        found.append(("bic", code, ""))
    number = account.partition("/")[2] or account
    return [*found, ("account", (code + number) if code else number, "")]


# a payment as rows of ledgers -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sides:
    """What a payment takes from its payer and what it brings to its payee; two currencies for a conversion."""

    paid: Money
    received: Money

    @property
    def converts(self) -> bool:
        return self.paid.currency != self.received.currency


def sides(payment: Payment, ours: bool) -> Sides:
    """Both amounts. ``ours``: whether the payer is: then a statement books what was paid, and the order names what arrives."""
    booked = Money(payment.amount_minor, payment.currency)
    other = payment.instructed
    if other is None or other.currency == booked.currency:
        return Sides(booked, booked)
    statement = payment.source.document.startswith("camt.05")
    return Sides(booked, other) if statement and ours else Sides(other, booked)


def rows(payment: Payment, homes: Homes) -> list[Transfer]:
    """The payment as rows: one, or one in each of two ledgers when it is converted; none when no account of it is ours."""
    payer, payee = (bool(name) and homes.ours(name) for name in (payment.payer, payment.payee))
    if not payer and not payee:
        return []
    both = sides(payment, payer)
    to = payment.payee if payee else TO_ABROAD if payment.payee else UNNAMED
    if not both.converts:
        return [_row(payment, payment.payer if payer else FROM_ABROAD, to, both.paid)]
    found = []
    if payer:
        found.append(_row(payment, payment.payer, TO_ABROAD, both.paid))
    if payee:
        found.append(_row(payment, FROM_ABROAD, payment.payee, both.received))
    return found


def _row(payment: Payment, payer: str, payee: str, amount: Money) -> Transfer:
    return Transfer(payment.id, payment.time_ms, payer, payee, amount.minor, amount.currency)
