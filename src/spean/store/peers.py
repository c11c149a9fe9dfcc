"""Partner nodes and their keys; checkpoints that we have verified, and cosignatures on them."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, func, select, update

from spean.core.errors import NotFound
from spean.sql.statement import Insert, Sql
from spean.store import schema
from spean.store.rows import CheckpointRow, PeerKeyRow, PeerRow

_p = schema.peers.c
_P_NAMES = tuple(column.name for column in _p)
_P_ALL = select(schema.peers).order_by(_p.node)
_P_ONE = select(schema.peers).where(_p.node == bindparam("node"))
_P_SAVE = Insert(
    schema.peers,
    " ".join(_P_NAMES),
    'ON CONFLICT ("node") DO UPDATE SET ' + ", ".join(f'"{name}" = excluded."{name}"' for name in _P_NAMES[1:]),
)

_k = schema.peer_keys.c
_K_NAMES = tuple(column.name for column in _k)
_K_ADD = Insert(schema.peer_keys, " ".join(_K_NAMES), "ON CONFLICT DO NOTHING")
_K_ALL = select(schema.peer_keys).where(_k.node == bindparam("node")).order_by(_k.valid_from, _k.key_id, _k.use)
_K_USE = _K_ALL.where(_k.use == bindparam("use"))
_K_ONE = select(schema.peer_keys).where(_k.key_id == bindparam("key_id")).order_by(_k.node, _k.use)
_K_REVOKE = (
    update(schema.peer_keys)
    .where(_k.key_id == bindparam("of"), _k.revoked_at.is_(None))
    .values(revoked_at=bindparam("when"))
)
_K_EXPIRE = update(schema.peer_keys).where(_k.key_id == bindparam("of")).values(valid_until=bindparam("when"))

_w = schema.checkpoints.c
_W_ADD = Insert(schema.checkpoints, "origin size root note at seen_from", "ON CONFLICT DO NOTHING")
_W_ORIGIN = select(schema.checkpoints).where(_w.origin == bindparam("origin"))
_W_LATEST = _W_ORIGIN.order_by(_w.size.desc(), _w.at).limit(1)
_W_HISTORY = _W_ORIGIN.order_by(_w.size, _w.at)
_W_SIZE = _W_ORIGIN.where(_w.size == bindparam("size")).order_by(_w.at, _w.root)
_s = schema.cosignatures.c
_S_ADD = Insert(schema.cosignatures, "origin size witness line at", "ON CONFLICT DO NOTHING")
_S_ALL = (
    select(_s.witness, _s.line)
    .where(_s.origin == bindparam("origin"), _s.size == bindparam("size"))
    .order_by(_s.witness)
)
_S_SIZES = (
    select(_s.size)
    .where(_s.origin == bindparam("origin"), _s.size > bindparam("above"))
    .group_by(_s.size)
    .order_by(func.count().desc(), _s.size.desc())
    .limit(bindparam("limit"))
)
_S_REACH = (
    select(_s.size)
    .where(_s.origin == bindparam("origin"), _s.witness == bindparam("witness"))
    .order_by(_s.size.desc())
    .limit(1)
)


@cache
def _seen(names: tuple[str, ...]) -> Update:
    """A change of these fields of a peer's row."""
    return (
        update(schema.peers).where(_p.node == bindparam("of")).values({name: bindparam(f"to_{name}") for name in names})
    )


