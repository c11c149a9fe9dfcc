"""A world in which KH and INT answer private questions of KR, with invented entries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from federation.simulation import NAMES, beginning
from federation.world import REAL, Image, World
from spean.core.errors import SpeanError
from spean.node.private.model import Asked, Term
from spean.node.same.model import Selector

PURPOSES = ("stop-fraud", "investigate-fraud")
SUBJECTS = ("suspect", "victim", "other")
KNOWN = "+85512345678"
OTHER = "+85598765432"


@cache
def _answering() -> tuple[Image, str]:
    image, treaty = beginning(3)
    with TemporaryDirectory() as folder:
        world = World(NAMES[:3], Path(folder), image=image, engine=REAL)
        world.treaty = treaty
        listed(world, "KH", [KNOWN])
        listed(world, "INT", [OTHER])
        settle(world)
        for node in ("KH", "INT"):
            offer(world, node)
        return world.image(), treaty


def answering(folder: Path) -> World:
    """KH knows a number and INT another; both answer, under one agreement with KR."""
    image, treaty = _answering()
    world = World(NAMES[:3], folder, seed=2, image=image, engine=REAL)
    world.treaty = treaty
    return world


def phone(number: str) -> Selector:
    return Selector("phone", number)


def listed(world: World, node: str, numbers: Sequence[str], *, to: Sequence[str] = ()) -> str:
    """A list of our own with these telephone numbers; its record."""
    names = to or [name for name in world.nodes if name != node]
    marks = {"instrument": world.treaty, "purpose": "stop-fraud", "data": "phone", "subject": "other"}
    form = {"title": "Numbers", "source": "desk", "data": "phone"}
    record = world.act(node, "open", form, procedure="circular", to=names, **marks).record
    for number in numbers:
        world.act(node, "entry", {"kind": "phone", "value": number}, record=record)
    return record


def entity(
    world: World, node: str, thing: str, statements: Sequence[tuple[str, str]], *, category: str = "missing"
) -> str:
    """An entity of our own with these statements; its record."""
    said = [
        {"property": name, "value": value, "source": "B", "grade": 2, "nature": "fact"} for name, value in statements
    ]
    form = {"kind": thing, "category": category, "statements": said}
    marks = {"purpose": "locate-missing", "data": "identity", "subject": category}
    return world.act(node, "open", form, procedure="entity", **marks).record


def offer(world: World, node: str, category: str = "phone", **more: Any) -> str:
    """The node answers from now on; settled, so that everybody has its table."""
    terms = {"purposes": PURPOSES, "subjects": SUBJECTS, "desk": f"cyber desk of {node}", "contact": "+855 23 000 000",
             "reason": "agreed in the working group", **more}  # fmt: skip
    done = world.nodes[node].private.offer(world.officers[node], world.treaty, category, **terms)
    settle(world)
    return done.record


def settle(world: World, seconds: int = 12) -> None:
    """Let jobs that gather for some seconds run, too."""
    world.settle()
    world.clock.advance(seconds * 1000)
    world.settle()


def ask(world: World, node: str, *terms: Term, **more: Any) -> Asked:
    """Ask, let everybody work, and read the answers."""
    asked = begin(world, node, *terms, **more)
    world.settle()
    return world.nodes[node].private.answers(asked.id)


def begin(world: World, node: str, *terms: Term, **more: Any) -> Asked:
    marks = {"purpose": "stop-fraud", "subject": "other", "reason": "a report of today", **more}
    return world.nodes[node].private.ask(marks.pop("who", world.officers[node]), terms, **marks)


def refusal(work: Any) -> SpeanError:
    """What stands against it."""
    try:
        work()
    except SpeanError as refused:
        return refused
    raise AssertionError("it was not refused")
