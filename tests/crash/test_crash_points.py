"""2,000 states in which a disk may be found after a crash, each opened with the production code."""

from __future__ import annotations

import random
from pathlib import Path

import crash_check
import crash_torture
import crash_trace
import pytest
from crash_states import Disk, File, apply
from crash_trace import Op

REASON = crash_trace.why_not()
recorded = pytest.mark.skipif(bool(REASON), reason=REASON or "strace is here")


@recorded
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(seed: int) -> None:
    report = crash_torture.torture(1_000, seed)
    assert report.broken == []
    assert report.states == 1_000
    assert set(report.fates) == {"lost", "kept", "some", "shuffled", "torn", "zeroed"}
    assert report.runs == 1
    assert report.moments > report.calls * 0.6


@recorded
@pytest.mark.parametrize("name", ["node.db-wal", "keys.db-wal"])
def test_a_disk_that_ignores_the_sync_of_a_commit_is_found_out(name: str) -> None:
    def heard(op: Op) -> bool:
        return (op.kind, op.name) != ("sync", name)

    assert crash_torture.torture(1_000, 1, alter=heard).broken != []


@recorded
@pytest.mark.parametrize("synced", [True, False])
def test_a_cut_that_is_not_synced_brings_destroyed_keys_back(synced: bool, tmp_path: Path) -> None:
    """SQLite empties its log without a sync; ours follows. Without it this was a bug of ours."""
    ops, secrets = crash_trace.record(tmp_path, 1)
    disk, last, back = Disk(), ops[0], 0
    for at, op in enumerate(ops):
        after_cut = (op.kind, last.kind, op.name) == ("sync", "truncate", last.name)
        last = op
        if synced or not after_cut:
            disk.step(op)
        if op.kind == "ack" and op.data.startswith(b"E"):
            state = disk.after_crash("lost", at, random.Random(at))
            keys = [secrets[name] for name in crash_check.acknowledged(state)[1]]
            back += any(key in content for key in keys for content in state.files.values())
    assert (back == 0) == synced


def test_a_write_beyond_the_end_leaves_zeros_between() -> None:
    content = bytearray(b"ab")
    apply(content, Op("write", "f", 4, b"xy"))
    assert bytes(content) == b"ab\0\0xy"
    apply(content, Op("truncate", "f", 1))
    assert bytes(content) == b"a"


def test_a_synced_file_without_a_synced_name_may_be_gone() -> None:
    disk = Disk()
    for op in (Op("create", "f"), Op("write", "f", 0, b"data"), Op("sync", "f")):
        disk.step(op)
    assert disk.after_crash("lost", 0, random.Random(1)).files == {}
    assert disk.after_crash("kept", 0, random.Random(1)).files == {"f": b"data"}
    disk.step(Op("sync-folder", ""))
    disk.step(Op("unlink", "f"))
    assert disk.after_crash("lost", 0, random.Random(1)).files == {"f": b"data"}
    assert disk.after_crash("kept", 0, random.Random(1)).files == {}


def test_unsynced_writes_may_be_torn_at_any_byte() -> None:
    disk = Disk()
    disk.step(Op("create", "f"))
    disk.now["f"] = File(bytearray(b"old" * 400))
    disk.step(Op("write", "f", 0, b"n" * 1_200))
    found = {disk.after_crash("torn", 0, random.Random(seed)).files.get("f", b"").count(b"n") for seed in range(60)}
    assert {512, 1_024} < found
    assert len(found) > 10
