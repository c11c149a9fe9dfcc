"""What import contracts cannot say: rooms that must be in them, and calls that read clock or disk without an import."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]
SPEAN = HOUSE / "src" / "spean"
PURE = (
    "agreements",
    "candidates",
    "circulars",
    "core",
    "directory",
    "dossiers",
    "entities",
    "exchange",
    "formats",
    "hits",
    "holds",
    "ledger",
    "matching",
    "mules",
    "onward",
    "preservation",
    "procedures",
    "recalls",
    "requests",
    "restitution",
    "screening",
    "tracing",
    "treaties",
    "trust",
)
FORBIDDEN_CALLS = {
    "open",
    "input",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "uuid.uuid4",
    "uuid4",
}
PROGRAMS = {"ledger/verify_file.py"}
"""Programs of their own that happen to live in a pure room: spean-verify reads the file it is given."""

PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
DISTRIBUTION_OF = {"argon2": "argon2-cffi", "z3": "z3-solver"}


def _there(room: str) -> bool:
    return (SPEAN / room / "__init__.py").exists()


def _imported(path: Path) -> Iterator[str]:
    """The top-level packages that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _foreign() -> set[str]:
    """Every package that spean imports and that is neither its own nor of the standard library."""
    found = {name for path in SPEAN.rglob("*.py") for name in _imported(path)}
    return found - set(sys.stdlib_module_names) - {"spean"}


def test_every_pure_room_that_exists_is_in_the_contract() -> None:
    held = set(CONTRACTS["pure"]["source_modules"])
    assert held == {f"spean.{room}" for room in PURE if _there(room)}, (
        "add the new room to the contract in pyproject.toml"
    )


def test_faces_and_adapters_that_exist_are_in_the_contract() -> None:
    assert set(CONTRACTS["faces"]["source_modules"]) == {
        f"spean.{room}" for room in ("api", "cli", "door", "web") if _there(room)
    }
    adapters = {f"spean.{room}" for room in ("keys", "peers", "sql", "store") if _there(room)}
    assert set(CONTRACTS["faces"]["forbidden_modules"]) == adapters


def test_core_is_held_free_of_every_package_that_we_import() -> None:
    assert _foreign() <= set(CONTRACTS["core"]["forbidden_modules"])


def test_what_is_imported_is_declared() -> None:
    declared = [*PROJECT["project"]["dependencies"]]
    for extra in PROJECT["project"]["optional-dependencies"].values():
        declared += extra
    names = {re.split(r"[\[<>=;! ]", line)[0] for line in declared}
    # Starlette is what FastAPI is built on, AnyIO what Starlette is, MarkupSafe what Jinja is; each is released to fit, so the other's
    # pin decides.
    assert {DISTRIBUTION_OF.get(name, name) for name in _foreign()} - names <= {"starlette", "anyio", "markupsafe"}


@pytest.mark.parametrize("room", [room for room in PURE if _there(room)])
def test_a_pure_room_neither_opens_files_nor_reads_the_clock(room: str) -> None:
    for path in (SPEAN / room).rglob("*.py"):
        if str(path.relative_to(SPEAN)) not in PROGRAMS:
            calls = {
                ast.unparse(node.func)
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call)
            }
            assert not calls & FORBIDDEN_CALLS, f"{path.relative_to(HOUSE)} calls {calls & FORBIDDEN_CALLS}"
