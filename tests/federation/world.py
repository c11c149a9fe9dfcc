"""A federation in one process: real nodes on SQLite in memory, joined by function calls; time and chance are seeded (D10).

What survives a crash of a node is its ``Disk``: ``World.boot`` puts the node together from it again. An ``Image`` of a
whole world is copied in a few milliseconds, so that a history need not begin with three ceremonies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.hold import HOLD
from federation.passkeys import act_signed, fresh, register
from spean.core.errors import SpeanError, Unavailable
from spean.core.world import ManualClock, SeededEntropy
from spean.demo.passkey import SoftPasskey
from spean.exchange.identity import draft_identity, endorse
from spean.exchange.make import Signer
from spean.exchange.page import GiveBack, Page, Pull, Returned, decode_page, decode_pull, decode_returned, encode
from spean.keys import ContentKeys, NodeKeys
from spean.keys.root import new_root, root_public
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.care.keyring import MemoryKeyRing
from spean.node.entry.people import Who
from spean.node.node import PROCEDURES, Node, identity_of
from spean.node.settings import Settings
from spean.procedures.engine import Engine
from spean.store import Store

REALM = "test.spean"
ENGINE = Engine((*(each for each in PROCEDURES if each.name != HOLD.name), HOLD))
"""With the model of a hold in place of the real one: for tests of adverse acts, clocks and folds as such."""
REAL = Engine(PROCEDURES)
"""What a node really runs."""
ROLES = ("duty-officer", "investigator", "analyst", "legal", "secretariat", "administrator", "auditor")


class WrongClock:
    """A node's own clock: the world's, ``offset`` ms off and ``drift`` millionths too fast."""

    def __init__(self, true: ManualClock) -> None:
        self._true = true
        self.set(0)

    def set(self, offset: int, drift: int = 0) -> None:
        """From now on it is ``offset`` ms off."""
        self._start, self.offset, self.drift = self._true.now(), offset, drift

    def now(self) -> int:
        now = self._true.now()
        return now + self.offset + (now - self._start) * self.drift // 1_000_000


@dataclass(slots=True)
class Disk:
    """What survives when a node's process dies."""

    settings: Settings
    home: Path
    store: Store
    content: ContentKeys
    ring: MemoryKeyRing
    identity: bytes


@dataclass(frozen=True, slots=True)
class DiskImage:
    """A copy of a disk as bytes."""

    settings: Settings
    store: bytes
    content: bytes
    keys: NodeKeys
    identity: bytes


@dataclass(frozen=True, slots=True)
class Image:
    """A copy of a world."""

    now: int
    root: Signer
    disks: Mapping[str, DiskImage]
    officers: Mapping[str, Who]
    devices: Mapping[str, SoftPasskey]


Open = Callable[[str], tuple[Store, ContentKeys]]
"""Opens the two databases of a node in memory; a simulation gives databases that fail."""


def open_plain(name: str) -> tuple[Store, ContentKeys]:
    """Databases in memory that do not fail."""
    return Store.open("sqlite://"), ContentKeys.open("sqlite://")


def driver(database: Store | ContentKeys) -> Any:
    """The SQLite connection of a database in memory."""
    return database._engines.writer.raw_connection().driver_connection


class Wires:
    """How a node of the world reaches the others."""

    def __init__(self, world: World, me: str) -> None:
        self._world = world
        self._me = me

    def pull(self, node: str, request: Pull, *, signer: Signer | None = None) -> Page:
        return decode_page(self._world.carry(self._me, node, request, signer))

    def consistency(self, node: str, old: int, new: int, *, log: str = "exchange") -> list[bytes]:
        return self._world.reach(self._me, node).serving.consistency(old, new, log)

    def give_back(self, node: str, request: GiveBack) -> Returned:
        returned = self._world.reach(self._me, node).restoring.give_back(self._me, request)
        return decode_returned(encode(returned))

    def parcel(self, node: str, name: str, start: int) -> bytes:
        return self._world.reach(self._me, node).private.parcels.serve(self._me, name, start)

    def close(self) -> None:
        """Nothing is open."""


