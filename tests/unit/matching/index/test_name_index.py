"""The index of names: it finds what the scorer alone would find, it changes with each name, and it forgets what was removed."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput
from spean.matching.index import compiled, kernels, keys
from spean.matching.index.names import NameIndex
from spean.matching.index.postings import Postings
from spean.matching.score.births import Said
from spean.matching.score.letters import LONGEST, sounds

FAMILIES = [
    "Kim",
    "Lee",
    "Park",
    "Nguyen",
    "Tran",
    "Santos",
    "Reyes",
    "Petrov",
    "Smith",
    "Wang",
    "Chen",
    "Sok",
    "Chea",
    "Jaidee",
    "Haddad",
]
GIVEN = [
    "Minji",
    "Cheolsu",
    "Hung",
    "Lan",
    "Maria",
    "Jose",
    "Ivan",
    "Olga",
    "John",
    "Mary",
    "Wei",
    "Fang",
    "Dara",
    "Sophea",
    "Budi",
    "Omar",
]


def filled(count: int = 400, seed: int = 3) -> tuple[NameIndex, list[str]]:
    chance = random.Random(seed)
    names = [f"{chance.choice(FAMILIES)} {chance.choice(GIVEN)}{chance.choice(GIVEN).lower()}" for _ in range(count)]
    index = NameIndex()
    for at, name in enumerate(names):
        index.add(str(at), name, birth=f"{1950 + at % 50}-{1 + at % 12:02}-{1 + at % 28:02}")
    return index, names


def test_it_finds_what_comparing_with_each_name_finds() -> None:
    index, names = filled()
    index.settle()
    for name in names[::40]:
        asked = name[:6] + name[7:]
        each = index.judge.pairs([asked] * len(names), names)
        found = index.search(asked, k=3)
        assert names[int(each.total.argmax())] in [hit.name for hit in found]
        assert [hit.bits for hit in found] == sorted((hit.bits for hit in found), reverse=True)


def test_a_name_is_found_as_soon_as_it_is_added_and_no_more_once_removed() -> None:
    index, _ = filled()
    index.settle()
    index.add("new", "Katarzyna Brzezinska", birth="1988-04-02")
    (hit, *_) = index.search("Katarzyna Brzezinska", k=3)
    assert (hit.id, hit.name, hit.score > 0.99) == ("new", "Katarzyna Brzezinska", True)
    assert index.remove("new") == 1
    assert all(hit.id != "new" for hit in index.search("Katarzyna Brzezinska", k=3))
    index.settle()
    assert all(hit.id != "new" for hit in index.search("Katarzyna Brzezinska", k=3))
    assert index.remove("new") == 0
    assert not any("Katarzyna" in name for name in index._written)


def test_an_id_may_have_several_names() -> None:
    index = NameIndex()
    index.add("p", "Kim Cheolsu")
    index.add("p", "김철수")
    index.add("q", "Park Minji")
    assert len(index) == 3
    assert {hit.id for hit in index.search("김철수", k=2)} >= {"p"}
    assert index.remove("p") == 2
    assert len(index) == 1


def test_adding_one_by_one_is_as_adding_at_once() -> None:
    index, names = filled(900)
    at_once = NameIndex()
    for at, name in enumerate(names):
        at_once.add(str(at), name, birth=f"{1950 + at % 50}-{1 + at % 12:02}-{1 + at % 28:02}")
    at_once.settle()
    index.settle()
    for asked in ("Lee Hunglan", "Sok Darasophea"):
        assert [hit.id for hit in index.search(asked)] == [hit.id for hit in at_once.search(asked)]


def test_the_day_of_birth_picks_one_of_many_of_a_name() -> None:
    index = NameIndex()
    for day in range(1, 29):
        index.add(f"d{day}", "Kim Minji", birth=f"1988-04-{day:02}")
    (first, *_) = index.search("KIM Min-ji", birth="1988-04-17")
    assert (first.id, first.said) == ("d17", Said.DAY)
    assert "born the same day" in first.sentence


def test_words_cut_elsewhere_and_other_orders_are_found() -> None:
    index, _ = filled()
    index.add("glued", "Kim Cheol Su")
    index.add("turned", "Somchai Rattanakosin")
    index.settle()
    assert index.search("Kimcheolsu", k=1)[0].id == "glued"
    assert index.search("Rattanakosin Somchai", k=1)[0].id == "turned"


@pytest.mark.parametrize("asked", ["", " ", "12345", "\x00", "x" * 5000, "ก" * 300, ". - '"])
def test_nothing_to_ask_gives_no_error(asked: str) -> None:
    index, _ = filled(50)
    for hit in index.search(asked):
        assert 0 <= hit.score <= 1


def test_bad_questions_are_refused_in_words() -> None:
    index, _ = filled(5)
    with pytest.raises(InvalidInput, match="birth"):
        index.search("Kim", birth="yesterday")
    with pytest.raises(InvalidInput, match="k:"):
        index.search("Kim", k=0)
    with pytest.raises(InvalidInput, match="birth"):
        index.add("x", "Kim", birth="1988-13-01")
    assert len(index) == 5


SPELT = ("Kim Cheolsu", "김철수", "Kim Cheol-Su", "Sok Dara", "សុខ ដារ៉ា", "สมชาย ใจดี", "Somchai Jaidee", "J. Smith", "陈志", "CHEN Zhi", "Omar Haddad",
         "Иван Петров", "Ivan Petrov", "Nguyễn Văn Hùng", "အောင်ကျော်", "Aung Kyaw", "ສົມສັກ", "Somsack", "Minji Park", "x")  # fmt: skip


def test_compiled_loops_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba", reason="NO NUMBA: the loops run as they are written")
    index, names = filled(300)
    for at, name in enumerate(SPELT):
        index.add(f"s{at}", name)
        index.add(f"t{at}", name, kind="organisation")
    index.settle()
    index.add("fresh", "Katarzyna Petrova")
    asked = [*SPELT, *names[::30], *(name[:4] + name[5:] for name in names[::30]), "Katarina Petrov", "Kimcheolsu"]

    def answers() -> list[list[tuple[str, float, str]]]:
        index._sounding.fresh(np.zeros(0, np.int32))  # nothing is remembered
        index._fresh_upto = 0
        return [
            [(hit.id, hit.bits, hit.sentence) for hit in index.search(name, birth=birth, kind=kind, k=5)]
            for name, birth, kind in product(asked, ("", "1953-04-04"), ("person", "organisation"))
        ]

    compiled.load()
    assert compiled.loops() is not compiled.PLAIN
    fast = answers()
    monkeypatch.setattr(compiled, "_LOADED", [])
    plain = answers()
    assert [[id for id, _, _ in row] for row in fast] == [[id for id, _, _ in row] for row in plain]
    for one, other in zip(fast, plain, strict=True):
        assert [bits for _, bits, _ in one] == pytest.approx([bits for _, bits, _ in other], abs=0.01)


def test_an_empty_index_answers_nothing() -> None:
    assert NameIndex().search("Kim Minji") == []


@settings(deadline=None)
@given(st.lists(st.text("abdeghijkmnoprstuvy", min_size=1, max_size=14), min_size=1, max_size=8))
def test_keys_of_one_word_and_of_many_are_the_same(words: list[str]) -> None:
    codes = np.array([list(sounds(word)[:LONGEST].ljust(LONGEST, b"\0")) for word in words], np.uint8)
    sound, row = keys.every(keys.packed(codes))
    for at in range(len(words)):
        each = np.zeros(keys.LENGTH + 1, np.uint64)
        count = kernels.keys_of(codes[at], each)
        assert set(sound[row == at].tolist()) == set(each[:count].tolist())


def test_postings_give_every_place_of_a_number() -> None:
    numbers = np.array([5, 3, 5, 9, 3, 5], np.int32)
    postings = Postings(numbers, np.arange(6, dtype=np.int32))
    assert sorted(postings.get(np.array([3, 5, 7]))) == [0, 1, 2, 4, 5]
    assert postings.get(np.array([5, 9]), 2).tolist() == [0, 2]
    begin, end = postings.ranges(np.array([9, 1, 5]))
    assert (end - begin).tolist() == [1, 0, 3]
    assert postings.get(np.array([], np.int32)).tolist() == []


def test_while_a_list_is_filled_questions_do_not_make_the_postings_anew_each_time() -> None:
    index = NameIndex()
    for number in range(8_000):
        index.add(f"a{number}", f"{GIVEN[number % len(GIVEN)]} {FAMILIES[number % len(FAMILIES)]}{'aeiou'[number % 5]}")
    index.settle()
    index.filling = True
    for number in range(900):
        index.add(f"b{number}", f"Zbigniew {FAMILIES[number % len(FAMILIES)]}ski{'aeiou'[number % 5]}")
    index.add("c", "Quentin Xanthopoulos")
    settled = index._settled
    assert index.search("Quentin Xanthopoulos", k=1)[0].id == "c"
    assert index._settled == settled
    index.filling = False
    assert index.search("Quentin Xanthopoulos", k=1)[0].id == "c"
    assert index._settled > settled


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    rows = [
        ("a", "Kim Minji", 19900517), ("b", "김민지", 0), ("a", "Minji Kim Lee Park Sok", 1990), ("c", "", 0), ("d", "Sok Dara", 19880402),
    ]  # fmt: skip
    one, many = NameIndex(), NameIndex()
    for id, name, birth in rows:
        one.add(id, name, birth=birth)
    one.add("e", "Golden Ficus Ltd", kind="organisation")
    many.add_many(*map(list, zip(*rows, strict=True)))
    many.add_many(["e"], ["Golden Ficus Ltd"], [0], ["organisation"])
    many.add_many([], [], [])
    assert len(one) == len(many) == 6
    for name in ("Kim Minji", "김민지", "Sok Dara", "Golden Ficus Ltd"):
        found = [[(hit.id, hit.name, round(hit.score, 4)) for hit in each.search(name)] for each in (one, many)]
        assert found[0] == found[1]
    assert many.remove("a") == 2
    assert "a" not in [hit.id for hit in many.search("Kim Minji")]
    for number in range(40):
        many.add_many(
            [f"x{n}" for n in range(20)],
            [f"{GIVEN[n % len(GIVEN)]} {FAMILIES[number % len(FAMILIES)]}" for n in range(20)],
            [0] * 20,
        )
    assert many.remove("x3") == 40
