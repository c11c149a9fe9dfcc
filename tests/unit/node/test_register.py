"""The register for people: state, signatures, texts, quotas, effects of a text, the way that a suspension leaves (A1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.simulation import NAMES, beginning
from federation.world import World, agreement_text
from spean.core.errors import InvalidInput, NotFound
from spean.node.views.register import ENDED, NOW, Way


@pytest.fixture
def three(tmp_path: Path) -> World:
    """KH, KR and INT with an agreement in force, under which INT may mediate."""
    image, treaty = beginning(3)
    world = World(NAMES[:3], tmp_path, image=image)
    world.treaty = treaty
    return world


def suspend(world: World) -> None:
    world.act("KH", "suspend-pair", {"other": "KR", "reason": "talks are on"}, record=world.treaty)
    world.settle()


def test_the_list_shows_what_is_in_force_and_is_narrowed_by_partner_and_state(three: World) -> None:
    register = three.nodes["KR"].register
    assert {line.instrument.id for line in register.lines()} == {"peering", three.treaty}
    assert {line.state for line in register.lines()} == {"in-force"}
    assert register.lines(partner="VN") == []
    assert register.lines(state="draft") == []
    assert [line.instrument.id for line in register.lines(partner="INT", state="in-force")] == [
        line.instrument.id for line in register.lines()
    ]


def test_an_amendment_waits_for_signatures_and_shows_both_texts(three: World) -> None:
    register = three.nodes["KR"].register
    old = register.detail(three.treaty)
    text = {
        **agreement_text(("KH", "KR", "INT"), mediators=["INT"]),
        "data": ["wallet", "account", "phone", "indicator", "identity", "place"],
    }
    done = three.act("KH", "amend", {"text": text, "reason": "places of compounds are needed"}, record=three.treaty)
    three.settle()
    detail = register.detail(three.treaty)
    assert (detail.line.state, detail.line.unsigned) == ("amending", ("INT", "KH", "KR"))
    assert [each.binds for each in detail.texts] == [True, False]
    assert detail.texts[1].fact == done.fact
    assert detail.names[done.fact] == "Officer KH"
    assert detail.history[-1].kind == "amend"
    assert "kind of data: adds place" in register.differences(three.treaty, old.texts[0].fact, done.fact)
    begin, cease = (register.effects(three.treaty, one, other) for one, other in ((NOW, done.fact), (done.fact, NOW)))
    assert [(line.permits, line.data) for line in begin] == [(True, ("place",))]
    assert [(line.permits, line.data, line.partners) for line in cease] == [(False, ("place",), begin[0].partners)]
    assert {line.permits for line in register.effects(three.treaty, NOW, ENDED)} == {False}
    three.act("KR", "sign", {"capacity": "Director", "authority": "Statute"}, record=three.treaty, targets=(done.fact,))
    assert register.detail(three.treaty).line.unsigned == ("INT", "KH")
    with pytest.raises(NotFound):
        register.effects(three.treaty, NOW, "ab" * 32)


def test_a_suspension_names_who_when_why_and_the_way_that_is_left(three: World) -> None:
    suspend(three)
    (rests,) = three.nodes["KR"].register.detail(three.treaty).resting
    assert (rests.partner, rests.suspension.by, rests.suspension.reason) == ("KH", "KH", "talks are on")
    (way,) = rests.ways
    assert way == Way("INT", three.treaty, way.title, way.of, way.of)
    (seen,) = three.nodes["INT"].register.detail(three.treaty).resting
    assert (seen.partner, seen.ways) == ("", ())


def test_asking_says_for_each_partner_yes_or_no_and_why(three: World) -> None:
    register = three.nodes["KR"].register
    marks = {"purpose": "stop-fraud", "subject": "suspect", "tlp": "GREEN", "handling": "H0"}
    assert {line.node: line.allowed for line in register.ask(data="wallet", **marks)} == {"INT": True, "KH": True}
    for line in register.ask(data="health", **marks):
        assert (line.allowed, line.instrument) == (False, three.treaty)
        assert [clause.name for clause in line.clauses if not clause.holds] == ["data"]
    suspend(three)
    answers = {line.node: line for line in register.ask(data="wallet", **marks)}
    assert answers["INT"].allowed
    assert not answers["KH"].allowed
    assert "through INT" in answers["KH"].remedy
    with pytest.raises(InvalidInput):
        register.ask(data="gossip", **marks)


def test_quotas_show_what_is_used_this_month(three: World) -> None:
    treaty = three.agreement(("KR", "KH"), proposer="KR", quotas={"investigate-fraud": 5}, title="A quota of five")
    three.ask("KR", "KH", instrument=treaty)
    (used,) = three.nodes["KR"].register.detail(treaty).quotas
    assert (used.purpose, used.partner, used.used, used.most) == ("investigate-fraud", "KH", 1, 5)


def test_peering_is_shown_and_what_is_not_here_is_said(three: World) -> None:
    register = three.nodes["KR"].register
    detail = register.detail("peering")
    assert (detail.line.instrument.title, detail.texts, detail.history) == ("Peering", (), ())
    with pytest.raises(NotFound):
        register.detail("KR:agreement:01JNF000000000000000000000")
