"""``spean trace``, ``trace-many`` and ``index`` as a script calls them: the installed command, its output and exit status."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from spean.cli.progress import Bar
from spean.tracing import reference
from spean.tracing.model import RULES, Rule, Transfer

COMMAND = Path(sys.executable).with_name("spean")
NAMES = ("id", "time", "payer", "payee", "amount", "currency")
HEAD = ",".join(NAMES) + "\n"
GOOD = "p1,2026-03-04T01:02:00Z,A,B,100,KRW\n"
START = 1_772_586_000_000


def spean(*words: object) -> subprocess.CompletedProcess[str]:
    home = {"HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, env=home, check=False)


def ok(*words: object) -> Any:
    done = spean(*words)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    return json.loads(done.stdout)


def awkward(seed: int, count: int = 300) -> tuple[list[Transfer], dict[str, int]]:
    """Ties, overdrafts, payments of nothing and to oneself."""
    chance, time, rows = random.Random(seed), START, []
    for number in range(count):
        time += chance.choice((0, 0, 1, 60_000))
        payer, payee = (f"A{chance.randrange(12)}" for _ in range(2))
        rows.append(Transfer(f"p{number}", time, payer, payee, chance.randint(0, 500), "USD"))
    return rows, {f"A{number}": chance.randint(0, 900) for number in range(0, 12, 2)}


def as_csv(path: Path, rows: list[Transfer]) -> Path:
    lines = [",".join(str(getattr(row, name)) for name in NAMES) for row in rows]
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def as_parquet(path: Path, rows: list[Transfer]) -> Path:
    table = pa.table({name: [getattr(row, name) for row in rows] for name in NAMES})
    pyarrow.parquet.write_table(table, path, row_group_size=100)
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, list[Transfer], dict[str, int]]:
    rows, opening = awkward(1)
    as_csv(tmp_path / "l.csv", rows)
    as_parquet(tmp_path / "l.parquet", rows)
    (tmp_path / "b.csv").write_text("account,amount\n" + "".join(f"{name},{held}\n" for name, held in opening.items()))
    return tmp_path, rows, opening


@pytest.mark.parametrize("rule", RULES)
def test_the_printed_object_is_the_one_of_the_contract(
    files: tuple[Path, list[Transfer], dict[str, int]], rule: Rule
) -> None:
    here, rows, opening = files
    found = ok("trace", here / "l.csv", "--payment", "p9", "--rule", rule, "--balances", here / "b.csv", "--json")
    assert list(found) == ["payment", "rule", "amount", "positions", "lots", "depth"]
    assert all(list(each) == ["account", "amount", "currency"] for each in found["positions"])
    assert found == reference.trace(rows, opening, "p9", rule).as_dict()
    held = [each["amount"] for each in found["positions"]]
    assert held == [None] * len(held) if rule == "poison" else sum(held) == found["amount"] == rows[9].amount


def test_a_file_a_folder_and_an_index_answer_alike(files: tuple[Path, list[Transfer], dict[str, int]]) -> None:
    here, rows, opening = files
    (here / "parts").mkdir()
    as_csv(here / "parts" / "1.csv", rows[:120])
    as_parquet(here / "parts" / "2.parquet", rows[120:])
    (here / "ids.txt").write_text("p9\n\np2\np250\n")
    built = ok("index", here / "parts", "-o", here / "deep" / "index", "--balances", here / "b.csv", "--json")
    assert (here / "deep" / "index").stat().st_mode & 0o077 == 0  # payments of people
    assert built == {"index": str(here / "deep" / "index"), "rows": 300, "accounts": 12, "left_out": 0}
    right = [reference.trace(rows, opening, payment, "lifo").as_dict() for payment in ("p9", "p2", "p250")]
    asked = ("--payments", here / "ids.txt", "--rule", "lifo")
    ways: list[tuple[object, ...]] = [
        (here / "deep" / "index",), (here / "deep" / "index", "--balances", here / "b.csv"),
        *((source, "--balances", here / "b.csv") for source in (here / "l.csv", here / "l.parquet", here / "parts")),
    ]  # fmt: skip
    for source, *more in ways:
        done = spean("trace-many", source, *asked, *more)
        assert done.returncode == 0, done.stderr
        assert [json.loads(line) for line in done.stdout.splitlines()] == right
    one = ok("trace", here / "deep" / "index", "--payment", "p2", "--rule", "lifo", "--json")
    assert one == right[1]
    other = (here / "c.csv", "account,amount\nA0,1\n")
    other[0].write_text(other[1])
    refused = spean("trace", here / "deep" / "index", "--payment", "p2", "--balances", other[0])
    assert (refused.returncode, "other opening balances" in refused.stderr) == (2, True)


def test_the_last_moment_is_included(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        HEAD + GOOD + "p2,2026-03-04T02:32:00Z,B,C,40,KRW\np3,2026-03-04T02:32:00.001Z,B,D,60,KRW\n"
    )
    asked = ("trace", tmp_path / "l.csv", "--payment", "p1", "--json")
    held = {hours: {each["account"]: each["amount"] for each in ok(*asked, "--hours", hours)["positions"]}
            for hours in ("0", "1.4999999", "1.5", "72")}  # fmt: skip
    assert held == {"0": {"B": 100}, "1.4999999": {"B": 100}, "1.5": {"B": 60, "C": 40}, "72": {"D": 60, "C": 40}}
    assert {each["account"] for each in ok(*asked)["positions"]} == {"D", "C"}


def test_an_unknown_id_is_named_and_the_others_are_answered(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(HEAD + GOOD)
    (tmp_path / "ids.txt").write_text("p7\np1\n\np8\np1\n")
    done = spean("trace-many", tmp_path / "l.csv", "--payments", tmp_path / "ids.txt")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["payment"] for each in told] == ["p7", "p1", "p8", "p1"]
    assert ["error" in each for each in told] == [True, False, True, False]
    assert told[1] == told[3] == ok("trace", tmp_path / "l.csv", "--payment", "p1", "--json")
    assert (done.returncode, "ids.txt line 1" in done.stderr, "line 4" in done.stderr) == (3, True, True)
    (tmp_path / "none.txt").write_text("\n")
    empty = spean("trace-many", tmp_path / "l.csv", "--payments", tmp_path / "none.txt")
    assert (empty.returncode, empty.stdout) == (0, "")


def test_people_read_a_table(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(HEAD + GOOD + "p2,2026-03-04T02:32:00Z,B,C\u202e,40,KRW\n")
    shown = spean("trace", tmp_path / "l.csv", "--payment", "p1").stdout
    assert "100 KRW" in shown
    assert "\u202e" not in shown
    assert ["B", "60"] in [line.split() for line in shown.splitlines()]
    marked = spean("trace", tmp_path / "l.csv", "--payment", "p1", "--rule", "poison").stdout
    assert "2 accounts reached" in marked


BAD_ROWS = [
    ("p2,2026-03-04T01:03:00Z,A,B,10.5,KRW", "amount", "whole"),
    ("p2,2026-03-04T01:03:00Z,A,B,-5,KRW", "amount", "negative"),
    ("p2,2026-03-04T01:03:00Z,A,B,1000000000000000000000,KRW", "amount", "coarser unit"),
    ("p2,yesterday,A,B,5,KRW", "time", "ISO 8601"),
    ("p2,2026-03-04T01:01:59Z,A,B,5,KRW", "time", "order of time"),
    ("p2,2026-03-04T01:03:00Z,,B,5,KRW", "payer", "empty"),
    ("p2,2026-03-04T01:03:00Z,A,B,5,USD", "currency", "USD in a ledger of KRW"),
    ("p1,2026-03-04T01:03:00Z,A,B,5,KRW", "id", "already"),
    ("p2,2026-03-04T01:03:00Z,A,B,5", "row", "has 5 fields"),
    ("p2,2026-03-04T01:03:00Z,A\x9b2J,B,5,KRW", "payer", "control"),
    ("p2,2026-03-04T01:03:00Z,A\x00,B,5,KRW", "payer", "control"),
]


@pytest.mark.parametrize(("row", "field", "reason"), BAD_ROWS)
def test_a_bad_row_is_named_by_line_field_and_reason(
    tmp_path: Path, run: Callable[..., Any], row: str, field: str, reason: str
) -> None:
    (tmp_path / "l.csv").write_text(HEAD + GOOD + row + "\np9,2026-03-04T01:04:00Z,A,B,5,KRW\n")
    said = run("trace", str(tmp_path / "l.csv"), "--payment", "p1", "--json")
    assert (said.code, said.out) == (2, "")
    assert f"l.csv line 3, {field}" in said.problem["why"]
    assert reason in said.problem["why"]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _turned(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 60] = b"\xff" * 60
    path.write_bytes(data)


def _packed(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes()))


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _as_utf16(path: Path) -> None:
    path.write_bytes(b"\xff\xfe" + "id,time".encode("utf-16-le"))


@pytest.mark.parametrize("name", ["l.csv", "l.parquet"])
@pytest.mark.parametrize("harm", [_cut, _turned, _packed, _emptied, _as_utf16])
def test_a_damaged_file_says_what_is_wrong_where(
    files: tuple[Path, list[Transfer], dict[str, int]], run: Callable[..., Any], name: str, harm: Callable[[Path], None]
) -> None:
    here = files[0]
    whole = (here / name).read_bytes()
    harm(here / name)
    said = run("trace", str(here / name), "--payment", "p1", "--json")
    assert (said.code, said.out) == (2, "")
    assert name in said.problem["why"]
    if harm is _turned:
        line = whole[: len(whole) // 3].count(b"\n") + 1
        assert f"line {line}: byte" in said.problem["why"] or "in row group 1 (from row 101)" in said.problem["why"]


def test_every_bad_row_is_told_and_good_ones_can_be_kept(tmp_path: Path, run: Callable[..., Any]) -> None:
    rows = "".join(f"q{number},2026-03-04T01:03:00Z,A,B,x,KRW\n" for number in range(8))
    (tmp_path / "l.csv").write_text(HEAD + GOOD + rows)
    said = run("index", str(tmp_path / "l.csv"), "-o", str(tmp_path / "index"))
    assert said.code == 2
    assert not (tmp_path / "index").exists()
    assert all(f"l.csv line {line}, amount" in said.err for line in range(3, 11))
    said = run("index", str(tmp_path / "l.csv"), "-o", str(tmp_path / "index"), "--keep-good", "--json")
    assert (said.code, said.value["rows"], said.value["left_out"]) == (0, 1, 8)
    assert said.err.count("left out: l.csv line") == 8


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("trace", "l.csv", "--payment", "p7"), 3, "p7"),
        (("trace", "l.csv", "--payment", "p1", "--rule", "newest"), 2, "no rule"),
        (("trace", "l.csv", "--payment", "p1", "--hours", "soon"), 2, "hours"),
        (("trace", "l.csv", "--payment", "p1", "--hours", "-1"), 2, "hours"),
        (("trace", "l.csv"), 2, "--payment"),
        (("trace", "none.csv", "--payment", "p1"), 2, "not there"),
        (("trace", "empty", "--payment", "p1"), 2, "0 files"),
        (("trace", "/dev/null", "--payment", "p1"), 2, "no file on a disk"),
        (("trace", "l.csv", "--payment", "p1", "--balances", "none.csv"), 2, "none.csv"),
        (("trace", "l.csv", "--payment", "p1", "--balances", "l.csv"), 2, "account"),
        (("trace-many", "l.csv", "--payments", "none.txt"), 2, "none.txt"),
        (("trace-many", "l.csv", "--payments", "torn.txt"), 2, "line 2"),
        (("index", "l.csv", "-o", "mine"), 1, "other files"),
        (("index", "l.csv", "-o", "l.csv"), 1, "a file has this name"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[..., Any],
    words: tuple[str, ...],
    code: int,
    why: str,
) -> None:
    (tmp_path / "l.csv").write_text(HEAD + GOOD)
    (tmp_path / "ids.txt").write_text("p1\np7\n")
    (tmp_path / "torn.txt").write_bytes(b"p1\np\xff\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    monkeypatch.chdir(tmp_path)
    said = run(*words)
    assert (said.code, said.out) == (code, "")
    assert why in said.err
    assert "Traceback" not in said.err
    assert (tmp_path / "l.csv").read_text() == HEAD + GOOD


def test_a_ledger_of_amlsim_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "transactions.csv").write_text("sourceNodeId,targetNodeId,value,time\n7,8,10.50,1\n8,9,10.51,2\n")
    (tmp_path / "nodes.csv").write_text("nodeid,isFraud,init_balance,fraudStep\n7,0,99.00,-1\n8,0,0.02,-1\n")
    found = ok("trace", tmp_path, "--payment", "2", "--json")
    assert found["positions"] == [
        {"account": "9", "amount": 1049, "currency": "USD"}, {"account": "8", "amount": 1, "currency": "USD"}
    ]  # fmt: skip
    ok("index", tmp_path, "-o", tmp_path / "index", "--json")
    assert ok("trace", tmp_path / "index", "--payment", "2", "--json") == found
    (tmp_path / "transactions.csv").write_text("sourceNodeId,targetNodeId,value,time\n7,8,10.50,1\n8,9,x,2\n")
    refused = spean("trace", tmp_path, "--payment", "2")
    assert (refused.returncode, "transactions.csv line 3, value" in refused.stderr) == (2, True)


def test_a_long_load_tells_how_far_it_is(
    tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spean.cli.progress.PATIENCE", 0)
    as_parquet(tmp_path / "l.parquet", awkward(2)[0])
    said = run("index", str(tmp_path / "l.parquet"), "-o", str(tmp_path / "index"), "--json")
    assert said.err.splitlines()[-2:] == ["l.parquet: indexing", "l.parquet: writing"]
    assert "l.parquet: 25 % read" in said.err
    assert said.value["rows"] == 300


def test_a_reader_who_leaves_is_no_error(files: tuple[Path, list[Transfer], dict[str, int]]) -> None:
    here, rows, _ = files
    (here / "ids.txt").write_text("".join(f"{row.id}\n" for row in rows))
    line = f"'{COMMAND}' trace-many '{here / 'l.csv'}' --payments '{here / 'ids.txt'}' 2>&1 | head -c 20"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == '{"payment": "p0", "r'
    assert done.stderr == ""


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_is_drawn_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setattr("spean.cli.progress.PATIENCE", 0)
    with Bar("l\x1b.parquet") as bar:
        bar(1, 4)
        bar.stage("indexing")
    drawn = shown.getvalue().split("\r")
    assert "[#######......................." in drawn[1]
    assert drawn[1].endswith(" 25%")
    assert drawn[2].rstrip().endswith("indexing")
    assert drawn[-2].strip() == drawn[-1] == ""
    assert "\x1b" not in shown.getvalue()
