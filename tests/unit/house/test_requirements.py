"""The pins: whole, hashed, without an address, and the same in every set."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[3] / "requirements"
SETS = sorted(path.name for path in REQUIREMENTS.glob("*.txt"))
_PIN = re.compile(r"([a-z0-9-]+)==([\w.]+)(?: ; [^\\]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)")


def _pins(name: str) -> dict[str, str]:
    return {package: version for package, version, _ in _PIN.findall((REQUIREMENTS / name).read_text(encoding="utf-8"))}


def test_the_three_sets_are_there() -> None:
    assert SETS == ["base.txt", "dev.txt", "node.txt"]


@pytest.mark.parametrize("name", SETS)
def test_a_set_holds_pins_with_hashes_and_nothing_else(name: str) -> None:
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    assert _PIN.sub("", text).split() == []
    assert len(_pins(name)) > 10


def test_what_ships_is_what_was_tested() -> None:
    tested = _pins("dev.txt").items()
    assert _pins("base.txt").items() <= _pins("node.txt").items() <= tested
