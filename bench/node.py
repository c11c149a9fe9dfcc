"""A node as its keeper meets it: start to first answer, idle memory, and the CPU of ``spean --help``.

Usage: python bench/node.py [--runs 3] [--idle 5] [--json]
Goals: first answer within 2 s, idle memory at most 150 MB, ``spean --help`` at most 150 ms of CPU. The node is a fresh
one on SQLite with TLS; it is started as its keeper starts it, ``spean serve``. The median of the runs counts. The very
first start of an installation, which also compiles Python's modules, is shown by itself.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from spean.core.world import SystemEntropy
from spean.keys.root import new_root, root_public
from spean.node import admit, create
from spean.node.settings import Settings

SPEAN = str(Path(sys.executable).with_name("spean"))
START_MS, IDLE_MB, HELP_MS = 2_000, 150, 150


def fresh_home(folder: Path, port: int) -> Path:
    """A node that has just been made and admitted."""
    entropy = SystemEntropy()
    root = new_root(folder / "root.json", "bench.spean", entropy)
    home = folder / "node"
    address = f"localhost:{port}"
    create(home, Settings(node="KR", name="Desk of KR", realm="bench.spean", root=root_public(root),
                          url=f"https://{address}", listen=address))  # fmt: skip
    admit(home, root)
    return home


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether the node answers ``GET /health`` now."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    line = http.client.HTTPSConnection("localhost", port, context=context, timeout=5)
    try:
        line.request("GET", "/health")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    fields = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in row)
    return int(fields["VmRSS"].split()[0]) / 1024


def cpu_ms(pid: int) -> float:
    """CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1000


def started(home: Path, port: int, idle: float, environment: dict[str, str]) -> tuple[float, float, float, float]:
    """Start, wait for the first answer, stay idle, end: ms to the answer, of these CPU, megabytes, ms to the end."""
    begin = time.perf_counter()
    command = [SPEAN, "serve", "--home", str(home)]
    node = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        while not answers(port):
            if node.poll() is not None:
                raise SystemExit(f"spean serve ended with {node.returncode}")
            time.sleep(0.01)
        first, cpu = time.perf_counter() - begin, cpu_ms(node.pid)
        time.sleep(idle)
        memory = megabytes(node.pid)
        begin = time.perf_counter()
        node.send_signal(signal.SIGTERM)
        node.wait(30)
        return first * 1000, cpu, memory, (time.perf_counter() - begin) * 1000
    finally:
        if node.poll() is None:
            node.kill()
            node.wait()


def help_cpu(environment: dict[str, str]) -> float:
    """CPU milliseconds of one ``spean --help``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([SPEAN, "--help"], stdout=subprocess.DEVNULL, check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def run(runs: int, idle: float) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="spean-bench-") as folder:
        port = free_port()
        home = fresh_home(Path(folder), port)
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        very_first = started(home, port, 0, environment)[0]
        measured = [started(home, port, idle, environment) for _ in range(runs)]
        helps = [help_cpu(environment) for _ in range(runs + 1)][1:]
    start, cpu, memory, end = (statistics.median(column) for column in zip(*measured, strict=True))
    rows = [
        {"what": "start to first answer (HTTPS)", "value": round(start), "unit": "ms", "goal": START_MS},
        {"what": "  of these CPU", "value": round(cpu), "unit": "ms", "goal": None},
        {"what": "  the very first time", "value": round(very_first), "unit": "ms", "goal": None},
        {"what": f"memory after {idle:g} s idle", "value": round(memory, 1), "unit": "MB", "goal": IDLE_MB},
        {"what": "spean --help, CPU", "value": round(statistics.median(helps)), "unit": "ms", "goal": HELP_MS},
        {"what": "SIGTERM to end", "value": round(end), "unit": "ms", "goal": None},
    ]
    ok = start <= START_MS and memory <= IDLE_MB and statistics.median(helps) <= HELP_MS
    return {"runs": runs, "load": round(os.getloadavg()[0], 1), "rows": rows, "ok": ok}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--idle", type=float, default=5.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = run(options.runs, options.idle)
    if options.json:
        print(json.dumps(result))
        return
    print(f"one node on SQLite, median of {result['runs']} runs (load of the machine: {result['load']})")
    rows = result["rows"]
    assert isinstance(rows, list)
    for row in rows:
        goal = f"goal {row['goal']:,} {row['unit']}" if row["goal"] else ""
        print(f"{row['what']:32} {row['value']:>8,} {row['unit']:2}   {goal}")
    print("all goals met" if result["ok"] else "a goal was MISSED")


if __name__ == "__main__":
    main()
