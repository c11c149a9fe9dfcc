"""Reference, twin and kernel give the same, for each rule, on ten thousand ledgers full of awkward things."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledgers_at_random import random_ledger

from spean.tracing import engine, kernels, reference, twin
from spean.tracing.model import RULES, Trace

LEDGERS = 10_000


def _whole(trace: Trace) -> bool:
    return trace.rule == "poison" or sum(each.amount or 0 for each in trace.positions) == trace.amount


@pytest.mark.parametrize("part", range(4))
def test_reference_twin_and_kernel_agree(part: int) -> None:
    for seed in range(part * LEDGERS // 4, (part + 1) * LEDGERS // 4):
        chance = random.Random(seed)
        rows, opening = random_ledger(chance)
        start = chance.choice(rows)
        until = None if chance.random() < 0.5 else start.time + chance.randint(0, 20)
        by_twin = engine.ledger_of(rows, opening, twin, chance.choice((1, 1, 2, 3)))
        by_kernel = engine.ledger_of(rows, opening, kernels, chance.choice((1, 1, 2, 3)))
        for rule in RULES:
            right = reference.trace(rows, opening, start.id, rule, until)
            assert engine.trace(by_twin, start.id, rule, until) == right, (seed, rule)
            assert engine.trace(by_kernel, start.id, rule, until) == right, (seed, rule)
            assert _whole(right), (seed, rule)
        assert by_twin.balance("A0") == by_kernel.balance("A0")
        assert engine.lowest(by_kernel, start.id, until) == reference.lowest(rows, opening, start.id, until), seed
