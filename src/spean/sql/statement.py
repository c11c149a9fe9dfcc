"""The narrow waist between the groups of ``Tx`` and SQLAlchemy: run a prebuilt statement, write many rows.

Bulk writes go to the driver as one ``executemany`` of plain tuples, since building 1,024 parameter dictionaries
costs more than inserting them. Identifiers are quoted and come from the schema only, never from a caller.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, MetaData, Table, create_mock_engine

CHUNK = 500
"""How many names go into one ``IN`` list: below SQLite's limit of variables, and one plan for the cache."""


class Insert:
    """``INSERT`` of whole rows into ``table``, written once per placeholder style.

    ``columns`` are names; ``name=expression`` computes a column in SQL, with one ``?`` for its value. ``tail`` is
    what follows the values, e.g. ``ON CONFLICT …``.
    """

    __slots__ = ("_styles",)

    def __init__(self, table: Table, columns: str | Sequence[str], tail: str = "") -> None:
        parts = [part.partition("=") for part in (columns.split() if isinstance(columns, str) else columns)]
        for name, _, _ in parts:
            table.c[name]
        names = ", ".join(f'"{name}"' for name, _, _ in parts)
        values = ", ".join(expression or "?" for _, _, expression in parts)
        sql = f'INSERT INTO "{table.name}" ({names}) VALUES ({values}) {tail}'  # noqa: S608 - names of the schema
        self._styles = {mark: sql.replace("?", mark) for mark in ("?", "%s")}

    def text(self, mark: str) -> str:
        """The statement with ``mark`` as placeholder (``?`` or ``%s``)."""
        return self._styles[mark]


class Sql:
    """One open transaction on one connection."""

    __slots__ = ("changes", "connection", "mark")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.changes = 0
        """Statements that changed something so far."""
        self.mark = "%s" if connection.dialect.name == "postgresql" else "?"

    def rows(self, statement: Executable, values: dict[str, Any] | None = None) -> Sequence[Any]:
        """All rows of a query."""
        return self.connection.execute(statement, values).all()

    def row(self, statement: Executable, values: dict[str, Any] | None = None) -> Any:
        """The first row, or None."""
        return self.connection.execute(statement, values).first()

    def run(self, statement: Executable, values: dict[str, Any] | None = None) -> int:
        """Execute a change; the number of rows that it touched."""
        self.changes += 1
        return int(self.connection.execute(statement, values).rowcount)

    def run_many(self, statement: Executable, values: list[dict[str, Any]]) -> int:
        """Execute a change for each set of values; the rows touched in all."""
        self.changes += 1
        return int(self.connection.execute(statement, values).rowcount) if values else 0

    def insert(self, statement: Insert, rows: Sequence[tuple[Any, ...]]) -> int:
        """Insert many rows in one call of the driver; the number written."""
        if not rows:
            return 0
        self.changes += 1
        return int(self.connection.exec_driver_sql(statement.text(self.mark), list(rows)).rowcount)


@cache
def _ddl(metadata: MetaData, dialect: Dialect) -> tuple[str, ...]:
    made: list[str] = []
    engine = create_mock_engine(
        f"{dialect.name}://", lambda statement, *_, **__: made.append(str(statement.compile(dialect=dialect)))
    )
    metadata.create_all(engine, checkfirst=False)
    return tuple(made)


def create(connection: Connection, metadata: MetaData) -> None:
    """Create every table of ``metadata``; the statements are compiled once a process."""
    for statement in _ddl(metadata, connection.dialect):
        connection.exec_driver_sql(statement)


def chunks(items: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """``items`` in lists of at most ``size``."""
    whole = list(items)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def pack(value: Any) -> str:
    """A small list or mapping as the JSON text that the tables hold."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def unpack(text: str) -> Any:
    """The inverse of :func:`pack`; empty text is an empty list."""
    return json.loads(text) if text else []


def texts(text: str) -> tuple[str, ...]:
    """A packed list of strings as a tuple."""
    return tuple(unpack(text))


def groups(text: str) -> dict[str, tuple[str, ...]]:
    """A packed mapping of names to lists as a dictionary of tuples."""
    return {name: tuple(values) for name, values in unpack(text or "{}").items()}
