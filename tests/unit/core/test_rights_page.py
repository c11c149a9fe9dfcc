"""The page of rights says what the table says."""

from __future__ import annotations

import runpy
from pathlib import Path

HOUSE = Path(__file__).parents[3]


def test_the_page_is_the_table() -> None:
    made = runpy.run_path(str(HOUSE / "scripts" / "make_rights.py"))["page"]()
    assert (HOUSE / "docs" / "rights.md").read_text(encoding="utf-8") == made, "run scripts/make_rights.py"
