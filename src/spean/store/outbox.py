"""What leaves: the outbox per peer, and the signed receipts of both directions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, func, literal_column, select, union_all, update

from spean.sql.statement import Insert, Sql
from spean.store import schema
from spean.store.rows import OutboxRow, ReceiptRow

MOST_COVERED = 1024
"""Facts that one receipt covers at most (a page of the exchange)."""

_o = schema.outbox.c
_t = schema.outbox_tops.c
_TOP = select(_t.top).where(_t.peer == bindparam("peer"))
_SETTLED_OF = select(_t.settled).where(_t.peer == bindparam("peer"))
_RAISE = Insert(schema.outbox_tops, "peer top", 'ON CONFLICT ("peer") DO UPDATE SET "top" = excluded."top"')
_f = schema.facts.c
_NUMBER = "fact_n=(SELECT n FROM facts WHERE id = ?)"
_ADD = Insert(schema.outbox, ["peer", "seq", _NUMBER, "queued_at", "batch", "forward_for", "wrap"])
_ALL = select(
    _o.peer, _o.seq, _f.id, _o.queued_at, _o.batch, _o.forward_for, _o.wrap, _o.receipt, _o.receipted_at, _o.alarmed_at
).join(schema.facts, _f.n == _o.fact_n)
_PAGE = _ALL.where(_o.peer == bindparam("peer"), _o.seq > bindparam("after")).order_by(_o.seq).limit(bindparam("limit"))
_SETTLED = select(_t.settled).where(_t.peer == bindparam("peer")).scalar_subquery()
_OPEN = _PAGE.where(_o.receipt == "", _o.seq > _SETTLED)
_RECEIPT = (
    update(schema.outbox)
    .where(_o.peer == bindparam("from_peer"), _o.seq == bindparam("at_seq"))
    .values(receipt=bindparam("to"), receipted_at=bindparam("when"))
)
_FIRST_OPEN = (
    select(_o.seq - 1)
    .where(_o.peer == _t.peer, _o.seq > _t.settled, _o.receipt == "")
    .order_by(_o.seq)
    .limit(1)
    .scalar_subquery()
)
_SETTLE = (
    update(schema.outbox_tops).where(_t.peer == bindparam("of")).values(settled=func.coalesce(_FIRST_OPEN, _t.top))
)
_OLDEST = (
    select(_o.peer, _o.seq, _o.queued_at, _o.alarmed_at)
    .join(schema.outbox_tops, (_t.peer == _o.peer) & (_o.seq == _t.settled + 1))
    .order_by(_o.queued_at, _o.peer)
)
_ALARM = (
    update(schema.outbox)
    .where(_o.peer == bindparam("to_peer"), _o.seq == bindparam("at_seq"))
    .values(alarmed_at=bindparam("when"))
)
_HOLDERS = (
    select(_o.peer, _o.receipt)
    .join(schema.facts, _f.n == _o.fact_n)
    .where(_f.id == bindparam("fact"))
    .order_by(_o.peer, _o.seq)
)
_OPEN_ROWS = (
    select(_o.peer, func.count())
    .join(schema.outbox_tops, _t.peer == _o.peer)
    .where(_o.seq > _t.settled, _o.receipt == "")
    .group_by(_o.peer)
)
_TOPS = select(_t.peer, _t.top).order_by(_t.peer)
_LATE = _OPEN_ROWS.where(_o.queued_at < bindparam("before"))

_r = schema.receipts.c
_R_COLUMNS = "fact peer direction status step rule reason at payload key_id signature seq idx"
_R_ADD = Insert(schema.receipts, [_NUMBER, *_R_COLUMNS.split()], "ON CONFLICT DO NOTHING")
_R_ALL = select(*(_r[name] for name in _R_COLUMNS.split()), _r.n)
_R_FACT = union_all(
    _R_ALL.where(_r.fact_n == select(_f.n).where(_f.id == bindparam("fact")).scalar_subquery()),
    _R_ALL.where(_r.fact_n.is_(None), _r.fact == bindparam("fact")),
).order_by("n")
_R_SEND = (
    _R_ALL.where(_r.direction == "out", _r.peer == bindparam("peer"), _r.n > bindparam("after"))
    .order_by(_r.n)
    .limit(bindparam("limit"))
)
_R_IN = (_r.direction == literal_column("'in'"), _r.peer == bindparam("peer"), _r.idx.is_not(None))
_R_LOGGED = _R_ALL.where(*_R_IN, _r.idx >= bindparam("after")).order_by(_r.idx).limit(bindparam("limit"))
_R_BEFORE = _R_ALL.where(*_R_IN, _r.idx < bindparam("after")).order_by(_r.idx.desc()).limit(1)
_R_FIRST = select(func.min(_r.n)).where(
    _r.direction == "out", _r.peer == bindparam("peer"), _r.seq > bindparam("settled")
)


class Waiting(NamedTuple):
    """The oldest fact that a peer has not receipted."""

    seq: int
    queued_at: int
    alarmed_at: int | None


@dataclass(frozen=True, slots=True)
class OutboxCount:
    """How many facts were ever queued for a peer, and how many lack a receipt."""

    queued: int
    open: int


class OutboxGroup:
    """``tx.outbox``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, peer: str, items: Sequence[tuple[str, str, str, str]], at: int) -> int:
        """Queue ``(fact, batch, forward_for, wrap)`` for ``peer``; the first sequence number, gapless from 1.

        The facts must be in the store.
        """
        first = self.top(peer) + 1
        rows = [
            (peer, first + at_, bytes.fromhex(fact), at, batch, origin, bytes.fromhex(wrap))
            for at_, (fact, batch, origin, wrap) in enumerate(items)
        ]
        self._sql.insert(_ADD, rows)
        self._sql.insert(_RAISE, [(peer, first + len(rows) - 1)])
        return first

    def settled(self, peer: str) -> int:
        """Up to this sequence number we have every receipt of ``peer``."""
        row = self._sql.row(_SETTLED_OF, {"peer": peer})
        return 0 if row is None else int(row[0])

    def top(self, peer: str) -> int:
        """The highest sequence number ever given to ``peer``, 0 if none."""
        row = self._sql.row(_TOP, {"peer": peer})
        return 0 if row is None else int(row[0])

    def page(self, peer: str, after: int, limit: int) -> list[OutboxRow]:
        """The rows of ``peer`` beyond ``after``, in order."""
        return self._read(_PAGE, peer, after, limit)

    def unreceipted(self, peer: str, after: int, limit: int) -> list[OutboxRow]:
        """Like :meth:`page`, without those that have a receipt."""
        return self._read(_OPEN, peer, after, limit)

    def receipt(self, peer: str, statuses: Iterable[tuple[int, str]], at: int) -> None:
        """Note the receipt's status of each ``(seq, status)``."""
        self._sql.run_many(
            _RECEIPT, [{"from_peer": peer, "at_seq": seq, "to": status, "when": at} for seq, status in statuses]
        )
        self._sql.run(_SETTLE, {"of": peer})

    def oldest_unreceipted(self) -> dict[str, Waiting]:
        """Per peer the first fact without a receipt."""
        return {row[0]: Waiting(row[1], row[2], row[3]) for row in self._sql.rows(_OLDEST)}

    def mark_alarmed(self, peer: str, seq: int, at: int) -> None:
        """Note that the missing receipt of ``seq`` was alarmed about."""
        self._sql.run(_ALARM, {"to_peer": peer, "at_seq": seq, "when": at})

    def holders(self, fact: str) -> list[tuple[str, str]]:
        """To whom the fact was queued, with the receipt's status ('' while none came) (D5)."""
        return [(row[0], row[1]) for row in self._sql.rows(_HOLDERS, {"fact": bytes.fromhex(fact)})]

    def counts(self) -> dict[str, OutboxCount]:
        """Per peer: queued ever, and still open."""
        waiting = {row[0]: int(row[1]) for row in self._sql.rows(_OPEN_ROWS)}
        return {row[0]: OutboxCount(row[1], waiting.get(row[0], 0)) for row in self._sql.rows(_TOPS)}

    def _read(self, query: Any, peer: str, after: int, limit: int) -> list[OutboxRow]:
        return [_outbox(row) for row in self._sql.rows(query, {"peer": peer, "after": after, "limit": limit})]


