"""All store implementations behave the same: keys, tags, tables, parcels, budgets, questions, watches, overlaps."""

from __future__ import annotations

from dataclasses import replace

from spean.store import Store
from spean.store.private_rows import (
    AskedRow,
    DeltaRow,
    HoldingRow,
    KeyRow,
    OverlapRow,
    ParcelRow,
    TagRow,
    WatchedRow,
    WatchRow,
)

KEY = KeyRow(record="KR:holding:1", month="2026-03", instrument="KR:agreement:1", category="phone", public="ab", parcel="p", size=9,
             items=64, number=0, at=5, ends=9)  # fmt: skip
TAG = TagRow(record="KR:holding:1", month="2026-03", prefix=b"a" * 8, ref=b"r" * 16, what=b"w" * 32, grp=7, number=-1)  # fmt: skip
HOLDING = HoldingRow(record="KH:holding:1", holder="KH", instrument="KR:agreement:1", category="phone", desk="cyber", contact="+1",
                     purposes="[]", month="2026-03", public="cd", parcel="q", size=8, items=64, number=0, at=5, state="fetching")  # fmt: skip
ASKED = AskedRow(record="KR:private-question:1", asked="A", node="KH", category="phone", holding="KH:holding:1", month="2026-03",
                 instrument="KR:agreement:1", user="u1", at=100, terms=3, elements=3, state="asked", hits="", case="", watch="",
                 public="cd", key=b"k", words=b"sealed")  # fmt: skip


def test_a_key_has_its_tags_and_both_go(store: Store) -> None:
    with store.write() as tx:
        for row in (KEY, replace(KEY, number=2), replace(KEY, month="2026-04")):
            tx.private.save_key(row)
        assert tx.private.own_keys("KR:holding:1") == [replace(KEY, number=2), replace(KEY, month="2026-04")]
        assert tx.private.own_keys("KR:holding:2") == []
        other = replace(TAG, prefix=b"b" * 8, ref=b"s" * 16, what=b"x" * 32)
        dummy = replace(TAG, prefix=b"d" * 8, ref=b"e" * 16, what=b"", number=0)
        tx.private.add_tags([TAG, other, dummy, replace(TAG, grp=9)])
        of = ("KR:holding:1", "2026-03")
        assert tx.private.held(*of, [b"w" * 32, b"x" * 32, b"y" * 32]) == {b"w" * 32: b"a" * 8, b"x" * 32: b"b" * 8}
        assert (tx.private.count_tags(*of), tx.private.dummies(*of, 9)) == (3, [b"d" * 8])
        new, going = tx.private.waiting_tags(*of)
        assert (sorted(row.prefix for row in new), going) == ([b"a" * 8, b"b" * 8], [])
        tx.private.published(*of, 1)
        tx.private.lose_tags(*of, [b"a" * 8])
        new, going = tx.private.waiting_tags(*of)
        assert (new, [row.prefix for row in going]) == ([], [b"a" * 8])
        references = [(b"r" * 16).hex(), (b"s" * 16).hex(), "00" * 16]
        assert len(tx.private.referred(references)) == 2
        tx.private.published(*of, 2)
        assert [row.prefix for row in tx.private.referred(references)] == [b"b" * 8]
        assert tx.private.held(*of, [b"w" * 32]) == {}
        assert len(tx.private.tags(*of)) == 3
        tx.private.add_tags([TAG, other])
        new, going = tx.private.waiting_tags(*of)
        assert ([(row.prefix, row.gone) for row in new], going) == ([(b"a" * 8, 0)], [])
        tx.private.name_tags(*of, "KR:entity:1", [b"b" * 8, b"a" * 8])
        tx.private.name_tags(*of, "KR:entity:2", [b"b" * 8, b"b" * 8])
        assert tx.private.named_by(*of, "KR:entity:1") == {b"a" * 8, b"b" * 8}
        tx.private.unname(*of, "KR:entity:1", [b"a" * 8])
        assert tx.private.all_sources(*of) == {"KR:entity:1", "KR:entity:2"}
        assert tx.private.sources(*of, [b"a" * 8, b"b" * 8, b"d" * 8]) == {b"b" * 8: ["KR:entity:1", "KR:entity:2"]}
        tx.private.drop_key(*of)
        assert (tx.private.tags(*of), tx.private.sources(*of, [b"b" * 8])) == ([], {})
        assert [row.month for row in tx.private.own_keys()] == ["2026-04"]


def test_what_a_partner_offers_and_its_deltas(store: Store) -> None:
    with store.write() as tx:
        tx.private.save_holding(HOLDING)
        tx.private.save_holding(replace(HOLDING, state="ready"))
        assert tx.private.holding("KH:holding:1") == replace(HOLDING, state="ready")
        assert tx.private.holdings() == [replace(HOLDING, state="ready")]
        late = DeltaRow(record="KH:holding:1", month="2026-03", number=2, parcel="x", size=3, data=None)
        first = replace(late, number=1, data=b"abc")
        for row in (late, first, replace(late, data=b"def")):
            tx.private.save_delta(row)
        assert tx.private.deltas("KH:holding:1", "2026-03") == [first, replace(late, data=b"def")]
        tx.private.drop_holding("KH:holding:1")
        assert tx.private.holding("KH:holding:1") is None
        assert tx.private.deltas("KH:holding:1", "2026-03") == []


