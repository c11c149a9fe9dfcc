"""People and units of this node, their tokens and quotas; who read what; what left by file; settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, func, literal_column, or_, select, update

from spean.core.errors import NotFound
from spean.sql.statement import Insert, Sql, pack, texts, unpack
from spean.store import schema
from spean.store.rows import AccessRow, ExportRow, TokenRow, UnitRow, UserRow

_u = schema.users.c
_U_SAVE = Insert(
    schema.users,
    "id name kind unit roles created_at disabled_at languages language time_zone calendar theme",
    'ON CONFLICT ("id") DO UPDATE SET "name" = excluded."name", "kind" = excluded."kind", "unit" = excluded."unit", '
    '"roles" = excluded."roles", "disabled_at" = excluded."disabled_at", "languages" = excluded."languages", '
    '"language" = excluded."language", "time_zone" = excluded."time_zone", "calendar" = excluded."calendar", '
    '"theme" = excluded."theme"',
)
_U_ONE = select(schema.users).where(_u.id == bindparam("id"))
_U_ALL = select(schema.users).order_by(_u.id)
_N_SAVE = Insert(
    schema.units,
    "id name languages",
    'ON CONFLICT ("id") DO UPDATE SET "name" = excluded."name", "languages" = excluded."languages"',
)
_N_ALL = select(schema.units).order_by(schema.units.c.id)
_N_ONE = select(schema.units).where(schema.units.c.id == bindparam("id"))

_t = schema.tokens.c
_T_NAMES = tuple(column.name for column in _t)
_T_ADD = Insert(schema.tokens, " ".join(_T_NAMES))
_T_ONE = select(schema.tokens).where(_t.digest == bindparam("digest"))
_T_USER = select(schema.tokens).where(_t.user == bindparam("user")).order_by(_t.created_at, _t.digest)
_T_USED = update(schema.tokens).where(_t.digest == bindparam("of")).values(last_used_at=bindparam("when"))
_T_STRONG = update(schema.tokens).where(_t.digest == bindparam("of")).values(strong_at=bindparam("when"))
_T_DROP = delete(schema.tokens).where(_t.digest == bindparam("of"))
_T_DROP_USER = delete(schema.tokens).where(_t.user == bindparam("of"))
_T_EXPIRED = delete(schema.tokens).where(_t.expires_at <= bindparam("now"))

_q = schema.quotas.c
_Q_ADD = Insert(
    schema.quotas,
    "instrument peer purpose month count",
    'ON CONFLICT ("instrument", "peer", "purpose", "month") DO UPDATE '
    'SET "count" = "quotas"."count" + excluded."count"',
)
_Q_ONE = select(_q.count).where(
    _q.instrument == bindparam("instrument"),
    _q.peer == bindparam("peer"),
    _q.purpose == bindparam("purpose"),
    _q.month == bindparam("month"),
)

_a = schema.access.c
_A_ADD = Insert(schema.access, "at user act subject fact extra")
_A_ALL = select(_a.at, _a.user, _a.act, _a.subject, _a.fact, _a.extra)
_A_SUBJECT = _A_ALL.where(_a.subject == bindparam("subject")).order_by(_a.n)
_A_USER = _A_ALL.where(_a.user == bindparam("user"), _a.at >= bindparam("since")).order_by(_a.at, _a.n)
_A_LAST_TIME = (
    select(_a.at)
    .where(_a.user == bindparam("user"), _a.act == bindparam("act"))
    .order_by(_a.at.desc(), _a.n.desc())
    .limit(1)
)

_A_PAGE = (
    select(_a.n, _a.at, _a.user, _a.act, _a.subject, _a.fact, _a.extra)
    .order_by(_a.at.desc(), _a.n.desc())
    .limit(bindparam("limit"))
)
_A_BEFORE = or_(_a.at < bindparam("last_at"), and_(_a.at == bindparam("last_at"), _a.n < bindparam("last_n")))
_A_BETWEEN = (_a.at >= bindparam("since"), _a.at < bindparam("until"))
_HOUR = _a.at - _a.at % literal_column(
    "3600000"
)  # a literal: PostgreSQL must see that selected and grouped are one expression
_A_HOURS = (
    select(_a.user, _HOUR, func.count())
    .where(_a.at >= bindparam("since"), _a.at < bindparam("until"), _a.act.in_(bindparam("acts", expanding=True)))
    .group_by(_a.user, _HOUR)
)
_A_WITH_FACT = select(func.count()).select_from(schema.access).where(_a.fact.is_not(None))
_A_FACTS = (
    select(func.count())
    .select_from(schema.facts)
    .where(schema.facts.c.log == "domestic", schema.facts.c.kind.in_(bindparam("acts", expanding=True)))
)

_e = schema.exports.c
_E_ADD = Insert(schema.exports, "fact medium at user")
_E_FACT = select(_e.fact, _e.medium, _e.at, _e.user).where(_e.fact == bindparam("fact")).order_by(_e.n)

_M_SET = Insert(schema.meta, "key value", 'ON CONFLICT ("key") DO UPDATE SET "value" = excluded."value"')
_M_GET = select(schema.meta.c.value).where(schema.meta.c.key == bindparam("key"))


class PeopleGroup:
    """``tx.people``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def save(self, row: UserRow) -> None:
        """Add the user or replace the row; ``created_at`` of the first row stands."""
        roles, languages = pack(row.roles), pack(row.languages)
        wishes = (row.language, row.time_zone, row.calendar, row.theme)
        self._sql.insert(
            _U_SAVE,
            [(row.id, row.name, row.kind, row.unit, roles, row.created_at, row.disabled_at, languages, *wishes)],
        )

    def get(self, id: str) -> UserRow:
        """The user; raises ``NotFound``."""
        for row in self._sql.made(_user, _U_ONE, {"id": id}):
            return row
        raise NotFound(f"No user {id} here")

    def save_unit(self, row: UnitRow) -> None:
        """Add the unit or replace its row."""
        self._sql.insert(_N_SAVE, [(row.id, row.name, pack(row.languages))])

    def unit(self, id: str) -> UnitRow:
        """The unit; raises ``NotFound``."""
        for row in self._sql.made(_unit, _N_ONE, {"id": id}):
            return row
        raise NotFound(f"No unit {id} here")

    def units(self) -> list[UnitRow]:
        """All units."""
        return self._sql.made(_unit, _N_ALL)

    def add_token(self, row: TokenRow) -> None:
        """Keep a token's digest; the secret itself is never stored."""
        self._sql.insert(_T_ADD, [tuple(getattr(row, name) for name in _T_NAMES)])

    def token(self, digest: bytes) -> TokenRow | None:
        """The token with that SHA-256, None if there is none. Whether it has expired is the caller's question."""
        return next(iter(self._sql.made(TokenRow, _T_ONE, {"digest": digest})), None)

    def tokens(self, user: str) -> list[TokenRow]:
        """Tokens and sessions of a user, oldest first."""
        return self._sql.made(TokenRow, _T_USER, {"user": user})

    def touch_token(self, digest: bytes, at: int) -> None:
        """Note the last use."""
        self._sql.run(_T_USED, {"of": digest, "when": at})

    def prove_token(self, digest: bytes, at: int) -> None:
        """Note that the person proved herself again in this session."""
        self._sql.run(_T_STRONG, {"of": digest, "when": at})

    def drop_token(self, digest: bytes) -> bool:
        """End a token; True if it was there, so that a one-time link serves once."""
        return self._sql.run(_T_DROP, {"of": digest}) == 1

    def drop_tokens(self, user: str) -> int:
        """End every token and session of a user; how many there were."""
        return self._sql.run(_T_DROP_USER, {"of": user})

    def expire_tokens(self, now: int) -> int:
        """Drop what has expired; how many there were."""
        return self._sql.run(_T_EXPIRED, {"now": now})

    def count(self, instrument: str, peer: str, purpose: str, month: str) -> int:
        """How much of a quota is used in ``month`` (``2026-03``)."""
        row = self._sql.row(_Q_ONE, {"instrument": instrument, "peer": peer, "purpose": purpose, "month": month})
        return 0 if row is None else int(row[0])

    def add(self, instrument: str, peer: str, purpose: str, month: str, count: int = 1) -> None:
        """Use some of a quota."""
        self._sql.insert(_Q_ADD, [(instrument, peer, purpose, month, count)])

    def list(self) -> list[UserRow]:
        """All users, disabled ones too."""
        return self._sql.made(_user, _U_ALL)


