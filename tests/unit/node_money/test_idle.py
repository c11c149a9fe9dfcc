"""A node that never traces does not pay for it: Arrow, numba and XML are loaded when a first file comes."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "pyarrow", "numba", "lxml", "schwifty", "phonenumbers")


def test_a_node_without_ledgers_loads_nothing_heavy() -> None:
    code = f"import sys, spean.app, spean.node; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
