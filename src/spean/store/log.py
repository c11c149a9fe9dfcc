"""The logs in tables: heads, leaves, tiles.

Level-0 tiles stand in the tiles table when complete; the last, partial one is read from the leaves (docs/design.md,
decision 7). Higher tiles grow in place. C2SP tlog-tiles: 256 hashes of 32 bytes make a full tile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select, update

from spean.core.errors import Conflict, InvalidInput, NotFound
from spean.ledger.merkle import HASH, WIDTH, Head, ReadTile, Tile
from spean.sql.statement import Insert, Sql
from spean.store import schema

_heads = schema.logs.c
_leaf = schema.leaves.c
_HEAD = select(_heads.size, _heads.frontier).where(_heads.log == bindparam("log"))
_MOVE = (
    update(schema.logs)
    .where(_heads.log == bindparam("name"), _heads.size == bindparam("start"))
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"))
)
_NEW_LOG = Insert(schema.logs, "log size frontier")
_LEAF = Insert(schema.leaves, "log idx id padding")
_TILE = Insert(
    schema.tiles,
    "log level idx hashes",
    'ON CONFLICT ("log", "level", "idx") DO UPDATE SET "hashes" = excluded."hashes"',
)
_READ_TILE = select(schema.tiles.c.hashes).where(
    schema.tiles.c.log == bindparam("log"),
    schema.tiles.c.level == bindparam("level"),
    schema.tiles.c.idx == bindparam("idx"),
)
_RANGE = (_leaf.log == bindparam("log"), _leaf.idx >= bindparam("start"), _leaf.idx < bindparam("end"))
_IDS = select(_leaf.id).where(*_RANGE).order_by(_leaf.idx)
_ENTRIES = (
    select(_leaf.idx, _leaf.padding, schema.facts.c.payload)
    .select_from(schema.leaves.outerjoin(schema.facts, schema.facts.c.id == _leaf.id))
    .where(*_RANGE)
    .order_by(_leaf.idx)
)
_NAMES = select(_heads.log).order_by(_heads.log)


class LogGroup:
    """``tx.log``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def names(self) -> list[str]:
        """The logs of this node."""
        return [row[0] for row in self._sql.rows(_NAMES)]

    def head(self, log: str) -> Head:
        """Size and frontier of ``log``; an unknown log is empty."""
        row = self._sql.row(_HEAD, {"log": log})
        if row is None:
            return Head()
        return Head(row[0], tuple(row[1][at : at + HASH] for at in range(0, len(row[1]), HASH)))

    def save(
        self,
        log: str,
        head: Head,
        start: int,
        ids: Sequence[bytes],
        tiles: Sequence[Tile],
        padding: Mapping[int, bytes] | None = None,
    ) -> None:
        """Append leaves ``ids`` from index ``start`` and move the head.

        ``tiles`` are written over what stands; incomplete ones of level 0 are left out. ``padding`` maps the
        index of a leaf without a fact to its entry. Raises ``Conflict`` when the log is not of size ``start``.
        """
        if head.size != start + len(ids):
            raise InvalidInput("head", f"size {head.size} after {start} + {len(ids)} leaves", remedy="append in order")
        frontier = b"".join(head.frontier)
        moved = self._sql.run(_MOVE, {"name": log, "start": start, "new_size": head.size, "new_frontier": frontier})
        if moved == 0:
            if start != 0 or self._sql.row(_HEAD, {"log": log}) is not None:
                raise Conflict(f"The log {log} is no longer of size {start}", remedy="read its head again and repeat")
            self._sql.insert(_NEW_LOG, [(log, head.size, frontier)])
        extra = padding or {}
        self._sql.insert(_LEAF, [(log, start + at, id_, extra.get(start + at)) for at, id_ in enumerate(ids)])
        self._sql.insert(_TILE, [(log, tile.level, tile.index, tile.hashes) for tile in tiles if _kept(tile)])

    def reader(self, log: str) -> ReadTile:
        """A function that reads the tile (level, index) of ``log``, ``width`` hashes wide."""

        def read(level: int, index: int, width: int) -> bytes:
            if level == 0 and width < WIDTH:
                found = b"".join(self.leaf_ids(log, index * WIDTH, index * WIDTH + width))
            else:
                row = self._sql.row(_READ_TILE, {"log": log, "level": level, "idx": index})
                found = b"" if row is None else row[0][: width * HASH]
            if len(found) != width * HASH:
                raise NotFound(f"The log {log} has no tile {level}/{index} of width {width}")
            return found

        return read

    def leaf_ids(self, log: str, start: int, end: int) -> list[bytes]:
        """The leaf hashes of ``start`` up to, not including, ``end``."""
        return [row[0] for row in self._sql.rows(_IDS, {"log": log, "start": start, "end": end})]

    def entry(self, log: str, index: int) -> bytes:
        """The log entry at ``index``: the fact's payload, or the padding. Raises ``NotFound``."""
        found = self.entries(log, index, index + 1)
        if not found:
            raise NotFound(f"The log {log} has no entry {index}")
        return found[0]

    def entries(self, log: str, start: int, end: int) -> list[bytes]:
        """The entries of ``start`` up to ``end``, as far as the log reaches. Raises ``NotFound`` for a hole."""
        result: list[bytes] = []
        for index, padding, payload in self._sql.rows(_ENTRIES, {"log": log, "start": start, "end": end}):
            entry = payload if padding is None else padding
            if entry is None:
                raise NotFound(f"The fact of entry {index} of the log {log} is not in the store")
            result.append(entry)
        return result


def _kept(tile: Tile) -> bool:
    return tile.level > 0 or tile.width == WIDTH
