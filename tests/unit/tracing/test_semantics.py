"""Each sentence of ``tracing.reference``, S1 to S12, by an example that can be checked on paper."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledgers_at_random import random_ledger

from spean.core.errors import InvalidInput, NotFound, TooMuch
from spean.tracing import engine, kernels, reference, twin
from spean.tracing.model import RULES, Rule, Trace, Transfer

ENGINES = [twin, kernels]


def _rows(*rows: tuple[str, int, str, str, int]) -> list[Transfer]:
    return [Transfer(*row, "USD") for row in rows]


def _trace(rows: list[Transfer], rule: Rule, opening: dict[str, int] | None = None, until: int | None = None) -> Trace:
    """The reference's trace of ``v``, after both engines said the same."""
    found = reference.trace(rows, opening or {}, "v", rule, until)
    for each in ENGINES:
        assert engine.trace(engine.ledger_of(rows, opening or {}, each), "v", rule, until) == found
    return found


def _at(trace: Trace) -> dict[str, int | None]:
    return {each.account: each.amount for each in trace.positions}


def test_s1_order_is_time_then_file_and_a_late_row_takes_its_place() -> None:
    rows = _rows(("v", 1, "V", "A", 10), ("x", 3, "A", "X", 10), ("late", 2, "A", "L", 10))
    assert _at(_trace(rows, "fifo")) == {"L": 10}
    tied = _rows(("before", 1, "A", "B", 10), ("v", 1, "V", "A", 10), ("after", 1, "A", "C", 10))
    assert _at(_trace(tied, "fifo")) == {"C": 10}


def test_s2_and_s3_fifo_takes_the_opening_balance_first() -> None:
    rows = _rows(("v", 1, "V", "A", 100), ("x", 2, "A", "B", 70), ("y", 3, "A", "C", 50))
    trace = _trace(rows, "fifo", {"A": 60})
    assert _at(trace) == {"A": 40, "C": 50, "B": 10}
    assert [(lot.account, lot.start, lot.end) for lot in trace.lots] == [("B", 0, 10), ("C", 10, 60), ("A", 60, 100)]
    assert [(step.payment, step.start, step.end) for step in trace.steps] == [
        ("v", 0, 100),
        ("x", 60, 70),
        ("y", 0, 50),
    ]


def test_s4_lifo_takes_from_the_back_and_lands_with_its_bottom_first() -> None:
    rows = _rows(("o", 0, "O", "A", 5), ("v", 1, "V", "A", 100), ("p", 2, "P", "A", 20), ("x", 3, "A", "B", 50),
                 ("y", 4, "B", "C", 25))  # fmt: skip
    trace = _trace(rows, "lifo", {"A": 60})
    # x takes 20 of p and the upper 30 of v; in B the 30 lie below the 20, so y takes the 20 and 5 of the 30.
    assert _at(trace) == {"A": 70, "B": 25, "C": 5}
    assert [(lot.account, lot.start, lot.end) for lot in trace.lots] == [("A", 0, 70), ("B", 70, 95), ("C", 95, 100)]


def test_s5_a_shortfall_is_unknown_money_taken_last_and_nothing_is_owed_afterwards() -> None:
    rows = _rows(("v", 1, "V", "A", 30), ("x", 2, "A", "B", 100), ("late", 3, "Q", "A", 40), ("y", 4, "B", "C", 60))
    assert _at(_trace(rows, "fifo")) == {"C": 30}  # the 30 lie in front in B
    assert _at(_trace(rows, "lifo")) == {"C": 30}  # and on top of the unknown 70
    rest = _rows(*[(r.id, r.time, r.payer, r.payee, r.amount) for r in rows[:3]], ("z", 5, "A", "D", 40))
    assert _at(_trace(rest, "fifo")) == {"B": 30}
    assert engine.ledger_of(rows, {}).balance("A") == 40


