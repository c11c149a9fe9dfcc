"""From a trace to what may be asked for: locating and claiming, the bound of a hold (R50), the order of requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spean.core.errors import InvalidInput, Refusal
from spean.tracing.engine import Ledger, lowest, trace
from spean.tracing.model import Rule, Trace

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Both:
    """Where the money most likely is (``located``, LIFO), and what can be claimed there (``claimed``)."""

    located: Trace
    claimed: Trace
    lowest: int
    """The lowest balance of the first payee since: the bound of a claim there (lowest intermediate balance)."""


def locate_and_claim(ledger: Ledger, payment: str, rule: Rule, until: int | None = None) -> Both:
    """Trace twice: by LIFO to find the money, by the requested country's ``rule`` to claim it. Both are shown."""
    located = trace(ledger, payment, "lifo", until)
    claimed = located if rule == "lifo" else trace(ledger, payment, rule, until)
    return Both(located, claimed, lowest(ledger, payment, until))


@dataclass(frozen=True, slots=True)
class WholeAccount:
    """What a hold on a whole account needs: a judge's reference, and two people (R50)."""

    reference: str
    approved_by: tuple[str, str]


def hold(claim: int, balance: int, whole: WholeAccount | None = None) -> int:
    """R50: the most that may be held, min(claim, balance); the balance only by a judge's order that two people checked.

    Raises ``InvalidInput`` for a negative amount and ``Refusal`` for an order without reference or second person.
    """
    for name, amount in (("claim", claim), ("balance", balance)):
        if amount < 0:
            raise InvalidInput(name, f"{amount} is negative", remedy="whole minor units from 0", rule="R50")
    if whole is None:
        return min(claim, balance)
    first, second = (name.strip() for name in whole.approved_by)
    if not whole.reference.strip() or not first or not second or first == second:
        raise Refusal(
            "R50", "a whole account is held only by a judge's order that two people checked",
            remedy="the judge's reference, and a second person's approval",
        )  # fmt: skip
    return balance


def check_hold(asked: int, claim: int, balance: int, whole: WholeAccount | None = None) -> None:
    """Refuse a hold of ``asked`` that is more than R50 allows. Raises ``Refusal``."""
    most = hold(claim, balance, whole)
    if not 0 < asked <= most:
        raise Refusal(
            "R50", f"{asked} is not between 1 and {most}, the lesser of claim and balance",
            remedy=f"ask for at most {most}, or bring a judge's order for the whole account",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """A hold that could be asked for: ``amount`` that the trace shows there since ``since`` (milliseconds).

    ``chance`` is how many of a thousand such requests the addressee answered with a hold.
    """

    id: str
    amount: int
    chance: int
    since: int


def decay(age: int, half_life: int) -> int:
    """How likely money still lies where it lay ``age`` ago, in millionths: half after each ``half_life``.

    Straight between the halvings, so that it needs no fractions and is the same on every machine.
    """
    if half_life <= 0:
        raise InvalidInput("half_life", "is not positive", remedy="milliseconds, such as 600000")
    halvings, rest = divmod(max(0, age), half_life)
    return (MILLION >> min(halvings, 64)) * (2 * half_life - rest) // (2 * half_life)


def value(request: Request, now: int, half_life: int) -> int:
    """What a request is expected to save, in minor units x 10^9: amount x chance x decay."""
    if not 0 <= request.chance <= 1000 or request.amount < 0:
        raise InvalidInput(
            "chance", "amount or chance is out of range", remedy="an amount from 0; a chance of 0 to 1000"
        )
    return request.amount * request.chance * decay(now - request.since, half_life)


def rank(requests: Iterable[Request], now: int, half_life: int) -> list[Request]:
    """The requests in the order in which they save most; all are sent in parallel, this is what a desk sees first."""
    return sorted(requests, key=lambda each: (-value(each, now, half_life), each.id))
