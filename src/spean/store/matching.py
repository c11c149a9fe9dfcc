"""Who asked how often, without about whom (R24); published lists (B7) and groups of travellers (B5), whose words are sealed before they come
here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import bindparam, delete, select, update

from spean.sql.statement import Insert, Sql, chunks
from spean.store import schema
from spean.store.rows import BorderGroupRow, LookRow, OpenListRow

_k = schema.looks.c
_LOOK_NAMES = ("user", "use", "at", "found", "office")
_LOOK_ADD = Insert(schema.looks, _LOOK_NAMES)
_LOOK_OF = (
    select(_k.user, _k.use, _k.at, _k.found, _k.office)
    .where(_k.user == bindparam("of"), _k.at > bindparam("since"))
    .order_by(_k.n)
)
_LOOK_DROP = delete(schema.looks).where(_k.at < bindparam("before"))

_l = schema.open_lists.c
_L_SAVE = Insert(
    schema.open_lists, "record key version at",
    'ON CONFLICT ("record") DO UPDATE SET "key" = excluded."key", "version" = excluded."version", "at" = excluded."at"',
)  # fmt: skip
_L_ALL = select(schema.open_lists).order_by(_l.record)
_L_DROP = delete(schema.open_lists).where(_l.record == bindparam("of"))

_e = schema.list_entries.c
_E_ADD = Insert(schema.list_entries, "record n words")
_E_AFTER = (
    select(_e.n, _e.words)
    .where(_e.record == bindparam("of"), _e.n > bindparam("after"))
    .order_by(_e.n)
    .limit(bindparam("limit"))
)
_E_ONE = select(_e.words).where(_e.record == bindparam("of"), _e.n == bindparam("number"))
_E_DROP = delete(schema.list_entries).where(_e.record == bindparam("of"))

_h = schema.list_keys.c
_H_ADD = Insert(schema.list_keys, "key record n", "ON CONFLICT DO NOTHING")
_H_MANY = select(_h.key, _h.record, _h.n).where(_h.key.in_(bindparam("keys", expanding=True)))
_H_DROP = delete(schema.list_keys).where(_h.record == bindparam("of"))

_g = schema.border_groups.c
_G_ADD = Insert(schema.border_groups, "id user at key people answered given failed")
_G_ONE = select(schema.border_groups).where(_g.id == bindparam("of"))
_G_MINE = select(schema.border_groups).where(_g.user == bindparam("of")).order_by(_g.id.desc())
_G_ON = (
    update(schema.border_groups)
    .where(_g.id == bindparam("of"), _g.answered == bindparam("was"))
    .values(answered=bindparam("now"))
)
_G_FAIL = update(schema.border_groups).where(_g.id == bindparam("of")).values(failed=bindparam("why"))
_G_DROP = delete(schema.border_groups).where(_g.id == bindparam("of"))

_a = schema.group_answers.c
_A_ADD = Insert(schema.group_answers, "id n words")
_A_ALL = select(_a.words).where(_a.id == bindparam("of")).order_by(_a.n)
_A_DROP = delete(schema.group_answers).where(_a.id == bindparam("of"))
_AT_ONCE = 2000


class MatchingGroup:
    """``tx.matching``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # looks ------------------------------------------------------------------------------------------------------

    def add_looks(self, rows: Sequence[LookRow]) -> None:
        """Note that somebody asked."""
        self._sql.insert(_LOOK_ADD, [(row.user, row.use, row.at, int(row.found), int(row.office)) for row in rows])

    def looks(self, user: str, since: int) -> list[LookRow]:
        """What one user asked after ``since`` (ms), oldest first."""
        found = self._sql.rows(_LOOK_OF, {"of": user, "since": since})
        return [LookRow(user=row[0], use=row[1], at=row[2], found=bool(row[3]), office=bool(row[4])) for row in found]

    def drop_looks(self, before: int) -> None:
        """Forget those before ``before`` (ms): the log has them, and no limit reaches so far back."""
        self._sql.run(_LOOK_DROP, {"before": before})

    # lists ------------------------------------------------------------------------------------------------------

    def save_list(self, row: OpenListRow, entries: Iterable[bytes], keys: Iterable[tuple[bytes, int]]) -> None:
        """A list's version in place of the former one. ``entries`` are counted from 0; ``keys``: hash, and number of its entry."""
        self.drop_list(row.record)
        self._sql.insert(_L_SAVE, [(row.record, row.key, row.version, row.at)])
        self._sql.insert(_E_ADD, [(row.record, n, words) for n, words in enumerate(entries)])
        self._sql.insert(_H_ADD, [(key, row.record, n) for key, n in keys])

    def drop_list(self, record: str) -> None:
        """The list is not asked any more."""
        for statement in (_L_DROP, _E_DROP, _H_DROP):
            self._sql.run(statement, {"of": record})

    def lists(self) -> list[OpenListRow]:
        """The lists that are in use."""
        return self._sql.made(OpenListRow, _L_ALL)

    def entries(self, record: str) -> Iterator[tuple[int, bytes]]:
        """All entries of a list, in order."""
        after = -1
        while rows := self._sql.rows(_E_AFTER, {"of": record, "after": after, "limit": _AT_ONCE}):
            yield from ((row[0], row[1]) for row in rows)
            after = rows[-1][0]

    def entry(self, record: str, n: int) -> bytes | None:
        """One entry's sealed words."""
        row = self._sql.row(_E_ONE, {"of": record, "number": n})
        return None if row is None else bytes(row[0])

    def listed(self, keys: Iterable[bytes]) -> list[tuple[bytes, str, int]]:
        """Entries under these hashes: hash, list, number."""
        return [(row[0], row[1], row[2]) for part in chunks(keys) for row in self._sql.rows(_H_MANY, {"keys": part})]

    # groups -----------------------------------------------------------------------------------------------------

    def add_group(self, row: BorderGroupRow) -> None:
        """A group begins."""
        values = (row.id, row.user, row.at, row.key, row.people, row.answered, row.given, row.failed)
        self._sql.insert(_G_ADD, [values])

    def group(self, id: str) -> BorderGroupRow | None:
        """One group."""
        return next(iter(self._sql.made(BorderGroupRow, _G_ONE, {"of": id})), None)

    def groups(self, user: str) -> list[BorderGroupRow]:
        """Those of one user, newest first."""
        return self._sql.made(BorderGroupRow, _G_MINE, {"of": user})

    def advance_group(self, id: str, was: int, now: int) -> bool:
        """So many are answered now; False when another process has gone on from there, or it is gone."""
        return self._sql.run(_G_ON, {"of": id, "was": was, "now": now}) == 1

    def fail_group(self, id: str, why: bytes) -> None:
        """It stopped; ``why`` is sealed."""
        self._sql.run(_G_FAIL, {"of": id, "why": why})

    def add_answers(self, id: str, at: int, words: Sequence[bytes]) -> None:
        """The sealed answers of the people from ``at`` on, counted from 0."""
        self._sql.insert(_A_ADD, [(id, n, each) for n, each in enumerate(words, start=at)])

    def answers(self, id: str) -> list[bytes]:
        """The sealed answers of a group, in order."""
        return [bytes(row[0]) for row in self._sql.rows(_A_ALL, {"of": id})]

    def drop_group(self, id: str) -> None:
        """Its rows go; nothing happens when they are gone."""
        for statement in (_A_DROP, _G_DROP):
            self._sql.run(statement, {"of": id})
