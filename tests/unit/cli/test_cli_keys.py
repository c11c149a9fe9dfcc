"""The recovery file from the command line: made, drilled, opened in earnest, out of date."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PEOPLE = ("Lee Hana", "Park Min", "Choi Jun")
Type = Callable[..., None]


@pytest.fixture
def type_(monkeypatch: pytest.MonkeyPatch) -> Type:
    """What is typed at the terminal during the next command, line by line."""
    return lambda *lines: monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


@pytest.fixture
def made(kr: Any, type_: Type, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A recovery file and what the three persons wrote down."""
    return make_file(kr, type_, tmp_path / "recovery")


def make_file(kr: Any, type_: Type, file: Path) -> tuple[Path, dict[str, str]]:
    type_(*[""] * 6)
    said = kr("keys", "recovery", "make", str(file), "--people", *PEOPLE, "--json")
    assert said.code == 0, said.err
    assert said.value["people"] == list(PEOPLE)
    found = re.findall(r"key \w{16}, ([^:]+):\s+([a-z/ ]+)\n", said.err)
    papers = {person: words.strip() for person, words in found}
    assert set(papers) == set(PEOPLE)
    assert not any(words in said.out or words in file.read_text() for words in papers.values())
    return file, papers


def lose(kr: Any) -> dict[str, Any]:
    """The node's keys are gone."""
    before = kr.ok("trust", "show", str(kr.home / "identity.draft"))
    shutil.rmtree(kr.home / "keys")
    assert kr("doctor").code != 0
    return before


def test_two_of_three_bring_the_keys_back(kr: Any, type_: Type, made: Any) -> None:
    file, papers = made
    assert any("recovery file" in each["text"] for each in kr.ok("alarm", "list"))
    lose(kr)
    type_("Choi Jun", papers["Choi Jun"], "lee hana", papers["Lee Hana"].upper())
    said = kr("keys", "recovery", "open", str(file))
    assert said.code == 0, said.err
    assert "make a new recovery file" in said.out
    assert kr.ok("log", "verify")
    assert any(each["kind"] == "recovery-opened" for each in kr.ok("alarm", "list"))
    type_("Choi Jun", papers["Choi Jun"], "Lee Hana", papers["Lee Hana"])
    again = kr("keys", "recovery", "open", str(file), "--json")
    assert (again.code, "never overwrites" in again.problem["why"]) == (1, True)


def test_one_alone_wrong_words_and_no_terminal(kr: Any, type_: Type, made: Any) -> None:
    file, papers = made
    lose(kr)
    hana, park = papers["Lee Hana"], papers["Park Min"]
    for typed, code, word in (
        (("Lee Hana", hana, "Lee Hana", hana), 2, "two of the three"),
        (("Lee Hana", hana, "Park Min", hana), 1, "Park Min"),
        (("Lee Hana", hana, "Park Min", park.rsplit(" ", 1)[0]), 2, "Park Min"),
        (("Lee Hana", hana, "Nobody", park), 2, "Nobody"),
        (("Lee Hana", hana), 2, "nobody answers"),
    ):
        type_(*typed)
        said = kr("keys", "recovery", "open", str(file), "--json")
        assert said.code == code, said.err
        assert word in said.err
        assert not (kr.home / "keys").exists()


def test_a_file_from_before_a_rotation_says_so(pair: tuple[Any, Any], type_: Type, tmp_path: Path) -> None:
    kr, _ = pair
    file, papers = make_file(kr, type_, tmp_path / "recovery")
    assert kr("key", "rotate", "--reason", "a yearly rotation").code == 0
    assert any(each["kind"] == "recovery-stale" for each in kr.ok("alarm", "list"))
    lose(kr)
    type_("Choi Jun", papers["Choi Jun"], "Lee Hana", papers["Lee Hana"])
    said = kr("keys", "recovery", "open", str(file), "--json")
    assert (said.code, said.problem["rule"]) == (1, "O9")
    assert "rotated its keys" in said.problem["why"]
    assert not (kr.home / "keys").exists()


def test_another_nodes_file_is_refused(pair: tuple[Any, Any], type_: Type, tmp_path: Path) -> None:
    kr, kh = pair
    file = tmp_path / "recovery"
    type_(*[""] * 6)
    assert kr("keys", "recovery", "make", str(file), "--people", *PEOPLE).code == 0
    assert kr("keys", "recovery", "make", str(file), "--people", *PEOPLE).code == 2
    shutil.rmtree(kh.home / "keys")
    refused = kh("keys", "recovery", "open", str(file), "--json")
    assert (refused.code, refused.problem["rule"]) == (1, "R4")


def test_the_drill_restores_a_backup_with_two_papers(kr: Any, type_: Type, made: Any, run: Any, tmp_path: Path) -> None:
    file, papers = made
    kr.ok("backup", str(tmp_path / "backup"))
    home = tmp_path / "spare"
    type_("Park Min", papers["Park Min"], "Choi Jun", papers["Choi Jun"])
    said = run("--home", str(home), "restore", str(tmp_path / "backup"), "--recovery", str(file),
               "--content-keys", str(kr.home / "content-keys.db"))  # fmt: skip
    assert said.code == 0, said.err
    assert run("--home", str(home), "log", "verify").code == 0


def test_making_needs_an_administrator(kr: Any, run: Any, tmp_path: Path) -> None:
    token = tmp_path / "officer.token"
    run("--home", str(kr.home), "user", "add", "Officer", "--role", "duty-officer", "--token-out", str(token))
    said = run(
        "--home",
        str(kr.home),
        "--token-file",
        str(token),
        "keys",
        "recovery",
        "make",
        str(tmp_path / "f"),
        "--people",
        *PEOPLE,
    )
    assert said.code == 1
    assert not (tmp_path / "f").exists()
