"""Projections of records: what their facts fold to, and the desk's queue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import product
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, union_all, update

from spean.core.errors import Conflict, NotFound
from spean.sql.statement import Insert, Sql, chunks, groups, pack, texts
from spean.store import schema
from spean.store.rows import RecordRow

_c = schema.records.c
_COLUMNS = (
    "id procedure version state parties heads done opened_at entered_at changed_at entered_by due_at instrument "
    "purpose via unit closed rev"
)
_NAMES = _COLUMNS.split()
_ADD = Insert(schema.records, _COLUMNS, 'ON CONFLICT ("id") DO NOTHING')
_ALL = select(*(_c[name] for name in _NAMES))
_MANY = _ALL.where(_c.id.in_(bindparam("ids", expanding=True)))
_UPDATE = (
    update(schema.records)
    .where(_c.id == bindparam("of"), _c.rev == bindparam("was"))
    .values({name: bindparam(f"to_{name}") for name in _NAMES if name != "id"})
)
_f, _r = schema.facts.c, schema.receipts.c
_LAST_FACTS = (
    select(_f.n)
    .where(_f.record == bindparam("record"), _f.track == "shared")
    .order_by(_f.n.desc())
    .limit(bindparam("limit"))
)
_LAST_RECEIPT = select(func.max(_r.n)).where(_r.fact_n.in_(_LAST_FACTS))
_LAST_LOCAL = (
    select(_f.n)
    .where(_f.record == bindparam("record"), _f.track == "local", _f.kind.not_in(bindparam("but", expanding=True)))
    .order_by(_f.n.desc())
    .limit(1)
)
_CLOSED_LAST = (
    _ALL.where(_c.procedure == bindparam("procedure"), _c.closed == 1)
    .order_by(_c.due_at.desc(), _c.id.desc())
    .limit(bindparam("limit"))
)
_AFTER = or_(_c.due_at > bindparam("due"), and_(_c.due_at == bindparam("due"), _c.id > bindparam("last")))
_OPEN_COUNTS = select(_c.procedure, _c.version, func.count()).where(_c.closed == 0).group_by(_c.procedure, _c.version)


class RecordGroup:
    """``tx.records``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, id: str) -> RecordRow:
        """The record; raises ``NotFound``."""
        found = self.many([id])
        if not found:
            raise NotFound(f"No record {id} here")
        return found[id]

    def many(self, ids: Iterable[str]) -> dict[str, RecordRow]:
        """Those of ``ids`` that are here, by id."""
        return {row[0]: _row(row) for part in chunks(ids) for row in self._sql.rows(_MANY, {"ids": part})}

    def open_counts(self) -> dict[tuple[str, int], int]:
        """How many records are open, by procedure and version."""
        return {(str(row[0]), int(row[1])): int(row[2]) for row in self._sql.rows(_OPEN_COUNTS)}

    def save(self, rows: Sequence[RecordRow]) -> None:
        """Write records. ``rev`` is the one that was read (0: new) and is raised by one.

        Raises ``Conflict`` naming the record when somebody else wrote it meanwhile.
        """
        new = [row for row in rows if row.rev == 0]
        if self._sql.insert(_ADD, [_tuple(row) for row in new]) != len(new):
            raise _moved(self._first_known(new))
        for row in rows:
            if row.rev and self._sql.run(_UPDATE, _values(row)) == 0:
                raise _moved(row.id)

    def _first_known(self, rows: Sequence[RecordRow]) -> str:
        """Of records that we meant to open, one whose stored state is not the one we tried to write."""
        known = self.many(row.id for row in rows)
        seen: set[str] = set()
        for row in rows:
            if row.id in seen or known[row.id] != _stored(row):
                return row.id
            seen.add(row.id)
        return rows[0].id

    def stamp(self, id: str, but: Sequence[str] = ()) -> tuple[int, int, int]:
        """Differs when the record, the receipts of its last fifty facts or its local facts (``but`` some kinds) do."""
        row = self.get(id)
        receipt = self._sql.row(_LAST_RECEIPT, {"record": id, "limit": 50})
        local = self._sql.row(_LAST_LOCAL, {"record": id, "but": list(but)})
        return row.rev, 0 if receipt is None else receipt[0] or 0, 0 if local is None else local[0]

    def closed_last(self, procedure: str, purposes: Collection[str] | None, limit: int) -> list[RecordRow]:
        """Closed records of a procedure, the youngest first; ``purposes`` as in :meth:`list`."""
        rows = [_row(row) for row in self._sql.rows(_CLOSED_LAST, {"procedure": procedure, "limit": limit})]
        return [row for row in rows if purposes is None or row.purpose in purposes or row.purpose == ""]

    def list(
        self,
        *,
        procedure: str | None = None,
        state: str | None = None,
        unit: str | None = None,
        open_only: bool = False,
        purposes: Collection[str] | None = None,
        after: RecordRow | None = None,
        limit: int = 100,
    ) -> list[RecordRow]:
        """Records by nearest deadline, those without one last; ``after`` is the last row of the page before.

        ``purposes``: only records of these, and those of none.
        """
        given = {"procedure": procedure, "state": state, "unit": unit}
        named = {name: value for name, value in given.items() if value is not None}
        shown = {"closed0": 0} if open_only else {"closed0": 0, "closed1": 1}
        wanted = {} if purposes is None else {f"purpose{n}": each for n, each in enumerate(("", *sorted(purposes)))}
        if purposes is not None and not purposes:
            return []
        values: dict[str, Any] = {"limit": limit, **named, **shown, **wanted}
        if after is not None:
            values.update(due=_due(after.due_at), last=after.id)
        query = _queue(tuple(named), after is not None, tuple(shown), tuple(wanted))
        return [_row(row) for row in self._sql.rows(query, values)]