_R_COVERING = (
    _R_ALL.join(schema.outbox, _o.peer == _r.peer)
    .where(
        _o.fact_n == select(_f.n).where(_f.id == bindparam("fact")).scalar_subquery(),
        _r.direction == "in",
        _r.seq <= _o.seq,
        _r.seq > _o.seq - MOST_COVERED,
    )
    .add_columns(_o.seq)
    .order_by(_r.n)
)


class _Span(msgspec.Struct):
    """How far a receipt reaches."""

    seq_to: int


_SPAN = msgspec.json.Decoder(_Span)


class ReceiptGroup:
    """``tx.receipts``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, rows: Sequence[ReceiptRow]) -> None:
        """Store receipts; one that is here already is left alone, so a repeated page does no harm."""
        self._sql.insert(_R_ADD, [_receipt_tuple(row) for row in rows])

    def of_fact(self, fact: str) -> list[ReceiptRow]:
        """The receipts for ``fact``, both directions, in order of arrival."""
        return [_receipt(row) for row in self._sql.rows(_R_FACT, {"fact": bytes.fromhex(fact)})]

    def covering(self, fact: str) -> list[ReceiptRow]:
        """The receipts that we got for ``fact``, also those that cover it within a batch, in order of arrival."""
        rows = self._sql.rows(_R_COVERING, {"fact": bytes.fromhex(fact)})
        return [found for *row, seq in rows if _SPAN.decode((found := _receipt(row)).payload).seq_to >= seq]

    def to_send(self, peer: str, after: int, limit: int) -> list[ReceiptRow]:
        """Receipts that we owe ``peer``, beyond *our* running number ``after`` (``ReceiptRow.n``)."""
        rows = self._sql.rows(_R_SEND, {"peer": peer, "after": after, "limit": limit})
        return [_receipt(row) for row in rows]

    def logged(self, peer: str, after: int, limit: int) -> list[ReceiptRow]:
        """Receipts of ``peer`` that place our facts in its log, by index, from ``after`` on; before them the last one
        that begins earlier, since it may reach beyond."""
        before = self._sql.rows(_R_BEFORE, {"peer": peer, "after": after})
        rows = self._sql.rows(_R_LOGGED, {"peer": peer, "after": after, "limit": limit})
        return [_receipt(row) for row in (*before, *rows)]

    def first_beyond(self, peer: str, seq: int) -> int | None:
        """Our running number of the first receipt that we gave ``peer`` for something beyond ``seq``, None if none."""
        row = self._sql.row(_R_FIRST, {"peer": peer, "settled": seq})
        return None if row is None or row[0] is None else int(row[0])

    def late(self, before: int) -> dict[str, int]:
        """Per peer, how many facts queued before that time still lack a receipt."""
        return {row[0]: int(row[1]) for row in self._sql.rows(_LATE, {"before": before})}


def _outbox(row: Any) -> OutboxRow:
    (peer, seq, fact, queued_at, batch, forward_for, wrap, receipt, receipted_at, alarmed_at) = row
    return OutboxRow(
        peer=peer,
        seq=seq,
        fact=fact.hex(),
        queued_at=queued_at,
        batch=batch,
        forward_for=forward_for,
        wrap=wrap.hex(),
        receipt=receipt,
        receipted_at=receipted_at,
        alarmed_at=alarmed_at,
    )


def _receipt_tuple(row: ReceiptRow) -> tuple[Any, ...]:
    name = bytes.fromhex(row.fact)
    what = (name, name, row.peer, row.direction, row.status, row.step, row.rule, row.reason, row.at)
    return (*what, row.payload, row.key_id, row.signature, row.seq, None if row.index < 0 else row.index)


def _receipt(row: Any) -> ReceiptRow:
    (fact, peer, direction, status, step, rule, reason, at, payload, key_id, signature, seq, idx, n) = row
    return ReceiptRow(
        fact=fact.hex(),
        peer=peer,
        direction=direction,
        status=status,
        step=step,
        rule=rule,
        reason=reason,
        at=at,
        payload=payload,
        key_id=key_id,
        signature=signature,
        seq=seq,
        index=-1 if idx is None else idx,
        n=n,
    )
