"""Reference, twin and kernel give the same, for each rule, on ten thousand ledgers full of awkward things."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledgers_at_random import random_ledger

from spean.core.errors import TooMuch
from spean.tracing import engine, kernels, reference, twin
from spean.tracing.model import RULES, Rule, Trace, Transfer
from spean.tracing.segment import Start

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


@pytest.mark.parametrize("rule", ["fifo", "lifo"])
@pytest.mark.parametrize("pieces", [1, 4])
def test_many_starts_that_outgrow_their_room_are_followed_as_one_by_one(rule: Rule, pieces: int) -> None:
    """Two payments in, hundreds of small ones out, through three accounts: lots are cut where room ends, and go on."""
    chance = random.Random(pieces)
    rows = [Transfer("a", 0, "V", "M0", 4000), Transfer("b", 1, "W", "M0", 3000)]
    rows += [Transfer(f"p{number}", 2 + number, f"M{number % 3}", f"M{chance.randrange(4)}", chance.randint(0, 90))
             for number in range(900)]  # fmt: skip
    by_twin, by_kernel = engine.ledger_of(rows, {}, twin, pieces), engine.ledger_of(rows, {}, kernels, pieces)
    starts = [Start(order, 0, rows[order].amount) for order in range(0, 60)]
    untils = [None if chance.random() < 0.5 else chance.randint(0, 900) for _ in starts]
    right = twin.slices(by_twin.segments, rule, starts, untils, engine.ROOM)
    assert sorted(kernels.slices(by_kernel.segments, rule, starts, untils, engine.ROOM)) == sorted(right)
    assert len(right) > 16 * len(starts)
    for room in (10, len(right) - 1):
        with pytest.raises(TooMuch):
            kernels.slices(by_kernel.segments, rule, starts, untils, room)
    one = [len(kernels.slices(by_kernel.segments, rule, starts[:1], [None], room)) for room in (10**4, 10**6)]
    assert one[0] == one[1] > (256 if rule == "fifo" else 20)
    with pytest.raises(TooMuch):
        kernels.slices(by_kernel.segments, rule, starts[:1], [None], one[0] - 1)
