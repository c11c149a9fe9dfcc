"""All store implementations behave the same: files of ledgers, payments, mappings, cases, requests, questions, victims."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spean.core.errors import NotFound
from spean.store import Store
from spean.store.rows import CaseRow, HopRow, ImportRow, MappingRow, PaymentRow, QuestionRow

FILE = ImportRow(id="F1", state="waiting", document="", by="u1", at=5, source="B", grade=2, bytes_read=0, bytes_all=9, taken=0,
                 twice=0, rejected=0, late=0, key=b"k" * 32, words=b"sealed")  # fmt: skip
CASE = CaseRow(record="KR:fraud-report:1", payment="uetr:1", currency="USD", claim="fifo", opened_at=3, traced_at=3,
               again="", closed=False)  # fmt: skip


def test_a_file_has_one_state_and_the_newest_comes_first(store: Store) -> None:
    later = replace(FILE, id="F2", at=7, state="done")
    with store.write() as tx:
        for row in (FILE, later, replace(FILE, state="reading", taken=4, words=b"other")):
            tx.money.save_import(row)
        assert [row.id for row in tx.money.imports()] == ["F2", "F1"]
        assert tx.money.imports(1) == [later]
        assert tx.money.imports_in("reading") == [replace(FILE, state="reading", taken=4, words=b"other")]
        with pytest.raises(NotFound):
            tx.money.one_import("F9")


def test_rows_that_were_not_taken_come_in_pages(store: Store) -> None:
    with store.write() as tx:
        tx.money.add_rows("F1", [(n, bytes([n])) for n in (1, 2, 3)])
        tx.money.add_rows("F1", [(3, b"again")])
        tx.money.add_rows("F2", [(1, b"other")])
        assert tx.money.rows("F1", limit=2) == [(1, b"\x01"), (2, b"\x02")]
        assert tx.money.rows("F1", after=2) == [(3, b"\x03")]
        tx.money.drop_rows("F1")
        assert tx.money.rows("F1") == []
        assert len(tx.money.rows("F2")) == 1


def test_what_is_said_of_a_payment_first_stays(store: Store) -> None:
    first = PaymentRow(id="uetr:1", file="F1", at=8, words=b"a")
    with store.write() as tx:
        tx.money.add_payments([first, replace(first, id="row:2")])
        tx.money.add_payments([replace(first, words=b"b")])
        assert tx.money.payments(["uetr:1", "uetr:9"]) == {"uetr:1": first}
        rows = tx.money.payments_after(0, 9)
        assert [row.id for _, row in rows] == ["uetr:1", "row:2"]
        assert tx.money.payments_after(rows[0][0], 9) == rows[1:]
        assert tx.money.known(f"uetr:{n}" for n in range(1200)) == {"uetr:1"}


def test_a_mapping_is_remembered_as_confirmed_last(store: Store) -> None:
    row = MappingRow(fingerprint="f", mapping="{}", by="u1", at=1)
    with store.write() as tx:
        assert tx.money.mapping("f") is None
        tx.money.save_mapping(row)
        tx.money.save_mapping(replace(row, mapping='{"a":1}', at=2))
        assert tx.money.mapping("f") == replace(row, mapping='{"a":1}', at=2)


def test_open_cases_are_those_that_are_not_closed(store: Store) -> None:
    with store.write() as tx:
        tx.money.save_case(CASE)
        tx.money.save_case(replace(CASE, record="KR:fraud-report:2", closed=True))
        tx.money.traced(CASE.record, 9, "row:7")
        assert tx.money.open_cases() == [replace(CASE, traced_at=9, again="row:7")]
        tx.money.save_case(replace(CASE, closed=True))
        assert tx.money.open_cases() == []
        assert tx.money.case("KR:fraud-report:9") is None


def test_requests_and_questions_belong_to_a_case(store: Store) -> None:
    hop = HopRow(record="KR:stop-payment:1", case=CASE.record, place=b"p", hop=2)
    question = QuestionRow(record="KR:trace-question:1", case=CASE.record, node="KH", rule="lifo", asked=b"q", at=4)
    with store.write() as tx:
        tx.money.add_hop(hop)
        tx.money.add_hop(replace(hop, record="KR:stop-payment:2", case="other", hop=1))
        tx.money.add_question(question)
        assert tx.money.hops(CASE.record) == [hop]
        assert [each.record for each in tx.money.hops_at(b"p")] == ["KR:stop-payment:1", "KR:stop-payment:2"]
        assert tx.money.hops_of(["KR:stop-payment:1", "x"]) == {"KR:stop-payment:1": hop}
        assert tx.money.questions(CASE.record) == [question]
        assert tx.money.question("KR:trace-question:1") == question
        assert tx.money.question("x") is None


def test_victims_are_found_by_hash(store: Store) -> None:
    with store.write() as tx:
        tx.money.add_victim(b"a", "c1", 1)
        tx.money.add_victim(b"a", "c1", 2)
        tx.money.add_victim(b"b", "c2", 2)
        assert tx.money.victims([b"a", b"z"]) == [(b"a", "c1")]


def test_requests_to_stop_are_found_by_any_of_their_names(store: Store) -> None:
    with store.write() as tx:
        tx.money.add_stop_names("R1", [b"payment", b"uetr"])
        tx.money.add_stop_names("R2", [b"uetr"])
        tx.money.add_stop_names("R2", [b"uetr"])
        assert tx.money.stops_named([b"uetr", b"payment"]) == ["R1", "R2"]
        assert tx.money.stops_named([b"payment"]) == ["R1"]
        assert tx.money.stops_named([]) == tx.money.stops_named([b"other"]) == []


def test_what_a_file_said_goes_and_that_there_was_one_stays(store: Store) -> None:
    with store.write() as tx:
        for id in ("F1", "F2"):
            tx.money.save_import(replace(FILE, id=id, key=id.encode() * 16, state="done", taken=2))
            tx.money.add_rows(id, [(1, b"bad")])
            tx.money.add_payments([PaymentRow(id=f"{id}/{n}", file=id, at=n, words=b"w") for n in (2, 1)])
        tx.money.save_mapping(MappingRow(fingerprint="f", mapping="{}", by="u1", at=1))
        assert tx.money.payments_of("F1") == ["F1/2", "F1/1"], "in order of arrival"
        (row,) = tx.money.imports_under([b"F1" * 16, b"x" * 32])
        tx.money.erase_file(row, "erasing")
        tx.money.drop_mapping("f")
        assert (tx.money.payments_of("F1"), tx.money.rows("F1"), tx.money.mapping("f")) == ([], [], None)
        assert (len(tx.money.payments_of("F2")), len(tx.money.rows("F2"))) == (2, 1)
        assert tx.money.imports_in("erasing") == [replace(row, state="erasing", words=b"")]
