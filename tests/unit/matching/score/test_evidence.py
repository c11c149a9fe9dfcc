"""What stands beside the names: how much it says, what contradicts, and what is no evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.matching.score.evidence import (
    KINDS,
    LEAST,
    MISREAD,
    MOST,
    SLIP,
    Value,
    beside,
    key,
    sentence,
    total,
    weigh,
    words,
)
from spean.matching.score.places import same_address, same_place
from spean.matching.score.sentence import CHANCE

DOCUMENT, PHONE, OTHER = ("document", "KH:N01234567"), ("phone", "+85512345678"), ("phone", "+85587654321")


def said(one: list[Value], other: list[Value]) -> list[tuple[str, float]]:
    return [(each.said[0][0], round(each.bits, 1)) for each in weigh(one, other)]


def test_what_both_have_is_weighed_the_strongest_first() -> None:
    found = said([PHONE, DOCUMENT], [DOCUMENT, PHONE, OTHER])
    assert found == [("same document number", 17.0), ("same phone number", 4.5)]


def test_another_telephone_and_an_omission_say_nothing() -> None:
    assert weigh([PHONE], [OTHER]) == []
    assert weigh([], [PHONE, DOCUMENT]) == []
    assert weigh([("wallet", "")], [("wallet", "")]) == []


@pytest.mark.parametrize(
    ("one", "other", "clause", "bits"),
    [
        ("KH:N01234567", "KH:N01234567", "same document number", 17.0),
        ("KH:N01234567", "N01234567", "same document number", 14.0),
        ("UTO:L898902C3"[2:], "O:L898902C36", "same document number", 17.0),
        ("KH:N01234567", "KH:NO1234567", "document number differs by signs that look alike", MISREAD),
        ("KH:N01234567", "KH:N01234568", "document number differs by one sign", SLIP),
        ("KH:N01234567", "KH:N01243567", "document number differs by one sign", SLIP),
        ("KH:N01234567", "KH:P99887766", "another document of the same country", -1.5),
    ],
)
def test_numbers_of_documents(one: str, other: str, clause: str, bits: float) -> None:
    assert said([("document", one)], [("document", other)]) == [(clause, bits)]
    assert said([("document", other)], [("document", one)]) == [(clause, bits)]


def test_documents_of_two_states_are_not_compared() -> None:
    assert weigh([("document", "KH:N01234567")], [("document", "TH:N01234567")]) == []
    assert weigh([("document", "N99887766")], [DOCUMENT]) == []


def test_a_check_digit_excludes_the_slip_and_one_person_has_one_national_number() -> None:
    assert said([("national-number", "TH:1234567890121")], [("national-number", "TH:1234567890122")])[0][1] == -6.0
    assert said([("national-number", "KH:123456789")], [("national-number", "KH:123456780")])[0][1] == SLIP
    renewed = said([DOCUMENT, ("document", "KH:P99887766")], [("document", "KH:P99887766")])
    assert renewed == [("same document number", 17.0)], "an older passport does not contradict the one that agrees"


def test_a_value_that_many_hold_tells_less_and_never_against() -> None:
    bits = [weigh([PHONE], [PHONE], lambda kind, key, many=many: many)[0] for many in (1, 2, 16, 100_000)]
    assert [round(each.bits, 1) for each in bits] == [9.0, 8.0, 5.0, 0.0]
    assert bits[0].said == (("same phone number", {}),)
    assert bits[2].said[1] == ("{count} files hold it", {"count": "16"})


def test_an_account_without_its_bank_is_counted_under_its_number() -> None:
    asked: list[tuple[str, str]] = []

    def holders(kind: str, value: str) -> int:
        asked.append(key((kind, value)))
        return 1

    assert weigh([("account", "HNBKKRSE/110222402")], [("account", "110222402")], holders)[0].bits == 12.0
    assert asked == [("account", "110222402")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Phnom Penh, Cambodia", "ភ្នំពេញ", True), ("Hà Nội, Việt Nam", "Ha Noi", True), ("Phum Trea, Kampong Cham", "Kampong Cham province", True),
        ("Seoul", "Busan", False), ("서울", "부산", False), ("Cambodia", "Cambodia", None), ("South Korea", "Seoul, South Korea", None),
        ("Phnom Penh", "ธนบุรี", None), ("北京", "Beijing", None),
    ],
)  # fmt: skip
def test_places_are_coarse_and_a_country_is_none(one: str, other: str, same: bool | None) -> None:
    assert same_place(one, other) is same
    assert same_place(other, one) is same


def test_an_address_agrees_as_a_whole_or_says_nothing() -> None:
    assert same_address("12 Street 240, Phnom Penh", "12, street 240, Phnom Penh, Cambodia") is True
    assert same_address("12 Street 240, Phnom Penh", "14 Street 240, Phnom Penh") is None
    assert same_address("Phnom Penh", "Phnom Penh") is None


def test_the_sentence_names_it_before_the_chance_which_grows_rarer() -> None:
    names = (("same name", {}), (CHANCE, {"count": "40,000"}))
    found = weigh([DOCUMENT], [DOCUMENT])
    assert sentence(names, found) == (
        ("same name", {}),
        ("same document number", {}),
        (CHANCE, {"count": "4,000,000,000"}),
    )
    assert sentence(names, []) == names
    assert {clause for each in KINDS.values() for clause in (each.same, each.differs) if clause} <= set(words())


# laws ---------------------------------------------------------------------------------------------------------------

TEXTS = {
    "document": ["KH:N01234567", "KH:N01234568", "N01234567", "TH:AA1234567"], "national-number": ["TH:1234567890121", "KH:123456789"],
    "phone": [PHONE[1], OTHER[1]], "wallet": ["bip122:000000000019d6689c085ae165831e93:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"],
    "email": ["a@example.org", "b@example.org"], "birth-place": ["Seoul", "Busan", "Cambodia"], "address": ["12 Street 240, Phnom Penh"],
    "account": ["110222402", "HNBKKRSE/110222402"], "gender": ["female"], "nationality": ["KR"], "ethnicity": ["x"],
}  # fmt: skip
VALUES = st.lists(st.sampled_from([(kind, text) for kind, texts in TEXTS.items() for text in texts]), max_size=8)
HELD = st.dictionaries(st.sampled_from(sorted(TEXTS)), st.integers(1, 5_000))


@given(VALUES, VALUES, st.sampled_from([(kind, text) for kind, texts in TEXTS.items() for text in texts]), HELD)
def test_a_value_that_both_have_never_lowers_the_sum(
    one: list[Value], other: list[Value], more: Value, held: dict[str, int]
) -> None:
    def holders(kind: str, key: str) -> int:
        return held.get(kind, 1)

    before, after = weigh(one, other, holders), weigh([*one, more], [*other, more], holders)
    assert total(after) >= total(before) - 1e-9
    assert beside(0.3, after) >= beside(0.3, before) - 1e-12


@given(VALUES, VALUES)
def test_what_only_one_side_says_changes_nothing(one: list[Value], other: list[Value]) -> None:
    kinds = {kind for kind, _ in one} & {kind for kind, _ in other}
    kept = [each for each in one if each[0] in kinds], [each for each in other if each[0] in kinds]
    assert weigh(one, other) == weigh(*kept)


@given(VALUES, VALUES)
def test_sides_order_and_repetition_do_not_matter_and_all_together_have_limits(
    one: list[Value], other: list[Value]
) -> None:
    found = weigh(one, other)
    assert weigh(one[::-1] * 2, other) == found
    assert total(weigh(other, one)) == pytest.approx(total(found))
    assert LEAST <= total(found) <= MOST
    assert not {each.part for each in found} & {"gender", "nationality", "ethnicity"}
    assert 0 < beside(0.0, found) <= beside(1.0, found) <= 1
