"""Ask a ledger where money went. The one door to the engines; the rules are written in ``reference``."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import ModuleType
from typing import Any, Protocol

from spean.core.errors import InvalidInput, NotFound
from spean.tracing import twin
from spean.tracing.model import MAX_AMOUNT, Lot, Position, Rule, Step, Trace, Transfer, positions_of
from spean.tracing.segment import AMOUNT, LINK, LOW, LOW_HALF, Carried, Segment, Segments, Share, Slice, Start

ROOM = 20_000_000
"""Pieces of one trace. Beyond that, a shorter time must be asked for."""


class Names(Protocol):
    """What payments and accounts are called. Orders and accounts are numbers inside the engines."""

    def order(self, payment: str) -> int | None: ...
    def payment(self, order: int) -> str: ...
    def account(self, number: int) -> str: ...
    def number(self, account: str) -> int | None: ...
    def count(self) -> int:
        """How many accounts have a number."""
        ...


@dataclass(frozen=True, slots=True)
class Ledger:
    """An immutable state of a ledger: whoever holds one is not disturbed by what arrives.

    ``engine`` is ``kernels`` or ``twin``.
    """

    segments: Segments
    names: Names
    currency: str = ""
    engine: ModuleType = twin

    def order(self, payment: str) -> int:
        """The place of a payment. Raises ``NotFound``."""
        found = self.names.order(payment)
        if found is None:
            raise NotFound(
                f"Payment {payment[:80]}", why="no row of the ledger has this id",
                remedy="check the id, and whether the ledger reaches back so far",
            )  # fmt: skip
        return found

    def at(self, order: int) -> tuple[Segment, int]:
        """The segment that holds ``order``, and the place in it."""
        for segment in reversed(self.segments):
            if order >= segment.base:
                return segment, order - segment.base
        raise IndexError(order)

    def time(self, order: int) -> int:
        segment, place = self.at(order)
        return int(segment.times[place])

    def line(self, order: int) -> tuple[int, ...]:
        """The eight integers of a payment."""
        segment, place = self.at(order)
        return tuple(int(each) for each in segment.rows[segment.where[place]])

    def parties(self, order: int) -> tuple[str, str]:
        """Payer and payee by name."""
        segment, place = self.at(order)
        payee = int(segment.rows[segment.where[place]][LINK]) & LOW_HALF
        return self.names.account(int(segment.pairs[place][0])), self.names.account(payee)

    def balance(self, account: str) -> int:
        """What lies on an account at the end of the ledger; 0 for an account that it does not know."""
        number = self.names.number(account)
        if number is None:
            return 0
        for segment in reversed(self.segments):
            at = bisect_left(segment.touched, number)
            if at < len(segment.touched) and segment.touched[at] == number:
                return int(segment.closing[at][0])
        return 0


def trace(ledger: Ledger, payment: str, rule: Rule, until: int | None = None, room: int = ROOM) -> Trace:
    """Where the money of ``payment`` lies at ``until`` (milliseconds, included; None: the ledger's end).

    Raises ``NotFound`` for an unknown payment, ``InvalidInput`` for an end before it, ``TooMuch`` past ``room``.
    """
    return trace_parts(ledger, payment, [payment], rule, until, room)


def trace_parts(
    ledger: Ledger, name: str, parts: Sequence[str], rule: Rule, until: int | None = None, room: int = ROOM
) -> Trace:
    """Trace several rows as one payment called ``name``: its coordinates run through them in the order given."""
    starts, amount, offsets = [], 0, []
    for part in parts:
        order = ledger.order(part)
        if until is not None and until < ledger.time(order):
            raise InvalidInput("until", "the trace would end before the payment", remedy="a later end")
        starts.append(Start(order, 0, ledger.line(order)[AMOUNT]))
        offsets.append(amount)
        amount += starts[-1].end
    found = follow(ledger, starts, rule, until, room)
    if isinstance(found, Flow):
        return _traced(ledger, name, rule, amount, found)
    return _sliced(ledger, name, rule, amount, found, offsets)


def trace_many(
    ledger: Ledger, payments: Iterable[str], rule: Rule, lasting: int | None = None, room: int = ROOM
) -> Iterator[Trace]:
    """One trace for each payment, in order, each over ``lasting`` milliseconds from its payment."""
    for payment in payments:
        until = None if lasting is None else ledger.time(ledger.order(payment)) + lasting
        yield trace(ledger, payment, rule, until, room)


@dataclass(frozen=True, slots=True)
class Flow:
    """Haircut or poison in numbers: what accounts hold, and the payments that carried, in order."""

    shares: list[Share]
    carried: list[Carried]


def follow(
    ledger: Ledger, starts: Sequence[Start], rule: Rule, until: int | None = None, room: int = ROOM
) -> list[Slice] | Flow:
    """Follow slices of payments in numbers. Haircut and poison take the starts together, as money of one case.

    The starts of a haircut must not lie on one another's way: their payers hold none of the money.
    """
    if rule in ("fifo", "lifo"):
        found: list[Slice] = ledger.engine.slices(ledger.segments, rule, starts, [until] * len(starts), room)
        return found
    ordered = sorted(starts)
    return Flow(*ledger.engine.spread(ledger.segments, rule == "poison", ordered, until, room))


def _sliced(
    ledger: Ledger, payment: str, rule: Rule, amount: int, found: Sequence[Slice], offsets: Sequence[int]
) -> Trace:
    names, payments = ledger.names, ledger.names.payment
    called = {account: names.account(account) for account in {each.account for each in found}}
    sums: dict[str, int] = defaultdict(int)
    lots, steps, depth = [], [], 0
    for order, start, end, source, account, hop, rest_from, rest_to, landed, parent, root in sorted(found):
        payee, by = called[account], payments(order)
        payer = ledger.parties(order)[0] if parent < 0 else called[found[parent].account]
        steps.append(Step(by, payer, payee, end - start, hop, start, end))
        depth = max(depth, hop)
        rest = rest_to - rest_from
        if rest:
            first = offsets[root] + source + rest_from - landed
            lots.append(Lot(payee, rest, by, hop, first, first + rest))
            sums[payee] += rest
    lots.sort(key=lambda lot: lot.start or 0)
    return Trace(payment, rule, amount, ledger.currency, positions_of(sums), tuple(lots), tuple(steps), depth)


def _traced(ledger: Ledger, payment: str, rule: Rule, amount: int, found: Flow) -> Trace:
    names, poison = ledger.names, rule == "poison"
    held = {names.account(each.account): each for each in found.shares if each.held}
    steps = tuple(
        Step(names.payment(each.order), *ledger.parties(each.order), None if poison else each.amount, each.hop)
        for each in found.carried
    )
    if poison:
        positions = tuple(Position(account, None) for account in sorted(held))
    else:
        positions = positions_of({account: each.held for account, each in held.items()})
    lots = tuple(
        Lot(each.account, each.amount, names.payment(held[each.account].by) if poison else None, held[each.account].hop)
        for each in positions
    )
    depth = max((each.hop for each in found.carried), default=0)
    return Trace(payment, rule, amount, ledger.currency, positions, lots, steps, depth)


def lowest(ledger: Ledger, payment: str, until: int | None = None) -> int:
    """The lowest balance of the payee since ``payment``, at most its amount (S11): the bound of a claim there."""
    order = ledger.order(payment)
    line = ledger.line(order)
    account = line[LINK] & LOW_HALF
    least = line[AMOUNT]
    for segment in ledger.segments:
        last = twin.limit(segment, until)
        begin, end = twin.lines(segment, account)
        for row in range(begin, end):
            place = int(segment.rows[row][LINK]) >> 32
            if place > last:
                break
            if segment.base + place > order:
                least = min(least, max(0, int(segment.rows[row][LOW])))
    return least


def reach(ledger: Ledger, accounts: Iterable[str] = (), payments: Iterable[str] = ()) -> list[str]:
    """Every account that money from ``accounts`` (from the first row on) or of ``payments`` reached, by name.

    Needs the compiled engine, since it reads the whole ledger. Raises ``NotFound`` for what the ledger does not know.
    """
    from spean.tracing import kernels

    numbers = [_number(ledger, account) for account in accounts]
    starts = [ledger.order(payment) for payment in payments]
    marked = kernels.reach(ledger.segments, numbers, starts, ledger.names.count())
    return sorted(ledger.names.account(number) for number in marked.nonzero()[0].tolist())


def _number(ledger: Ledger, account: str) -> int:
    number = ledger.names.number(account)
    if number is None:
        raise NotFound(f"Account {account[:80]}", why="the ledger does not know it", remedy="check the account")
    return number


class ListedNames:
    """Names in memory: for small ledgers, tests, and what has just arrived."""

    def __init__(self) -> None:
        self.payments: list[str] = []
        self.accounts: list[str] = []
        self.orders: dict[str, int] = {}
        self.numbers: dict[str, int] = {}

    def order(self, payment: str) -> int | None:
        return self.orders.get(payment)

    def payment(self, order: int) -> str:
        return self.payments[order]

    def account(self, number: int) -> str:
        return self.accounts[number]

    def number(self, account: str) -> int | None:
        return self.numbers.get(account)

    def count(self) -> int:
        return len(self.accounts)

    def add_payment(self, payment: str) -> None:
        """Raises ``InvalidInput`` for an id that was there before."""
        if self.orders.setdefault(payment, len(self.payments)) != len(self.payments):
            raise InvalidInput("id", f"{payment[:80]!r} stands twice in the ledger", remedy="one row for each payment")
        self.payments.append(payment)

    def add_account(self, account: str) -> int:
        number = self.numbers.setdefault(account, len(self.accounts))
        if number == len(self.accounts):
            self.accounts.append(account)
        return number


def ledger_of(
    transfers: Iterable[Transfer], opening: Mapping[str, int], engine: ModuleType = twin, pieces: int = 1
) -> Ledger:
    """A ledger in memory. Rows are put in order (S1). ``pieces`` > 1 divides it into as many segments.

    Raises ``InvalidInput`` for amounts that are negative or too large, several currencies, or an id that stands twice.
    """
    rows = sorted(transfers, key=lambda each: each.time)
    names = ListedNames()
    currency = one_currency(rows)
    for row in rows:
        names.add_payment(row.id)
        _amount("amount", row.amount)
    payers, payees = [names.add_account(row.payer) for row in rows], [names.add_account(row.payee) for row in rows]
    numbers = {names.add_account(account): _amount("balance", balance) for account, balance in opening.items()}
    totals = [[numbers.get(number, 0)] * 2 + [0] for number in range(len(names.accounts))]
    times, amounts = [row.time for row in rows], [row.amount for row in rows]
    segments = _segments(engine, (times, payers, payees, amounts), totals, pieces)
    return Ledger(segments, names, currency, engine)


def _segments(
    engine: ModuleType, columns: tuple[list[int], ...], totals: list[list[int]], pieces: int
) -> tuple[Segment, ...]:
    build: Callable[..., Segment] = engine.build
    if engine is not twin:
        build, totals = _on_arrays(engine, totals)
    count = len(columns[0])
    cuts = [count * piece // pieces for piece in range(pieces + 1)]
    segments = []
    for begin, end in pairwise(cuts):
        if end > begin or not count:
            segments.append(build(begin, *(column[begin:end] for column in columns), totals))
    return tuple(segments)


def _on_arrays(engine: ModuleType, totals: list[list[int]]) -> tuple[Callable[..., Segment], Any]:
    import numpy as np

    kinds = (np.int64, np.int32, np.int32, np.int64)

    def build(base: int, *rest: Sequence[int]) -> Segment:
        columns = [np.array(column, kind) for column, kind in zip(rest[:4], kinds, strict=True)]
        built: Segment = engine.build(base, *columns, rest[4])
        return built

    return build, np.array(totals, np.int64).reshape(-1, 3)


def one_currency(rows: Iterable[Transfer]) -> str:
    """The currency of all rows. Raises ``InvalidInput`` for a second one (S12)."""
    currencies = sorted({row.currency for row in rows})
    if len(currencies) > 1:
        raise InvalidInput(
            "currency", f"{currencies[0]} and {currencies[1]} in one ledger", remedy="one ledger for each currency"
        )
    return currencies[0] if currencies else ""


def _amount(field: str, amount: int) -> int:
    if not 0 <= amount <= MAX_AMOUNT:
        raise InvalidInput(field, f"{amount} is not between 0 and {MAX_AMOUNT}", remedy="whole minor units")
    return amount
