"""Four national nodes on this machine, each its own process and its own home, under a trust root made for this demo (R40)."""

from __future__ import annotations

import fcntl
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from spean.core.errors import Conflict, Unavailable
from spean.core.world import SystemClock, SystemEntropy
from spean.demo.clock import PlayedClock
from spean.demo.desk import Desk
from spean.demo.minutes.stage import INSTITUTIONS, PLAYED, Role
from spean.demo.passkey import SoftPasskey
from spean.exchange.officer import site_of
from spean.keys.root import new_root, root_public
from spean.node import Node, admit, create, open_node
from spean.node.settings import Settings
from spean.store.rows import UserRow

REALM = "demo.spean"
NAMES = {
    "INT": "Mediating desk of INTERPOL (played)", "KR": "Seoul desk (played)", "KH": "Phnom Penh desk (played)", "TH": "Bangkok desk (played)",
}  # fmt: skip
OFFICERS = {"INT": "A. Moreau", "KR": "Lee Hana", "KH": "Sok Dara", "TH": "Niran Chai"}
"""Invented people."""
ROLES = ("duty-officer", "financial-analyst", "investigator", "analyst", "legal", "secretariat")
MARK = "this folder is a Spean demo and may be deleted\n"
FIRST_PORT = 8801


@dataclass(slots=True)
class Played:
    """One node of the demo."""

    name: str
    home: Path
    port: int
    token: str
    device: SoftPasskey
    """The played officer's passkey: in the memory of this program, and nowhere else."""
    process: subprocess.Popen[bytes] | None = None
    cast: dict[str, tuple[str, SoftPasskey]] = field(default_factory=dict)
    """Others who are played at this node: name → token and passkey."""

    @property
    def url(self) -> str:
        return f"http://{self.name.lower()}.localhost:{self.port}"

    @property
    def desk(self) -> Desk:
        return Desk(self.name, self.port, self.token, self.device)

    def player(self, name: str) -> Desk:
        """The desk of somebody else who is played here."""
        return Desk(self.name, self.port, *self.cast[name])


class Federation:
    """Makes, starts and stops the nodes."""

    def __init__(self, folder: Path, begins: int | None = None) -> None:
        """``begins``: what the demo's clock shows at first (ms UTC); the machine's time when left out."""
        self.folder = folder
        self._begins = begins
        self._locks: list[TextIO] = []
        self.nodes: dict[str, Played] = {}
        self.clock = PlayedClock(folder / "clock")

    def make(self) -> None:
        """Homes, keys, identities, mutual acceptance, one officer each with a passkey."""
        _clear(self.folder)
        if self._begins is not None:
            self.clock.set(self._begins - SystemClock().now())
        entropy = SystemEntropy()
        root = new_root(self.folder / "trust-root.json", REALM, entropy)
        ports, self._locks = _free_ports(len(NAMES))
        for port, (name, words) in zip(ports, NAMES.items(), strict=True):
            home = self.folder / name.lower()
            settings = Settings(
                node=name, name=words, realm=REALM, root=root_public(root), url=f"http://{name.lower()}.localhost:{port}",
                listen=f"127.0.0.1:{port}", tls=False, units=("desk", *INSTITUTIONS.get(name, ())),
                institutions=INSTITUTIONS.get(name, {}), poll_ms=5_000,
            )  # fmt: skip
            create(home, settings, clock=self.clock)
            admit(home, root)
            device = SoftPasskey(*site_of(settings.url), entropy)
            self.nodes[name] = Played(name, home, port, "", device)
        for played in self.nodes.values():
            self._furnish(played)

    def _furnish(self, played: Played) -> None:
        node = self.open(played)
        try:
            for other in self.nodes.values():
                if other is not played:
                    node.peering.admit((other.home / "identity").read_bytes())
            officer = node.people.add(OFFICERS[played.name], unit="desk", roles=ROLES)
            _register(node, officer, played.device)
            played.token = node.people.token(officer, label="demo")
            (played.home / "token").write_text(played.token)
            (played.home / "token").chmod(0o600)
            for each in PLAYED:
                if each.node == played.name:
                    played.cast[each.name] = self._person(node, each)
        finally:
            node.close()

    def _person(self, node: Node, role: Role) -> tuple[str, SoftPasskey]:
        person = node.people.add(role.name, unit=role.unit, roles=role.roles)
        device = SoftPasskey(*site_of(node.settings.url), SystemEntropy())
        _register(node, person, device)
        return node.people.token(person, label="demo"), device

    def open(self, played: Played) -> Node:
        """The node, opened beside its process, with the demo's clock."""
        return open_node(played.home, clock=self.clock)

    def start(self) -> None:
        """One process a node; returns when all answer."""
        for played in self.nodes.values():
            self.run(played)
        for played in self.nodes.values():
            _wait_until_it_answers(played)

    def run(self, played: Played) -> None:
        """Start one node's process."""
        log = (played.home / "serve.log").open("ab")
        command = [sys.executable, "-m", "spean.demo.serving", str(played.home), str(self.folder / "clock")]
        played.process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own program

    def halt(self, played: Played) -> None:
        """End one node's process."""
        if played.process is not None:
            played.process.terminate()
            played.process.wait(15)
            played.process = None

    def resume(self, played: Played) -> None:
        """Start it again; returns when it answers."""
        self.run(played)
        _wait_until_it_answers(played)

    def stop(self) -> None:
        """End all processes; waits until they have closed their stores."""
        for played in self.nodes.values():
            if played.process is not None and played.process.poll() is None:
                played.process.terminate()
        for played in self.nodes.values():
            if played.process is not None:
                try:
                    played.process.wait(15)
                except subprocess.TimeoutExpired:
                    played.process.kill()


def _register(node: Node, officer: UserRow, device: SoftPasskey) -> None:
    """Register the played passkey as a person does hers: a one-time link begins a session, which asks for the first one."""
    session = node.signing_in.sign_in_link(node.people.token(officer, use="link"))
    who = node.people.authenticate(session, through="session")
    node.signing_in.register(who, device.create(node.signing_in.registration_options(who)), "played passkey")
    node.people.drop(session)


def _clear(folder: Path) -> None:
    mark = folder / "README"
    if folder.exists() and any(folder.iterdir()):
        if not mark.exists() or mark.read_text() != MARK:
            raise Conflict(f"{folder} holds something else", remedy="name an empty folder with --dir")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(MARK)


def _free_ports(count: int) -> tuple[list[int], list[TextIO]]:
    """Ports from 8801 on that nobody uses, and the locks by which two demos at once do not choose the same; they end with the program."""
    found: list[int] = []
    locks: list[TextIO] = []
    for port in range(FIRST_PORT, 65_000):
        lock = (Path(tempfile.gettempdir()) / f"spean-demo-{port}.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        with socket.socket() as probe:
            free = probe.connect_ex(("127.0.0.1", port)) != 0
        if not free:
            lock.close()
            continue
        found.append(port)
        locks.append(lock)
        if len(found) == count:
            return found, locks
    raise Unavailable("no free ports", remedy="end what uses them")


def _wait_until_it_answers(played: Played, seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if played.process is not None and played.process.poll() is not None:
            words = (played.home / "serve.log").read_text()[-2000:]
            raise Unavailable(f"{played.name} did not start", why=words)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", played.port)) == 0:
                return
        time.sleep(0.05)
    raise Unavailable(f"{played.name} does not answer", remedy=f"look at {played.home / 'serve.log'}")
