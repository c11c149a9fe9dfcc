"""Compiled kernels are read from disk only where nobody else may put them, and only if they are made of what is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import spean
from spean.ledgers import kernel_cache

PROGRAM = """
from spean.ledgers import kernel_cache, strings
from spean.tracing import compiled, model, segment
import numpy as np
print(len(kernel_cache.only_ours(compiled.KERNELS, (model, segment))))
strings._near(np.zeros(1, np.uint64), np.uint64(1))
"""


def _run(source: Path) -> int:
    """How many folders are left out."""
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment)
    return int(done.stdout)


def test_kernels_are_kept_where_we_decide_and_made_anew_when_what_they_are_made_of_changes(tmp_path: Path) -> None:
    package = Path(spean.__file__).parent
    for room in ("core", "tracing", "ledgers", "formats"):
        shutil.copytree(package / room, tmp_path / "spean" / room, ignore=shutil.ignore_patterns("__pycache__"))
        (tmp_path / "spean" / room / "__pycache__").mkdir()
    shutil.copy(package / "__init__.py", tmp_path / "spean")
    folder = tmp_path / "spean" / "ledgers" / "__pycache__"
    folder.chmod(0o777)
    assert _run(tmp_path) == 1
    assert not list(folder.iterdir())
    folder.chmod(0o755)
    assert _run(tmp_path) == 0
    (kept,) = folder.glob("*.nbc")
    before = kept.stat().st_mtime_ns
    assert _run(tmp_path) == 0
    assert kept.stat().st_mtime_ns == before
    source = tmp_path / "spean" / "tracing" / "segment.py"  # another file, and however old it says it is
    source.write_text(source.read_text() + "# changed\n")
    os.utime(source, (1, 1))
    assert _run(tmp_path) == 0
    assert kept.stat().st_mtime_ns > before


@pytest.mark.parametrize(
    ("mode", "ours"), [(0o700, True), (0o755, True), (0o775, True), (0o777, False), (0o1777, False)]
)
def test_what_counts_as_ours(tmp_path: Path, mode: int, ours: bool) -> None:
    tmp_path.chmod(mode)
    assert kernel_cache.is_ours(tmp_path) == ours
    assert kernel_cache.is_ours(tmp_path / "not" / "yet") == ours
    tmp_path.chmod(0o700)
