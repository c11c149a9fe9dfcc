"""Connections: one writer and some readers, on SQLite or PostgreSQL.

SQLite: write-ahead log, ``synchronous=FULL`` (a commit is on disk when it returns), ``secure_delete=ON`` (what is
deleted is overwritten). PostgreSQL: the writer takes a lock first, so that replicas take turns;
readers see one snapshot (REPEATABLE READ).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import Pool, QueuePool, StaticPool

from spean.core.errors import InvalidInput, Unavailable

Kind = Literal["file", "memory", "postgres"]
BUSY = 10.0
"""Seconds to wait for a lock."""
STATEMENTS = 512
"""Statements that a SQLite connection keeps prepared; a node has about 300."""


@dataclass(frozen=True, slots=True)
class Engines:
    """How to reach one database. ``path`` is None unless it is a SQLite file; ``lock`` is the statement with which
    a writer takes its turn, empty on SQLite, where beginning does it."""

    kind: Kind
    url: URL
    writer: Engine
    reader: Engine
    lock: str
    path: Path | None = None

    def begin_write(self) -> Connection:
        """A connection with an open write transaction that holds the turn. On PostgreSQL a connection that was
        lost meanwhile is replaced once: nothing has happened on it yet."""
        connection = self.writer.connect()
        try:
            return self._begun(connection, self.lock)
        except DBAPIError as error:
            if self.kind != "postgres" or not error.connection_invalidated:
                raise
        return self._begun(self.writer.connect(), self.lock)

    def begin_read(self) -> Connection:
        """A connection with an open read-only snapshot."""
        connection = self._begun(self.reader.connect(), "")
        if self.kind == "memory":
            driver_of(connection).execute("PRAGMA query_only=ON")
        return connection

    def end_read(self, connection: Connection) -> None:
        """Give the snapshot back."""
        if self.kind == "memory" and not connection.invalidated:
            driver_of(connection).execute("PRAGMA query_only=OFF")
        connection.close()

    def _begun(self, connection: Connection, first: str) -> Connection:
        try:
            connection.begin()
            if first:
                connection.exec_driver_sql(first)
        except BaseException:
            connection.close()
            raise
        return connection

    def dispose(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        self.writer.dispose()


def driver_of(connection: Connection) -> Any:
    """The driver's connection: what is asked of it directly costs a fifth."""
    return connection.connection.driver_connection


def engines(url: str, pool: int, lock: str, *, page: int = 8192) -> Engines:
    """Prepare ``pool`` readers and a writer for ``url``; ``page`` is the size of the pages of a new SQLite file.

    Raises ``InvalidInput`` for a URL of another kind.
    """
    parsed = checked_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgres(parsed, pool, lock)
    if parsed.database in (None, "", ":memory:"):
        memory = _sqlite(":memory:", "BEGIN", PRAGMAS, kind=StaticPool)
        return Engines("memory", parsed, memory, memory, "")
    path = Path(str(parsed.database)).absolute()
    create_private(path)
    pages = (f"page_size={page}", *PRAGMAS, "cache_size=-32768")
    writer = _sqlite(str(path), "BEGIN IMMEDIATE", pages, kind=QueuePool, pool_size=1, max_overflow=0)
    reader = _sqlite(
        str(path), "BEGIN", (*PRAGMAS, "query_only=ON"), kind=QueuePool, pool_size=pool, max_overflow=pool, timeout=BUSY
    )
    return Engines("file", parsed, writer, reader, "", path)


def checked_url(url: str) -> URL:
    """The URL taken apart; raises ``InvalidInput`` unless it is of SQLite or PostgreSQL, ``Unavailable`` without
    its driver."""
    remedy = "give sqlite:///path or postgresql+psycopg://…"
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise InvalidInput("database", f"{parsed.drivername} is not supported", remedy=remedy)
        parsed.get_dialect().import_dbapi()
    except (ArgumentError, NoSuchModuleError) as error:
        raise InvalidInput("database", str(error), remedy=remedy) from error
    except ImportError as error:
        what = f"The driver for {parsed.drivername} is not installed"
        raise Unavailable(what, remedy="install spean[postgres]") from error
    return parsed


def create_private(path: Path) -> None:
    """Create the file, readable by its owner only, and make its name durable; an existing one is left alone."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise Unavailable(
            f"The database file {path} cannot be created", why=str(error), remedy="look at the folder's permissions"
        ) from error
    os.fsync(handle)
    os.close(handle)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    _sync_file(folder)


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-8192",
    "wal_autocheckpoint=2000",
    "journal_size_limit=67108864",
)


@cache
def _sqlite_dialect() -> tuple[Dialect, dict[Any, Any]]:
    """One dialect and one cache of compiled statements for every SQLite database of the process, since compiling
    costs more than running: a simulation opens hundreds of nodes."""
    first = create_engine("sqlite://")
    with first.connect():
        pass  # the dialect asks the library for its version
    first.dispose()
    return first.dialect, {}


def _sqlite(path: str, begin: str, pragmas: Sequence[str], *, kind: type[Pool], **pool: Any) -> Engine:
    def connect() -> Any:
        connection = sqlite3.connect(
            path, timeout=BUSY, isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS
        )
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    dialect, compiled = _sqlite_dialect()
    engine = Engine(kind(connect, dialect=dialect, **pool), dialect, make_url("sqlite://"))
    engine.update_execution_options(compiled_cache=compiled)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        driver_of(connection).execute(begin)

    return engine


def _postgres(url: URL, pool: int, lock: str) -> Engines:
    common: dict[str, Any] = {
        "paramstyle": "format",
        "pool_timeout": BUSY,
        "connect_args": {"connect_timeout": int(BUSY)},
    }
    writer = create_engine(url, isolation_level="READ COMMITTED", pool_size=1, max_overflow=0, **common)
    reader = create_engine(
        url, isolation_level="REPEATABLE READ", pool_size=pool, max_overflow=pool, pool_pre_ping=True, **common
    )

    @event.listens_for(reader, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.read_only = True

    return Engines("postgres", url, writer, reader, lock)


def scrub(engines: Engines, tables: Sequence[str]) -> None:
    """Leave no old byte of ``tables``: SQLite overwrote the pages (secure_delete), so its write-ahead log is
    emptied; PostgreSQL vacuums away dead rows. Raises ``Unavailable`` when a reader stands in the way."""
    raw = engines.writer.raw_connection()
    try:
        driver: Any = raw.driver_connection
        if engines.kind == "postgres":
            driver.rollback()
            driver.autocommit = True
            for table in tables:
                driver.execute(f"VACUUM {table}")
            driver.autocommit = False
            return
        busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        raw.close()
    if busy:
        raise Unavailable(
            "The write-ahead log cannot be emptied yet", why="a reader still uses it", remedy="repeat in a moment"
        )
    if engines.path is not None:
        # SQLite does not sync the cut: without this a power cut could bring the old log, and the key in it, back.
        _sync_file(engines.path.with_name(engines.path.name + "-wal"))
