"""Real nodes in temporary homes, driven through ``main(argv)`` alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spean.cli.main import main


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)

    @property
    def problem(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.err.strip().splitlines()[-1])
        return found


@dataclass(frozen=True)
class Desk:
    """A node's home with an officer's token."""

    home: Path
    token: Path
    _say: Callable[[list[str]], Said]

    def __call__(self, *words: str) -> Said:
        return self._say(["--home", str(self.home), "--token-file", str(self.token), *words])

    def ok(self, *words: str) -> Any:
        """The JSON value of a command that must succeed."""
        said = self(*words, "--json")
        assert said.code == 0, said.err or said.out
        return said.value


ROLES = ("duty-officer", "legal", "secretariat", "administrator", "auditor", "analyst")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("SPEAN_") and name != "SPEAN_TEST_PG":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def say(*words: str) -> Said:
        capsys.readouterr()
        code = main(list(words))
        shown = capsys.readouterr()
        return Said(code, shown.out, shown.err)

    return say


@pytest.fixture
def make(tmp_path: Path, run: Callable[..., Said]) -> Callable[..., Desk]:
    """Makes an admitted node with one officer who has many roles."""
    root = tmp_path / "root.json"

    def new(name: str) -> Desk:
        if not root.exists():
            assert run("trust", "new", str(root), "--realm", "test.spean").code == 0
        home = tmp_path / name
        made = run("--home", str(home), "init", "--node", name, "--name", f"Desk of {name}", "--realm", "test.spean", "--root-file", str(root),
                   "--url", f"http://{name.lower()}.localhost:1", "--no-tls", "--token-out", str(tmp_path / f"{name}.admin"))  # fmt: skip
        assert made.code == 0, made.err
        token = tmp_path / f"{name}.token"
        roles = [word for role in ROLES for word in ("--role", role)]
        said = run("--home", str(home), "user", "add", f"Officer {name}", *roles, "--token-out", str(token))
        assert said.code == 0, said.err
        return Desk(home, token, lambda words: run(*words))

    return new


@pytest.fixture
def kr(make: Callable[..., Desk]) -> Desk:
    return make("KR")


@pytest.fixture
def pair(make: Callable[..., Desk]) -> tuple[Desk, Desk]:
    """Two nodes that have accepted one another."""
    one, other = make("KR"), make("KH")
    befriend(one, other)
    befriend(other, one)
    return one, other


def befriend(desk: Desk, other: Desk) -> None:
    offer = other.ok("peer", "invite")
    assert desk.ok("peer", "accept", offer["invitation"], "--words", offer["words"])["status"] == "active"
