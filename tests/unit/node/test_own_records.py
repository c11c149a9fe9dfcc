"""Records of one party: nobody receives them, partners see no rhythm, and everything that reads a record reads them too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.simulation import NAMES, beginning
from federation.world import REAL, World
from spean.core.errors import InvalidInput, Refusal, SpeanError, StepFailed
from spean.exchange.codec import check_header, decode_header
from spean.exchange.page import Item
from spean.exchange.receive import step1_signature
from spean.node.acts.acting import Done, Intent, Marks

STORY = "a parcel of mangosteens was promised"


@pytest.fixture
def world(tmp_path: Path) -> World:
    image, treaty = beginning(2)
    world = World(NAMES[:2], tmp_path, image=image, engine=REAL)
    world.treaty = treaty
    return world


def reported(world: World, **marks: Any) -> Done:
    return world.act("KR", "report", {"victim": "V-KR-1", "reported_at": 1, "story": STORY}, procedure="fraud-report",
                     **{"purpose": "stop-fraud", "data": "payment", "subject": "victim", **marks})  # fmt: skip


def sizes(world: World, node: str) -> tuple[int, int]:
    with world.nodes[node].reading() as tx:
        return tx.log.head("exchange").size, tx.log.head("domestic").size


def test_it_stands_in_the_domestic_log_and_nowhere_else(world: World) -> None:
    before, there = sizes(world, "KR"), sizes(world, "KH")
    done = reported(world)
    world.act("KR", "complete", {"victim": "V-KR-1", "reported_at": 2}, record=done.record)
    world.settle()
    assert done.recipients == ()
    after = sizes(world, "KR")
    assert (after[0], after[1]) == (before[0], before[1] + 2)
    assert sizes(world, "KH") == there
    assert world.state("KH", done.record) == ""
    with world.nodes["KR"].reading() as tx:
        row = tx.facts.get(done.fact)
        header = decode_header(row.payload)
        assert (row.log, row.track) == ("domestic", "shared")
        assert header.envelope is not None
        assert (header.envelope.recipients, header.envelope.purpose) == ((), "stop-fraud")
        assert tx.outbox.holders(done.fact) == []
        assert tx.records.get(done.record).purpose == "stop-fraud"


def test_it_needs_no_agreement_and_takes_no_recipient(world: World) -> None:
    with pytest.raises(InvalidInput, match="stays at its own node"):
        world.act(
            "KR",
            "report",
            {"victim": "V", "reported_at": 1},
            procedure="fraud-report",
            to=("KH",),
            purpose="stop-fraud",
        )
    done = reported(world, instrument=world.treaty, via="KH")
    with world.nodes["KR"].reading() as tx:
        envelope = decode_header(tx.facts.get(done.fact).payload).envelope
    assert envelope is not None
    assert (envelope.instrument, envelope.via) == ("own", "")
    assert world.nodes["KR"].previewing.lines(Intent(kind="report", form={}, procedure="fraud-report")) == []
    assert world.nodes["KR"].previewing.lines(Intent(kind="close", form={}, record=done.record)) == []


def test_it_is_read_by_purpose_only(world: World) -> None:
    done, node = reported(world), world.nodes["KR"]
    consul = world.person("KR", "Consul", "consul")
    with pytest.raises(Refusal, match="O1"):
        node.reading_desk.record(consul, done.record, reason="a look")
    with pytest.raises(Refusal, match="O1"):
        node.acting.act(consul, Intent(kind="close", form={"reason": "not mine"}, record=done.record))
    assert done.record not in [row.id for row in node.reading_desk.records(consul)]
    mine = world.officers["KR"]
    assert done.record in [row.id for row in node.reading_desk.records(mine)]
    detail = node.reading_desk.record(mine, done.record, reason="my case")
    assert detail.facts[0].form["story"] == STORY
    assert detail.held_by == []
    assert {offer.kind for offer in detail.offers} >= {"complete", "validate", "close"}


def test_it_is_found_corrected_and_erased(world: World) -> None:
    done, node, me = reported(world), world.nodes["KR"], world.officers["KR"]
    node.clockwork.tick()
    found = node.searching.search(me, words="mangosteens", reason="my case")
    assert [hit.fact.row.id for hit in found.hits] == [done.fact]
    corrected = node.recalling.correct(me, done.fact, {"victim": "V-KR-2", "reported_at": 1}, "another alias")
    assert corrected.records == {}
    node.recalling.erase(me, corrected.correction, "the victim asked for it")
    node.recalling.erase(me, done.fact, "the victim asked for it")
    detail = node.reading_desk.record(me, done.record, reason="my case")
    assert [each.form for each in detail.facts if each.row.id in (done.fact, corrected.correction)] == [None, None]
    assert node.searching.search(me, words="mangosteens", reason="my case").hits == ()


def test_it_is_proved_in_its_log_and_survives_a_rebuild(world: World) -> None:
    done, node, me = reported(world), world.nodes["KR"], world.officers["KR"]
    assert node.logs.verify("domestic").size == sizes(world, "KR")[1]
    assert node.logs.evidence(me, done.fact, reason="for the prosecutor")
    before = world.state("KR", done.record)
    with node.writing() as work:
        node.projector.rebuild(work, done.record)
    assert world.state("KR", done.record) == before == "reported"


def test_a_partner_cannot_give_us_one(world: World) -> None:
    """A fact without recipients is addressed to nobody, whoever is named as its mediator."""
    done, node = reported(world), world.nodes["KR"]
    with node.reading() as tx:
        row = tx.facts.get(done.fact)
    item = Item(seq=1, index=0, payload=row.payload, key_id=row.key_id, signature=row.signature, content=None)
    for me in ("KH", "KR"):
        with pytest.raises(StepFailed, match="not addressed to"):
            step1_signature(item, me=me, sender="KR", keys_of=node.sign_keys, now=node.clock.now())
    header = decode_header(row.payload)
    assert header.envelope is not None
    for wrong in (replace(header.envelope, via="KH"), replace(header.envelope, instrument=world.treaty)):
        with pytest.raises(InvalidInput, match="recipients"):
            check_header(replace(header, envelope=wrong))


def test_it_is_not_passed_on(world: World) -> None:
    done, node = reported(world), world.nodes["KR"]
    marks = Marks(instrument=world.treaty, purpose="stop-fraud", data="payment", subject="victim")
    with pytest.raises(SpeanError):
        node.onward.pass_on(world.officers["KR"], done.fact, "KH", "they would like it", marks)
    world.settle()
    with node.reading() as tx:
        assert tx.outbox.holders(done.fact) == []
