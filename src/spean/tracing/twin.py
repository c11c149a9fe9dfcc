"""The tracing engine in plain Python: the same index and the same answers as ``kernels``, with no package at all.

It serves small ledgers, where loading a compiler would take longer than the trace, and machines without numba.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

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
    Carried,
    Segment,
    Segments,
    Share,
    Slice,
    Start,
)


def build(
    base: int, times: Sequence[int], payers: Sequence[int], payees: Sequence[int], amounts: Sequence[int],
    totals: list[list[int]],
) -> Segment:  # fmt: skip
    """Index one stretch. ``totals[account]`` is [balance, in, out] before it, and is brought up to date in place."""
    touched = list(range(len(totals)))
    opening = [tuple(totals[account]) for account in touched]
    counts: dict[int, int] = {}
    for payer in payers:
        counts[payer] = counts.get(payer, 0) + 1
    keys = sorted(counts)
    first = [0, *accumulate(counts[key] for key in keys)]
    cursor = dict(zip(keys, first, strict=False))
    ends = dict(zip(keys, first[1:], strict=True))
    rows: list[tuple[int, ...]] = [()] * len(times)
    where = []
    for order, (payer, payee, amount) in enumerate(zip(payers, payees, amounts, strict=True)):
        row = cursor[payer]
        cursor[payer] = row + 1
        where.append(row)
        out, low = _pay(totals[payer], amount)
        onward = cursor.get(payee, 0), ends.get(payee, 0)
        rows[row] = (out, low, amount, totals[payee][1], totals[payee][0], *onward, order << 32 | payee)
        _land(totals[payee], amount)
    mins = [min(row[LOW] for row in rows[at : at + BLOCK]) for at in range(0, len(rows), BLOCK)]
    pairs = [(a, b if amount else a) for a, b, amount in zip(payers, payees, amounts, strict=True)]
    return Segment(
        base, rows, mins, where, pairs, list(times), keys, first, touched, opening, [tuple(total) for total in totals]
    )


def _pay(total: list[int], amount: int) -> tuple[int, int]:
    """Take ``amount`` from an account; where it lay on both lines. A shortfall comes in as unknown money (S5)."""
    balance, _, out = total
    low = balance - amount
    total[0] = max(0, low)
    total[1] += max(0, -low)
    total[2] += amount
    return out, low


def _land(total: list[int], amount: int) -> None:
    total[0] += amount
    total[1] += amount
    if total[1] > MAX_SUM:
        raise TooMuch("Sum of an account", why=f"more than {MAX_SUM} passes through it", remedy="check the amounts")


def lines(segment: Segment, account: int) -> tuple[int, int]:
    """The rows ``from .. to`` of an account's payments in a segment."""
    at = bisect_left(segment.keys, account)
    if at == len(segment.keys) or segment.keys[at] != account:
        return 0, 0
    return segment.first[at], segment.first[at + 1]


def limit(segment: Segment, until: int | None) -> int:
    """The order of the last transfer of the segment that is not after ``until``; -1: none."""
    return len(segment) - 1 if until is None else bisect_right(segment.times, until) - 1


def slices(
    segments: Segments, rule: str, starts: Sequence[Start], untils: Sequence[int | None], room: int
) -> list[Slice]:
    """Follow each start by FIFO or LIFO to its own last moment. Raises ``TooMuch`` past ``room`` slices."""
    found: list[list[int]] = []
    follow = _fifo if rule == "fifo" else _lifo
    for segment in segments:
        limits = [limit(segment, until) for until in untils]
        waiting = [(number, *lines(segment, each[4])) for number, each in enumerate(found) if each[7] > each[6]]
        for number, start in enumerate(starts):
            place = start.order - segment.base
            if 0 <= place <= limits[number] and start.end > start.start:
                row = segment.rows[segment.where[place]]
                waiting.append((len(found), row[NEXT], row[END]))
                found.append(_landed(row, rule, start.order, start.start, start.end, start.start, 1, -1, number))
        for number, at, end in waiting:  # grows while it is read
            if at < end:
                waiting += follow(segment, found, number, at, end, limits[found[number][10]])
            if len(found) > room:
                raise TooMuch("Trace", why=f"more than {room} pieces", remedy="a shorter time")
    return [Slice(*each) for each in found]


def _landed(
    row: Sequence[int], rule: str, order: int, start: int, end: int, source: int, hop: int, parent: int, root: int
) -> list[int]:
    land = row[FIFO] if rule == "fifo" else row[LIFO]
    account = row[LINK] & LOW_HALF
    return [order, start, end, source, account, hop, land + start, land + end, land + start, parent, root]


def _fifo(
    segment: Segment, found: list[list[int]], number: int, at: int, end: int, last: int
) -> list[tuple[int, int, int]]:
    """Cut from slice ``number`` what the payments ``at .. end`` take of it."""
    lot, rows, new = found[number], segment.rows, []
    low, high = at, end
    while low < high:  # the first payment that ends behind the lot's first unit
        middle = (low + high) // 2
        if rows[middle][OUT] + rows[middle][AMOUNT] > lot[6]:
            high = middle
        else:
            low = middle + 1
    while low < end and rows[low][OUT] < lot[7] and rows[low][LINK] >> 32 <= last:
        row = rows[low]
        begin, stop = max(lot[6], row[OUT]), min(lot[7], row[OUT] + row[AMOUNT])
        if stop > begin:
            new.append((len(found), row[NEXT], row[END]))
            found.append(_onward(segment, row, "fifo", lot, number, begin, stop, row[OUT]))
            lot[6] = stop
        low += 1
    return new


