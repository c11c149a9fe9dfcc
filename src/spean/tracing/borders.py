"""Tracing through several countries' ledgers, none of which is shown.

A country is asked: this slice of that payment came in to you; where did it go? It answers with slices of payments that
left it again, and with what rests there. Coordinates are within each payment, so nobody learns where on an account's
line the money lay. The asker puts the path together.

What an answer reveals: the payments by which *this* money left, with the slice of each and the node that holds the
payee; the accounts where it rests, with the traced amount. That is what is needed to ask on, and to ask for a hold.
What it does not: any payment that carried none of it or stayed within the country, the number of steps, any balance,
turnover, or an account that it only passed through. What cannot be avoided: haircut shows the part of an account's
balance that a payment took, since that is its rule; whoever asks FIFO of ever smaller slices learns no more than whoever
asks the whole. Poison would show who deals with whom, so it is not answered across borders.

FIFO and LIFO are the same to the minor unit as one ledger traced whole. So is haircut, because a country is asked about
all that came in at once, and asked again when more did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from spean.core.errors import InvalidInput, NotFound, Refusal, SpeanError, TooMuch
from spean.tracing.engine import Flow, Ledger, follow
from spean.tracing.model import Rule, Transfer
from spean.tracing.segment import AMOUNT, Start

FROM_ABROAD, TO_ABROAD = "<from abroad>", "<to abroad>"
"""In a country's own index, every foreign account is one of these: it has no line there."""
MOST = 10_000
"""Slices in one question or answer."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """The slice ``start``–``end`` of a payment that crosses a border (haircut: 0–amount)."""

    payment: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """Where did these parts go, by ``rule``, until the moment ``until`` (milliseconds, included)?"""

    rule: Rule
    parts: tuple[Part, ...]
    until: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Onward:
    """A part that left again, to ``node``."""

    node: str
    part: Part


@dataclass(frozen=True, slots=True, order=True)
class Rest:
    """What rests on an account: of the traced money, not the balance."""

    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Answer:
    """All of what was asked about: ``onward`` and ``rests`` add up to it."""

    onward: tuple[Onward, ...]
    rests: tuple[Rest, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A node's ledger as ``cut`` made it; ``leads(payment)`` says which node holds the payee of one that leaves.

    ``public(account)``: a wallet on a chain that nobody answers for, so several nodes' ledgers may have its line. That a payment
    out of it exists is no secret, and whoever holds the payee may be asked about it.
    """

    ledger: Ledger
    leads: Callable[[str], str]
    public: Callable[[str], bool] = lambda _account: False


def cut(transfers: Iterable[Transfer], home: Callable[[str], bool]) -> Iterator[Transfer]:
    """The rows that touch a country's accounts, with foreign accounts unnamed."""
    for row in transfers:
        payer, payee = home(row.payer), home(row.payee)
        if payer and payee:
            yield row
        elif payer or payee:
            yield replace(row, payer=row.payer if payer else FROM_ABROAD, payee=row.payee if payee else TO_ABROAD)


def answer(country: Country, question: Question, own: str | None = None) -> Answer:
    """What the country tells. ``own`` is a payment of its own from which its own trace begins.

    Raises ``NotFound`` for a part that did not come in from abroad: whether such a payment exists is not said.
    Raises ``Refusal`` for poison and ``TooMuch`` for too many parts.
    """
    if question.rule == "poison":
        raise Refusal("R27", "poison shows who deals with whom", remedy="ask by FIFO, LIFO or haircut")
    if len(question.parts) > MOST:
        raise TooMuch("Question", why=f"more than {MOST} parts", remedy="several questions")
    starts = [_start(country, part) for part in question.parts]
    if own is not None:
        order = country.ledger.order(own)
        starts.append(Start(order, 0, country.ledger.line(order)[AMOUNT]))
    found = follow(country.ledger, starts, question.rule, question.until)
    if isinstance(found, Flow):
        return _mixed(country, found)
    names, abroad = country.ledger.names, country.ledger.names.number(TO_ABROAD)
    left = [Part(names.payment(each.order), each.start, each.end) for each in found if each.account == abroad]
    rests: dict[str, int] = defaultdict(int)
    for each in found:
        if each.account != abroad and each.rest_to > each.rest_from:
            rests[names.account(each.account)] += each.rest_to - each.rest_from
    return _answer(country, left, rests)


def _start(country: Country, part: Part) -> Start:
    ledger = country.ledger
    order = ledger.names.order(part.payment)
    payer = "" if order is None else ledger.parties(order)[0]
    abroad = payer == FROM_ABROAD or (payer != "" and country.public(payer))
    if order is None or not abroad or not 0 <= part.start < part.end <= ledger.line(order)[AMOUNT]:
        raise NotFound(
            f"Payment {part.payment[:80]}", why="no such part of a payment came in from abroad",
            remedy="check the id and the slice with the bank that sent it",
        )  # fmt: skip
    return Start(order, part.start, part.end)


def _mixed(country: Country, found: Flow) -> Answer:
    ledger, sums = country.ledger, defaultdict[str, int](int)
    for each in found.carried:
        if ledger.parties(each.order)[1] == TO_ABROAD:
            sums[ledger.names.payment(each.order)] += each.amount
    left = [Part(payment, 0, amount) for payment, amount in sums.items()]
    held = {ledger.names.account(each.account): each.held for each in found.shares if each.held}
    held.pop(TO_ABROAD, None)
    return _answer(country, left, held)


