"""Facts in tables: written once, marked, erased; never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Executable, Select, bindparam, delete, select, update

from spean.core.errors import NotFound
from spean.sql.statement import Insert, Sql, chunks
from spean.store import schema
from spean.store.rows import FactRow, FactStatus

_c = schema.facts.c
_COLUMNS = (
    "id record procedure kind origin track at payload key_id signature content status log idx received_from "
    "received_at from_seq from_index step reason superseded_by erased_at"
)
_ADD = Insert(schema.facts, _COLUMNS)
_TARGET = Insert(schema.fact_targets, "target fact", "ON CONFLICT DO NOTHING")
_WAIT = Insert(schema.fact_waiting, "missing fact", "ON CONFLICT DO NOTHING")
_ALL = select(*(_c[name] for name in _COLUMNS.split()), _c.n)
_MANY = _ALL.where(_c.id.in_(bindparam("ids", expanding=True)))
_AT = _ALL.where(_c.n.in_(bindparam("ns", expanding=True)))
_EXISTS = select(_c.id).where(_c.id.in_(bindparam("ids", expanding=True)))
_RECORD = _ALL.where(_c.record == bindparam("record")).order_by(_c.n)
_RECORD_TRACK = _RECORD.where(_c.track == bindparam("track"))
_RECORDS = _ALL.where(_c.record.in_(bindparam("records", expanding=True)), _c.track == "shared").order_by(_c.n)
_RECORD_LAST = (
    _ALL.where(_c.record == bindparam("record"), _c.kind.not_in(bindparam("but", expanding=True)))
    .order_by(_c.n.desc())
    .limit(bindparam("limit"))
)
_FIRST = _RECORD.where(_c.kind == bindparam("kind")).limit(1)
_STATUS = (
    _ALL.where(_c.status == bindparam("status"), _c.n > bindparam("after")).order_by(_c.n).limit(bindparam("limit"))
)
_ODD = _STATUS.where(_c.status != "effective")
_GIVEN = (
    _ALL.where(_c.received_from == bindparam("peer"), _c.from_index >= bindparam("after"))
    .order_by(_c.from_index)
    .limit(bindparam("limit"))
)
_LATE = (
    select(_c.from_seq, _c.id)
    .where(_c.received_from == bindparam("peer"), _c.from_index < bindparam("before"), _c.from_seq > bindparam("seq"))
    .order_by(_c.from_seq)
    .limit(bindparam("limit"))
)
_CITING = _ALL.join(schema.fact_targets, schema.fact_targets.c.fact == _c.id).where(
    schema.fact_targets.c.target == bindparam("target")
)
_WAITING = (
    _ALL.join(schema.fact_waiting, schema.fact_waiting.c.fact == _c.id)
    .where(schema.fact_waiting.c.missing.in_(bindparam("ids", expanding=True)))
    .distinct()
    .order_by(_c.n)
)
_ARRIVED = delete(schema.fact_waiting).where(schema.fact_waiting.c.missing.in_(bindparam("ids", expanding=True)))
_NO_LONGER = delete(schema.fact_waiting).where(schema.fact_waiting.c.fact == bindparam("of"))
_MARK = (
    update(schema.facts)
    .where(_c.id == bindparam("of"))
    .values(
        status=bindparam("to"), step=bindparam("at_step"), reason=bindparam("because"), superseded_by=bindparam("by")
    )
)
_PLACE = update(schema.facts).where(_c.id == bindparam("of")).values(log=bindparam("in_log"), idx=bindparam("at_idx"))
_ERASE = update(schema.facts).where(_c.id == bindparam("of")).values(content=None, erased_at=bindparam("when"))
_RECENT = _ALL.where(_c.n < bindparam("before")).order_by(_c.n.desc()).limit(bindparam("limit"))
_ARRIVALS = (
    select(
        *(
            _c[name]
            for name in [
                "id",
                "record",
                "procedure",
                "kind",
                "origin",
                "track",
                "at",
                "payload",
                "received_from",
                "received_at",
                "n",
            ]
        )
    )
    .where(_c.n < bindparam("before"))
    .order_by(_c.n.desc())
    .limit(bindparam("limit"))
)
_BEGINNING = (
    _ALL.where(_c.id >= bindparam("first"), _c.id <= bindparam("last")).order_by(_c.id).limit(bindparam("limit"))
)
_CONTENTS = (
    select(*(_c[name] for name in ("n", "id", "record", "procedure", "kind", "content")))
    .where(
        _c.n > bindparam("after"), _c.n <= bindparam("upto"), _c.procedure.in_(bindparam("procedures", expanding=True)),
        _c.status == "effective", _c.track == "shared", _c.content.is_not(None),
    )
    .order_by(_c.n.desc())
)  # fmt: skip
_FILTERS = ("origin", "kind", "procedure", "record", "track", "received_from")


@cache
def _recent(named: tuple[str, ...]) -> Select[Any]:
    """The newest facts, narrowed by these columns."""
    return _RECENT.where(*(_c[name] == bindparam(name) for name in named))


class Arrival(NamedTuple):
    """A fact without its content: what came or was done when. ``n`` is our running number."""

    id: str
    record: str
    procedure: str
    kind: str
    origin: str
    track: str
    at: int
    payload: bytes
    received_from: str
    received_at: int
    n: int


class _Targets(msgspec.Struct):
    targets: tuple[str, ...] = ()


_TARGETS = b'"targets":["'
_DECODER = msgspec.json.Decoder(_Targets)


class FactGroup:
    """``tx.facts``. Ids are 64 hex digits."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, rows: Sequence[FactRow]) -> None:
        """Store new facts and what their headers target; a fact that is here already raises ``Conflict``."""
        self._sql.insert(_ADD, [_tuple(row) for row in rows])
        self._sql.insert(_TARGET, [pair for row in rows if _TARGETS in row.payload for pair in _targets(row)])

    def get(self, id: str) -> FactRow:
        """The fact; raises ``NotFound``."""
        found = self.many([id])
        if not found:
            raise NotFound(f"No fact {id} here")
        return found[id]

    def many(self, ids: Iterable[str]) -> dict[str, FactRow]:
        """Those of ``ids`` that are here, by id."""
        return {row.id: row for part in _blobs(ids) for row in self._read(_MANY, {"ids": part})}

    def at(self, numbers: Iterable[int]) -> dict[int, FactRow]:
        """Those facts that have these running numbers, by number."""
        return {row.n: row for part in chunks(numbers) for row in self._read(_AT, {"ns": part})}

    def beginning(self, digits: str, limit: int) -> list[FactRow]:
        """Facts whose name begins with these hex digits (at most 64), by name."""
        first, last = (bytes.fromhex(digits.ljust(64, filling)) for filling in "0f")
        return self._read(_BEGINNING, {"first": first, "last": last, "limit": limit})

    def exists(self, ids: Iterable[str]) -> set[str]:
        """Those of ``ids`` that are here."""
        return {row[0].hex() for part in _blobs(ids) for row in self._sql.rows(_EXISTS, {"ids": part})}

    def contents(
        self, after: int, upto: int, procedures: Collection[str]
    ) -> Sequence[tuple[int, bytes, str, str, str, bytes]]:
        """Number, name, record, procedure, kind and sealed content of the shared facts that count, of these procedures and numbered beyond
        ``after`` up to ``upto``, the newest first."""
        return self._sql.rows(_CONTENTS, {"after": after, "upto": upto, "procedures": sorted(procedures)})

    def of_record(self, record: str, track: str | None = "shared") -> list[FactRow]:
        """The record's facts in order of arrival; ``track=None`` for both tracks."""
        if track is None:
            return self._read(_RECORD, {"record": record})
        return self._read(_RECORD_TRACK, {"record": record, "track": track})

    def of_records(self, records: Iterable[str]) -> list[FactRow]:
        """The shared facts of several records, each record's in order of arrival."""
        return [row for part in chunks(records) for row in self._read(_RECORDS, {"records": part})]

    def story(self, record: str, but: Sequence[str], limit: int) -> list[FactRow]:
        """The record's last facts on both tracks, but for some kinds, in order of arrival."""
        return self._read(_RECORD_LAST, {"record": record, "but": list(but), "limit": limit})[::-1]

    def first(self, record: str, kind: str) -> FactRow | None:
        """The first fact of that kind in the record, as arrived: its opening, when ``kind`` is the opening act."""
        found = self._read(_FIRST, {"record": record, "kind": kind})
        return found[0] if found else None

    def set_status(
        self, ids: Iterable[str], status: FactStatus, *, step: int = 0, reason: str = "", superseded_by: str = ""
    ) -> int:
        """Mark facts; returns how many were here. A fact that is no longer ``waiting`` leaves the waiting list."""
        names = [bytes.fromhex(id_) for id_ in ids]
        mark = {"to": status, "at_step": step, "because": reason, "by": superseded_by}
        if status != "waiting":
            self._sql.run_many(_NO_LONGER, [{"of": name} for name in names])
        return self._sql.run_many(_MARK, [{"of": name, **mark} for name in names])

    def place(self, id: str, log: str, index: int) -> None:
        """Note where the fact stands in one of our logs; raises ``NotFound``."""
        if self._sql.run(_PLACE, {"of": bytes.fromhex(id), "in_log": log, "at_idx": index}) == 0:
            raise NotFound(f"No fact {id} here")

    def place_many(self, places: Iterable[tuple[str, str, int]]) -> None:
        """:meth:`place` for many ``(id, log, index)``."""
        self._sql.run_many(
            _PLACE, [{"of": bytes.fromhex(id_), "in_log": log, "at_idx": index} for id_, log, index in places]
        )

    def erase(self, ids: Iterable[str], at: int) -> int:
        """Drop the contents; header, signature and proof stay. Returns how many were here (D4)."""
        return self._sql.run_many(_ERASE, [{"of": bytes.fromhex(id_), "when": at} for id_ in ids])

    def add_waiting(self, fact: str, missing: Iterable[str]) -> None:
        """Note that ``fact`` waits for facts that have not arrived."""
        name = bytes.fromhex(fact)
        self._sql.insert(_WAIT, [(bytes.fromhex(id_), name) for id_ in missing])

    def waiting_on(self, missing: Iterable[str]) -> list[FactRow]:
        """The facts that wait for any of ``missing``, in order of arrival."""
        found = {row.id: row for part in _blobs(missing) for row in self._read(_WAITING, {"ids": part})}
        return sorted(found.values(), key=lambda row: row.n)

    def arrived(self, ids: Iterable[str]) -> None:
        """Nothing waits for ``ids`` any more."""
        for part in _blobs(ids):
            self._sql.run(_ARRIVED, {"ids": part})

    def citing(self, fact: str) -> list[FactRow]:
        """Facts whose header targets ``fact``: its corrections, withdrawals and those derived from it."""
        return sorted(self._read(_CITING, {"target": bytes.fromhex(fact)}), key=lambda row: row.n)

    def given_by(self, peer: str, after: int, limit: int) -> list[FactRow]:
        """What ``peer`` sent, by its leaf in the peer's log, from index ``after`` on; refused and waiting ones too."""
        return self._read(_GIVEN, {"peer": peer, "after": after, "limit": limit})

    def late_from(self, peer: str, before: int, seq: int, limit: int) -> list[tuple[int, bytes]]:
        """Numbers and names of what ``peer`` sent beyond ``seq`` although it stands before ``before`` in its log."""
        values = {"peer": peer, "before": before, "seq": seq, "limit": limit}
        return [(row[0], row[1]) for row in self._sql.rows(_LATE, values)]

    def by_status(self, status: FactStatus, *, after: int = 0, limit: int = 1_000) -> list[FactRow]:
        """Facts of one status in order of arrival, from beyond running number ``after``."""
        query = _STATUS if status == "effective" else _ODD
        return self._read(query, {"status": status, "after": after, "limit": limit})

    def recent(self, *, before: int | None = None, limit: int = 50, **equal: str) -> list[FactRow]:
        """The newest facts, newest first, older than running number ``before``.

        ``equal`` narrows by origin, kind, procedure, record, track or received_from.
        """
        unknown = set(equal) - set(_FILTERS)
        if unknown:
            raise TypeError(f"facts cannot be narrowed by {sorted(unknown)}")
        query = _recent(tuple(name for name in _FILTERS if name in equal))
        return self._read(query, {"before": schema.NEVER if before is None else before, "limit": limit, **equal})

    def arrivals(self, *, before: int | None = None, limit: int = 500) -> list[Arrival]:
        """The newest facts without their contents, newest first, older than running number ``before``."""
        rows = self._sql.rows(_ARRIVALS, {"before": schema.NEVER if before is None else before, "limit": limit})
        return [Arrival(row[0].hex(), *row[1:]) for row in rows]

    def _read(self, query: Executable, values: dict[str, Any]) -> list[FactRow]:
        return [_row(row) for row in self._sql.rows(query, values)]


