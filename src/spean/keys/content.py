"""Content keys: 32 bytes per fact, in a database of their own that ordinary backups leave out (D4).

Erasing a content is destroying its key. So that no copy of it stays behind, keys are only ever appended to a
table in order of arrival, whose pages SQLite never rearranges, and destroyed by overwriting in place; then the
write-ahead log is emptied. On PostgreSQL old row versions last until the vacuum that follows, and its own
write-ahead log until the server recycles it: a SQLite file is the default for that reason.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    inspect,
    select,
    update,
)

from spean.core.errors import InvalidInput, Unavailable
from spean.sql.engine import engines, scrub
from spean.sql.failures import explained
from spean.sql.statement import Insert, Sql, chunks, create

SIZE = 32
_GONE = bytes(SIZE)
_VERSION = 1
_SWEEP = 4
"""A sweep reads at most so many times the keys that are wanted."""
_LOCK = "SELECT pg_advisory_xact_lock(7325772)"

_SERIAL = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData()
content_keys = Table(
    "content_keys",
    metadata,
    Column("n", _SERIAL, primary_key=True),
    Column("id", LargeBinary, nullable=False),
    Column("key", LargeBinary, nullable=False),
    UniqueConstraint("id"),
)
destroyed_keys = Table(
    "destroyed_keys",
    metadata,
    Column("n", _SERIAL, primary_key=True),
    Column("id", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("ground", Text, nullable=False),
    UniqueConstraint("id"),
)
content_format = Table("content_format", metadata, Column("version", Integer, primary_key=True))

_PUT = Insert(content_keys, "id key", 'ON CONFLICT ("id") DO NOTHING')
_GET = select(content_keys.c.id, content_keys.c.key).where(
    content_keys.c.id.in_(bindparam("ids", expanding=True)), content_keys.c.key != _GONE
)
_OVERWRITE = update(content_keys).where(content_keys.c.id.in_(bindparam("ids", expanding=True))).values(key=_GONE)
_NOTE = Insert(destroyed_keys, "id at ground", 'ON CONFLICT ("id") DO NOTHING')
_DESTROYED = (
    select(destroyed_keys.c.id, destroyed_keys.c.at, destroyed_keys.c.ground)
    .where(destroyed_keys.c.at >= bindparam("since"))
    .order_by(destroyed_keys.c.n)
)
_PLACES = select(content_keys.c.n).where(content_keys.c.id.in_(bindparam("ids", expanding=True)))
_BETWEEN = select(content_keys.c.id, content_keys.c.key).where(
    content_keys.c.n >= bindparam("first"), content_keys.c.n <= bindparam("last"), content_keys.c.key != _GONE
)
_IDS = (
    select(content_keys.c.n, content_keys.c.id)
    .where(content_keys.c.n > bindparam("after"), content_keys.c.key != _GONE)
    .order_by(content_keys.c.n)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Destroyed:
    """That the key of fact ``id`` was destroyed, when, and on what ground (never words about a person)."""

    id: str
    at: int
    ground: str


class ContentKeys:
    """The database of content keys. Threads may share it."""

    def __init__(self, url: str) -> None:
        with explained():
            self._engines = engines(url, 3, _LOCK, page=4096)
            self._turn = threading.Lock()
            self._prepare()

    @classmethod
    def open(cls, url: str) -> ContentKeys:
        """Open, and create when new: ``sqlite:///path``, ``sqlite://`` (in memory) or ``postgresql+psycopg://…``."""
        return cls(url)

    def put(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Keep keys by fact id, durably when it returns. A key that is here, or was destroyed, stays as it is."""
        for fact, key in items:
            if len(key) != SIZE or key == _GONE:
                raise InvalidInput("key", f"the key of {fact} is not 32 random bytes", remedy="make a fresh one")
        with self._turn, explained():
            connection = self._engines.begin_write()
            try:
                Sql(connection).insert(_PUT, [(bytes.fromhex(fact), key) for fact, key in items])
                connection.commit()
            finally:
                connection.close()

    def get(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The keys of those facts that have one; a destroyed key is not among them."""
        parts = list(chunks(bytes.fromhex(id_) for id_ in ids))
        return {row[0].hex(): row[1] for part in parts for row in self._rows(_GET, {"ids": part})}

    def near(self, ids: Sequence[bytes]) -> dict[bytes, bytes]:
        """The keys of facts that arrived one after the other, by the bytes of their ids: one sweep instead of a look-up each."""
        found: dict[bytes, bytes] = {}
        places = [row[0] for row in self._rows(_PLACES, {"ids": [ids[0], ids[-1]]})] if ids else []
        if len(places) == 2 and max(places) - min(places) <= _SWEEP * len(ids):
            found.update(map(tuple, self._rows(_BETWEEN, {"first": min(places), "last": max(places)})))
        for part in chunks(each for each in ids if each not in found):
            found.update(map(tuple, self._rows(_GET, {"ids": part})))
        return found

    def destroy(self, ids: Iterable[str], at: int, ground: str) -> None:
        """Overwrite the keys and leave no copy, also not in the write-ahead log; a later ``put`` has no effect.

        May be repeated, and must be after ``Unavailable``: then the keys are gone for every reader, but a reader
        in another process kept the old pages from being overwritten.
        """
        names = [bytes.fromhex(id_) for id_ in ids]
        with self._turn, explained():
            connection = self._engines.begin_write()
            try:
                sql = Sql(connection)
                for part in chunks(names):
                    sql.run(_OVERWRITE, {"ids": part})
                # An id without a key gets an overwritten one, so that the key cannot arrive afterwards.
                sql.insert(_PUT, [(name, _GONE) for name in names])
                sql.insert(_NOTE, [(name, at, ground) for name in names])
                connection.commit()
            finally:
                connection.close()
            self._scrub()

    def destroyed(self, since: int = 0) -> list[Destroyed]:
        """What was destroyed at or after ``since``, in order: a restored store replays these erasures."""
        return [Destroyed(row[0].hex(), row[1], row[2]) for row in self._rows(_DESTROYED, {"since": since})]

    def page(self, after: int = 0, limit: int = 1_000) -> list[tuple[int, str]]:
        """``(number, fact id)`` of the keys beyond number ``after``: finds keys whose fact never got written."""
        return [(row[0], row[1].hex()) for row in self._rows(_IDS, {"after": after, "limit": limit})]

    def close(self) -> None:
        """Close every connection."""
        self._engines.dispose()

    def _rows(self, query: Executable, values: dict[str, Any]) -> Sequence[Any]:
        # In memory there is one connection, which a reader must not share with a writer.
        with self._turn if self._engines.kind == "memory" else nullcontext(), explained():
            connection = self._engines.begin_read()
            try:
                return Sql(connection).rows(query, values)
            finally:
                self._engines.end_read(connection)

    def _prepare(self) -> None:
        with self._engines.writer.begin() as connection:
            if self._engines.kind == "postgres":
                connection.exec_driver_sql(_LOCK)
            if not inspect(connection).has_table(content_format.name):
                create(connection, metadata)
            found = connection.execute(select(content_format.c.version)).scalar()
            if found is None:
                connection.execute(content_format.insert().values(version=_VERSION))
            elif found != _VERSION:
                raise Unavailable(
                    f"The database of content keys has format {found}, this program knows {_VERSION}",
                    remedy="start the version of Spean that wrote it",
                )

    def _scrub(self) -> None:
        scrub(self._engines, (content_keys.name,))
