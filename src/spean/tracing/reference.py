"""The rules of tracing, word for word and slow on purpose: the fast engines must give exactly what these lines give.

S1  Order is time, then order of arrival in the file. A row that arrives late takes the place that its time gives it.
S2  An account is a queue of money. Its opening balance lies in it first; what is paid in lands at the back.
S3  First in, first out (FIFO): a payment takes from the front, and lands in the order in which it was taken.
S4  Last in, first out (LIFO): a payment takes from the back, and the slice lands with its bottom first, as it lay.
S5  An account that pays more than it has first pays all that it has, by the rule; then the shortfall with *unknown
    money*, which is the part taken last. The account is empty afterwards, not in debt: what comes in later is not
    used to fill the gap, so a trace up to an earlier moment never changes.
S6  Haircut: a payment takes floor(tainted x amount / balance) of the tainted money, and all of it when amount >=
    balance. What rounding leaves stays with the payer. Of one trace never more is on an account than its balance; of
    several, each rounded by itself, it may be more by some units together, so R50 binds a hold by the balance as well.
S7  Poison: every account that a payment from a marked account reaches is marked, for good. Nothing is summed.
S8  A payment of nothing carries nothing and marks nothing.
S9  A payment to oneself takes by the rule, then lands by the rule.
S10 A trace ends at its last moment, which is included. Its positions add up to the payment (but for poison).
S11 The lowest intermediate balance bounds a claim on one account: of a payment never more is left there than the
    lowest balance since.
S12 One trace is in one currency (``convert`` crosses into another).

FIFO follows *Devaynes v Noble* (Clayton's case, 1816); S11 follows *James Roscoe (Bolton) Ltd v Winder* (1915).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from spean.core.errors import NotFound
from spean.tracing.model import Lot, Position, Rule, Step, Trace, Transfer, positions_of


@dataclass(frozen=True, slots=True)
class Piece:
    """Money side by side in a queue. ``source`` is its place in the traced payment; None: other money."""

    length: int
    source: int | None = None
    payment: str = ""
    hop: int = 0

    def split(self, at: int) -> tuple[Piece, Piece]:
        """The first ``at`` units, and the rest."""
        rest = None if self.source is None else self.source + at
        return replace(self, length=at), replace(self, length=self.length - at, source=rest)


def in_order(transfers: Iterable[Transfer]) -> list[Transfer]:
    """S1. Python's sort keeps the order of arrival within one time."""
    return sorted(transfers, key=lambda each: each.time)


def trace(
    transfers: Iterable[Transfer], opening: Mapping[str, int], payment: str, rule: Rule, until: int | None = None
) -> Trace:
    """Follow ``payment`` to the end of the ledger, or to ``until`` (milliseconds, included).

    Raises ``NotFound`` when no row has that id.
    """
    rows = in_order(transfers)
    start = next((each for each in rows if each.id == payment), None)
    if start is None:
        raise NotFound(f"Payment {payment}", why="no row of the ledger has this id", remedy="check the id")
    rows = [each for each in rows if until is None or each.time <= until]
    if rule == "poison":
        return _poison(rows, start)
    if rule == "haircut":
        return _haircut(rows, opening, start)
    return _queues(rows, opening, start, rule)


def take(queue: list[Piece], amount: int, rule: Rule) -> list[Piece]:
    """Remove ``amount`` from the queue; the pieces as they will land. S3, S4, S5."""
    have = sum(piece.length for piece in queue)
    unknown = [Piece(amount - have)] if amount > have else []
    wanted = min(amount, have)
    if rule == "fifo":
        taken = _front(queue, wanted)
        return taken + unknown
    kept = _front(queue, have - wanted)
    taken, queue[:] = list(queue), kept
    return unknown + taken


def _front(queue: list[Piece], amount: int) -> list[Piece]:
    """Remove ``amount`` from the front of a queue that holds it."""
    taken = []
    while amount:
        piece = queue.pop(0)
        if piece.length > amount:
            piece, rest = piece.split(amount)
            queue.insert(0, rest)
        taken.append(piece)
        amount -= piece.length
    return taken


