"""All store implementations behave the same: jobs, alarms, people, quotas, reads, exports, settings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spean.core.errors import Conflict, NotFound
from spean.store import Store
from spean.store.rows import AccessRow, TokenRow, UnitRow, UserRow

A, B = "aa" * 32, "bb" * 32


def test_a_job_is_put_once_per_key_and_taken_when_due(store: Store) -> None:
    with store.write() as tx:
        assert tx.jobs.next_due() is None
        tx.jobs.put("timer", "r/1", 50, '{"a":1}')
        tx.jobs.put("timer", "r/2", 20)
        tx.jobs.put("pull", "r/1", 30)
        tx.jobs.put("timer", "r/1", 10, '{"a":2}')
        assert tx.jobs.next_due() == 10
        assert tx.jobs.due(9, 10) == []
        assert [(job.kind, job.key, job.payload) for job in tx.jobs.due(30, 2)] == [
            ("timer", "r/1", '{"a":2}'),
            ("timer", "r/2", "{}"),
        ]
        assert [job.kind for job in tx.jobs.due(30, 9)] == ["pull"]


def test_a_taken_job_comes_up_again_when_its_taker_is_silent(store: Store) -> None:
    with store.write() as tx:
        tx.jobs.put("timer", "a", 10)
        (job,) = tx.jobs.due(10, 5, lease=100)
        assert tx.jobs.next_due() == 110
        assert tx.jobs.due(109, 5) == []
        assert [again.id for again in tx.jobs.due(110, 5)] == [job.id]


def test_a_job_is_done_or_tried_again(store: Store) -> None:
    with store.write() as tx:
        tx.jobs.put("timer", "a", 10)
        (job,) = tx.jobs.due(10, 5)
        tx.jobs.retry(job.id, 40)
        (again,) = tx.jobs.due(40, 5)
        assert (again.id, again.attempts, again.due_at) == (job.id, 1, 40)
        tx.jobs.done(again.id)
        assert tx.jobs.list() == []


def test_a_job_that_was_put_again_while_it_ran_is_not_done(store: Store) -> None:
    with store.write() as tx:
        tx.jobs.put("timer", "a", 10)
        (job,) = tx.jobs.due(10, 5)
        tx.jobs.put("timer", "a", 99)
        tx.jobs.done(job.id)
        tx.jobs.retry(job.id, 5)
        assert [(left.due_at, left.attempts) for left in tx.jobs.list()] == [(99, 0)]


def test_jobs_are_cancelled_by_kind_and_prefix(store: Store) -> None:
    with store.write() as tx:
        for kind, key in (("timer", "a/1"), ("timer", "a/2"), ("timer", "a%"), ("timer", "b/1"), ("pull", "a/1")):
            tx.jobs.put(kind, key, 1)
        assert tx.jobs.cancel("timer", "a/") == 2
        assert tx.jobs.cancel("timer", "%") == 0
        assert sorted((job.kind, job.key) for job in tx.jobs.list()) == [
            ("pull", "a/1"),
            ("timer", "a%"),
            ("timer", "b/1"),
        ]
        assert sorted(job.key for job in tx.jobs.list("timer")) == ["a%", "b/1"]


def test_an_alarm_is_raised_once(store: Store) -> None:
    with store.write() as tx:
        assert tx.alarms.raise_("fork", "KH", "critical", "two roots", 5)
        assert not tx.alarms.raise_("fork", "KH", "critical", "two roots again", 6)
        assert tx.alarms.raise_("late", "TH", "warning", "no receipt", 7)
        newest, oldest = tx.alarms.list()
        assert (newest.kind, oldest.text, oldest.at) == ("late", "two roots", 5)
        tx.alarms.acknowledge(oldest.id, "u1", 8)
        tx.alarms.acknowledge(oldest.id, "u2", 9)
        tx.alarms.sent(newest.id, 10)
        assert tx.alarms.list(open_only=True) == [replace(newest, sent_at=10)]
        (unsent,) = tx.alarms.unsent()
        assert (unsent.id, unsent.acknowledged_by, unsent.acknowledged_at) == (oldest.id, "u1", 8)
        with pytest.raises(NotFound):
            tx.alarms.acknowledge(999, "u1", 8)


def test_users_and_units(store: Store) -> None:
    user = UserRow(id="u1", name="សុខា", kind="person", unit="desk", roles=("officer", "lead"), created_at=1)
    unit = UnitRow(id="desk", name="Duty desk", languages=("km", "en"))
    with store.write() as tx:
        tx.people.save(user)
        tx.people.save(replace(user, disabled_at=5, languages=("km",), created_at=99))
        tx.people.save_unit(replace(unit, name="old"))
        tx.people.save_unit(unit)
    with store.read() as tx:
        assert tx.people.get("u1") == replace(user, disabled_at=5, languages=("km",))
        assert [row.id for row in tx.people.list()] == ["u1"]
        assert tx.people.unit("desk") == unit
        assert tx.people.units() == [unit]
        with pytest.raises(NotFound):
            tx.people.get("u2")
        with pytest.raises(NotFound):
            tx.people.unit("none")


def test_tokens_end(store: Store) -> None:
    def token(digest: bytes, user: str, expires_at: int) -> TokenRow:
        return TokenRow(digest=digest, use="api", user=user, created_at=1, expires_at=expires_at, last_used_at=1)

    with store.write() as tx:
        for row in (token(b"1" * 32, "u1", 50), token(b"2" * 32, "u1", 60), token(b"3" * 32, "u2", 70)):
            tx.people.add_token(row)
        tx.people.touch_token(b"1" * 32, 9)
        assert tx.people.token(b"1" * 32) == replace(token(b"1" * 32, "u1", 50), last_used_at=9)
        assert tx.people.token(b"9" * 32) is None
        assert len(tx.people.tokens("u1")) == 2
        assert tx.people.expire_tokens(50) == 1
        assert tx.people.drop_token(b"2" * 32)
        assert not tx.people.drop_token(b"2" * 32)
        assert tx.people.drop_tokens("u2") == 1
        tx.people.add_token(token(b"4" * 32, "u1", 50))
    with pytest.raises(Conflict), store.write() as tx:
        tx.people.add_token(token(b"4" * 32, "u2", 50))


def test_quotas_count_by_month(store: Store) -> None:
    with store.write() as tx:
        tx.people.add("i", "TH", "warn", "2026-03")
        tx.people.add("i", "TH", "warn", "2026-03", 4)
        tx.people.add("i", "TH", "warn", "2026-04")
        assert tx.people.count("i", "TH", "warn", "2026-03") == 5
        assert tx.people.count("i", "KH", "warn", "2026-03") == 0


def test_who_read_what(store: Store) -> None:
    rows = [
        AccessRow(at=1, user="u1", act="read", subject="KR:a:1", fact=A),
        AccessRow(at=2, user="u2", act="search", subject="phone:1", fact=B, extra={"hits": "3"}),
        AccessRow(at=3, user="u1", act="export", subject="KR:a:1", fact=""),
    ]
    with store.write() as tx:
        tx.access.add(rows)
    with store.read() as tx:
        assert tx.access.of_subject("KR:a:1") == [rows[0], rows[2]]
        assert tx.access.of_user("u1") == [rows[0], rows[2]]
        assert tx.access.of_user("u1", 2) == [rows[2]]
        assert tx.access.of_user("u2") == [rows[1]]
        assert tx.access.last_time("u1", "read") == 1
        assert tx.access.last_time("u1", "search") is None


def test_exports_are_listed_for_a_recall(store: Store) -> None:
    with store.write() as tx:
        tx.exports.add([A, B], "USB 7", 5, "u1")
        tx.exports.add([A], "USB 8", 6, "u2")
    with store.read() as tx:
        assert [(row.medium, row.at, row.user) for row in tx.exports.of_fact(A)] == [
            ("USB 7", 5, "u1"),
            ("USB 8", 6, "u2"),
        ]
        assert tx.exports.of_fact("cc" * 32) == []


def test_settings(store: Store) -> None:
    with store.write() as tx:
        assert tx.meta.get("cursor") is None
        tx.meta.set("cursor", "1")
        tx.meta.set("cursor", "2")
        assert tx.meta.get("cursor") == "2"
