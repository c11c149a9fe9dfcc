"""How much may be asked: budgets at the key holder, a brake for each user at the asker, and what is far from normal (B2, R24).

An *element* is one blinded value. Whoever wants to list a holder's phone numbers has to have each possible number evaluated by the
holder itself; the budget says how many years that takes. It counts over all keys of the holder, so that more agreements, categories or
months do not add up to more questions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from spean.core.errors import Refusal, TooMuch
from spean.core.world import DAY, HOUR

BUDGET = 300_000
"""Elements that a partner may have evaluated in a calendar month, by default."""
NUMBERS = 10**8
"""A country's telephone numbers: what an enumeration would have to go through."""
MOST_RAISED = 50_000_000
"""No raise goes beyond this: 10^8 numbers in two months is no budget any more."""
AN_HOUR, A_DAY = 400, 1_000
"""Terms that one person may ask about within an hour and within a day. A term is a guess, however many nodes and keys it takes."""
MISSES = 200
"""So many terms in a row without a hit are reported (R24)."""
USUAL = 2_000
"""Hits in a million elements that are normal while nothing else has been seen."""
_SURPRISE = 1e-6
_FEWEST = 5


@dataclass(frozen=True, slots=True)
class Asking:
    """What one person asked lately: terms within the hour and the day, and misses since the last hit."""

    hour: int
    day: int
    misses: int


def years(budget: int) -> int:
    """Whole years in which ``NUMBERS`` can be gone through at ``budget`` elements a month."""
    return NUMBERS // (max(budget, 1) * 12)


def check_budget(peer: str, spent: int, wanted: int, budget: int) -> None:
    """Refuse ``wanted`` elements beyond the month's budget (B2)."""
    if spent + wanted > budget:
        raise Refusal(
            "B2", f"{peer} has asked for {spent} of {budget} elements this month, and {wanted} more do not fit",
            remedy="wait for the next month, or ask for a raise: a person of the asked node decides", what="Not answered",
        )  # fmt: skip


def check_person(asking: Asking, wanted: int) -> None:
    """Brake whoever asks about very many (R24)."""
    for did, most, span in ((asking.hour, AN_HOUR, HOUR), (asking.day, A_DAY, DAY)):
        if did + wanted > most:
            within = "an hour" if span == HOUR else "a day"
            raise TooMuch(
                "Asked about too many", why=f"{did} within {within}, at most {most}; the supervisor is told", rule="R24",
                remedy="wait, or have a colleague ask; for whole lists agree on an overlap of holdings",
            )  # fmt: skip


def unusual(elements: int, hits: int, usual_millionths: int = USUAL) -> bool:
    """Whether so many hits are far from normal: less likely than one in a million at the usual rate (Poisson tail)."""
    if hits < _FEWEST or elements <= 0:
        return False
    expected = elements * max(usual_millionths, 1) / 1_000_000
    if hits <= expected:
        return False
    # P(X >= hits) <= exp(hits - expected - hits * ln(hits / expected)) (Chernoff)
    return hits - expected - hits * math.log(hits / expected) < math.log(_SURPRISE)


def usual(elements: int, hits: int) -> int:
    """The usual rate in millionths after ``elements`` with ``hits``, beginning from ``USUAL`` as if 10,000 had been seen."""
    return (hits * 1_000_000 + USUAL * 10_000) // (elements + 10_000)
