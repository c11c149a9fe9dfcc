"""Verifying proofs of the tree (RFC 9162 section 2.1). Every function returns nothing or raises.

Strict: sizes from 0 to 2^63 - 1, hashes of 32 bytes, and exactly as many of them as the sizes demand. The division of
a proof into an *inner* part (below the edge of the tree) and a *border* part (along it) is that of RFC 9162 2.1.3.2,
written so that both lengths are known before the first hash is computed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from spean.core.errors import VerificationFailed
from spean.ledger.merkle import EMPTY_ROOT, HASH, MAX_SIZE, node_hash, split, tree_root

_RESTORE = "ask the log for a fresh proof; if it fails again, treat the log as tampered with"


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ``VerificationFailed`` unless ``proof`` shows that ``leaf`` (a leaf hash) stands at ``index`` of the tree
    with ``size`` leaves and this ``root``."""
    _same_root(root_of_inclusion(leaf, index, size, proof), root)


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root to which ``proof`` leads from ``leaf``; raises when index, size or lengths are impossible."""
    _check_sizes(size, [leaf, *proof])
    if not 0 <= index < size:
        raise _failed(f"a log of {size} leaves has no leaf {index}")
    inner = (index ^ (size - 1)).bit_length()
    _check_length(proof, inner + (index >> inner).bit_count())
    root = _up_inner(leaf, index, proof[:inner])
    for left in proof[inner:]:
        root = node_hash(left, root)
    return root


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ``VerificationFailed`` unless ``proof`` shows that the tree of ``new_size`` leaves and ``new_root`` begins
    with the ``old_size`` leaves of ``old_root``.

    From the empty tree nothing needs showing: its root must be the empty root, and the proof empty.
    """
    _check_sizes(new_size, proof)
    if not 0 <= old_size <= new_size:
        raise _failed(f"a log that had {old_size} leaves cannot have {new_size}: it shrank")
    if old_size == 0:
        _same_root(EMPTY_ROOT, old_root)
    if old_size == new_size:
        _same_root(old_root, new_root)
    else:
        _check_sizes(new_size, [old_root, new_root])
    if old_size in (0, new_size):
        _check_length(proof, 0)
        return
    _check_growth(old_size, new_size, old_root, new_root, proof)


def verify_many(leaves: Mapping[int, bytes], size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ``VerificationFailed`` unless ``proof`` (of ``merkle.inclusion_many``) shows that each leaf hash stands at
    its index in the tree with ``size`` leaves and this ``root``."""
    _check_sizes(size, [*leaves.values(), *proof])
    indexes = sorted(leaves)
    if not indexes or indexes[0] < 0 or indexes[-1] >= size:
        raise _failed(f"no leaf, or an index that a log of {size} leaves does not have")
    hashes = [leaves[index] for index in indexes]
    rest = iter(proof)

    def given() -> bytes:
        try:
            return next(rest)
        except StopIteration:
            raise _failed("the proof is too short") from None

    def visit(low: int, high: int, first: int, last: int) -> bytes:
        """Root over ``low:high``, of which ``hashes[first:last]`` are known."""
        if last - first == high - low:
            return tree_root(hashes[first:last])
        middle = low + split(high - low)
        cut = bisect_left(indexes, middle, first, last)
        if first == cut:
            right = visit(middle, high, cut, last)
            return node_hash(given(), right)
        left = visit(low, middle, first, cut)
        return node_hash(left, visit(middle, high, cut, last) if cut < last else given())

    _same_root(visit(0, size, 0, len(indexes)), root)
    if next(rest, None) is not None:
        raise _failed("the proof is too long")


def _check_growth(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 2.1.4.2 for ``0 < old_size < new_size``: one proof leads to both roots."""
    last = old_size - 1
    shared = (old_size & -old_size).bit_length() - 1
    inner = (last ^ (new_size - 1)).bit_length() - shared
    index = last >> shared
    perfect = old_size == 1 << shared  # then the old tree is one subtree of the new: the proof begins at its root
    _check_length(proof, inner + (index >> inner).bit_count() + (0 if perfect else 1))
    seed, rest = (old_root, proof) if perfect else (proof[0], proof[1:])
    old = new = seed
    for height, hash_ in enumerate(rest[:inner]):
        if index >> height & 1:
            old, new = node_hash(hash_, old), node_hash(hash_, new)
        else:
            new = node_hash(new, hash_)
    for left in rest[inner:]:
        old, new = node_hash(left, old), node_hash(left, new)
    _same_root(old, old_root)
    _same_root(new, new_root)


def _up_inner(leaf: bytes, index: int, proof: Sequence[bytes]) -> bytes:
    root = leaf
    for height, hash_ in enumerate(proof):
        root = node_hash(hash_, root) if index >> height & 1 else node_hash(root, hash_)
    return root


def _check_sizes(size: int, hashes: Sequence[bytes]) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise _failed(f"{size} is no size of a log")
    if any(len(hash_) != HASH for hash_ in hashes):
        raise _failed(f"a hash does not have {HASH} bytes")


def _check_length(proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise _failed(f"the proof has {len(proof)} hashes where {length} belong")


def _same_root(computed: bytes, claimed: bytes) -> None:
    if computed != claimed:
        raise _failed(f"the proof leads to {computed.hex()[:16]}…, not to the root {claimed.hex()[:16]}…")


def _failed(why: str) -> VerificationFailed:
    return VerificationFailed("A proof of the log does not hold", why=why, remedy=_RESTORE)
