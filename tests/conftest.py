"""Databases for tests. Tests that cannot have PostgreSQL, or strace, are skipped, and the reason is printed."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from spean.store import Store
from spean.store.schema import metadata

SCRIPT = Path(__file__).parent.parent / "scripts" / "postgres.sh"
_LOCALE = "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pages in a browser come last: what is quick fails first, and Playwright's event loop, which stays in its process
    to the end, is in nobody's way. The longest of them is the first, so that no worker is left alone with it."""
    items.sort(key=lambda item: ("browser" in item.path.parts, "story" not in item.path.stem))


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: the collector of cycles need not look through them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server in which tests may create databases: ``$SPEAN_TEST_PG``, or one of our own."""
    given = os.environ.get("SPEAN_TEST_PG")
    if given:
        yield given
        return
    server = subprocess.Popen(["sh", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        if not url or server.stdout.readline().strip() != "ready":
            pytest.skip(
                f"NO POSTGRESQL: scripts/postgres.sh ended with {server.wait()}; set SPEAN_TEST_PG or install it"
            )
        yield url
    finally:
        server.stdin.close()
        server.wait(timeout=30)


@pytest.fixture(scope="session")
def one_loop() -> Iterator[None]:
    """One event loop for the requests of all test clients, which else begin and end two threads for each request."""
    from anyio.from_thread import start_blocking_portal
    from starlette.testclient import TestClient

    with start_blocking_portal() as portal:
        TestClient.portal = portal
        yield
        TestClient.portal = None


@pytest.fixture
def new_postgres(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Makes URLs of fresh, empty databases; they are dropped after the test."""
    made: list[str] = []
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")

    def new() -> str:
        name = f"spean_{os.getpid()}_{next(_numbers)}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 {_LOCALE}")
        made.append(name)
        return make_url(postgres_server).set(database=name).render_as_string(hide_password=False)

    yield new
    with admin.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(scope="session")
def _kept_postgres(postgres_server: str) -> str:
    """One migrated database for the session; creating one takes a second."""
    name = f"spean_{os.getpid()}_kept"
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 {_LOCALE}")
    admin.dispose()
    url = make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with Store.open(url) as store:
        store.migrate()
    return url


@pytest.fixture
def empty_postgres(_kept_postgres: str) -> str:
    """URL of a migrated database without rows. Tests of one process share it one after the other."""
    tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables if table.name != "logs")
    engine = create_engine(_kept_postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY")
        connection.exec_driver_sql("DELETE FROM logs WHERE log NOT IN ('domestic', 'exchange')")
        connection.exec_driver_sql("UPDATE logs SET size = 0, frontier = ''")
    engine.dispose()
    return _kept_postgres


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say aloud what was skipped and why, also under ``-q``."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"SKIPPED {count} tests: {reason}", yellow=True, bold=True)
