"""The chart around an entity: links both ways, judgements, shared values; nothing that the asker may not read."""

from __future__ import annotations

import pytest

from federation.entities import back, judge, opened, said
from federation.world import World
from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.node.same import charting
from spean.node.same.charting import Chart


def link(world: World, one: str, other: str, how: str = "associated-with") -> str:
    form = {"link": how, "other": other, "source": "B", "grade": 2, "nature": "fact"}
    return world.act("KR", "link", form, record=one).fact


def seen(world: World, start: str, hops: int = 2) -> Chart:
    return world.nodes["KR"].same.charting.chart(world.officers["KR"], start, hops=hops, reason="case 7")


def named(world: World, name: str, *more: dict[str, object]) -> str:
    return opened(world, said("name", name), *more).record


def test_links_are_followed_out_and_in(world: World) -> None:
    one, two, three, far = (named(world, each) for each in ("Han Byeol", "Sok Dara", "Lim Mei", "Vann Rith"))
    link(world, one, two)
    link(world, three, two, "family")
    link(world, far, three)
    near = seen(world, one, 1)
    assert {each.label for each in near.things.values()} == {"Han Byeol", "Sok Dara"}
    wide = seen(world, one, 2)
    assert {each.label: each.hops for each in wide.things.values()} == {"Han Byeol": 0, "Sok Dara": 1, "Lim Mei": 2}
    assert {(each.kind, each.source, each.target) for each in wide.lines.values()} == {
        ("associated-with", one, two), ("family", three, two),
    }  # fmt: skip
    assert len(seen(world, one, 3).things) == 4


def test_a_withdrawn_link_is_no_line(world: World) -> None:
    one, two = named(world, "Han Byeol"), named(world, "Sok Dara")
    fact = link(world, one, two)
    world.act("KR", "withdraw-statement", {"statement": f"{fact}:0", "reason": "another person"}, record=one)
    assert set(seen(world, one).things) == {one}
    assert set(seen(world, two).things) == {two}


def test_who_shares_a_number_stands_beside_it(world: World) -> None:
    one = named(world, "Han Byeol", said("phone", "+82 10 5550 0142"))
    two = named(world, "Sok Dara", said("phone", "+821055500142"))
    named(world, "Lim Mei", said("phone", "+82 10 5550 0199"))
    chart = seen(world, one, 1)
    assert {each.label for each in chart.things.values()} == {"Han Byeol", "Sok Dara", "+821055500142"}
    ends = {(each.source, each.kind) for each in chart.lines.values()}
    assert ends == {(one, "says"), (two, "says")}


def test_a_judgement_joins_until_it_is_taken_back(world: World) -> None:
    one, two = named(world, "Han Byeol"), named(world, "Han Byul")
    judged = judge(world, one, two).fact
    assert [each.kind for each in seen(world, two, 1).lines.values()] == ["same-as"]
    back(world, one, judged)
    assert not seen(world, two, 1).lines


def test_what_the_asker_may_not_read_is_not_there(world: World) -> None:
    one = named(world, "Han Byeol", said("phone", "+82 10 5550 0142"))
    hidden = opened(
        world, said("name", "Sok Dara"), said("phone", "+82 10 5550 0142"), purpose="protect-person", category="presumed-victim"
    ).record  # fmt: skip
    link(world, one, hidden)
    node = world.nodes["KR"]
    analyst = world.person("KR", "Money analyst", "financial-analyst")
    if analyst.may_purpose("protect-person"):
        pytest.fail("this test needs a role that does not read of victims")
    chart = node.same.charting.chart(analyst, one, hops=2, reason="case 7")
    assert set(chart.things) == {one}
    assert not chart.lines
    with pytest.raises((NotFound, Refusal)):
        node.same.charting.chart(analyst, hidden, hops=1, reason="case 7")


def test_it_is_written_down_and_needs_a_reason(world: World) -> None:
    one = named(world, "Han Byeol")
    seen(world, one, 1)
    assert [each.subject for each in world.nodes["KR"].reading_desk.readers(world.officers["KR"], one)] == [one]
    with pytest.raises(InvalidInput):
        world.nodes["KR"].same.charting.chart(world.officers["KR"], one, hops=1, reason="")


def test_a_chart_has_an_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = named(world, "Han Byeol")
    for each in range(5):
        link(world, one, named(world, f"Person {each}"))
    monkeypatch.setattr(charting, "MOST_THINGS", 3)
    chart = seen(world, one, 1)
    assert len(chart.things) == 3
    assert chart.cut
    assert all(each.source in chart.things and each.target in chart.things for each in chart.lines.values())


@pytest.mark.parametrize("hops", [0, 5, -1])
def test_hops_are_few(world: World, hops: int) -> None:
    with pytest.raises(InvalidInput, match="hops"):
        seen(world, named(world, "Han Byeol"), hops)


def test_what_is_no_entity_has_no_chart(world: World) -> None:
    with pytest.raises(NotFound):
        seen(world, "KR:entity:01j00000000000000000000000")


def test_the_picture_follows_its_page_and_nothing_older(world: World) -> None:
    """What was read a moment ago is drawn; a change, another reader or ten seconds more, and it is read anew."""
    one, two = named(world, "Han Byeol"), named(world, "Sok Dara")
    first = seen(world, one)
    assert seen(world, one) is first
    assert seen(world, one, 1) is not first
    link(world, one, two)
    wide = seen(world, one)
    assert len(wide.things) == 2
    world.clock.advance(charting.FRESH - 1)
    assert seen(world, one) is wide
    world.clock.advance(1)
    assert seen(world, one) is not wide
    with pytest.raises(Refusal):
        world.nodes["KR"].same.charting.chart(world.person("KR", "Bank", "bank-desk"), one, hops=2, reason="case 7")
