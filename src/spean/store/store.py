"""The store: transactions on one database, and the groups of questions that a transaction answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from spean.core.errors import Unavailable
from spean.sql.engine import BUSY, Engines, engines, scrub
from spean.sql.failures import explained
from spean.sql.statement import Sql
from spean.store import maintain
from spean.store import migrate as migrations
from spean.store.facts import FactGroup
from spean.store.log import LogGroup
from spean.store.matching import MatchingGroup
from spean.store.money import MoneyGroup
from spean.store.outbox import OutboxGroup, ReceiptGroup
from spean.store.peers import PeerGroup, WitnessGroup
from spean.store.people import AccessGroup, ExportGroup, MetaGroup, PeopleGroup
from spean.store.private import PrivateGroup
from spean.store.pulse import pulse_of
from spean.store.records import RecordGroup
from spean.store.search import SearchGroup
from spean.store.sign_in import SignInGroup, SubmissionGroup
from spean.store.work import AlarmGroup, JobGroup

_LOCK = (
    "WITH held AS MATERIALIZED (SELECT log FROM logs ORDER BY log FOR UPDATE) "
    "SELECT count(*), pg_notify('spean_pulse', '') FROM held"
)
"""On PostgreSQL a writer holds the heads of the logs, and its commit wakes whoever polls ``pulse``."""

_TOUCHED = ("facts", "fact_waiting", "records", "jobs", "tokens", "access", "meta", "search_terms", "search_buckets",
            "imports", "import_rows", "payments", "mappings", "cases")  # fmt: skip
"""Tables whose rows an erasure changes or drops."""


class Tx:
    """One open transaction. It ends with its ``with`` block: committed, or, after an error, without a trace."""

    __slots__ = (
        "access",
        "alarms",
        "exports",
        "facts",
        "jobs",
        "log",
        "matching",
        "meta",
        "money",
        "outbox",
        "peers",
        "people",
        "private",
        "receipts",
        "records",
        "search",
        "sign_in",
        "sql",
        "submissions",
        "witness",
    )

    def __init__(self, sql: Sql) -> None:
        self.sql = sql
        self.access = AccessGroup(sql)
        self.alarms = AlarmGroup(sql)
        self.exports = ExportGroup(sql)
        self.facts = FactGroup(sql)
        self.jobs = JobGroup(sql)
        self.log = LogGroup(sql)
        self.matching = MatchingGroup(sql)
        self.meta = MetaGroup(sql)
        self.money = MoneyGroup(sql)
        self.outbox = OutboxGroup(sql)
        self.peers = PeerGroup(sql)
        self.people = PeopleGroup(sql)
        self.private = PrivateGroup(sql)
        self.receipts = ReceiptGroup(sql)
        self.records = RecordGroup(sql)
        self.search = SearchGroup(sql)
        self.sign_in = SignInGroup(sql)
        self.submissions = SubmissionGroup(sql)
        self.witness = WitnessGroup(sql)


class Store:
    """A node's database: SQLite (a file, or in memory) or PostgreSQL. Threads may share it."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._pulse = pulse_of(engines)
        self._turn = threading.Lock()
        self._here = threading.local()

    @classmethod
    def open(cls, url: str, *, pool: int = 5) -> Store:
        """Open ``sqlite:///path``, ``sqlite://`` (in memory) or ``postgresql+psycopg://…``; see :meth:`migrate`.

        ``pool`` is the number of readers kept open. Raises ``InvalidInput`` or ``Unavailable``.
        """
        with explained():
            return cls(engines(url, pool, _LOCK))

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path | None:
        """The database file, None in memory and on PostgreSQL."""
        return self._engines.path

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that may change things. Writers take turns, also across the replicas of one database.

        Raises ``Unavailable`` (disk full, connection lost, no turn in 10 s) or ``Conflict``; either way nothing
        is half done. A transaction within a transaction of the same thread is a bug and raises ``RuntimeError``.
        """
        with self._alone(), self._in_turn(), explained():
            connection = self._engines.begin_write()
            try:
                yield Tx(Sql(connection))
                connection.commit()
                self._pulse.beat()
            finally:
                connection.close()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A snapshot: what it shows does not change while it is open. Writing in it raises."""
        # In memory there is one connection, so a reader takes the writers' turn.
        turn = self._in_turn() if self._engines.kind == "memory" else _no_turn()
        with self._alone(), turn, explained():
            connection = self._engines.begin_read()
            try:
                yield Tx(Sql(connection))
            finally:
                self._engines.end_read(connection)

    def pulse(self) -> int:
        """A number that differs after any commit, also another process's. Costs microseconds."""
        with explained():
            return self._pulse.read()

    def migrate(self) -> None:
        """Bring the tables to this version; a new database is created. Safe to call at every start."""
        with self._alone(), self._in_turn(), explained(), self._engines.writer.begin() as connection:
            migrations.migrate(connection)

    def version(self) -> str | None:
        """The revision of the tables, None before the first :meth:`migrate`."""
        with self._alone(), self._in_turn(), explained(), self._engines.writer.begin() as connection:
            return migrations.version(connection)

    def scrub(self) -> None:
        """After an erasure: leave no old byte in pages, write-ahead log or dead rows."""
        with self._alone(), self._in_turn(), explained():
            scrub(self._engines, _TOUCHED)

    def backup(self, target: Path | str) -> None:
        """Copy the database to a new file while writing goes on; content keys are left out by design (D4)."""
        turn = self._in_turn() if self._engines.kind == "memory" else _no_turn()  # as in ``read``
        with self._alone(), turn, explained():
            maintain.backup(self._engines, Path(target))

    def close(self) -> None:
        """Close every connection."""
        self._pulse.close()
        self._engines.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if getattr(self._here, "busy", False):
            raise RuntimeError("this thread has a transaction open: pass its tx on instead of opening another")
        self._here.busy = True
        try:
            yield
        finally:
            self._here.busy = False

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=BUSY):
            raise Unavailable(
                "The database is busy", why=f"another act has held it for {BUSY:.0f} s", remedy="repeat in a moment"
            )
        try:
            yield
        finally:
            self._turn.release()


@contextmanager
def _no_turn() -> Iterator[None]:
    yield
