"""Money followed through our ledgers and those of partners, none of which is shown (``tracing.borders``).

``borders.assemble`` runs once for each currency that the money takes: a converted slice ends one run and begins the next, in the
coordinates of what it became. What nobody has answered yet stays open and is shown; when the answer comes, the same trace is run again.
Haircut is run anew for a currency only with what enters it later, so money that comes back to a currency is mixed apart (DESIGN: within one
unit a payment holds for one currency).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from spean.core.errors import TooMuch, Unavailable
from spean.holds.questions import Onward, TraceAnswer
from spean.node.money.own import Moved, Own
from spean.tracing import borders
from spean.tracing.borders import Part
from spean.tracing.model import Rule

MOST_RUNS = 100
_CONVERTED, _NOBODY, _PENDING = "=", "?", "!"
"""First signs of names that stand, inside one run, for: another currency, no known node, a node that has not answered."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a node answered, and the signed facts that say so. ``pending``: parts about which it has not answered yet."""

    answer: TraceAnswer
    facts: tuple[str, ...]
    pending: tuple[Part, ...] = ()


Ask = Callable[[str, Rule, str, Sequence[Part], int | None], Told]
"""Node, rule, currency, parts, until. What is not answered yet comes back as ``pending``."""


def nobody_asked(_node: str, _rule: Rule, _currency: str, parts: Sequence[Part], _until: int | None) -> Told:
    """For a trace through our own ledgers alone."""
    return Told(TraceAnswer(), (), tuple(parts))


@dataclass(frozen=True, slots=True)
class Crossing:
    """A slice that left a ledger: of ``node``'s, in ``currency``; ``facts`` are its signed answers (none: ours)."""

    node: str
    currency: str
    onward: Onward
    facts: tuple[str, ...]
    hop: int


@dataclass(frozen=True, slots=True)
class Waits:
    """A slice whose node has not answered, and why."""

    node: str
    currency: str
    part: Part
    account: str
    why: str
    hop: int


@dataclass(slots=True)
class Way:
    """Where the money of a case is by one rule, and how it came there."""

    rule: Rule
    standing: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """(node, account, currency) → amount. Node empty: nobody is known who answers for the account."""
    steps: list[tuple[str, Moved]] = field(default_factory=list)
    """Payments of our own ledgers, with their currency."""
    crossed: list[Crossing] = field(default_factory=list)
    waits: list[Waits] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    """Wallet → the transaction that filled it."""
    rates: dict[str, Fraction] = field(default_factory=dict)
    """Currency → what one smallest unit of it was in the currency of the beginning, at the rates that its payments show."""
    entries: set[tuple[str, str]] = field(default_factory=set)
    """(currency, payment) by which it came into our ledgers: later payments that go on from there move it."""

    def add(self, node: str, account: str, currency: str, amount: int) -> None:
        place = node, account, currency
        self.standing[place] = self.standing.get(place, 0) + amount


class Tracer:
    """Follows the payments of one case by one rule."""

    def __init__(self, me: str, own: Own, ask: Ask, rule: Rule, until: int | None = None) -> None:
        self._me, self._own, self._ask = me, own, ask
        self._rule, self._until = rule, until
        self.way = Way(rule)
        self._hops: dict[tuple[str, str], int] = {}

    def trace(self, starts: Sequence[tuple[str, str]]) -> Way:
        """``starts``: currency and name of our own payments from which it begins. Raises ``NotFound`` for an unknown one."""
        waiting: list[_Run] = [_Run(currency, payment, ()) for currency, payment in starts]
        for _ in range(MOST_RUNS):
            if not waiting:
                return self.way
            waiting += self._run(waiting.pop(0))
        raise TooMuch(
            "The trace changes currency too often", why=f"more than {MOST_RUNS} times", remedy="a shorter time"
        )

    def parts(self, entries: Sequence[tuple[str, str, Part]]) -> Way:
        """The same from slices that came in to a node: (currency, node, part)."""
        waiting = [_Run(currency, None, tuple((node, part) for at, node, part in entries if at == currency))
                   for currency in dict.fromkeys(each[0] for each in entries)]  # fmt: skip
        for _ in range(MOST_RUNS):
            if not waiting:
                return self.way
            waiting += self._run(waiting.pop(0))
        raise TooMuch(
            "The trace changes currency too often", why=f"more than {MOST_RUNS} times", remedy="a shorter time"
        )

    def _run(self, run: _Run) -> list[_Run]:
        """One currency; what it became in others are the next runs."""
        one = _Assembling(self, run)
        path = borders.assemble(one.ask, self._me, one.begin, self._rule, self._until)
        for each in path.standing:
            self.way.add(each.node, each.account, run.currency, each.amount)
        next_runs: dict[str, list[tuple[str, Part]]] = {}
        for crossed in path.crossed:
            found = one.outs.get(crossed.part)
            if found is not None and crossed.node[:1] != _PENDING:
                self.way.crossed.append(found)
        for open_ in path.open:
            self._opened(run, one, open_, next_runs)
        return [_Run(currency, None, tuple(entries)) for currency, entries in next_runs.items()]

    def _opened(
        self, run: _Run, one: _Assembling, open_: borders.Open, next_runs: dict[str, list[tuple[str, Part]]]
    ) -> None:
        """What ended a run: another currency, an account that nobody answers for, a node that is silent."""
        found = one.outs.get(open_.part)
        out = None if found is None else found.onward
        sign, part = open_.node[:1], open_.part
        if sign == _CONVERTED and out is not None and out.into is not None:
            entry = Part(part.payment, out.into.start, out.into.end)
            became = self._own.ledger_name(out.into.currency.partition("@")[0], out.into.digits)
            rate = self.way.rates.get(run.currency, Fraction(1)) * Fraction(
                part.end - part.start, entry.end - entry.start
            )
            self.way.rates.setdefault(became, rate)
            self._hops[became, part.payment] = self.hop(run.currency, part.payment)
            next_runs.setdefault(became, []).append((out.node or _NOBODY + out.account, entry))
        elif sign == _NOBODY:
            self.way.add("", open_.node[1:] or "<unknown>", run.currency, part.end - part.start)
        else:
            node = open_.node.lstrip(_PENDING)
            account = one.account(part)
            why = open_.why if sign != _PENDING else "it has not answered yet"
            self.way.waits.append(Waits(node, run.currency, part, account, why, self.hop(run.currency, part.payment)))

    def hop(self, currency: str, payment: str) -> int:
        """How many payments the money has made when it comes by this one."""
        return self._hops.get((currency, payment), 1)

    def own(self, run: _Run, parts: Sequence[Part], start: str | None) -> TraceAnswer:
        """Our own ledgers' answer; its steps are kept."""
        answer = self._own.answer(self._rule, run.currency, parts, self._until, start)
        for moved in self._own.steps(self._rule, run.currency, parts, self._until, start):
            base = max((self.hop(run.currency, part.payment) for part in parts), default=1)
            hop = base + moved.hop - 1
            self._hops.setdefault((run.currency, moved.payment), hop)
            self.way.steps.append((run.currency, replace(moved, hop=hop)))
        names = [*(part.payment for part in parts), *([start] if start else [])]
        self.way.entries.update((run.currency, name) for name in names)
        return answer

    def foreign(self, run: _Run, node: str, parts: Sequence[Part]) -> Told:
        """A partner's answer."""
        told = self._ask(node, self._rule, run.currency, parts, self._until)
        base = max((self.hop(run.currency, part.payment) for part in parts), default=1)
        for each in told.answer.onward:
            self._hops.setdefault((run.currency, each.payment), base + 1)
        return told