def _queues(rows: Sequence[Transfer], opening: Mapping[str, int], start: Transfer, rule: Rule) -> Trace:
    queues: dict[str, list[Piece]] = defaultdict(list)
    for account, balance in opening.items():
        queues[account] = [Piece(balance)] if balance else []
    steps = []
    for row in rows:
        landing = take(queues[row.payer], row.amount, rule)
        if row is start:
            landing = [Piece(row.amount, 0, row.id, 0)] if row.amount else []
        at = 0
        for piece in landing:
            if piece.source is not None:
                piece = replace(piece, payment=row.id, hop=piece.hop + 1)
                end = at + piece.length
                steps.append(Step(row.id, row.payer, row.payee, piece.length, piece.hop, at, end))
            at += piece.length
            queues[row.payee].append(piece)
    return _resting(start, rule, queues, steps)


def _resting(start: Transfer, rule: Rule, queues: Mapping[str, list[Piece]], steps: list[Step]) -> Trace:
    sums: dict[str, int] = defaultdict(int)
    lots = []
    for account, queue in queues.items():
        for piece in queue:
            if piece.source is not None:
                end = piece.source + piece.length
                lots.append(Lot(account, piece.length, piece.payment, piece.hop, piece.source, end))
                sums[account] += piece.length
    lots.sort(key=lambda lot: lot.start or 0)
    depth = max((step.hop for step in steps), default=0)
    return Trace(start.id, rule, start.amount, start.currency, positions_of(sums), tuple(lots), tuple(steps), depth)


def _haircut(rows: Sequence[Transfer], opening: Mapping[str, int], start: Transfer) -> Trace:
    balance: dict[str, int] = defaultdict(int, opening)
    tainted: dict[str, int] = defaultdict(int)
    hops: dict[str, int] = defaultdict(int)
    steps = []
    for row in rows:
        have, dirty = balance[row.payer], tainted[row.payer]
        carried = dirty if row.amount >= have else dirty * row.amount // have
        if row.amount == 0:
            carried = 0
        balance[row.payer] = max(0, have - row.amount)
        balance[row.payee] += row.amount
        hop = hops[row.payer] + 1
        if row is start:
            carried, hop = row.amount, 1
        else:
            tainted[row.payer] -= carried
        tainted[row.payee] += carried
        if carried:
            hops[row.payee] = max(hops[row.payee], hop)
            steps.append(Step(row.id, row.payer, row.payee, carried, hop))
    positions = positions_of(tainted)
    lots = tuple(Lot(each.account, each.amount, None, hops[each.account]) for each in positions)
    depth = max((step.hop for step in steps), default=0)
    return Trace(start.id, "haircut", start.amount, start.currency, positions, lots, tuple(steps), depth)


def _poison(rows: Sequence[Transfer], start: Transfer) -> Trace:
    marked: dict[str, Step] = {}
    for row in rows:
        if row.amount and (row is start or row.payer in marked) and row.payee not in marked:
            hop = 1 if row is start else marked[row.payer].hop + 1
            marked[row.payee] = Step(row.id, row.payer, row.payee, None, hop)
    positions = tuple(Position(account, None) for account in sorted(marked))
    lots = tuple(Lot(each.account, None, marked[each.account].payment, marked[each.account].hop) for each in positions)
    depth = max((step.hop for step in marked.values()), default=0)
    return Trace(start.id, "poison", start.amount, start.currency, positions, lots, tuple(marked.values()), depth)


def lowest(transfers: Iterable[Transfer], opening: Mapping[str, int], payment: str, until: int | None = None) -> int:
    """S11: the lowest balance of the payee from the landing of ``payment`` to ``until``, at most its amount."""
    balance: dict[str, int] = defaultdict(int, opening)
    start, least = None, 0
    for row in in_order(transfers):
        if until is not None and row.time > until and start is not None:
            break
        balance[row.payer] = max(0, balance[row.payer] - row.amount)
        if start is not None:  # between the two sides of a payment to oneself, the balance is lower too
            least = min(least, balance[start.payee])
        balance[row.payee] += row.amount
        if row.id == payment:
            start, least = row, min(row.amount, balance[row.payee])
    if start is None:
        raise NotFound(f"Payment {payment}", why="no row of the ledger has this id", remedy="check the id")
    return least
