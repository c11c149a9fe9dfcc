"""Three countries that show one another nothing give the same as one ledger traced whole."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledgers_at_random import random_ledger

from spean.core.errors import InvalidInput, NotFound, Refusal, Unavailable
from spean.tracing import reference
from spean.tracing.borders import Answer, Country, Part, Question, Rest, answer, assemble, cut
from spean.tracing.borders import Path as Way
from spean.tracing.engine import ledger_of
from spean.tracing.model import Rule, Transfer

LEDGERS = 10_000


class World:
    """A ledger cut into three countries; every answer that was given is kept."""

    def __init__(self, rows: list[Transfer], opening: dict[str, int]) -> None:
        rows = reference.in_order(rows)
        self.home = lambda account: ["KR", "KH", "TH"][sum(account.encode()) % 3]
        payee = {row.id: self.home(row.payee) for row in rows}
        self.countries = {}
        for name in ("KR", "KH", "TH"):
            own = {account: amount for account, amount in opening.items() if self.home(account) == name}
            part = cut(rows, lambda account, name=name: self.home(account) == name)
            self.countries[name] = Country(ledger_of(part, own), payee.__getitem__)
        self.payer = {row.id: self.home(row.payer) for row in rows}
        self.payee = payee
        self.said: list[tuple[Question, Answer]] = []

    def ask(self, node: str, question: Question) -> Answer:
        found = answer(self.countries[node], question)
        self.said.append((question, found))
        return found

    def follow(self, payment: str, rule: Rule, until: int | None) -> Way:
        first = self.payer[payment]

        def begin(question: Question, own: bool) -> Answer:
            return answer(self.countries[first], question, payment if own else None)

        return assemble(self.ask, first, begin, rule, until)


@pytest.mark.parametrize("part", range(4))
def test_cut_into_three_countries_it_is_the_same(part: int) -> None:
    for seed in range(part * LEDGERS // 4, (part + 1) * LEDGERS // 4):
        chance = random.Random(seed)
        rows, opening = random_ledger(chance, 20)
        start = chance.choice(rows)
        until = None if chance.random() < 0.5 else start.time + chance.randint(0, 20)
        world = World(rows, opening)
        for rule in ("fifo", "lifo", "haircut"):
            whole = reference.trace(rows, opening, start.id, rule, until)
            path = world.follow(start.id, rule, until)
            there = {each.account: each.amount for each in path.standing if each.amount}
            assert there == {each.account: each.amount for each in whole.positions}, (seed, rule)
            assert all(each.node == world.home(each.account) for each in path.standing)
            assert not path.open
            crossing = {step.payment for step in whole.steps if world.payer[step.payment] != world.payee[step.payment]}
            assert {each.part.payment for each in path.crossed} == crossing, (seed, rule)


def test_an_answer_names_only_what_carried_the_money_across_a_border() -> None:
    """No payment within a country, no payment of others, no balance: and all of it is what was asked about."""
    for seed in range(1500):
        chance = random.Random(seed)
        rows, opening = random_ledger(chance, 25)
        world, start = World(rows, opening), chance.choice(rows)
        for rule in ("fifo", "lifo", "haircut"):
            world.said.clear()
            world.follow(start.id, rule, None)
            carried = {step.payment for step in reference.trace(rows, opening, start.id, rule).steps}
            for question, found in world.said:
                asked = sum(part.end - part.start for part in question.parts)
                told = [each.part.end - each.part.start for each in found.onward] + [
                    rest.amount for rest in found.rests
                ]
                assert sum(told) == asked
                assert all(amount > 0 for amount in told)
                for onward in found.onward:
                    assert onward.part.payment in carried
                    assert world.payer[onward.part.payment] != world.payee[onward.part.payment]


def test_what_others_own_does_not_change_an_answer() -> None:
    """Under LIFO what lies below, and under FIFO what came in later, is not seen in any way."""
    rows = [
        Transfer("in", 1, "K", "A", 100, "X"), Transfer("own", 2, "A", "B", 60, "X"), Transfer("out", 3, "B", "T", 50, "X"),
    ]  # fmt: skip
    home = {"A", "B", "C"}.__contains__

    def told(rule: Rule, rows: list[Transfer], opening: dict[str, int]) -> Answer:
        country = Country(ledger_of(cut(rows, home), opening), lambda _: "TH")
        return answer(country, Question(rule, (Part("in", 0, 100),)))

    plain = told("lifo", rows, {})
    assert plain.rests == (Rest("A", 40), Rest("B", 10))
    assert told("lifo", rows, {"A": 10**9, "B": 777}) == plain
    more = [*rows, Transfer("later", 4, "C", "B", 12345, "X"), Transfer("in2", 5, "K", "A", 999, "X")]
    assert told("fifo", more, {"C": 10**6}) == told("fifo", rows, {})


def _country() -> Country:
    rows = [Transfer("in", 1, "K", "A", 100, "X"), Transfer("own", 2, "A", "B", 60, "X")]
    return Country(ledger_of(cut(rows, {"A", "B"}.__contains__), {}), lambda _: "TH")


@pytest.mark.parametrize("part", [Part("own", 0, 60), Part("none", 0, 60), Part("in", 0, 101), Part("in", 5, 5)])
def test_one_can_only_ask_about_what_came_in_and_learns_nothing_otherwise(part: Part) -> None:
    with pytest.raises(NotFound, match="no such part of a payment came in from abroad"):
        answer(_country(), Question("fifo", (part,)))


def test_poison_is_not_answered_across_borders() -> None:
    with pytest.raises(Refusal, match="who deals with whom"):
        answer(_country(), Question("poison", (Part("in", 0, 100),)))


def _two(ask_fails: Exception | None, told: Answer | None, rule: Rule) -> Way:
    rows = [Transfer("p", 1, "K", "A", 100, "X")]
    korea = Country(ledger_of(cut(rows, {"K"}.__contains__), {}), lambda _: "KH")

    def ask(node: str, question: Question) -> Answer:
        if ask_fails is not None:
            raise ask_fails
        assert told is not None
        return told

    return assemble(ask, "KR", lambda question, own: answer(korea, question, "p" if own else None), rule)


@pytest.mark.parametrize("rule", ["fifo", "haircut"])
def test_a_node_that_does_not_answer_is_shown_as_open(rule: Rule) -> None:
    path = _two(Unavailable("KH", why="no line"), None, rule)
    assert [(each.node, each.part, each.why) for each in path.open] == [("KH", Part("p", 0, 100), "KH — no line")]
    assert path.standing == ()


@pytest.mark.parametrize("rule", ["fifo", "haircut"])
def test_a_node_cannot_answer_about_more_money_than_it_got(rule: Rule) -> None:
    with pytest.raises(InvalidInput, match="asked about 100 and told of 101"):
        _two(None, Answer((), (Rest("A", 101),)), rule)
