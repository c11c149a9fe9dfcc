"""Verification of proofs: everything true passes, everything forged raises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import VerificationFailed
from spean.ledger.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    consistency_proof,
    inclusion_many,
    inclusion_proof,
    leaf_hash,
)
from spean.ledger.verify import root_of_inclusion, verify_consistency, verify_inclusion, verify_many

TOP = 1337
FOREIGN = leaf_hash(b"foreign")


def fails(verify, *arguments) -> str:
    with pytest.raises(VerificationFailed) as caught:
        verify(*arguments)
    assert caught.value.what
    assert caught.value.remedy
    return str(caught.value)


def flipped(hash_: bytes, bit: int) -> bytes:
    return (int.from_bytes(hash_, "big") ^ 1 << bit).to_bytes(32, "big")


def test_every_small_inclusion_and_none_elsewhere(new_log):
    log = new_log(24)
    for size in range(1, 25):
        root = log.root(size)
        for index in range(size):
            proof = inclusion_proof(index, size, log.read)
            verify_inclusion(log.leaves[index], index, size, proof, root)
            for other in {*range(-1, size + 2), size * 2, index + 2**63} - {index}:
                fails(verify_inclusion, log.leaves[index], other, size, proof, root)


def test_every_small_consistency_and_no_other(new_log):
    log = new_log(24)
    for new in range(25):
        for old in range(new + 1):
            proof = consistency_proof(old, new, log.read)
            verify_consistency(old, new, log.root(old), log.root(new), proof)
            for wrong in set(range(1, new + 2)) - {old}:
                fails(verify_consistency, wrong, new, log.root(old), log.root(new), proof)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_forged_inclusion_always_fails(log, data):
    size = data.draw(st.integers(1, TOP))
    index = data.draw(st.integers(0, size - 1))
    leaf, root, proof = log.leaves[index], log.root(size), list(inclusion_proof(index, size, log.read))
    verify_inclusion(leaf, index, size, proof, root)
    assert root_of_inclusion(leaf, index, size, proof) == root
    bit = data.draw(st.integers(0, 255))
    fails(verify_inclusion, flipped(leaf, bit), index, size, proof, root)
    fails(verify_inclusion, leaf, index, size, proof, flipped(root, bit))
    fails(verify_inclusion, leaf, index, size, [*proof, FOREIGN], root)
    fails(verify_inclusion, leaf, index, size, [FOREIGN, *proof], root)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        forged = [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]]
        fails(verify_inclusion, leaf, index, size, forged, root)
        fails(verify_inclusion, leaf, index, size, proof[:at] + proof[at + 1 :], root)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_forged_consistency_always_fails(log, data):
    new = data.draw(st.integers(2, TOP))
    old = data.draw(st.integers(1, new - 1))
    before, after, proof = log.root(old), log.root(new), list(consistency_proof(old, new, log.read))
    verify_consistency(old, new, before, after, proof)
    bit = data.draw(st.integers(0, 255))
    fails(verify_consistency, old, new, flipped(before, bit), after, proof)
    fails(verify_consistency, old, new, before, flipped(after, bit), proof)
    fails(verify_consistency, old, new, before, after, [*proof, FOREIGN])
    fails(verify_consistency, old, new, before, after, [FOREIGN, *proof])
    at = data.draw(st.integers(0, len(proof) - 1))
    fails(verify_consistency, old, new, before, after, [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]])
    fails(verify_consistency, old, new, before, after, proof[:at] + proof[at + 1 :])
    fails(verify_consistency, old, new, before, after, [])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_many_leaves_at_once_true_and_forged(log, data):
    size = data.draw(st.integers(1, TOP))
    indexes = data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=40))
    leaves = {index: log.leaves[index] for index in indexes}
    root, proof = log.root(size), inclusion_many(tuple(indexes), size, log.read)
    verify_many(leaves, size, proof, root)
    bit = data.draw(st.integers(0, 255))
    one = data.draw(st.sampled_from(sorted(indexes)))
    fails(verify_many, {**leaves, one: flipped(leaves[one], bit)}, size, proof, root)
    fails(verify_many, leaves, size, proof, flipped(root, bit))
    fails(verify_many, leaves, size, (*proof, FOREIGN), root)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        fails(verify_many, leaves, size, (*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]), root)
        fails(verify_many, leaves, size, proof[:-1], root)
        fails(verify_many, leaves, size, proof[1:], root)


def test_many_with_one_leaf_is_the_ordinary_proof(log):
    for index in (0, 1, 255, 256, 1000, TOP - 1):
        proof = inclusion_proof(index, TOP, log.read)
        assert inclusion_many([index], TOP, log.read) == proof
        verify_many({index: log.leaves[index]}, TOP, proof, log.root(TOP))


def test_the_whole_log_needs_no_proof(log):
    verify_many(dict(enumerate(log.leaves)), TOP, (), log.root(TOP))


def test_many_leaves_that_cannot_be(log):
    root, proof = log.root(8), inclusion_many([0, 7], 8, log.read)
    fails(verify_many, {}, 8, proof, root)
    fails(verify_many, {}, 0, (), EMPTY_ROOT)
    fails(verify_many, {-1: log.leaves[0], 7: log.leaves[7]}, 8, proof, root)
    fails(verify_many, {0: log.leaves[0], 8: log.leaves[7]}, 8, proof, root)
    assert "32 bytes" in fails(verify_many, {0: log.leaves[0], 7: log.leaves[7] + b"x"}, 8, proof, root)
    assert "32 bytes" in fails(verify_many, {0: log.leaves[0], 7: log.leaves[7]}, 8, [one[:-1] for one in proof], root)
    assert "too short" in fails(verify_many, {0: log.leaves[0], 7: log.leaves[7]}, 8, proof[:-1], root)
    assert "too long" in fails(verify_many, {0: log.leaves[0], 7: log.leaves[7]}, 8, (*proof, FOREIGN), root)


def test_sizes_stay_below_two_to_the_63():
    leaf = leaf_hash(b"x")
    assert "no size" in fails(verify_inclusion, leaf, 0, MAX_SIZE + 1, [leaf] * 63, leaf)
    assert "no size" in fails(verify_inclusion, leaf, 0, -1, [], leaf)
    assert "no size" in fails(verify_consistency, 1, MAX_SIZE + 1, leaf, leaf, [leaf] * 63)
    assert "no size" in fails(verify_consistency, -2, -1, leaf, leaf, [])
    assert "no size" in fails(verify_many, {0: leaf}, MAX_SIZE + 1, [leaf] * 63, leaf)
    assert root_of_inclusion(leaf, 0, MAX_SIZE, [leaf] * 63)
    assert "has no leaf" in fails(verify_inclusion, leaf, 0, 0, [], EMPTY_ROOT)
    for length in range(9):
        assert "has no leaf" in fails(root_of_inclusion, leaf, -1, 8, [leaf] * length)


def test_lengths_are_exact_and_told():
    leaf = leaf_hash(b"x")
    assert "1 hashes where 3 belong" in fails(verify_inclusion, leaf, 0, 8, [leaf], leaf)
    assert "32 bytes" in fails(verify_inclusion, leaf[:-1], 0, 1, [], leaf[:-1])
    assert "32 bytes" in fails(verify_inclusion, leaf, 0, 2, [leaf + b"x"], leaf)
    assert "32 bytes" in fails(verify_consistency, 1, 2, leaf, leaf[:-1], [leaf])
    assert "32 bytes" in fails(verify_consistency, 1, 2, leaf[:-1], leaf, [leaf])
    assert "32 bytes" in fails(verify_consistency, 1, 2, leaf, leaf, [leaf + b"x"])


def test_a_log_that_shrank_says_so(log):
    assert "shrank" in fails(verify_consistency, 9, 8, log.root(9), log.root(8), [])
    assert "shrank" in fails(verify_consistency, -1, 8, log.root(1), log.root(8), [])


def test_every_log_begins_with_the_empty_one(log):
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    verify_consistency(0, 5, EMPTY_ROOT, log.root(5), [])
    fails(verify_consistency, 0, 5, log.root(1), log.root(5), [])
    fails(verify_consistency, 0, 5, EMPTY_ROOT, log.root(5), [FOREIGN])
    fails(verify_consistency, 0, 5, EMPTY_ROOT, b"short", [])
    fails(verify_consistency, 0, 0, EMPTY_ROOT, log.root(1), [])
    fails(verify_consistency, 0, 0, log.root(1), log.root(1), [])


def test_the_same_size_has_one_root(log):
    verify_consistency(7, 7, log.root(7), log.root(7), [])
    assert "not to the root" in fails(verify_consistency, 7, 7, log.root(7), log.root(8), [])
    fails(verify_consistency, 7, 7, log.root(7), log.root(7), [FOREIGN])
