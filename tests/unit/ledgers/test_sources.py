"""A ledger is the same from each source, and a bad row is named with line, field and reason by every reader."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledger_files import opening_of, some_rows, write_balances, write_csv, write_parquet

from spean.core.errors import InvalidInput, NotFound, TooMuch
from spean.ledgers import index, run, small
from spean.ledgers.bad import BadRows
from spean.tracing import reference
from spean.tracing.model import RULES

HEAD = "id,time,payer,payee,amount,currency\n"
GOOD = "p1,2026-03-04T01:02:00Z,A,B,100,KRW\n"


def test_every_source_gives_the_same_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, opening = some_rows(1), opening_of(1)
    balances = write_balances(tmp_path / "balances.csv", opening)
    folder = tmp_path / "folder"
    folder.mkdir()
    write_csv(folder / "b.csv", rows[1::2])
    write_parquet(folder / "a.parquet", rows[::2])
    merged = sorted([*rows[::2], *rows[1::2]], key=lambda row: row.time)
    csv, parquet = write_csv(tmp_path / "l.csv", rows), write_parquet(tmp_path / "l.parquet", rows)
    target = tmp_path / "index"
    index.build(parquet, target, balances)
    for rule in RULES:
        for payment in ("p3", "p200"):
            right = reference.trace(rows, opening, payment, rule).as_dict()
            assert run.run_trace(csv, payment, rule, balances=balances) == right
            assert run.run_trace(parquet, payment, rule, balances=balances) == right
            assert run.run_trace(target, payment, rule) == right
            other = reference.trace(merged, opening, payment, rule).as_dict()
            assert run.run_trace(folder, payment, rule, balances=balances) == other
    monkeypatch.setattr(small, "SMALL", 10)
    right = reference.trace(rows, opening, "p3", "fifo").as_dict()
    assert run.run_trace(csv, "p3", "fifo", balances=balances) == right


def test_hours_end_inclusively_and_may_be_parts(tmp_path: Path) -> None:
    text = HEAD + GOOD + "p2,2026-03-04T02:32:00Z,B,C,40,KRW\np3,2026-03-04T02:32:00.001Z,B,D,60,KRW\n"
    (tmp_path / "l.csv").write_text(text)
    found = run.run_trace(tmp_path / "l.csv", "p1", "fifo", "1.5")
    assert found == {
        "payment": "p1",
        "rule": "fifo",
        "amount": 100,
        "positions": [
            {"account": "B", "amount": 60, "currency": "KRW"},
            {"account": "C", "amount": 40, "currency": "KRW"},
        ],
        "lots": [
            {"account": "C", "amount": 40, "from": 0, "to": 40, "payment": "p2", "hop": 2},
            {"account": "B", "amount": 60, "from": 40, "to": 100, "payment": "p1", "hop": 1},
        ],
        "depth": 2,
    }


def test_many_payments_in_their_order(tmp_path: Path) -> None:
    rows = some_rows(3)
    csv = write_csv(tmp_path / "l.csv", rows)
    (tmp_path / "ids.txt").write_text("p9\n\np2\n")
    several = list(run.run_trace_many(csv, tmp_path / "ids.txt", "lifo"))
    assert [each["payment"] for each in several] == ["p9", "p2"]
    assert several[1] == run.run_trace(csv, "p2", "lifo")


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("p2,2026-03-04T01:03:00Z,A,B,10.5,KRW", "amount", "whole"),
        ("p2,2026-03-04T01:03:00Z,A,B,1e3,KRW", "amount", "whole"),
        ("p2,2026-03-04T01:03:00Z,A,B,-5,KRW", "amount", "negative"),
        ("p2,2026-03-04T01:03:00Z,A,B,,KRW", "amount", "empty"),
        ("p2,2026-03-04T01:03:00Z,A,B,999999999999999999,KRW", "amount", "more than"),
        ("p2,yesterday,A,B,5,KRW", "time", "ISO 8601"),
        ("p2,2026-03-04T01:01:59Z,A,B,5,KRW", "time", "order of time"),
        ("p2,2026-03-04T01:03:00Z,,B,5,KRW", "payer", "empty"),
        ("p2,2026-03-04T01:03:00Z,A," + "x" * 201 + ",5,KRW", "payee", "longer"),
        ("p2,2026-03-04T01:03:00Z,A,B,5,USD", "currency", "USD in a ledger of KRW"),
        ("p1,2026-03-04T01:03:00Z,A,B,5,KRW", "id", "already"),
        ("p2,2026-03-04T01:03:00Z,A,B,5", "row", "has 5 fields"),
    ],
)
@pytest.mark.parametrize("reader", ["small", "large"])
def test_a_bad_row_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, field: str, reason: str, reader: str
) -> None:
    (tmp_path / "l.csv").write_text(HEAD + GOOD + row + "\np9,2026-03-04T01:04:00Z,A,B,5,KRW\n")
    if reader == "large":
        monkeypatch.setattr(small, "SMALL", 1)
    with pytest.raises(BadRows) as caught:
        run.run_trace(tmp_path / "l.csv", "p1")
    (bad,) = caught.value.rows
    assert (bad.field, bad.line) == (field, 3)
    assert reason in bad.reason


def test_lines_are_right_behind_a_row_of_the_wrong_width(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small, "SMALL", 1)
    (tmp_path / "l.csv").write_text(HEAD + GOOD + "p2,1,2\np3,x,A,B,5,KRW\np4,3\np5,1,A,B,y,KRW\n")
    with pytest.raises(BadRows) as caught:
        run.run_trace(tmp_path / "l.csv", "p1")
    assert sorted((bad.line, bad.field) for bad in caught.value.rows) == [
        (3, "row"),
        (4, "time"),
        (5, "row"),
        (6, "amount"),
    ]


def test_a_parquet_file_with_fractions_is_refused(tmp_path: Path) -> None:
    table = pa.table({"id": ["p1"], "time": [1], "payer": ["A"], "payee": ["B"], "amount": [1.5], "currency": ["X"]})
    pyarrow.parquet.write_table(table, tmp_path / "l.parquet")
    with pytest.raises(BadRows, match="float"):
        run.run_trace(tmp_path / "l.parquet", "p1")


def test_a_damaged_parquet_file_says_where(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "l.parquet", some_rows(4, 3000), group=1000)
    data = bytearray(path.read_bytes())
    about = pyarrow.parquet.ParquetFile(path).metadata.row_group(1).column(0)
    begin = about.dictionary_page_offset or about.data_page_offset
    data[begin : begin + 40] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=r"l.parquet is damaged in row group 1 \(from row 1001\)"):
        run.run_trace(path, "p1")
    path.write_bytes(data[:500])
    with pytest.raises(InvalidInput, match=r"l\.parquet is damaged at its end"):
        run.run_trace(path, "p1")


def test_times_in_a_parquet_file_may_be_timestamps(tmp_path: Path) -> None:
    times = pa.array([1_772_586_000_000_000, 1_772_586_000_000_999], pa.timestamp("us", "UTC"))
    table = pa.table({"id": ["p1", "p2"], "time": times, "payer": ["A", "B"], "payee": ["B", "C"], "amount": [7, 3],
                      "currency": ["X", "X"]})  # fmt: skip
    pyarrow.parquet.write_table(table, tmp_path / "l.parquet")
    found = run.run_trace(tmp_path / "l.parquet", "p1", hours=0)
    assert {each["account"]: each["amount"] for each in found["positions"]} == {"B": 4, "C": 3}


@pytest.mark.parametrize("reader", ["small", "large"])
def test_an_account_has_one_opening_balance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    if reader == "large":
        monkeypatch.setattr(small, "SMALL", 1)
    (tmp_path / "l.csv").write_text(HEAD + GOOD)
    (tmp_path / "b.csv").write_text("account,amount\nA,5\nB,3\nA,6\n")
    with pytest.raises(BadRows) as caught:
        run.run_trace(tmp_path / "l.csv", "p1", balances=tmp_path / "b.csv")
    assert [(bad.file, bad.line) for bad in caught.value.rows] == [("b.csv", 4)]


def test_what_is_asked_wrongly_is_said(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(HEAD + GOOD)
    with pytest.raises(NotFound, match="p7"):
        run.run_trace(tmp_path / "l.csv", "p7")
    with pytest.raises(InvalidInput, match="no rule"):
        run.run_trace(tmp_path / "l.csv", "p1", "newest")
    for hours in ("-1", "nan", "soon"):
        with pytest.raises(InvalidInput, match="hours"):
            run.run_trace(tmp_path / "l.csv", "p1", hours=hours)
    (tmp_path / "m.csv").write_text("id,time,payer,payee,amount\n")
    with pytest.raises(InvalidInput, match="missing"):
        run.run_trace(tmp_path / "m.csv", "p1")


def _parquet_of(path: Path, **columns: object) -> Path:
    good = {"id": ["p1", "p2"], "time": [1, 2], "payer": ["A", "B"], "payee": ["B", "C"], "amount": [7, 3],
            "currency": ["X", "X"]}  # fmt: skip
    pyarrow.parquet.write_table(pa.table({**good, **columns}), path)
    return path


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("payer", pa.array([["A"], ["B"]]), "list"),
        ("payer", pa.array([b"A", b"\xff"]), "UTF-8"),
        ("payer", pa.array(["A", None]), "empty"),
        ("id", pa.array([True, False]), "bool"),
        ("id", pa.array(["p1", "p" * 5000]).dictionary_encode(), "longer"),
        ("amount", pa.array([7, 2**64 - 1], pa.uint64()), "more than"),
        ("amount", pa.array([7, None]), "empty"),
        ("amount", pa.array(["7", "3,5"]), "whole"),
        ("time", pa.array([1, 2**62]), "years"),
        ("time", pa.array([1.0, 2.5]), "float"),
    ],
)
def test_odd_columns_of_parquet_are_refused(tmp_path: Path, name: str, values: pa.Array, reason: str) -> None:
    with pytest.raises(BadRows) as caught:
        run.run_trace(_parquet_of(tmp_path / "l.parquet", **{name: values}), "p1")
    assert {bad.field for bad in caught.value.rows} == {name}
    assert reason in str(caught.value)


def test_other_kinds_of_right_values_are_read(tmp_path: Path) -> None:
    right = run.run_trace(_parquet_of(tmp_path / "l.parquet"), "p1")
    decimals = pa.array([7, 3], pa.decimal128(38, 0))
    assert run.run_trace(_parquet_of(tmp_path / "d.parquet", amount=decimals), "p1") == right
    assert run.run_trace(_parquet_of(tmp_path / "b.parquet", payer=pa.array([b"A", b"B"])), "p1") == right
    numbers = _parquet_of(tmp_path / "n.parquet", id=pa.array([1, 2]))
    assert run.run_trace(numbers, "1")["positions"] == right["positions"]


def test_a_small_file_that_would_grow_beyond_measure_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 300_000
    same = pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), ["x" * 1_000_000])
    table = pa.table({"id": same, "time": [1] * count, "payer": same, "payee": same, "amount": [1] * count,
                      "currency": ["X"] * count})  # fmt: skip
    pyarrow.parquet.write_table(table, tmp_path / "l.parquet", write_statistics=False)
    assert (tmp_path / "l.parquet").stat().st_size < 5_000_000
    with pytest.raises(BadRows, match="longer than 200"):
        run.run_trace(tmp_path / "l.parquet", "p1")
    monkeypatch.setattr("spean.ledgers.columns.BYTES_A_ROW", 1 << 50)
    with pytest.raises(TooMuch, match="says that it has 2 rows"):
        run.run_trace(_parquet_of(tmp_path / "m.parquet"), "p1")


@pytest.mark.parametrize("reader", ["small", "large"])
@pytest.mark.parametrize(
    ("rows", "bad"),
    [
        ("p2,0x1f,A,B,5,KRW", ["line 3, time"]),
        ("p2,1772586120000,A,B,0x5,KRW", ["line 3, amount"]),
        ("\n,,,,,\np2,x,A,B,5,KRW\n\n", ["line 5, time"]),
        ('p2,1772586120000,""A,B,5,KRW', ["line 3", "expected"]),
        ('p2,1772586120000,"A"B,B,5,KRW', ["line 3", "expected"]),
        ('p2,1772586120000,A,B,5,"KRW', ["line 3"]),
    ],
)
def test_readers_are_equally_strict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, rows: str, bad: list[str]
) -> None:
    if reader == "large":
        monkeypatch.setattr(small, "SMALL", 1)
    (tmp_path / "l.csv").write_text(HEAD + GOOD + rows + "\n")
    with pytest.raises(InvalidInput) as caught:
        run.run_trace(tmp_path / "l.csv", "p1")
    assert all(each in str(caught.value) for each in bad)


@pytest.mark.parametrize("reader", ["small", "large"])
def test_blank_lines_quotes_and_other_line_ends_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    if reader == "large":
        monkeypatch.setattr(small, "SMALL", 1)
    text = '"id",time,payer,payee,amount,currency,"more"\n\np1,1,"A ""x"", y",B,100,KRW,\n"p2",2,"B",C,40,KRW,z\n,,,,,,\n\n'
    (tmp_path / "l.csv").write_text("\ufeff" + text.replace("\n", "\r\n"), newline="")
    found = run.run_trace(tmp_path / "l.csv", "p1")
    assert {each["account"]: each["amount"] for each in found["positions"]} == {"B": 60, "C": 40}
    assert run.run_trace(tmp_path / "l.csv", "p2")["positions"][0]["account"] == "C"
