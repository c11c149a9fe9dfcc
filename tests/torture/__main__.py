"""``python -m tests.torture``: many crash points of the disk, many histories of a federation.

    python -m tests.torture simulate [--seeds N] [--from SEED] [--seed SEED] [--verbose]
    python -m tests.torture crash [--states N] [--seed SEED]

Without a word it does both, briefly. Exit status 1 when anything broke.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "crash"), str(TESTS.parent / "src")]


def simulate(options: argparse.Namespace) -> int:
    """Histories by seed; each that breaks an invariant is told."""
    from federation.simulation import run

    seeds = [options.seed] if options.seed is not None else range(options.first, options.first + options.seeds)
    start, broken = time.monotonic(), 0
    for seed in seeds:
        try:
            report = run(seed)
        except Exception as fault:
            broken += 1
            print(f"seed {seed}: {type(fault).__name__}: {fault}")
            continue
        if options.verbose:
            print("\n".join(report.told))
        if report.broken:
            broken += 1
            print(f"seed {seed}: " + "; ".join(report.broken))
    print(f"{len(seeds)} histories, {broken} broken, {time.monotonic() - start:.0f} s")
    return broken


def crash(options: argparse.Namespace) -> int:
    """States of the disk after a crash at each write and sync of the production driver."""
    from crash_torture import torture

    start = time.monotonic()
    report = torture(options.states, options.seed or 1)
    print(f"{report}\n{time.monotonic() - start:.0f} s")
    return len(report.broken)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("simulate", "crash"))
    parser.add_argument("--seeds", type=int, default=200, help="how many histories")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="this seed only")
    parser.add_argument("--states", type=int, default=2000, help="how many states of the disk")
    parser.add_argument("--verbose", action="store_true", help="tell each history")
    options = parser.parse_args()
    chosen = (simulate, crash) if options.what is None else ({"simulate": simulate, "crash": crash}[options.what],)
    return 1 if sum(each(options) for each in chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
