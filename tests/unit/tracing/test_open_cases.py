"""Cases followed transfer by transfer stand where a trace from the beginning would put them."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledgers_at_random import random_ledger

from spean.tracing import reference
from spean.tracing.cases import OpenCases
from spean.tracing.engine import ledger_of
from spean.tracing.model import RULES


@pytest.mark.parametrize("part", range(2))
def test_following_is_tracing(part: int) -> None:
    for seed in range(part * 750, part * 750 + 750):
        chance = random.Random(seed)
        rows, opening = random_ledger(chance, 22)
        known = chance.randint(1, len(rows))
        cases, ledger = OpenCases(), ledger_of(rows[:known], opening)
        started = {}
        for rule in RULES:
            started[rule] = chance.choice(rows[:known]).id
            cases.open(ledger, rule, started[rule], rule)
        for at in range(known, len(rows)):
            here, row = rows[: at + 1], rows[at]
            # Accounts keep their numbers, as in the live tail: the whole ledger names them before.
            before = {rule: reference.trace(rows[:at], opening, started[rule], rule) for rule in RULES}
            after = {rule: reference.trace(here, opening, started[rule], rule) for rule in RULES}
            late = row.time < max(each.time for each in rows[:at])
            ledger = ledger_of(here, opening)
            cases = _renumbered(cases, ledger, rows[:at], opening)
            touched = {each.case: each for each in cases.arrived(ledger, [row.id], [row.id] if late else ())}
            for rule in RULES:
                assert cases.positions(ledger, rule) == after[rule].positions, (seed, rule)
                if not late:
                    steps = [step for step in after[rule].steps if step.payment == row.id]
                    assert (rule in touched) == bool(steps), (seed, rule)
                    if steps and rule != "poison":
                        assert touched[rule].amount == sum(step.amount or 0 for step in steps)
                        assert touched[rule].hop == max(step.hop for step in steps)
                elif before[rule] != after[rule]:
                    assert touched[rule].again


def _renumbered(cases: OpenCases, ledger: object, rows: list, opening: dict) -> OpenCases:
    """A ledger in memory numbers accounts by order of time, so a late row may renumber; the live tail never does."""
    old, new = ledger_of(rows, opening).names, ledger.names  # type: ignore[attr-defined]
    moved = OpenCases()
    for name, case in cases.cases.items():
        moved.cases[name] = case
        for part in ("pieces", "held", "hops"):
            setattr(case, part, {new.number(old.account(key)): value for key, value in getattr(case, part).items()})
        case.visited = {new.number(old.account(key)) for key in case.visited}
        for account in case.visited:
            moved.visitors[account].add(name)
    return moved


def test_a_closed_case_is_heard_of_no_more() -> None:
    rows, opening = random_ledger(random.Random(3), 30)
    ledger, cases = ledger_of(rows, opening), OpenCases()
    cases.open(ledger, "c", rows[0].id, "fifo")
    cases.close("c")
    assert not cases.cases
    assert not any(cases.visitors.values())
