"""The tracing engine, compiled: what ``twin`` does, on arrays. Import it only where a trace is asked for.

Integers of 64 bits throughout. Each kernel releases the interpreter's lock. A kernel that runs out of room says so
and the caller begins again with twice as much, so nothing is ever cut off silently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numba
import numpy as np

from spean.core.errors import TooMuch
from spean.tracing.model import MAX_SUM
from spean.tracing.segment import (
    AMOUNT,
    BLOCK,
    END,
    FIFO,
    LIFO,
    LINK,
    LOW,
    LOW_HALF,
    NEXT,
    OUT,
    WIDTH,
    Carried,
    Segment,
    Segments,
    Share,
    Slice,
    Start,
)

Array = Any
FOREVER = 2**63 - 1
ORDER, FROM, TO, SOURCE, ACCOUNT, HOP, REST, REST_TO, LANDED, PARENT, ROOT, AT, UPTO = range(13)
LOT = 13
HELD, DEEP, BY, WAITING = 1, 2, 3, 6  # of a share; 0 is the account, 4 and 5 its rows
SHARE = 7


def _compiled(function: Callable[..., Any]) -> Any:
    """Compiled at first use and kept on disk; where no folder can be written, compiled anew in each process."""
    try:
        return numba.njit(cache=True, nogil=True, boundscheck=False)(function)
    except RuntimeError:  # numba found no folder for its cache
        return numba.njit(nogil=True, boundscheck=False)(function)


@_compiled
def _index(payers, payees, amounts, local_first, cursor, totals, rows, where, pairs):  # type: ignore[no-untyped-def]
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


@_compiled
def _lowest(rows, mins):  # type: ignore[no-untyped-def]
    for block in range(len(mins)):
        least = rows[block * BLOCK, LOW]
        for row in range(block * BLOCK, min(len(rows), block * BLOCK + BLOCK)):
            least = min(least, rows[row, LOW])
        mins[block] = least


@_compiled
def _renamed(rows, pairs, touched):  # type: ignore[no-untyped-def]
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


@_compiled
def _place(keys, account):  # type: ignore[no-untyped-def]
    """Where ``account`` stands among the sorted keys, or -1."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] < account:
            low = middle + 1
        else:
            high = middle
    return low if low < len(keys) and keys[low] == account else -1


@_compiled
def _limit(times, until):  # type: ignore[no-untyped-def]
    if until == FOREVER:
        return len(times) - 1
    low, high = 0, len(times)
    while low < high:
        middle = (low + high) >> 1
        if times[middle] <= until:
            low = middle + 1
        else:
            high = middle
    return low - 1


@_compiled
def _land(lot, line, fifo, order, begin, end, source, hop, parent, root):  # type: ignore[no-untyped-def]
    land = (line[FIFO] if fifo else line[LIFO]) + begin
    lot[ORDER], lot[FROM], lot[TO], lot[SOURCE] = order, begin, end, source
    lot[ACCOUNT], lot[HOP] = line[LINK] & LOW_HALF, hop
    lot[REST], lot[REST_TO], lot[LANDED] = land, land + end - begin, land
    lot[PARENT], lot[ROOT], lot[AT], lot[UPTO] = parent, root, line[NEXT], line[END]


@_compiled
def _fifo(rows, base, lots, count, number, last):  # type: ignore[no-untyped-def]
    lot = lots[number]
    low, high, end = lot[AT], lot[UPTO], lot[UPTO]
    while low < high:
        middle = (low + high) >> 1
        if rows[middle, OUT] + rows[middle, AMOUNT] > lot[REST]:
            high = middle
        else:
            low = middle + 1
    while low < end and rows[low, OUT] < lot[REST_TO] and rows[low, LINK] >> 32 <= last:
        line = rows[low]
        begin = max(lot[REST], line[OUT])
        stop = min(lot[REST_TO], line[OUT] + line[AMOUNT])
        if stop > begin:
            if count == len(lots):
                return -1
            order, source = base + (line[LINK] >> 32), lot[SOURCE] + begin - lot[LANDED]
            zero = line[OUT]
            _land(lots[count], line, True, order, begin - zero, stop - zero, source, lot[HOP] + 1, number, lot[ROOT])
            lot[REST] = stop
            count += 1
        low += 1
    return count