@pytest.mark.parametrize("rule", ["fifo", "lifo", "haircut"])
def test_s5_a_trace_to_an_earlier_moment_never_changes(rule: Rule) -> None:
    for seed in range(300):
        rows, opening = random_ledger(random.Random(seed), 20)
        rows = reference.in_order(rows)
        start, until = rows[0].id, rows[len(rows) // 2].time
        known = [row for row in rows if row.time <= until]
        assert reference.trace(rows, opening, start, rule, until) == reference.trace(known, opening, start, rule)


def test_s6_haircut_rounds_down_and_the_rest_stays() -> None:
    rows = _rows(("v", 1, "V", "A", 10), ("x", 2, "A", "B", 7), ("y", 3, "A", "C", 23))
    trace = _trace(rows, "haircut", {"A": 20})
    assert _at(trace) == {"C": 8, "B": 2}  # floor(10 x 7 / 30) = 2; then y empties the account: all 8
    assert _at(_trace(rows[:2], "haircut", {"A": 20})) == {"A": 8, "B": 2}
    assert _at(_trace([*rows[:2], Transfer("y", 3, "A", "C", 99, "USD")], "haircut", {"A": 20})) == {"C": 8, "B": 2}


def test_s6_haircut_of_large_amounts_stays_exact() -> None:
    rows = _rows(("v", 1, "V", "A", 10**17 - 1), ("x", 2, "A", "B", 10**17 - 3))
    trace = _trace(rows, "haircut", {"A": 10**17})
    assert _at(trace)["B"] == (10**17 - 1) * (10**17 - 3) // (2 * 10**17 - 1)


def test_s7_poison_marks_for_good_and_sums_nothing() -> None:
    rows = _rows(("v", 1, "V", "A", 10), ("x", 2, "A", "B", 10), ("y", 3, "A", "C", 1), ("z", 4, "D", "E", 1))
    trace = _trace(rows, "poison", {"A": 0, "D": 5})
    assert _at(trace) == {"A": None, "B": None, "C": None}
    assert trace.depth == 2


@pytest.mark.parametrize("rule", RULES)
def test_s8_a_payment_of_nothing_carries_nothing(rule: Rule) -> None:
    rows = _rows(("v", 1, "V", "A", 10), ("x", 2, "A", "B", 0))
    assert list(_at(_trace(rows, rule))) == ["A"]
    nothing = _trace(_rows(("v", 1, "V", "A", 0), ("x", 2, "A", "B", 5)), rule)
    assert (nothing.positions, nothing.lots, nothing.depth) == ((), (), 0)


def test_s9_a_payment_to_oneself_goes_to_the_back_by_fifo_and_stays_by_lifo() -> None:
    rows = _rows(("v", 1, "V", "A", 10), ("o", 2, "O", "A", 10), ("self", 3, "A", "A", 10), ("x", 4, "A", "B", 10))
    assert _at(_trace(rows, "fifo")) == {"A": 10}
    assert _at(_trace(rows, "lifo")) == {"A": 10}
    assert _at(_trace([*rows, Transfer("y", 5, "A", "C", 10, "USD")], "fifo")) == {"C": 10}


@pytest.mark.parametrize("rule", ["fifo", "lifo", "haircut"])
def test_s10_the_last_moment_is_included(rule: Rule) -> None:
    rows = _rows(("v", 1, "V", "A", 10), ("x", 2, "A", "B", 10), ("y", 3, "B", "C", 10))
    assert [_at(_trace(rows, rule, until=until)) for until in (1, 2, 3)] == [{"A": 10}, {"B": 10}, {"C": 10}]
    with pytest.raises(InvalidInput, match="end before the payment"):
        engine.trace(engine.ledger_of(rows, {}), "v", rule, 0)


def test_s10_several_victims_never_own_more_than_lies_there() -> None:
    for seed in range(400):
        chance = random.Random(seed)
        rows, opening = random_ledger(chance, 20)
        victims = [Transfer(f"v{n}", chance.randint(0, 9), f"V{n}", row.payee, row.amount, "USD")
                   for n, row in enumerate(rows[:3])]  # fmt: skip
        ledger = engine.ledger_of([*victims, *rows], opening, kernels)
        for rule in ("fifo", "lifo", "haircut"):
            sums: dict[str, int] = {}
            for each in engine.trace_many(ledger, [row.id for row in victims], rule):
                for position in each.positions:
                    sums[position.account] = sums.get(position.account, 0) + (position.amount or 0)
                    assert (position.amount or 0) <= ledger.balance(position.account)
            # Several haircuts round one by one, so together they may pass a balance; holds are bound by it (R50).
            assert rule == "haircut" or all(ledger.balance(account) >= amount for account, amount in sums.items()), (
                seed,
                rule,
            )


def test_s11_the_lowest_balance_since_bounds_a_claim() -> None:
    rows = _rows(("v", 1, "V", "A", 100), ("x", 2, "A", "B", 130), ("p", 3, "P", "A", 500), ("y", 4, "A", "C", 90))
    for each in ENGINES:
        ledger = engine.ledger_of(rows, {"A": 50}, each)
        assert [engine.lowest(ledger, "v", until) for until in (1, 2, 3, None)] == [100, 20, 20, 20]
    assert reference.lowest(rows, {"A": 50}, "v") == 20


def test_s12_one_currency() -> None:
    rows = [*_rows(("v", 1, "V", "A", 10)), Transfer("x", 2, "A", "B", 10, "KRW")]
    with pytest.raises(InvalidInput, match="KRW and USD"):
        engine.ledger_of(rows, {})


@pytest.mark.parametrize("seed", range(6))
def test_long_accounts_give_the_same(seed: int) -> None:
    """Few accounts and many rows, so that LIFO skips blocks and a trace goes through several segments."""
    chance = random.Random(seed)
    names = [f"A{number}" for number in range(3)]
    rows = []
    for number in range(1500):
        payer, payee = chance.choice(names), chance.choice(names)
        amount = chance.choice((1, 2, chance.randint(0, 40))) if number != 100 else 5000
        rows.append(Transfer(f"p{number}", number, payer, payee, amount, "USD"))
    opening = dict.fromkeys(names, 3000)
    ledgers = [engine.ledger_of(rows, opening, each, pieces) for each in ENGINES for pieces in (1, 3)]
    for payment in ("p100", f"p{chance.randrange(200)}"):
        for rule in RULES:
            right = reference.trace(rows, opening, payment, rule)
            assert all(engine.trace(ledger, payment, rule) == right for ledger in ledgers), rule


@pytest.mark.parametrize("pieces", [1, 3])
def test_reach_is_the_poison_of_many(pieces: int) -> None:
    for seed in range(150):
        chance = random.Random(seed)
        rows, opening = random_ledger(chance, 25)
        ledger = engine.ledger_of(rows, opening, kernels, pieces)
        several = chance.sample([row.id for row in rows], min(3, len(rows)))
        found = set(engine.reach(ledger, payments=several))
        assert found == {
            p.account for each in several for p in reference.trace(rows, opening, each, "poison").positions
        }
        source = rows[0].payer
        marked = {source}
        for row in reference.in_order(rows):
            if row.payer in marked and row.amount:
                marked.add(row.payee)
        assert set(engine.reach(ledger, [source])) == marked
    with pytest.raises(NotFound):
        engine.reach(ledger, ["nobody"])


@pytest.mark.parametrize("each", ENGINES)
@pytest.mark.parametrize("rule", RULES)
def test_a_trace_that_would_grow_without_bound_says_so(each: object, rule: Rule) -> None:
    rows = _rows(("v", 0, "V", "A", 1000), *[(f"p{n}", n + 1, "A", f"B{n}", 1) for n in range(900)])
    ledger = engine.ledger_of(rows, {"V": 1000}, each)  # type: ignore[arg-type]
    if rule == "haircut":
        rows[1:] = []
    with pytest.raises(TooMuch, match="more than 500"):
        engine.trace(ledger, "v", rule, room=500)
    assert len(engine.trace(ledger, "v", rule, room=5000).positions) == (900 if rule == "poison" else 901) + (
        1 if rule == "poison" else 0
    )


def test_wrong_ledgers_are_refused() -> None:
    with pytest.raises(InvalidInput, match="stands twice"):
        engine.ledger_of(_rows(("v", 1, "V", "A", 10), ("v", 2, "A", "B", 10)), {})
    for amount in (-1, 10**18):
        with pytest.raises(InvalidInput, match="not between"):
            engine.ledger_of(_rows(("v", 1, "V", "A", amount)), {})
        with pytest.raises(InvalidInput, match="not between"):
            engine.ledger_of(_rows(("v", 1, "V", "A", 1)), {"A": amount})
    rows = _rows(*[(f"p{number}", number, "V", "A", 10**17) for number in range(50)])
    for each in ENGINES:
        with pytest.raises(TooMuch, match="passes through"):
            engine.ledger_of(rows, {}, each)
