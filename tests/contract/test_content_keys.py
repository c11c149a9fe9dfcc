"""Content keys behave the same on every database, and a destroyed one is nowhere."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from spean.core.errors import InvalidInput, Unavailable
from spean.keys import ContentKeys, Destroyed

A, B, C = "aa" * 32, "bb" * 32, "cc" * 32


def test_keys_are_kept_and_found(content_keys: ContentKeys) -> None:
    content_keys.put([(A, b"1" * 32), (B, b"2" * 32)])
    content_keys.put([(A, b"9" * 32)])
    assert content_keys.get([A, B, C]) == {A: b"1" * 32, B: b"2" * 32}
    assert content_keys.get([]) == {}
    assert content_keys.destroyed() == []


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 33, bytes(32)])
def test_what_is_no_key_is_refused_whole(content_keys: ContentKeys, key: bytes) -> None:
    with pytest.raises(InvalidInput, match="32 random bytes"):
        content_keys.put([(A, b"1" * 32), (B, key)])
    assert content_keys.get([A]) == {}


def test_a_destroyed_key_does_not_come_back(content_keys: ContentKeys) -> None:
    content_keys.put([(A, b"1" * 32), (B, b"2" * 32)])
    content_keys.destroy([A, C], 50, "R34")
    content_keys.destroy([A], 90, "other ground")
    content_keys.put([(A, b"1" * 32), (C, b"3" * 32)])
    assert content_keys.get([A, B, C]) == {B: b"2" * 32}
    assert content_keys.destroyed() == [Destroyed(A, 50, "R34"), Destroyed(C, 50, "R34")]
    assert content_keys.destroyed(51) == []


def test_keys_are_listed_in_pages(content_keys: ContentKeys) -> None:
    names = [f"{number:064x}" for number in range(5)]
    content_keys.put([(name, b"k" * 32) for name in names])
    content_keys.destroy([names[1]], 5, "R34")
    first = content_keys.page(limit=2)
    assert [name for _, name in first] == [names[0], names[2]]
    assert [name for _, name in content_keys.page(first[-1][0], 9)] == names[3:]


def test_more_keys_than_one_statement_holds(content_keys: ContentKeys) -> None:
    names = [f"{number:064x}" for number in range(1_300)]
    content_keys.put([(name, b"k" * 32) for name in names])
    assert len(content_keys.get(names)) == 1_300
    content_keys.destroy(names[:1_200], 5, "R34")
    assert sorted(content_keys.get(names)) == names[1_200:]


def test_keys_outlive_the_process(shared_url: str) -> None:
    first = ContentKeys.open(shared_url)
    first.put([(A, b"1" * 32)])
    second = ContentKeys.open(shared_url)
    assert second.get([A]) == {A: b"1" * 32}
    first.destroy([A], 5, "R34")
    assert second.get([A]) == {}
    first.close()
    second.close()


@pytest.mark.parametrize("seed", range(3))
def test_no_file_holds_a_destroyed_key(seed: int, tmp_path: Path) -> None:
    """Also not when rows moved between pages in the meantime: random order, many splits, many rounds."""
    chance = random.Random(seed)
    keys = ContentKeys.open(f"sqlite:///{tmp_path}/keys.db")
    kept: dict[str, bytes] = {}
    gone: list[bytes] = []
    for _ in range(10):
        fresh = {chance.randbytes(32).hex(): chance.randbytes(32) for _ in range(chance.randrange(1, 300))}
        keys.put(list(fresh.items()))
        kept |= fresh
        names = chance.sample(sorted(kept), len(kept) // 3)
        keys.destroy(names, 5, "R34")
        gone += [kept.pop(name) for name in names]
        bytes_on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert not any(key in bytes_on_disk for key in gone)
    assert keys.get(kept) == kept
    keys.close()


def test_a_reader_in_the_way_is_said_and_repeating_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spean.sql.engine.BUSY", 0.1)
    import sqlite3

    keys = ContentKeys.open(f"sqlite:///{tmp_path}/keys.db")
    keys.put([(A, b"1" * 32)])
    reader = sqlite3.connect(tmp_path / "keys.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM content_keys").fetchall()
    with pytest.raises(Unavailable, match="cannot be emptied"):
        keys.destroy([A], 5, "R34")
    assert keys.get([A]) == {}
    reader.close()
    keys.destroy([A], 5, "R34")
    assert not any(b"1" * 32 in path.read_bytes() for path in tmp_path.iterdir())
    keys.close()


def test_keys_of_a_newer_format_are_left_alone(tmp_path: Path) -> None:
    import sqlite3

    url = f"sqlite:///{tmp_path}/keys.db"
    ContentKeys.open(url).close()
    with sqlite3.connect(tmp_path / "keys.db") as connection:
        connection.execute("UPDATE content_format SET version = 9")
    connection.close()
    with pytest.raises(Unavailable, match="format 9"):
        ContentKeys.open(url)
