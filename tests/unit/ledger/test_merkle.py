"""Growing the tree and proving from its tiles, against the naive recursion of the RFC."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, VerificationFailed
from spean.ledger.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    Head,
    Tile,
    consistency_proof,
    grow,
    head_at,
    inclusion_many,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_root,
)

TOP = 1337


def test_hashes_are_those_of_the_rfc():
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()
    assert node_hash(b"l" * 32, b"r" * 32) == hashlib.sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()
    assert Head().root() == EMPTY_ROOT == tree_root([]) == hashlib.sha256(b"").digest()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 300), max_size=8))
def test_growing_in_any_batches_gives_the_root_of_the_rfc(new_log, naive, batches):
    log = new_log()
    for width in batches:
        log.append([leaf_hash(b"%d %d" % (len(log.leaves), i)) for i in range(width)])
        assert log.head.size == len(log.leaves)
        assert log.head.root() == naive.root(log.leaves) == tree_root(log.leaves)
        assert head_at(log.head.size, log.read) == log.head


def test_tiles_are_what_the_specification_says(new_log, naive):
    log = new_log(70_000, batch=1024)
    widths = {key: tile.width for key, tile in log.tiles.items()}
    assert sum(1 for level, _ in widths if level == 0) == 273
    assert all(width == 256 for (level, _), width in widths.items() if level == 0)
    assert {key: width for key, width in widths.items() if key[0] > 0} == {(1, 0): 256, (1, 1): 17, (2, 0): 1}
    assert log.tiles[0, 3].hashes == b"".join(log.leaves[768:1024])
    assert log.tiles[1, 1].hashes[:32] == naive.root(log.leaves[65536:65792])
    assert log.tiles[2, 0].hashes == naive.root(log.leaves[:65536])


def test_a_tile_of_level_0_comes_once_and_only_when_complete(new_log):
    log = new_log(255, batch=255)
    assert log.tiles == {}
    tiles = log.append([leaf_hash(b"last")])
    assert [(tile.level, tile.index, tile.width) for tile in tiles] == [(0, 0, 256), (1, 0, 1)]
    assert log.append([leaf_hash(b"next")]) == ()


def test_growing_reads_at_most_one_tile_a_level(new_log):
    log = new_log(256 * 256 + 300, batch=4096)
    log.reads.clear()
    log.append([leaf_hash(b"%d" % i) for i in range(1024)])
    assert sorted(log.reads) == [(0, 257, 44), (1, 1, 1)]


def test_a_wide_append_fills_several_tiles_at_once(new_log):
    log = new_log(100)
    tiles = log.append([leaf_hash(b"%d" % i) for i in range(600)])
    assert [(tile.level, tile.index, tile.width) for tile in tiles] == [(0, 0, 256), (0, 1, 256), (1, 0, 2)]


def test_nothing_appended_changes_nothing(log):
    assert grow(log.head, [], log.read) == (log.head, ())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_inclusion_proofs_are_those_of_the_rfc(log, naive, data):
    size = data.draw(st.integers(1, TOP))
    index = data.draw(st.integers(0, size - 1))
    assert list(inclusion_proof(index, size, log.read)) == naive.path(index, log.leaves[:size])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_consistency_proofs_are_those_of_the_rfc(log, naive, data):
    new = data.draw(st.integers(1, TOP))
    old = data.draw(st.integers(1, new))
    assert list(consistency_proof(old, new, log.read)) == naive.subproof(old, log.leaves[:new])


def test_every_small_consistency_proof(new_log, naive):
    log = new_log(40)
    for new in range(1, 41):
        for old in range(1, new + 1):
            assert list(consistency_proof(old, new, log.read)) == naive.subproof(old, log.leaves[:new])


def test_from_nothing_no_proof_is_needed(log):
    assert consistency_proof(0, 7, log.read) == () == consistency_proof(0, 0, log.read)


def test_many_proofs_share_what_they_can(log):
    assert inclusion_many(range(TOP), TOP, log.read) == ()
    page = inclusion_many(range(256, 512), TOP, log.read)
    assert len(page) == 3
    assert inclusion_many([5, 4, 5], TOP, log.read) == inclusion_many([4, 5], TOP, log.read)
    assert inclusion_many([4, 5], TOP, log.read) == inclusion_proof(4, TOP, log.read)[1:]


def test_a_proof_reads_each_tile_once_and_as_wide_as_it_was(new_log):
    log = new_log(2000)
    log.reads.clear()
    inclusion_many(range(700, 956), 1900, log.read)
    assert sorted(log.reads) == sorted(set(log.reads))
    assert {(level, index): width for level, index, width in log.reads}[1, 0] == 7
    log.reads.clear()
    consistency_proof(1799, 1900, log.read)
    assert sorted(log.reads) == [(0, 7, 108), (1, 0, 7)]


def test_a_proof_for_an_old_size_stays_the_same_as_the_log_grows(new_log):
    log = new_log(300)
    before = inclusion_proof(17, 300, log.read), consistency_proof(100, 300, log.read)
    log.append([leaf_hash(b"%d" % i) for i in range(900)])
    assert (inclusion_proof(17, 300, log.read), consistency_proof(100, 300, log.read)) == before


@pytest.mark.parametrize(("indexes", "size"), [([], 5), ([5], 5), ([-1], 5), ([0], 0), ([0], MAX_SIZE + 1), ([0], -1)])
def test_an_impossible_inclusion_is_refused(log, indexes, size):
    with pytest.raises(InvalidInput):
        inclusion_many(indexes, size, log.read)


@pytest.mark.parametrize(("old", "new"), [(6, 5), (-1, 5), (0, -1), (1, MAX_SIZE + 1)])
def test_an_impossible_consistency_is_refused(log, old, new):
    with pytest.raises(InvalidInput):
        consistency_proof(old, new, log.read)


@pytest.mark.parametrize(("size", "frontier"), [(1, ()), (0, (b"x" * 32,)), (-1, ()), (MAX_SIZE + 1, (b"x" * 32,))])
def test_a_head_belongs_to_its_size(size, frontier):
    with pytest.raises(InvalidInput):
        Head(size, frontier)


def test_a_damaged_tile_is_noticed(log):
    with pytest.raises(VerificationFailed, match="level 0"):
        inclusion_proof(3, 700, lambda level, index, width: log.read(level, index, width)[:-1])


def test_the_largest_log_can_be_proved():
    full = hashlib.sha256(b"tile").digest() * 256
    proof = inclusion_proof(MAX_SIZE - 1, MAX_SIZE, lambda _level, _index, width: full[: width * 32])
    assert len(proof) == 62


def test_a_tile_knows_its_width():
    assert Tile(0, 0, b"x" * 96).width == 3
