"""The Merkle tree of a log: growing it, and proving from its tiles.

Hashing and proofs are those of RFC 9162 section 2.1 (the same as RFC 6962); tiles are those of C2SP
``tlog-tiles``: tile ``index`` of ``level`` holds the roots of up to 256 perfect subtrees of 256^level leaves each.

Nothing here stores anything. ``grow`` says which tiles are to be written, and every proof asks a ``ReadTile`` for
the tiles that it needs, each once per call.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spean.core.errors import InvalidInput, VerificationFailed

HASH = 32
"""Length of a SHA-256 hash in bytes."""
WIDTH = 256
"""Hashes in a full tile."""
HEIGHT = 8
"""Levels of the binary tree that one tile spans."""
MAX_SIZE = 2**63 - 1
"""Sizes stay below 2^63, so that every implementation can hold them."""
EMPTY_ROOT = hashlib.sha256(b"").digest()

ReadTile = Callable[[int, int, int], bytes]
"""``read(level, index, width)`` returns the first ``width`` hashes of a tile, ``width * 32`` bytes. A tile that has
grown since is cut to ``width``: hashes are only ever appended."""

_sha256 = hashlib.sha256


@dataclass(frozen=True, slots=True)
class Head:
    """The right edge of a tree of ``size`` leaves: all that is needed to append and to name the root.

    ``frontier`` holds the roots of the perfect subtrees into which ``size`` falls, largest (leftmost) first: one for
    each bit that is set in ``size``.
    """

    size: int = 0
    frontier: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE:
            raise InvalidInput("size", f"{self.size} is no size of a log", remedy="give 0 to 2^63 - 1")
        if len(self.frontier) != self.size.bit_count():
            raise InvalidInput("frontier", "it does not belong to this size", remedy="read it anew with head_at")

    def root(self) -> bytes:
        """The root hash of the tree (RFC 9162 2.1.1); of the empty tree, SHA-256 of nothing."""
        return _fold_right(self.frontier) if self.frontier else EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile to be stored under ``(level, index)``, replacing a narrower one."""

    level: int
    index: int
    hashes: bytes
    """1 to 256 hashes, one after the other."""

    @property
    def width(self) -> int:
        return len(self.hashes) // HASH


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a log entry: SHA-256(0x00 ‖ entry) (RFC 9162 2.1.1)."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 9162 2.1.1)."""
    return _sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes, computed from all of them."""
    row = list(leaves)
    while len(row) > 1:
        above = _pair(row)
        if len(row) % 2:
            above.append(row[-1])
        row = above
    return row[0] if row else EMPTY_ROOT


def grow(head: Head, leaves: Sequence[bytes], read: ReadTile) -> tuple[Head, tuple[Tile, ...]]:
    """Append leaf hashes: the new head, and the tiles to be stored in the same transaction.

    A tile of level 0 comes only when it is complete; until then its hashes stand in the leaves themselves, from
    where ``read`` supplies them. A tile of a higher level comes whenever it gained a hash, replacing the narrower one.
    """
    size = head.size + len(leaves)
    edge = _edge(head)
    tiles: list[Tile] = []
    row, height, start = list(leaves), 0, head.size
    while row:
        if height % HEIGHT == 0:
            tiles += _tiles_of(height // HEIGHT, start, row, read)
        if start % 2:
            row.insert(0, edge[height])
        if len(row) % 2:
            edge[height] = row[-1]
        row, height, start = _pair(row), height + 1, start // 2
    bits = range(size.bit_length() - 1, -1, -1)
    return Head(size, tuple(edge[bit] for bit in bits if size >> bit & 1)), tuple(tiles)


def head_at(size: int, read: ReadTile) -> Head:
    """The head of a stored log when it had ``size`` leaves, read back from its tiles."""
    return Head(size, tuple(_Tree(size, read).perfect(0, size)))


def inclusion_proof(index: int, size: int, read: ReadTile) -> tuple[bytes, ...]:
    """Proof that leaf ``index`` is in the tree of ``size`` leaves, leaf's sibling first (RFC 9162 2.1.3.1)."""
    return inclusion_many((index,), size, read)


def inclusion_many(indexes: Sequence[int], size: int, read: ReadTile) -> tuple[bytes, ...]:
    """One proof for several leaves: the fewest hashes that, with the leaves, yield the root.

    Order: the proof of a subtree lists what its left half needs, then what its right half needs; where one half
    holds none of the leaves, its hash comes after the needs of the other half. For one leaf that is the ordinary
    proof. ``verify.verify_many`` reads it back. Raises ``InvalidInput`` for no index or one beyond the size.
    """
    wanted = sorted(set(indexes))
    if not wanted or wanted[0] < 0 or wanted[-1] >= size:
        raise InvalidInput("indexes", f"not all are leaves of a log of {size}", remedy="give 0 to size - 1")
    tree, proof = _Tree(size, read), list[bytes]()

    def visit(low: int, high: int, first: int, last: int) -> None:
        """Collect what ``low:high`` needs; ``wanted[first:last]`` lie in it, at least one."""
        if last - first == high - low:
            return
        middle = low + split(high - low)
        cut = bisect_left(wanted, middle, first, last)
        if first < cut:
            visit(low, middle, first, cut)
        if cut < last:
            visit(middle, high, cut, last)
        if first == cut:
            proof.append(tree.root(low, middle))
        elif cut == last:
            proof.append(tree.root(middle, high))

    visit(0, size, 0, len(wanted))
    return tuple(proof)


