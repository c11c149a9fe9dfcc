"""Crash points on the production driver: rebuild the disks that a power cut may leave, and open each.

    python bench/crash.py [N] [--seed S] [--json]

A small run of a node is recorded with strace; after each of its writes and syncs, unsynced data are lost, kept, kept
in part, reordered, torn or zeroed, and names lost. Each state is opened with the production code: everything
acknowledged must be there, with its key, the log's head must be its root, and nothing half done or un-erased.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "crash"))

import crash_torture
import crash_trace


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("states", type=int, nargs="?", default=2_000, help="how many states to examine")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same states")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    reason = crash_trace.why_not()
    if reason:
        print(reason, file=sys.stderr)
        return 3
    start = time.perf_counter()

    def said(report: crash_torture.Report) -> None:
        if not options.json:
            print(f"{report.states:>8,} states of {report.runs} runs, {len(report.broken)} broken", flush=True)

    report = crash_torture.torture(options.states, options.seed, said)
    seconds = time.perf_counter() - start
    if options.json:
        print(json.dumps({**asdict(report), "seconds": round(seconds, 1), "ok": not report.broken}))
    else:
        print(f"{'states':>8} {'runs':>5} {'calls':>7} {'moments':>8} {'broken':>7} {'seconds':>8}")
        row = f"{report.states:>8,} {report.runs:>5} {report.calls:>7,} {report.moments:>8,} "
        print(row + f"{len(report.broken):>7} {seconds:>8.1f}")
        print("\n".join(report.broken))
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