@cache
def _access_page(named: tuple[str, ...], further: bool) -> Select[Any]:
    """A page of entries, narrowed by these columns, ``further`` beyond the page before."""
    query = _A_PAGE.where(*_A_BETWEEN, *(_a[name] == bindparam(name) for name in named))
    return query.where(_A_BEFORE) if further else query


class AccessGroup:
    """``tx.access``: reads, searches and exports (O2, R38)."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, rows: Sequence[AccessRow]) -> None:
        """Note who read what."""
        self._sql.insert(
            _A_ADD,
            [
                (row.at, row.user, row.act, row.subject, bytes.fromhex(row.fact) or None, pack(row.extra))
                for row in rows
            ],
        )

    def of_subject(self, subject: str) -> list[AccessRow]:
        """Everybody who read the record or searched the thing, in order."""
        return [_access(row) for row in self._sql.rows(_A_SUBJECT, {"subject": subject})]

    def of_user(self, user: str, since: int = 0) -> list[AccessRow]:
        """What a user read since that time, in order."""
        return [_access(row) for row in self._sql.rows(_A_USER, {"user": user, "since": since})]

    def last_time(self, user: str, act: str) -> int | None:
        """When the user last did ``act``; None: never."""
        row = self._sql.row(_A_LAST_TIME, {"user": user, "act": act})
        return None if row is None else int(row[0])

    def page(
        self, *, limit: int, user: str = "", act: str = "", subject: str = "", since: int = 0, until: int = schema.NEVER,
        before: tuple[int, int] | None = None,
    ) -> list[tuple[int, AccessRow]]:  # fmt: skip
        """Entries with their running numbers, newest first; ``before``: time and number of the last one of the page before."""
        named = {name: value for name, value in (("user", user), ("act", act), ("subject", subject)) if value}
        values: dict[str, Any] = {"limit": limit, "since": since, "until": until, **named}
        if before is not None:
            values.update(last_at=before[0], last_n=before[1])
        rows = self._sql.rows(_access_page(tuple(named), before is not None), values)
        return [(row[0], _access(row[1:])) for row in rows]

    def hours(self, since: int, until: int, acts: Sequence[str]) -> list[tuple[str, int, int]]:
        """User, beginning of an hour (ms) and how many entries of these acts fell into it."""
        rows = self._sql.rows(_A_HOURS, {"since": since, "until": until, "acts": list(acts)})
        return [(row[0], int(row[1]), int(row[2])) for row in rows]

    def missing(self, acts: Sequence[str]) -> int:
        """How many facts of the domestic log that say who did one of ``acts`` have no entry here any more."""
        listed, logged = self._sql.row(_A_WITH_FACT, {}), self._sql.row(_A_FACTS, {"acts": list(acts)})
        assert listed is not None
        assert logged is not None
        return max(0, int(logged[0]) - int(listed[0]))


class ExportGroup:
    """``tx.exports``: facts that left by file; a recall lists them."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add(self, facts: Iterable[str], medium: str, at: int, user: str) -> None:
        """Note that the facts were written to ``medium`` (its label or serial number)."""
        self._sql.insert(_E_ADD, [(bytes.fromhex(fact), medium, at, user) for fact in facts])

    def of_fact(self, fact: str) -> list[ExportRow]:
        """The exports of a fact, in order."""
        rows = self._sql.rows(_E_FACT, {"fact": bytes.fromhex(fact)})
        return [ExportRow(fact=row[0].hex(), medium=row[1], at=row[2], user=row[3]) for row in rows]


class MetaGroup:
    """``tx.meta``: small settings and cursors by name."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, key: str) -> str | None:
        """The value, None if it was never set."""
        row = self._sql.row(_M_GET, {"key": key})
        return None if row is None else str(row[0])

    def set(self, key: str, value: str) -> None:
        """Set or replace the value."""
        self._sql.insert(_M_SET, [(key, value)])


def _user(roles: str, languages: str, **columns: Any) -> UserRow:
    return UserRow(**columns, roles=texts(roles), languages=texts(languages))


def _unit(languages: str, **columns: Any) -> UnitRow:
    return UnitRow(**columns, languages=texts(languages))


def _access(row: Any) -> AccessRow:
    (at, user, act, subject, fact, extra) = row
    name = "" if fact is None else fact.hex()
    return AccessRow(at=at, user=user, act=act, subject=subject, fact=name, extra=unpack(extra))
