"""Open cases, followed transfer by transfer: which of them does a new one touch, and where does their money lie now?

A transfer costs what its payer's account holds of open cases, however large the ledger is. A late row moves what stands
behind it on its two accounts, so the cases that ever came to those are traced again from their payment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from spean.tracing.engine import Flow, Ledger, follow
from spean.tracing.model import Position, Rule, positions_of
from spean.tracing.segment import AMOUNT, FIFO, LIFO, LINK, LOW, LOW_HALF, OUT, Slice, Start


@dataclass(slots=True)
class Lying:
    """A piece of a case's money on an account's line (FIFO, LIFO)."""

    start: int
    end: int
    hop: int


@dataclass(slots=True)
class Case:
    """One open case: a payment, the rule, and what is known of its money."""

    payment: str
    rule: Rule
    pieces: dict[int, list[Lying]] = field(default_factory=dict)  # FIFO, LIFO
    held: dict[int, int] = field(default_factory=dict)  # haircut; poison: 1
    hops: dict[int, int] = field(default_factory=dict)
    visited: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Touched:
    """A transfer moved money of a case. ``amount`` is what it carried (poison: 0); ``again``: it came late, and the case
    was traced anew, so that earlier answers about it may have changed too."""

    case: str
    payment: str
    amount: int
    hop: int
    again: bool = False


class OpenCases:
    """All open cases of a desk. Give it each transfer once, in the order in which the ledger took it in."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.visitors: dict[int, set[str]] = defaultdict(set)  # account -> cases that ever came to it

    def open(self, ledger: Ledger, case: str, payment: str, rule: Rule) -> None:
        """Trace the case's payment to the end of the ledger and watch from there."""
        self.cases[case] = Case(payment, rule)
        self._trace(ledger, case)

    def close(self, case: str) -> None:
        for account in self.cases.pop(case).visited:
            self.visitors[account].discard(case)

    def positions(self, ledger: Ledger, case: str) -> tuple[Position, ...]:
        """Where the case's money lies now."""
        this, name = self.cases[case], ledger.names.account
        if this.rule == "poison":
            return tuple(Position(each, None) for each in sorted(name(account) for account in this.held))
        if this.rule == "haircut":
            return positions_of({name(account): held for account, held in this.held.items()})
        return positions_of({name(account): sum(each.end - each.start for each in pieces)
                             for account, pieces in this.pieces.items()})  # fmt: skip

    def arrived(self, ledger: Ledger, payments: Iterable[str], late: Sequence[str] = ()) -> list[Touched]:
        """Take in ``payments``, which ``ledger`` already holds; ``late`` are those of them that came late."""
        orders = sorted((ledger.order(payment), payment) for payment in payments)
        if late:
            return self._again(ledger, orders, late)
        return [touched for order, payment in orders for touched in self._take(ledger, order, payment)]

    def _take(self, ledger: Ledger, order: int, payment: str) -> list[Touched]:
        segment, place = ledger.at(order)
        payer = int(segment.pairs[place][0])
        cases = sorted(self.visitors.get(payer, ()))
        line = ledger.line(order) if cases else ()
        found = []
        for case in cases:
            this = self.cases[case]
            step = self._slice if this.rule in ("fifo", "lifo") else self._mix
            moved, hop = step(this, payer, line)
            if hop:
                self._visit(case, line[LINK] & LOW_HALF)
                found.append(Touched(case, payment, moved, hop))
        return found

    def _slice(self, case: Case, payer: int, line: Sequence[int]) -> tuple[int, int]:
        fifo = case.rule == "fifo"
        zero, land = (line[OUT], line[FIFO]) if fifo else (line[LOW], line[LIFO])
        kept, new = [], []
        for piece in case.pieces.get(payer, []):
            begin, end = max(piece.start, zero), min(piece.end, zero + line[AMOUNT])
            if end <= begin:
                kept.append(piece)
                continue
            new.append(Lying(land + begin - zero, land + end - zero, piece.hop + 1))
            rest = Lying(end, piece.end, piece.hop) if fifo else Lying(piece.start, begin, piece.hop)
            if rest.end > rest.start:
                kept.append(rest)
        case.pieces[payer] = kept
        case.pieces.setdefault(line[LINK] & LOW_HALF, []).extend(new)
        return sum(each.end - each.start for each in new), max((each.hop for each in new), default=0)

    def _mix(self, case: Case, payer: int, line: Sequence[int]) -> tuple[int, int]:
        amount, payee, held = line[AMOUNT], line[LINK] & LOW_HALF, case.held.get(payer, 0)
        hop = case.hops.get(payer, 0) + 1
        if case.rule == "poison":
            if not held or not amount or payee in case.held:
                return 0, 0
            case.held[payee], case.hops[payee] = 1, hop
            return 0, hop
        balance = line[LOW] + amount
        moved = 0 if not amount else held if amount >= balance else held * amount // balance
        if not moved:
            return 0, 0
        case.held[payer] = held - moved
        case.held[payee] = case.held.get(payee, 0) + moved
        case.hops[payee] = max(case.hops.get(payee, 0), hop)
        return moved, hop

    def _again(self, ledger: Ledger, orders: Sequence[tuple[int, str]], late: Sequence[str]) -> list[Touched]:
        """Trace anew what the transfers could touch, and tell it of each case once, by the first of them."""
        told: dict[str, str] = {}
        for order, payment in orders:
            line, (segment, place) = ledger.line(order), ledger.at(order)
            accounts = {int(segment.pairs[place][0]), line[LINK] & LOW_HALF}
            for case in sorted(case for account in accounts for case in self.visitors.get(account, ())):
                told.setdefault(case, payment)
        touched = []
        new = {order for order, _ in orders}
        for case, payment in told.items():
            moved, hop = self._trace(ledger, case, new)
            touched.append(Touched(case, payment, moved, hop, again=bool(late)))
        # What was traced anew may have reached accounts from which other transfers of this batch went on; they are in it.
        return touched

    def _trace(self, ledger: Ledger, case: str, new: Iterable[int] = ()) -> tuple[int, int]:
        """Trace from the beginning; what the payments ``new`` carried, and the most hops of it."""
        this = self.cases[case]
        order = ledger.order(this.payment)
        found = follow(ledger, [Start(order, 0, ledger.line(order)[AMOUNT])], this.rule)
        this.pieces, this.held, this.hops = {}, {}, {}
        if isinstance(found, Flow):
            this.held = {each.account: each.held for each in found.shares}
            this.hops = {each.account: each.hop for each in found.shares}
            accounts = set(this.held)
            carried = [(each.amount, each.hop) for each in found.carried if each.order in new]
        else:
            accounts = self._lay(this, found)
            carried = [(each.end - each.start, each.hop) for each in found if each.order in new]
        for account in accounts:
            self._visit(case, account)
        moved = 0 if this.rule == "poison" else sum(amount for amount, _ in carried)
        return moved, max((hop for _, hop in carried), default=0)

    def _lay(self, case: Case, found: Sequence[Slice]) -> set[int]:
        for each in found:
            if each.rest_to > each.rest_from:
                case.pieces.setdefault(each.account, []).append(Lying(each.rest_from, each.rest_to, each.hop))
        return {each.account for each in found}

    def _visit(self, case: str, account: int) -> None:
        self.cases[case].visited.add(account)
        self.visitors[account].add(case)
