"""A log in memory, and the tree as RFC 9162 defines it, computed naively."""

import hashlib

import pytest

from spean.ledger.merkle import Head, Tile, grow, leaf_hash, node_hash


class MemoryLog:
    """Keeps tiles the way a store does: level 0 when complete, the rest of its leaves as leaves."""

    def __init__(self, size: int = 0, batch: int = 97) -> None:
        self.head = Head()
        self.leaves: list[bytes] = []
        self.tiles: dict[tuple[int, int], Tile] = {}
        self.reads: list[tuple[int, int, int]] = []
        for start in range(0, size, batch):
            self.append([leaf_hash(b"entry %d" % i) for i in range(start, min(size, start + batch))])

    def append(self, leaves: list[bytes]) -> tuple[Tile, ...]:
        self.head, tiles = grow(self.head, leaves, self.read)
        self.leaves += leaves
        for tile in tiles:
            self.tiles[tile.level, tile.index] = tile
        return tiles

    def read(self, level: int, index: int, width: int) -> bytes:
        self.reads.append((level, index, width))
        if level == 0 and (0, index) not in self.tiles:
            return b"".join(self.leaves[index * 256 : index * 256 + width])
        return self.tiles[level, index].hashes[: width * 32]

    def root(self, size: int) -> bytes:
        return naive_root(self.leaves[:size])


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = naive_split(len(leaves))
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = naive_split(len(leaves))
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(old: int, leaves: list[bytes], kept: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162 2.1.4.1."""
    if old == len(leaves):
        return [] if kept else [naive_root(leaves)]
    k = naive_split(len(leaves))
    if old <= k:
        return [*naive_subproof(old, leaves[:k], kept), naive_root(leaves[k:])]
    return [*naive_subproof(old - k, leaves[k:], False), naive_root(leaves[:k])]


def naive_split(width: int) -> int:
    k = 1
    while k * 2 < width:
        k *= 2
    return k


@pytest.fixture(scope="session")
def log() -> MemoryLog:
    """A log of 1,337 leaves, appended in batches that cross the edges of tiles."""
    return MemoryLog(1337)


@pytest.fixture(scope="session")
def naive():
    """The naive functions, as one namespace."""

    class Naive:
        root = staticmethod(naive_root)
        path = staticmethod(naive_path)
        subproof = staticmethod(naive_subproof)

    return Naive


@pytest.fixture(scope="session")
def new_log():
    """Makes a log in memory: ``new_log(size, batch=97)``."""
    return MemoryLog