@cache
def _queue(named: tuple[str, ...], further: bool, shown: tuple[str, ...], wanted: tuple[str, ...]) -> Select[Any]:
    """The queue as one question: a branch for each purpose and for open and closed, each in the order of an index."""
    branches = []
    for closed, purpose in product(shown, wanted or ("",)):
        branch = _ALL.where(_c.closed == bindparam(closed), *(_c[name] == bindparam(name) for name in named))
        if purpose:
            branch = branch.where(_c.purpose == bindparam(purpose))
        if further:
            branch = branch.where(_AFTER)
        branches.append(select(branch.order_by(_c.due_at, _c.id).limit(bindparam("limit")).subquery()))
    found = union_all(*branches).subquery()
    return select(found).order_by(found.c.due_at, found.c.id).limit(bindparam("limit"))


def _moved(record: str) -> Conflict:
    return Conflict(
        f"The record {record} was changed meanwhile",
        why="another act on it was written first",
        remedy="read it again and repeat the act",
    )


def _due(value: int | None) -> int:
    return schema.NEVER if value is None else value


def _stored(row: RecordRow) -> RecordRow:
    return _row(_tuple(row))


def _tuple(row: RecordRow) -> tuple[Any, ...]:
    return (
        row.id,
        row.procedure,
        row.version,
        row.state,
        pack(row.parties),
        pack(row.heads),
        pack(row.done),
        row.opened_at,
        row.entered_at,
        row.changed_at,
        row.entered_by,
        _due(row.due_at),
        row.instrument,
        row.purpose,
        row.via,
        row.unit,
        int(row.closed),
        row.rev + 1,
    )


def _values(row: RecordRow) -> dict[str, Any]:
    values = {f"to_{name}": value for name, value in zip(_NAMES, _tuple(row), strict=True)}
    return {**values, "of": values.pop("to_id"), "was": row.rev}


def _row(row: Any) -> RecordRow:
    (id_, procedure, version, state, parties, heads, done, opened_at, entered_at, changed_at, entered_by) = row[:11]
    (due_at, instrument, purpose, via, unit, closed, rev) = row[11:]
    return RecordRow(
        id=id_,
        procedure=procedure,
        version=version,
        state=state,
        parties=groups(parties),
        heads=texts(heads),
        done=groups(done),
        opened_at=opened_at,
        entered_at=entered_at,
        changed_at=changed_at,
        entered_by=entered_by,
        due_at=None if due_at == schema.NEVER else due_at,
        instrument=instrument,
        purpose=purpose,
        via=via,
        unit=unit,
        closed=bool(closed),
        rev=rev,
    )
