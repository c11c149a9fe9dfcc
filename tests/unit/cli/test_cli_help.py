"""Every command explains itself, the manual names each and no other, and help costs next to nothing."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spean.cli.derived import ROOMS, acts_of, procedure_of
from spean.cli.main import COMMANDS, parser_of

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"


def verbs_of(name: str) -> dict[str, argparse.ArgumentParser]:
    """The verbs of a group by name, aliases too; empty for a command without verbs."""
    for action in parser_of(COMMANDS[name])._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def lines() -> Iterator[tuple[str, ...]]:
    for name in COMMANDS:
        yield (name,)
        for verb in verbs_of(name):
            yield name, verb


@pytest.mark.parametrize("words", list(lines()), ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...], run: Callable[..., Any]) -> None:
    said = run(*words, "--help")
    assert said.code == 0
    assert said.out.startswith(f"usage: spean {words[0]}")
    assert len(said.out.splitlines()) < 90
    assert said.err == ""


def test_help_names_every_command(run: Callable[..., Any]) -> None:
    said = run("--help")
    assert said.code == 0
    for name, command in COMMANDS.items():
        assert f"  {name:<10} {command.says}" in said.out


def test_nothing_asked_is_answered_with_help(run: Callable[..., Any]) -> None:
    assert run().out.startswith("usage: spean")


def test_help_imports_nothing_heavy_and_is_quick() -> None:
    program = (
        "import resource, sys; from spean.cli.main import main; main(['--help']);"
        "heavy = {'msgspec', 'sqlalchemy', 'cryptography', 'cedarpy', 'fastapi', 'uvicorn', 'asyncio', 'ssl'} & set(sys.modules);"
        "used = resource.getrusage(resource.RUSAGE_SELF); print('HEAVY', sorted(heavy), used.ru_utime + used.ru_stime)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy, seconds = done.stdout.splitlines()[-1].removeprefix("HEAVY ").rsplit(" ", 1)
    assert heavy == "[]"
    assert float(seconds) < 0.3, "the goal is 0.15 s of CPU on a quiet machine"


def test_every_procedure_of_the_node_is_a_group() -> None:
    from spean.node.node import PROCEDURES

    groups = {command.procedure for command in COMMANDS.values() if command.procedure}
    assert groups == {procedure.name for procedure in PROCEDURES} == set(ROOMS)


def test_every_act_of_a_procedure_is_a_verb() -> None:
    for name, command in COMMANDS.items():
        if command.procedure:
            verbs = verbs_of(name)
            kinds = {t.kind for t in acts_of(procedure_of(command.procedure))}
            assert kinds <= set(verbs)
            assert {"list", "show", "schema", "manual"} <= set(verbs)
            assert not kinds & {"list", "show", "schema", "manual"}


def test_the_manual_names_only_commands_that_exist() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    named = re.findall(r"(?:^|[`(\s])spean ([a-z]+)(?: ([a-z][a-z-]*))?(?=[\s`).,;:|/]|$)", text, re.MULTILINE)
    assert len(named) > 30
    for name, verb in named:
        assert name in COMMANDS, f"spean {name}"
        verbs = verbs_of(name)
        if verbs and verb:
            assert verb in verbs, f"spean {name} {verb}"


def test_the_manual_names_every_command() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    table = text[text.index("## 14.") :]
    for name, command in COMMANDS.items():
        assert f"`spean {name}" in table, name
        if not command.procedure:
            for verb in verbs_of(name):
                assert re.search(rf"`spean {name} [a-z/-]*\b{verb}\b", table), f"spean {name} {verb}"
