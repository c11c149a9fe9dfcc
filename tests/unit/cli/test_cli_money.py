"""``spean money``: a table is asked about, confirmed, read; what was not taken is told; board and case read beside a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TABLE = (
    "Date,Time,From account,To account,Amount,Currency,Reference\n"
    "2026-03-04,01:02:00,HNB/110402,HNB/302918,184000000,KRW,R1\n2026-03-04,01:20:00,HNB/302918,HNB/555,x,KRW,R3\n"
)


def test_a_file_is_confirmed_and_read(kr: Any, tmp_path: Path) -> None:
    path = tmp_path / "statement.csv"
    path.write_text(TABLE)
    asked = kr.ok("money", "import", str(path), "--keeper", "HNB")
    assert asked["state"] == "asking"
    assert asked["recognised"]["mapping"]["style"] == "two-parties"
    said = kr("money", "import", str(path), "--keeper", "HNB", "--confirm", "offset=540")
    assert said.code == 0, said.err
    assert "1 taken, 0 known already, 1 rejected" in said.out
    assert "line 3, amount" in said.out
    assert "statement.csv" in kr("money", "imports").out
    assert kr.ok("money", "board") == []
    assert kr("money", "import", str(path), "--confirm", "nonsense").code in (0, 2)


def test_what_a_file_said_is_erased(kr: Any, tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(TABLE.replace("R1", "R9").replace("HNB/302918,184", "HNB/302919,184"))
    state = kr.ok("money", "import", str(path), "--keeper", "HNB", "--confirm", "offset=540")
    told = kr("money", "erase-import", state["id"], "--reason", "the wrong file", "--look")
    assert "1 payments of KRW" in told.out
    assert "stays until it is recalled" in told.out
    assert kr.ok("money", "erase-import", state["id"], "--reason", "the wrong file")["state"] == "erased"
    assert kr("money", "erase-import", state["id"], "--reason", "the wrong file").code == 3
    assert "wrong.csv" not in kr("money", "imports").out


def test_what_is_wrong_is_explained(kr: Any, tmp_path: Path) -> None:
    assert kr("money", "import", str(tmp_path / "none.csv")).code == 3
    path = tmp_path / "a.csv"
    path.write_text(TABLE.replace("R1", "R2"))
    assert kr("money", "import", str(path), "--offset", "x").code == 2
    assert kr("money", "case", "KR:fraud-report:01JNF000000000000000000000", "--reason", "the case").code == 3
