"""Build ``spean-verify.pyz``: the standalone verifier of evidence files, for ``python spean-verify.pyz FILE``.

It holds the modules that verifying needs and nothing else; ``cryptography`` must be installed where it runs. The same
sources give the same bytes, so that anybody can check where it came from.
"""

from __future__ import annotations

import ast
import sys
import zipfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"
ENTRY = "spean.ledger.verify_file"
_MAIN = f"import sys\n\nfrom {ENTRY} import main\n\nsys.exit(main())\n"
_WHEN = (2026, 1, 1, 0, 0, 0)


def build_zipapp(target: Path) -> list[str]:
    """Write the archive to ``target``; returns the names of the modules in it."""
    modules = needed_modules(ENTRY)
    with target.open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in modules:
                path = _file_of(name)
                _add(archive, path.relative_to(SOURCE).as_posix(), path.read_bytes())
            _add(archive, "__main__.py", _MAIN.encode())
    target.chmod(0o755)
    return modules


def needed_modules(entry: str) -> list[str]:
    """``entry`` and all modules of Spean that it imports, directly or not, with their packages; sorted."""
    found: set[str] = set()
    todo = [entry]
    while todo:
        name = todo.pop()
        if name in found or not _file_of(name).is_file():
            continue
        found.add(name)
        todo += _imports(_file_of(name)) | {name.rpartition(".")[0]} - {""}
    return sorted(found)


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.split(".")[0] == "spean"}


def _file_of(module: str) -> Path:
    path = SOURCE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _WHEN)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


if __name__ == "__main__":
    made = Path(sys.argv[1] if len(sys.argv) > 1 else "dist/spean-verify.pyz")
    made.parent.mkdir(parents=True, exist_ok=True)
    print(f"{made}: {len(build_zipapp(made))} modules")
