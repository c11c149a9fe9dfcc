"""A real node in a folder, a partner that it knows, an agreement in force, and callers with tokens."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from spean.agreements.model import Instrument
from spean.app import build_app
from spean.core.marks import Data, Handling, Purpose, Subject
from spean.core.roles import Role
from spean.core.world import ManualClock, SeededEntropy
from spean.exchange.make import Signer
from spean.keys.root import new_root, root_public
from spean.node import Node, admit, create, open_node
from spean.node.settings import Settings, load_settings, save_settings
from spean.store import Tx

REALM = "test.spean"
AGREEMENT = "KR:agreement:01JNF000000000000000000000"
BASE = "http://kr.localhost:8443"


@pytest.fixture(scope="session", autouse=True)
def _one_loop(one_loop: None) -> None:
    """Every request here goes through it."""


def make_home(folder: Path, name: str, root: Signer, clock: ManualClock) -> Path:
    """A node's home, admitted by ``root``."""
    home = folder / name
    settings = Settings(
        node=name, name=f"Desk of {name}", realm=REALM, root=root_public(root), tls=False,
        url=f"http://{name.lower()}.localhost:8443",
    )  # fmt: skip
    create(home, settings, entropy=SeededEntropy(sum(name.encode())), clock=clock)
    admit(home, root)
    return home


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The homes of KR and KH, freshly made; tests open copies, since making databases takes longest."""
    folder = tmp_path_factory.mktemp("homes")
    clock = ManualClock()
    root = new_root(folder / "root.json", REALM, SeededEntropy(11))
    for name in ("KR", "KH"):
        make_home(folder, name, root, clock)
    return folder


@dataclass
class Desk:
    """A node and its application, asked without a line."""

    node: Node
    clock: ManualClock
    client: TestClient

    def token(self, *roles: Role | str, kind: str = "person", name: str = "") -> str:
        """A token of a new user with these roles."""
        known = len(self.node.people.list())
        user = self.node.people.add(name or f"Officer {known}", unit="desk", roles=tuple(map(str, roles)), kind=kind)
        return self.node.people.token(user)

    def ask(self, method: str, path: str, token: str = "", **more: Any) -> Any:
        """One request; with ``token`` as its bearer."""
        headers = {**({"authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def written(self) -> tuple[int, int, int]:
        """How much the node has written: both logs and what is queued for partners; notes of refusals do not count."""
        with self.node.reading() as tx:
            queued = sum(count.queued for count in tx.outbox.counts().values())
            return tx.log.head("exchange").size, tx.log.head("domestic").size - _refused(tx), queued

    def refusals(self) -> int:
        """How many refusals the domestic log holds (O1, R1)."""
        with self.node.reading() as tx:
            return _refused(tx)


def _refused(tx: Tx) -> int:
    found = tx.sql.connection.exec_driver_sql("SELECT count(*) FROM facts WHERE kind = 'refused'").scalar_one()
    return int(found)


@pytest.fixture(scope="module")
def make_desk(homes: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Desk]]:
    """Makes desks of KR that know KH, under an agreement that permits everything."""
    nodes: list[Node] = []

    def make(**settings: Any) -> Desk:
        clock = ManualClock()
        home = tmp_path_factory.mktemp("desk") / "KR"
        shutil.copytree(homes / "KR", home)
        save_settings(replace(load_settings(home), **settings), home)
        node = open_node(home, clock=clock, entropy=SeededEntropy(12))
        nodes.append(node)
        node.peering.admit((homes / "KH" / "identity").read_bytes())
        permit_everything(node)
        client = TestClient(build_app(node), base_url=BASE, raise_server_exceptions=False)
        return Desk(node, clock, client)

    yield make
    for node in nodes:
        node.close()


@pytest.fixture(scope="module")
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """One desk for a module's tests."""
    return make_desk()


def permit_everything(node: Node) -> None:
    """The agreement is in the register, also after the register was read anew."""
    load = node.instruments.load

    def loaded(tx: Any) -> None:
        load(tx)
        node.registry = node.registry.with_instrument(everything())

    node.instruments.load = loaded  # type: ignore[method-assign]
    node.registry_rev = -1


def everything() -> Instrument:
    """An agreement of KR and KH under which everything may leave."""
    return Instrument(
        id=AGREEMENT, title="Memorandum on stopping fraud", parties=frozenset({"KR", "KH"}),
        purposes=frozenset(Purpose),
        data=frozenset(Data), subjects=frozenset(Subject), tlp_ceiling="RED", handling=frozenset(Handling),
        onward="parties", retention_days=365, starts="2026-01-01", state="in-force",
    )  # fmt: skip


MARKS = {"instrument": AGREEMENT, "purpose": "investigate-fraud", "data": "wallet", "subject": "none"}
REQUEST = {
    "offence": "fraud",
    "facts": "Savings were sent to a wallet that a friend from the internet had named.",
    "items": [{"selector": "wallet", "value": "TXabc", "chain": "tron", "question": "Who owns it?"}],
    "need": "The wallet is the only trace that is left of the money.",
    "proportionality": "One wallet, one question, nothing about third persons.",
}


@pytest.fixture(scope="module")
def request_form() -> dict[str, Any]:
    """A filled-in information request."""
    return dict(REQUEST)


@pytest.fixture(scope="module")
def opening() -> dict[str, Any]:
    """The body that opens an information request to KH."""
    return {"form": REQUEST, "to": ["KH"], "marks": MARKS}
