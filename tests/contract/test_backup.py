"""A backup is whole while writing goes on, leaves keys out, and a restored store can replay erasures."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from test_store_failures import fact, opened

from spean.core.errors import Conflict, Unavailable
from spean.keys import ContentKeys
from spean.store import Store, restore


@pytest.fixture(params=["sqlite", "postgres"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes URLs of empty databases of one kind."""
    numbers = iter(range(9))
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/node-{next(numbers)}.db"
    new: Callable[[], str] = request.getfixturevalue("new_postgres")
    return new


def test_a_backup_is_restored_with_everything(places: Callable[[], str], tmp_path: Path) -> None:
    with opened(places()) as store:
        with store.write() as tx:
            tx.facts.add([fact(number) for number in range(300)])
            tx.outbox.add("TH", [(fact(1).id, "", "", "")], 5)
        store.backup(tmp_path / "backup")
        with store.write() as tx:
            tx.facts.add([fact(999)])
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    url = places()
    restore(tmp_path / "backup", url)
    with Store.open(url) as store:
        store.migrate()
        with store.write() as tx:
            assert len(tx.facts.recent(limit=1_000)) == 300
            assert tx.outbox.add("TH", [(fact(2).id, "", "", "")], 5) == 2
            tx.facts.add([fact(999)])


def test_writing_goes_on_during_a_backup(places: Callable[[], str], tmp_path: Path) -> None:
    over = threading.Event()
    with opened(places()) as store:

        def write() -> None:
            number = 0
            while not over.is_set():
                with store.write() as tx:
                    tx.facts.add([fact(number), fact(number + 1)])
                number += 2

        thread = threading.Thread(target=write)
        thread.start()
        for number in range(3):
            store.backup(tmp_path / f"backup-{number}")
        over.set()
        thread.join()
    url = places()
    restore(tmp_path / "backup-2", url)
    with opened(url) as store, store.read() as tx:
        assert len(tx.facts.recent(limit=100_000)) % 2 == 0


def test_erasures_are_replayed_on_what_was_restored(tmp_path: Path) -> None:
    keys = ContentKeys.open(f"sqlite:///{tmp_path}/keys.db")
    row, key = fact(1), b"k" * 32
    with opened(f"sqlite:///{tmp_path}/node.db") as store:
        keys.put([(row.id, key)])
        with store.write() as tx:
            tx.facts.add([row])
        store.backup(tmp_path / "backup")
        keys.destroy([row.id], 50, "R34")
    assert key not in (tmp_path / "backup").read_bytes()
    restore(tmp_path / "backup", f"sqlite:///{tmp_path}/again.db")
    with opened(f"sqlite:///{tmp_path}/again.db") as store:
        with store.write() as tx:
            tx.facts.erase([entry.id for entry in keys.destroyed()], 60)
        store.scrub()
        with store.read() as tx:
            assert tx.facts.get(row.id).content is None
    assert row.content is not None
    assert row.content not in (tmp_path / "again.db").read_bytes()
    keys.close()


def test_nothing_is_overwritten(places: Callable[[], str], tmp_path: Path) -> None:
    url = places()
    with opened(url) as store:
        store.backup(tmp_path / "backup")
        with pytest.raises(Conflict, match="exists"):
            store.backup(tmp_path / "backup")
    with pytest.raises((Conflict, Unavailable)):
        restore(tmp_path / "backup", url)
    with opened(url) as store, store.write() as tx:
        tx.meta.set("still", "here")


def test_what_is_no_backup_is_said(places: Callable[[], str], tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"no backup " * 5_000)
    for name in ("bad", "none"):
        with pytest.raises(Unavailable):
            restore(tmp_path / name, places())


def test_a_scrubbed_store_holds_no_erased_content(places: Callable[[], str], tmp_path: Path) -> None:
    rows = [fact(number, 700) for number in range(60)]
    url = places()
    with opened(url) as store:
        with store.write() as tx:
            tx.facts.add(rows)
        with store.write() as tx:
            tx.facts.erase([row.id for row in rows[::3]], 9)
        store.scrub()
        with store.read() as tx:
            assert [row.content is None for row in tx.facts.of_record("KR:a:1")] == [at % 3 == 0 for at in range(60)]
        if url.startswith("sqlite"):
            bytes_on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
            assert not any(row.content in bytes_on_disk for row in rows[::3])  # type: ignore[operator]
            assert all(row.content in bytes_on_disk for row in rows[1::3])  # type: ignore[operator]