def consistency_proof(old: int, new: int, read: ReadTile) -> tuple[bytes, ...]:
    """Proof that the tree of ``new`` leaves only appended to that of ``old`` (RFC 9162 2.1.4.1).

    Empty for ``old == new`` and for ``old == 0``, since every log begins with the empty one.
    """
    if not 0 <= old <= new:
        raise InvalidInput("old", f"a log of {new} leaves never had {old}", remedy="give 0 to new")
    tree, proof = _Tree(new, read), list[bytes]()
    low, high, kept = 0, new, True
    while old not in (0, high):
        middle = low + split(high - low)
        if old <= middle:
            proof.append(tree.root(middle, high))
            high = middle
        else:
            proof.append(tree.root(low, middle))
            low, kept = middle, False
    if not kept:
        proof.append(tree.root(low, high))
    return tuple(reversed(proof))


def split(width: int) -> int:
    """The largest power of two below ``width`` (> 1): where RFC 9162 divides a tree."""
    return 1 << (width - 1).bit_length() - 1


class _Tree:
    """Hashes of subtrees of one tree, out of its tiles; every tile is read once."""

    def __init__(self, size: int, read: ReadTile) -> None:
        if not 0 <= size <= MAX_SIZE:
            raise InvalidInput("size", f"{size} is no size of a log", remedy="give 0 to 2^63 - 1")
        self._size = size
        self._read = read
        self._tiles: dict[tuple[int, int], bytes] = {}

    def root(self, low: int, high: int) -> bytes:
        """Root over the leaves ``low:high``, a subtree that RFC 9162's division yields."""
        return _fold_right(self.perfect(low, high))

    def perfect(self, low: int, high: int) -> list[bytes]:
        """Roots of the perfect subtrees into which ``low:high`` falls, leftmost (largest) first."""
        roots = []
        while low < high:
            height = (high - low).bit_length() - 1
            roots.append(self._node(height, low >> height))
            low += 1 << height
        return roots

    def _node(self, height: int, position: int) -> bytes:
        level, rest = divmod(height, HEIGHT)
        first = position << rest
        tile = self._tile(level, first // WIDTH)
        at = first % WIDTH * HASH
        row = [tile[i : i + HASH] for i in range(at, at + (HASH << rest), HASH)]
        for _ in range(rest):
            row = _pair(row)
        return row[0]

    def _tile(self, level: int, index: int) -> bytes:
        known = self._tiles.get((level, index))
        if known is None:
            width = min(WIDTH, (self._size >> HEIGHT * level) - index * WIDTH)
            known = self._tiles[level, index] = _checked(self._read, level, index, width)
        return known


def _edge(head: Head) -> dict[int, bytes]:
    """The frontier by height of its subtrees."""
    bits = range(head.size.bit_length() - 1, -1, -1)
    return dict(zip((bit for bit in bits if head.size >> bit & 1), head.frontier, strict=True))


def _pair(row: list[bytes]) -> list[bytes]:
    # The slices have equal length except for an odd last hash, which has no parent yet.
    return [_sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]


def _fold_right(roots: Sequence[bytes]) -> bytes:
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = node_hash(left, root)
    return root


def _tiles_of(level: int, start: int, row: list[bytes], read: ReadTile) -> list[Tile]:
    """The tiles that the hashes ``row``, appended at ``start`` of their level, change."""
    tiles, done, end = [], start, start + len(row)
    while done < end:
        index, width = divmod(done, WIDTH)
        upto = min(end, (index + 1) * WIDTH)
        if level > 0 or upto == (index + 1) * WIDTH:
            before = _checked(read, level, index, width) if width else b""
            tiles.append(Tile(level, index, before + b"".join(row[done - start : upto - start])))
        done = upto
    return tiles


def _checked(read: ReadTile, level: int, index: int, width: int) -> bytes:
    tile = read(level, index, width)
    if len(tile) != width * HASH:
        raise VerificationFailed(
            f"Tile {index} of level {level} is damaged",
            why=f"it has {len(tile)} bytes, not {width * HASH}",
            remedy="restore it from a backup or rebuild it from the leaves",
        )
    return tile
