"""The narrow waist between the groups of ``Tx`` and the driver: run a prebuilt statement, write many rows.

SQLAlchemy writes the statements, each once for a kind of database; the driver runs them. Bulk writes are one
``executemany`` of plain tuples. Identifiers are quoted and come from the schema only, never from a caller.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import Connection, Dialect, Executable, MetaData, Table, create_mock_engine
from sqlalchemy.exc import DBAPIError

from spean.sql.engine import driver_of

Made = TypeVar("Made")
_MARKS = {"sqlite": "?", "postgresql": "%s"}
"""How a place for a value is written."""

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
        self._styles = {mark: sql.replace("?", mark) for mark in _MARKS.values()}

    def text(self, mark: str) -> str:
        """The statement with ``mark`` as placeholder (``?`` or ``%s``)."""
        return self._styles[mark]


class _Prepared:
    """A statement of SQLAlchemy, compiled once for one kind of database, with its values by place.

    SQLAlchemy's own execution costs several times what SQLite needs for the answer, so statements are run on the
    driver. Their columns hold whole numbers, text and bytes only, which both drivers give and take as they are.
    """

    __slots__ = ("_compiled", "_fixed", "_lists", "_names", "_texts")

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled: Any = cast(Any, statement).compile(dialect=dialect)
        self._compiled = compiled
        self._names: tuple[str, ...] = tuple(compiled.positiontup)
        binds = {name: compiled.binds[name] for name in self._names}
        self._lists = tuple(name for name, bind in binds.items() if bind.expanding)
        self._fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
        self._texts: dict[tuple[int, ...], str] = {} if self._lists else {(): compiled.string}

    def bound(self, values: dict[str, Any] | None) -> tuple[str, list[Any]]:
        """The text and the values that go with it, in order."""
        if values is None or self._fixed:
            values = {**self._fixed, **(values or {})}
        if not self._lists:
            return self._texts[()], [values[name] for name in self._names]
        values = {**values, **{name: _filled(values[name]) for name in self._lists}}
        sizes = tuple([len(values[name]) for name in self._lists])
        text = self._texts.get(sizes)
        if text is None:
            text = self._texts[sizes] = self._compiled.construct_expanded_state(values).statement
        placed: list[Any] = []
        for name in self._names:
            if name in self._lists:
                placed += values[name]
            else:
                placed.append(values[name])
        return text, placed


def _filled(items: Sequence[Any]) -> list[Any]:
    """``items`` with the last one repeated up to a power of two: ten lengths of a list are ten plans, not five hundred."""
    missing = (1 << (len(items) - 1).bit_length()) - len(items) if items else 0
    return [*items, *list(items[-1:]) * missing]


_PREPARED: dict[str, dict[Executable, _Prepared]] = {kind: {} for kind in _MARKS}
"""By kind of database, and by statement: so a statement is built once, not for each question."""


class Sql:
    """One open transaction on one connection."""

    __slots__ = ("_driver", "_fault", "_kind", "changes", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._driver: Any = driver_of(connection)
        self._kind = connection.dialect.name
        self._fault: type[Exception] = connection.dialect.loaded_dbapi.Error
        self.changes = 0
        """Statements that changed something so far."""

    def rows(self, statement: Executable, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        found: list[tuple[Any, ...]] = self._done(*self._bound(statement, values)).fetchall()
        return found

    def row(self, statement: Executable, values: dict[str, Any] | None = None) -> Any:
        """The first row, or None."""
        return self._done(*self._bound(statement, values)).fetchone()

    def made(
        self, kind: Callable[..., Made], statement: Executable, values: dict[str, Any] | None = None
    ) -> list[Made]:
        """``kind`` of each row, called with the columns by name."""
        cursor = self._done(*self._bound(statement, values))
        names = [column[0] for column in cursor.description]
        return [kind(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]

    def run(self, statement: Executable, values: dict[str, Any] | None = None) -> int:
        """Execute a change; the number of rows that it touched."""
        self.changes += 1
        return int(self._done(*self._bound(statement, values)).rowcount)

    def run_many(self, statement: Executable, values: list[dict[str, Any]]) -> int:
        """Execute a change, which has no list among its values, for each set of values; the rows touched in all."""
        self.changes += 1
        if not values:
            return 0
        bound = [self._bound(statement, each) for each in values]
        return self._done_many(bound[0][0], [placed for _, placed in bound])

    def insert(self, statement: Insert, rows: Sequence[tuple[Any, ...]]) -> int:
        """Insert many rows in one call of the driver; the number written."""
        if not rows:
            return 0
        self.changes += 1
        return self._done_many(statement.text(_MARKS[self._kind]), rows)

    def _bound(self, statement: Executable, values: dict[str, Any] | None) -> tuple[str, list[Any]]:
        known = _PREPARED[self._kind]
        prepared = known.get(statement)
        if prepared is None:
            prepared = known[statement] = _Prepared(statement, self.connection.dialect)
        return prepared.bound(values)

    def _done(self, text: str, values: Sequence[Any]) -> Any:
        try:
            return self._driver.execute(text, values)
        except self._fault as error:
            raise self._explained(error, text) from error

    def _done_many(self, text: str, rows: Sequence[Sequence[Any]]) -> int:
        if len(rows) == 1:
            return int(self._done(text, rows[0]).rowcount)
        cursor = self._driver.cursor()
        try:
            cursor.executemany(text, rows)
        except self._fault as error:
            raise self._explained(error, text) from error
        return int(cursor.rowcount)

    def _explained(self, error: Exception, text: str) -> BaseException:
        """The driver's fault as SQLAlchemy's, without the values; a connection that is lost is given up."""
        dialect = self.connection.dialect
        lost = dialect.is_disconnect(error, self._driver, None)  # type: ignore[arg-type]
        if lost:
            self.connection.invalidate(error)
        return DBAPIError.instance(
            text, None, error, self._fault, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        )


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
    return msgspec.json.decode(text) if text else []


def texts(text: str) -> tuple[str, ...]:
    """A packed list of strings as a tuple."""
    return tuple(unpack(text))


def groups(text: str) -> dict[str, tuple[str, ...]]:
    """A packed mapping of names to lists as a dictionary of tuples."""
    return {name: tuple(values) for name, values in unpack(text or "{}").items()}
