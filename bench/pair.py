"""Two nodes on this machine, each a process of its own with SQLite on disk, joined by HTTP on loopback; used by bench/exchange.py."""

from __future__ import annotations

import multiprocessing
import shutil
import socket
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from spean.core.world import SystemEntropy
from spean.keys.root import new_root, root_public
from spean.node import admit, create, open_node
from spean.node.acts.acting import Intent, Marks
from spean.node.settings import Settings

TEXT = {
    "title": "Bench", "parties": ["KH", "KR"], "purposes": ["warn"], "data": ["phone"], "subjects": ["suspect"], "tlp_ceiling": "AMBER",
    "handling": ["H0"], "retention_days": 365, "starts": "2026-01-01",
}  # fmt: skip
MARKS = {"purpose": "warn", "data": "phone", "subject": "suspect"}


def make(folder: Path) -> dict[str, Path]:
    """Two admitted nodes that have accepted each other, not running."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    root = new_root(folder / "root.json", "bench.spean", SystemEntropy())
    homes = {}
    for name in ("KR", "KH"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        homes[name] = folder / name
        listen = f"127.0.0.1:{port}"
        create(
            homes[name],
            Settings(
                node=name,
                name=name,
                realm="bench.spean",
                root=root_public(root),
                url=f"http://{listen}",
                listen=listen,
                tls=False,
            ),
        )
        admit(homes[name], root)
    for name, other in (("KR", "KH"), ("KH", "KR")):
        node = open_node(homes[name])
        node.peering.admit((homes[other] / "identity").read_bytes())
        node.people.add("Officer", unit="desk", roles=("duty-officer", "legal", "analyst"))
        node.close()
    return homes


class Remote:
    """A node in its own process, told what to do over a pipe."""

    def __init__(self, home: Path) -> None:
        self._pipe, theirs = multiprocessing.get_context("spawn").Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_run, args=(home, theirs), daemon=True)
        self._process.start()
        self.ask("ready")

    def ask(self, what: str, **words: Any) -> Any:
        self._pipe.send((what, words))
        status, answer = self._pipe.recv()
        if status != "ok":
            raise RuntimeError(answer)
        return answer

    def close(self) -> None:
        self._pipe.send(("stop", {}))
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()


def _run(home: Path, pipe: Connection) -> None:
    from spean.app import server
    from spean.node.entry.people import Who

    node = open_node(home)
    http = server(node)
    threading.Thread(target=http.run, daemon=True).start()
    while not http.started:
        time.sleep(0.01)
    who = Who(user=node.people.list()[0], through="api")
    told: dict[str, Any] = {"node": node, "who": who}
    while True:
        what, words = pipe.recv()
        if what == "stop":
            node.stopping = True
            http.should_exit = True
            return
        try:
            pipe.send(("ok", globals()[f"_{what}"](told, **words)))
        except Exception as failed:
            pipe.send(("failed", f"{type(failed).__name__}: {failed}"))


def _ready(_: dict[str, Any]) -> bool:
    return True


def _usage(_: dict[str, Any]) -> dict[str, float]:
    """CPU seconds of this process so far, and its memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return {"cpu": time.process_time(), "rss": pages * 4096 / 1e6, "peak": int(peak.split()[1]) / 1000}


def _propose(told: dict[str, Any]) -> tuple[str, str]:
    node, who = told["node"], told["who"]
    marks = Marks(instrument="peering", data="agreement", purpose="coordinate", subject="none")
    done = node.acting.act(who, Intent(kind="propose", procedure="agreement", form=TEXT, to=("KH",), marks=marks))
    node.acting.act(who, Intent(kind="submit", record=done.record, form={"reason": "final text"}))
    return done.record, done.fact


def _sign(told: dict[str, Any], record: str, fact: str) -> None:
    node, who = told["node"], told["who"]
    form = {"capacity": "Director", "authority": "Powers"}
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            node.acting.act(who, Intent(kind="sign", record=record, form=form, targets=(fact,)))
            return
        except Exception:
            time.sleep(0.1)
    raise TimeoutError("the agreement did not arrive")


def _in_force(told: dict[str, Any], record: str) -> bool:
    with told["node"].reading() as tx:
        rows = tx.records.many([record])
        return record in rows and rows[record].state == "in-force"


def _singles(told: dict[str, Any], count: int, instrument: str, group: int) -> float:
    """``count`` acts, each a record of its own: judged, decided, signed and sealed one by one; committed in groups."""
    node, who = told["node"], told["who"]
    marks = Marks(instrument=instrument, **MARKS)
    intents = [
        Intent(kind="open", procedure="circular", form={"title": f"List {n}", "source": "bench", "data": "phone"}, to=("KH",), marks=marks)
        for n in range(count)
    ]  # fmt: skip
    start = time.process_time()
    for at in range(0, count, group):
        for done in node.acting.act_each(who, intents[at : at + group]):
            if isinstance(done, Exception):
                raise done
    return time.process_time() - start


def _open(told: dict[str, Any], instrument: str) -> str:
    node, who = told["node"], told["who"]
    form = {"title": "Long list", "source": "bench", "data": "phone"}
    return node.acting.act(
        who,
        Intent(kind="open", procedure="circular", form=form, to=("KH",), marks=Marks(instrument=instrument, **MARKS)),
    ).record


def _bulk(told: dict[str, Any], record: str, count: int, batch: int) -> list[float]:
    """``count`` entries in batches; the wall time of each batch's act, durable, in seconds."""
    node, who = told["node"], told["who"]
    times = []
    for at in range(0, count, batch):
        forms = [{"kind": "phone", "value": f"+8551{n:08d}"} for n in range(at, min(at + batch, count))]
        start = time.perf_counter()
        node.acting.act_batch(who, record, "entry", forms)
        times.append(time.perf_counter() - start)
    return times


def _latency(told: dict[str, Any], count: int, instrument: str) -> list[float]:
    """One act at a time: from its commit to its verified receipt, in ms."""
    node, who = told["node"], told["who"]
    marks = Marks(instrument=instrument, **MARKS)
    found = []
    for number in range(count):
        form = {"title": f"One {number}", "source": "bench", "data": "phone"}
        done = node.acting.act(who, Intent(kind="open", procedure="circular", form=form, to=("KH",), marks=marks))
        start = time.perf_counter()
        while not _receipted(node, done.fact):
            time.sleep(0.001)
        found.append((time.perf_counter() - start) * 1000)
    return found


def _receipted(node: Any, fact: str) -> bool:
    with node.store.read() as tx:
        return tx.outbox.holders(fact) == [("KH", "accepted")]


def _backlog(told: dict[str, Any]) -> int:
    with told["node"].reading() as tx:
        counts = tx.outbox.counts()
        return counts["KH"].open if "KH" in counts else 0


def _received(told: dict[str, Any]) -> int:
    with told["node"].reading() as tx:
        return tx.peers.get("KR").in_seq
