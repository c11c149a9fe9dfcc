"""``spean entity``: a file in, what is known, an exact value, a file out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = [
    {"id": "p1", "schema": "Person", "properties": {"name": ["Sok Dara"], "phone": ["+85512345678"], "religion": ["x"]}},
    {"id": "p2", "schema": "Person", "properties": {"name": ["Kim"]}},
    {"id": "f", "schema": "Family", "properties": {"person": ["p1"], "relative": ["p2"], "relationship": ["cousin"]}},
]  # fmt: skip
TAKEN = ("--dataset", "sample", "--purpose", "investigate-fraud", "--source", "B", "--grade", "2", "--nature", "fact")


def test_a_file_goes_in_is_found_and_goes_out(kr: Any, tmp_path: Path) -> None:
    file, out = tmp_path / "sample.json", tmp_path / "out.json"
    file.write_text("\n".join(map(json.dumps, FILE)) + "\n{", encoding="utf-8")
    said = kr("entity", "import", str(file), *TAKEN)
    assert said.code == 0, said.err
    assert "2 new" in said.out
    assert "Never kept (R21): religion × 1" in said.out
    assert "Line 4:" in said.out
    rows = kr.ok("entity", "known", "--kind", "person", "--reason", "a look")["entities"]
    assert {each["caption"] for each in rows} == {"Sok Dara", "Kim"}
    found = kr.ok("entity", "find", "phone", "+855 12 345 678", "--purpose", "investigate-fraud", "--reason", "a look")
    assert [each["thing"] for each in found] == ["person"]
    assert kr("entity", "export", str(out), "--reason", "for a tool").code == 0
    schemata = sorted(json.loads(line)["schema"] for line in out.read_text(encoding="utf-8").splitlines())
    assert schemata == ["Family", "Person", "Person"]
    assert kr("entity", "export", str(out), "--reason", "for a tool").code == 2
    assert kr("entity", "import", str(tmp_path / "nothing"), *TAKEN).code == 2
    assert kr("entity", "find", "phone", "12", "--purpose", "investigate-fraud", "--reason", "a look").code == 2
