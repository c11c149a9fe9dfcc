"""A federation in one process: real nodes on SQLite in memory, joined by function calls; time and chance are seeded (D10)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spean.core.errors import Unavailable
from spean.core.world import ManualClock, SeededEntropy
from spean.exchange.identity import draft_identity, endorse
from spean.exchange.make import Signer
from spean.exchange.page import GiveBack, Page, Pull, decode_page, decode_pull, encode
from spean.keys import ContentKeys, NodeKeys
from spean.keys.root import new_root, root_public
from spean.node.acting import Done, Intent, Marks
from spean.node.node import Node, assemble, identity_of
from spean.node.people import Who
from spean.node.settings import Settings
from spean.store import Store

REALM = "test.spean"


class Wires:
    """Carries pulls between the nodes of a world; a cut wire raises ``Unavailable``."""

    def __init__(self, world: World, me: str) -> None:
        self._world = world
        self._me = me

    def _other(self, node: str) -> Node:
        if frozenset((self._me, node)) in self._world.cut or node not in self._world.nodes:
            raise Unavailable(f"{node} cannot be reached", why="the line is cut")
        return self._world.nodes[node]

    def pull(self, node: str, request: Pull) -> Page:
        other = self._other(node)
        other.serving.check_partner(self._me)
        asked = decode_pull(encode(request))
        other.serving.take_pull(self._me, asked)
        return decode_page(self._world.tamper(node, self._me, encode(other.serving.page(self._me, asked))))

    def consistency(self, node: str, old: int, new: int, *, log: str = "exchange") -> list[bytes]:
        return self._other(node).serving.consistency(old, new, log)

    def give_back(self, node: str, request: GiveBack) -> Page:
        raise Unavailable(f"{node} gives nothing back")

    def close(self) -> None:
        """Nothing is open."""


class World:
    """Nodes by name, one clock, one seed."""

    def __init__(
        self, names: Sequence[str], folder: Path, *, seed: int = 1, store: str = "sqlite://", peered: bool = True
    ) -> None:
        self.clock = ManualClock()
        self.entropy = SeededEntropy(seed)
        self.cut: set[frozenset[str]] = set()
        self.nodes: dict[str, Node] = {}
        self.officers: dict[str, Who] = {}
        self.tamper = lambda sender, receiver, data: data
        self.folder = folder
        self.root = new_root(folder / f"root-{seed}.json", REALM, self.entropy)
        for name in names:
            self.add(name, store.format(name=name))
        if peered:
            self.peer_all()

    def add(self, name: str, store_url: str = "sqlite://") -> Node:
        settings = Settings(node=name, name=f"Desk of {name}", realm=REALM, root=root_public(self.root), url=f"http://{name.lower()}.localhost:1",
                            tls=False, units=("desk", "treaties"))  # fmt: skip
        keys = NodeKeys.generate(self.entropy, self.clock.now())
        store = Store.open(store_url)
        store.migrate()
        content = ContentKeys.open("sqlite://")
        home = self.folder / name
        home.mkdir(exist_ok=True)
        node = assemble(settings, home, keys, store, content, self.clock, self.entropy, Wires(self, name))
        identity = identity_of(settings, keys, self.clock.now(), 1)
        node.identity = endorse(draft_identity(identity, Signer(keys.sign_id, keys.sign)), self.root)
        self.nodes[name] = node
        self.officers[name] = self.person(
            name, f"Officer {name}", "duty-officer", "investigator", "legal", "secretariat", "administrator"
        )
        return node

    def person(self, node: str, name: str, *roles: str) -> Who:
        row = self.nodes[node].people.add(name, unit="desk", roles=roles)
        return Who(user=row, through="api")

    def peer_all(self) -> None:
        for one in self.nodes.values():
            for other in self.nodes.values():
                if one is not other:
                    one.peering.admit(other.identity_document())

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
        return self.nodes[node].acting.act(who or self.officers[node], intent)

    def settle(self, rounds: int = 12, step_ms: int = 1000) -> None:
        """Let everybody pull and tick until nothing moves any more."""
        for _ in range(rounds):
            moved = 0
            self.clock.advance(step_ms)
            for name, node in self.nodes.items():
                moved += node.clockwork.tick()
                for peer in node.peering.active():
                    if frozenset((name, peer)) not in self.cut:
                        before = node.store.pulse()
                        moved += len(node.pulling.once(peer))
                        moved += node.pulling.owes(peer)
                        del before
            if not moved:
                return

    def agreement(self, parties: Sequence[str], *, proposer: str = "", **terms: Any) -> str:
        """An agreement in force among ``parties``; its record id."""
        proposer = proposer or parties[0]
        text = {
            "title": "Memorandum on stopping fraud", "parties": sorted(parties),
            "purposes": ["stop-fraud", "investigate-fraud", "warn", "coordinate"],
            "data": ["wallet", "account", "phone", "indicator", "identity"],
            "subjects": ["none", "suspect", "victim", "other"], "tlp_ceiling": "AMBER",
            "handling": ["H0", "H1", "H2"], "onward": "consent", "mediators": [], "retention_days": 365, "starts": "2026-01-01", **terms,
        }  # fmt: skip
        members = sorted({*parties, *text["mediators"]} - {proposer})
        marks = {
            "purpose": "coordinate",
            "data": "agreement",
            "subject": "none",
            "tlp": "AMBER",
            "instrument": "peering",
        }
        done = self.act(proposer, "propose", text, procedure="agreement", to=members, **marks)
        record = done.record
        self.act(proposer, "submit", {"reason": "the text is final"}, record=record)
        self.settle()
        for name in sorted({proposer, *members}):
            self.act(
                name, "sign", {"capacity": "Director", "authority": "Full powers"}, record=record, targets=(done.fact,)
            )
            self.settle()
        return record
