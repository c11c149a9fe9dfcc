"""What every reader yields: payments, balances, and rows that could not be read.

An account is one word. An IBAN stands as such; another account number carries its institution before a slash
(``MKBAKHPP/0071000055``), since numbers are unique only within one; a wallet is its CAIP-10 name. Empty: the document does not
say (a fee, cash, a counterparty that the bank leaves out).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["transfer", "return", "reversal", "fee"]
"""A *return* sends an earlier payment back (pacs.004); a *reversal* is the bank's own correction of its booking."""


class Money(NamedTuple):
    """An amount in minor units of a currency (ISO 4217) or in the smallest units of a token."""

    minor: int
    currency: str


class Source(NamedTuple):
    """Where something stands in its document. ``line`` counts from 1; 0 where lines say nothing (long XML)."""

    document: str
    """Kind of document, with its version: ``camt.053.001.08``, ``bank-csv``."""
    line: int
    element: str = ""
    """Path with ordinals in XML (``Stmt[1]/Ntry[7]``), or the position in a list."""


class References(NamedTuple):
    """The names under which banks know a payment; empty where not given."""

    uetr: str = ""
    end_to_end: str = ""
    transaction: str = ""
    instruction: str = ""
    servicer: str = ""
    """The account servicer's own reference (camt.053 ``AcctSvcrRef``)."""
    message: str = ""
    hash: str = ""
    """Hash of the transaction on a chain."""


class Party(NamedTuple):
    """One side of a payment, as shown by the document."""

    account: str = ""
    name: str = ""
    agent: str = ""
    """BIC or local code of the institution that keeps the account."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that moved from one account to another. ``id`` is the same whenever the same row is read again."""

    id: str
    time_ms: int
    """UTC, milliseconds since 1970."""
    payer: str
    payee: str
    amount_minor: int
    currency: str
    reference: str
    """The best of ``references``, for people."""
    source: Source
    kind: Kind = "transfer"
    exact_time: bool = True
    """False: only the day is known; the time is its first moment in the document's zone."""
    booked: bool = True
    """False: pending, the money has not moved yet."""
    payer_name: str = ""
    payee_name: str = ""
    payer_agent: str = ""
    payee_agent: str = ""
    text: str = ""
    """Remittance information."""
    references: References = References()
    instructed: Money | None = None
    """What the payer ordered, where it was another currency or sum (a conversion, a fee taken on the way)."""
    charges: tuple[Money, ...] = ()
    decimals: int | None = None
    """Of a token that is not listed here, as its export or the analyst says."""
    rest: int = 0
    """Smallest units beyond ``amount_minor``, once a ledger counts the currency more coarsely (``formats.chain.tokens.FINEST``)."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account held at a moment, as its bank states it."""

    account: str
    time_ms: int
    amount_minor: int
    """Below zero for an overdraft."""
    currency: str
    kind: Literal["opening", "closing", "other"]
    source: Source


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: where it stands, which field breaks which rule, and what would make it pass."""

    line: int
    field: str
    rule: str
    reason: str
    remedy: str = ""
    element: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the document as a whole that a person must know; the rows are read nevertheless."""

    rule: str
    reason: str
    remedy: str = ""


Item = Payment | Balance | Rejected | Notice
