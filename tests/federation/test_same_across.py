"""Do we know this one? Across borders and without showing whom: candidates, watches, three spellings of one person (B1, B6, A7, R22)."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from federation.entities import opened, said
from federation.privateworld import offer, settle
from federation.simulation import NAMES, beginning
from federation.world import REAL, Image, World
from spean.core.errors import Refusal
from spean.core.world import DAY, MINUTE
from spean.exchange.codec import decode_header
from spean.node.acts.acting import Marks
from spean.node.entry.people import Who

FRAUD = Marks(purpose="investigate-fraud", data="identity", subject="victim")
WHY = "she answered a job offer and is missing since"
SPELLINGS = {"KH": "សុខ ដារ៉ា", "INT": "สุข ดารา", "KR": "속 다라"}
"""One invented person, as three nodes have written the name down."""


@cache
def furnished() -> tuple[Image, str]:
    """Each of three nodes knows her under its own spelling and answers private questions about people and telephones."""
    image, treaty = beginning(3)
    with tempfile.TemporaryDirectory() as folder:
        made = World(NAMES[:3], Path(folder), image=image, engine=REAL)
        made.treaty = treaty
        for node, name in SPELLINGS.items():
            more = [said("phone", "+85512345678")] if node == "KH" else []
            opened(made, said("name", name), said("birth-date", "1990-05-17"), *more, node=node, category="victim")
        settle(made)
        for node in SPELLINGS:
            offer(made, node, "person", subjects=("victim", "other"))
        offer(made, "KH", "phone", subjects=("victim", "other"))
        return made.image(), treaty


@pytest.fixture
def world(tmp_path: Path) -> World:
    image, treaty = furnished()
    made = World(NAMES[:3], tmp_path, image=image, engine=REAL)
    made.treaty = treaty
    return made


def ask(world: World, node: str, to: list[str], **form: Any) -> str:
    given = {"names": [], "selectors": [], "nodes": to, "birth": "", "why": WHY, **form}
    return world.nodes[node].matching.asking.ask(world.officers[node], given, FRAUD)


def look(world: World, node: str, record: str) -> Any:
    return world.nodes[node].matching.asking.view(world.officers[node], record, reason=WHY)


def facts(world: World, node: str, record: str) -> list[Any]:
    with world.nodes[node].reading() as tx:
        return [decode_header(row.payload) for row in tx.facts.of_record(record)]


@pytest.mark.parametrize("node", list(SPELLINGS))
def test_three_spellings_of_one_person_are_found_from_each_node_within_a_minute_without_content(
    world: World, node: str
) -> None:
    others = [name for name in SPELLINGS if name != node]
    begun = world.clock.now()
    record = ask(world, node, others, names=[SPELLINGS[node]], birth="1990-05-17")
    world.settle()
    view = look(world, node, record)
    world.settle()
    assert world.clock.now() - begun <= MINUTE
    found = {hit.hit.node: hit for hit in view.hits}
    assert set(found) == {"", *others}
    assert view.asked == tuple(sorted(others))
    for name in others:
        hit = found[name]
        assert (hit.names, hit.values, hit.why) == ((), (), ())
        assert hit.hit.desk.startswith(f"cyber desk of {name}")
        candidate = look(world, node, record).hits[list(found).index(name)].candidate or hit.candidate
        assert world.state(name, candidate) == "raised"
        for at in (node, name):
            with world.nodes[at].reading() as tx:
                rows = tx.facts.of_record(candidate)
                (raised,) = [row for row in rows if row.kind == "raise"]
                key = world.nodes[at].content_keys.get([raised.id])[raised.id]
            form = str(world.nodes[at].projector.form(raised, key))
            for words in (*SPELLINGS.values(), "1990", "Dara"):
                assert words not in form


def test_a_hit_becomes_a_candidate_a_release_and_a_request(world: World) -> None:
    record = ask(world, "KR", ["KH"], selectors=[{"type": "phone", "value": "+855 12 345 678"}])
    world.settle()
    (hit,) = look(world, "KR", record).hits
    world.settle()
    (hit,) = look(world, "KR", record).hits
    assert (hit.hit.category, hit.hit.band, hit.hit.how) == ("phone", "same-value", "private-comparison")
    desk = world.nodes["KR"].matching
    colleague = world.person("KR", "A colleague", "investigator")
    desk.candidates.verify(
        colleague, hit.candidate, "confirm", ("same-number-or-address",), "the number is in her own report"
    )
    world.settle()
    owners = world.nodes["KH"].matching.review(world.officers["KH"], hit.candidate, reason=WHY)
    assert [side.names for side in owners.left] == [(SPELLINGS["KH"],)]
    core = {
        "contact_name": "Officer Dara",
        "contact_phone": "+855 23 726 158",
        "values": ["+85512345678"],
        "subject": "victim",
    }
    world.act("KH", "release", core, record=hit.candidate)
    world.settle()
    told = desk.review(world.officers["KR"], hit.candidate, reason=WHY).core
    assert told is not None
    assert told.contact_phone == "+855 23 726 158"
    to, form = desk.candidates.request_form(world.officers["KR"], hit.candidate, reason=WHY, asking=desk.asking)
    done = desk.candidates.request(world.officers["KR"], hit.candidate, form)
    world.settle()
    assert (to, world.state("KH", done.record)) == ("KH", "sent")
    assert form["items"][0]["value"] == "+85512345678"


def test_r42_no_hit_leaves_nothing_but_that_it_was_asked(world: World) -> None:
    record = ask(world, "KR", ["KH"], selectors=[{"type": "phone", "value": "+85598000000"}])
    world.settle()
    view = look(world, "KR", record)
    assert (view.hits, view.asked, view.open) == ((), ("KH",), False)
    with world.nodes["KH"].reading() as tx:
        assert tx.records.list(procedure="candidate") == []


def test_r22_the_feared_state_finds_nothing_and_learns_nothing_of_it(world: World) -> None:
    kh = world.nodes["KH"]
    with kh.reading() as tx:
        (entity,) = [row.id for row in tx.records.list(procedure="entity")]
    form = {
        "entity": entity,
        "feared": ["KR"],
        "until": world.clock.now() + 300 * DAY,
        "reason": "recognised as a refugee",
    }
    done = world.act(
        "KH", "set", form, procedure="safeguard", purpose="protect-person", data="identity", subject="other"
    )
    settle(world)
    record = ask(
        world,
        "KR",
        ["KH"],
        names=[SPELLINGS["KR"]],
        birth="1990-05-17",
        selectors=[{"type": "phone", "value": "+85512345678"}],
    )
    world.settle()
    view = look(world, "KR", record)
    assert [hit.hit.node for hit in view.hits] == [""]
    assert view.asked == ("KH",)
    world.act("KH", "lift", {"reason": "she has returned of her own will"}, record=done.record)
    settle(world)
    again = ask(world, "KR", ["KH"], selectors=[{"type": "phone", "value": "+85512345678"}])
    world.settle()
    assert [hit.hit.node for hit in look(world, "KR", again).hits if hit.hit.node] == ["KH"]


def watch(world: World, node: str, **form: Any) -> str:
    given = {
        "type": "phone",
        "value": "+855 98 111 222",
        "nodes": ["KH"],
        "until": world.clock.now() + 20 * DAY,
        "reason": WHY,
        "birth": "",
        **form,
    }
    return world.nodes[node].matching.watching.watch(world.officers[node], given, FRAUD)


def test_b6_a_watch_rings_within_a_minute_when_another_node_enters_the_key_and_the_owner_is_told(world: World) -> None:
    record = watch(world, "KR")
    world.settle()
    begun = world.clock.now()
    entered = opened(world, said("name", "Somebody New"), said("phone", "+85598111222"), node="KH", category="victim")
    settle(world, 8)
    settle(world, 2)
    assert world.clock.now() - begun <= MINUTE
    (shown,) = world.nodes["KR"].matching.watching.shown(world.officers["KR"], reason=WHY)
    ((node, candidate, _),) = shown.rang
    assert (node, world.state("KH", candidate)) == ("KH", "raised")
    assert any(record in text for text in world.alarms("KR", "watch-hit"))
    owner = world.nodes["KH"].matching.review(world.officers["KH"], candidate, reason=WHY)
    assert [side.record for side in owner.left] == [entered.record]


def test_b6_it_ends_at_its_end_also_for_partners(world: World) -> None:
    watch(world, "KR", until=world.clock.now() + DAY)
    world.settle()
    world.clock.advance(DAY)
    world.settle()
    opened(world, said("name", "Somebody New"), said("phone", "+85598111222"), node="KH", category="victim")
    settle(world)
    settle(world)
    assert world.alarms("KR", "watch-hit") == []


def test_r26_a_purpose_that_no_agreement_admits_asks_nobody(world: World) -> None:
    given = {"names": ["Sok Dara"], "selectors": [], "nodes": ["KH"], "birth": "1990", "why": WHY}
    marks = Marks(purpose="locate-missing", data="identity", subject="missing")
    desk = world.nodes["KR"].matching.asking
    record = desk.ask(world.officers["KR"], given, marks)
    world.settle()
    view = look(world, "KR", record)
    assert (view.asked, view.silent) == ((), ("KH",))


def test_who_may_not_read_the_purpose_sees_neither_look_up_nor_candidate(world: World) -> None:
    record = ask(world, "KR", ["KH"], selectors=[{"type": "phone", "value": "+85512345678"}])
    world.settle()
    (hit,) = look(world, "KR", record).hits
    consul: Who = world.person("KR", "Consul", "consul")
    desk = world.nodes["KR"].matching
    for attempt in (
        lambda: desk.asking.view(consul, record, reason=WHY),
        lambda: desk.review(consul, hit.candidate, reason=WHY),
    ):
        with pytest.raises(Refusal, match="O1"):
            attempt()
