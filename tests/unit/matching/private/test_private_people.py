"""Derived keys of persons: what spellings share, what they do not, and that nothing grows more alike as names do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput
from spean.matching.private import people
from spean.matching.private.people import MARGIN, MOST, assign, derived, found, percent, weight

BORN = "1988-04-02"


def shared(one: tuple[str, str], other: tuple[str, str], persons: int = 1_000_000) -> float:
    """Bits of agreement beyond chance; −inf when no key is shared."""
    theirs = {key.value for key in derived(*other)}
    agreed = [key.says for key in derived(*one) if key.value in theirs]
    return found(*one, agreed, persons) if agreed else float("-inf")


SAME = {
    "an order of names": (("Michaela Neumann", BORN), ("NEUMANN, Michaela", BORN)),
    "a wrong letter": (("Michaela Neumann", BORN), ("Michaela Neumahn", BORN)),
    "wrong letters in both words": (("Michaela Neumann", BORN), ("Micheala Neuman", BORN)),
    "a wrong day": (("Michaela Neumann", BORN), ("Michaela Neumann", "1988-04-20")),
    "day and month swapped, same year": (("Michaela Neumann", BORN), ("Michaela Neumann", "1988-02-04")),
    "a wrong year": (("Michaela Neumann", BORN), ("Michaela Neumann", "1986-04-02")),
    "a wrong letter and a wrong day": (("Michaela Neumann", BORN), ("Michaela Neumahn", "1988-04-20")),
    "a title": (("Dr Michaela Neumann", BORN), ("Michaela Neumann", BORN)),
    "Khmer and Latin": (("សុខ ដារ៉ា", BORN), ("Sok Dara", BORN)),
    "Thai and Latin": (("สุข ดารา", BORN), ("Sok Dara", BORN)),
    "Khmer and Thai": (("សុខ ដារ៉ា", BORN), ("สุข ดารา", BORN)),
    "Hangul and Khmer": (("속 다라", BORN), ("សុខ ដារ៉ា", BORN)),
}
OTHERS = {
    "another date": (("Sok Dara", BORN), ("Sok Dara", "1991-12-24")),
    "another name": (("Michaela Neumann", BORN), ("Harry Camp", BORN)),
    "one name alone": (("Michaela Neumann", ""), ("Michaela Painter", "")),
    "a common name without dates": (("Harry Camp", ""), ("Harry Camp", "")),
}


@pytest.mark.parametrize("name", SAME)
def test_one_person_is_found_in_a_million(name: str) -> None:
    assert shared(*SAME[name]) >= MARGIN
    assert shared(*reversed(SAME[name])) >= MARGIN


@pytest.mark.parametrize("name", OTHERS)
def test_another_person_is_not(name: str) -> None:
    assert shared(*OTHERS[name]) < MARGIN


@settings(max_examples=60)
@given(st.text(max_size=40), st.sampled_from(["", "1988", "1988-04", BORN]))
def test_any_text_has_at_most_24_keys_or_is_refused(name: str, birth: str) -> None:
    try:
        keys = derived(name, birth)
    except InvalidInput:
        return
    assert 1 <= len(keys) <= MOST or not keys
    assert len({key.value for key in keys}) == len(keys)


def test_no_key_is_a_birth_date_or_part_of_a_name_alone() -> None:
    """What a partner could go through in a month's budget says nothing: dates are 36,500, beginnings of names fewer."""
    for name, birth in (("Michaela Neumann", BORN), ("Dara", BORN), ("Sok Dara", "1988"), ("Sok Dara", "")):
        for key in derived(name, birth):
            words = key.says.words
            assert words
            assert key.says.date or len(words) == len(derived(name, "")[0].says.words)


def test_keys_of_names_that_are_alike_and_not_equal_are_unrelated() -> None:
    """Whole keys are equal or not: no two keys of different text share their bytes beyond the mark of their kind."""
    one, other = ({key.value for key in derived(name, BORN)} for name in ("Michaela Neumann", "Michaela Neumahn"))
    assert len(one & other) < len(one)
    assert all(value.startswith(b"spean/1/person\0") for value in one | other)


@pytest.mark.parametrize("birth", ["88-04-02", "1988/04/02", "yesterday", "1988-4-2"])
def test_a_date_has_one_form(birth: str) -> None:
    with pytest.raises(InvalidInput):
        derived("Sok Dara", birth)


@pytest.mark.parametrize("name", ["", "   ", "x" * 501])
def test_a_name_has_letters_and_a_length(name: str) -> None:
    with pytest.raises(InvalidInput):
        derived(name, BORN)


def test_the_weight_falls_with_the_size_of_the_holding() -> None:
    says = [key.says for key in derived("Michaela Neumann", BORN)]
    assert weight("Michaela Neumann", says, 1_000) - weight("Michaela Neumann", says, 1_000_000) == pytest.approx(
        9.97, abs=0.01
    )
    assert (percent(0), percent(40), percent(-40)) == (50, 100, 0)


def test_whole_holdings_are_assigned_one_to_one_heaviest_first() -> None:
    weights = {("A", 1): 9.0, ("A", 2): 5.0, ("B", 1): 8.0, ("B", 2): 4.0, ("C", 3): people.MARGIN_OF_WHOLE - 0.1}
    assert assign(weights) == {"A": 1, "B": 2}
