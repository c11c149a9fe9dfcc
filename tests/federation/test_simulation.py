"""Two hundred seeded histories of a federation with faults and a liar: no invariant breaks (D10).

``make torture ARGS="simulate --seeds 1000"`` lives through any number.
"""

from __future__ import annotations

import pytest

from federation.simulation import run

SEEDS = 200
CHUNK = 5


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_invariant_breaks(first: int) -> None:
    broken = {seed: report.broken for seed in range(first, first + CHUNK) if (report := run(seed)).broken}
    assert not broken, f"python -m tests.torture simulate --seed {min(broken)} --verbose"
