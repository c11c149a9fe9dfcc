"""What goes wrong with a database is said in words, nothing is half done, and the next transaction works."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from spean.core.errors import Unavailable
from spean.store import Store
from spean.store.rows import AccessRow, FactRow


def fact(number: int, size: int = 100) -> FactRow:
    return FactRow(
        id=f"{number:064x}",
        record="KR:a:1",
        procedure="a",
        kind="ask",
        origin="KR",
        track="shared",
        at=number,
        payload=b"{}",
        key_id="k",
        signature=bytes(64),
        content=os.urandom(size),
        status="effective",
    )


def opened(url: str) -> Store:
    store = Store.open(url)
    store.migrate()
    return store


# --- two processes, or two replicas, on one database ------------------------------------------------------------
def test_another_process_is_heard(shared_url: str) -> None:
    with opened(shared_url) as here, opened(shared_url) as there:
        before = here.pulse()
        with there.write() as tx:
            tx.meta.set("a", "b")
        until = time.monotonic() + 5
        while here.pulse() == before and time.monotonic() < until:
            threading.Event().wait(0.002)
        assert here.pulse() != before


def test_listening_costs_little(shared_url: str) -> None:
    with opened(shared_url) as store:
        store.pulse()
        start = time.process_time()
        for _ in range(1_000):
            store.pulse()
        assert time.process_time() - start < 0.05


def test_replicas_take_turns_and_the_outbox_has_no_gap(shared_url: str) -> None:
    def queue(first: int) -> None:
        with Store.open(shared_url) as store:
            for number in range(first, first + 15):
                with store.write() as tx:
                    tx.facts.add([fact(number)])
                    tx.outbox.add("TH", [(fact(number).id, "", "", "")], number)

    with opened(shared_url) as store:
        threads = [threading.Thread(target=queue, args=(first,)) for first in (0, 100, 200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.read() as tx:
            assert [row.seq for row in tx.outbox.page("TH", 0, 99)] == list(range(1, 46))


def test_a_snapshot_does_not_move(shared_url: str) -> None:
    with opened(shared_url) as here, opened(shared_url) as there, here.read() as tx:
        assert tx.meta.get("a") is None
        with there.write() as other:
            other.meta.set("a", "b")
        assert tx.meta.get("a") is None


def test_two_replicas_never_take_one_job(shared_url: str) -> None:
    taken: list[int] = []

    def work() -> None:
        with Store.open(shared_url) as store:
            for _ in range(10):
                with store.write() as tx:
                    taken.extend(job.id for job in tx.jobs.due(50, 3))

    with opened(shared_url) as store:
        with store.write() as tx:
            for number in range(40):
                tx.jobs.put("timer", str(number), number)
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(taken) == len(set(taken)) == 40


# --- SQLite ---------------------------------------------------------------------------------------------------------
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/node.db") as store:
        with store.write() as tx:
            tx.facts.add([fact(1)])
            tx.sql.connection.exec_driver_sql("PRAGMA max_page_count=120")
        with pytest.raises(Unavailable, match="disk of the database is full") as caught, store.write() as tx:
            tx.facts.add([fact(number, 20_000) for number in range(2, 60)])
        assert "free some space" in caught.value.remedy
        assert "nothing of this transaction was written" in caught.value.why
        with store.write() as tx:
            assert tx.facts.exists([fact(1).id, fact(2).id]) == {fact(1).id}
            tx.sql.connection.exec_driver_sql("PRAGMA max_page_count=100000")
            tx.facts.add([fact(2)])


_LIMITED = """
import resource, sys
sys.path.insert(0, {here!r})
from test_store_failures import fact, opened
from spean.core.errors import Unavailable
store = opened("sqlite:///" + sys.argv[1])
done, refused = 0, ""
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
while not refused:
    try:
        with store.write() as tx:
            tx.facts.add([fact(done, 30_000)])
        done += 1
    except Unavailable as error:
        refused = error.what
print(done)
print(refused)
"""


def test_a_file_that_may_not_grow_is_said_and_loses_nothing(tmp_path: Path) -> None:
    script = _LIMITED.format(here=str(Path(__file__).parent))
    path = tmp_path / "node.db"
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, refused = done.stdout.splitlines()
    assert refused in ("The disk of the database does not work", "The disk of the database is full")
    assert int(count) > 10
    with opened(f"sqlite:///{path}") as store, store.write() as tx:
        assert len(tx.facts.recent(limit=1_000)) == int(count)
        tx.facts.add([fact(10_000)])


_WRITER = """
import sys
sys.path.insert(0, {here!r})
from test_store_failures import fact, opened
store = opened("sqlite:///" + sys.argv[1])
with store.read() as tx:
    number = len(tx.facts.recent(limit=100_000))
