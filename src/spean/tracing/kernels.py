"""The tracing engine, compiled: what ``twin`` does, on arrays. Import it only where a trace is asked for.

Integers of 64 bits throughout. Each kernel releases the interpreter's lock. A kernel that runs out of room says so
and the caller begins again with twice as much, so nothing is ever cut off silently.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spean.core.errors import TooMuch
from spean.tracing.compiled import FOREVER, compiled
from spean.tracing.kernel_slices import slices, slices_array, slices_of_one
from spean.tracing.kernel_spread import reach, spread
from spean.tracing.model import MAX_SUM
from spean.tracing.segment import AMOUNT, BLOCK, END, FIFO, LIFO, LINK, LOW, LOW_HALF, NEXT, OUT, WIDTH, Segment

Array = Any
__all__ = ["FOREVER", "build", "forward", "inside", "reach", "slices", "slices_array", "slices_of_one", "spread"]


@compiled
def _index(payers, payees, amounts, local_first, cursor, totals, rows, where, pairs):
    for order in range(len(payers)):
        payer, payee, amount = payers[order], payees[order], amounts[order]
        row = cursor[payer]
        cursor[payer] = row + 1
        where[order] = row
        line = rows[row]
        low = totals[payer, 0] - amount
        line[OUT] = totals[payer, 2]
        line[LOW] = low
        line[AMOUNT] = amount
        totals[payer, 0] = max(0, low)
        totals[payer, 1] += max(0, -low)
        totals[payer, 2] += amount
        line[FIFO] = totals[payee, 1]
        line[LIFO] = totals[payee, 0]
        line[NEXT] = cursor[payee]
        line[END] = local_first[payee + 1]
        line[LINK] = order << 32 | payee
        totals[payee, 0] += amount
        totals[payee, 1] += amount
        if totals[payee, 1] > MAX_SUM or totals[payer, 1] > MAX_SUM:
            return order
        pairs[order, 0] = payer
        pairs[order, 1] = payee if amount else payer
    return -1


@compiled
def _lowest(rows, mins):
    for block in range(len(mins)):
        least = rows[block * BLOCK, LOW]
        for row in range(block * BLOCK, min(len(rows), block * BLOCK + BLOCK)):
            least = min(least, rows[row, LOW])
        mins[block] = least


@compiled
def _renamed(rows, pairs, touched):
    """From numbers within the segment to those of the ledger."""
    for row in range(len(rows)):
        link = rows[row, LINK]
        rows[row, LINK] = (link & ~LOW_HALF) | touched[link & LOW_HALF]
        pairs[row, 0] = touched[pairs[row, 0]]
        pairs[row, 1] = touched[pairs[row, 1]]


def build(base: int, times: Array, payers: Array, payees: Array, amounts: Array, totals: Array) -> Segment:
    """Index one stretch. ``totals[account]`` is (balance, in, out) before it, and is brought up to date in place.

    ``payers`` and ``payees`` are int32, the rest int64; ``totals`` is (accounts x 3), int64.
    """
    count = len(times)
    dense = base == 0 or count * 4 > len(totals)
    if dense:
        touched, payer, payee = np.arange(len(totals), dtype=np.int32), payers, payees
    else:
        touched, both = np.unique(np.concatenate((payers, payees)), return_inverse=True)
        payer, payee = both[:count].astype(np.int32), both[count:].astype(np.int32)
    opening = totals[touched]
    now = opening.copy()
    counts = np.bincount(payer, minlength=len(touched))
    first = np.zeros(len(touched) + 1, np.int64)
    np.cumsum(counts, out=first[1:])
    rows = np.empty((count, WIDTH), np.int64)
    where, pairs = np.empty(count, np.int32), np.empty((count, 2), np.int32)
    wrong = _index(payer, payee, amounts, first, first[:-1].copy(), now, rows, where, pairs)
    if wrong >= 0:
        raise TooMuch("Sum of an account", why=f"more than {MAX_SUM} passes through it", remedy="check the amounts")
    if not dense:
        _renamed(rows, pairs, touched)
    totals[touched] = now
    mins = np.empty(-(-count // BLOCK), np.int64)
    _lowest(rows, mins)
    paying = np.flatnonzero(counts)
    keys = touched[paying]
    places = np.append(first[paying], count)
    return Segment(base, rows, mins, where, pairs, times, keys, places, touched, opening, now)


@compiled
def _inside(rows, where, pairs, keys, first, accounts):
    count = len(rows)
    for row in range(count):
        link = rows[row, LINK]
        good = 0 <= rows[row, NEXT] <= rows[row, END] <= count
        if not good or not 0 <= link & LOW_HALF < accounts or not 0 <= link >> 32 < count or rows[row, AMOUNT] < 0:
            return False
        if not (0 <= where[row] < count and 0 <= pairs[row, 0] < accounts and 0 <= pairs[row, 1] < accounts):
            return False
    for at in range(len(keys)):  # noqa: SIM110 - compiled
        if not (0 <= keys[at] < accounts and 0 <= first[at] <= first[at + 1] <= count):
            return False
    return True


def inside(segment: Segment, accounts: int) -> bool:
    """Whether every number in the segment points inside it: said before foreign arrays are followed."""
    return bool(_inside(segment.rows, segment.where, segment.pairs, segment.keys, segment.first, accounts))


@compiled
def _forward(rows, where, pairs, count, totals):
    for order in range(count):
        line = rows[where[order]]
        payer, payee, amount = pairs[order, 0], line[LINK] & LOW_HALF, line[AMOUNT]
        low = totals[payer, 0] - amount
        totals[payer, 0] = max(0, low)
        totals[payer, 1] += max(0, -low)
        totals[payer, 2] += amount
        totals[payee, 0] += amount
        totals[payee, 1] += amount


def forward(segment: Segment, totals: Array) -> None:
    """Bring ``totals`` from the opening of a segment to its (perhaps cut) end."""
    _forward(segment.rows, segment.where, segment.pairs, len(segment), totals)
