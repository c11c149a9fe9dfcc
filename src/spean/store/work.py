"""Jobs (what to do when) and alarms (what a person must see)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, case, delete, func, select, update

from spean.core.errors import NotFound
from spean.sql.statement import Insert, Sql
from spean.store import schema
from spean.store.rows import AlarmRow, JobRow

LEASE = 60_000
"""Milliseconds in which the taker of a job must finish it before somebody else may take it."""

_j = schema.jobs.c
_J_ADD = Insert(schema.jobs, "kind key due_at payload attempts leased_until")
_J_DROP = delete(schema.jobs).where(_j.kind == bindparam("of_kind"), _j.key == bindparam("of_key"))
_J_CANCEL = delete(schema.jobs).where(
    _j.kind == bindparam("of_kind"), func.substr(_j.key, 1, func.length(bindparam("prefix"))) == bindparam("prefix")
)
_J_DUE = (
    select(_j.id, _j.kind, _j.key, _j.due_at, _j.payload, _j.attempts)
    .where(_j.due_at <= bindparam("now"), _j.leased_until <= bindparam("now"))
    .order_by(_j.due_at, _j.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_J_LEASE = update(schema.jobs).where(_j.id == bindparam("of")).values(leased_until=bindparam("until"))
_J_DONE = delete(schema.jobs).where(_j.id == bindparam("of"))
_J_RETRY = (
    update(schema.jobs)
    .where(_j.id == bindparam("of"))
    .values(due_at=bindparam("next"), attempts=_j.attempts + 1, leased_until=0)
)
_J_NEXT = select(func.min(case((_j.leased_until > _j.due_at, _j.leased_until), else_=_j.due_at)))
_J_LIST = select(_j.id, _j.kind, _j.key, _j.due_at, _j.payload, _j.attempts).order_by(_j.due_at, _j.id)
_J_KIND = _J_LIST.where(_j.kind == bindparam("of_kind"))

_a = schema.alarms.c
_A_ADD = Insert(schema.alarms, "kind key severity text at acknowledged_by", 'ON CONFLICT ("kind", "key") DO NOTHING')
_A_ALL = select(schema.alarms).order_by(_a.at.desc(), _a.id.desc()).limit(bindparam("limit"))
_A_OPEN = _A_ALL.where(_a.acknowledged_at.is_(None))
_A_UNSENT = select(schema.alarms).where(_a.sent_at.is_(None)).order_by(_a.id)
_A_WAITING = (
    select(schema.alarms)
    .where(
        _a.acknowledged_at.is_(None),
        _a.escalated_at.is_(None),
        _a.severity == bindparam("severity"),
        _a.at <= bindparam("before"),
    )
    .order_by(_a.id)
)
_A_STANDING = (
    select(_a.severity, func.count(), func.max(_a.id))
    .where(_a.acknowledged_at.is_(None), _a.kind.not_in(bindparam("but", expanding=True)))
    .group_by(_a.severity)
)
_A_ACK = (
    update(schema.alarms)
    .where(_a.id == bindparam("of"), _a.acknowledged_at.is_(None))
    .values(acknowledged_by=bindparam("who"), acknowledged_at=bindparam("when"))
)
_A_ONE = select(_a.id).where(_a.id == bindparam("of"))
_A_SENT = update(schema.alarms).where(_a.id == bindparam("of")).values(sent_at=bindparam("when"))
_A_ESCALATED = update(schema.alarms).where(_a.id == bindparam("of")).values(escalated_at=bindparam("when"))


class JobGroup:
    """``tx.jobs``. A taken job is leased: if its taker dies, it comes up again after ``LEASE``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def put(self, kind: str, key: str, due_at: int, payload: str = "{}") -> None:
        """Enqueue; a job of the same kind and key is replaced, also one that is being worked on now."""
        self._sql.run(_J_DROP, {"of_kind": kind, "of_key": key})
        self._sql.insert(_J_ADD, [(kind, key, due_at, payload, 0, 0)])

    def cancel(self, kind: str, key_prefix: str) -> int:
        """Drop the jobs of ``kind`` whose key begins so; how many there were."""
        return self._sql.run(_J_CANCEL, {"of_kind": kind, "prefix": key_prefix})

    def due(self, now: int, limit: int, *, lease: int = LEASE) -> list[JobRow]:
        """Take what is due, earliest first; nobody else gets it for ``lease`` ms. Needs a write transaction."""
        found = self._sql.made(JobRow, _J_DUE, {"now": now, "limit": limit})
        self._sql.run_many(_J_LEASE, [{"of": row.id, "until": now + lease} for row in found])
        return found

    def done(self, id: int) -> None:
        """Drop the job; one that was replaced meanwhile has another id and stays."""
        self._sql.run(_J_DONE, {"of": id})

    def retry(self, id: int, due_at: int) -> None:
        """Give the job back for another attempt."""
        self._sql.run(_J_RETRY, {"of": id, "next": due_at})

    def next_due(self) -> int | None:
        """When the earliest job can be taken (its lease counts), None when there is no job."""
        row = self._sql.row(_J_NEXT)
        return None if row is None or row[0] is None else int(row[0])

    def list(self, kind: str | None = None) -> list[JobRow]:
        """All jobs, or those of one kind, earliest first, leased ones too."""
        if kind is None:
            return self._sql.made(JobRow, _J_LIST)
        return self._sql.made(JobRow, _J_KIND, {"of_kind": kind})


class AlarmGroup:
    """``tx.alarms``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def raise_(self, kind: str, key: str, severity: str, text: str, at: int) -> bool:
        """Raise the alarm unless it was raised before; True when it is new."""
        return self._sql.insert(_A_ADD, [(kind, key, severity, text, at, "")]) == 1

    def acknowledge(self, id: int, user: str, at: int) -> None:
        """Note who has seen it; the first one stands. Raises ``NotFound``."""
        changed = self._sql.run(_A_ACK, {"of": id, "who": user, "when": at})
        if changed == 0 and self._sql.row(_A_ONE, {"of": id}) is None:
            raise NotFound(f"No alarm {id} here")

    def unsent(self) -> list[AlarmRow]:
        """Alarms that have not gone out by webhook or mail, oldest first."""
        return self._sql.made(AlarmRow, _A_UNSENT)

    def sent(self, id: int, at: int) -> None:
        """Note that it went out."""
        self._sql.run(_A_SENT, {"of": id, "when": at})

    def waiting(self, severity: str, before: int) -> list[AlarmRow]:
        """Alarms of that severity, raised at ``before`` or earlier, that nobody acknowledged and that were not escalated."""
        return self._sql.made(AlarmRow, _A_WAITING, {"severity": severity, "before": before})

    def escalated(self, id: int, at: int) -> None:
        """Note that it went to the next ones."""
        self._sql.run(_A_ESCALATED, {"of": id, "when": at})

    def standing(self, but: Iterable[str] = ()) -> dict[str, tuple[int, int]]:
        """By severity: how many alarms nobody has acknowledged, and the newest of them; without those of the kinds ``but``."""
        return {row[0]: (int(row[1]), int(row[2])) for row in self._sql.rows(_A_STANDING, {"but": sorted(but)})}

    def list(self, open_only: bool = False, limit: int = 500) -> list[AlarmRow]:
        """Alarms, newest first."""
        return self._sql.made(AlarmRow, _A_OPEN if open_only else _A_ALL, {"limit": limit})
