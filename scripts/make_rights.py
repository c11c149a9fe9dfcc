"""Writes docs/rights.md from the table of roles and purposes (core/roles.py): python scripts/make_rights.py"""

from __future__ import annotations

from pathlib import Path

from spean.core.marks import Purpose
from spean.core.roles import READS, Role, purposes_of

TARGET = Path(__file__).parent.parent / "docs" / "rights.md"
HEAD = """# Who reads what: role × purpose

Written by `scripts/make_rights.py` from `core/roles.py`; a test holds both together.

Somebody with several roles reads what any of them reads. Every role that reads anything also reads of danger to life (R47) and
records whose purpose is not known. The same table holds for lists, reading, searching, acting, evidence and holders (O1);
what it refuses is answered with 403 and stands in the domestic log. Which *acts* a role may do is declared in each procedure.
"""


def page() -> str:
    """The page as it must stand."""
    lines = [HEAD, "| role | reads records of | why |", "|---|---|---|"]
    for role in Role:
        mine = purposes_of([role])
        words = (
            "every purpose"
            if mine >= set(Purpose)
            else ", ".join(each for each in Purpose if each in mine) or "nothing"
        )
        lines.append(f"| {role} | {words} | {READS[role].why} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
