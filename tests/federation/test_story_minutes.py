"""The story "Minutes" (DOMAIN 8.1), whole: served nodes, each a process; real files, keys, lines and clocks; every check of it true."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from spean.demo.minutes.files import Files
from spean.demo.minutes.story import HELD_USD, Told, checks


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("minutes") / "demo"
    run = subprocess.run(
        [sys.executable, "-m", "spean", "demo", "--headless", "--json", "--keep", "--dir", str(folder)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:] + run.stdout[-3000:]
    return dict(json.loads(run.stdout))


def test_every_check_of_the_story_holds(played: dict[str, object]) -> None:
    found = played["checks"]
    assert isinstance(found, dict)
    assert len([name for name in found if name.startswith("minutes: ")]) == 11
    assert all(found.values()), found


def test_a_hundred_and_twenty_three_thousand_are_held_and_given_back(played: dict[str, object]) -> None:
    minutes = played["minutes"]
    assert isinstance(minutes, dict)
    assert minutes["held_usd"] == HELD_USD == 12_300_000
    assert minutes["paid"] == {"V-KR-0417": 10_460_000, "V-KR-0388": 1_240_000, "V-KR-0402": 600_000}
    assert minutes["first_request_ms"] < 60_000


def test_the_checks_fail_when_the_story_went_otherwise() -> None:
    """A story in which nothing happened fulfils none."""
    assert not any(checks(Told()).values())


def test_no_account_of_the_story_is_the_same_as_another() -> None:
    files = Files(0)
    documents = [*files.of_korea(), *files.of_cambodia(), *files.of_the_trader(), *files.second_attempt()]
    assert len({each.data for each in documents}) == len(documents)
    assert Path(documents[0].name).suffix == ".xml"
