"""Keys, tags, tables, parcels, budgets, questions, watches and overlaps of private matching."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, case, delete, func, select, update

from spean.sql.statement import Insert, Sql, chunks
from spean.store import private_tables as t
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

Row = TypeVar("Row")


def _names(row: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(row))


def _save(table: Table, row: type[Any], *key: str) -> Insert:
    names = _names(row)
    rest = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in key)
    quoted = ", ".join(f'"{name}"' for name in key)
    return Insert(table, names, f"ON CONFLICT ({quoted}) DO UPDATE SET {rest}")


_K_SAVE = _save(t.keys, KeyRow, "record", "month")
_K_ALL = select(t.keys).order_by(t.keys.c.record, t.keys.c.month)
_K_OF = _K_ALL.where(t.keys.c.record == bindparam("of"))
_K_DROP = delete(t.keys).where(t.keys.c.record == bindparam("of"), t.keys.c.month == bindparam("on"))

_T_ADD = Insert(
    t.tags, _names(TagRow),
    'ON CONFLICT ("record", "month", "prefix") DO UPDATE SET "gone" = 0, "number" = -1 WHERE "private_tags"."gone" <> 0',
)  # fmt: skip
_T_OF = select(t.tags).where(t.tags.c.record == bindparam("of"), t.tags.c.month == bindparam("on"))
_T_WHAT = select(t.tags.c.what, t.tags.c.prefix).where(
    t.tags.c.record == bindparam("of"), t.tags.c.month == bindparam("on"), t.tags.c.gone == 0,
    t.tags.c.what.in_(bindparam("whats", expanding=True)),
)  # fmt: skip
_T_NEW = _T_OF.where(t.tags.c.number < 0)
_T_GOING = _T_OF.where(t.tags.c.gone < 0)
_T_OUT = (
    update(t.tags).where(t.tags.c.record == bindparam("of"), t.tags.c.month == bindparam("on"), t.tags.c.number == -1)
    .values(number=bindparam("now"))
)  # fmt: skip
_T_GONE = (
    update(t.tags).where(t.tags.c.record == bindparam("of"), t.tags.c.month == bindparam("on"), t.tags.c.gone == -1)
    .values(gone=bindparam("now"))
)  # fmt: skip
_T_LOSE = (
    update(t.tags)
    .where(t.tags.c.record == bindparam("of"), t.tags.c.month == bindparam("on"), t.tags.c.prefix == bindparam("which"))
    .values(gone=-1)
)
_T_REFS = select(t.tags).where(t.tags.c.ref.in_(bindparam("refs", expanding=True)), t.tags.c.gone <= 0)
_T_DUMMIES = (
    select(t.tags.c.prefix)
    .where(t.tags.c.record == bindparam("of"), t.tags.c.month == bindparam("on"), t.tags.c.gone == 0, t.tags.c.what == b"")
    .limit(bindparam("limit"))
)  # fmt: skip
_T_COUNT = select(func.count()).where(
    t.tags.c.record == bindparam("of"), t.tags.c.month == bindparam("on"), t.tags.c.gone <= 0
)
_N_ADD = Insert(t.named, "record month source prefix", "ON CONFLICT DO NOTHING")
_N_OF = select(t.named.c.prefix).where(
    t.named.c.record == bindparam("of"), t.named.c.month == bindparam("on"), t.named.c.source == bindparam("says")
)
_N_ALL = (
    select(t.named.c.source).where(t.named.c.record == bindparam("of"), t.named.c.month == bindparam("on")).distinct()
)  # fmt: skip
_N_WHO = (
    select(t.named.c.source, t.named.c.prefix)
    .where(t.named.c.record == bindparam("of"), t.named.c.month == bindparam("on"),
           t.named.c.prefix.in_(bindparam("prefixes", expanding=True)))
    .order_by(t.named.c.source)
)  # fmt: skip
_N_OUT = delete(t.named).where(
    t.named.c.record == bindparam("of"), t.named.c.month == bindparam("on"), t.named.c.source == bindparam("says"),
    t.named.c.prefix == bindparam("which"),
)  # fmt: skip
_N_DROP = delete(t.named).where(t.named.c.record == bindparam("of"), t.named.c.month == bindparam("on"))
_T_DROP = delete(t.tags).where(t.tags.c.record == bindparam("of"), t.tags.c.month == bindparam("on"))

_H_SAVE = _save(t.holdings, HoldingRow, "record")
_H_ALL = select(t.holdings).order_by(t.holdings.c.holder, t.holdings.c.category, t.holdings.c.record)
_H_ONE = select(t.holdings).where(t.holdings.c.record == bindparam("of"))
_H_DROP = delete(t.holdings).where(t.holdings.c.record == bindparam("of"))

_D_SAVE = _save(t.deltas, DeltaRow, "record", "month", "number")
_D_OF = (
    select(t.deltas).where(t.deltas.c.record == bindparam("of"), t.deltas.c.month == bindparam("on"))
    .order_by(t.deltas.c.number)
)  # fmt: skip
_D_DROP = delete(t.deltas).where(t.deltas.c.record == bindparam("of"))

_P_SAVE = _save(t.parcels, ParcelRow, "hash")
_P_ONE = select(t.parcels).where(t.parcels.c.hash == bindparam("of"))
_P_DROP = delete(t.parcels).where(t.parcels.c.hash == bindparam("of"))
_PP_ADD = Insert(t.parcel_parts, "hash start data", "ON CONFLICT DO NOTHING")
_PP_OF = select(t.parcel_parts.c.start, t.parcel_parts.c.data).where(t.parcel_parts.c.hash == bindparam("of"))
_PP_ALL = _PP_OF.order_by(t.parcel_parts.c.start)
_PP_FROM = _PP_OF.where(t.parcel_parts.c.start <= bindparam("first")).order_by(t.parcel_parts.c.start.desc()).limit(1)
_PP_DROP = delete(t.parcel_parts).where(t.parcel_parts.c.hash == bindparam("of"))
_PE_ADD = Insert(t.parcel_peers, "hash peer", "ON CONFLICT DO NOTHING")
_PE_ONE = select(t.parcel_peers).where(
    t.parcel_peers.c.hash == bindparam("of"), t.parcel_peers.c.peer == bindparam("by")
)
_PE_DROP = delete(t.parcel_peers).where(t.parcel_peers.c.hash == bindparam("of"))

_S_ADD = Insert(t.spent, "record peer month elements hits", "ON CONFLICT DO NOTHING")
_S_SUM = (
    select(func.coalesce(func.sum(t.spent.c.elements), 0), func.coalesce(func.sum(t.spent.c.hits), 0))
    .where(t.spent.c.peer == bindparam("by"), t.spent.c.month == bindparam("on"))
)  # fmt: skip
_S_ONE = select(t.spent.c.elements).where(t.spent.c.record == bindparam("of"))
_S_HITS = update(t.spent).where(t.spent.c.record == bindparam("of")).values(hits=bindparam("now"))
_S_PEERS = (
    select(t.spent.c.peer, t.spent.c.month, func.sum(t.spent.c.elements))
    .group_by(t.spent.c.peer, t.spent.c.month)
    .order_by(t.spent.c.month.desc(), t.spent.c.peer)
)

_A_SAVE = _save(t.asked, AskedRow, "record")
_A_ONE = select(t.asked).where(t.asked.c.record == bindparam("of"))
_A_OF = select(t.asked).where(t.asked.c.asked == bindparam("of")).order_by(t.asked.c.node, t.asked.c.record)
_A_STATE = select(t.asked).where(t.asked.c.state == bindparam("of")).order_by(t.asked.c.at).limit(bindparam("limit"))
_FOUND = case((t.asked.c.state == "answered", t.asked.c.hits), else_="")
"""The hits of a question; of one that was declined the column says why."""
_A_USER = (
    select(t.asked.c.asked, func.max(t.asked.c.terms), func.max(t.asked.c.at), func.max(_FOUND))
    .where(t.asked.c.user == bindparam("by"), t.asked.c.at > bindparam("since"), t.asked.c.watch == "")
    .group_by(t.asked.c.asked)
    .order_by(func.max(t.asked.c.at).desc())
)
_A_RATE = (
    select(func.coalesce(func.sum(t.asked.c.elements), 0), func.count())
    .where(t.asked.c.node == bindparam("of"), t.asked.c.at > bindparam("since"), t.asked.c.state == "answered")
)  # fmt: skip
_A_HITS = select(t.asked.c.hits).where(
    t.asked.c.node == bindparam("of"), t.asked.c.at > bindparam("since"), _FOUND != ""
)
_A_OPEN = (
    select(t.asked)
    .where(t.asked.c.answer != "", t.asked.c.overseen < 0)
    .order_by(t.asked.c.at)
    .limit(bindparam("limit"))
)
_A_DROP = delete(t.asked).where(t.asked.c.record == bindparam("of"))

_W_SAVE = _save(t.watches, WatchRow, "watch")
_W_ALL = select(t.watches).order_by(t.watches.c.watch)
_W_DROP = delete(t.watches).where(t.watches.c.watch == bindparam("of"))
_WD_ADD = Insert(t.watched, _names(WatchedRow), "ON CONFLICT DO NOTHING")
_WD_OF = select(t.watched).where(t.watched.c.record == bindparam("of"), t.watched.c.month == bindparam("on"))
_WD_WATCH = delete(t.watched).where(t.watched.c.watch == bindparam("of"))
_WD_DROP = delete(t.watched).where(t.watched.c.record == bindparam("of"), t.watched.c.month == bindparam("on"))
_WD_MONTHS = select(t.watched.c.record, t.watched.c.month).where(t.watched.c.watch == bindparam("of")).distinct()

_O_SAVE = _save(t.overlaps, OverlapRow, "record")
_O_ONE = select(t.overlaps).where(t.overlaps.c.record == bindparam("of"))
_O_ALL = select(t.overlaps).order_by(t.overlaps.c.at.desc(), t.overlaps.c.record)


class PrivateGroup:
    """``tx.private``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def _put(self, statement: Insert, rows: Sequence[Any]) -> int:
        return self._sql.insert(
            statement, [tuple(getattr(row, each.name) for each in fields(row)) for row in rows]
        )  # fmt: skip

    def _all(self, kind: type[Row], statement: Any, **values: Any) -> list[Row]:
        return self._sql.made(kind, statement, values)

    def _one(self, kind: type[Row], statement: Any, **values: Any) -> Row | None:
        return next(iter(self._sql.made(kind, statement, values)), None)

    # keys and tags of ours --------------------------------------------------------------------------------------

    def save_key(self, row: KeyRow) -> None:
        """Write a key's state, in place of the former one."""
        self._put(_K_SAVE, [row])

    def own_keys(self, record: str = "") -> list[KeyRow]:
        """Our keys, or those of one offer, the oldest month first."""
        return self._all(KeyRow, _K_OF, of=record) if record else self._all(KeyRow, _K_ALL)

    def drop_key(self, record: str, month: str) -> None:
        """Forget a key's announcement and its tags."""
        for statement in (_K_DROP, _T_DROP, _N_DROP):
            self._sql.run(statement, {"of": record, "on": month})

    def add_tags(self, rows: Sequence[TagRow]) -> int:
        """Keep tags; one that is here stays as it is, one that was gone comes with the next delta."""
        return self._put(_T_ADD, rows)

    def tags(self, record: str, month: str) -> list[TagRow]:
        """All tags of a key, also those that are gone."""
        return self._all(TagRow, _T_OF, of=record, on=month)

    def held(self, record: str, month: str, whats: Iterable[bytes]) -> dict[bytes, bytes]:
        """Which of these keyed hashes stand in the table now or go into it next, with their prefixes."""
        values = {"of": record, "on": month}
        parts = chunks(whats)
        return {row[0]: row[1] for part in parts for row in self._sql.rows(_T_WHAT, {**values, "whats": part})}

    def count_tags(self, record: str, month: str) -> int:
        """Tags that stand in the table now or go into it next."""
        return int(self._sql.row(_T_COUNT, {"of": record, "on": month})[0])

    def dummies(self, record: str, month: str, limit: int) -> list[bytes]:
        """Prefixes of so many dummies that stand in the table."""
        return [row[0] for row in self._sql.rows(_T_DUMMIES, {"of": record, "on": month, "limit": limit})]

    def name_tags(self, record: str, month: str, source: str, prefixes: Iterable[bytes]) -> None:
        """A record of ours says what these tags stand for."""
        self._sql.insert(_N_ADD, [(record, month, source, each) for each in prefixes])

    def named_by(self, record: str, month: str, source: str) -> set[bytes]:
        """The tags of what a record of ours says."""
        return {row[0] for row in self._sql.rows(_N_OF, {"of": record, "on": month, "says": source})}

    def unname(self, record: str, month: str, source: str, prefixes: Iterable[bytes]) -> None:
        """It says so no longer."""
        self._sql.run_many(_N_OUT, [{"of": record, "on": month, "says": source, "which": each} for each in prefixes])

    def all_sources(self, record: str, month: str) -> set[str]:
        """Our records that say anything of what stands in a table."""
        return {row[0] for row in self._sql.rows(_N_ALL, {"of": record, "on": month})}

    def sources(self, record: str, month: str, prefixes: Iterable[bytes]) -> dict[bytes, list[str]]:
        """By prefix, our records that say what it stands for; a dummy has none."""
        found: dict[bytes, list[str]] = {}
        for part in chunks(prefixes):
            for row in self._sql.rows(_N_WHO, {"of": record, "on": month, "prefixes": part}):
                found.setdefault(row[1], []).append(row[0])
        return found

    def waiting_tags(self, record: str, month: str) -> tuple[list[TagRow], list[TagRow]]:
        """Tags that the next delta adds, and those that it removes."""
        return self._all(TagRow, _T_NEW, of=record, on=month), self._all(TagRow, _T_GOING, of=record, on=month)

    def lose_tags(self, record: str, month: str, prefixes: Iterable[bytes]) -> None:
        """The next delta removes these."""
        self._sql.run_many(_T_LOSE, [{"of": record, "on": month, "which": each} for each in prefixes])

    def published(self, record: str, month: str, number: int) -> None:
        """The delta of that number has gone out."""
        for statement in (_T_OUT, _T_GONE):
            self._sql.run(statement, {"of": record, "on": month, "now": number})

    def referred(self, references: Iterable[str]) -> list[TagRow]:
        """Our tags with these references that are in force; dummies are among them."""
        several = [bytes.fromhex(each) for each in references]
        return [row for part in chunks(several) for row in self._all(TagRow, _T_REFS, refs=part)]

    # what partners offer ----------------------------------------------------------------------------------------

    def save_holding(self, row: HoldingRow) -> None:
        """Write what a partner offers, in place of what it offered before."""
        self._put(_H_SAVE, [row])

    def holding(self, record: str) -> HoldingRow | None:
        """The partner's offer of that record."""
        return self._one(HoldingRow, _H_ONE, of=record)

    def holdings(self) -> list[HoldingRow]:
        """All offers of partners."""
        return self._all(HoldingRow, _H_ALL)

    def drop_holding(self, record: str) -> None:
        """An offer is over."""
        for statement in (_H_DROP, _D_DROP):
            self._sql.run(statement, {"of": record})

    def save_delta(self, row: DeltaRow) -> None:
        """Keep a change of a partner's table, or its bytes once they are here."""
        self._put(_D_SAVE, [row])

    def deltas(self, record: str, month: str) -> list[DeltaRow]:
        """The changes of a table, in order."""
        return self._all(DeltaRow, _D_OF, of=record, on=month)

    # parcels ----------------------------------------------------------------------------------------------------

    def save_parcel(self, row: ParcelRow) -> None:
        """Begin a parcel, or note how much of it is here."""
        self._put(_P_SAVE, [row])

    def parcel(self, hash: str) -> ParcelRow | None:
        """What is known of a parcel."""
        return self._one(ParcelRow, _P_ONE, of=hash)

    def add_part(self, hash: str, start: int, data: bytes) -> None:
        """Keep the bytes from ``start`` on."""
        self._sql.insert(_PP_ADD, [(hash, start, data)])

    def parts(self, hash: str) -> list[bytes]:
        """All parts in order."""
        return [row[1] for row in self._sql.rows(_PP_ALL, {"of": hash})]

    def part_at(self, hash: str, start: int) -> tuple[int, bytes] | None:
        """The part that holds byte ``start``: where it begins, and its bytes."""
        row = self._sql.row(_PP_FROM, {"of": hash, "first": start})
        return None if row is None else (int(row[0]), bytes(row[1]))

    def drop_parcel(self, hash: str) -> None:
        """Forget it with all its bytes."""
        for statement in (_P_DROP, _PP_DROP, _PE_DROP):
            self._sql.run(statement, {"of": hash})

    def allow(self, hash: str, peers: Iterable[str]) -> None:
        """These partners may fetch it."""
        self._sql.insert(_PE_ADD, [(hash, peer) for peer in peers])

    def allowed(self, hash: str, peer: str) -> bool:
        """Whether the partner may fetch it."""
        return self._sql.row(_PE_ONE, {"of": hash, "by": peer}) is not None

    # budgets ----------------------------------------------------------------------------------------------------

    def spend(self, record: str, peer: str, month: str, elements: int) -> None:
        """Count a partner's question; a second time it counts nothing."""
        self._sql.insert(_S_ADD, [(record, peer, month, elements, 0)])

    def spent(self, peer: str, month: str) -> tuple[int, int]:
        """Elements that the partner used in that month over all our keys, and hits that it claimed."""
        row = self._sql.row(_S_SUM, {"by": peer, "on": month})
        return int(row[0]), int(row[1])

    def counted(self, record: str) -> int | None:
        """What a question was counted for; None when it was not."""
        row = self._sql.row(_S_ONE, {"of": record})
        return None if row is None else int(row[0])

    def claimed(self, record: str, hits: int) -> None:
        """How many hits a question had."""
        self._sql.run(_S_HITS, {"of": record, "now": hits})

    def spenders(self) -> list[tuple[str, str, int]]:
        """Partner, month and elements, the newest month first."""
        return [(row[0], row[1], int(row[2])) for row in self._sql.rows(_S_PEERS)]

    # our questions ----------------------------------------------------------------------------------------------

    def save_asked(self, row: AskedRow) -> None:
        """Write a question's state, in place of the former one."""
        self._put(_A_SAVE, [row])

    def asked(self, record: str) -> AskedRow | None:
        """The question of that record."""
        return self._one(AskedRow, _A_ONE, of=record)

    def asked_together(self, asked: str) -> list[AskedRow]:
        """The questions that were asked at once."""
        return self._all(AskedRow, _A_OF, of=asked)

    def asked_in(self, state: str, limit: int = 500) -> list[AskedRow]:
        """Questions in that state, the oldest first."""
        return self._all(AskedRow, _A_STATE, of=state, limit=limit)

    def asked_by(self, user: str, since: int) -> list[tuple[int, int, bool]]:
        """What a user asked after ``since``, newest first: terms, when, and whether there was a hit. Watches do not count."""
        rows = self._sql.rows(_A_USER, {"by": user, "since": since})
        return [(int(row[1]), int(row[2]), bool(row[3])) for row in rows]

    def rate(self, node: str, since: int) -> tuple[int, list[str]]:
        """Elements that a node answered after ``since``, and the hits that came of them, packed."""
        row = self._sql.row(_A_RATE, {"of": node, "since": since})
        return int(row[0]), [str(each[0]) for each in self._sql.rows(_A_HITS, {"of": node, "since": since})]

    def to_oversee(self, limit: int = 200) -> list[AskedRow]:
        """Answered questions at which no auditor has looked, the oldest first."""
        return self._all(AskedRow, _A_OPEN, limit=limit)

    def drop_asked(self, record: str) -> None:
        """Forget a question."""
        self._sql.run(_A_DROP, {"of": record})

    # watches ----------------------------------------------------------------------------------------------------

    def save_watch(self, row: WatchRow) -> None:
        """Keep whom a watch means, sealed."""
        self._put(_W_SAVE, [row])

    def watches(self) -> list[WatchRow]:
        """All watches."""
        return self._all(WatchRow, _W_ALL)

    def watch_months(self, watch: str) -> set[tuple[str, str]]:
        """Offers and months for which a watch has tags."""
        return {(row[0], row[1]) for row in self._sql.rows(_WD_MONTHS, {"of": watch})}

    def add_watched(self, rows: Sequence[WatchedRow]) -> None:
        """Keep tags of a watch."""
        self._put(_WD_ADD, rows)

    def watched(self, record: str, month: str) -> list[WatchedRow]:
        """The tags of all watches for one offer and month."""
        return self._all(WatchedRow, _WD_OF, of=record, on=month)

    def drop_watch(self, watch: str) -> None:
        """Forget a watch and its tags."""
        for statement in (_W_DROP, _WD_WATCH):
            self._sql.run(statement, {"of": watch})

    def drop_watched(self, record: str, month: str) -> None:
        """Forget the tags for an offer and month that is over."""
        self._sql.run(_WD_DROP, {"of": record, "on": month})

    # overlaps ---------------------------------------------------------------------------------------------------

    def save_overlap(self, row: OverlapRow) -> None:
        """Write how far an overlap is."""
        self._put(_O_SAVE, [row])

    def overlap(self, record: str) -> OverlapRow | None:
        """The overlap of that record."""
        return self._one(OverlapRow, _O_ONE, of=record)

    def overlaps(self) -> list[OverlapRow]:
        """All of them, the newest first."""
        return self._all(OverlapRow, _O_ALL)
