"""The database's failures in the project's words: what is away, what to do, and that nothing was half done."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from spean.core.errors import Conflict, SpeanError, Unavailable

_NOTHING = "nothing of this transaction was written"
_SQLITE = {
    "SQLITE_FULL": ("The disk of the database is full", "free some space, then repeat"),
    "SQLITE_BUSY": ("The database is locked by another process", "repeat; if it lasts, see who holds the file"),
    "SQLITE_LOCKED": ("The database is locked", "repeat"),
    "SQLITE_IOERR": ("The disk of the database does not work", "look at disk space, quota and the system's log"),
    "SQLITE_CANTOPEN": ("The database file cannot be opened", "look at its path and its permissions"),
    "SQLITE_READONLY": ("The database file cannot be written", "look at its permissions and at the file system"),
    "SQLITE_CORRUPT": ("The database file is damaged", "stop the node and restore a backup: spean restore"),
    "SQLITE_NOTADB": ("The file is no database", "give the path of a database, or restore a backup"),
}


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the driver raises into ``Unavailable`` or ``Conflict``; a bug in a statement stays as it is."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("All connections to the database are in use", why=_NOTHING, remedy="repeat") from error
    except DBAPIError as error:
        found = _of(error)
        if found is None:
            raise
        raise found from error
    except sqlite3.Error as error:
        found = _of_sqlite(error)
        if found is None:
            raise
        raise found from error


def _of(error: DBAPIError) -> SpeanError | None:
    cause = error.orig
    if isinstance(error, IntegrityError) and re.search("unique|primary key", str(cause), re.IGNORECASE):
        return Conflict(
            "Something of that name is already stored",
            why=str(cause).splitlines()[0],
            remedy="read it again; a repeated message needs no repeated act",
        )
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return Unavailable(
            "The database server cannot be reached or refuses",
            why=f"{str(cause).strip().splitlines()[0] if str(cause).strip() else 'connection lost'}; "
            "unless the connection broke during the commit itself, " + _NOTHING,
            remedy="see that PostgreSQL runs, then read again and repeat",
        )
    return None


def _of_sqlite(error: sqlite3.Error) -> Unavailable | None:
    name = getattr(error, "sqlite_errorname", "")
    for prefix, (what, remedy) in _SQLITE.items():
        if name.startswith(prefix):
            return Unavailable(what, why=f"{error}; {_NOTHING}", remedy=remedy)
    return None
