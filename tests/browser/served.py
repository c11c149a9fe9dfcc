"""Two nodes, KR and KH, served on loopback in threads of this process, with officers, an agreement in force and records in several states."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn

from spean.app import server
from spean.core.errors import NotFound, SpeanError
from spean.core.roles import Role
from spean.core.world import SystemEntropy
from spean.demo.passkey import SoftPasskey
from spean.exchange.officer import site_of
from spean.keys.root import new_root, root_public
from spean.node import Node, admit, create, open_node
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.settings import Settings

REALM = "browser.spean"
SECONDS = 30.0
"""How long anything may take to come before a test says that it did not."""
DESK = (Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.ANALYST, Role.LEGAL, Role.SECRETARIAT)
OFFICERS = {
    "officer": ("Seo Yuna", DESK), "auditor": ("Han Jisu", (Role.AUDITOR,)), "administrator": ("Park Min", (Role.ADMINISTRATOR,)),
    "trainer": ("Oh Dana", (Role.TRAINER,)), "signer": ("Kang Areum", DESK),
    "all": ("Baek Sora", tuple(role for role in Role if role is not Role.SERVICE)), "bank": ("Nam Dohyun", (Role.BANK_DESK,)),
}  # fmt: skip
"""Invented people: what they are called in tests, their names and roles. *signer* and *all* have registered passkeys; *all* sees every page."""
BANKS = {"KR": "HNBKKRSE", "KH": "MKBAKHPP"}
"""Institution of the person at a bank's desk, by node."""
NAMES = {"KR": "Seoul desk (played)", "KH": "Phnom Penh desk (played)"}


class Served:
    """One node, its server and its people."""

    def __init__(self, name: str, home: Path, port: int) -> None:
        self.name = name
        self.home = home
        self.port = port
        self.url = f"http://{name.lower()}.localhost:{port}"
        self.device = SoftPasskey(*site_of(self.url), SystemEntropy())
        self.keeper = SoftPasskey(*site_of(self.url), SystemEntropy())
        self.node: Node
        self.app: Any
        self._server: uvicorn.Server
        self._thread: threading.Thread

    def start(self) -> None:
        """Open the node and serve it; returns when it answers."""
        self.node = open_node(self.home)
        self._server = server(self.node)
        self.app = self._server.config.app
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server.started, f"{self.name}'s server")

    def stop(self) -> None:
        """End the server; the application's end closes the node."""
        self.node.stopping = True
        self._server.should_exit = True
        self._thread.join(SECONDS)

    def who(self, person: str = "officer") -> Who:
        """One of OFFICERS, as asking through a session."""
        return Who(user=self.node.people.find(OFFICERS[person][0]), through="session")

    def link(self, person: str = "officer") -> str:
        """A one-time sign-in link."""
        return f"{self.url}/sign-in/link/{self.node.people.token(self.who(person).user, use='link')}"

    def session(self, person: str = "officer") -> str:
        """The secret of a fresh session; *all* begins it with a passkey and may change what needs a fresh proof."""
        if person == "all":
            signing_in = self.node.signing_in
            return signing_in.sign_in_passkey(self.keeper.get(signing_in.sign_in_options()))
        return self.node.signing_in.sign_in_link(self.link(person).rpartition("/")[2])

    def act(self, record: str, kind: str, form: dict[str, Any] | None = None, targets: tuple[str, ...] = ()) -> Done:
        """The officer acts in a record, as soon as what the act builds on has arrived."""
        intent = Intent(kind=kind, record=record, form=form or {}, targets=targets)
        return self._soon(lambda: self.node.acting.act(self.who(), intent), f"{kind} in {record}")

    def open(self, procedure: str, kind: str, form: dict[str, Any], to: str, marks: Marks) -> Done:
        """The officer opens a record; without ``to`` one of this node alone."""
        return self.node.acting.act(
            self.who(), Intent(kind=kind, procedure=procedure, form=form, to=(to,) if to else (), marks=marks)
        )

    def sign(self, record: str, kind: str, form: dict[str, Any]) -> Done:
        """An adverse act, confirmed with a played passkey (R1)."""
        who, intent = self.who("signer"), Intent(kind=kind, record=record, form=form)
        prepared = self.node.acting.prepare(who, intent)
        officer = self.device.assertion(prepared.challenge)
        return self.node.acting.act(who, replace(intent, officer=officer, at=prepared.at))

    def state(self, record: str) -> str:
        """The record's state here; empty while nothing of it has arrived."""
        with self.node.reading() as tx:
            rows = tx.records.many([record])
        return rows[record].state if record in rows else ""

    def wait(self, record: str, state: str) -> None:
        """Until the record is in that state here."""
        until(lambda: self.state(record) == state, f"{record} {state} at {self.name}")

    def _soon(self, do: Callable[[], Done], what: str) -> Done:
        last: SpeanError | None = None
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                return do()
            except (NotFound, SpeanError) as early:
                last = early
                time.sleep(0.02)
        raise TimeoutError(f"{what}: {last}")


class Pair:
    """KR and KH, who have accepted each other. ``kr``: settings of KR that are not the usual ones."""

    def __init__(self, folder: Path, **kr: Any) -> None:
        root = new_root(folder / "root.json", REALM, SystemEntropy())
        self.kr, self.kh = _made(folder, "KR", root, kr), _made(folder, "KH", root, {})
        for one, other in ((self.kr, self.kh), (self.kh, self.kr)):
            _furnish(one, other)
        self.kr.start()
        self.kh.start()

    def stop(self) -> None:
        self.kr.stop()
        self.kh.stop()


def until(seen: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """Look until ``seen`` gives something; raises ``TimeoutError`` naming what did not come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = seen()
        if found:
            return found
        time.sleep(0.01)
    raise TimeoutError(f"{what} did not come within {seconds:.0f} s")


def _made(folder: Path, name: str, root: Any, more: dict[str, Any]) -> Served:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        served = Served(name, folder / name, probe.getsockname()[1])
    settings = Settings(
        node=name, name=NAMES[name], realm=REALM, root=root_public(root), url=served.url,
        listen=f"127.0.0.1:{served.port}", tls=False, units=("desk",), institutions={BANKS[name]: "A bank (played)"}, **more,
    )  # fmt: skip
    create(served.home, settings)
    admit(served.home, root)
    return served


def _furnish(one: Served, other: Served) -> None:
    node = open_node(one.home)
    try:
        node.peering.admit((other.home / "identity").read_bytes())
        for name, roles in OFFICERS.values():
            unit = BANKS[one.name] if roles == (Role.BANK_DESK,) else "desk"
            node.people.add(name, unit=unit, roles=tuple(map(str, roles)))
        for person, device in (("signer", one.device), ("all", one.keeper)):
            _register(node, OFFICERS[person][0], device)
    finally:
        node.close()


def _register(node: Node, name: str, device: SoftPasskey) -> None:
    """A person registers her passkey, from the session of a first link."""
    session = node.signing_in.sign_in_link(node.people.token(node.people.find(name), use="link"))
    who = node.people.authenticate(session, through="session")
    node.signing_in.register(who, device.create(node.signing_in.registration_options(who)), "played passkey")
    node.people.drop(session)
