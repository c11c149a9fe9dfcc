"""Holds never exceed min(claim, balance) (R50); both rules are shown; requests that save most come first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, Refusal
from spean.tracing.claims import (
    MILLION,
    Request,
    WholeAccount,
    check_hold,
    decay,
    hold,
    locate_and_claim,
    rank,
    value,
)
from spean.tracing.engine import ledger_of
from spean.tracing.model import Transfer

amounts = st.integers(0, 10**17)


@given(amounts, amounts, st.integers(-5, 10**17))
def test_r50_no_hold_exceeds_claim_or_balance(claim: int, balance: int, asked: int) -> None:
    most = hold(claim, balance)
    assert most == min(claim, balance)
    if 0 < asked <= most:
        check_hold(asked, claim, balance)
    else:
        with pytest.raises(Refusal, match="R50"):
            check_hold(asked, claim, balance)


def test_r50_the_merchant_who_got_1150_is_not_held_for_9600() -> None:
    with pytest.raises(Refusal, match="9600 is not between 1 and 1150"):
        check_hold(9600, 1150, 20_000)
    check_hold(1150, 1150, 20_000)


def test_r50_a_whole_account_needs_a_judge_and_two_people() -> None:
    assert hold(120, 900, WholeAccount("Court of first instance 12/2026", ("Ms A", "Mr B"))) == 900
    for reference, people in (("", ("Ms A", "Mr B")), ("12/2026", ("Ms A", "Ms A")), ("12/2026", ("Ms A", " "))):
        with pytest.raises(Refusal, match="R50"):
            hold(120, 900, WholeAccount(reference, people))
    with pytest.raises(InvalidInput):
        hold(-1, 900)


def test_both_rules_are_shown_with_the_lowest_balance() -> None:
    rows = [Transfer("v", 1, "V", "A", 100, "USD"), Transfer("x", 2, "A", "B", 100, "USD")]
    both = locate_and_claim(ledger_of(rows, {"A": 100}), "v", "fifo")
    assert [(each.account, each.amount) for each in both.located.positions] == [("B", 100)]
    assert [(each.account, each.amount) for each in both.claimed.positions] == [("A", 100)]
    assert both.lowest == 100


@given(st.integers(0, 10**12), st.integers(0, 10**9), st.integers(1, 10**9))
def test_decay_halves_and_never_rises(age: int, more: int, half_life: int) -> None:
    assert 0 <= decay(age + more, half_life) <= decay(age, half_life) <= MILLION
    halvings = age // half_life
    assert decay(halvings * half_life, half_life) == MILLION >> min(halvings, 64)


def test_requests_are_ranked_by_amount_chance_and_decay() -> None:
    old, small = Request("old", 1000, 500, 0), Request("small", 400, 500, 600)
    unlikely, best = Request("unlikely", 1000, 100, 600), Request("best", 1000, 500, 600)
    assert [each.id for each in rank([old, small, unlikely, best], 600, 300)] == ["best", "small", "old", "unlikely"]
    with pytest.raises(InvalidInput):
        value(Request("x", 1, 1001, 0), 0, 1)
    with pytest.raises(InvalidInput):
        decay(1, 0)
