"""Open cases: a trace that found nothing new writes no fact; after a start they are traced once, beside everything else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from unit.node_money.moneydesk import Desk

HEAD = "Date,Time,From account,To account,Amount,Currency,Reference\n"
FIRST = HEAD + "2026-03-04,01:02:00,HNB/110402,HNB/302918,184000000,KRW,R1\n"
NEXT = HEAD + "2026-03-04,01:19:00,HNB/302918,HNB/5,90000000,KRW,R2\n"
OTHER = HEAD + "2026-03-04,01:20:00,HNB/8,HNB/9,90000000,KRW,R3\n"


def give(desk: Desk, text: str) -> None:
    state = desk.give(text, keeper="HNB")
    if state.state == "asking":
        desk.money.confirm_mapping(desk.analyst, state.id, {}, wait=True)


@pytest.fixture
def case(desk: Desk) -> Iterator[str]:
    give(desk, FIRST)
    ledger = desk.money.ledgers.ledger("KRW")
    assert ledger is not None
    told = {"transferred_at": 1_772_586_120_000, "amount": 184_000_000, "currency": "KRW", "digits": 0, "sender_account": "110402",
            "sender_institution": "HNB", "account": "HNB/302918", "payment": ledger.names.payment(0)}  # fmt: skip
    form = {"victim": "V-1", "reported_at": desk.world.clock.now(), "payments": [told], "contact_phone": "+82 2 1394",
            "contact_name": "Duty officer"}  # fmt: skip
    done = desk.world.act(
        "KR",
        "report",
        form,
        procedure="fraud-report",
        who=desk.analyst,
        purpose="stop-fraud",
        data="account",
        subject="victim",
    )
    desk.world.act("KR", "validate", {}, record=done.record, who=desk.analyst)
    yield done.record
    desk.money.close()


def traces(desk: Desk, case: str) -> list[dict[str, Any]]:
    seen = desk.node.reading_desk.record(desk.analyst, case, reason="the case")
    return [fact.form for fact in seen.facts if fact.row.kind in ("trace", "retrace") and fact.form is not None]


def test_a_trace_is_written_down_when_its_result_changed(desk: Desk, case: str) -> None:
    for _ in range(3):
        desk.money.trace(desk.analyst, case)
    (first,) = traces(desk, case)
    give(desk, OTHER)
    desk.money.following.again(case)
    assert len(traces(desk, case)) == 1, "nothing of it moved"
    give(desk, NEXT)
    _, second = traces(desk, case)
    assert second["again"]
    assert (first["places"], second["places"]) == (1, 2)
    assert first["result"] != second["result"]
    desk.money.trace(desk.analyst, case, "lifo")
    assert [form["claim"] for form in traces(desk, case)] == ["fifo", "fifo", "lifo"], "another rule is another result"


def test_after_a_start_open_cases_are_traced_once_and_no_payment_waits_for_it(
    desk: Desk, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.money.trace(desk.analyst, case)
    desk.money.close()
    desk.node = desk.world.boot("KR")
    traced: list[str] = []
    ways = desk.money.following.ways

    def counted(row: Any) -> Any:
        traced.append(row.record)
        return ways(row)

    monkeypatch.setattr(desk.money.following, "ways", counted)
    desk.money.following.begin()
    desk.money.following.end()
    assert traced == [case]
    give(desk, OTHER)
    assert traced == [case], "a payment that does not touch it traces nothing"
    give(desk, NEXT)
    assert traced == [case, case]


def test_a_payment_that_comes_before_that_is_done_still_touches_its_case(desk: Desk, case: str) -> None:
    desk.money.trace(desk.analyst, case)
    desk.money.close()
    desk.node = desk.world.boot("KR")
    give(desk, NEXT)
    assert [form["places"] for form in traces(desk, case)] == [1, 2]


def test_a_node_that_follows_nothing_begins_nothing(desk: Desk, tmp_path: Path) -> None:
    del tmp_path
    desk.money.following.begin()
    assert desk.money.following._beginning is None
