"""The standalone verifier's exit status is its verdict."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("verifier") / "spean-verify.pyz"
    subprocess.run([str(HOUSE / "scripts" / "verifier.sh"), str(archive)], check=True)
    return archive


def _run(verifier: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(verifier), *arguments]
    return subprocess.run(command, cwd=verifier.parent, capture_output=True, text=True, check=False)


def test_it_runs_by_itself(verifier: Path) -> None:
    shown = _run(verifier, "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("usage: spean-verify")


def test_a_file_that_is_no_evidence_is_not_verified(verifier: Path) -> None:
    file = verifier.parent / "garbage"
    file.write_bytes(b"garbage\n")
    assert _run(verifier, str(file)).returncode == 1


def test_a_file_that_is_not_there_is_another_status(verifier: Path) -> None:
    assert _run(verifier, "absent").returncode == 2
