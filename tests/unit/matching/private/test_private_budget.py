"""Budgets, the brake for one person, what is far from normal, and openings that nobody chooses."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, Refusal, TooMuch, VerificationFailed
from spean.matching.private import budget, opening
from spean.matching.private.categories import CATEGORIES, DATA, exact, key_info


def test_a_country_cannot_be_enumerated_within_25_years() -> None:
    assert budget.BUDGET == 300_000
    assert budget.years(budget.BUDGET) == 27
    assert budget.years(budget.MOST_RAISED) == 0


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 10**6))
def test_no_element_goes_beyond_the_budget(spent: int, wanted: int, most: int) -> None:
    if spent + wanted <= most:
        budget.check_budget("KH", spent, wanted, most)
    else:
        with pytest.raises(Refusal, match=f"{spent} of {most}"):
            budget.check_budget("KH", spent, wanted, most)


def test_a_thousand_guesses_are_braked() -> None:
    budget.check_person(budget.Asking(hour=399, day=999, misses=0), 1)
    with pytest.raises(TooMuch, match="too many") as hour:
        budget.check_person(budget.Asking(hour=400, day=400, misses=0), 1)
    assert hour.value.rule == "R24"
    with pytest.raises(TooMuch, match="a day"):
        budget.check_person(budget.Asking(hour=0, day=1_000, misses=0), 1)


def test_many_hits_are_far_from_normal() -> None:
    assert not budget.unusual(1_000, 4)
    assert not budget.unusual(100_000, 230)
    assert budget.unusual(1_000, 40)
    assert budget.unusual(100_000, 400)
    assert not budget.unusual(1_000, 40, budget.usual(100_000, 3_000))


def test_every_category_has_its_data_and_its_own_bytes() -> None:
    assert set(CATEGORIES) == set(DATA)
    assert len({exact(each, "1234567") for each in CATEGORIES}) == len(CATEGORIES)
    assert key_info("A", "phone", "2026-03") != key_info("B", "phone", "2026-03")
    with pytest.raises(InvalidInput, match="category"):
        exact("face", "1")
    with pytest.raises(InvalidInput, match="value"):
        exact("phone", "")


def name(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def test_one_in_a_hundred_is_opened_and_both_facts_choose() -> None:
    counts = [len(opening.chosen(name(n), name(-n), 100)) for n in range(1, 400)]
    assert 0.8 < sum(counts) / len(counts) < 1.2
    assert opening.chosen(name(1), name(2), 5_000) != opening.chosen(name(1), name(3), 5_000)
    assert opening.chosen(name(1), name(2), 5_000) != opening.chosen(name(3), name(2), 5_000)
    assert opening.chosen(name(1), name(2), 50) == [p for p in opening.chosen(name(1), name(2), 99) if p < 50]


def test_what_is_opened_is_what_was_asked() -> None:
    salts = [bytes([n]) * opening.SALT for n in range(7)]
    values = [b"value %d" % n for n in range(7)]
    kept = [opening.commitment(salt, value) for salt, value in zip(salts, values, strict=True)]
    root = opening.root(kept)
    opening.check(root, kept, {2: (salts[2], values[2]), 6: (salts[6], values[6])})
    with pytest.raises(VerificationFailed):
        opening.check(root, kept, {2: (salts[2], b"another")})
    with pytest.raises(VerificationFailed):
        opening.check(root, [*kept[:6], kept[0]], {})
    with pytest.raises(VerificationFailed):
        opening.check(root, kept, {9: (salts[2], values[2])})
