"""Exact values beside the names."""

from __future__ import annotations

from spean.matching.score.evidence import MOST, SHARED, shared

DOCUMENT, PHONE, OTHER = ("document", "KHM:N01234567"), ("phone", "+85512345678"), ("phone", "+85587654321")


def test_what_both_have_is_weighed_the_strongest_first() -> None:
    found = shared([PHONE, DOCUMENT], [DOCUMENT, PHONE, OTHER])
    assert [clause for clause, _ in found] == ["same document", "same phone number"]
    assert found[0][1] == SHARED["document"][0]
    assert 0 < found[1][1] < SHARED["phone"][0]


def test_another_number_is_no_contradiction() -> None:
    assert shared([PHONE], [OTHER]) == []
    assert shared([], [PHONE]) == []


def test_who_stands_first_does_not_matter_and_twice_is_once() -> None:
    assert shared([PHONE, PHONE, DOCUMENT], [DOCUMENT, PHONE]) == shared([DOCUMENT, PHONE], [PHONE, DOCUMENT])


def test_all_together_have_a_limit_and_nobody_is_judged_by_what_they_are() -> None:
    everything = [(kind, "x") for kind in SHARED]
    assert sum(bits for _, bits in shared(everything, everything)) <= MOST
    person = [("gender", "female"), ("nationality", "KR"), ("ethnicity", "x"), ("religion", "y")]
    assert shared(person, person) == []
