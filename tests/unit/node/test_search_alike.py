"""Search for what sounds alike: one invented person in several scripts is found, marked as a candidate, and only when asked for (A7, D8)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.world import Image, World
from spean.core import sounds
from spean.node.views import indexing
from spean.node.views.searching import Found

LIST = {"title": "Names", "source": "Desk of KR", "data": "wallet"}
MARKS = {"purpose": "warn", "data": "wallet", "subject": "none"}
SPELLINGS = {"Khmer": "សុខ ដារ៉ា", "Thai": "สุข ดารา", "Korean": "속 다라", "Latin": "Sok Dara"}
OTHERS = ("Chea Vuthy", "ณัฐพงศ์ หมอก", "박지민", "ជា វុទ្ធី", "the man whom we seek in such a tale")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Image, dict[str, str]]:
    world = World(("KH", "KR"), tmp_path_factory.mktemp("begun"))
    world.agreement(("KH", "KR"))
    record = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS).record
    entries = {
        note: {"kind": "wallet", "value": "T1", "chain": "tron", "note": note}
        for note in (*SPELLINGS.values(), *OTHERS)
    }
    names = {note: world.act("KR", "entry", form, record=record).fact for note, form in entries.items()}
    world.settle()
    return world.image(), names


@pytest.fixture
def world(begun: tuple[Image, dict[str, str]], tmp_path: Path) -> Iterator[World]:
    made = World(("KH", "KR"), tmp_path, seed=3, image=begun[0])
    yield made
    for node in made.nodes.values():
        node.close()


@pytest.fixture
def names(begun: tuple[Image, dict[str, str]]) -> dict[str, str]:
    """Fact by the name that it holds."""
    return begun[1]


def search(world: World, words: str, node: str = "KR", **more: Any) -> Found:
    found: Found = world.nodes[node].reading_desk.search(world.officers[node], words=words, reason="a case", **more)
    return found


def facts(found: Found) -> set[str]:
    return {hit.fact.row.id for hit in found}


def fill(world: World) -> None:
    for node in world.nodes.values():
        while node.indexing.step():
            pass


@pytest.mark.parametrize("filled", [False, True], ids=["not indexed yet", "indexed"])
def test_one_person_is_found_in_every_script_by_each_spelling(
    world: World, names: dict[str, str], filled: bool
) -> None:
    fill(world)
    for node in () if filled else world.nodes.values():
        with node.store.read() as tx:
            buckets = tx.search.buckets()
        node.indexing._drop(buckets)
    person = {names[each] for each in SPELLINGS.values()}
    for words in SPELLINGS.values():
        for name in ("KR", "KH"):
            assert facts(search(world, words, name)) == {names[words]}, "as written, only its own"
            found = search(world, words, name, alike=True)
            assert facts(found) == person, (words, name)
            assert {hit.fact.row.id for hit in found if not hit.alike} == {names[words]}
    assert (world.nodes["KR"].indexing.behind() <= len(SPELLINGS) * 2) == filled, "only the notes of these searches"


def test_a_hit_says_where_and_that_it_only_sounds_so(world: World, names: dict[str, str]) -> None:
    fill(world)
    found = {hit.fact.row.id: hit for hit in search(world, "Sok Dara", alike=True)}
    korean, latin = found[names["속 다라"]], found[names["Sok Dara"]]
    (mark,) = korean.marks
    assert (mark.path, mark.alike, mark.at) == ("note", True, ((0, 4),))
    (mark,) = latin.marks
    assert (mark.path, mark.alike, mark.at) == ("note", False, ((0, 3), (4, 8)))


def test_a_word_that_stands_there_and_one_that_sounds_so_are_told_apart(world: World, names: dict[str, str]) -> None:
    fill(world)
    (hit,) = [hit for hit in search(world, "속 Dara", alike=True) if hit.fact.row.id == names["속 다라"]]
    assert hit.alike
    assert {(mark.alike, mark.at) for mark in hit.marks} == {(False, ((0, 1),)), (True, ((2, 4),))}


def test_a_short_field_is_a_name_in_either_order(world: World, names: dict[str, str]) -> None:
    fill(world)
    assert facts(search(world, '"Dara Sok"', alike=True)) == {names[each] for each in SPELLINGS.values()}


def test_what_has_no_sound_is_searched_for_as_it_is_written(world: World, names: dict[str, str]) -> None:
    fill(world)
    found = search(world, "T1 Sok", alike=True)
    assert facts(found) == {names[each] for each in SPELLINGS.values()}
    assert facts(search(world, "T2 Sok", alike=True)) == set()


@pytest.mark.parametrize("filled", [False, True], ids=["not indexed yet", "indexed"])
def test_chinese_characters_are_heard_in_latin_letters_and_the_other_way_round(world: World, filled: bool) -> None:
    spelt = ("陈志明", "陳志明", "CHEN Zhiming", "Chen Zhi Ming")
    record = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS).record
    names = {
        note: world.act(
            "KR", "entry", {"kind": "wallet", "value": f"T{n}", "chain": "tron", "note": note}, record=record
        ).fact
        for n, note in enumerate((*spelt, "李国强"))
    }
    if filled:
        fill(world)
    for words in ("陈志明", "Chen Zhiming"):
        assert facts(search(world, words, alike=True)) == {names[each] for each in spelt}, words


def test_the_log_says_that_it_was_asked_for(world: World) -> None:
    kr = world.nodes["KR"]
    search(world, "Sok Dara", alike=True)
    with kr.store.read() as tx:
        newest = tx.search.newest()
        (row,) = tx.facts.at([newest]).values()
    key = kr.content_keys.get([row.id])[row.id]
    told = indexing.opened(row.id, row.content, key)
    assert row.kind == "search"
    assert told is not None
    assert (told["words"], told["alike"]) == ("Sok Dara", "yes")


def test_an_index_of_older_terms_is_dropped_and_filled_anew(
    world: World, names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kr = world.nodes["KR"]
    with monkeypatch.context() as old:
        old.setattr(indexing, "TERMS", "1")
        old.setattr(sounds, "keys", lambda text, han: set())
        kr.indexing._renewed = False
        fill(world)
        assert facts(search(world, "Sok Dara", alike=True)) == {names["Sok Dara"]}, "its index has no sounds"
    with kr.store.read() as tx:
        (was,) = tx.search.buckets()
    kr.indexing._renewed = False  # as a process that starts
    person = {names[each] for each in SPELLINGS.values()}
    assert facts(search(world, "Sok Dara", alike=True)) == person, "what is not indexed yet is looked through"
    assert kr.content_keys.get([was.key]) == {}
    fill(world)
    assert facts(search(world, "Sok Dara", alike=True)) == person
    with kr.store.read() as tx:
        (now,) = tx.search.buckets()
    kr.indexing._renewed = False
    kr.indexing.renew()
    assert kr.indexing.keys([now.key]), "the same terms: nothing is dropped"


def test_keys_of_one_fact_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "MOST_SOUNDS", 3)
    form = {str(n): name for n, name in enumerate(("Sok Dara", "Kim Mina", "Chan Vuthy", "Somchai Jaidee"))}
    heard = {term for term in indexing._terms_of(form) if term.startswith("\1")}
    assert len(heard) == 3