class World:
    """Nodes by name, one true time, one seed."""

    def __init__(self, names: Sequence[str], folder: Path, *, seed: int = 1, peered: bool = True,
                 opens: Open = open_plain, image: Image | None = None, engine: Engine = ENGINE) -> None:  # fmt: skip
        self.clock = ManualClock() if image is None else ManualClock(image.now)
        self.entropy = SeededEntropy(seed)
        self.engine = engine
        self.cut: set[frozenset[str]] = set()
        self.nodes: dict[str, Node] = {}
        self.disks: dict[str, Disk] = {}
        self.clocks: dict[str, WrongClock] = {}
        self.officers: dict[str, Who] = {}
        self.devices: dict[str, SoftPasskey] = {}
        """The passkey of each officer, by the officer's id."""
        self.tamper: Callable[[str, str, bytes], bytes] = lambda sender, receiver, data: data
        """Changes an encoded page on its way from ``sender`` to ``receiver``."""
        self.treaty = ""
        """An agreement in force among all, if the world began with one."""
        self.folder = folder
        self._opens = opens
        if image is not None:
            self._copy(image, names)
            return
        self.root = new_root(folder / f"root-{seed}.json", REALM, self.entropy)
        for name in names:
            self.add(name)
        if peered:
            self.peer_all()

    # nodes ----------------------------------------------------------------------------------------------------

    def add(self, name: str) -> Node:
        """A new node with an officer who may do everything."""
        settings = Settings(node=name, name=f"Desk of {name}", realm=REALM, root=root_public(self.root), tls=False,
                            url=f"http://{name.lower()}.localhost:1", units=("desk", "treaties"))  # fmt: skip
        keys = NodeKeys.generate(self.entropy, self.clock.now())
        store, content = self._opens(name)
        store.migrate()
        draft = draft_identity(identity_of(settings, keys, self.clock.now(), 1), Signer(keys.sign_id, keys.sign))
        self._put(
            name, Disk(settings, self._home(name), store, content, MemoryKeyRing(keys), endorse(draft, self.root))
        )
        self.officers[name] = self.person(name, f"Officer {name}", *ROLES)
        return self.nodes[name]

    def _put(self, name: str, disk: Disk) -> None:
        self.disks[name] = disk
        self.clocks.setdefault(name, WrongClock(self.clock))
        self.boot(name)

    def _home(self, name: str) -> Path:
        home = self.folder / name
        home.mkdir(exist_ok=True)
        return home

    def boot(self, name: str) -> Node:
        """Start the node anew from its disk; what its last process had in memory is gone."""
        self.nodes[name] = self.start(name, self.disks[name])
        return self.nodes[name]

    def start(self, name: str, disk: Disk) -> Node:
        """A process of the node on ``disk``."""
        with disk.store.read() as tx:
            keys = disk.ring.load(tx.meta.get("sign_id") or "")
        node = Node(
            settings=disk.settings, home=disk.home, clock=self.clocks[name], entropy=self.entropy, store=disk.store,
            content_keys=disk.content, keys=keys, engine=self.engine, line=Wires(self, name), keyring=disk.ring,
        )  # fmt: skip
        node.identity = disk.identity
        with node.reading():
            return node

    def person(self, node: str, name: str, *roles: str) -> Who:
        row = self.nodes[node].people.add(name, unit="desk", roles=roles)
        who = Who(user=row, through="api")
        self.devices[who.id] = register(self.nodes[node], who)
        return who

    def peer_all(self) -> None:
        for one in self.nodes.values():
            for other in self.nodes.values():
                if one is not other:
                    one.peering.admit(other.identity_document())

    # copies -----------------------------------------------------------------------------------------------------

    def image(self) -> Image:
        """A copy of everything, from which other worlds may begin."""
        disks = {name: self.disk_image(name) for name in self.nodes}
        devices = {user: fresh(device) for user, device in self.devices.items()}
        return Image(self.clock.now(), self.root, disks, dict(self.officers), devices)

    def disk_image(self, name: str) -> DiskImage:
        disk = self.disks[name]
        keys = self.nodes[name].keys
        return DiskImage(
            disk.settings, driver(disk.store).serialize(), driver(disk.content).serialize(), keys, disk.identity
        )

    def disk_of(self, name: str, image: DiskImage) -> Disk:
        """A disk with the bytes of ``image``."""
        store, content = self._opens(name)
        driver(store).deserialize(image.store)
        driver(content).deserialize(image.content)
        return Disk(image.settings, self._home(name), store, content, MemoryKeyRing(image.keys), image.identity)

    def _copy(self, image: Image, names: Sequence[str]) -> None:
        self.root = image.root
        self.officers = dict(image.officers)
        self.devices = {user: fresh(device) for user, device in image.devices.items()}
        for name in names:
            self._put(name, self.disk_of(name, image.disks[name]))

    # lines ------------------------------------------------------------------------------------------------------

    def reach(self, asker: str, node: str) -> Node:
        """The node that answers ``asker``; ``Unavailable`` when the line is cut."""
        if frozenset((asker, node)) in self.cut or node not in self.nodes:
            raise Unavailable(f"{node} cannot be reached", why="the line is cut")
        return self.nodes[node]

    def carry(self, asker: str, node: str, request: Pull, signer: Signer | None = None) -> bytes:
        """A pull and its answer, both as bytes on the line."""
        other = self.reach(asker, node)
        other.serving.check_partner(asker)
        asked = decode_pull(encode(request))
        other.serving.take_pull(asker, asked)
        return self.tamper(node, asker, encode(other.serving.page(asker, asked)))

    def has_news(self, asker: str, node: str) -> bool:
        """Whether a pull would move anything: facts for the asker, or receipts that it owes."""
        with self.nodes[asker].store.read() as tx:
            after = tx.peers.get(node).in_seq
        return self.nodes[node].serving.has_news(asker, after) or self.nodes[asker].pulling.owes(node) > 0

    def settle(self, rounds: int = 12, step_ms: int = 1000) -> None:
        """Let everybody pull and tick until nothing moves any more."""
        for _ in range(rounds):
            moved = 0
            self.clock.advance(step_ms)
            for name, node in self.nodes.items():
                moved += node.clockwork.tick()
                for peer in node.peering.active():
                    moved += self.pull(name, peer)
            if not moved:
                return

    def pull(self, asker: str, node: str) -> int:
        """One pull over a line that may be cut; what moved."""
        asking = self.nodes[asker]
        try:
            return len(asking.pulling.once(node)) + asking.pulling.owes(node)
        except SpeanError:
            return 0

    # acts -------------------------------------------------------------------------------------------------------

    def act(self, node: str, kind: str, form: dict[str, Any], *, record: str = "", procedure: str = "", to: Sequence[str] = (),
            targets: Sequence[str] = (), who: Who | None = None, **marks: Any) -> Done:  # fmt: skip
        intent = Intent(
            kind=kind,
            form=form,
            record=record,
            procedure=procedure,
            to=tuple(to),
            targets=tuple(targets),
            marks=Marks(**marks),
        )
        return self.perform(node, intent, who)

    def perform(self, node: str, intent: Intent, who: Who | None = None) -> Done:
        """An act of an officer, signed with her passkey where the node asks for it."""
        who = who or self.officers[node]
        if who.id not in self.devices:
            return self.nodes[node].acting.act(who, intent)
        return act_signed(self.nodes[node], who, intent, self.devices[who.id])

    def agreement(self, parties: Sequence[str], *, proposer: str = "", **terms: Any) -> str:
        """An agreement in force among ``parties``; its record id."""
        proposer = proposer or parties[0]
        text = agreement_text(parties, **terms)
        members = sorted({*parties, *text["mediators"]} - {proposer})
        done = self.act(proposer, "propose", text, procedure="agreement", to=members, **PEERING_MARKS)
        record = done.record
        self.act(proposer, "submit", {"reason": "the text is final"}, record=record)
        self.settle()
        for name in sorted({proposer, *members}):
            self.act(
                name, "sign", {"capacity": "Director", "authority": "Full powers"}, record=record, targets=(done.fact,)
            )
            self.settle()
        return record

    def ask(self, node: str, to: str, **marks: Any) -> Done:
        """An information request under the world's agreement."""
        form = {"offence": "fraud", "facts": REASON, "need": REASON, "proportionality": REASON,
                "items": [{"selector": "phone", "value": "+85512345678", "question": "who uses it"}], **marks.pop("form", {})}  # fmt: skip
        chosen = {
            "instrument": self.treaty,
            "purpose": "investigate-fraud",
            "data": "phone",
            "subject": "suspect",
            **marks,
        }
        return self.act(node, "send", form, procedure="information-request", to=(to,), **chosen)

    def state(self, node: str, record: str) -> str:
        """The record's state as ``node`` sees it; empty when it has no such record."""
        with self.nodes[node].store.read() as tx:
            found = tx.records.many([record]).get(record)
        return "" if found is None else found.state

    def status(self, node: str, fact: str) -> str:
        """What ``fact`` counts as at ``node``; empty when it is not there."""
        with self.nodes[node].store.read() as tx:
            found = tx.facts.many([fact]).get(fact)
        return "" if found is None else found.status

    def alarms(self, node: str, kind: str = "") -> list[str]:
        """Texts of the alarms of a node, oldest first."""
        with self.nodes[node].store.read() as tx:
            return [alarm.text for alarm in reversed(tx.alarms.list()) if kind in ("", alarm.kind)]


REASON = "a reason that another officer can check"
PEERING_MARKS = {
    "purpose": "coordinate",
    "data": "agreement",
    "subject": "none",
    "tlp": "AMBER",
    "instrument": "peering",
}


def agreement_text(parties: Sequence[str], **terms: Any) -> dict[str, Any]:
    """The form of an agreement."""
    return {
        "title": "Memorandum on stopping fraud", "parties": sorted(parties), "purposes": ["stop-fraud", "investigate-fraud", "warn", "coordinate"],
        "data": ["wallet", "account", "phone", "indicator", "identity"], "subjects": ["none", "suspect", "victim", "other"], "tlp_ceiling": "AMBER",
        "handling": ["H0", "H1", "H2"], "onward": "consent", "mediators": [], "retention_days": 365, "starts": "2026-01-01", **terms,
    }  # fmt: skip
