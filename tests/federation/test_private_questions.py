"""Private questions on running nodes: hit and miss, what each side learns, budgets, refusals, crashes (B1, B2, R24, R26, R42)."""

from __future__ import annotations

import json

import pytest

from federation.privateworld import KNOWN, OTHER, ask, begin, listed, offer, phone, settle
from federation.world import World


@pytest.fixture
def world(money: World) -> World:
    """KH and INT know a number each and answer; KR asks."""
    listed(money, "KH", [KNOWN])
    listed(money, "INT", [OTHER])
    settle(money)
    for node in ("KH", "INT"):
        offer(money, node)
    return money


def test_a_hit_names_the_owners_desk_and_a_reference_and_nothing_else(world: World) -> None:
    asked = ask(world, "KR", phone(KNOWN))
    assert {each.node: (each.state, len(each.hits)) for each in asked.answers} == {
        "KH": ("answered", 1),
        "INT": ("answered", 0),
    }
    (hit,) = next(each for each in asked.answers if each.node == "KH").hits
    assert (hit.desk, hit.contact, hit.category, hit.term, hit.weight) == (
        "cyber desk of KH", "+855 23 000 000", "phone", 0, 100,
    )  # fmt: skip
    kh = world.nodes["KH"]
    (record,) = kh.private.referred(world.officers["KH"], hit.reference)
    assert record.startswith("KH:circular:")
    assert KNOWN not in json.dumps([str(each) for each in asked.answers])
