"""Short words for acts on entities."""

from __future__ import annotations

from typing import Any

from federation.world import World
from spean.node.acts.acting import Done


def said(property: str, value: str, **more: Any) -> dict[str, Any]:
    """One statement."""
    return {"property": property, "value": value, "source": "B", "grade": 2, "nature": "fact", **more}


def opened(
    world: World, *statements: dict[str, Any], kind: str = "person", category: str = "contact", node: str = "KR", **marks: Any
) -> Done:  # fmt: skip
    """A new entity of an officer of ``node``."""
    chosen = {"purpose": "investigate-fraud", "data": "identity", "subject": category, **marks}
    form = {"kind": kind, "category": category, "statements": list(statements)}
    return world.act(node, "open", form, procedure="entity", **chosen)


def judge(world: World, one: str, other: str, verdict: str = "positive", node: str = "KR") -> Done:
    """Somebody judges two entities."""
    return world.act(node, "judge", {"other": other, "verdict": verdict, "reason": "passports compared"}, record=one)


def back(world: World, one: str, judgement: str, node: str = "KR") -> Done:
    """Somebody takes a judgement back."""
    return world.act(node, "withdraw-judgement", {"judgement": judgement, "reason": "another person"}, record=one)
