"""The live tail: traceable at once, late rows put where they belong, readers undisturbed, nothing lost or doubled."""

from __future__ import annotations

import random
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledger_files import opening_of, some_rows, write_balances, write_csv, write_parquet

from spean.core.errors import Conflict, InvalidInput, TooMuch, Unavailable
from spean.ledgers import index
from spean.ledgers.live import Live
from spean.tracing import reference
from spean.tracing.engine import ledger_of, trace
from spean.tracing.model import MAX_AMOUNT, MAX_SUM, RULES, Transfer


def _index(tmp_path: Path, rows: list[Transfer], name: str = "index") -> Path:
    source = write_parquet(tmp_path / f"{name}.parquet", rows)
    index.build(source, tmp_path / name, write_balances(tmp_path / "b.csv", opening_of(1)))
    return tmp_path / name


def _same(live: Live, rows: list[Transfer], chance: random.Random) -> None:
    for payment in chance.sample([row.id for row in rows], min(4, len(rows))):
        for rule in RULES:
            assert trace(live.ledger, payment, rule) == reference.trace(rows, opening_of(1), payment, rule), payment
    by_twin = ledger_of(rows, opening_of(1))
    for account in ("A0", "A3", "nobody"):
        assert live.ledger.balance(account) == by_twin.balance(account)


@pytest.mark.parametrize("seed", range(12))
def test_what_arrives_in_any_way_is_as_if_it_had_been_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr("spean.ledgers.live.MANY", chance.choice((1, 4, 10_000)))  # ids as tables, as lists, as both
    rows = some_rows(seed, 160)
    known, coming = rows[:60], rows[60:]
    chance.shuffle(coming) if seed % 2 else None
    folder, here = _index(tmp_path, known), list(known)
    live = Live(folder)
    while coming:
        count = chance.choice((1, 1, 1, 5, 30))
        batch, coming = coming[:count], coming[count:]
        in_order = sorted(batch, key=lambda row: row.time)
        latest = max(row.time for row in here)
        if chance.random() < 0.3:
            arrived = live.load(write_csv(tmp_path / "more.csv", in_order))
        else:
            arrived = live.add(batch)
        late = [row.id for row in in_order if row.time < latest]
        assert (arrived.rows, arrived.late) == (len(batch), tuple(late))
        assert arrived.since == (in_order[0].time if late else None)
        here += in_order
        _same(live, here, chance)
        what = chance.random()
        if what < 0.15:
            live.compact()
        elif what < 0.3:
            live.close()
            assert trace(Live.read(folder), here[3].id, "lifo") == reference.trace(
                here, opening_of(1), here[3].id, "lifo"
            )
            live = Live(folder)
        _same(live, here, chance)
    live.close()
    index.rebuild(folder)
    with Live(folder) as live:
        _same(live, here, chance)


def test_a_reader_keeps_what_it_holds(tmp_path: Path) -> None:
    rows = some_rows(2, 100)
    with Live(_index(tmp_path, rows[:80])) as live:
        held = live.ledger
        before = [trace(held, "p5", rule) for rule in RULES]
        live.add(rows[80:90])
        live.add([replace(rows[95], time=rows[10].time)])
        live.compact()
        assert [trace(held, "p5", rule) for rule in RULES] == before
        assert trace(live.ledger, "p5", "fifo") != before[0]


def test_readers_in_threads_never_see_half(tmp_path: Path) -> None:
    rows = some_rows(3, 300)
    wrong: list[str] = []
    with Live(_index(tmp_path, rows[:100])) as live:
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                ledger = live.ledger
                for rule in ("fifo", "lifo", "haircut"):
                    found = trace(ledger, "p5", rule)  # type: ignore[arg-type]
                    if sum(each.amount or 0 for each in found.positions) != found.amount:
                        wrong.append(rule)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for at in range(100, 300, 4):
            live.add([rows[at + 3], rows[at + 1], rows[at + 2]])
            live.add([rows[at]])
        done.set()
        for reader in readers:
            reader.join()
    assert not wrong


def test_nothing_is_loaded_twice_and_a_bad_row_takes_none_along(tmp_path: Path) -> None:
    rows = some_rows(4, 120)
    with Live(_index(tmp_path, rows[:100])) as live:
        live.add([rows[100]])
        before = live.ledger
        for again in (rows[7], rows[100]):
            with pytest.raises(Conflict, match="has it already"):
                live.add([rows[101], again])
            with pytest.raises(Conflict, match="has it already"):
                live.load(write_csv(tmp_path / "m.csv", [again]))
        with pytest.raises(Conflict):
            live.add([rows[101], rows[101]])
        for wrong in (
            replace(rows[101], amount=-1), replace(rows[101], amount=1.5), replace(rows[101], payer=""),  # type: ignore[arg-type]
            replace(rows[101], currency="KRW"), replace(rows[101], time=2**60),
        ):  # fmt: skip
            with pytest.raises(InvalidInput):
                live.add([rows[102], wrong])
        many = [replace(rows[102], id=f"m{number}", amount=10**17) for number in range(60)]
        with pytest.raises(TooMuch):
            live.add(many)
        assert live.ledger is before


def test_a_torn_last_line_is_dropped_and_other_damage_named(tmp_path: Path) -> None:
    rows = some_rows(6, 104)
    folder = _index(tmp_path, rows[:100])
    with Live(folder) as live:
        for row in rows[100:]:
            live.add([row])
    tail = next(folder.glob("tail-*"))
    whole = tail.read_bytes()
    tail.write_bytes(whole[:-7])
    assert Live.read(folder).names.order("p103") is None
    with Live(folder) as live:
        assert live.ledger.names.order("p102") == 102
        live.add([rows[103]])
    assert tail.read_bytes() == whole
    tail.write_bytes(whole[:30] + b"x" + whole[31:])
    with pytest.raises(InvalidInput, match=r"tail-\d+.log line 1 does not match its checksum"):
        Live.read(folder)