@_compiled
def _reaches(rows, mins, at, end, height):  # type: ignore[no-untyped-def]
    while at < end:
        if at % BLOCK == 0 and mins[at // BLOCK] >= height:
            at += BLOCK
        elif rows[at, LOW] < height:
            return at
        else:
            at += 1
    return end


@_compiled
def _lifo(rows, mins, base, lots, count, number, last):  # type: ignore[no-untyped-def]
    lot = lots[number]
    at, end = lot[AT], lot[UPTO]
    while lot[REST_TO] > lot[REST]:
        at = _reaches(rows, mins, at, end, lot[REST_TO])
        if at == end or rows[at, LINK] >> 32 > last:
            break
        if count == len(lots):
            return -1
        line = rows[at]
        begin, zero = max(lot[REST], line[LOW]), line[LOW]
        order, source = base + (line[LINK] >> 32), lot[SOURCE] + begin - lot[LANDED]
        stop = lot[REST_TO] - zero
        _land(lots[count], line, False, order, begin - zero, stop, source, lot[HOP] + 1, number, lot[ROOT])
        lot[REST_TO] = begin
        count += 1
        at += 1
    return count


@_compiled
def _slices(rows, mins, where, times, keys, first, base, fifo, starts, untils, lots, count):  # type: ignore[no-untyped-def]
    """Follow what rests and what starts in this segment. The new number of lots; -1: no room."""
    limits = np.empty(len(untils), np.int64)
    for root in range(len(untils)):
        limits[root] = _limit(times, untils[root])
    for number in range(count):
        lot = lots[number]
        lot[AT] = lot[UPTO] = 0
        if lot[REST_TO] > lot[REST]:
            at = _place(keys, lot[ACCOUNT])
            if at >= 0:
                lot[AT], lot[UPTO] = first[at], first[at + 1]
    for root in range(len(starts)):
        place = starts[root, 0] - base
        if 0 <= place <= limits[root] and starts[root, 2] > starts[root, 1]:
            if count == len(lots):
                return -1
            begin, end = starts[root, 1], starts[root, 2]
            _land(lots[count], rows[where[place]], fifo, starts[root, 0], begin, end, begin, 1, -1, root)
            count += 1
    number = 0
    while number < count:
        if lots[number, AT] < lots[number, UPTO]:
            last = limits[lots[number, ROOT]]
            if fifo:
                count = _fifo(rows, base, lots, count, number, last)
            else:
                count = _lifo(rows, mins, base, lots, count, number, last)
            if count < 0:
                return -1
        number += 1
    return count


def slices_array(segments: Segments, rule: str, starts: Array, untils: Array, room: int) -> Array:
    """As ``slices``, as an array of lots (columns as in ``Slice``); ``untils`` holds ``FOREVER`` for no end."""
    size = min(room, max(256, 32 * len(starts)))
    while True:
        lots = np.empty((size, LOT), np.int64)
        count = 0
        for each in segments:
            count = _slices(each.rows, each.mins, each.where, each.times, each.keys, each.first, each.base,
                            rule == "fifo", starts, untils, lots, count)  # fmt: skip
            if count < 0:
                break
        if count >= 0:
            return lots[:count]
        if size >= room:
            raise TooMuch("Trace", why=f"more than {room} pieces", remedy="a shorter time")
        size = min(room, size * 4)


def slices(
    segments: Segments, rule: str, starts: Sequence[Start], untils: Sequence[int | None], room: int
) -> list[Slice]:
    """Follow each start by FIFO or LIFO to its own last moment. Raises ``TooMuch`` past ``room`` slices."""
    asked = np.array(starts, np.int64).reshape(-1, 3)
    ends = np.array([FOREVER if until is None else until for until in untils], np.int64)
    found = slices_array(segments, rule, asked, ends, room)
    return [Slice(*each) for each in found[:, : ROOT + 1].tolist()]


@_compiled
def _part(held, amount, balance):  # type: ignore[no-untyped-def]
    """floor(held * amount / balance) for amount < balance, without leaving 64 bits."""
    if held <= FOREVER // amount:
        return held * amount // balance
    quotient, rest = 0, 0
    for bit in range(62, -1, -1):
        quotient, rest = quotient * 2, rest * 2
        if rest >= balance:
            quotient, rest = quotient + 1, rest - balance
        if (held >> bit) & 1:
            rest += amount
            if rest >= balance:
                quotient, rest = quotient + 1, rest - balance
    return quotient


@_compiled
def _push(heap, size, value):  # type: ignore[no-untyped-def]
    while size > 0 and heap[(size - 1) >> 1] > value:
        heap[size] = heap[(size - 1) >> 1]
        size = (size - 1) >> 1
    heap[size] = value


@_compiled
def _pop(heap, size):  # type: ignore[no-untyped-def]
    """Take the least; ``size`` counts it still."""
    least, value = heap[0], heap[size - 1]
    at, size = 0, size - 1
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value
    return least


@_compiled
def _share(shares, table, counts, account):  # type: ignore[no-untyped-def]
    """The number of the account's share, made if it is new (held 0, hop 0); -1: no room."""
    mask = len(table) - 1
    at = (account * 2654435761) & mask
    while table[at] >= 0:
        if shares[table[at], 0] == account:
            return table[at]
        at = (at + 1) & mask
    number = counts[0]
    if number == len(shares):
        return -1
    counts[0] += 1
    table[at] = number
    shares[number, :] = 0
    shares[number, 0] = account
    return number


@_compiled
def _wait(rows, shares, heap, counts, number, at, end):  # type: ignore[no-untyped-def]
    if at < end:
        shares[number, 4], shares[number, 5], shares[number, WAITING] = at, end, 1
        _push(heap, counts[2], (rows[at, LINK] >> 32) << 32 | number)
        counts[2] += 1


@_compiled
def _arrive(rows, line, base, poison, order, amount, hop, paying, shares, table, heap, carried, counts):  # type: ignore[no-untyped-def]
    """Tainted money lands. False: no room."""
    new = counts[0]
    number = _share(shares, table, counts, line[LINK] & LOW_HALF)
    if number < 0 or counts[1] == len(carried):
        return False
    share = shares[number]
    if number == new:
        share[DEEP], share[BY] = hop, base + order
    if poison and share[HELD]:
        return True
    share[HELD] += amount
    if not poison:
        share[DEEP] = max(share[DEEP], hop)
    if share[WAITING] == 0 and number != paying:
        _wait(rows, shares, heap, counts, number, line[NEXT], line[END])
    carried[counts[1], 0], carried[counts[1], 1], carried[counts[1], 2] = base + order, amount, hop
    counts[1] += 1
    return True


@_compiled
def _follow(rows, base, poison, last, shares, table, heap, carried, counts):  # type: ignore[no-untyped-def]
    while counts[2] > 0 and heap[0] >> 32 <= last:
        least = _pop(heap, counts[2])
        counts[2] -= 1
        number = least & LOW_HALF
        share = shares[number]
        share[WAITING] = 0
        line = rows[share[4]]
        amount, balance = line[AMOUNT], line[LOW] + line[AMOUNT]
        moved = 0
        if poison:
            moved = 1 if amount > 0 else 0
        elif amount > 0:
            moved = share[HELD] if amount >= balance else _part(share[HELD], amount, balance)
            share[HELD] -= moved
        if moved > 0:
            order = least >> 32
            hop = share[DEEP] + 1
            if not _arrive(rows, line, base, poison, order, moved, hop, number, shares, table, heap, carried, counts):
                return False
        if share[HELD] > 0:
            _wait(rows, shares, heap, counts, number, share[4] + 1, share[5])
    return True


@_compiled
def _spread(rows, where, times, keys, first, base, poison, starts, until, shares, table, heap, carried, counts):  # type: ignore[no-untyped-def]
    counts[2] = 0
    for number in range(counts[0]):
        shares[number, WAITING] = 0
        if shares[number, HELD] > 0:
            at = _place(keys, shares[number, 0])
            if at >= 0:
                _wait(rows, shares, heap, counts, number, first[at], first[at + 1])
    last = _limit(times, until)
    for start in range(len(starts)):
        place, amount = starts[start, 0] - base, starts[start, 2] - starts[start, 1]
        if 0 <= place <= last and amount > 0:
            if not _follow(rows, base, poison, place - 1, shares, table, heap, carried, counts):
                return False
            line, amount = rows[where[place]], 1 if poison else amount
            if not _arrive(rows, line, base, poison, place, amount, 1, -1, shares, table, heap, carried, counts):
                return False
    return _follow(rows, base, poison, last, shares, table, heap, carried, counts)


def spread(
    segments: Segments, poison: bool, starts: Sequence[Start], until: int | None, room: int
) -> tuple[list[Share], list[Carried]]:
    """Haircut or poison. ``starts`` stand in order; haircut begins with ``end - start`` of each.

    Raises ``TooMuch`` past ``room`` payments that carry.
    """
    asked = np.array(starts, np.int64).reshape(-1, 3)
    end = FOREVER if until is None else until
    size = min(room, 1024)
    while True:
        shares, heap = np.empty((size, SHARE), np.int64), np.empty(size + 1, np.int64)
        table = np.full(1 << (2 * size).bit_length(), -1, np.int64)
        carried, counts = np.empty((size, 3), np.int64), np.zeros(3, np.int64)
        if all(
            _spread(each.rows, each.where, each.times, each.keys, each.first, each.base, poison, asked, end,
                    shares, table, heap, carried, counts)
            for each in segments
        ):  # fmt: skip
            break
        if size >= room:
            raise TooMuch("Trace", why=f"more than {room} payments carry it", remedy="a shorter time")
        size = min(room, size * 8)
    return (
        [Share(*each) for each in shares[: counts[0], [0, HELD, DEEP, BY]].tolist()],
        [Carried(*each) for each in carried[: counts[1]].tolist()],
    )


@_compiled
def _reach(pairs, base, begin, end, by):  # type: ignore[no-untyped-def]
    """Mark the payee of each payment from a marked account: one pass in order, 8 bytes a payment."""
    for order in range(begin, end):
        payer, payee = pairs[order, 0], pairs[order, 1]
        if (by[payer] >= 0) & (by[payee] < 0):
            by[payee] = base + order


def reach(segments: Segments, accounts: Sequence[int], starts: Sequence[int], count: int) -> Array:
    """Poison of a whole ledger: for each of ``count`` accounts, the order of the payment that reached it first.

    ``accounts`` are marked from the beginning (their value is 0), payments ``starts`` mark their payee. -1: not reached.
    """
    by = np.full(count, -1, np.int64)
    by[list(accounts)] = 0
    for segment in segments:
        begin = 0
        for place in sorted(start - segment.base for start in starts):
            if 0 <= place < len(segment):
                _reach(segment.pairs, segment.base, begin, place, by)
                begin = place
                if segment.rows[segment.where[place], AMOUNT] > 0 and by[segment.pairs[place, 1]] < 0:
                    by[segment.pairs[place, 1]] = segment.base + place
        _reach(segment.pairs, segment.base, begin, len(segment), by)
    return by


@_compiled
def _inside(rows, where, pairs, keys, first, accounts):  # type: ignore[no-untyped-def]
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


@_compiled
def _forward(rows, where, pairs, count, totals):  # type: ignore[no-untyped-def]
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
