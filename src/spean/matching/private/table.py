"""Tables of tags: what a holder gives to its partners so that an answer can be looked up without telling the holder (B1, B6).

A *tag* is the first 27 bytes of the oblivious function's output. Its first 8 bytes, the *prefix*, stand in the table; the next 16 are
the *reference*, by which the asker shows the owner that it means something that the owner holds. So the table alone answers a question
wrongly once in 2^64 ÷ items (10 million items: once in 1.8 × 10^12 questions), and a reference settles that too. The last 3 bytes mask
the *group*: a number drawn for each person, so that whoever knows several keys of one person sees that they belong together, and nobody
else does. Two persons of one holding share it once in 16.7 million pairs.

Format (version 1), Elias–Fano with lower parts of whole bytes; all numbers big-endian:

    "SPTAGS1\\n" ‖ low (1 byte) ‖ 0 or 3 (1 byte: bytes of a group) ‖ 0 (2 bytes) ‖ count (8 bytes)
    ‖ bitmap of count + 2^(64 − 8·low) bits, zero-padded to bytes: bit (upper part of item i) + i is set
    ‖ count × low bytes: the lower parts, in order ‖ for persons count × 3 bytes: the masked groups, in order

10 million items take 5.3 bytes each, 1 million 6.1, 100,000 6.2. Prefixes are sorted and unique, so a table has one form and one hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput, TooMuch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Prefixes = NDArray[np.uint64]
    Groups = NDArray[np.uint32]

TAG = 27
PREFIX = 8
REFERENCE = 16
GROUP = 3
_MAGIC = b"SPTAGS1\n"
_HEAD = 20
_LOWS = (8, 7, 6, 5, 4, 3)
MOST = 1 << 28
"""Items of one table; its bitmap is read into memory."""
LEAST = 64
"""A table never shows fewer."""
LEAST_DELTA = 8


def prefix(tag: bytes) -> int:
    """What stands of a tag in the table."""
    return int.from_bytes(tag[:PREFIX], "big")


def reference(tag: bytes) -> str:
    """What the owner finds it by: 32 hex digits."""
    return tag[PREFIX : PREFIX + REFERENCE].hex()


def masked(tag: bytes, group: int) -> int:
    """A group as it stands in the table, and back: without the tag it is noise."""
    return group ^ int.from_bytes(tag[PREFIX + REFERENCE : TAG], "big")


def padded(count: int) -> int:
    """How many items a table of ``count`` shows: the next step of four to eight a doubling, so at most a quarter are dummies."""
    count = max(count, LEAST)
    step = 1 << max(count.bit_length() - 3, 0)
    return -(-count // step) * step


def padded_delta(count: int) -> int:
    """How many items a delta shows: the next power of two, at least eight; none when there are none."""
    return 0 if count == 0 else max(LEAST_DELTA, 1 << (count - 1).bit_length())


class Table:
    """A sorted set of prefixes; of persons, each with its masked group."""

    __slots__ = ("groups", "prefixes")

    def __init__(self, prefixes: Iterable[int] | Prefixes, groups: Iterable[int] | Groups | None = None) -> None:
        """What is given twice is taken once. ``groups``: one for each prefix, masked (``masked``), or none at all."""
        import numpy as np

        given: Any = prefixes if isinstance(prefixes, np.ndarray) else np.fromiter(prefixes, dtype=np.uint64)
        self.prefixes: Prefixes
        self.groups: Groups | None = None
        if groups is None:
            self.prefixes = np.unique(given.astype(np.uint64, copy=False))
            return
        beside: Any = groups if isinstance(groups, np.ndarray) else np.fromiter(groups, dtype=np.uint32)
        self.prefixes, first = np.unique(given.astype(np.uint64, copy=False), return_index=True)
        self.groups = beside.astype(np.uint32, copy=False)[first]

    def __len__(self) -> int:
        return len(self.prefixes)

    def look(self, tags: Sequence[bytes]) -> list[int | None]:
        """For each tag None when it is not in the table, else its group; 0 where the table has no groups."""
        import numpy as np

        if not tags or not len(self):
            return [None] * len(tags)
        asked = np.array([prefix(tag) for tag in tags], dtype=np.uint64)
        places = np.minimum(np.searchsorted(self.prefixes, asked), len(self) - 1)
        found = self.prefixes[places] == asked
        groups = self.groups
        return [
            None if not here else 0 if groups is None else masked(tag, int(groups[place]))
            for here, place, tag in zip(found.tolist(), places.tolist(), tags, strict=True)
        ]

    def changed(self, added: Table, removed: Table) -> Table:
        """The table after a delta; what is removed and added at once is there."""
        import numpy as np

        stays = ~np.isin(self.prefixes, removed.prefixes, assume_unique=True)
        prefixes = np.concatenate([added.prefixes, self.prefixes[stays]])
        if self.groups is None:
            return Table(prefixes)
        if added.groups is None:
            raise _broken("the delta has no groups, the table has")
        return Table(prefixes, np.concatenate([added.groups, self.groups[stays]]))

    def encode(self) -> bytes:
        """Its bytes, the same for the same set."""
        import numpy as np

        count, groups = len(self), self.groups
        low = min(_LOWS, key=lambda each: _size(count, each, 0))
        shift = np.uint64(8 * low)
        upper = np.zeros(count, np.int64) if low == PREFIX else (self.prefixes >> shift).astype(np.int64)
        bits = np.zeros(_bits(count, low), np.uint8)
        bits[upper + np.arange(count)] = 1
        whole = self.prefixes.astype(">u8").view(np.uint8).reshape(count, PREFIX)
        lower = whole[:, PREFIX - low :].tobytes()
        beside = b"" if groups is None else groups.astype(">u4").view(np.uint8).reshape(count, 4)[:, 1:].tobytes()
        head = _MAGIC + bytes((low, 0 if groups is None else GROUP, 0, 0)) + count.to_bytes(8, "big")
        return head + np.packbits(bits).tobytes() + lower + beside

    @classmethod
    def decode(cls, data: bytes) -> Table:
        """Read a table. Raises ``InvalidInput`` for anything that ``encode`` would not have written, ``TooMuch`` for too many."""
        import numpy as np

        if len(data) < _HEAD or not data.startswith(_MAGIC) or data[10:12] != bytes(2):
            raise _broken("its head is not one of version 1")
        low, width, count = data[8], data[9], int.from_bytes(data[12:_HEAD], "big")
        if low not in _LOWS or width not in (0, GROUP):
            raise _broken("its head is not one of version 1")
        if count > MOST:
            raise TooMuch("The table is too large", why=f"{count} items, at most {MOST}", remedy="divide the holding")
        if len(data) != _HEAD + _size(count, low, width):
            raise _broken(f"{len(data)} bytes are not those of {count} items")
        ends = _HEAD + -(-_bits(count, low) // 8)
        bits = np.unpackbits(np.frombuffer(data, np.uint8, ends - _HEAD, _HEAD))
        ones = np.flatnonzero(bits)
        if len(ones) != count or (count and ones[-1] >= _bits(count, low)):
            raise _broken("its bitmap does not count its items")
        whole = np.zeros((count, PREFIX), np.uint8)
        whole[:, PREFIX - low :] = np.frombuffer(data, np.uint8, count * low, ends).reshape(count, low)
        values = whole.view(">u8").reshape(count).astype(np.uint64)
        if low < PREFIX:
            values |= (ones - np.arange(count)).astype(np.uint64) << np.uint64(8 * low)
        if count > 1 and not bool(np.all(values[1:] > values[:-1])):
            raise _broken("its items are not sorted, or one stands twice")
        made = cls.__new__(cls)
        made.prefixes = values
        made.groups = None
        if width:
            four = np.zeros((count, 4), np.uint8)
            four[:, 1:] = np.frombuffer(data, np.uint8, count * GROUP, ends + count * low).reshape(count, GROUP)
            made.groups = four.view(">u4").reshape(count).astype(np.uint32)
        return made


def encode_delta(added: Table, removed: Table) -> bytes:
    """What changed since the delta before: what came in, then what went out."""
    first = added.encode()
    return len(first).to_bytes(4, "big") + first + removed.encode()


def decode_delta(data: bytes) -> tuple[Table, Table]:
    """The inverse; raises as ``Table.decode`` does."""
    end = 4 + int.from_bytes(data[:4], "big")
    if len(data) < 4 or end > len(data):
        raise _broken("its first part is longer than the whole")
    return Table.decode(data[4:end]), Table.decode(data[end:])


def _bits(count: int, low: int) -> int:
    return count + (1 << (64 - 8 * low))


def _size(count: int, low: int, width: int) -> int:
    return -(-_bits(count, low) // 8) + count * (low + width)


def _broken(why: str) -> InvalidInput:
    return InvalidInput("table", why, remedy="fetch it again; call its node's desk when it stays so")
