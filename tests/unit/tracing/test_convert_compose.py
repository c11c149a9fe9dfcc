"""Conversions are exact; fees, splits, merges and reversals are rows that conserve money."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput
from spean.tracing.compose import Payment, reversal, rows, trace_payment
from spean.tracing.convert import across, shares
from spean.tracing.engine import ledger_of
from spean.tracing.model import RULES, Transfer


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=8), st.integers(0, 10**12))
def test_largest_remainder_is_exact_and_off_by_less_than_one(parts: list[int], total: int) -> None:
    if not sum(parts):
        parts[0] = 1
    given = shares(parts, total)
    assert sum(given) == total
    exact = [Fraction(part * total, sum(parts)) for part in parts]
    assert all(abs(share - right) < 1 for share, right in zip(given, exact, strict=True))
    order = sorted(range(len(parts)), key=lambda at: -(exact[at] % 1))
    up = [given[at] > exact[at] for at in order if exact[at] % 1]
    assert up == sorted(up, reverse=True)


def test_equal_remainders_go_to_the_earlier_part() -> None:
    assert shares([1, 1, 1], 2) == [1, 1, 0]
    assert shares([0, 0], 0) == [0, 0]
    with pytest.raises(InvalidInput):
        shares([0, 0], 1)


@given(st.lists(st.integers(0, 500), min_size=2, max_size=12), st.integers(0, 700))
def test_slices_that_tile_a_payment_tile_what_it_became(cuts: list[int], received: int) -> None:
    places = sorted({0, 500, *cuts})
    found = across(list(itertools.pairwise(places)), 500, received)
    assert (found[0][0], found[-1][1]) == (0, received)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(found))
    assert all(start <= end for start, end in found)


def test_a_slice_outside_its_payment_is_refused() -> None:
    with pytest.raises(InvalidInput):
        across([(0, 501)], 500, 700)


def test_a_fee_is_a_row_of_its_own() -> None:
    way = (("A", 125_400),), (("B", 125_400),)
    assert [(row.id, row.payee, row.amount) for row in rows(Payment("p", 1, *way, "USD", 400, "bank", "payee"))] == [
        ("p", "B", 125_000), ("p#fee", "bank", 400),
    ]  # fmt: skip
    assert [(row.payer, row.amount) for row in rows(Payment("p", 1, *way, "USD", 400, "bank"))] == [
        ("A", 125_400), ("A", 400),
    ]  # fmt: skip


def test_a_split_payment_is_traced_as_one() -> None:
    split = Payment("p", 1, (("V", 125_000),), (("A", 52_000), ("B", 41_000), ("C", 32_000)), "USD")
    onward = Transfer("x", 2, "B", "D", 1_150, "USD")
    ledger = ledger_of([*rows(split), onward], {"V": 125_000})
    for rule in RULES:
        trace = trace_payment(ledger, "p", rule)
        assert (trace.payment, trace.amount) == ("p", 125_000)
        assert {each.account for each in trace.positions} == {"A", "B", "C", "D"}
    trace = trace_payment(ledger, "p", "lifo")
    tiles = sorted((lot.start, lot.end, lot.account) for lot in trace.lots)
    assert tiles == [(0, 52_000, "A"), (52_000, 91_850, "B"), (91_850, 93_000, "D"), (93_000, 125_000, "C")]


def test_a_merged_payment_is_traced_as_one() -> None:
    merged = Payment("p", 1, (("A", 52_000), ("B", 39_850)), (("trader", 91_850),), "USD")
    trace = trace_payment(ledger_of(rows(merged), {}), "p", "fifo")
    assert [(each.account, each.amount) for each in trace.positions] == [("trader", 91_850)]


@pytest.mark.parametrize("rule", ["fifo", "lifo", "haircut"])
def test_a_reversal_brings_the_money_back(rule: str) -> None:
    paid = Transfer("v", 1, "V", "A", 100, "USD")
    back = reversal(paid, "r", 2)
    trace = trace_payment(ledger_of([paid, back], {"V": 100}), "v", rule)  # type: ignore[arg-type]
    assert [(each.account, each.amount) for each in trace.positions] == [("V", 100)]
    with pytest.raises(InvalidInput):
        reversal(paid, "r", 2, 101)
    with pytest.raises(InvalidInput):
        reversal(paid, "r", 0)


def test_a_prompt_reversal_returns_the_very_slice_by_lifo_only() -> None:
    paid = Transfer("v", 1, "V", "A", 100, "USD")
    ledger = ledger_of([paid, reversal(paid, "r", 2)], {"V": 100, "A": 500})
    assert [each.account for each in trace_payment(ledger, "v", "lifo").positions] == ["V"]
    assert [each.account for each in trace_payment(ledger, "v", "fifo").positions] == ["A"]


@pytest.mark.parametrize(
    "payment",
    [
        Payment("p", 1, (("A", 5), ("B", 5)), (("C", 5), ("D", 5))),
        Payment("p", 1, (("A", 10),), (("C", 5), ("D", 4))),
        Payment("p", 1, (("A", 10),), (("C", 10),), fee=11, fee_account="bank", charged="payee"),
    ],
)
def test_sums_that_do_not_meet_are_refused(payment: Payment) -> None:
    with pytest.raises(InvalidInput):
        rows(payment)
