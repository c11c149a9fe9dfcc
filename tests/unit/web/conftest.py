"""A real node in a folder, an agreement in force with a partner that it knows, and people who look at its pages as a browser does."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from spean.agreements.model import Instrument
from spean.app import build_app
from spean.core.marks import Data, Handling, Purpose, Subject
from spean.core.world import ManualClock, SeededEntropy
from spean.demo.passkey import SoftPasskey
from spean.keys.root import new_root, root_public
from spean.node import Node, admit, create, open_node
from spean.node.entry.people import Who
from spean.node.settings import Settings, load_settings, save_settings
from spean.store.rows import UserRow

REALM = "test.spean"
AGREEMENT = "KR:agreement:01JNF000000000000000000000"
ORIGIN = "http://kr.localhost:8443"


@pytest.fixture(scope="session", autouse=True)
def _one_loop(one_loop: None) -> None:
    """Every request here goes through it."""


def seen(response: Response) -> str:
    """What a page says, without its tags, in one line."""
    main = re.search(r"<main.*</main>", response.text, re.DOTALL)
    text = re.sub(
        r"<(script|style|template|datalist).*?</\1>", " ", main[0] if main else response.text, flags=re.DOTALL
    )
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?span[^>]*>", "", text))).split())


def hidden(response: Response, name: str) -> str:
    """The value of the last field of that name: the page's own forms come after those around it."""
    found = re.findall(rf'<input[^>]*name="{re.escape(name)}"[^>]*value="([^"]*)"', response.text)
    assert found, f"no field {name}"
    return html.unescape(found[-1])


class Browser:
    """One person's browser: keeps cookies, follows nothing by itself, posts forms from the node's own page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.client = TestClient(desk.app, base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def post(self, path: str, fields: dict[str, Any] | None = None, *, script: bool = False) -> Response:
        """A form, sent plainly, or by the page's script."""
        headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin", **({"x-spean": "1"} if script else {})}
        return self.client.post(path, data=fields or {}, headers=headers)

    def ask(self, path: str) -> dict[str, Any]:
        """What the page's script asks before it asks the authenticator."""
        answer = self.client.post(path, headers={"origin": ORIGIN, "sec-fetch-site": "same-origin", "x-spean": "1"})
        found: dict[str, Any] = answer.json()
        return found

    @property
    def secret(self) -> str:
        """The session's secret."""
        return str(self.client.cookies.get(f"spean-{self.desk.node.me}") or "")

    def who(self) -> Who:
        return self.desk.node.people.authenticate(self.secret, through="session")

    def task(self, text: str = "Night shift") -> None:
        """Say why one reads."""
        assert self.post("/task", {"task": text, "back": "/"}).status_code == 303


class Desk:
    """A node with its application; makes people and their browsers."""

    def __init__(self, node: Node, clock: ManualClock) -> None:
        self.node, self.clock = node, clock
        self.app = build_app(node)
        self._count = 0

    def user(self, *roles: str, name: str = "", kind: str = "person") -> UserRow:
        self._count += 1
        return self.node.people.add(
            name or f"Officer {self._count}", unit="desk", roles=tuple(map(str, roles)), kind=kind
        )

    def browser(self) -> Browser:
        return Browser(self)

    def by_link(self, user: UserRow) -> Browser:
        """Signed in by a one-time link, for reading as "Night shift"."""
        browser = self.browser()
        link = self.node.people.token(user, use="link")
        assert browser.post("/sign-in/link", {"secret.link": link}).status_code == 303
        browser.task()
        return browser

    def signed_in(self, *roles: str, name: str = "") -> Browser:
        """A new person with these roles, signed in by a link."""
        return self.by_link(self.user(*roles, name=name))

    def device(self) -> SoftPasskey:
        """A device for this node's passkeys."""
        self._count += 1
        return SoftPasskey("kr.localhost", ORIGIN, SeededEntropy(1000 + self._count))

    def with_passkey(self, *roles: str, name: str = "") -> tuple[Browser, SoftPasskey]:
        """The same with a registered passkey and a fresh proof."""
        browser, device = self.signed_in(*roles, name=name), self.device()
        who, signing_in = browser.who(), self.node.signing_in
        signing_in.register(who, device.create(signing_in.registration_options(who)), "telephone")
        fresh = signing_in.prove(browser.secret, device.get(signing_in.proof_options(who)))
        browser.client.cookies.clear()
        browser.client.cookies.set("spean-KR", fresh, domain="kr.localhost")
        browser.task()
        return browser, device

    def access(self, act: str) -> int:
        """How often ``act`` was written down."""
        with self.node.reading() as tx:
            return len(tx.facts.recent(kind=act, limit=10_000))


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The homes of KR and KH, freshly made; tests open copies, since making databases takes longest."""
    folder = tmp_path_factory.mktemp("homes")
    clock = ManualClock()
    root = new_root(folder / "root.json", REALM, SeededEntropy(11))
    for name in ("KR", "KH"):
        settings = Settings(
            node=name, name=f"Desk of {name}", realm=REALM, root=root_public(root), tls=False,
            url=f"http://{name.lower()}.localhost:8443", units=("desk", "night"),
        )  # fmt: skip
        create(folder / name, settings, entropy=SeededEntropy(sum(name.encode())), clock=clock)
        admit(folder / name, root)
    return folder


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
        return Desk(node, clock)

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
        purposes=frozenset(Purpose), data=frozenset(Data), subjects=frozenset(Subject), tlp_ceiling="RED",
        handling=frozenset(Handling), onward="parties", retention_days=365, starts="2026-01-01", state="in-force",
    )  # fmt: skip


@pytest.fixture(scope="session")
def page() -> Callable[[Response], str]:
    """Reads a page: what it says, without its tags."""
    return seen


@pytest.fixture(scope="session")
def field() -> Callable[[Response, str], str]:
    """Reads a page: the value of a hidden field."""
    return hidden


@pytest.fixture(scope="session")
def goes() -> Callable[[Response], str]:
    """Where a page sends the browser; fails when it does not."""

    def where(response: Response) -> str:
        assert response.status_code == 303, (response.status_code, seen(response)[:600])
        return unquote(response.headers["location"])

    return where
