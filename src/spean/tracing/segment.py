"""The index of a stretch of a ledger: eight integers a transfer, one line of the processor's cache.

Rows stand by payer, and in order of payment for each payer. All that has passed through an account is a line with
coordinates; a lot of money is an interval on it, so the payments that carry it are neighbouring rows.

FIFO: everything that ever came in lies on a line from 0 (opening balance first, unknown money where it was needed).
A payment takes the interval ``OUT .. OUT + AMOUNT`` of the payer's line, and lands at ``FIFO`` on the payee's.
LIFO: height in the pile. A payment takes ``LOW .. LOW + AMOUNT`` of the payer's pile (what lies below 0 is unknown
money) and lands at height ``LIFO`` on the payee's. LOW + AMOUNT is therefore the balance before the payment.

``NEXT .. END`` are the rows of the payee's payments after this one; ``LINK`` is order << 32 | payee, where order is
the place in time within the segment. A ledger is a chain of segments; coordinates go on from one to the next, so what
rests at the end of one is looked up in the next. Segments never change: readers need no lock. A segment whose
``times`` are cut short ends there for every engine, which is how a late row makes room without touching what is before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

OUT, LOW, AMOUNT, FIFO, LIFO, NEXT, END, LINK = range(8)
WIDTH = 8
BLOCK = 64
"""Rows whose lowest LOW is noted, so that LIFO skips what does not reach down to a lot."""
LOW_HALF = (1 << 32) - 1
MAX_ROWS = 2**31 - 2

Integers = Any
"""A numpy array, or a plain list in the pure-Python twin."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """``rows`` (n x 8), and what leads to them. ``base`` is the order of its first transfer in the whole ledger."""

    base: int
    rows: Integers
    mins: Integers  # the lowest LOW of each block of 64 rows
    where: Integers  # order -> row
    pairs: Integers  # order -> (payer, payee); the payee of a payment of nothing is its payer (S8)
    times: Integers  # order -> milliseconds
    keys: Integers  # accounts that pay in this segment, ascending
    first: Integers  # where the rows of keys[i] begin; one more at the end
    touched: Integers  # accounts that pay or are paid, ascending (in the first segment: all)
    opening: Integers  # for each of them: balance, all that came in, all that went out before the segment
    closing: Integers  # the same after it
    handle: tuple[int, Any] | None = field(default=None, init=False, repr=False)  # the compiled engine's own

    def __len__(self) -> int:
        return len(self.times)


class Start(NamedTuple):
    """Follow the slice ``start``–``end`` of the payment at place ``order`` of the ledger."""

    order: int
    start: int
    end: int


class Slice(NamedTuple):
    """A piece of traced money that a payment carried (FIFO, LIFO), as the engines give it.

    It took ``start .. end`` of the payment at ``order`` and lies on ``account``, of which ``rest_from .. rest_to`` (on the
    account's line) has not moved on. ``source`` is the place of its first unit in the traced payment; ``parent`` is
    the slice that it was cut from (-1: none), ``root`` the number of its start.
    """

    order: int
    start: int
    end: int
    source: int
    account: int
    hop: int
    rest_from: int
    rest_to: int
    landed: int
    parent: int
    root: int


class Share(NamedTuple):
    """An account in a haircut or poison trace: what it holds of the money (poison: 1), and its most (fewest) hops."""

    account: int
    held: int
    hop: int
    by: int  # the order of the payment that reached it first


class Carried(NamedTuple):
    """A payment that carried ``amount`` of tainted money (haircut), or marked its payee (poison)."""

    order: int
    amount: int
    hop: int


Segments = Sequence[Segment]
