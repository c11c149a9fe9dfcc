"""Two nodes that exchange by file only: both directions, the same guarantees, lost and repeated files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Pair = tuple[Any, Any]
DESK = ("desk", "publish", "--set", "countries=KR", "--set", "name=Desk")


def export(one: Any, peer: str, file: Path) -> Any:
    return one.ok("exchange", "export", peer, str(file), "--reason", "carried by a courier", "--medium", "stick 7")


def states(desk: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in desk.ok("desk", "list"):
        counts[row["state"]] = counts.get(row["state"], 0) + 1
    return counts


def test_facts_go_out_and_receipts_come_back(pair: Pair, tmp_path: Path) -> None:
    kr, kh = pair
    done = kr.ok(*DESK, "--to", "KH")
    there = export(kr, "KH", tmp_path / "1")
    assert there["facts"] == [done["fact"]]
    taken = kh.ok("exchange", "import", str(tmp_path / "1"))
    assert taken["facts"] == {"accepted": 1}
    assert states(kh) == {"published": 1}
    assert kr.ok("exchange", "status")[0]["waiting"] == 1
    back = export(kh, "KR", tmp_path / "2")
    assert back["receipts"] == 1
    assert kr.ok("exchange", "import", str(tmp_path / "2"))["receipts"] == 1
    assert kr.ok("exchange", "status")[0]["waiting"] == 0
    assert kr.ok("fact", "holders", done["fact"])["files"][0]["medium"] == "stick 7"
    assert export(kr, "KH", tmp_path / "3")["facts"] == []
    kh.ok("exchange", "import", str(tmp_path / "3"))
    assert export(kh, "KR", tmp_path / "4")["receipts"] == 0


def test_lost_repeated_and_late_files_do_no_harm(pair: Pair, tmp_path: Path) -> None:
    kr, kh = pair
    for number in range(4):
        kr.ok(*DESK, "--to", "KH")
        export(kr, "KH", tmp_path / f"{number}")
    for number in (1, 1, 3, 0, 2):
        kh.ok("exchange", "import", str(tmp_path / f"{number}"))
    assert states(kh) == {"published": 4}
    export(kh, "KR", tmp_path / "back")
    kr.ok("exchange", "import", str(tmp_path / "back"))
    assert kr.ok("exchange", "status")[0]["waiting"] == 0
    kr.ok(*DESK, "--to", "KH")
    export(kr, "KH", tmp_path / "last")
    assert kh.ok("exchange", "import", str(tmp_path / "last"))["facts"] == {"accepted": 1}
    assert kh("log", "verify").code == 0


def test_both_sides_write_before_either_reads(pair: Pair, tmp_path: Path) -> None:
    kr, kh = pair
    kr.ok(*DESK, "--to", "KH")
    kh.ok(*DESK, "--to", "KR")
    export(kr, "KH", tmp_path / "a")
    export(kh, "KR", tmp_path / "b")
    kh.ok("exchange", "import", str(tmp_path / "a"))
    kr.ok("exchange", "import", str(tmp_path / "b"))
    export(kr, "KH", tmp_path / "c")
    export(kh, "KR", tmp_path / "d")
    assert kr.ok("exchange", "import", str(tmp_path / "d"))["receipts"] == 1
    assert kh.ok("exchange", "import", str(tmp_path / "c"))["receipts"] == 1
    assert states(kr) == states(kh) == {"published": 2}


def test_an_altered_or_foreign_file_changes_nothing(pair: Pair, tmp_path: Path) -> None:
    kr, kh = pair
    kr.ok(*DESK, "--to", "KH")
    export(kr, "KH", tmp_path / "1")
    data = (tmp_path / "1").read_bytes()
    for place in (20, len(data) // 2, len(data) - 5):
        (tmp_path / "bad").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert kh("exchange", "import", str(tmp_path / "bad")).code in (2, 5)
    (tmp_path / "bad").write_bytes(data[:-40])
    assert kh("exchange", "import", str(tmp_path / "bad")).code == 2
    (tmp_path / "bad").write_bytes(b"hello")
    assert kh("exchange", "import", str(tmp_path / "bad")).code == 2
    foreign = kr("exchange", "import", str(tmp_path / "1"), "--json")
    assert foreign.code in (2, 5)
    assert states(kh) == {}
    kh.ok("peer", "revoke", "KR", "--reason", "its key was stolen")
    assert kh("exchange", "import", str(tmp_path / "1")).code in (1, 5)
    assert states(kh) == {}


def test_an_export_names_who_and_why(pair: Pair, tmp_path: Path) -> None:
    kr, _ = pair
    kr.ok(*DESK, "--to", "KH")
    assert kr("exchange", "export", "KH", str(tmp_path / "1")).code == 2
    export(kr, "KH", tmp_path / "1")
    assert kr("exchange", "export", "KH", str(tmp_path / "1"), "--reason", "carried again").code == 2
    stranger = kr("exchange", "export", "TH", str(tmp_path / "2"), "--reason", "carried by a courier", "--json")
    assert (stranger.code, stranger.problem["rule"]) == (1, "O9")
    assert not (tmp_path / "2").exists()