def _answer(country: Country, left: Iterable[Part], rests: dict[str, int]) -> Answer:
    onward = tuple(Onward(country.leads(part.payment), part) for part in joined(left))
    return Answer(onward, tuple(Rest(*each) for each in sorted(rests.items())))


def joined(parts: Iterable[Part]) -> list[Part]:
    """Neighbouring slices of one payment as one: how money was cut up inside a country is not shown."""
    whole: list[Part] = []
    for part in sorted(parts):
        if whole and whole[-1].payment == part.payment and whole[-1].end == part.start:
            whole[-1] = Part(part.payment, whole[-1].start, part.end)
        else:
            whole.append(part)
    return whole


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """Traced money at an account of a node."""

    node: str
    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Open:
    """A part whose node has not answered, and why. Its money is somewhere behind it."""

    node: str
    part: Part
    why: str


@dataclass(frozen=True, slots=True)
class Path:
    """What the asker put together: where money stands, what crossed which border, and what is still open."""

    standing: tuple[Standing, ...]
    crossed: tuple[Onward, ...]
    open: tuple[Open, ...]


Ask = Callable[[str, Question], Answer]
"""Ask a node. An error of ours means that it did not answer, and the path says so."""


Begin = Callable[[Question, bool], Answer]
"""Ask the asker's own node; True: its own payment, from which the trace begins, is part of the question."""


def assemble(ask: Ask, first: str, begin: Begin, rule: Rule, until: int | None = None) -> Path:
    """Follow money from node to node. ``begin`` answers for ``first``, the asker's own node."""

    def told(node: str, question: Question, own: bool) -> Answer:
        return begin(question, own) if node == first else ask(node, question)

    gathering = _Mixing(told, rule, until) if rule == "haircut" else _Slicing(told, rule, until)
    return gathering.gather(first)


class _Slicing:
    """FIFO and LIFO: each part is asked about once."""

    def __init__(self, ask: Callable[[str, Question, bool], Answer], rule: Rule, until: int | None) -> None:
        self.ask, self.rule, self.until = ask, rule, until
        self.standing: dict[tuple[str, str], int] = defaultdict(int)
        self.crossed: list[Onward] = []
        self.open: list[Open] = []

    def gather(self, first: str) -> Path:
        waiting: dict[str, list[Part]] = {}
        self._told(first, self.ask(first, Question(self.rule, (), self.until), True), waiting)
        while waiting:
            node, parts = waiting.popitem()
            try:
                found = self.ask(node, Question(self.rule, tuple(parts), self.until), False)
            except SpeanError as error:
                self.open += [Open(node, part, str(error)) for part in parts]
                continue
            _adds_up(node, parts, found)
            self._told(node, found, waiting)
        return self.path()

    def _told(self, node: str, found: Answer, waiting: dict[str, list[Part]]) -> None:
        for rest in found.rests:
            self.standing[node, rest.account] += rest.amount
        self.crossed += found.onward
        for onward in found.onward:
            waiting.setdefault(onward.node, []).append(onward.part)

    def path(self) -> Path:
        standing = tuple(Standing(*place, amount) for place, amount in sorted(self.standing.items()))
        return Path(standing, tuple(sorted(self.crossed)), tuple(self.open))


def _adds_up(node: str, parts: Iterable[Part], found: Answer) -> None:
    """A node cannot answer about more or less money than it was asked about."""
    asked = sum(part.end - part.start for part in parts)
    told = sum(each.part.end - each.part.start for each in found.onward) + sum(rest.amount for rest in found.rests)
    if asked != told:
        raise InvalidInput("answer", f"{node} was asked about {asked} and told of {told}", remedy="ask the node's desk")


class _Mixing(_Slicing):
    """Haircut: a node is asked about all that came in, again whenever that changes, until nothing changes."""

    def gather(self, first: str) -> Path:
        came: dict[str, dict[str, Onward]] = {first: {}}  # node -> payment -> what came in by it
        sent: dict[str, tuple[Onward, ...]] = {}
        rests: dict[str, tuple[Rest, ...]] = {}
        waiting = [first]
        for _ in range(MOST):
            if not waiting:
                break
            node = waiting.pop(0)
            parts = tuple(sorted(each.part for each in came[node].values()))
            try:
                found = self.ask(node, Question(self.rule, parts, self.until), node == first)
            except SpeanError as error:
                if not sent:
                    raise
                self.open = [each for each in self.open if each.node != node]
                self.open += [Open(node, part, str(error)) for part in parts]
                continue
            if node != first:
                _adds_up(node, parts, found)
            for onward in set(sent.get(node, ())) ^ set(found.onward):
                if onward.node not in waiting:
                    waiting.append(onward.node)
            for onward in sent.get(node, ()):
                came[onward.node].pop(onward.part.payment, None)
            for onward in found.onward:
                came.setdefault(onward.node, {})[onward.part.payment] = onward
            sent[node], rests[node] = found.onward, found.rests
        else:
            raise TooMuch("Path", why=f"more than {MOST} questions", remedy="a shorter time")
        self.crossed = [each for several in sent.values() for each in several]
        self.standing.update({(node, rest.account): rest.amount for node, several in rests.items() for rest in several})
        return self.path()
