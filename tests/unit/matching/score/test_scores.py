"""Scores of pairs of names: laws that hold for any names, what weighs against, what does not, and sentences."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput
from spean.matching.score import births, sentence
from spean.matching.score.costs import FAR, distances, slips
from spean.matching.score.letters import LONGEST, PLAIN, plain, sounds
from spean.matching.score.score import NAME, Judge
from spean.matching.score.words import Words

JUDGE = Judge()
WORDS = st.sampled_from(
    [
        "Kim", "Lee", "Park", "Minji", "Cheolsu", "Nguyen", "Van", "Hung", "Somchai", "Jaidee", "Sok", "Dara", "Aung", "Kyaw", "Moe", "Ali",
        "Mohammed", "Santos", "Maria", "John", "Smith", "Petrov", "Wang", "Xiaoming", "Budi", "Santoso", "Katarzyna", "Vajiralongkorn",
    ]
)  # fmt: skip
NAMES = st.lists(WORDS, min_size=1, max_size=4, unique=True).map(" ".join)


def score(one: str, other: str, kind: str = "person") -> float:
    return float(JUDGE.pairs([one], [other], [kind]).score()[0])  # type: ignore[list-item]


def bits(one: str, other: str) -> float:
    return float(JUDGE.pairs([one], [other]).total[0])


@given(NAMES, NAMES)
@settings(max_examples=40, deadline=None)
def test_who_stands_first_does_not_matter(one: str, other: str) -> None:
    assert bits(one, other) == pytest.approx(bits(other, one), abs=0.05)


@given(NAMES, NAMES)
@settings(max_examples=40, deadline=None)
def test_nothing_is_likelier_than_the_same_name(one: str, other: str) -> None:
    assert bits(one, other) <= max(bits(one, one), bits(other, other)) + 0.01


@given(NAMES)
@settings(max_examples=30, deadline=None)
def test_alone_or_among_many_a_pair_scores_the_same(one: str) -> None:
    many = JUDGE.pairs([one] * 300, ["Kim Minji", "Wang Xiaoming Li", "Ali"] * 100)
    for at, other in enumerate(("Kim Minji", "Wang Xiaoming Li", "Ali")):
        assert many.total[at] == pytest.approx(bits(one, other), abs=0.01)


def test_a_family_name_may_stand_at_the_other_end_and_costs_little() -> None:
    assert bits("Kim Cheolsu", "Cheolsu Kim") == pytest.approx(bits("Kim Cheolsu", "Kim Cheolsu") - 0.7, abs=0.2)
    assert score("Nguyen Van Hung", "Hung Nguyen Van") > 0.5


def test_where_every_order_is_another_person_order_costs_more() -> None:
    same, turned = bits("Aung Kyaw Moe", "Aung Kyaw Moe"), bits("Aung Kyaw Moe", "Moe Kyaw Aung")
    assert turned < same - 4


def test_an_omission_is_no_contradiction() -> None:
    whole, less, other = "John Michael Smith", "John Smith", "John Peter Smith"
    assert bits(whole, whole) > bits(whole, less) > bits(whole, other)
    assert score(whole, less) > 0.5 > score(whole, other)


def test_another_given_name_speaks_against() -> None:
    assert score("Boris Abramovich", "Roman Abramovich") < 0.1
    assert score("Kim Minji", "Kim Sooyeon") < 0.1


def test_each_slip_makes_it_less_likely() -> None:
    chain = [
        "Vajiralongkorn Katarzyna",
        "Vajiralongkorn Katarzina",
        "Vajiralongkron Katarzina",
        "Vajiralgkron Katarzina",
    ]
    found = [bits(chain[0], each) for each in chain]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)


def test_two_words_may_be_one() -> None:
    for one, other in (
        ("Kim Cheol Su", "Kim Cheolsu"),
        ("Cheol Su Kim", "Kim Cheolsu"),
        ("RamiMakhlouf", "Rami Makhlouf"),
    ):
        assert score(one, other) > 0.9, (one, other)


def test_an_initial_agrees_with_its_name_and_with_no_other() -> None:
    assert bits("J Smith", "John Smith") > bits("P Smith", "John Smith") + 8


@pytest.mark.parametrize(
    ("one", "other"), [("김철수", "Kim Chul-soo"), ("陈志强", "Zhiqiang Chen"), ("Nguyễn Thị Lan", "NGUYEN THI LAN")]
)
def test_scripts_and_marks_meet(one: str, other: str) -> None:
    assert score(one, other) > 0.9


def test_a_vowel_sign_is_a_letter() -> None:
    for one, other in (("มานี ใจดี", "มานะ ใจดี"), ("မောင်မောင်", "မိုင်မောင်"), ("ដារា សុខ", "ដារី សុខ")):
        assert score(one, one) > 0.5 > score(one, other), (one, other)


def test_organisations_are_told_apart_by_a_word_more() -> None:
    assert score("Siemens AG", "Siemens Aktiengesellschaft", "organisation") > 0.5
    longer = JUDGE.pairs(["Golden Ficus"], ["Golden Ficus Shipping"], ["organisation"]).total[0]
    assert longer < JUDGE.pairs(["Golden Ficus"], ["Golden Ficus"], ["organisation"]).total[0] - 4


def test_dates_of_birth_are_weighed_by_their_precision() -> None:
    one = np.array([19880402] * 8, np.int32)
    other = np.array([19880402, 19880400, 19880000, 19880204, 19880403, 19890402, 19700101, 0], np.int32)
    weights = births.bits_of(births.said(one, other))
    assert list(weights[:3]) == sorted(weights[:3], reverse=True)
    assert weights[2] > 0 > weights[6]
    assert weights[3] > weights[4] > 0
    assert weights[7] == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [("1988", 19880000), ("1988-04", 19880400), ("1988-04-02", 19880402), ("02/04/1988", 19880402), ("2531-04-02", 19880402), ("", 0),
     ("19880402", 19880402), ("1988-XX-XX", 19880000)],
)  # fmt: skip
def test_dates_as_people_write_them(text: str, value: int) -> None:
    assert births.parse(text) == value


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_text_is_a_date_or_refused_in_words(text: str) -> None:
    with suppress(InvalidInput):
        assert births.parse(text) >= 0


@given(st.text(max_size=60), st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_hostile_text_gets_a_probability(one: str, other: str) -> None:
    found = JUDGE.pairs([one, one + "\x00" * 50], [other, other])
    assert ((found.score() >= 0) & (found.score() <= 1)).all()
    assert all(sentence.sentences(found))


def test_no_name_is_nobody() -> None:
    assert score("", "") < 0.01
    assert score("Kim Minji", "") < 0.01


def test_no_pairs_are_no_scores() -> None:
    assert len(JUDGE.pairs([], []).score()) == 0


def test_the_sentence_says_what_was_found() -> None:
    found = JUDGE.pairs(
        ["Kim Minji"],
        ["Kim Minja"],
        births_one=np.array([19880402], np.int32),
        births_other=np.array([19880402], np.int32),
    )
    (says,) = sentence.sentences(found)
    assert says.startswith("same surname; given name differs by one vowel; born the same day; 1 in ")
    assert says.endswith(" by chance")
    clauses = sentence.clauses(*found.findings()[0])
    assert clauses[0] == ("same surname", {})
    assert set(found.all_weights()[0]) == {"names", "birth", "order", "missing", "against"}
    assert sum(found.all_weights()[0].values()) == pytest.approx(float(found.total[0]), abs=0.3)


def test_slips_are_seen_wherever_they_fall() -> None:
    def rows(*words: str) -> np.ndarray:
        return np.array([list(plain(sounds(word))[:PLAIN].ljust(PLAIN, b"\0")) for word in words], np.uint8)

    one = rows("xiaolin", "putin", "chevron", "same", "abcd")
    other = rows("xlaolin", "puitn", "chevon", "same", "dcba")
    found = slips(one, other)
    assert found[0] == 10
    assert found[1] == 7
    assert found[2] == 9
    assert found[4] == FAR


def test_distances_agree_with_a_plain_table() -> None:
    def row(word: str) -> list[int]:
        return list(sounds(word)[:LONGEST].ljust(LONGEST, b"\0"))

    pairs = [
        ("kim", "kim"),
        ("park", "bak"),
        ("mohammed", "muhamad"),
        ("a", "zzz"),
        ("", "kim"),
        ("cheolsu", "chulsoo"),
    ]
    one, other = (np.array([row(pair[side]) for pair in pairs], np.uint8) for side in (0, 1))
    found = distances(one, other, np.zeros(len(pairs), np.uint8))
    for at, (a, b) in enumerate(pairs):
        assert found[at] == pytest.approx(min(FAR, _plainly(sounds(a), sounds(b))), abs=0.2)
    back = distances(other, one, np.zeros(len(pairs), np.uint8))
    assert list(back) == list(found)


def _plainly(a: bytes, b: bytes) -> float:
    from spean.matching.score.costs import UNIT, tables
    from spean.matching.score.letters import WIDTH

    _, subs, gaps = tables()
    table = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            ways = []
            if i and j:
                ways.append(table[i - 1][j - 1] + subs[a[i - 1] * WIDTH + b[j - 1]] / UNIT)
            if i:
                ways.append(table[i - 1][j] + gaps[a[i - 1]] / UNIT)
            if j:
                ways.append(table[i][j - 1] + gaps[b[j - 1]] / UNIT)
            table[i][j] = min(ways, default=0.0)
    return table[-1][-1]


def test_a_word_has_one_number_whoever_brings_it() -> None:
    judge = Judge(Words())
    one, other = judge.reader.ids("Kim Minji"), judge.reader.ids("Minji KIM")
    assert sorted(one) == sorted(other)
    assert judge.words.columns.kind[list(one)].tolist() == [NAME, NAME]