class PeerGroup:
    """``tx.peers``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def save(self, row: PeerRow) -> None:
        """Add the peer or replace its row."""
        self._sql.insert(_P_SAVE, [tuple(getattr(row, name) for name in _P_NAMES)])

    def get(self, node: str) -> PeerRow:
        """The peer; raises ``NotFound``."""
        for row in self._sql.made(PeerRow, _P_ONE, {"node": node}):
            return row
        raise NotFound(f"No peer {node} here", remedy="spean peer list shows those that are")

    def seen(self, node: str, **changes: Any) -> None:
        """Change named fields of the peer's row, e.g. ``last_contact=…, failures=0``. Raises ``NotFound``."""
        unknown = set(changes) - set(_P_NAMES[1:])
        if unknown:
            raise TypeError(f"a peer has no {sorted(unknown)}")
        values = {"of": node, **{f"to_{name}": value for name, value in changes.items()}}
        if changes and self._sql.run(_seen(tuple(changes)), values) == 0:
            raise NotFound(f"No peer {node} here")

    def add_key(self, row: PeerKeyRow) -> None:
        """Add a key; one that is here already stays as it is, so a revoked key cannot be added back."""
        self._sql.insert(_K_ADD, [tuple(getattr(row, name) for name in _K_NAMES)])

    def keys(self, node: str, use: str | None = None) -> list[PeerKeyRow]:
        """Keys of ``node``, oldest first, revoked and expired ones included."""
        query = _K_ALL if use is None else _K_USE
        return self._sql.made(PeerKeyRow, query, {"node": node} if use is None else {"node": node, "use": use})

    def key(self, key_id: str) -> list[PeerKeyRow]:
        """The keys of that id: none or one, unless a node uses one key for two things."""
        return self._sql.made(PeerKeyRow, _K_ONE, {"key_id": key_id})

    def revoke_key(self, key_id: str, at: int) -> None:
        """Believe nothing signed with it from ``at`` on; an earlier revocation stands. Raises ``NotFound``."""
        if self._sql.run(_K_REVOKE, {"of": key_id, "when": at}) == 0 and not self.key(key_id):
            raise NotFound(f"No key {key_id} here")

    def expire_key(self, key_id: str, at: int) -> None:
        """Set the end of the key's validity (rotation). Raises ``NotFound``."""
        if self._sql.run(_K_EXPIRE, {"of": key_id, "when": at}) == 0:
            raise NotFound(f"No key {key_id} here")

    def list(self) -> list[PeerRow]:
        """All peers, also the revoked ones, by name."""
        return self._sql.made(PeerRow, _P_ALL)


class WitnessGroup:
    """``tx.witness``: what we have seen of logs, ours and others'."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def save(self, row: CheckpointRow) -> None:
        """Keep a verified checkpoint; the same size with another root is kept beside it, as evidence of a fork."""
        self._sql.insert(_W_ADD, [(row.origin, row.size, row.root, row.note, row.at, row.seen_from)])

    def latest(self, origin: str) -> CheckpointRow | None:
        """The largest checkpoint of the log ``origin``, None if we have seen none."""
        return next(iter(self._sql.made(CheckpointRow, _W_LATEST, {"origin": origin})), None)

    def at_size(self, origin: str, size: int) -> list[CheckpointRow]:
        """The checkpoints of that size, first seen first: more than one means a fork."""
        return self._sql.made(CheckpointRow, _W_SIZE, {"origin": origin, "size": size})

    def history(self, origin: str) -> list[CheckpointRow]:
        """Every checkpoint that we keep of the log ``origin``, the smallest first."""
        return self._sql.made(CheckpointRow, _W_HISTORY, {"origin": origin})

    def cosigned_sizes(self, origin: str, *, above: int, limit: int) -> list[int]:
        """Sizes beyond ``above`` that a witness has cosigned, those with most cosignatures first, then the largest."""
        return [int(row[0]) for row in self._sql.rows(_S_SIZES, {"origin": origin, "above": above, "limit": limit})]

    def add_cosignature(self, origin: str, size: int, witness: str, line: str, at: int) -> None:
        """Keep a witness's cosignature line; the first one of a witness stands."""
        self._sql.insert(_S_ADD, [(origin, size, witness, line, at)])

    def reach(self, origin: str, witness: str) -> int:
        """The largest size of that log which the witness has cosigned, 0 for none."""
        row = self._sql.row(_S_REACH, {"origin": origin, "witness": witness})
        return 0 if row is None else int(row[0])

    def cosignatures(self, origin: str, size: int) -> dict[str, str]:
        """Lines of cosignature by witness."""
        return {row[0]: row[1] for row in self._sql.rows(_S_ALL, {"origin": origin, "size": size})}
