"""Search over what one may read: found in every script, newest first, bounded, filled behind the facts and after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.world import Image, World
from spean.core.errors import InvalidInput, Refusal
from spean.core.postings import first_of
from spean.node.views import indexing, searching
from spean.node.views.indexing import hasher, unfinished
from spean.node.views.searching import Found
from spean.store.rows import SearchBucket

LIST = {"title": "Wallets of a network", "source": "Desk of KR", "data": "wallet"}
MARKS = {"purpose": "warn", "data": "wallet", "subject": "none"}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Image:
    world = World(("KH", "KR"), tmp_path_factory.mktemp("begun"))
    world.agreement(("KH", "KR"))
    return world.image()


@pytest.fixture
def world(begun: Image, tmp_path: Path) -> Iterator[World]:
    made = World(("KH", "KR"), tmp_path, seed=3, image=begun)
    yield made
    for node in made.nodes.values():
        node.close()


def entry(note: str, value: str = "T1") -> dict[str, str]:
    return {"kind": "wallet", "value": value, "chain": "tron", "note": note}


def listed(world: World, *notes: str) -> tuple[str, list[str]]:
    """A list of KR with one entry for each note."""
    record = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS).record
    return record, [world.act("KR", "entry", entry(note), record=record).fact for note in notes]


def search(world: World, words: str, node: str = "KR", **more: Any) -> Found:
    return world.nodes[node].reading_desk.search(world.officers[node], words=words, reason="a case in hand", **more)


def facts(found: Found) -> list[str]:
    return [hit.fact.row.id for hit in found]


def fill(world: World, node: str = "KR") -> None:
    while world.nodes[node].indexing.step():
        pass


@pytest.mark.parametrize("filled", [False, True], ids=["not indexed yet", "indexed"])
def test_words_are_found_in_every_script_at_both_ends(world: World, filled: bool) -> None:
    notes = ("Nguyễn in 北京市", "서울한국은행", "លោក សុខ សុភា", "call +855 12 345 678", "Nguyen again")
    _, names = listed(world, *notes)
    world.settle()
    if filled:
        fill(world)
        fill(world, "KH")
    else:
        for node in world.nodes.values():
            node.indexing._drop(_buckets(node))
    expected = {
        "nguyen": (4, 0), "北京": (0,), "한국": (1,), "សុភា": (2,), "85512345678": (3,), "+855-12-345-678": (3,), "nguyen again": (4,),
        "北市": (), '"nguyen 北京"': (), "nobody": (),
    }  # fmt: skip
    for node in ("KR", "KH"):
        for words, places in expected.items():
            assert facts(search(world, words, node)) == [names[place] for place in places], (node, words)
        indexed = world.nodes[node].indexing.behind() < 20
        assert indexed == filled, "only the notes of these searches are not indexed"


def _buckets(node: Any) -> list[SearchBucket]:
    with node.reading() as tx:
        found: list[SearchBucket] = tx.search.buckets()
    return found


def test_a_hit_says_where_the_words_stand(world: World) -> None:
    listed(world, "Sok paid; sok was paid")
    (hit,) = search(world, "SOK T1")
    assert {mark.path: [mark.text[a:b] for a, b in mark.at] for mark in hit.marks} == {
        "value": ["T1"],
        "note": ["Sok", "sok"],
    }
    assert hit.fact.form is not None
    assert all(hit.fact.form[mark.path] == mark.text for mark in hit.marks)


def test_pages_are_newest_first_and_end(world: World) -> None:
    _, names = listed(world, *(f"network {number}" for number in range(7)))
    fill(world)
    shown: list[str] = []
    before = None
    for _ in range(9):
        page = search(world, "network tron", limit=3, before=before)
        shown += facts(page)
        before = page.before
        if before is None:
            break
        assert not page.cut
    assert shown == names[::-1]
    assert before is None
    assert page.facets["procedure"].keys() <= {"circular"}


def test_a_search_is_narrowed(world: World) -> None:
    record, names = listed(world, "network one")
    world.settle()
    assert facts(search(world, "network", narrow={"kind": "entry"})) == names
    assert [hit.fact.row.record for hit in search(world, "network", narrow={"kind": "open"})] == [record]
    assert len(search(world, "network", "KH", narrow={"origin": "KR", "purpose": "warn", "track": "shared"})) == 2
    assert len(search(world, "network", "KH", narrow={"origin": "KH"})) == 0
    with pytest.raises(InvalidInput, match="status"):
        search(world, "network", narrow={"status": "effective"})


def test_what_the_index_cannot_narrow_ends_with_how_far_it_got(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_OPENED", 4)
    _, names = listed(world, "red then blue", *("blue then red" for _ in range(10)))
    fill(world)
    first = search(world, '"red then"', limit=2)
    assert (len(first), first.cut) == (0, True)
    found, before = [], first.before
    while before is not None:
        page = search(world, '"red then"', limit=2, before=before)
        found += facts(page)
        before = page.before
    assert found == names[:1]


@pytest.mark.parametrize("words", ["", " ", "!?", " ".join(f"w{n}" for n in range(17))])
def test_a_question_without_a_word_or_with_too_many_is_refused(world: World, words: str) -> None:
    with pytest.raises(InvalidInput, match="words"):
        search(world, words)


def test_a_search_needs_a_reason_and_its_words_are_not_found_themselves(world: World) -> None:
    with pytest.raises(InvalidInput, match="R38"):
        world.nodes["KR"].reading_desk.search(world.officers["KR"], words="Quetzal", reason="")
    for _ in range(2):
        assert len(search(world, "Quetzal")) == 0
        fill(world)
    with world.nodes["KR"].reading() as tx:
        assert len(tx.facts.recent(kind="search")) == 2


def test_withdrawn_and_corrected_facts_are_found_with_their_status(world: World) -> None:
    _, (first, second) = listed(world, "Quetzal one", "Quetzal two")
    kr, officer = world.nodes["KR"], world.officers["KR"]
    kr.recalling.withdraw(officer, first, "it was wrong")
    corrected = kr.recalling.correct(officer, second, entry("Quetzal three"), "a typing error").correction
    fill(world)
    assert {hit.fact.row.id: hit.fact.row.status for hit in search(world, "Quetzal")} == {
        first: "withdrawn", second: "corrected", corrected: "effective",
    }  # fmt: skip


def test_an_erased_fact_takes_its_bucket_along_and_the_rest_is_indexed_anew(world: World) -> None:
    _, (first, second) = listed(world, "Quetzal one", "Quetzal two")
    kr = world.nodes["KR"]
    fill(world)
    (was,) = _buckets(kr)
    key = kr.content_keys.get([was.key])[was.key]
    kr.recalling.erase(world.person("KR", "Lawyer", "legal"), first, "a court ordered it")
    assert kr.content_keys.get([was.key]) == {}
    fill(world)
    (now,) = _buckets(kr)
    assert now.key not in ("", was.key)
    with kr.reading() as tx:
        assert tx.search.look_up([now.bucket], [hasher(key)("quetzal")]) == {}
    assert facts(search(world, "Quetzal")) == [second]


def test_what_is_erased_while_it_is_being_indexed_is_not_indexed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world)
    _, (first, _) = listed(world, "Quetzal one", "Quetzal two")
    kr = world.nodes["KR"]
    words = kr.indexing._words

    def meanwhile(sources: Any) -> Any:
        found = words(sources)
        monkeypatch.undo()
        with kr.writing() as work:
            work.tx.facts.erase([first], work.now)
        return found

    monkeypatch.setattr(kr.indexing, "_words", meanwhile)
    fill(world)
    (bucket,) = _buckets(kr)
    hashed = hasher(kr.indexing.keys([bucket.key])[bucket.key])
    with kr.reading() as tx:
        assert tx.search.look_up([bucket.bucket], [hashed("one")]) == {}
        assert tx.search.look_up([bucket.bucket], [hashed("two")]) != {}


def test_a_lost_key_or_an_interrupted_fill_only_costs_time(world: World) -> None:
    _, names = listed(world, *(f"Quetzal {number}" for number in range(5)))
    kr = world.nodes["KR"]
    for _ in range(3):
        kr.indexing.step(2)
    assert facts(search(world, "Quetzal")) == names[::-1], "whatever is not indexed yet is looked through"
    fill(world)
    (bucket,) = _buckets(kr)
    kr.content_keys.destroy([bucket.key], 1, "lost")
    world.boot("KR")
    assert facts(search(world, "Quetzal")) == names[::-1]
    fill(world)
    assert _buckets(world.nodes["KR"])[0].key not in ("", bucket.key)
    assert facts(search(world, "Quetzal")) == names[::-1]


def test_the_index_is_built_anew_on_demand(world: World) -> None:
    _, names = listed(world, "Quetzal")
    fill(world)
    kr = world.nodes["KR"]
    (was,) = _buckets(kr)
    told: list[tuple[int, int]] = []
    assert kr.indexing.rebuild(lambda done, left: told.append((done, left))) >= 1
    assert told[-1][1] == 0
    assert kr.content_keys.get([was.key]) == {}
    assert facts(search(world, "Quetzal")) == names


def test_the_clockwork_fills_it_and_intake_goes_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    listed(world, *("Quetzal" for _ in range(12)))
    kr = world.nodes["KR"]
    monkeypatch.setattr(indexing, "HURRIED", 3)
    kr.indexing._drop(_buckets(kr))
    left = kr.indexing.behind()
    kr.clockwork.tick()
    assert kr.indexing.behind() == left - 3, "many came since the last tick"
    kr.clockwork.tick()
    assert kr.indexing.behind() == 0


def test_unfinished_buckets_come_newest_first() -> None:
    size = first_of(1)
    full = SearchBucket(bucket=1, key="aa", upto=2 * size - 1)
    assert list(unfinished([], 0)) == []
    assert [each.bucket for each in unfinished([full], 2 * size + 5)] == [2, 0]
    assert indexing.behind([full], 2 * size + 5) == 6 + (size - 1)


def test_acts_are_refused_where_the_purpose_is_for_others(world: World) -> None:
    """A batch, and passing on: the routes whose acts the matrix of the API does not repeat (O1)."""
    record, (fact,) = listed(world, "Quetzal")
    world.settle()
    forensic = world.person("KR", "Forensic", "forensic-examiner")
    with pytest.raises(Refusal, match="purpose warn"):
        world.nodes["KR"].acting.act_batch(forensic, record, "entry", [entry("x")])
    consul = world.person("KH", "Consul", "consul", "duty-officer")
    assert consul.purposes is None, "a second role opens more"
    for roles in (("forensic-examiner",), ("consul",)):
        blind = world.person("KH", f"Of {roles[0]}", *roles)
        with pytest.raises(Refusal, match="O1"):
            world.nodes["KH"].onward.pass_on(blind, fact, "TH", "they asked for it")
        with pytest.raises(Refusal, match="purpose warn"):
            world.nodes["KH"].recalling.holding(fact, blind)
        assert len(world.nodes["KH"].reading_desk.search(blind, words="Quetzal", reason="to see")) == 0
    assert facts(search(world, "Quetzal", "KH")) == [fact]
