"""The documents tell the truth about the house, and no file tells anything of the machine that made it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).parents[3]
DOCUMENTS = [*sorted((HOUSE / "docs").rglob("*.md")), HOUSE / "README.md", HOUSE / "changelog.d" / "README.md"]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def _project() -> dict[str, Any]:
    return tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))


def _anchors(path: Path) -> set[str]:
    """The names under which the headings of a document can be linked to."""
    headings = _HEADING.findall(_FENCE.sub("", path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _tracked() -> list[Path]:
    """The files that a clone would hold; outside a clone, those of the folders that hold our words."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=HOUSE, capture_output=True, check=False
    )
    if listed.returncode == 0:
        names = [HOUSE / name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [
            path
            for folder in ("src", "tests", "docs", "scripts", "requirements")
            for path in HOUSE.glob(f"{folder}/**/*")
        ]
    return [path for path in names if path.is_file() and "__pycache__" not in path.parts]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    text = _FENCE.sub("", document.read_text(encoding="utf-8"))
    for target in _LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (document.parent / name).resolve() if name else document
        assert found.exists(), f"{document.name}: {target} leads nowhere"
        assert found.is_relative_to(HOUSE), f"{document.name}: {target} leads out of the project"
        if anchor:
            assert anchor in _anchors(found), f"{document.name}: {target} names no heading"


def test_no_file_names_a_path_of_a_machine_or_an_address_of_a_registry() -> None:
    machine = [f"/{name}/" for name in ("work", "root", "tmp/probe", "tmp/bash", "Users")]
    hosts = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "crates" + ".io"]
    pattern = re.compile(
        "|".join(rf"(?<![\w.~}}]){re.escape(word)}" for word in machine) + "|" + "|".join(map(re.escape, hosts))
    )
    found = []
    for path in _tracked():
        if path == Path(__file__):
            continue
        data = path.read_bytes()
        if b"\0" not in data:
            found += [f"{path.relative_to(HOUSE)}: {hit}" for hit in pattern.findall(data.decode("utf-8", "replace"))]
    assert found == []


def test_every_dependency_has_a_line_and_no_line_is_left_over() -> None:
    project = _project()
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for extra in project["project"]["optional-dependencies"].values():
        declared += extra
    names = {re.split(r"[\[<>=;! ]", line)[0] for line in declared}
    text = (HOUSE / "docs" / "dependencies.md").read_text(encoding="utf-8").split("## Licences")[0]
    assert names == set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


def test_every_room_has_a_line_in_the_design() -> None:
    rooms = {path.name for path in (HOUSE / "src" / "spean").iterdir() if path.is_dir() and path.name != "__pycache__"}
    text = (HOUSE / "docs" / "design.md").read_text(encoding="utf-8")
    assert {room for room in rooms if not re.search(rf"\b{room}/", text)} == set()


def test_changelog_fragments_have_a_kind_and_words() -> None:
    for fragment in (HOUSE / "changelog.d").iterdir():
        if fragment.name != "README.md":
            assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md", fragment.name), fragment.name
            text = fragment.read_text(encoding="utf-8")
            assert len(text.split()) >= 5, f"{fragment.name} says nothing"
            assert not text.startswith("#"), f"{fragment.name} needs no heading"


def test_make_help_shows_every_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.+)$", (HOUSE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony is not None
    assert re.findall(r"^  make (\w+)", shown, re.MULTILINE) == phony[1].split()
