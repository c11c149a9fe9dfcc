"""Scores of travellers against a list: what a slip, a cut, a date and a namesake are worth when the list says how common names are."""

from __future__ import annotations

from functools import cache

from spean.matching.index.names import NameIndex

FAMILIES = {"Kim": "김", "Lee": "이", "Park": "박", "Choi": "최", "Jung": "정", "Kang": "강", "Cho": "조", "Yoon": "윤"}
FIRST = {"Min": "민", "Ji": "지", "Seo": "서", "Hyun": "현", "Young": "영", "Eun": "은", "Su": "수", "Kyung": "경"}
SECOND = {"hee": "희", "ho": "호", "woo": "우", "jin": "진", "yeon": "연", "hoon": "훈", "won": "원", "sook": "숙"}


@cache
def korea() -> NameIndex:
    """Every family name with every given name, half of them in Hangul, each born on a day of its own."""
    index = NameIndex()
    names = [
        (f"{family} {first}{second}", FAMILIES[family] + FIRST[first] + SECOND[second])
        for family in FAMILIES for first in FIRST for second in SECOND
    ]  # fmt: skip
    for at, (latin, hangul) in enumerate(names):
        index.add(latin, hangul if at % 2 else latin, birth=f"{1950 + at % 50}-{1 + at % 12:02}-{1 + at % 28:02}")
    index.settle()
    return index


def bits(asked: str, wanted: str, birth: str = "") -> float:
    return next((hit.bits for hit in korea().search(asked, birth=birth, k=20) if hit.id == wanted), -99.0)


def test_a_given_name_in_two_words_is_found_in_either_script() -> None:
    for wanted in ("Kim Minhee", "Kim Minho", "Cho Kyungwon"):
        for asked in (wanted, f"{wanted[:-3]} {wanted[-3:].strip()}".title()):
            assert bits(asked, wanted) > bits(asked.replace("Kim", "Park").replace("Cho", "Yoon"), wanted) + 4, asked


def test_a_spelling_that_is_nobodys_name_costs_less_than_one_that_is_another_name() -> None:
    assert bits("Kim Jihoxn", "Kim Jihoon") > bits("Kim Jiwon", "Kim Jihoon") + 3
    assert bits("Kij Suhoon", "Kim Suhoon") > bits("Lee Suhoon", "Kim Suhoon") + 2


def test_another_whole_date_outweighs_a_common_name() -> None:
    wanted = "Kim Minho"
    (same,) = [hit for hit in korea().search(wanted, birth="1951-02-02", k=5) if hit.id == wanted]
    (year,) = [hit for hit in korea().search(wanted, birth="1951-09-27", k=5) if hit.id == wanted]
    (other,) = [hit for hit in korea().search(wanted, birth="1972-09-27", k=5) if hit.id == wanted]
    assert same.weights["birth"] > 0 > year.weights["birth"] > other.weights["birth"]
    assert other.bits < 6 < same.bits


def test_two_long_names_that_only_share_a_day_are_two_people() -> None:
    index = NameIndex()
    index.add("x", "Suda Phetcharatwithoon", birth="1980-05-17")
    (hit,) = index.search("Suda Manikaewboriboon", birth="1980-05-17", k=1)
    assert hit.weights["against"] < -5


def test_of_two_other_names_born_the_same_day_the_one_with_the_same_letters_is_nearer() -> None:
    index = NameIndex()
    index.add("near", "Suda Winohbraarnkhiemewa", birth="1980-05-17")
    index.add("far", "Suda Phetcutsthjy", birth="1980-05-17")
    found = {hit.id: hit for hit in index.search("Suda Manikaewboriboon", birth="1980-05-17", k=2)}
    assert found["near"].weights["against"] > found["far"].weights["against"]
