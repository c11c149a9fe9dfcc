"""A log as a folder of files (C2SP ``tlog-tiles``), and the verification of such a folder as a whole.

    checkpoint                     the signed note
    tile/<L>/<N>[.p/<W>]           hashes of level L
    tile/entries/<N>[.p/<W>]       the entries themselves, 256 to a file

Whoever holds the folder and the log's verifier key needs nobody else: every entry, tile and the root are recomputed.
In our exchange log an entry is the payload (header) of a fact, which holds no personal data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from spean.core.errors import InvalidInput, VerificationFailed
from spean.ledger.checkpoint import open_checkpoint
from spean.ledger.merkle import HASH, HEIGHT, WIDTH, Head, grow, leaf_hash
from spean.ledger.note import Verifier

CHECKPOINT = "checkpoint"
MAX_ENTRY = 65_535
"""An entry's length is written in 16 bits."""
MAX_LEVEL = 63

_PREFIX = 2
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")

ReadFile = Callable[[str], bytes | None]
"""``read(path)`` returns a file's bytes, None when there is none. Paths are relative and use ``/``."""


@dataclass(frozen=True, slots=True)
class TilePath:
    """What a path names: a tile of ``level``, or for None a bundle of entries; ``width`` is 256 when full."""

    level: int | None
    index: int
    width: int


@dataclass(frozen=True, slots=True)
class LogReport:
    """A folder that was verified from its entries to its checkpoint."""

    origin: str
    size: int
    root: bytes


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The path of a tile, e.g. ``tile/1/x001/x234/067.p/5``. Raises ``InvalidInput`` out of range."""
    if not 0 <= level <= MAX_LEVEL:
        raise InvalidInput("level", f"{level} is no level of a tile", remedy="give 0 to 63")
    return f"tile/{level}/{_place(index, width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """The path of a bundle of entries. Raises ``InvalidInput`` out of range."""
    return f"tile/entries/{_place(index, width)}"


def parse_path(path: str) -> TilePath:
    """What ``path`` names. Raises ``InvalidInput`` unless it is spelled exactly as ``tile_path`` spells it."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise _bad_path(path)
    kind, place, part = found.groups()
    level = None if kind == "entries" else int(kind)
    index = int(place.replace("/", "").replace("x", ""))
    width = WIDTH if part is None else int(part)
    if (level or 0) > MAX_LEVEL or (part is not None and width >= WIDTH) or place != _digits(index):
        raise _bad_path(path)
    return TilePath(level, index, width)


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """A bundle: each of 1 to 256 entries after its length in 16 bits. Raises ``InvalidInput`` beyond the limits."""
    if not 1 <= len(entries) <= WIDTH or any(len(entry) > MAX_ENTRY for entry in entries):
        raise InvalidInput("entries", "too many, or one too long", remedy=f"1 to {WIDTH} of at most {MAX_ENTRY} bytes")
    return b"".join(len(entry).to_bytes(_PREFIX, "big") + entry for entry in entries)


def decode_entries(data: bytes) -> tuple[bytes, ...]:
    """The entries of a bundle. Raises ``VerificationFailed`` when it does not end with an entry or has over 256."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + _PREFIX
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data) or len(entries) == WIDTH:
            raise VerificationFailed("A bundle of entries is damaged", why="its lengths do not fit", remedy=_RESTORE)
        entries.append(data[start:at])
    return tuple(entries)


def verify_log(read_file: ReadFile, verifiers: Iterable[Verifier]) -> LogReport:
    """Verify an exported log as a whole; memory stays flat however long it is.

    1. The checkpoint is signed by one of ``verifiers`` as its own.
    2. Each bundle of entries is there and holds as many entries as the size says.
    3. Each tile is there and equals the one recomputed from the entries.
    4. The recomputed root is the checkpoint's.

    Raises ``VerificationFailed`` naming the file that is missing or was altered.
    """
    checkpoint = open_checkpoint(_file(read_file, CHECKPOINT), verifiers)
    kept: dict[int, bytes] = {}
    head = Head()
    for start in range(0, checkpoint.size, WIDTH):
        width = min(WIDTH, checkpoint.size - start)
        leaves = _leaves(read_file, start // WIDTH, width)
        if width < WIDTH:
            _compare(read_file, 0, start // WIDTH, b"".join(leaves))
        head, tiles = grow(head, leaves, lambda level, _index, count: kept[level][: count * HASH])
        for tile in tiles:
            kept[tile.level] = tile.hashes
            if tile.width == WIDTH:
                _compare(read_file, tile.level, tile.index, tile.hashes)
    for level, hashes in kept.items():
        if len(hashes) < WIDTH * HASH:
            _compare(read_file, level, checkpoint.size >> HEIGHT * (level + 1), hashes)
    if head.root() != checkpoint.root:
        raise VerificationFailed(
            f"{CHECKPOINT}: its root is not that of the entries",
            why=f"the entries yield {head.root().hex()[:16]}…",
            remedy=_RESTORE,
        )
    return LogReport(checkpoint.origin, checkpoint.size, checkpoint.root)


_RESTORE = "export the log anew, or compare it with a partner's copy"


def _leaves(read_file: ReadFile, index: int, width: int) -> list[bytes]:
    path = entries_path(index, width)
    try:
        entries = decode_entries(_file(read_file, path))
    except VerificationFailed as error:
        raise VerificationFailed(f"{path}: {error.what}", why=error.why, remedy=error.remedy) from None
    if len(entries) != width:
        raise VerificationFailed(
            f"{path}: {len(entries)} entries", why=f"the checkpoint's size asks for {width}", remedy=_RESTORE
        )
    return [leaf_hash(entry) for entry in entries]


def _compare(read_file: ReadFile, level: int, index: int, hashes: bytes) -> None:
    path = tile_path(level, index, len(hashes) // HASH)
    if _file(read_file, path) != hashes:
        raise VerificationFailed(
            f"{path}: differs from what the entries yield",
            why="this tile or an entry below it was altered",
            remedy=_RESTORE,
        )


def _file(read_file: ReadFile, path: str) -> bytes:
    data = read_file(path)
    if data is None:
        raise VerificationFailed(f"{path}: missing", why="the log is not whole", remedy=_RESTORE)
    return data


def _place(index: int, width: int) -> str:
    if index < 0 or not 1 <= width <= WIDTH:
        raise InvalidInput("index", f"{index}, {width} names no tile", remedy=f"index from 0, width 1 to {WIDTH}")
    return _digits(index) if width == WIDTH else f"{_digits(index)}.p/{width}"


def _digits(index: int) -> str:
    """Groups of three digits, all but the last marked by x: 1234067 is ``x001/x234/067``."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def _bad_path(path: str) -> InvalidInput:
    return InvalidInput("path", f"{path[:80]!r} names no tile", remedy="e.g. tile/0/x001/234 or tile/entries/000.p/7")
