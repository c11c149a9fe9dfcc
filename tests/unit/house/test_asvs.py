"""The answers to OWASP ASVS 5.0 are complete, and each test that they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+) \|$", (HOUSE / "docs/asvs.md").read_text(), re.MULTILINE)
SECTIONS = {
    "3.1": 1, "3.2": 3, "3.3": 5, "3.4": 8, "3.5": 8, "3.6": 1, "3.7": 5,
    "6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2, "8.1": 4, "8.2": 4, "8.3": 3, "8.4": 2,
}  # fmt: skip
"""How many requirements each section of the four chapters has in version 5.0.0."""
REASONS = ("By design", "Not here", "Partly", "Open")
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def test_every_requirement_is_answered_once_in_order() -> None:
    asked = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
    assert [number for number, _, _ in ROWS] == asked


@pytest.mark.parametrize(("number", "answer"), [(number, answer) for number, _, answer in ROWS])
def test_an_answer_names_tests_that_exist_or_gives_its_reason(number: str, answer: str) -> None:
    named = _TEST.findall(answer)
    assert named or answer.startswith(REASONS), number
    for file, name in named:
        path = HOUSE / "tests" / file
        assert path.is_file(), f"{number}: {file}"
        assert re.search(rf"^def {name}\(", path.read_text(), re.MULTILINE), f"{number}: {name}"
