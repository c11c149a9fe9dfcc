"""Haircut, poison and the reach of a whole ledger, compiled: what ``twin.spread`` does, on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spean.core.errors import TooMuch
from spean.tracing.compiled import FOREVER, compiled, limit_of, place_of
from spean.tracing.segment import AMOUNT, END, LINK, LOW, LOW_HALF, NEXT, Carried, Segments, Share, Start

Array = Any
HELD, DEEP, BY, WAITING = 1, 2, 3, 6  # of a share; 0 is the account, 4 and 5 its rows
SHARE = 7


@compiled
def _part(held, amount, balance):
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


@compiled
def _push(heap, size, value):
    while size > 0 and heap[(size - 1) >> 1] > value:
        heap[size] = heap[(size - 1) >> 1]
        size = (size - 1) >> 1
    heap[size] = value


@compiled
def _pop(heap, size):
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


@compiled
def _share(shares, table, counts, account):
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


@compiled
def _wait(rows, shares, heap, counts, number, at, end):
    if at < end:
        shares[number, 4], shares[number, 5], shares[number, WAITING] = at, end, 1
        _push(heap, counts[2], (rows[at, LINK] >> 32) << 32 | number)
        counts[2] += 1


@compiled
def _arrive(rows, line, base, poison, order, amount, hop, paying, shares, table, heap, carried, counts):
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


@compiled
def _follow(rows, base, poison, last, shares, table, heap, carried, counts):
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


@compiled
def _spread(rows, where, times, keys, first, base, poison, starts, until, shares, table, heap, carried, counts):
    counts[2] = 0
    for number in range(counts[0]):
        shares[number, WAITING] = 0
        if shares[number, HELD] > 0:
            at = place_of(keys, shares[number, 0])
            if at >= 0:
                _wait(rows, shares, heap, counts, number, first[at], first[at + 1])
    last = limit_of(times, until)
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


STRETCH = 1 << 18
HIGH, SIX, SIXTY_THREE, ONE = np.uint64(32), np.uint64(6), np.uint64(63), np.uint64(1)
LOW_WORD = np.uint64(LOW_HALF)


@compiled
def _while_few(pairs, marked):
    for row in range(len(pairs)):
        payer, payee = pairs[row] & LOW_WORD, pairs[row] >> HIGH
        marked[payee >> SIX] |= ((marked[payer >> SIX] >> (payer & SIXTY_THREE)) & ONE) << (payee & SIXTY_THREE)


@compiled
def _while_most(pairs, marked):
    for row in range(len(pairs)):
        payee = pairs[row] >> HIGH
        if (marked[payee >> SIX] >> (payee & SIXTY_THREE)) & ONE == 0:
            payer = pairs[row] & LOW_WORD
            marked[payee >> SIX] |= ((marked[payer >> SIX] >> (payer & SIXTY_THREE)) & ONE) << (payee & SIXTY_THREE)


@compiled
def _reach(pairs, marked, most, starts):
    """Mark the payee of each payment from a marked account: one pass in order, 8 bytes a payment, a bit an account.

    ``starts`` are the places of payments that mark their payee in any case. While marks spread, a branch would be guessed
    wrongly half of the time, so there is none; once most accounts are marked (``most``), to look at the payee is nearly
    always enough. Bits, so that a million accounts stay in the nearest caches.
    """
    at, few, following = 0, True, 0
    while at < len(pairs):
        end = min(len(pairs), at + STRETCH)
        while at < end:
            cut = end
            if following < len(starts) and starts[following] < end:
                cut = starts[following]
            if few:
                _while_few(pairs[at:cut], marked)
            else:
                _while_most(pairs[at:cut], marked)
            at = cut
            if cut < end:
                payee = pairs[cut] >> HIGH
                marked[payee >> SIX] |= ONE << (payee & SIXTY_THREE)
                following, at = following + 1, cut + 1
        few = few and _bits(marked) < most


@compiled
def _bits(words):
    """How many bits are set."""
    count = np.uint64(0)
    for at in range(len(words)):
        word = words[at]
        word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
        word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
        word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        count += (word * np.uint64(0x0101010101010101)) >> np.uint64(56)
    return count


def reach(segments: Segments, accounts: Sequence[int], starts: Sequence[int], count: int) -> Array:
    """Poison of a whole ledger: for each of ``count`` accounts 1 if it is reached, otherwise 0.

    ``accounts`` are marked from the beginning, payments ``starts`` mark their payee.
    """
    marked = np.zeros(-(-count // 64), np.uint64)
    for account in accounts:
        marked[account >> 6] |= ONE << np.uint64(account & 63)
    most = np.uint64(count * 93 // 100)
    for segment in segments:
        places = [start - segment.base for start in sorted(set(starts))]
        inside = [
            place for place in places if 0 <= place < len(segment) and segment.rows[segment.where[place], AMOUNT] > 0
        ]
        pairs = np.ascontiguousarray(segment.pairs[: len(segment)]).view(np.uint64).reshape(-1)
        _reach(pairs, marked, most, np.array(inside, np.int64))
    return np.unpackbits(marked.astype("<u8").view(np.uint8), count=count, bitorder="little")
