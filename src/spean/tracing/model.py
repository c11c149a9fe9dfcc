"""What goes into a trace and what comes out. Amounts are integers in minor units; times are milliseconds UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from spean.core.errors import InvalidInput

Rule = Literal["fifo", "lifo", "haircut", "poison"]
RULES: tuple[Rule, ...] = get_args(Rule)
MAX_AMOUNT = 10**17
"""One payment, in minor units. More is a damaged file, not money."""
MAX_SUM = 2**62
"""All that ever passes through one account; running sums stay inside 64 bits."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One row of a ledger: ``amount`` minor units go from ``payer`` to ``payee`` at ``time``."""

    id: str
    time: int
    payer: str
    payee: str
    amount: int
    currency: str = ""


class Position(NamedTuple):
    """How much of the traced money lies on an account. Poison sums nothing: ``amount`` is None."""

    account: str
    amount: int | None


class Lot(NamedTuple):
    """A piece of the traced money where it rests.

    ``start`` and ``end`` say which part of the traced payment it is (FIFO and LIFO; otherwise None). ``payment`` brought
    it there (None for haircut, where arrivals mix), as the payment's ``hop``-th hop; the traced payment itself is hop 1.
    """

    account: str
    amount: int | None
    payment: str | None
    hop: int
    start: int | None = None
    end: int | None = None


class Step(NamedTuple):
    """A payment that carried traced money: the slice ``start``–``end`` of it (FIFO, LIFO), or ``amount`` of it (haircut).

    For poison, the payments that marked an account for the first time, without amount.
    """

    payment: str
    payer: str
    payee: str
    amount: int | None
    hop: int
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the money of ``payment`` lies at the end, by ``rule``, and the way that it took.

    ``lots`` tile the payment for FIFO and LIFO. ``depth`` is the most hops that any of the money made.
    """

    payment: str
    rule: Rule
    amount: int
    currency: str
    positions: tuple[Position, ...]
    lots: tuple[Lot, ...]
    steps: tuple[Step, ...]
    depth: int

    def as_dict(self) -> dict[str, Any]:
        """The object that ``spean trace --json`` prints."""
        return {
            "payment": self.payment,
            "rule": self.rule,
            "amount": self.amount,
            "positions": [
                {"account": each.account, "amount": each.amount, "currency": self.currency} for each in self.positions
            ],
            "lots": [
                {
                    "account": lot.account,
                    "amount": lot.amount,
                    "from": lot.start,
                    "to": lot.end,
                    "payment": lot.payment,
                    "hop": lot.hop,
                }
                for lot in self.lots
            ],
            "depth": self.depth,
        }


def positions_of(sums: dict[str, int]) -> tuple[Position, ...]:
    """The largest first, then by name, so that equal traces print alike; empty accounts are left out."""
    held = [(account, amount) for account, amount in sums.items() if amount]
    return tuple(Position(account, amount) for account, amount in sorted(held, key=lambda each: (-each[1], each[0])))


def known_rule(rule: str) -> Rule:
    """``rule`` if it is one of the four. Raises ``InvalidInput``."""
    for each in RULES:
        if rule == each:
            return each
    raise InvalidInput("rule", f"{rule[:40]!r} is no rule of tracing", remedy=f"one of {', '.join(RULES)}")
