"""A log as a folder: paths, bundles, and a verification that finds every flipped byte and missing file."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, VerificationFailed
from spean.ledger import ed25519
from spean.ledger.checkpoint import Checkpoint, sign_checkpoint
from spean.ledger.merkle import Head, grow, leaf_hash
from spean.ledger.note import Verifier
from spean.ledger.tiles import (
    MAX_ENTRY,
    TilePath,
    decode_entries,
    encode_entries,
    entries_path,
    parse_path,
    tile_path,
    verify_log,
)

LOG = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
KEY = Verifier("kr.example/exchange", ed25519.public_of(LOG))


def export(entries: list[bytes]) -> dict[str, bytes]:
    """The folder of a log, written from what ``grow`` says."""
    files: dict[str, bytes] = {}
    last: dict[int, bytes] = {}
    head = Head()
    for start in range(0, len(entries), 256):
        bundle = entries[start : start + 256]
        leaves = [leaf_hash(entry) for entry in bundle]
        files[entries_path(start // 256, len(bundle))] = encode_entries(bundle)
        if len(bundle) < 256:
            files[tile_path(0, start // 256, len(bundle))] = b"".join(leaves)
        head, tiles = grow(head, leaves, lambda level, _index, width: last[level][: width * 32])
        for tile in tiles:
            last[tile.level] = tile.hashes
            files.pop(tile_path(tile.level, tile.index, tile.width - 1) if tile.width > 1 else "", None)
            files[tile_path(tile.level, tile.index, tile.width)] = tile.hashes
    files["checkpoint"] = sign_checkpoint(Checkpoint(KEY.name, head.size, head.root()), LOG)
    return files


@pytest.mark.parametrize(
    ("index", "width", "place"),
    [
        (0, 256, "000"),
        (7, 3, "007.p/3"),
        (999, 256, "999"),
        (1000, 256, "x001/000"),
        (1234067, 256, "x001/x234/067"),
        (1234067, 255, "x001/x234/067.p/255"),
        (10**9, 1, "x001/x000/x000/000.p/1"),
    ],
)
def test_paths_are_those_of_the_specification(index, width, place):
    assert tile_path(0, index, width) == f"tile/0/{place}"
    assert tile_path(63, index, width) == f"tile/63/{place}"
    assert entries_path(index, width) == f"tile/entries/{place}"
    assert parse_path(f"tile/5/{place}") == TilePath(5, index, width)
    assert parse_path(f"tile/entries/{place}") == TilePath(None, index, width)


@given(st.integers(0, 63), st.integers(0, 2**55), st.integers(1, 256))
def test_every_path_is_read_back(level, index, width):
    assert parse_path(tile_path(level, index, width)) == TilePath(level, index, width)


@pytest.mark.parametrize(
    "place",
    ["", "0", "00", "0000", "x000/001", "001/002", "x001", "000.p/0", "000.p/256", "000.p/01", "000.p/", "x001/x000/"],
)
def test_a_path_has_one_spelling(place):
    for path in (
        f"tile/0/{place}",
        f"tile/entries/{place}",
        f"tile/00/{place}",
        f"tile/64/{place}",
        f"/tile/0/{place}",
    ):
        with pytest.raises(InvalidInput):
            parse_path(path)


@pytest.mark.parametrize("path", ["tile/64/000", "tile/00/000", "tile/-1/000", "tile/x/000", "tile/0/../000", "../x"])
def test_a_path_leads_nowhere_else(path):
    with pytest.raises(InvalidInput):
        parse_path(path)


@pytest.mark.parametrize(("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_no_path_out_of_range(level, index, width):
    with pytest.raises(InvalidInput):
        tile_path(level, index, width)


@given(st.lists(st.binary(max_size=70), min_size=1, max_size=256))
def test_bundles_are_read_back(entries):
    assert list(decode_entries(encode_entries(entries))) == entries


def test_a_bundle_has_its_limits():
    assert decode_entries(encode_entries([bytes(MAX_ENTRY)])) == (bytes(65535),)
    assert decode_entries(b"") == ()
    assert len(decode_entries(bytes(2) * 256)) == 256
    for entries in ([], [b""] * 257, [bytes(MAX_ENTRY + 1)]):
        with pytest.raises(InvalidInput):
            encode_entries(entries)


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x01", b"\x00\x01a\x00", b"\x00\x02a", bytes(2) * 257, b"\x00\x01ab"])
def test_a_cut_or_overfull_bundle_is_damaged(data):
    with pytest.raises(VerificationFailed, match="damaged"):
        decode_entries(data)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600, 65_536, 65_536 + 300])
def test_an_exported_log_verifies(size):
    files = export([b"%d" % i for i in range(size)])
    report = verify_log(files.get, [KEY])
    assert (report.origin, report.size) == (KEY.name, size)
    asked: list[str] = []
    verify_log(lambda path: asked.append(path) or files.get(path), [KEY])
    assert sorted(asked) == sorted(files)


FILES = export([b"entry %d" % i for i in range(600)])


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_missing_file_is_named(path):
    with pytest.raises(VerificationFailed, match="missing") as caught:
        verify_log({**FILES, path: None}.get, [KEY])
    assert path in str(caught.value)


@pytest.mark.parametrize("path", sorted(FILES))
@pytest.mark.parametrize("at", [0, 1, 2, 40, -1])
def test_a_flipped_byte_is_found(path, at):
    data = bytearray(FILES[path])
    data[at] ^= 1
    with pytest.raises(VerificationFailed) as caught:
        verify_log({**FILES, path: bytes(data)}.get, [KEY])
    if path.startswith("tile/") and "entries" not in path:
        assert path in str(caught.value)


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_cut_or_longer_file_is_found(path):
    for data in (FILES[path][:-1], FILES[path] + b"x", b""):
        with pytest.raises(VerificationFailed):
            verify_log({**FILES, path: data}.get, [KEY])


def test_an_entry_that_was_added_or_removed_is_found():
    path = entries_path(2, 88)
    entries = decode_entries(FILES[path])
    for changed in (entries[:-1], (*entries, b"more"), (*reversed(entries),)):
        with pytest.raises(VerificationFailed):
            verify_log({**FILES, path: encode_entries(changed)}.get, [KEY])


def test_a_consistent_folder_under_a_wrong_root_is_found():
    lie = sign_checkpoint(Checkpoint(KEY.name, 600, bytes(32)), LOG)
    with pytest.raises(VerificationFailed, match="checkpoint: its root"):
        verify_log({**FILES, "checkpoint": lie}.get, [KEY])


def test_a_checkpoint_of_an_unknown_key_is_refused():
    with pytest.raises(VerificationFailed, match="No trusted key"):
        verify_log(FILES.get, [Verifier(KEY.name, bytes(32))])
