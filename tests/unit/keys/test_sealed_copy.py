from __future__ import annotations

from pathlib import Path

import pytest

from spean.core.errors import Conflict, NotFound, Unauthenticated, VerificationFailed
from spean.core.world import SeededEntropy
from spean.keys import ContentKeys
from spean.keys.sealed_copy import MAGIC, read_copy, write_copy

WORDS = "four words or more"


@pytest.fixture
def keys() -> ContentKeys:
    store = ContentKeys.open("sqlite://")
    chance = SeededEntropy(7)
    store.put([(f"{number:064x}", chance.bytes(32)) for number in range(1, 2_502)])
    store.destroy([f"{number:064x}" for number in (3, 2_000)], 5, "court order")
    return store


def test_a_copy_brings_back_every_key_and_what_was_destroyed(keys: ContentKeys, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert write_copy(keys, copy, WORDS, SeededEntropy(1)) == 2_499
    back = ContentKeys.open(f"sqlite:///{tmp_path}/back.db")
    assert read_copy(copy, WORDS, back) == (2_499, 2)
    names = [f"{number:064x}" for number in range(1, 2_502)]
    assert back.get(names) == keys.get(names)
    assert back.destroyed() == keys.destroyed()
    back.put([(names[2], b"k" * 32)])
    assert names[2] not in back.get(names), "a destroyed key cannot come back"


def test_it_is_readable_by_nobody_else_and_holds_no_key_in_the_clear(keys: ContentKeys, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    write_copy(keys, copy, WORDS, SeededEntropy(1))
    assert copy.stat().st_mode & 0o077 == 0
    assert keys.get([f"{1:064x}"])[f"{1:064x}"] not in copy.read_bytes()
    with pytest.raises(Conflict):
        write_copy(keys, copy, WORDS, SeededEntropy(1))
    with pytest.raises(Unauthenticated):
        read_copy(copy, "other words", ContentKeys.open("sqlite://"))
    with pytest.raises(NotFound):
        read_copy(tmp_path / "none", WORDS, ContentKeys.open("sqlite://"))


def test_a_byte_changed_or_cut_off_or_a_chunk_moved_is_noticed(keys: ContentKeys, tmp_path: Path) -> None:
    copy, bad = tmp_path / "copy", tmp_path / "bad"
    write_copy(keys, copy, WORDS, SeededEntropy(1))
    data = copy.read_bytes()
    start = len(MAGIC) + 16
    lengths, at = [], start
    while at < len(data):
        lengths.append(4 + int.from_bytes(data[at : at + 4], "big"))
        at += lengths[-1]
    first, second = lengths[0], lengths[1]
    swapped = data[:start] + data[start + first : start + first + second] + data[start : start + first]
    changes = {
        "flipped": data[:-1] + bytes([data[-1] ^ 1]),
        "cut": data[: -lengths[-1]],
        "half": data[: len(data) // 2],
        "longer": data + b"x",
        "swapped": swapped + data[start + first + second :],
        "another file": b"x" + data[1:],
        "dropped": data[:start] + data[start + first :],
    }
    for changed in changes.values():
        bad.write_bytes(changed)
        with pytest.raises((VerificationFailed, Unauthenticated)):
            read_copy(bad, WORDS, ContentKeys.open("sqlite://"))
