"""What the exchange costs: intake, single facts, bulk, latency, catch-up. Two nodes, HTTP on loopback, SQLite synchronous=FULL.

    python bench/exchange.py [--json] [--facts N] [--catch-up N] [--only NAME]

Figures are CPU seconds of both processes together (``time.process_time``), since the machine is shared; wall times are named so.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from pair import Remote, make


class Bench:
    """Both nodes with an agreement in force."""

    def __init__(self, folder: Path) -> None:
        self.homes = make(folder)
        self.kr = Remote(self.homes["KR"])
        self.kh = Remote(self.homes["KH"])
        self.agreement, fact = self.kr.ask("propose")
        self.kr.ask("sign", record=self.agreement, fact=fact)
        self.kh.ask("sign", record=self.agreement, fact=fact)
        for node in (self.kr, self.kh):
            _until(lambda node=node: node.ask("in_force", record=self.agreement), 30)
        time.sleep(0.5)

    def close(self) -> None:
        self.kr.close()
        self.kh.close()

    def cpu(self) -> float:
        return float(self.kr.ask("usage")["cpu"] + self.kh.ask("usage")["cpu"])

    def single(self, count: int) -> dict[str, Any]:
        """Each fact signed, sealed and decided by itself; from commit to verified receipt."""
        before, start = self.cpu(), time.perf_counter()
        self.kr.ask("singles", count=count, instrument=self.agreement, group=64)
        _until(lambda: self.kr.ask("backlog") == 0, 600)
        cpu = self.cpu() - before
        return {
            "facts": count,
            "per_cpu_second": round(count / cpu),
            "wall_seconds": round(time.perf_counter() - start, 2),
            "goal": 700,
        }

    def bulk(self, count: int) -> dict[str, Any]:
        """One content key, decision and receipt a batch; each fact still signed and proved."""
        record = self.kr.ask("open", instrument=self.agreement)
        before, start = self.cpu(), time.perf_counter()
        self.kr.ask("bulk", record=record, count=count, batch=512)
        _until(lambda: self.kr.ask("backlog") == 0, 600)
        cpu = self.cpu() - before
        return {
            "facts": count,
            "per_cpu_second": round(count / cpu),
            "wall_seconds": round(time.perf_counter() - start, 2),
            "goal": 2000,
        }

    def latency(self, count: int) -> dict[str, Any]:
        found = sorted(self.kr.ask("latency", count=count, instrument=self.agreement))
        return {
            "facts": count,
            "p50_ms": round(statistics.median(found), 1),
            "p95_ms": round(found[int(len(found) * 0.95)], 1),
            "goal_p95_ms": 150,
        }

    def intake(self, count: int) -> dict[str, Any]:
        """Own facts, durable and in the log, with nobody on the line."""
        self.kh.close()
        record = self.kr.ask("open", instrument=self.agreement)
        self.kr.ask("bulk", record=record, count=2 * 512, batch=512)
        before = self.kr.ask("usage")["cpu"]
        start = time.perf_counter()
        times = sorted(self.kr.ask("bulk", record=record, count=count, batch=512))
        wall = time.perf_counter() - start
        cpu = self.kr.ask("usage")["cpu"] - before
        return {
            "facts": count, "per_second_wall": round(count / wall), "per_cpu_second": round(count / cpu), "goal_per_second": 10_000,
            "commit_p99_ms": round(times[min(len(times) - 1, int(len(times) * 0.99))] * 1000, 1), "goal_p99_ms": 100,
        }  # fmt: skip

    def catch_up(self) -> dict[str, Any]:
        """KH was away; it comes back and takes everything that waits."""
        backlog = self.kr.ask("backlog")
        before = self.kr.ask("usage")["cpu"]
        start = time.perf_counter()
        self.kh = Remote(self.homes["KH"])
        already = self.kh.ask("received")
        marks: list[tuple[float, int]] = [(time.perf_counter(), already)]
        while (got := self.kh.ask("received")) < already + backlog and time.perf_counter() - start < 1800:
            if got - marks[-1][1] >= max(backlog // 10, 1):
                marks.append((time.perf_counter(), got))
            time.sleep(0.05)
        marks.append((time.perf_counter(), self.kh.ask("received")))
        _until(lambda: self.kr.ask("backlog") == 0, 60)
        rates = [round((b[1] - a[1]) / (b[0] - a[0])) for a, b in itertools.pairwise(marks) if b[1] > a[1]]
        kr, kh = self.kr.ask("usage"), self.kh.ask("usage")
        return {
            "facts": backlog, "wall_seconds": round(time.perf_counter() - start, 1), "rates_per_second": rates,
            "per_cpu_second": round(backlog / (kr["cpu"] - before + kh["cpu"])),
            "peak_mb": {"sender": round(kr["peak"]), "receiver": round(kh["peak"])},
            "goal_mb": 300,
        }  # fmt: skip


def _until(holds: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError("it did not come")
        time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--facts", type=int, default=2000, help="facts in the single and bulk runs")
    parser.add_argument(
        "--catch-up",
        type=int,
        default=5000,
        help="facts that wait for the node that was away (the issue's number: 100000)",
    )
    parser.add_argument("--repeat", type=int, default=1, help="runs of single and bulk; the median is given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "pair")
        try:
            bench.single(300)
            found: dict[str, Any] = {
                "single": _median([bench.single(options.facts) for _ in range(options.repeat)]),
                "bulk": _median([bench.bulk(options.facts) for _ in range(options.repeat)]),
                "latency": bench.latency(100),
                "intake": bench.intake(options.catch_up),
                "catch_up": bench.catch_up(),
            }
        finally:
            bench.close()
    if options.json:
        print(json.dumps(found))
        return
    for name, figures in found.items():
        print(f"{name:10}", "  ".join(f"{key}={value}" for key, value in figures.items()))


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return sorted(runs, key=lambda run: run["per_cpu_second"])[len(runs) // 2]


if __name__ == "__main__":
    main()
