"""Disks and lines that fail at seeded moments.

A *crash* comes before a statement, between the commits of the two databases, or after the commit before anybody heard of
it. What the production driver does to a real disk at such a moment is examined by ``tests/crash``; here the process dies
and the disk keeps exactly what was committed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Executable

from spean.core.errors import Unavailable
from spean.keys import ContentKeys
from spean.sql.statement import Insert, Sql
from spean.store import Store
from spean.store.store import Tx


class Crash(BaseException):
    """The process of ``node`` is dead. No code of ours catches it."""

    def __init__(self, node: str, where: str) -> None:
        super().__init__(f"{node} dies at {where}")
        self.node = node


class Faults:
    """When the next failure of one node comes. All zero: none."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.crash_in = 0
        """Points until the process dies."""
        self.refuse = 0
        """Attempts to write that a full disk still refuses, after ``wait`` that it lets pass."""
        self.wait = 0
        self.rolls_back = False
        """Whether the database, when it is full, has rolled the transaction back by itself, as SQLite may."""
        self.passed = 0

    def calm(self) -> None:
        """Nothing fails from now on."""
        self.crash_in = self.refuse = self.wait = 0

    def point(self, where: str) -> None:
        """A moment at which the process may die."""
        self.passed += 1
        if self.crash_in:
            self.crash_in -= 1
            if self.crash_in == 0:
                raise Crash(self.node, where)

    def writes(self, where: str) -> None:
        """A moment at which the process may die or the disk be full."""
        self.point(where)
        if self.refuse and self.wait:
            self.wait -= 1
        elif self.refuse:
            self.refuse -= 1
            raise Unavailable("The disk of the database is full", why=f"at {where}", remedy="free some space")


class FaultySql(Sql):
    """Statements that may fail."""

    __slots__ = ("faults",)

    def __init__(self, sql: Sql, faults: Faults) -> None:
        super().__init__(sql.connection)
        self.faults = faults

    def run(self, statement: Executable, values: dict[str, Any] | None = None) -> int:
        self._point()
        return super().run(statement, values)

    def run_many(self, statement: Executable, values: list[dict[str, Any]]) -> int:
        if values:
            self._point()
        return super().run_many(statement, values)

    def insert(self, statement: Insert, rows: Sequence[tuple[Any, ...]]) -> int:
        if rows:
            self._point()
        return super().insert(statement, rows)

    def _point(self) -> None:
        try:
            self.faults.writes("a statement")
        except Unavailable:
            if self.faults.rolls_back:
                self.connection.exec_driver_sql("ROLLBACK")
            raise


class FaultyStore(Store):
    """A store whose disk and process may fail."""

    faults: Faults

    @contextmanager
    def write(self) -> Iterator[Tx]:
        self.faults.writes("the beginning of a transaction")
        with super().write() as tx:
            yield Tx(FaultySql(tx.sql, self.faults))
            self.faults.writes("the commit")
        self.faults.point("the moment after the commit")

    def scrub(self) -> None:
        self.faults.point("a scrub")
        super().scrub()


class FaultyKeys(ContentKeys):
    """Content keys whose disk and process may fail."""

    faults: Faults

    def put(self, items: Sequence[tuple[str, bytes]]) -> None:
        self.faults.writes("the commit of content keys")
        super().put(items)
        self.faults.point("the moment between the commits")

    def destroy(self, ids: Iterable[str], at: int, ground: str) -> None:
        self.faults.writes("the destruction of keys")
        super().destroy(ids, at, ground)
        self.faults.point("the moment after the destruction of keys")


def open_faulty(faults: Faults) -> tuple[Store, ContentKeys]:
    """Databases in memory that fail as ``faults`` says."""
    store, content = FaultyStore.open("sqlite://"), FaultyKeys("sqlite://")
    assert isinstance(store, FaultyStore)
    store.faults = content.faults = faults
    return store, content


class Noise:
    """What a line does to messages: probabilities in thousandths, drawn from the history's own chance."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lose = self.double = self.late = self.alter = 0
        self.on = False

    def hits(self, thousandths: int) -> bool:
        """Whether it happens now."""
        return self.on and self.rng.randrange(1000) < thousandths

    def flipped(self, data: bytes) -> bytes:
        """``data`` with one bit changed."""
        place = self.rng.randrange(len(data))
        return data[:place] + bytes([data[place] ^ (1 << self.rng.randrange(8))]) + data[place + 1 :]
