"""The search index's rows, on every engine."""

from __future__ import annotations

from dataclasses import replace

from spean.core.postings import SIZE, added
from spean.store import Store
from spean.store.rows import FactRow, RecordRow, SearchBucket

RECORD = "KR:circular:01JNF000000000000000000000"
KEY, OTHER = "aa" * 32, "bb" * 32


def fact(number: int, **more: object) -> FactRow:
    row = FactRow(
        id=f"{number:064x}", record=RECORD, procedure="circular", kind="entry", origin="KR", track="shared", at=number,
        payload=b'{"targets":[]}', key_id="k", signature=b"s", content=b"c%d" % number, status="effective",
    )  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]


def numbered(store: Store, *rows: FactRow) -> list[int]:
    with store.write() as tx:
        tx.facts.add(rows)
        return [row.n for row in tx.facts.many(each.id for each in rows).values()]


def test_nothing_is_indexed_at_first(store: Store) -> None:
    with store.read() as tx:
        assert (tx.search.newest(), tx.search.buckets()) == (0, [])
        assert tx.search.look_up([0], [b"12345678"]) == {}


def test_sources_come_in_order_with_the_purpose_of_their_record(store: Store) -> None:
    numbers = sorted(numbered(store, fact(1), fact(2, record="KR:circular:unknown"), fact(3, content=None)))
    record = RecordRow(
        id=RECORD, procedure="circular", version=1, state="open", parties={}, heads=(), done={}, opened_at=1, entered_at=1,
        changed_at=1, entered_by="", purpose="warn",
    )  # fmt: skip
    with store.write() as tx:
        tx.records.save([record])
    with store.read() as tx:
        assert tx.search.newest() == numbers[-1]
        found = tx.search.sources(0, numbers[-1], 10)
        assert [(each.n, each.content, each.purpose) for each in found] == [
            (numbers[0], b"c1", "warn"), (numbers[1], b"c2", ""), (numbers[2], None, "warn"),
        ]  # fmt: skip
        assert [each.n for each in tx.search.sources(numbers[0], numbers[-1], 1)] == [numbers[1]]
        assert [each.n for each in tx.search.sources(0, numbers[0], 9)] == [numbers[0]]
        assert tx.search.without_content(0, numbers[-1]) == {numbers[2]}
        assert tx.search.without_content(numbers[2], 99) == set()
        assert {n: row.id for n, row in tx.facts.at([numbers[1], 10_000]).items()} == {numbers[1]: f"{2:064x}"}


def test_a_bucket_advances_once(store: Store) -> None:
    with store.write() as tx:
        tx.search.open([0, 2])
        tx.search.open([2])
        empty = SearchBucket(bucket=0, key="", upto=-1)
        assert tx.search.buckets() == [SearchBucket(bucket=2, key="", upto=2 * SIZE - 1), empty]
        now = replace(empty, key=KEY, upto=70)
        assert tx.search.advance(empty, now)
        assert not tx.search.advance(empty, replace(now, upto=80)), "somebody else was first"
        assert not tx.search.advance(replace(now, key=OTHER), replace(now, upto=80)), "it was begun anew meanwhile"
        assert tx.search.advance(now, replace(now, upto=80))
        assert tx.search.buckets()[1] == replace(now, upto=80)


def test_terms_are_found_in_their_bucket(store: Store) -> None:
    many = {b"%08d" % number: added(b"", [number]) for number in range(1_200)}
    with store.write() as tx:
        tx.search.put(0, many)
        tx.search.put(1, {b"00000007": added(b"", [7, 8])})
        tx.search.put(0, {b"00000007": added(b"", range(SIZE))})
    with store.read() as tx:
        found = tx.search.look_up([0, 1, 5], [b"00000007", b"00000009", b"nothing!"])
        assert found == {
            (0, b"00000007"): added(b"", range(SIZE)), (0, b"00000009"): added(b"", [9]), (1, b"00000007"): added(b"", [7, 8]),
        }  # fmt: skip
        assert len(tx.search.look_up([0], many)) == 1_200
        assert tx.search.look_up([], many) == {}


def test_what_is_erased_takes_the_terms_of_its_bucket_along(store: Store) -> None:
    first, second = sorted(numbered(store, fact(1), fact(2)))
    empty = SearchBucket(bucket=0, key="", upto=-1)
    with store.write() as tx:
        tx.search.open([0])
        tx.search.advance(empty, replace(empty, key=KEY, upto=first))
        tx.search.put(0, {b"00000001": added(b"", [first])})
        tx.search.put(1, {b"00000001": added(b"", [1])})
        assert tx.search.forget([f"{2:064x}", f"{9:064x}"]) == [], "the one is not indexed yet, the other not here"
        assert tx.search.look_up([0], [b"00000001"])
        assert tx.search.forget([f"{1:064x}", f"{1:064x}"]) == [KEY]
        assert tx.search.buckets() == [empty]
        assert list(tx.search.look_up([0, 1], [b"00000001"])) == [(1, b"00000001")]
        assert tx.search.forget([f"{1:064x}"]) == [], "there is nothing left of it"
    assert second == first + 1
