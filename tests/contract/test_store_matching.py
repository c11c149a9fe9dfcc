"""All store implementations behave the same: who asked how often, published lists, groups at the border."""

from __future__ import annotations

from dataclasses import replace

from spean.store import Store
from spean.store.rows import BorderGroupRow, LookRow, OpenListRow

LOOK = LookRow(user="u1", use="look-up", at=5, found=False)
LIST = OpenListRow(record="KR:open-list:1", key=b"k" * 32, version="1", at=3)


def test_looks_are_those_of_one_user_since_then(store: Store) -> None:
    other, later = replace(LOOK, user="u2"), replace(LOOK, at=9, found=True, office=True, use="border")
    with store.write() as tx:
        tx.matching.add_looks([LOOK, other, later])
        assert tx.matching.looks("u1", 0) == [LOOK, later]
        assert tx.matching.looks("u1", 5) == [later]
        tx.matching.drop_looks(9)
        assert tx.matching.looks("u1", 0) == [later]
        assert tx.matching.looks("u2", 0) == []


def test_a_version_takes_the_place_of_the_former_one(store: Store) -> None:
    newer, other = replace(LIST, version="2", key=b"n" * 32), replace(LIST, record="KR:open-list:2")
    with store.write() as tx:
        tx.matching.save_list(LIST, [b"a", b"b", b"c"], [(b"1", 0), (b"2", 1), (b"2", 2), (b"2", 2)])
        tx.matching.save_list(other, [b"x"], [(b"2", 0)])
        assert sorted(tx.matching.listed([b"2", b"9"])) == [
            (b"2", LIST.record, 1),
            (b"2", LIST.record, 2),
            (b"2", other.record, 0),
        ]
        tx.matching.save_list(newer, [b"d"], [(b"1", 0)])
        assert tx.matching.lists() == [newer, other]
        assert list(tx.matching.entries(LIST.record)) == [(0, b"d")]
        assert tx.matching.listed([b"2"]) == [(b"2", other.record, 0)]
        assert (tx.matching.entry(LIST.record, 0), tx.matching.entry(LIST.record, 1)) == (b"d", None)
        tx.matching.drop_list(other.record)
        assert tx.matching.lists() == [newer]
        assert tx.matching.listed([b"2"]) == []


def test_long_lists_come_in_order(store: Store) -> None:
    with store.write() as tx:
        tx.matching.save_list(LIST, (str(n).encode() for n in range(4500)), [])
        found = list(tx.matching.entries(LIST.record))
        assert [n for n, _ in found] == list(range(4500))
        assert found[4321][1] == b"4321"


def test_a_group_goes_on_from_where_it_is_and_from_nowhere_else(store: Store) -> None:
    row = BorderGroupRow(id="G1", user="u1", at=5, key=b"k", people=3, answered=0, given=b"x", failed=b"")
    other = replace(row, id="G2", user="u2")
    with store.write() as tx:
        tx.matching.add_group(row)
        tx.matching.add_group(other)
        tx.matching.add_group(replace(row, id="G3"))
        assert [each.id for each in tx.matching.groups("u1")] == ["G3", "G1"]
        assert tx.matching.advance_group("G1", 0, 2)
        tx.matching.add_answers("G1", 0, [b"a", b"b"])
        assert not tx.matching.advance_group("G1", 0, 2)
        assert tx.matching.advance_group("G1", 2, 3)
        tx.matching.add_answers("G1", 2, [b"c"])
        tx.matching.fail_group("G1", b"why")
        assert tx.matching.group("G1") == replace(row, answered=3, failed=b"why")
        assert tx.matching.answers("G1") == [b"a", b"b", b"c"]
        tx.matching.drop_group("G1")
        assert (tx.matching.group("G1"), tx.matching.answers("G1")) == (None, [])
        assert tx.matching.group("G2") == other
        assert not tx.matching.advance_group("G1", 3, 4)
