"""The published tlog-tiles log of Tessera, and published notes and cosignatures."""

from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from spean.core.errors import VerificationFailed
from spean.ledger.checkpoint import open_checkpoint, verify_cosignature
from spean.ledger.merkle import consistency_proof, head_at, inclusion_proof, leaf_hash
from spean.ledger.note import format_vkey, open_note, parse_vkey
from spean.ledger.tiles import decode_entries, entries_path, tile_path, verify_log
from spean.ledger.verify import verify_consistency, verify_inclusion

VECTORS = Path(__file__).parent.parent / "data" / "vectors"
LOG = VECTORS / "tessera-log"
KEY = parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")


def read_tile(level: int, index: int, width: int) -> bytes:
    return (LOG / tile_path(level, index, width)).read_bytes()


def checkpoint(size: int):
    return open_checkpoint((LOG / f"checkpoint.{size}").read_bytes(), [KEY])


def test_every_checkpoint_opens_and_names_its_size():
    assert [checkpoint(size).size for size in range(16)] == list(range(16))
    assert open_checkpoint((LOG / "checkpoint").read_bytes(), [KEY]) == checkpoint(15)


@pytest.mark.parametrize("size", range(16))
def test_the_log_verifies_as_a_whole_at_every_size(size):
    def read_file(path: str) -> bytes | None:
        file = LOG / (f"checkpoint.{size}" if path == "checkpoint" else path)
        return file.read_bytes() if file.is_file() else None

    report = verify_log(read_file, [KEY])
    assert (report.origin, report.size) == ("example.com/log/testdata", size)
    assert report.root == checkpoint(size).root == head_at(size, read_tile).root()


@pytest.mark.parametrize("size", range(1, 16))
def test_tiles_are_the_hashes_of_the_entries(size):
    entries = decode_entries((LOG / entries_path(0, size)).read_bytes())
    assert b"".join(leaf_hash(entry) for entry in entries) == read_tile(0, 0, size)


@pytest.mark.parametrize(("old", "new"), list(combinations_with_replacement(range(16), 2)))
def test_every_pair_of_checkpoints_is_consistent(old, new):
    before, after = checkpoint(old), checkpoint(new)
    verify_consistency(old, new, before.root, after.root, consistency_proof(old, new, read_tile))


@pytest.mark.parametrize("size", range(1, 16))
def test_every_entry_is_in_every_later_checkpoint(size):
    root = checkpoint(size).root
    for index, entry in enumerate(decode_entries((LOG / entries_path(0, size)).read_bytes())):
        verify_inclusion(leaf_hash(entry), index, size, inclusion_proof(index, size, read_tile), root)


def keys(name: str):
    return [parse_vkey(line) for line in (VECTORS / "notes" / f"{name}.vkey").read_text().split()]


def test_the_example_of_signed_note():
    note = open_note((VECTORS / "notes" / "signed-note").read_bytes(), keys("signed-note"))
    assert note.text == "This is an example message.\n"


def test_a_real_checkpoint_with_real_cosignatures():
    data = (VECTORS / "notes" / "cosigned-checkpoint").read_bytes()
    log, *witnesses = keys("cosigned-checkpoint")
    assert open_checkpoint(data, [log]).size == 1432088532
    assert [verify_cosignature(data, witness) for witness in witnesses] == [1779573024] * 4


def test_a_real_cosignature_covers_the_size():
    data = (VECTORS / "notes" / "cosigned-checkpoint").read_bytes().replace(b"1432088532", b"1432088533")
    for witness in keys("cosigned-checkpoint")[1:]:
        with pytest.raises(VerificationFailed):
            verify_cosignature(data, witness)


@pytest.mark.parametrize("name", ["signed-note", "cosigned-checkpoint"])
def test_published_verifier_keys_are_written_back_alike(name):
    lines = (VECTORS / "notes" / f"{name}.vkey").read_text().split()
    assert [format_vkey(parse_vkey(line)) for line in lines] == lines
