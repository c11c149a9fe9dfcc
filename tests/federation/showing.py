"""What the tests of features share: worlds with an agreement in force, acts of officers, officers' REST."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from federation.world import Image, World
from spean.app import build_app
from spean.node.acts.acting import Done

MARKS = {"purpose": "investigate-fraud", "data": "wallet"}
REQUEST = {
    "offence": "fraud", "facts": "Savings were sent to a wallet that a friend had named.",
    "items": [{"selector": "wallet", "value": "TInvented", "chain": "tron", "question": "Who owns it?"}],
    "need": "The wallet is the only trace that is left.", "proportionality": "One wallet, one question.",
}  # fmt: skip
ANSWER = {"findings": [{"item": 0, "known": True, "text": "opened in March"}]}
LIST = {"title": "Wallets", "source": "desk", "data": "wallet"}


@cache
def _concluded(parties: tuple[str, ...], mediators: tuple[str, ...]) -> tuple[Image, str]:
    with tempfile.TemporaryDirectory() as folder:
        world = World([*parties, *mediators], Path(folder))
        treaty = world.agreement(parties, mediators=list(mediators))
        return world.image(), treaty


def concluded(folder: Path, parties: tuple[str, ...], mediators: tuple[str, ...] = ()) -> World:
    """A fresh copy of a world in which ``parties`` have an agreement in force, ``world.treaty``."""
    image, treaty = _concluded(parties, mediators)
    world = World([*parties, *mediators], folder, seed=3, image=image)
    world.treaty = treaty
    return world


def ask(world: World, asker: str, holder: str, **more: Any) -> Done:
    """An information request."""
    marks = {"instrument": world.treaty, **MARKS, **more.pop("marks", {})}
    return world.act(asker, "send", {**REQUEST, **more}, procedure="information-request", to=[holder], **marks)


def publish(world: World, *to: str, **marks: Any) -> tuple[str, str]:
    """KR's list with one entry; record and entry."""
    given = {"instrument": world.treaty, **MARKS, **marks}
    opened = world.act("KR", "open", LIST, procedure="circular", to=list(to), **given)
    entry = world.act("KR", "entry", {"kind": "wallet", "value": "TWrong", "chain": "tron"}, record=opened.record)
    return opened.record, entry.fact


def suspend(world: World, by: str, other: str) -> None:
    """The agreement rests between the two."""
    world.act(by, "suspend-pair", {"other": other, "reason": "a dispute about the border"}, record=world.treaty)
    world.settle()


def shown(world: World, node: str, record: str) -> list[dict[str, Any]]:
    """What an officer of the node reads in a record, fact by fact."""
    detail = world.nodes[node].reading_desk.record(world.officers[node], record, reason="a look at the case")
    return [
        {"kind": fact.row.kind, "status": fact.row.status, "form": fact.form, "receipts": fact.receipts}
        for fact in detail.facts
    ]


class Rest:
    """Officers' REST of a node of the world."""

    def __init__(self, world: World, node: str) -> None:
        self.node = world.nodes[node]
        self.client = TestClient(build_app(self.node), base_url=self.node.settings.url)
        self.token = self.node.people.token(world.officers[node].user)

    def __call__(
        self, method: str, path: str, body: dict[str, Any] | None = None, token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Status and answer of one request."""
        headers = {"authorization": f"Bearer {token or self.token}"}
        answer = self.client.request(method, f"/api/v1{path}", headers=headers, json=body)
        return answer.status_code, answer.json()