while True:
    with store.write() as tx:
        tx.facts.add([fact(number), fact(number + 1)])
        tx.outbox.add("TH", [(fact(number).id, "", "", ""), (fact(number + 1).id, "", "", "")], 1)
    number += 2
    print(number, flush=True)
"""


def test_kill_9_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    script = _WRITER.format(here=str(Path(__file__).parent))
    path, acknowledged = tmp_path / "node.db", 0
    for lines in (1, 4, 9):
        writer = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        for _ in range(lines):
            acknowledged = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest = writer.communicate()[0].split("\n")[:-1]
        acknowledged = max([acknowledged, *map(int, rest)])
        with opened(f"sqlite:///{path}") as store, store.read() as tx:
            found = len(tx.facts.recent(limit=100_000))
            assert found >= acknowledged
            assert found % 2 == 0
            assert tx.outbox.top("TH") == found == len(tx.outbox.page("TH", 0, 100_000))


def test_a_database_held_by_another_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spean.sql.engine.BUSY", 0.05)
    with opened(f"sqlite:///{tmp_path}/node.db") as store:
        other = sqlite3.connect(tmp_path / "node.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked by another process"), store.write():
            pass
        with store.read() as tx:
            assert tx.meta.get("a") is None
        other.execute("ROLLBACK")
        other.close()
        with store.write() as tx:
            tx.meta.set("a", "b")


def test_a_thread_that_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spean.store.store.BUSY", 0.05)
    held, over = threading.Event(), threading.Event()

    with opened(f"sqlite:///{tmp_path}/node.db") as store:

        def hold() -> None:
            with store.write():
                held.set()
                over.wait(5)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(5)
        with pytest.raises(Unavailable, match="busy"), store.write():
            pass
        over.set()
        thread.join()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "node.db").write_bytes(b"no database " * 1_000)
    with pytest.raises(Unavailable, match="no database"):
        opened(f"sqlite:///{tmp_path}/node.db")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be created"):
        Store.open(f"sqlite:///{tmp_path}/none/node.db")


def test_the_file_is_private(tmp_path: Path) -> None:
    opened(f"sqlite:///{tmp_path}/node.db").close()
    with opened(f"sqlite:///{tmp_path}/node.db") as store, store.write() as tx:
        tx.meta.set("a", "b")
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


# --- PostgreSQL ---------------------------------------------------------------------------------------------------
def cut(url: str) -> None:
    """End every connection to the database of ``url`` but the one that says so."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_a_lost_connection_recovers_by_itself(new_postgres: Callable[[], str]) -> None:
    url = new_postgres()
    with opened(url) as store:
        before = store.pulse()
        with store.read() as tx:
            assert tx.meta.get("a") is None
        cut(url)
        with store.write() as tx:
            tx.meta.set("a", "b")
        cut(url)
        with store.read() as tx:
            assert tx.meta.get("a") == "b"
        assert store.pulse() != before


def test_a_connection_lost_within_a_transaction_is_said(new_postgres: Callable[[], str]) -> None:
    url = new_postgres()

    def broken(store: Store) -> None:
        with store.write() as tx:
            tx.meta.set("a", "b")
            cut(url)
            tx.meta.set("c", "d")

    with opened(url) as store:
        with pytest.raises(Unavailable, match="database server") as caught:
            broken(store)
        assert "read again and repeat" in caught.value.remedy
        with store.write() as tx:
            assert tx.meta.get("a") is None
            tx.meta.set("a", "c")


def test_a_server_that_is_away_is_said(tmp_path: Path) -> None:
    with (
        Store.open(f"postgresql+psycopg://spean@/none?host={tmp_path}") as store,
        pytest.raises(Unavailable, match="database server"),
        store.read(),
    ):
        pass


# --- many rows ----------------------------------------------------------------------------------------------------
def test_readers_of_a_record_are_found_by_an_index(shared_url: str) -> None:
    rows = [
        AccessRow(at=number, user=f"u{number % 50}", act="read", subject=f"KR:a:{number % 4_000}", fact="")
        for number in range(20_000)
    ]
    with opened(shared_url) as store:
        with store.write() as tx:
            tx.access.add(rows)
        with store.read() as tx:
            explain = "EXPLAIN QUERY PLAN" if shared_url.startswith("sqlite") else "EXPLAIN"
            plan = tx.sql.connection.exec_driver_sql(f"{explain} SELECT * FROM access WHERE subject = 'KR:a:7'").all()
            assert "ix_access_subject_n" in str(plan)
            assert len(tx.access.of_subject("KR:a:7")) == 5
