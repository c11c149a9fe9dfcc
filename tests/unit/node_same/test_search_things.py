"""A search narrowed to a kind of thing: an entity's own kind, or what another fact names; also before the index has it, and after erasure."""

from __future__ import annotations

from typing import Any

import pytest

from federation.entities import opened, said
from federation.world import World
from spean.core.errors import InvalidInput
from spean.core.world import DAY

FIRM: dict[str, Any] = {"kind": "organisation", "category": "none", "data": "indicator", "subject": "none"}


def search(world: World, words: str, thing: str = "") -> Any:
    narrow = {"thing": thing} if thing else {}
    return world.nodes["KR"].searching.search(world.officers["KR"], words=words, reason="case 7", narrow=narrow)


def fill(world: World) -> None:
    while world.nodes["KR"].indexing.step():
        pass


def records(found: Any) -> set[str]:
    return {hit.fact.row.record for hit in found}


@pytest.fixture(params=["indexed", "fresh"])
def filled(request: Any, world: World) -> Any:
    return fill if request.param == "indexed" else lambda world: None


def test_persons_and_firms_of_one_name_are_told_apart(world: World, filled: Any) -> None:
    person = opened(world, said("name", "Golden Ficus"))
    firm = opened(world, said("name", "Golden Ficus Trading"), **FIRM)
    world.act("KR", "state", {"statements": [said("note", "seen at the golden gate")]}, record=person.record)
    filled(world)
    every = search(world, "golden")
    assert records(every) == {person.record, firm.record}
    assert every.facets["thing"] == {"person": 2, "organisation": 1}
    assert records(search(world, "golden", "organisation")) == {firm.record}
    found = search(world, "golden", "person")
    assert (records(found), len(found)) == ({person.record}, 2)
    assert len(search(world, "golden", "wallet")) == 0
    assert search(world, "golden gate", "person").hits[0].things == ("person",)


def test_other_facts_are_about_what_they_name(world: World, filled: Any) -> None:
    asked = {
        "offence": "fraud", "facts": "A golden victim paid there.", "need": "Only the holder knows.", "proportionality": "One wallet.",
        "items": [{"selector": "phone", "value": "+855 12 555 142", "question": "Whose is it?"}],
    }  # fmt: skip
    sent = world.act("KR", "send", asked, procedure="information-request", to=("KH",), purpose="investigate-fraud", data="phone",
                     subject="suspect")  # fmt: skip
    filled(world)
    assert records(search(world, "golden", "phone")) == {sent.record}
    assert len(search(world, "golden", "person")) == 0


def test_what_its_opening_said_is_forgotten_with_it(world: World) -> None:
    person = opened(world, said("name", "Golden Ficus"))
    world.act("KR", "state", {"statements": [said("note", "seen at the golden gate")]}, record=person.record)
    fill(world)
    world.nodes["KR"].recalling.withdraw(world.officers["KR"], person.fact, "no longer needed")
    world.clock.advance(DAY)
    world.settle()
    assert len(search(world, "golden gate", "person")) == 0


def test_an_unknown_kind_finds_nothing_and_an_unknown_side_is_refused(world: World) -> None:
    opened(world, said("name", "Golden Ficus"))
    assert len(search(world, "golden", "spaceship")) == 0
    with pytest.raises(InvalidInput, match="thing"):
        world.nodes["KR"].searching.search(
            world.officers["KR"], words="golden", reason="case 7", narrow={"colour": "red"}
        )
