"""Files and payments of the ledgers, cases that are followed, their requests and questions. Words are sealed before they come here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from spean.core.errors import NotFound
from spean.sql.statement import Insert, Sql, chunks
from spean.store import schema
from spean.store.rows import CaseRow, HopRow, ImportRow, ImportStage, MappingRow, PaymentRow, QuestionRow

_i = schema.imports.c
_I_NAMES = tuple(column.name for column in _i)
_I_SAVE = Insert(
    schema.imports, _I_NAMES,
    'ON CONFLICT ("id") DO UPDATE SET ' + ", ".join(f'"{name}" = excluded."{name}"' for name in _I_NAMES[1:]),
)  # fmt: skip
_I_ONE = select(schema.imports).where(_i.id == bindparam("id"))
_I_LIST = select(schema.imports).order_by(_i.at.desc(), _i.id.desc()).limit(bindparam("limit"))
_I_STATE = select(schema.imports).where(_i.state == bindparam("state")).order_by(_i.at, _i.id)

_I_KEYS = select(schema.imports).where(_i.key.in_(bindparam("keys", expanding=True)))

_r = schema.import_rows.c
_R_ADD = Insert(schema.import_rows, "file n words", "ON CONFLICT DO NOTHING")
_R_LIST = (
    select(_r.n, _r.words)
    .where(_r.file == bindparam("of"), _r.n > bindparam("after"))
    .order_by(_r.n)
    .limit(bindparam("limit"))
)
_R_DROP = delete(schema.import_rows).where(_r.file == bindparam("of"))

_p = schema.payments.c
_P_ADD = Insert(schema.payments, "id file at words", "ON CONFLICT DO NOTHING")
_P_COLUMNS = select(_p.id, _p.file, _p.at, _p.words)
_P_AFTER = (
    select(_p.n, _p.id, _p.file, _p.at, _p.words)
    .where(_p.n > bindparam("after"))
    .order_by(_p.n)
    .limit(bindparam("limit"))
)
_P_MANY = _P_COLUMNS.where(_p.id.in_(bindparam("ids", expanding=True)))
_P_KNOWN = select(_p.id).where(_p.id.in_(bindparam("ids", expanding=True)))

_P_OF = select(_p.id).where(_p.file == bindparam("of")).order_by(_p.n)
_P_DROP = delete(schema.payments).where(_p.file == bindparam("of"))

_m = schema.mappings.c
_M_SAVE = Insert(
    schema.mappings, "fingerprint mapping by at",
    'ON CONFLICT ("fingerprint") DO UPDATE SET "mapping" = excluded."mapping", "by" = excluded."by", "at" = excluded."at"',
)  # fmt: skip
_M_ONE = select(schema.mappings).where(_m.fingerprint == bindparam("of"))

_M_DROP = delete(schema.mappings).where(_m.fingerprint == bindparam("of"))

_c = schema.cases.c
_C_NAMES = tuple(column.name for column in _c)
_C_SAVE = Insert(
    schema.cases, _C_NAMES,
    'ON CONFLICT ("record") DO UPDATE SET ' + ", ".join(f'"{name}" = excluded."{name}"' for name in _C_NAMES[1:]),
)  # fmt: skip
_C_ONE = select(schema.cases).where(_c.record == bindparam("of"))
_C_OPEN = select(schema.cases).where(_c.closed == 0).order_by(_c.opened_at, _c.record)
_C_TRACED = (
    update(schema.cases)
    .where(_c.record == bindparam("of"))
    .values(traced_at=bindparam("when"), again=bindparam("because"))
)

_h = schema.hops.c
_H_ADD = Insert(schema.hops, "record case place hop", "ON CONFLICT DO NOTHING")
_H_CASE = select(schema.hops).where(_h.case == bindparam("of")).order_by(_h.hop, _h.record)
_H_PLACE = select(schema.hops).where(_h.place == bindparam("of")).order_by(_h.record)
_H_MANY = select(schema.hops).where(_h.record.in_(bindparam("ids", expanding=True)))

_q = schema.questions.c
_Q_ADD = Insert(schema.questions, "record case node rule asked at", "ON CONFLICT DO NOTHING")
_Q_CASE = select(schema.questions).where(_q.case == bindparam("of")).order_by(_q.at, _q.record)
_Q_ONE = select(schema.questions).where(_q.record == bindparam("of"))

_n = schema.stop_names.c
_N_ADD = Insert(schema.stop_names, "name record", "ON CONFLICT DO NOTHING")
_N_MANY = select(_n.record).where(_n.name.in_(bindparam("names", expanding=True))).distinct()

_v = schema.victims.c
_V_ADD = Insert(schema.victims, "who case at", "ON CONFLICT DO NOTHING")
_V_MANY = select(_v.who, _v.case).where(_v.who.in_(bindparam("names", expanding=True)))


class MoneyGroup:
    """``tx.money``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # files ------------------------------------------------------------------------------------------------------

    def save_import(self, row: ImportRow) -> None:
        """Write a file's state, in place of the former one."""
        self._sql.insert(_I_SAVE, [tuple(getattr(row, name) for name in _I_NAMES)])

    def one_import(self, id: str) -> ImportRow:
        """Raises ``NotFound``."""
        for row in self._sql.made(ImportRow, _I_ONE, {"id": id}):
            return row
        raise NotFound(f"No import {id[:40]} here", remedy="spean money imports lists them")

    def imports(self, limit: int = 100) -> list[ImportRow]:
        """The files, newest first."""
        return self._sql.made(ImportRow, _I_LIST, {"limit": limit})

    def imports_in(self, state: str) -> list[ImportRow]:
        """The files in that state, oldest first."""
        return self._sql.made(ImportRow, _I_STATE, {"state": state})

    def add_rows(self, file: str, rows: Sequence[tuple[int, bytes]]) -> None:
        """Keep rows that were not taken, by their number."""
        self._sql.insert(_R_ADD, [(file, n, words) for n, words in rows])

    def rows(self, file: str, after: int = 0, limit: int = 500) -> list[tuple[int, bytes]]:
        """Rows that were not taken, beyond number ``after``."""
        return [(row[0], row[1]) for row in self._sql.rows(_R_LIST, {"of": file, "after": after, "limit": limit})]

    def drop_rows(self, file: str) -> None:
        """Forget them: the file is read again from its beginning."""
        self._sql.run(_R_DROP, {"of": file})

    # payments ---------------------------------------------------------------------------------------------------

    def add_payments(self, rows: Sequence[PaymentRow]) -> None:
        """Keep what documents say; what was said first stays."""
        self._sql.insert(_P_ADD, [(row.id, row.file, row.at, row.words) for row in rows])

    def payments(self, ids: Iterable[str]) -> dict[str, PaymentRow]:
        """Those of ``ids`` that are known."""
        return {row.id: row for part in chunks(ids) for row in self._sql.made(PaymentRow, _P_MANY, {"ids": part})}

    def payments_after(self, after: int, limit: int) -> list[tuple[int, PaymentRow]]:
        """Payments in order of arrival, each with its number, beyond number ``after``."""
        rows = self._sql.rows(_P_AFTER, {"after": after, "limit": limit})
        return [(row[0], PaymentRow(id=row[1], file=row[2], at=row[3], words=row[4])) for row in rows]

    def known(self, ids: Iterable[str]) -> set[str]:
        """Which of ``ids`` are known."""
        return {row[0] for part in chunks(ids) for row in self._sql.rows(_P_KNOWN, {"ids": part})}

    def payments_of(self, file: str) -> list[str]:
        """Names of the payments of which that file told first, in order of arrival."""
        return [row[0] for row in self._sql.rows(_P_OF, {"of": file})]

    def erase_file(self, row: ImportRow, state: ImportStage) -> None:
        """Drop all that a file said; that there was one, when, who gave it and how much it was, stays."""
        self.drop_rows(row.id)
        self._sql.run(_P_DROP, {"of": row.id})
        self.save_import(replace(row, state=state, words=b""))

    def imports_under(self, keys: Iterable[bytes]) -> list[ImportRow]:
        """The files whose words are sealed under one of these keys."""
        return [row for part in chunks(keys) for row in self._sql.made(ImportRow, _I_KEYS, {"keys": part})]

    def drop_mapping(self, fingerprint: str) -> None:
        """Forget how tables with that header are read: the next one is asked about again."""
        self._sql.run(_M_DROP, {"of": fingerprint})

    def save_mapping(self, row: MappingRow) -> None:
        """Remember how a table is read."""
        self._sql.insert(_M_SAVE, [(row.fingerprint, row.mapping, row.by, row.at)])

    def mapping(self, fingerprint: str) -> MappingRow | None:
        """How tables with that header are read, as it was confirmed last."""
        return next(iter(self._sql.made(MappingRow, _M_ONE, {"of": fingerprint})), None)

    # cases ------------------------------------------------------------------------------------------------------

    def save_case(self, row: CaseRow) -> None:
        """Follow a case, or change how."""
        values = (getattr(row, name) for name in _C_NAMES[:-1])
        self._sql.insert(_C_SAVE, [(*values, int(row.closed))])

    def case(self, record: str) -> CaseRow | None:
        """The case of that record, if it is followed."""
        return next(iter(self._sql.made(_case, _C_ONE, {"of": record})), None)

    def open_cases(self) -> list[CaseRow]:
        """The cases that are followed now."""
        return self._sql.made(_case, _C_OPEN)

    def traced(self, record: str, at: int, payment: str) -> None:
        """Note that a case was traced, and because of which payment."""
        self._sql.run(_C_TRACED, {"of": record, "when": at, "because": payment})

    def add_hop(self, row: HopRow) -> None:
        """A request was sent for a case."""
        self._sql.insert(_H_ADD, [(row.record, row.case, row.place, row.hop)])

    def hops(self, case: str) -> list[HopRow]:
        """The requests of a case."""
        return self._sql.made(HopRow, _H_CASE, {"of": case})

    def hops_at(self, place: bytes) -> list[HopRow]:
        """The requests, of any case, for one account of one node."""
        return self._sql.made(HopRow, _H_PLACE, {"of": place})

    def hops_of(self, records: Iterable[str]) -> dict[str, HopRow]:
        """The requests with these records, as far as they are ours."""
        return {row.record: row for part in chunks(records) for row in self._sql.made(HopRow, _H_MANY, {"ids": part})}

    def add_question(self, row: QuestionRow) -> None:
        """A node was asked."""
        self._sql.insert(_Q_ADD, [(row.record, row.case, row.node, row.rule, row.asked, row.at)])

    def questions(self, case: str) -> list[QuestionRow]:
        """The questions of a case, oldest first."""
        return self._sql.made(QuestionRow, _Q_CASE, {"of": case})

    def question(self, record: str) -> QuestionRow | None:
        """The question of that record, if it is ours."""
        return next(iter(self._sql.made(QuestionRow, _Q_ONE, {"of": record})), None)

    def add_stop_names(self, record: str, names: Iterable[bytes]) -> None:
        """By what a request to stop a payment is found, as keyed hashes."""
        self._sql.insert(_N_ADD, [(name, record) for name in names])

    def stops_named(self, names: Iterable[bytes]) -> list[str]:
        """The requests with any of these names."""
        return sorted({row[0] for part in chunks(names) for row in self._sql.rows(_N_MANY, {"names": part})})

    # victims ----------------------------------------------------------------------------------------------------

    def add_victim(self, who: bytes, case: str, at: int) -> None:
        """Note whose case it is, by keyed hash."""
        self._sql.insert(_V_ADD, [(who, case, at)])

    def victims(self, names: Iterable[bytes]) -> list[tuple[bytes, str]]:
        """Which of these hashes are known, and of which case."""
        return [(row[0], row[1]) for part in chunks(names) for row in self._sql.rows(_V_MANY, {"names": part})]


def _case(closed: int, **columns: Any) -> CaseRow:
    return CaseRow(**columns, closed=bool(closed))
