"""Has anything changed? A counter that other processes' commits move too, cheap enough to ask ten times a second."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any, Protocol

from sqlalchemy.engine import URL

from spean.sql.engine import BUSY, Engines


class Pulse(Protocol):
    """``read`` differs from an earlier ``read`` when something was committed between them."""

    def read(self) -> int: ...

    def beat(self) -> None: ...

    def close(self) -> None: ...


class OwnPulse:
    """In memory there is no other process: our own commits are counted."""

    def __init__(self) -> None:
        self._count = 0

    def read(self) -> int:
        return self._count

    def beat(self) -> None:
        self._count += 1

    def close(self) -> None:
        return


class FilePulse:
    """SQLite's ``data_version`` as a connection of its own sees it, which counts every other connection's commit."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
        self._last, self._closed = 0, False

    def read(self) -> int:
        """The number; the last one where the store is being closed under somebody who still has something in hand."""
        with self._lock:
            if not self._closed:
                self._last = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            return self._last

    def beat(self) -> None:
        return

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._connection.close()


class PostgresPulse:
    """Counts notifications, which the server pushes at each commit; reading them costs no round trip."""

    def __init__(self, url: URL) -> None:
        self._lock = threading.Lock()
        self._url = url
        self._count = 0
        self._connection: Any = None

    def read(self) -> int:
        import psycopg  # only a node on PostgreSQL has the driver

        with self._lock:
            try:
                self._drain(psycopg)
            except psycopg.Error:
                # What was committed while we were deaf is unknown: count it as a change and listen anew.
                self._count += 1
                self._connection = None
            return self._count

    def beat(self) -> None:
        # The notification of our own commit is still on its way; it will count once more, which does no harm.
        with self._lock:
            self._count += 1

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _drain(self, psycopg: Any) -> None:
        if self._connection is None:
            plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(plain, autocommit=True, connect_timeout=int(BUSY))
            self._connection.execute("LISTEN spean_pulse")
        wire = self._connection.pgconn
        wire.consume_input()
        while wire.notifies() is not None:
            self._count += 1


def pulse_of(engines: Engines) -> Pulse:
    """The pulse that suits the database."""
    if engines.kind == "postgres":
        return PostgresPulse(engines.url)
    return OwnPulse() if engines.path is None else FilePulse(str(engines.path))