def test_a_parcel_is_put_together_and_only_who_may_fetches_it(store: Store) -> None:
    with store.write() as tx:
        assert tx.private.parcel("h") is None
        tx.private.save_parcel(ParcelRow(hash="h", size=7, have=0, at=1))
        tx.private.add_part("h", 4, b"efg")
        tx.private.add_part("h", 0, b"abcd")
        tx.private.add_part("h", 0, b"ABCD")
        tx.private.save_parcel(ParcelRow(hash="h", size=7, have=7, at=1))
        assert tx.private.parts("h") == [b"abcd", b"efg"]
        assert tx.private.part_at("h", 5) == (4, b"efg")
        assert tx.private.part_at("h", 3) == (0, b"abcd")
        assert tx.private.parcel("h") == ParcelRow(hash="h", size=7, have=7, at=1)
        tx.private.allow("h", ["KH", "INT"])
        tx.private.allow("h", ["KH"])
        assert [tx.private.allowed("h", node) for node in ("KH", "INT", "TH")] == [True, True, False]
        tx.private.drop_parcel("h")
        assert (tx.private.parcel("h"), tx.private.parts("h"), tx.private.allowed("h", "KH")) == (None, [], False)


def test_a_question_is_counted_once_and_over_all_keys(store: Store) -> None:
    with store.write() as tx:
        assert tx.private.spent("KH", "2026-03") == (0, 0)
        tx.private.spend("q1", "KH", "2026-03", 24)
        tx.private.spend("q1", "KH", "2026-03", 24)
        tx.private.spend("q2", "KH", "2026-03", 1)
        tx.private.spend("q3", "KH", "2026-04", 5)
        tx.private.spend("q4", "INT", "2026-03", 7)
        tx.private.claimed("q1", 2)
        assert tx.private.spent("KH", "2026-03") == (25, 2)
        assert (tx.private.counted("q1"), tx.private.counted("q9")) == (24, None)
        assert tx.private.spenders() == [("KH", "2026-04", 5), ("INT", "2026-03", 7), ("KH", "2026-03", 25)]


def test_questions_by_state_by_user_and_by_what_was_asked_at_once(store: Store) -> None:
    with store.write() as tx:
        second = replace(ASKED, record="KR:private-question:2", node="INT", at=101)
        told = replace(
            ASKED,
            record="KR:private-question:3",
            asked="B",
            at=200,
            terms=1,
            state="answered",
            hits="[1]",
            answer="f" * 64,
        )
        watch = replace(ASKED, record="KR:private-question:4", asked="C", at=300, watch="w")
        for row in (ASKED, second, told, watch):
            tx.private.save_asked(row)
        assert tx.private.asked_together("A") == [second, ASKED]
        assert [row.record[-1] for row in tx.private.asked_in("asked")] == ["1", "2", "4"]
        assert tx.private.asked_by("u1", 0) == [(1, 200, True), (3, 101, False)]
        assert tx.private.asked_by("u1", 150) == [(1, 200, True)]
        assert tx.private.rate("KH", 0) == (3, ["[1]"])
        tx.private.save_asked(replace(ASKED, state="declined", hits='{"why":"over"}'))
        assert tx.private.asked_by("u1", 0) == [(1, 200, True), (3, 101, False)]
        assert tx.private.rate("KH", 0) == (3, ["[1]"])
        tx.private.save_asked(ASKED)
        assert tx.private.to_oversee() == [told]
        tx.private.save_asked(replace(told, overseen=1))
        assert tx.private.to_oversee() == []
        tx.private.drop_asked(ASKED.record)
        assert tx.private.asked(ASKED.record) is None


def test_a_watch_keeps_tags_for_each_offer_and_month(store: Store) -> None:
    row = WatchedRow(watch="w", record="KH:holding:1", month="2026-03", n=0, term=0, tag=b"t" * 26, says="")
    with store.write() as tx:
        tx.private.save_watch(WatchRow(watch="w", until=9, at=1, key=b"k", words=b"s"))
        tx.private.add_watched([row, replace(row, n=1), replace(row, month="2026-04")])
        assert tx.private.watched("KH:holding:1", "2026-03") == [row, replace(row, n=1)]
        assert tx.private.watch_months("w") == {("KH:holding:1", "2026-03"), ("KH:holding:1", "2026-04")}
        tx.private.drop_watched("KH:holding:1", "2026-03")
        assert tx.private.watch_months("w") == {("KH:holding:1", "2026-04")}
        assert [each.watch for each in tx.private.watches()] == ["w"]
        tx.private.drop_watch("w")
        assert (tx.private.watches(), tx.private.watch_months("w")) == ([], set())


def test_an_overlap_goes_on(store: Store) -> None:
    row = OverlapRow(record="o", role="asker", node="KH", holding="KH:holding:1", category="phone", month="2026-03", count=9,
                     state="proposed", done=0, at=1, hits=None)  # fmt: skip
    with store.write() as tx:
        for each in (row, replace(row, done=2, hits=b"[]")):
            tx.private.save_overlap(each)
        assert tx.private.overlap("o") == replace(row, done=2, hits=b"[]")
        assert tx.private.overlaps() == [replace(row, done=2, hits=b"[]")]
        assert tx.private.overlap("p") is None
