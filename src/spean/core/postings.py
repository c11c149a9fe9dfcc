"""Which facts of a bucket hold a term, as few bytes: a list of positions while they are few, a bitmap once they are many.

A bucket is ``SIZE`` consecutive running numbers of facts; a position is a fact's place in its bucket. A set of
positions is worked with as one integer, so that *and* and *or* of whole buckets are single operations.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

SIZE = 1 << 13
"""Facts of a bucket: its bitmap fits into a row of either engine, and it is built anew in about a second."""
_MAP = SIZE // 8


def bucket_of(n: int) -> int:
    """The bucket of the fact with running number ``n``."""
    return n // SIZE


def first_of(bucket: int) -> int:
    """The first running number of a bucket."""
    return bucket * SIZE


def last_of(bucket: int) -> int:
    """The last running number of a bucket."""
    return bucket * SIZE + SIZE - 1


def added(data: bytes, positions: Sequence[int]) -> bytes:
    """``data`` with more positions in it; ``b""`` is the empty set."""
    if len(data) < _MAP and len(data) + 2 * len(positions) < _MAP:
        return data + struct.pack(f"<{len(positions)}H", *positions)
    whole = bytearray(as_bits(data).to_bytes(_MAP, "little"))
    for position in positions:
        whole[position >> 3] |= 1 << (position & 7)
    return bytes(whole)


def as_bits(data: bytes) -> int:
    """The set as an integer: bit ``p`` stands for position ``p``. Raises ``ValueError`` for what is no such set."""
    if len(data) == _MAP:
        return int.from_bytes(data, "little")
    if len(data) > _MAP or len(data) % 2:
        raise ValueError(f"{len(data)} bytes are no set of positions")
    whole = bytearray(_MAP)
    for position in struct.unpack(f"<{len(data) // 2}H", data):
        if position >= SIZE:
            raise ValueError(f"there is no position {position}")
        whole[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(whole, "little")


def below(position: int) -> int:
    """The set of all positions smaller than ``position``."""
    return (1 << max(position, 0)) - 1


def newest_first(bits: int) -> Iterator[int]:
    """The positions of a set, the largest first."""
    while bits:
        position = bits.bit_length() - 1
        yield position
        bits ^= 1 << position