def _lifo(
    segment: Segment, found: list[list[int]], number: int, at: int, end: int, last: int
) -> list[tuple[int, int, int]]:
    lot, rows, new = found[number], segment.rows, []
    while lot[7] > lot[6]:
        at = _reaches(segment, at, end, lot[7])
        if at == end or rows[at][LINK] >> 32 > last:
            break
        row = rows[at]
        begin = max(lot[6], row[LOW])
        new.append((len(found), row[NEXT], row[END]))
        found.append(_onward(segment, row, "lifo", lot, number, begin, lot[7], row[LOW]))
        lot[7] = begin
        at += 1
    return new


def _reaches(segment: Segment, at: int, end: int, height: int) -> int:
    """The first row of ``at .. end`` that takes money from below ``height``; ``end``: none."""
    rows, mins = segment.rows, segment.mins
    while at < end:
        if at % BLOCK == 0 and mins[at // BLOCK] >= height:
            at += BLOCK
        elif rows[at][LOW] < height:
            return at
        else:
            at += 1
    return end


def _onward(
    segment: Segment, row: Sequence[int], rule: str, lot: list[int], number: int, begin: int, stop: int, zero: int
) -> list[int]:
    order = segment.base + (row[LINK] >> 32)
    source = lot[3] + begin - lot[8]
    return _landed(row, rule, order, begin - zero, stop - zero, source, lot[5] + 1, number, lot[10])


def spread(
    segments: Segments, poison: bool, starts: Sequence[Start], until: int | None, room: int
) -> tuple[list[Share], list[Carried]]:
    """Haircut or poison. ``starts`` stand in order; haircut begins with ``end - start`` of each.

    Raises ``TooMuch`` past ``room`` payments that carry.
    """
    spread = _Spread(poison, room)
    for segment in segments:
        last = limit(segment, until)
        spread.enter(segment)
        for start in starts:
            place = start.order - segment.base
            if 0 <= place <= last and start.end > start.start:
                spread.follow(place - 1)
                spread.begin(place, start.end - start.start)
        spread.follow(last)
    shares = [Share(account, *each) for account, each in spread.shares.items()]
    return shares, spread.carried


class _Spread:
    """Tainted money on accounts, and the next payment of each in a heap by order."""

    def __init__(self, poison: bool, room: int) -> None:
        self.poison = poison
        self.room = room
        self.shares: dict[int, list[int]] = {}  # account -> held, hop, by
        self.carried: list[Carried] = []
        self.heap: list[tuple[int, int]] = []
        self.next: dict[int, tuple[int, int]] = {}  # account in the heap -> its rows

    def enter(self, segment: Segment) -> None:
        self.segment = segment
        self.heap, self.next = [], {}
        for account, (held, _, _) in self.shares.items():
            if held:
                self._wait(account, *lines(segment, account))

    def _wait(self, account: int, at: int, end: int) -> None:
        if at < end:
            self.next[account] = at, end
            heapq.heappush(self.heap, (self.segment.rows[at][LINK] >> 32, account))

    def begin(self, place: int, amount: int) -> None:
        """The traced payment itself lands. Whatever its payer held of the money already moves by the rule as well."""
        row = self.segment.rows[self.segment.where[place]]
        self._land(row, place, 1 if self.poison else amount, 1)

    def follow(self, last: int) -> None:
        while self.heap and self.heap[0][0] <= last:
            order, account = heapq.heappop(self.heap)
            at, end = self.next.pop(account)
            self._pay(account, order, self.segment.rows[at])
            if self.shares[account][0] and account not in self.next:
                self._wait(account, at + 1, end)

    def _pay(self, account: int, order: int, row: Sequence[int]) -> None:
        share = self.shares[account]
        amount, balance = row[AMOUNT], row[LOW] + row[AMOUNT]
        if self.poison:
            carried = int(amount > 0 and row[LINK] & LOW_HALF not in self.shares)
        elif amount == 0:
            carried = 0
        else:
            carried = share[0] if amount >= balance else share[0] * amount // balance
            share[0] -= carried
        if carried:
            self._land(row, order, carried, share[1] + 1, paying=account)

    def _land(self, row: Sequence[int], order: int, amount: int, hop: int, paying: int = -1) -> None:
        account = row[LINK] & LOW_HALF
        place = self.segment.base + order
        share = self.shares.setdefault(account, [0, hop, place])
        if self.poison and share[0]:
            return
        share[0] += amount
        if not self.poison:
            share[1] = max(share[1], hop)
        if account not in self.next and account != paying:
            self._wait(account, row[NEXT], row[END])
        self.carried.append(Carried(place, amount, hop))
        if len(self.carried) > self.room:
            raise TooMuch("Trace", why=f"more than {self.room} payments carry it", remedy="a shorter time")
