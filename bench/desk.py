"""The desk page with many open records: what an officer waits for, on SQLite and on PostgreSQL.

Usage: python bench/desk.py [--records 100000] [--visits 200] [--postgres] [--json]
Goal: p95 at most 50 ms on the server. A served node holds that many open records (projections of one real request, with other
deadlines and states), of which half have a clock that runs. Each page is asked for over HTTP on loopback, one after the other;
the figures are the whole answer with compression and session, as ms of wall time. ``--postgres`` starts a private server.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from browser.furnished import Furnished
from browser.served import Pair
from spean.core.ids import record_id
from spean.core.world import HOUR, MINUTE

ROOT = Path(__file__).resolve().parent.parent
GOAL_MS, BATCH = 50.0, 2_000
STATES = ("sent", "acknowledged", "accepted", "executing", "needs-clarification")


@contextmanager
def postgres() -> Iterator[str]:
    """URL of a private server that ends with the measurement."""
    server = subprocess.Popen(
        [str(ROOT / "scripts/postgres.sh")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        if not url:
            raise SystemExit("no PostgreSQL server here; scripts/postgres.sh says why")
        yield url
    finally:
        server.stdin.close()
        server.wait(30)


def fill(world: Furnished, records: int) -> float:
    """Open records beside those that are there, half of them of the partner; seconds that it took."""
    node, dice = world.kr.node, random.Random(1)
    with node.reading() as tx:
        patterns = [tx.records.get(world.requests["accepted"]), tx.records.get(world.asked["accepted"])]
    start, now = time.perf_counter(), node.clock.now()
    for at in range(0, records, BATCH):
        rows = []
        for number in range(at, min(at + BATCH, records)):
            pattern = patterns[number % 2]
            changed = now - dice.randrange(90 * 24 * HOUR)
            rows.append(replace(
                pattern, id=record_id(pattern.id.split(":")[0], pattern.procedure, node.clock, node.entropy), state=dice.choice(STATES),
                opened_at=changed, entered_at=changed, changed_at=changed, rev=0,
                due_at=now + dice.randrange(-HOUR, 7 * 24 * HOUR, MINUTE) if number % 4 < 2 else None,
            ))  # fmt: skip
        with node.store.write() as tx:
            tx.records.save(rows)
    return time.perf_counter() - start


class Officer:
    """Somebody with a browser that keeps its connection."""

    def __init__(self, world: Furnished) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", world.kr.port, timeout=60)
        self._headers = {
            "cookie": f"spean-KR={world.kr.session()}; spean-KR-task=bench", "accept-encoding": "gzip",
            "host": f"kr.localhost:{world.kr.port}",
        }  # fmt: skip

    def visit(self, path: str) -> float:
        """Ask for a page; ms."""
        start = time.perf_counter()
        self._line.request("GET", path, headers=self._headers)
        answer = self._line.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")
        return (time.perf_counter() - start) * 1000


def measure(world: Furnished, visits: int) -> list[dict[str, Any]]:
    """Each page's p50 and p95."""
    officer = Officer(world)
    purposes = world.kr.who().purposes
    with world.kr.node.reading() as tx:
        page = tx.records.list(open_only=True, purposes=purposes, limit=50)
        deep = tx.records.list(open_only=True, purposes=purposes, limit=1000, after=page[-1])[-1]
    pages = {
        "desk": "/", "our turn": "/?turn=ours", "one kind": "/?procedure=information-request", "a rare kind": "/?procedure=circular",
        "next page": f"/?after={page[-1].id}", "the twentieth page": f"/?after={deep.id}", "closed too": "/?closed=1",
    }  # fmt: skip
    rows = []
    for name, path in pages.items():
        for _ in range(5):
            officer.visit(path)
        times = sorted(officer.visit(path) for _ in range(visits))
        rows.append({
            "page": name, "p50": round(statistics.median(times), 1), "p95": round(times[int(len(times) * 0.95)], 1),
        })  # fmt: skip
    return rows


def run(records: int, visits: int, store: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="spean-bench-") as folder:
        world = Furnished(Pair(Path(folder), **({"store": store} if store else {})))
        try:
            seconds = fill(world, records)
            rows = measure(world, visits)
        finally:
            world.stop()
    ok = all(row["p95"] <= GOAL_MS for row in rows)
    return {
        "engine": "postgresql" if store else "sqlite", "records": records, "filled_s": round(seconds, 1),
        "load": round(os.getloadavg()[0], 1), "rows": rows, "ok": ok,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--visits", type=int, default=200)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.postgres:
        with postgres() as url:
            result = run(options.records, options.visits, url)
    else:
        result = run(options.records, options.visits, "")
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['records']:,} open records on {result['engine']} (load of the machine: {result['load']})")
    print(f"{'page':22} {'p50 ms':>8} {'p95 ms':>8}")
    for row in result["rows"]:
        print(f"{row['page']:22} {row['p50']:>8.1f} {row['p95']:>8.1f}   goal {GOAL_MS:.0f}")
    print("goal met" if result["ok"] else "a goal was MISSED")


if __name__ == "__main__":
    main()
