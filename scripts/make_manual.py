"""Write the chapters and state diagrams of all procedures to docs/procedures/, from their declarations.

python scripts/make_manual.py            write them
python scripts/make_manual.py --check    exit 1 if a file is missing, stale or without a procedure
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from spean.procedures.declare import Procedure
from spean.procedures.diagram import diagram
from spean.procedures.manual import chapter

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "procedures"


def procedures() -> list[Procedure]:
    """The procedures of every capability: each room of Spean with a file ``procedures.py``."""
    found: list[Procedure] = []
    for path in sorted((ROOT / "src" / "spean").glob("*/procedures.py")):
        found.extend(getattr(importlib.import_module(f"spean.{path.parent.name}.procedures"), "PROCEDURES", ()))
    return found


def files() -> dict[str, str]:
    """File name → what it must say."""
    made = {"README.md": _index()}
    for procedure in procedures():
        made[f"{procedure.name}.md"] = chapter(procedure)
        made[f"{procedure.name}.svg"] = diagram(procedure)
    return made


def _index() -> str:
    lines = ["# Procedures", "", "<!-- Made by scripts/make_manual.py from the declarations; do not edit. -->", ""]
    lines += [f"- [{each.title}]({each.name}.md): {each.doc.split('. ')[0].rstrip('.')}." for each in procedures()]
    return "\n".join(lines) + "\n"


def stale(folder: Path = TARGET) -> list[str]:
    """The files that differ from what the declarations say."""
    made = files()
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    differing = [name for name, text in made.items() if name not in there or (folder / name).read_text("utf-8") != text]
    return sorted({*differing, *(there - made.keys())})


def main() -> int:
    """Write or check; the exit status."""
    if "--check" in sys.argv:
        names = stale()
        print("\n".join(f"stale: {name}" for name in names) or "current")
        return 1 if names else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (TARGET / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