@dataclass(frozen=True, slots=True)
class _Run:
    """One currency: our own payment, or slices that came in, each with the node whose ledger they are in."""

    currency: str
    start: str | None
    entries: tuple[tuple[str, Part], ...]


class _Assembling:
    """What ``borders.assemble`` asks in one run."""

    def __init__(self, tracer: Tracer, run: _Run) -> None:
        self._tracer, self._run, self._me = tracer, run, tracer._me
        self.outs: dict[Part, Crossing] = {}

    def account(self, part: Part) -> str:
        """The account that a slice was paid to, as far as it was told."""
        for known, crossing in self.outs.items():
            if known.payment == part.payment and crossing.onward.account:
                return crossing.onward.account
        told = self._tracer._own._money.payments([part.payment]).get(part.payment)
        return "" if told is None else told.payment.payee

    def begin(self, question: borders.Question, own: bool) -> borders.Answer:
        """Our own node."""
        run = self._run
        start = run.start if own else None
        entered = tuple(borders.Onward(node, part) for node, part in run.entries) if own else ()
        if not question.parts and start is None:
            return borders.Answer(entered, ())
        self._again()
        told = self._answer(self._me, self._tracer.own(run, question.parts, start), ())
        return borders.Answer((*entered, *told.onward), told.rests)

    def _again(self) -> None:
        """Haircut asks us again when more came in: then only the last answer counts."""
        if self._tracer._rule == "haircut":
            self._tracer.way.steps[:] = [each for each in self._tracer.way.steps if each[0] != self._run.currency]

    def ask(self, node: str, question: borders.Question) -> borders.Answer:
        """Another node; what only stands for something is not asked."""
        if node[:1] in (_CONVERTED, _NOBODY, _PENDING, ""):
            raise Unavailable("open", why="it goes on elsewhere")
        told = self._tracer.foreign(self._run, node, question.parts)
        found = self._answer(node, told.answer, told.facts)
        pending = tuple(borders.Onward(_PENDING + node, part) for part in told.pending)
        return borders.Answer((*found.onward, *pending), found.rests)

    def _answer(self, node: str, form: TraceAnswer, facts: tuple[str, ...]) -> borders.Answer:
        onward = []
        for each in form.onward:
            part = Part(each.payment, each.start, each.end)
            hop = self._tracer.hop(self._run.currency, each.payment)
            self.outs[part] = Crossing(node, self._run.currency, each, facts, hop)
            onward.append(borders.Onward(_target(each), part))
        hashes = self._tracer.way.hashes
        hashes.update({rest.account: rest.transaction_hash for rest in form.rests if rest.transaction_hash})
        for each in form.onward:
            if each.transaction_hash:
                hashes.setdefault(each.account, each.transaction_hash)
        rests = tuple(borders.Rest(each.account, each.amount) for each in form.rests)
        return borders.Answer(tuple(onward), rests)


def _target(each: Onward) -> str:
    """Whom a run asks about a slice."""
    if each.into is not None:
        return _CONVERTED + each.into.currency
    return each.node or _NOBODY + each.account
