"""Record runs, make crash states, examine each: shared by the tests and by ``bench/crash.py``."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import crash_check
import crash_states
import crash_trace
from crash_trace import Op

_MEMORY = Path("/dev/shm")
SHARE = 1_000
"""States made from one recorded run."""
ENOUGH = 3
"""Broken states after which to stop."""


@dataclass(slots=True)
class Report:
    """What was examined, and the first broken states with what recreates them."""

    runs: int = 0
    calls: int = 0
    states: int = 0
    moments: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def torture(
    count: int, seed: int, said: Callable[[Report], None] = lambda _: None, alter: Callable[[Op], bool] = lambda _: True
) -> Report:
    """Examine ``count`` states from as many recorded runs as that needs; ``seed`` repeats them exactly.

    ``alter`` says which operations reach the disk at all: a test of the torture lets some get lost.
    """
    report = Report()
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        while report.states < count and len(report.broken) < ENOUGH:
            _one_run(report, min(SHARE, count - report.states), seed + report.runs, Path(name), alter)
            said(report)
    return report


def _one_run(report: Report, count: int, seed: int, folder: Path, alter: Callable[[Op], bool]) -> None:
    run = folder / "run"
    run.mkdir()
    ops, secrets = crash_trace.record(run, seed)
    ops = [op for op in ops if alter(op)]
    shutil.rmtree(run)
    report.runs += 1
    report.calls += len(ops)
    moments = set()
    for state in crash_states.states(ops, count, random.Random(seed)):
        place = folder / "state"
        place.mkdir(mode=0o700)
        try:
            crash_check.check(state, place, secrets)
        except Exception as error:
            report.broken.append(f"seed {seed}, {_where(ops, state)}: {type(error).__name__}: {error}")
        shutil.rmtree(place)
        report.states += 1
        report.fates[state.fate] += 1
        moments.add(state.moment)
        if len(report.broken) >= ENOUGH:
            break
    report.moments += len(moments)


def _where(ops: Iterable[Op], state: crash_states.State) -> str:
    op = list(ops)[state.moment]
    return f"call {state.moment} ({op.kind} {op.name}), unsynced data {state.fate}"