def _blobs(ids: Iterable[str]) -> Iterable[list[bytes]]:
    return chunks(bytes.fromhex(id_) for id_ in ids)


def _targets(row: FactRow) -> list[tuple[bytes, bytes]]:
    """What the signed header targets; a payload that is no header (kept as refused) targets nothing."""
    try:
        found = _DECODER.decode(row.payload).targets
        return [(bytes.fromhex(target), bytes.fromhex(row.id)) for target in found]
    except (msgspec.DecodeError, ValueError):
        return []


def _tuple(row: FactRow) -> tuple[Any, ...]:
    return (
        bytes.fromhex(row.id),
        row.record,
        row.procedure,
        row.kind,
        row.origin,
        row.track,
        row.at,
        row.payload,
        row.key_id,
        row.signature,
        row.content,
        row.status,
        row.log,
        row.index,
        row.received_from,
        row.received_at,
        row.from_seq,
        None if row.from_index < 0 else row.from_index,
        row.step,
        row.reason,
        row.superseded_by,
        row.erased_at,
    )


def _row(row: Any) -> FactRow:
    (id_, record, procedure, kind, origin, track, at, payload, key_id, signature, content, status, log, index) = row[
        :14
    ]
    (received_from, received_at, from_seq, from_index, step, reason, superseded_by, erased_at, n) = row[14:]
    return FactRow(
        id=id_.hex(),
        record=record,
        procedure=procedure,
        kind=kind,
        origin=origin,
        track=track,
        at=at,
        payload=payload,
        key_id=key_id,
        signature=signature,
        content=content,
        status=status,
        log=log,
        index=index,
        received_from=received_from,
        received_at=received_at,
        from_seq=from_seq,
        from_index=-1 if from_index is None else from_index,
        step=step,
        reason=reason,
        superseded_by=superseded_by,
        erased_at=erased_at,
        n=n,
    )
