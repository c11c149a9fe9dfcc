"""A history of a federation from one seed: lines lose, double, delay and alter messages, processes die, disks are full,
clocks are wrong, one peer lies. Then all faults stop, everything settles, and ``invariants`` must hold.

The same seed is the same history. ``python -m tests.torture simulate --seed N --verbose`` tells it.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from federation import invariants
from federation.faults import Crash, Faults, Noise, open_faulty
from federation.liar import Liar
from federation.officers import Officers
from federation.world import Image, World
from spean.core.errors import SpeanError, Unavailable
from spean.core.world import HOUR, MINUTE, SECOND, SeededEntropy
from spean.exchange import httpsig
from spean.exchange.make import Signer
from spean.exchange.page import Pull, decode_pull, encode
from spean.node.node import Node

NAMES = ("KH", "KR", "INT", "TH", "VN")
MEMORY = Path("/dev/shm")


@dataclass(slots=True)
class Report:
    """What a history was, and what it broke."""

    seed: int
    nodes: tuple[str, ...] = ()
    liar: str = ""
    events: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """The history, a line an event."""


class History(World):
    """One world that lives through one seed."""

    def __init__(self, seed: int, folder: Path, *, steps: int = 0) -> None:
        self.rng = random.Random(seed)
        self.report = Report(seed)
        count = self.rng.choices((2, 3, 4, 5), weights=(28, 50, 17, 5))[0]
        names = NAMES[:count]
        image, treaty = beginning(count)
        self.faults = {name: Faults(name) for name in names}
        super().__init__(names, folder, image=image, opens=lambda name: open_faulty(self.faults[name]))
        self.treaty = treaty
        self.entropy = SeededEntropy(seed)
        self.noise = Noise(self.rng)
        self.nonces = {name: httpsig.Nonces() for name in names}
        self.late: dict[tuple[str, str], bytes] = {}
        """Answers that are still on their way."""
        self.steps = steps or self.rng.randint(50, 110)
        self.officers_at_work = Officers(self, self.rng, self.treaty)
        self.liar: Liar | None = None
        self.dead = False
        self.report.nodes = names
        for name in names:
            offset, drift = self.rng.randint(-15, 15) * SECOND, self.rng.randint(-60, 60)
            self.clocks[name].set(offset, drift)
        if count > 2 and self.rng.random() < 0.6:
            self.liar = Liar(self, self.rng, self.rng.choice(names))
            self.report.liar = self.liar.name

    # telling ----------------------------------------------------------------------------------------------------

    def tell(self, kind: str, words: str) -> None:
        """Remember an event."""
        self.report.events[kind] += 1
        self.report.told.append(f"{self.clock.now() % 10**9:>9} {kind:<7} {words}")

    @property
    def honest(self) -> list[str]:
        """The nodes that do not lie."""
        return [name for name in self.nodes if self.liar is None or name != self.liar.name]

    # lines ------------------------------------------------------------------------------------------------------

    def reach(self, asker: str, node: str) -> Node:
        found = super().reach(asker, node)
        return found if self.liar is None or node != self.liar.name else self.liar.face(asker)

    def carry(self, asker: str, node: str, request: Pull, signer: Signer | None = None) -> bytes:
        self.reach(asker, node)
        if self.noise.hits(self.noise.lose):
            raise Unavailable(f"{node} cannot be reached", why="the request was lost")
        if self.liar is not None and asker == self.liar.name:
            request = self.liar.asks(node, request)
        body = encode(request)
        altered = self.noise.hits(self.noise.alter)
        for _ in range(2 if self.noise.hits(self.noise.double) else 1):
            signed = self._signed(asker, node, body, signer or self.nodes[asker].signer)
            answer = self._served(asker, node, signed, self.noise.flipped(body) if altered else body)
        if self.noise.hits(self.noise.lose):
            raise Unavailable(f"{node} cannot be reached", why="the answer was lost")
        if self.noise.hits(self.noise.late):
            answer, self.late[asker, node] = self.late.get((asker, node), b""), answer
            if not answer:
                raise Unavailable(f"{node} cannot be reached", why="the answer is late")
        if self.noise.hits(self.noise.alter):
            answer = self.noise.flipped(answer)
            self.report.events["altered"] += 1
        return self.tamper(node, asker, answer)

    def _signed(self, asker: str, node: str, body: bytes, signer: Signer) -> dict[str, str]:
        """The headers with which a request travels (RFC 9421)."""
        view, nonce = _view(node, body, {}), self.entropy.bytes(16)
        added = httpsig.sign_request(view, asker, signer, now=self.nodes[asker].clock.now(), nonce=nonce)
        return {"content-type": "pull", **added}

    def _served(self, asker: str, node: str, headers: dict[str, str], body: bytes) -> bytes:
        other = self.reach(asker, node)

        def key_of(name: str, key_id: str) -> bytes | None:
            known = (key for key in other.sign_keys(name) if key.key_id == key_id and key.revoked_at is None)
            return next((key.public for key in known), None)

        with self.mortal(unreachable=node):
            httpsig.verify_request(_view(node, body, headers), key_of, self.nonces[node], authorities=frozenset({node.lower()}),
                                   now=other.clock.now())  # fmt: skip
            other.serving.check_partner(asker)
            asked = decode_pull(body)
            other.serving.take_pull(asker, asked)
            page = other.serving.page(asker, asked)
            if self.liar is not None and node == self.liar.name:
                page = self.liar.answers(asker, page)
            return encode(page)
        raise AssertionError("a process dies by an exception")

    @contextmanager
    def mortal(self, unreachable: str = "") -> Iterator[None]:
        """A process that dies in here starts again from its disk."""
        try:
            yield
        except Crash as crash:
            self.tell("crash", str(crash))
            self.boot(crash.node)
            self.nonces[crash.node] = httpsig.Nonces()
            if unreachable:
                raise Unavailable(f"{unreachable} cannot be reached", why="its process died") from crash

    # playing ----------------------------------------------------------------------------------------------------

    def play(self) -> Report:
        """The whole history."""
        self._weather()
        deeds: tuple[tuple[int, Callable[[], None]], ...] = (
            (52, self._pull), (22, self._act), (8, self._tick), (8, self._pass), (5, self._fault), (5, self._weather),
        )  # fmt: skip
        for _ in range(self.steps):
            deed = self.rng.choices([each for _, each in deeds], weights=[weight for weight, _ in deeds])[0]
            self.clock.advance(self.rng.randint(1, 400))
            with self.mortal():
                deed()
            if self.liar is not None and self.rng.random() < 0.09:
                self.liar.lie()
        self._calm()
        self._settle()
        self.report.broken = invariants.broken(self)
        return self.report

    def _pull(self) -> None:
        asker, node = self.rng.sample(list(self.nodes), 2)
        self.pull_once(asker, node)

    def pull_once(self, asker: str, node: str) -> int:
        """One pull; what moved."""
        asking = self.nodes[asker]
        try:
            fates = asking.pulling.once(node, limit=self.rng.choice((256, 256, 2, 1)) if self.noise.on else 256)
        except SpeanError as failed:
            self.tell("failed", f"{asker} ← {node}: {str(failed)[:100]}")
            return 0
        if fates:
            self.tell("pull", f"{asker} ← {node}: " + " ".join(f"{fate.fact[:6]}={fate.status}" for fate in fates))
        return len(fates) + asking.pulling.owes(node)

    def _act(self) -> None:
        name = self.rng.choice(list(self.nodes))
        self.tell("act", f"{name}: {self.officers_at_work.act(name)}")

    def _tick(self) -> None:
        self.tick(self.rng.choice(list(self.nodes)))

    def tick(self, name: str) -> int:
        """One look at what is due; a full disk stops it."""
        try:
            return self.nodes[name].clockwork.tick()
        except SpeanError as failed:
            self.tell("failed", f"{name} tick: {str(failed)[:100]}")
            return 0

    def _pass(self) -> None:
        """Time passes: mostly seconds, sometimes longer than a line may be silent, seldom longer than a deadline."""
        spans = (SECOND * 5, SECOND * 40, MINUTE * 4, HOUR, HOUR * 80)
        span = self.rng.choices(spans, weights=(40, 30, 20, 8, 2))[0]
        self.clock.advance(self.rng.randint(span // 2, span))
        self.tell("time", f"{span // 1000} s at most")
        for name in self.nodes:
            with self.mortal():
                self.tick(name)

    def _fault(self) -> None:
        name = self.rng.choice(self.honest)
        kind = self.rng.choices(("crash", "full", "cut", "clock"), weights=(40, 25, 25, 5))[0]
        faults = self.faults[name]
        if kind == "crash":
            faults.crash_in = self.rng.randint(1, 60)
        elif kind == "full":
            faults.wait, faults.refuse, faults.rolls_back = (
                self.rng.randint(0, 30),
                self.rng.randint(1, 9),
                self.rng.random() < 0.5,
            )
            self.tell("full", f"the disk of {name}")
        elif kind == "cut":
            pair = frozenset(self.rng.sample(list(self.nodes), 2))
            self.cut.add(pair)
            self.tell("cut", "–".join(sorted(pair)))
        else:
            self.clocks[name].set(self.rng.choice((-400, -90, 90, 400)) * SECOND)
            self.tell("clock", f"of {name} is wrong")

    def _weather(self) -> None:
        """Another day for the lines: how much they lose; some that were cut are mended."""
        noise, rng = self.noise, self.rng
        noise.on = True
        for pair in sorted(self.cut, key=sorted):
            if rng.random() < 0.6:
                self.cut.discard(pair)
        noise.lose, noise.double, noise.late = (rng.choice((0, 20, 150)) for _ in range(3))
        noise.alter = rng.choice((0, 0, 50))

    # settling ---------------------------------------------------------------------------------------------------

    def _calm(self) -> None:
        """All faults stop; clocks are set right."""
        self.tell("calm", "all faults stop")
        self.noise.on = False
        self.cut.clear()
        self.late.clear()
        for name in self.nodes:
            self.faults[name].calm()
            self.clocks[name].set(self.rng.randint(-2, 2) * SECOND)
        if self.liar is not None:
            self.liar.stop()

    def _settle(self) -> None:
        """Until nothing moves: leases of dead takers end, retries come, everybody compares what he has seen."""
        for span in (SECOND, 61 * SECOND, 6 * MINUTE):
            self.clock.advance(span)
            self._quiet()
        self._gossip()
        self._gossip()
        self._quiet()

    def _quiet(self) -> None:
        for _ in range(40):
            if not self._round():
                return
            self.clock.advance(SECOND)
        self.report.broken.append("it does not settle")

    def _round(self) -> int:
        moved = 0
        for name in self.nodes:
            moved += self.tick(name)
            for peer in self.nodes[name].peering.active():
                if self.has_news(name, peer):
                    moved += self.pull_once(name, peer)
        return moved

    def has_news(self, asker: str, node: str) -> bool:
        """With a liar no line is ever sure to become quiet: it is asked by ``_gossip`` only."""
        if self.liar is not None and self.liar.name in (asker, node):
            return False
        return super().has_news(asker, node)

    def _gossip(self) -> None:
        for name in self.nodes:
            for peer in self.nodes[name].peering.active():
                self.pull_once(name, peer)
        for name in self.nodes:
            self.tick(name)


@cache
def beginning(count: int) -> tuple[Image, str]:
    """A world of ``count`` partners with one agreement in force, and the agreement's id. INT mediates in it, if it is there."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    try:
        names = NAMES[:count]
        world = World(names, folder, seed=count)
        mediators = ["INT"] if "INT" in names else []
        treaty = world.agreement(names, mediators=mediators)
        return world.image(), treaty
    finally:
        shutil.rmtree(folder)


def run(seed: int, folder: Path | None = None) -> Report:
    """Live through one seed. A fault of ours that is no refusal counts as broken, too."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        history = History(seed, folder or Path(name))
        try:
            return history.play()
        except Exception as fault:
            history.report.broken.append(f"{type(fault).__name__}: {fault}")
            raise
        finally:
            for disk in history.disks.values():
                disk.store.close()
                disk.content.close()


def _view(node: str, body: bytes, headers: dict[str, str]) -> httpsig.Request:
    return httpsig.Request(
        method="POST",
        authority=node.lower(),
        path="/exchange/v1/pull",
        query="",
        headers={"content-type": "pull", **headers},
        body=body,
    )
