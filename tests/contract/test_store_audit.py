"""All store implementations behave the same: the auditor's list, alarms that wait, facts by their beginning, closed records."""

from __future__ import annotations

from dataclasses import replace

from spean.store import Store
from spean.store.rows import AccessRow, FactRow, RecordRow

HOUR = 3_600_000


def row(at: int, user: str = "u1", act: str = "read", subject: str = "KR:a:1") -> AccessRow:
    return AccessRow(at=at, user=user, act=act, subject=subject, fact="")  # type: ignore[arg-type]


def fact(first: str, kind: str = "read", log: str | None = "domestic") -> FactRow:
    return FactRow(
        id=(first * 64)[:64], record="KR:a:1", procedure="a", kind=kind, origin="KR", track="local", at=1, payload=b"{}", key_id="k",
        signature=b"s", content=None, status="effective", log=log, index=0,
    )  # fmt: skip


def test_the_list_is_paged_by_time_newest_first(store: Store) -> None:
    with store.write() as tx:
        tx.access.add([row(1), row(3, act="export"), row(3), row(2, "u2"), row(4, subject="KR:b:1")])
        whole = tx.access.page(limit=9)
        assert [each.at for _, each in whole] == [4, 3, 3, 2, 1]
        first = tx.access.page(limit=2)
        last_n, last = first[-1]
        rest = tx.access.page(limit=9, before=(last.at, last_n))
        assert first + rest == whole
        assert [each.act for _, each in tx.access.page(limit=9, act="export")] == ["export"]
        assert [each.at for _, each in tx.access.page(limit=9, user="u2")] == [2]
        assert [each.at for _, each in tx.access.page(limit=9, subject="KR:b:1")] == [4]
        assert [each.at for _, each in tx.access.page(limit=9, since=2, until=3)] == [2]


def test_hours_are_counted_by_user(store: Store) -> None:
    with store.write() as tx:
        tx.access.add([row(5), row(HOUR - 1), row(HOUR), row(HOUR + 1, "u2"), row(7, act="sign-in")])
        assert sorted(tx.access.hours(0, 2 * HOUR, ("read",))) == [("u1", 0, 2), ("u1", HOUR, 1), ("u2", HOUR, 1)]
        assert tx.access.hours(HOUR, HOUR + 1, ("read",)) == [("u1", HOUR, 1)]


def test_a_line_without_its_fact_counts_as_missing(store: Store) -> None:
    with store.write() as tx:
        assert tx.access.missing(("read",)) == 0
        tx.facts.add([fact("ab"), fact("cd"), fact("ef", kind="send", log="exchange")])
        tx.access.add([replace(row(1), fact=fact("ab").id)])
        assert tx.access.missing(("read",)) == 1
        tx.access.add([replace(row(1), fact=fact("cd").id)])
        assert tx.access.missing(("read",)) == 0


def test_facts_by_the_beginning_of_their_name(store: Store) -> None:
    with store.write() as tx:
        tx.facts.add([fact("ab"), fact("abc"), fact("f")])
        assert [each.id[:4] for each in tx.facts.beginning("ab", 9)] == ["abab", "abca"]
        assert [each.id[:4] for each in tx.facts.beginning("abca", 9)] == ["abca"]
        assert len(tx.facts.beginning("f" * 64, 9)) == 1
        assert len(tx.facts.beginning("ab", 1)) == 1
        assert tx.facts.beginning("0", 9) == []


def test_alarms_wait_by_severity_and_are_escalated_once(store: Store) -> None:
    with store.write() as tx:
        tx.alarms.raise_("a", "1", "critical", "x", 10)
        tx.alarms.raise_("a", "2", "critical", "x", 20)
        tx.alarms.raise_("a", "3", "warning", "x", 10)
        assert [each.key for each in tx.alarms.waiting("critical", 10)] == ["1"]
        assert tx.alarms.standing() == {"critical": (2, 2), "warning": (1, 3)}
        (alarm,) = tx.alarms.waiting("critical", 10)
        tx.alarms.escalated(alarm.id, 15)
        assert tx.alarms.waiting("critical", 19) == []
        tx.alarms.acknowledge(alarm.id, "u1", 16)
        assert tx.alarms.standing()["critical"] == (1, 2)
        assert next(each for each in tx.alarms.list() if each.key == "1").escalated_at == 15


def test_closed_records_the_youngest_first(store: Store) -> None:
    def record(name: str, closed: bool, purpose: str = "warn") -> RecordRow:
        return RecordRow(
            id=f"KR:recall:{name}", procedure="recall", version=1, state="x", parties={}, heads=(), done={}, opened_at=1,
            entered_at=1, changed_at=1, entered_by="", closed=closed, purpose=purpose,
        )  # fmt: skip

    with store.write() as tx:
        tx.records.save([record("1", True), record("2", True, "coordinate"), record("3", False), record("4", True)])
        assert [each.id[-1] for each in tx.records.closed_last("recall", None, 9)] == ["4", "2", "1"]
        assert [each.id[-1] for each in tx.records.closed_last("recall", ("warn",), 9)] == ["4", "1"]
        assert tx.records.closed_last("request", None, 9) == []