def test_whoever_listens_hears_of_every_arrival(tmp_path: Path) -> None:
    rows, heard = some_rows(7, 103), []
    with Live(_index(tmp_path, rows[:100]), on_arrival=heard.append) as live:
        live.add([rows[100]])
        live.add([replace(rows[101], time=rows[50].time)])
        live.load(write_csv(tmp_path / "m.csv", rows[102:]))
    assert [(each.rows, each.late) for each in heard] == [(1, ()), (1, ("p101",)), (1, ())]
    assert heard[1].again >= 40


def test_new_accounts_before_everything_and_nothing_at_all(tmp_path: Path) -> None:
    rows = some_rows(8, 40)
    first = Transfer("first", rows[0].time - 9, "newcomer", "A0", 77, "USD")
    with Live(_index(tmp_path, rows)) as live:
        assert live.add([]).rows == 0
        assert live.load(write_csv(tmp_path / "none.csv", [])).rows == 0
        assert live.add([first]).late == ("first",)
        for _ in range(2):
            _same(live, [first, *rows], random.Random(1))
            live.compact()


def test_an_index_of_nothing_takes_its_first_row(tmp_path: Path) -> None:
    row = Transfer("p0", 5, "A1", "A0", 77, "USD")
    with Live(_index(tmp_path, [])) as live:
        live.add([row])
        _same(live, [row], random.Random(1))
        live.compact()
        _same(live, [row], random.Random(1))


def _late_in(folder: Path) -> Path:
    with Live(folder) as live:
        live.add([_row("n1", 1), _row("n2", 2)])
        live.add([_row("n3", 3)])
    return next(folder.glob("tail-*"))


def _row(name: str, more: int) -> Transfer:
    return Transfer(name, 1_872_586_000_000 + more, "A1", "A2", 7, "USD")


@pytest.mark.parametrize("harm", ["cut", "hole", "zeros behind", "hole and zeros behind"])
def test_a_line_that_did_not_reach_the_disk_was_never_answered_for(tmp_path: Path, harm: str) -> None:
    folder = _index(tmp_path, some_rows(2, 80))
    tail = _late_in(folder)
    data = bytearray(tail.read_bytes())
    if "hole" in harm:
        data[-20:-10] = bytes(10)
    if harm == "cut":
        del data[-5:]
    tail.write_bytes(data + bytes(4096 if "behind" in harm else 0))
    whole = harm == "zeros behind"
    assert (Live.read(folder).names.order("n3") is not None) == whole
    with Live(folder) as live:
        assert live.ledger.names.order("n2") is not None
        assert (live.ledger.names.order("n3") is not None) == whole
        live.add([_row("n4", 4)])
        assert tail.stat().st_size > 100_000
    assert len(tail.read_bytes().splitlines()) == 2 + whole
    assert trace(Live.read(folder), "n4", "fifo").amount == 7


def test_a_disk_that_fails_takes_nothing_more_until_it_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _index(tmp_path, some_rows(2, 80))

    def fails(_: int) -> None:
        raise OSError("input/output error")

    with Live(folder) as live:
        live.add([_row("n1", 1)])
        with monkeypatch.context() as patch:
            patch.setattr("os.fdatasync", fails)
            with pytest.raises(Unavailable, match="not taken"):
                live.add([_row("n2", 2)])
        with pytest.raises(Unavailable, match="takes no rows"):
            live.add([_row("n3", 3)])
        assert live.ledger.names.order("n2") is None
    with Live(folder) as live:
        assert live.ledger.names.order("n1") is not None
        live.add([_row("n3", 3)])
    assert trace(Live.read(folder), "n3", "fifo").amount == 7


def test_sums_are_judged_account_by_account_for_single_rows_and_for_files(tmp_path: Path) -> None:
    """Many large payments of different accounts are no reason to refuse; one account beyond 64 bits is, before anything is written."""
    most = MAX_SUM // MAX_AMOUNT
    with Live(_index(tmp_path, [Transfer("0", 0, "x", "y", 1, "USD")])) as live:
        live.add([Transfer(f"a{n}", n, f"p{n}", f"q{n}", MAX_AMOUNT, "USD") for n in range(3 * most)])
        live.add([Transfer(f"b{n}", 1000 + n, "whale", f"r{n}", MAX_AMOUNT, "USD") for n in range(most)])
        with pytest.raises(TooMuch, match="whale") as beyond:
            live.add([Transfer("c", 2000, "whale", "x", MAX_AMOUNT, "USD")])
        assert beyond.value.rule == "ledger-sum"
        assert live.add([Transfer("c", 2000, "minnow", "x", MAX_AMOUNT, "USD")]).rows == 1
        table = "id,time,payer,payee,amount,currency\n"
        good = tmp_path / "good.csv"
        good.write_text(table + "".join(f"d{n},{3000 + n},s{n},t{n},{MAX_AMOUNT},USD\n" for n in range(3 * most)))
        assert live.load(good).rows == 3 * most
        bad = tmp_path / "bad.csv"
        bad.write_text(table + f"e,9000,x,whale,{MAX_AMOUNT},USD\n")
        with pytest.raises(TooMuch, match="whale"):
            live.load(bad)
        assert live.ledger.names.order("e") is None
