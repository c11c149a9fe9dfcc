"""Tables of tags between nodes: watches, changes, months, resume, overlaps, persons across scripts (A7, B1, B6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from federation.privateworld import KNOWN, OTHER, answering, ask, begin, entity, listed, offer, phone, settle
from federation.world import World
from spean.core.errors import Unavailable
from spean.core.world import DAY, SECOND
from spean.node.private import parcels
from spean.node.private.model import Person, Watched
from spean.node.same.model import Selector

NEW = "+85510101010"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return answering(tmp_path)


def watching(world: World, number: str, days: int = 20) -> list[Watched]:
    """KR watches for a number; what its hits are."""
    told: list[Watched] = []
    kr = world.nodes["KR"]
    kr.private.on_hit.append(lambda _, watched: told.append(watched))
    until = world.clock.now() + days * DAY
    asked = begin(world, "KR", phone(number), to=["KH"], watch="KR:watch:1", watch_until=until)
    world.settle()
    assert [each.state for each in kr.private.answers(asked.id).answers] == ["answered"]
    return told


def test_a_watch_hears_within_a_minute_what_another_node_enters(world: World) -> None:
    told = watching(world, NEW)
    entered = world.clock.now()
    listed(world, "KH", [NEW, "+85510101011"])
    while not told and world.clock.now() - entered < 60 * SECOND:
        world.settle(rounds=1)
    assert world.clock.now() - entered <= 20 * SECOND
    (watched,) = told
    assert (watched.watch, watched.hit.node, watched.hit.desk) == ("KR:watch:1", "KH", "cyber desk of KH")
    assert len(world.nodes["KH"].private.referred(world.officers["KH"], watched.hit.reference)) == 1
    assert len(world.alarms("KR", "watch-hit")) == 1


def test_a_watch_ends_and_is_forgotten(world: World) -> None:
    told = watching(world, NEW, days=1)
    world.clock.advance(2 * DAY)
    settle(world)
    listed(world, "KH", [NEW])
    settle(world)
    assert told == []
    with world.nodes["KR"].store.read() as tx:
        assert tx.private.watches() == []
    world.nodes["KR"].private.drop_watch("KR:watch:1")


def test_what_is_withdrawn_is_no_hit_any_more_and_comes_back_when_it_is_said_again(world: World) -> None:
    record = listed(world, "KH", [NEW])
    settle(world)
    assert len(ask(world, "KR", phone(NEW), to=["KH"]).answers[0].hits) == 1
    with world.nodes["KH"].store.read() as tx:
        entry = next(row.id for row in tx.facts.of_record(record, "shared") if row.kind == "entry")
    world.act("KH", "withdraw-entry", {"reason": "a mistake"}, record=record, targets=(entry,))
    settle(world)
    assert ask(world, "KR", phone(NEW), to=["KH"]).answers[0].hits == ()
    listed(world, "KH", [NEW])
    settle(world)
    assert len(ask(world, "KR", phone(NEW), to=["KH"]).answers[0].hits) == 1


def test_a_month_ends_with_its_key_and_watches_go_on(world: World) -> None:
    told = watching(world, NEW, days=60)
    kh = world.nodes["KH"]
    (before,) = [each for each in kh.private.holdings() if each.holder == "KH"]
    world.clock.advance(31 * DAY)
    settle(world)
    (after,) = [each for each in kh.private.holdings() if each.holder == "KH"]
    assert (before.month, after.month) == ("2026-03", "2026-04")
    with kh.store.read() as tx:
        (key,) = tx.private.own_keys()
    assert key.month == "2026-04"
    listed(world, "KH", [NEW])
    settle(world)
    assert [each.hit.month for each in told] == ["2026-04"]


def test_ending_an_offer_destroys_its_key(world: World) -> None:
    kh = world.nodes["KH"]
    (own,) = [each for each in kh.private.holdings() if each.holder == "KH"]
    destroyed = len(kh.content_keys.destroyed())
    world.act("KH", "end", {"reason": "over"}, record=own.record)
    settle(world)
    assert len(kh.content_keys.destroyed()) == destroyed + 1
    assert [each.holder for each in world.nodes["KR"].private.holdings()] == ["INT"]
    assert ask(world, "KR", phone(KNOWN), to=["KH"]).answers[0].state == "not-asked"


def test_a_table_is_fetched_in_ranges_with_resume(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels, "PART", 64)
    monkeypatch.setattr(parcels, "AT_ONCE", 3)
    kr, calls = world.nodes["KR"], []
    line = kr.pulling.line.parcel

    def stumbling(node: str, name: str, start: int) -> bytes:
        calls.append(start)
        if len(calls) % 4 == 0:
            raise Unavailable("the line is down")
        return line(node, name, start)

    monkeypatch.setattr(kr.pulling.line, "parcel", stumbling)
    second = world.agreement(["KR", "KH"], title="Second memorandum")
    world.treaty = second
    offer(world, "KH")
    for _ in range(40):
        world.settle(step_ms=5_000)
    (row,) = [each for each in kr.private.holdings() if each.instrument == second]
    assert (row.state, row.fetched) == ("ready", row.size)
    assert sorted(set(calls)) == sorted(range(0, row.size, 64))
    assert len(ask(world, "KR", phone(KNOWN), to=["KH"], instrument=second).answers[0].hits) == 1


def test_bytes_that_are_not_what_the_fact_names_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kr = world.nodes["KR"]
    line = kr.pulling.line.parcel
    monkeypatch.setattr(kr.pulling.line, "parcel", lambda *asked: bytes(len(line(*asked))))
    world.treaty = world.agreement(["KR", "KH"], title="Second memorandum")
    offer(world, "KH")
    assert "not what its fact names" in world.alarms("KR", "private-table")[0]


def test_nobody_fetches_what_no_fact_to_it_names(world: World) -> None:
    with world.nodes["KH"].store.read() as tx:
        (key,) = tx.private.own_keys()
    treaty = world.agreement(["KR", "KH"], title="Between two")
    world.treaty = treaty
    offer(world, "KH")
    with world.nodes["KH"].store.read() as tx:
        own = next(each for each in tx.private.own_keys() if each.instrument == treaty)
    assert world.nodes["KH"].private.parcels.serve("INT", key.parcel, 0)
    for peer, name, start in (("INT", own.parcel, 0), ("KR", "0" * 64, 0), ("KR", own.parcel, own.size)):
        with pytest.raises(Exception, match="No such parcel"):
            world.nodes["KH"].private.parcels.serve(peer, name, start)


def test_the_count_of_a_table_shows_steps_only(world: World) -> None:
    holding = next(each for each in world.nodes["KR"].private.holdings() if each.holder == "KH")
    assert holding.items == 64
    listed(world, "KH", [f"+8551020{n:04d}" for n in range(11)])
    settle(world)
    holding = next(each for each in world.nodes["KR"].private.holdings() if each.holder == "KH")
    assert holding.items == 64 + 16


def test_an_overlap_finds_what_both_hold_after_a_person_agreed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spean.node.private.overlapping.BATCH", 4)
    both = [f"+8551030{n:04d}" for n in range(6)]
    listed(world, "KH", both)
    ours = listed(world, "KR", [*both, *(f"+8551040{n:04d}" for n in range(5))])
    settle(world)
    kr, kh = world.nodes["KR"], world.nodes["KH"]
    holding = next(each for each in kr.private.holdings() if each.holder == "KH")
    done = kr.private.overlapping.propose(
        world.officers["KR"], holding.record, purpose="stop-fraud", subject="other", reason="a common case"
    )  # fmt: skip
    world.settle()
    world.act("KH", "accept", {"reason": "agreed"}, record=done.record)
    seen: set[int] = set()
    for _ in range(60):
        world.settle(rounds=1)
        before, seen = seen, seen | {kr.private.overlapping.overlaps(world.officers["KR"])[0].done}
        if seen != before == {0}:
            world.boot("KR")  # a process that ends loses the blinds of one batch, which is asked anew
            kr = world.nodes["KR"]
    (found,) = kr.private.overlapping.overlaps(world.officers["KR"])
    assert (found.state, found.count, found.batches, found.done) == ("compared", 11, 3, 3)
    assert seen >= {1, 2, 3}
    assert [(record, weight) for record, _, weight in found.hits] == [(ours, 100)] * 6
    assert {
        kh.private.referred(world.officers["KH"], reference)[0].split(":")[1] for _, reference, _ in found.hits
    } == {"circular"}
    assert 11 <= kh.private.spent(world.officers["KH"])[0].elements <= 15


def test_an_overlap_beyond_the_budget_is_not_accepted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spean.matching.private.budget.BUDGET", 3)
    listed(world, "KR", [f"+8551040{n:04d}" for n in range(5)])
    settle(world)
    kr = world.nodes["KR"]
    holding = next(each for each in kr.private.holdings() if each.holder == "KH")
    done = kr.private.overlapping.propose(
        world.officers["KR"], holding.record, purpose="stop-fraud", subject="other", reason="a common case"
    )  # fmt: skip
    world.settle()
    with pytest.raises(Exception, match="0 of 3"):
        world.act("KH", "accept", {"reason": "agreed"}, record=done.record)
    assert world.state("KH", done.record) == "proposed"


# persons ----------------------------------------------------------------------------------------------------------

SPELLINGS = {"KH": "សុខ ដារ៉ា", "INT": "สุข ดารา", "KR": "속 다라"}
"""One invented person, as three desks write the name: *Sok Dara*."""
BORN = "1988-04-02"
FINE: dict[str, Any] = {"subjects": ("missing", "other"), "purposes": ("locate-missing",)}


def missing(world: World) -> World:
    """With an agreement on missing persons in force among all."""
    world.treaty = world.agreement(
        tuple(world.nodes), title="Missing persons", purposes=["locate-missing"], subjects=["missing", "other", "none"]
    )  # fmt: skip
    return world


def test_three_spellings_of_one_person_are_found_from_each_node_without_content(make: Any) -> None:
    from federation.world import REAL

    world = missing(make(3, engine=REAL))
    for node, name in SPELLINGS.items():
        entity(world, node, "person", [("name", name), ("birth-date", BORN)])
        entity(world, node, "person", [("name", "Chan Vuthy"), ("birth-date", "1975-11-30")])
    settle(world)
    for node in SPELLINGS:
        offer(world, node, "person", **FINE)
    started = world.clock.now()
    for node, name in SPELLINGS.items():
        asked = ask(world, node, Person(name, BORN), purpose="locate-missing", subject="missing")
        hits = {each.node: each.hits for each in asked.answers}
        assert {other: len(found) for other, found in hits.items()} == dict.fromkeys(set(SPELLINGS) - {node}, 1)
        for other, (hit,) in hits.items():
            assert (hit.desk, hit.term) == (f"cyber desk of {other}", 0)
            (record,) = world.nodes[other].private.referred(world.officers[other], hit.reference)
            assert record.startswith(f"{other}:entity:")
    assert world.clock.now() - started <= 60 * SECOND
    elsewhere = ask(world, "KR", Person("속 다라", "1991-12-24"), purpose="locate-missing", subject="missing")
    assert [each.hits for each in elsewhere.answers] == [(), ()]


def test_a_question_about_a_person_has_always_as_many_elements(make: Any) -> None:
    from federation.world import REAL

    world = missing(make(2, engine=REAL))
    offer(world, "KH", "person", **FINE)
    for name, born in (
        ("Sok Dara", BORN),
        ("Li", ""),
        ("Christopher Vanderbilt", "1990"),
        (OTHER and "Dara", "1988-04"),
    ):
        ask(world, "KR", Person(name, born), purpose="locate-missing", subject="missing")
    with world.nodes["KR"].store.read() as tx:
        assert {row.elements for row in tx.private.asked_in("answered")} == {24}


def test_one_compound_is_found_though_two_desks_stood_at_different_gates(world: World) -> None:
    compound = entity(world, "KH", "site", [("name", "A compound"), ("point", "11.556400,104.928200")], category="none")
    settle(world)
    world.treaty = world.agreement(("KR", "KH"), title="Places", data=["place"])
    offer(world, "KH", "site", subjects=("none", "other"))
    (near,) = ask(world, "KR", Selector("point", "11.556900,104.927500"), to=["KH"]).answers
    (hit,) = near.hits
    assert world.nodes["KH"].private.referred(world.officers["KH"], hit.reference) == (compound,)
    (far,) = ask(world, "KR", Selector("point", "11.566900,104.927500"), to=["KH"]).answers
    assert (far.state, far.hits) == ("answered", ())


def test_when_everything_is_looked_at_anew_what_is_gone_goes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spean.node.private.offering.MANY", 0)
    record = listed(world, "KH", [NEW])
    settle(world)
    assert len(ask(world, "KR", phone(NEW), to=["KH"]).answers[0].hits) == 1
    with world.nodes["KH"].store.read() as tx:
        entry = next(row.id for row in tx.facts.of_record(record, "shared") if row.kind == "entry")
    world.act("KH", "withdraw-entry", {"reason": "a mistake"}, record=record, targets=(entry,))
    settle(world)
    assert ask(world, "KR", phone(NEW), to=["KH"]).answers[0].hits == ()


def test_missing_persons_of_two_nodes_are_assigned_one_to_one(make: Any) -> None:
    from federation.world import REAL

    world = missing(make(2, engine=REAL))
    ours = {
        entity(world, "KR", "person", [("name", name), ("birth-date", born)]): number
        for number, (name, born) in enumerate(
            (("속 다라", BORN), ("Chan Vuthy", "1975-11-30"), ("Kim Minsu", "1990-01-17"))
        )
    }
    theirs = [
        entity(world, "KH", "person", [("name", name), ("birth-date", born)])
        for name, born in (("សុខ ដារ៉ា", BORN), ("Vuthy CHAN", "1975-11-03"), ("Somchai Wong", "1969-06-02"))
    ]
    settle(world)
    offer(world, "KH", "person", **FINE)
    kr, kh = world.nodes["KR"], world.nodes["KH"]
    holding = next(each for each in kr.private.holdings() if each.holder == "KH")
    done = kr.private.overlapping.propose(
        world.officers["KR"], holding.record, purpose="locate-missing", subject="missing", reason="both look for people"
    )  # fmt: skip
    world.settle()
    world.act("KH", "accept", {"reason": "agreed"}, record=done.record)
    for _ in range(4):
        settle(world)
    (found,) = kr.private.overlapping.overlaps(world.officers["KR"])
    assert found.state == "compared"
    pairs = {ours[record]: kh.private.referred(world.officers["KH"], reference) for record, reference, _ in found.hits}
    assert pairs == {0: (theirs[0],), 1: (theirs[1],)}
