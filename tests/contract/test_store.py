"""All store implementations behave the same: logs, facts, records and transactions."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError

from spean.core.errors import Conflict, InvalidInput, NotFound, SpeanError
from spean.ledger import merkle
from spean.ledger.merkle import Head
from spean.store import Store, Tx
from spean.store.rows import FactRow, RecordRow

LOG = "exchange"


def payload(number: int, targets: tuple[str, ...] = ()) -> bytes:
    names = ",".join(f'"{name}"' for name in targets)
    return b'{"number":%d,"targets":[%s]}' % (number, names.encode())


def fact(number: int, *, targets: tuple[str, ...] = (), **more: object) -> FactRow:
    entry = payload(number, targets)
    row = FactRow(
        id=merkle.leaf_hash(entry).hex(),
        record="KR:information-request:01",
        procedure="information-request",
        kind="ask",
        origin="KR",
        track="shared",
        at=1_000 + number,
        payload=entry,
        key_id="0123456789abcdef",
        signature=bytes(64),
        content=b"cipher-%d" % number,
        status="effective",
    )
    return replace(row, **more)  # type: ignore[arg-type]


def record(name: str, **more: object) -> RecordRow:
    row = RecordRow(
        id=name,
        procedure="information-request",
        version=1,
        state="asked",
        parties={"asker": ("KR",), "holder": ("KH", "TH")},
        heads=("ab" * 32,),
        done={"KR": ("ask",)},
        opened_at=1,
        entered_at=2,
        changed_at=3,
        entered_by="KR",
    )
    return replace(row, **more)  # type: ignore[arg-type]


def append(tx: Tx, rows: list[FactRow], log: str = LOG) -> Head:
    head = tx.log.head(log)
    ids = [bytes.fromhex(row.id) for row in rows]
    grown, tiles = merkle.grow(head, ids, tx.log.reader(log))
    tx.facts.add([replace(row, log=log, index=head.size + at) for at, row in enumerate(rows)])
    tx.log.save(log, grown, head.size, ids, tiles)
    return grown


# --- logs -----------------------------------------------------------------------------------------------------
def test_a_log_grows_across_tiles_and_reads_back(store: Store) -> None:
    rows = [fact(number) for number in range(700)]
    for start, end in ((0, 1), (1, 255), (255, 256), (256, 513), (513, 700)):
        with store.write() as tx:
            head = append(tx, rows[start:end])
    leaves = [bytes.fromhex(row.id) for row in rows]
    with store.read() as tx:
        read = tx.log.reader(LOG)
        assert tx.log.head(LOG) == head == merkle.head_at(700, read)
        assert head.root() == merkle.tree_root(leaves)
        assert [merkle.head_at(size, read).root() for size in (1, 256, 257, 699)] == [
            merkle.tree_root(leaves[:size]) for size in (1, 256, 257, 699)
        ]
        assert tx.log.leaf_ids(LOG, 254, 258) == leaves[254:258]
        assert tx.log.entry(LOG, 699) == rows[699].payload
        assert tx.log.entries(LOG, 698, 900) == [rows[698].payload, rows[699].payload]
        assert tx.facts.get(rows[300].id).index == 300


def test_padding_has_an_entry_without_a_fact(store: Store) -> None:
    row, filler = fact(1), b"padding"
    ids = [bytes.fromhex(row.id), merkle.leaf_hash(filler)]
    with store.write() as tx:
        tx.facts.add([row])
        grown, tiles = merkle.grow(Head(), ids, tx.log.reader("domestic"))
        tx.log.save("domestic", grown, 0, ids, tiles, {1: filler})
    with store.read() as tx:
        assert tx.log.entries("domestic", 0, 2) == [row.payload, filler]
        assert tx.log.head(LOG) == Head()


def test_what_a_log_does_not_hold_is_not_found(store: Store) -> None:
    with store.write() as tx:
        append(tx, [fact(number) for number in range(3)])
    with store.read() as tx:
        for level, index, width in ((0, 0, 4), (0, 0, 256), (1, 0, 1)):
            with pytest.raises(NotFound, match="no tile"):
                tx.log.reader(LOG)(level, index, width)
        with pytest.raises(NotFound, match="no entry 3"):
            tx.log.entry(LOG, 3)


def test_a_log_moves_from_the_size_that_was_read(store: Store) -> None:
    with store.write() as tx:
        head = append(tx, [fact(1)])
    ids = [bytes.fromhex(fact(2).id)]
    with pytest.raises(Conflict, match="no longer of size 0"), store.write() as tx:
        tx.log.save(LOG, Head(1, (ids[0],)), 0, ids, ())
    with pytest.raises(InvalidInput, match="append in order"), store.write() as tx:
        tx.log.save(LOG, head, 1, ids, ())
    with store.read() as tx:
        assert tx.log.head(LOG) == head


def test_a_third_log_may_be_opened(store: Store) -> None:
    ids = [bytes.fromhex(fact(1).id)]
    with store.write() as tx:
        tx.log.save("exercise", Head(1, (ids[0],)), 0, ids, ())
        assert tx.log.names() == ["domestic", "exchange", "exercise"]
    with store.read() as tx:
        assert tx.log.head("exercise").size == 1


# --- facts ----------------------------------------------------------------------------------------------------
def test_a_fact_comes_back_as_it_was(store: Store) -> None:
    rows = [
        fact(1),
        fact(2, log=LOG, index=7, received_from="KH", received_at=9, status="refused", step=3, reason="R30 ភាសា"),
        fact(3, content=None, erased_at=5, superseded_by="ab" * 32),
    ]
    with store.write() as tx:
        tx.facts.add(rows)
    with store.read() as tx:
        found = tx.facts.many([*(row.id for row in rows), "00" * 32])
        assert {replace(row, n=0) for row in found.values()} == set(rows)
        assert [found[row.id].n for row in rows] == sorted(found[row.id].n for row in rows)
        assert tx.facts.exists([rows[0].id, "00" * 32]) == {rows[0].id}
        with pytest.raises(NotFound):
            tx.facts.get("00" * 32)


def test_the_same_fact_twice_is_a_conflict_and_changes_nothing(store: Store) -> None:
    with store.write() as tx:
        tx.facts.add([fact(1)])
    with pytest.raises(Conflict), store.write() as tx:
        tx.facts.add([fact(2), fact(1)])
    with store.read() as tx:
        assert tx.facts.exists([fact(2).id]) == set()


def test_the_facts_of_a_record_by_track(store: Store) -> None:
    rows = [fact(1), fact(2, track="local"), fact(3), fact(4, record="KR:circular:02")]
    with store.write() as tx:
        tx.facts.add(rows)
    with store.read() as tx:
        name = rows[0].record
        assert [row.id for row in tx.facts.of_record(name)] == [rows[0].id, rows[2].id]
        assert [row.id for row in tx.facts.of_record(name, "local")] == [rows[1].id]
        assert [row.id for row in tx.facts.of_records([name, "KR:none:1"])] == [rows[0].id, rows[2].id]
        assert tx.facts.of_records([]) == []
        assert [row.id for row in tx.facts.of_record(name, None)] == [row.id for row in rows[:3]]


def test_targets_of_the_header_are_found_again(store: Store) -> None:
    source = fact(1)
    others = [fact(2, targets=(source.id, "cd" * 32)), fact(3, targets=(source.id,))]
    odd = [
        fact(4, payload=b'{"targets":["' + source.id.encode()),
        fact(5, payload=b'{"targets":["no hex"]}'),
    ]
    with store.write() as tx:
        tx.facts.add([source, *others, *odd])
    with store.read() as tx:
        assert [row.id for row in tx.facts.citing(source.id)] == [row.id for row in others]
        assert tx.facts.citing(others[0].id) == []


def test_status_place_and_erasure(store: Store) -> None:
    rows = [fact(number, status="quarantined") for number in range(3)]
    with store.write() as tx:
        tx.facts.add(rows)
        changed = tx.facts.set_status([rows[0].id, "00" * 32], "refused", step=5, reason="R26", superseded_by="x")
        assert changed == 1
        tx.facts.place(rows[1].id, LOG, 12)
        tx.facts.place_many([(rows[2].id, LOG, 13)])
        assert tx.facts.erase([rows[2].id], 99) == 1
        with pytest.raises(NotFound):
            tx.facts.place("00" * 32, LOG, 1)
    with store.read() as tx:
        first, second, third = (tx.facts.get(row.id) for row in rows)
        assert (first.status, first.step, first.reason, first.superseded_by) == ("refused", 5, "R26", "x")
        assert (second.log, second.index, third.index) == (LOG, 12, 13)
        assert (third.content, third.erased_at, third.payload) == (None, 99, rows[2].payload)
        assert [row.id for row in tx.facts.by_status("quarantined")] == [rows[1].id, rows[2].id]
        assert tx.facts.by_status("quarantined", after=second.n, limit=1) == [third]
        assert tx.facts.by_status("effective") == []


def test_a_fact_waits_until_what_it_builds_on_arrives(store: Store) -> None:
    rows = [fact(number, status="waiting") for number in range(3)]
    with store.write() as tx:
        tx.facts.add(rows)
        tx.facts.add_waiting(rows[0].id, ["aa" * 32, "bb" * 32])
        tx.facts.add_waiting(rows[1].id, ["bb" * 32])
        tx.facts.add_waiting(rows[1].id, ["bb" * 32])
    with store.write() as tx:
        waiting = tx.facts.waiting_on(["bb" * 32, "aa" * 32, "cc" * 32])
        assert [row.id for row in waiting] == [rows[0].id, rows[1].id]
        tx.facts.set_status([rows[1].id], "effective")
        assert [row.id for row in tx.facts.waiting_on(["bb" * 32])] == [rows[0].id]
        tx.facts.arrived(["bb" * 32])
        assert tx.facts.waiting_on(["bb" * 32]) == []
        assert len(tx.facts.waiting_on(["aa" * 32])) == 1


def test_recent_facts_in_pages(store: Store) -> None:
    rows = [fact(number, origin="KR" if number % 2 else "TH") for number in range(10)]
    with store.write() as tx:
        tx.facts.add(rows)
    with store.read() as tx:
        first = tx.facts.recent(limit=4)
        assert [row.id for row in first] == [row.id for row in rows[:5:-1]]
        assert [row.id for row in tx.facts.recent(before=first[-1].n, limit=2)] == [rows[5].id, rows[4].id]
        assert {row.origin for row in tx.facts.recent(origin="TH", kind="ask")} == {"TH"}
        with pytest.raises(TypeError, match="colour"):
            tx.facts.recent(colour="red")
        came = tx.facts.arrivals(limit=3)
        assert [each.id for each in came] == [row.id for row in first[:3]]
        assert [(each.n, each.payload, each.received_at) for each in came] == [
            (row.n, row.payload, row.received_at) for row in first[:3]
        ]
        assert [each.id for each in tx.facts.arrivals(before=first[-1].n, limit=2)] == [rows[5].id, rows[4].id]


def test_more_names_than_one_statement_holds(store: Store) -> None:
    rows = [fact(number) for number in range(1_200)]
    with store.write() as tx:
        tx.facts.add(rows)
        assert tx.facts.exists(row.id for row in rows) == {row.id for row in rows}
        assert len(tx.facts.many(row.id for row in rows)) == 1_200


# --- records --------------------------------------------------------------------------------------------------
def test_a_record_comes_back_as_it_was_and_moves_by_one_revision(store: Store) -> None:
    first = record("KR:a:1", due_at=50, instrument="i", purpose="warn", via="INT", unit="u")
    with store.write() as tx:
        tx.records.save([first, record("KR:a:2")])
    with store.write() as tx:
        found = tx.records.get("KR:a:1")
        assert found == replace(first, rev=1)
        tx.records.save([replace(found, state="answered", closed=True)])
    with store.read() as tx:
        assert tx.records.get("KR:a:1") == replace(first, state="answered", closed=True, rev=2)
        assert set(tx.records.many(["KR:a:1", "KR:a:2", "KR:a:3"])) == {"KR:a:1", "KR:a:2"}
        with pytest.raises(NotFound):
            tx.records.get("KR:a:3")


@pytest.mark.parametrize("rev", [0, 1])
def test_two_writers_of_one_record(store: Store, rev: int) -> None:
    with store.write() as tx:
        tx.records.save([record("KR:a:1")])
        tx.records.save([replace(record("KR:a:1"), rev=1)])
    with pytest.raises(Conflict, match="KR:a:1 was changed") as caught, store.write() as tx:
        tx.records.save([record("KR:a:0"), record("KR:a:1", rev=rev, state="lost")])
    assert "read it again" in caught.value.remedy
    with store.read() as tx:
        assert tx.records.get("KR:a:1").state == "asked"
        assert tx.records.many(["KR:a:0"]) == {}


def test_the_queue_is_sorted_by_deadline_in_pages(store: Store) -> None:
    rows = [
        record("KR:a:1", due_at=None),
        record("KR:a:2", due_at=30, unit="u"),
        record("KR:a:3", due_at=10, unit="u", closed=True),
        record("KR:a:4", due_at=30, state="answered"),
        record("KR:b:5", due_at=20, procedure="circular", unit="u"),
        record("KR:a:6", due_at=None, unit="u"),
    ]
    with store.write() as tx:
        tx.records.save(rows)
    with store.read() as tx:

        def names(**filters: object) -> str:
            return "".join(row.id[-1] for row in tx.records.list(**filters))  # type: ignore[arg-type]

        assert names() == "352416"
        assert names(open_only=True) == "52416"
        assert names(unit="u") == "3526"
        assert names(procedure="circular") == "5"
        assert names(state="answered", open_only=True) == "4"
        counts = tx.records.open_counts()
        assert counts["circular", 1] == 1
        assert sum(counts.values()) == len(names(open_only=True))
        page = tx.records.list(limit=2)
        assert names(after=page[-1], limit=2) == "24"
        assert names(after=tx.records.get("KR:a:1")) == "6"


# --- transactions ---------------------------------------------------------------------------------------------
def test_an_error_leaves_no_trace(store: Store) -> None:
    before = store.pulse()

    def fails() -> None:
        with store.write() as tx:
            append(tx, [fact(1)])
            tx.jobs.put("timer", "x", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with store.read() as tx:
        assert tx.facts.exists([fact(1).id]) == set()
        assert tx.log.head(LOG).size == 0
        assert tx.jobs.next_due() is None
    assert store.pulse() == before


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((DBAPIError, SpeanError)), store.read() as tx:
        tx.meta.set("a", "b")
    with store.write() as tx:
        assert tx.meta.get("a") is None
        tx.meta.set("a", "c")
    with store.read() as tx:
        assert tx.meta.get("a") == "c"


def test_a_transaction_within_a_transaction_is_a_bug(store: Store) -> None:
    with store.write(), pytest.raises(RuntimeError, match="pass its tx on"), store.read():
        pass
    with store.read(), pytest.raises(RuntimeError, match="pass its tx on"), store.write():
        pass
    with store.write() as tx:
        tx.meta.set("still", "works")


def test_writers_in_threads_take_turns(store: Store) -> None:
    def add() -> None:
        for _ in range(20):
            with store.write() as tx:
                tx.meta.set("count", str(int(tx.meta.get("count") or 0) + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert tx.meta.get("count") == "80"


def test_the_pulse_changes_with_a_commit(store: Store) -> None:
    before = store.pulse()
    assert store.pulse() == before
    with store.write() as tx:
        tx.meta.set("a", "b")
    assert store.pulse() != before
