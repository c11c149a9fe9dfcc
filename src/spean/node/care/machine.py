"""What the node's administrator must keep an eye on: keys and their ages, backups, versions, storage. Nothing of it is content."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean import __version__
from spean.core.errors import SpeanError
from spean.core.roles import Role
from spean.core.world import DAY
from spean.exchange.identity import read_identity
from spean.keys import key_id
from spean.node.care.health import BACKUP_AGE
from spean.node.care.key_recovery import MADE
from spean.node.care.restoring import BACKUP_AT, DRILL_AT, KEYS_COPIED_AT
from spean.node.entry.people import Who
from spean.store.schema import REVISION

if TYPE_CHECKING:
    from pathlib import Path

    from spean.node.ground import Ground

KEY_AGE = 365 * DAY
"""Keys are rotated every year (docs/operations.md, section 8)."""
DRILL_AGE = 183 * DAY
"""Twice a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One of the node's own keys, by its public half."""

    use: str
    id: str
    created_at: int
    retired_at: int | None
    old: bool
    """Present, and older than it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that is to be done again and again: when it was done last, None for never, and whether it is late."""

    at: int | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The state of the machine."""

    keys: tuple[Key, ...]
    identity_serial: int
    """0: not admitted by the trust root."""
    identity_fits: bool
    """Whether the admitted identity names the present keys."""
    draft: bool
    """A newer identity waits to be admitted."""
    rotating: bool
    """New keys are staged and not yet promoted: a rotation was interrupted."""
    backup: Due
    keys_copied: Due
    key_recovery: Due
    """The file from which two of three persons open the present keys; late: of former keys, or none."""
    drill: Due
    version: str
    tables: str
    tables_wanted: str
    older: tuple[tuple[str, int], ...]
    """Open records that stay on an older version of their procedure, and how many."""
    database: int | None
    """Bytes; None where a server keeps it."""
    content_keys: int | None
    free: int
    """Bytes free on the disk of the home folder."""
    entries: tuple[tuple[str, int], ...]
    """Logs and how many entries each has."""
    open_records: int


class Machines:
    """Looks at the machine."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def look(self, who: Who) -> Machine:
        """For an administrator."""
        who.need(Role.ADMINISTRATOR)
        ground = self._ground
        versions = {each.name: each.version for each in ground.engine.procedures}
        with ground.reading() as tx:
            done = {key: int(tx.meta.get(key) or 0) for key in (BACKUP_AT, KEYS_COPIED_AT, DRILL_AT)}
            recovery = json.loads(tx.meta.get(MADE) or "{}")
            entries = tuple((name, tx.log.head(name).size) for name in tx.log.names())
            counts = tx.records.open_counts()
        newest = max(key.created_at for key in ground.keys.stored)
        serial, fits = self._identity()
        return Machine(
            keys=self._keys(), identity_serial=serial, identity_fits=fits, draft=self._draft(serial),
            rotating=(ground.home / "keys.next").exists(), backup=self._due(done[BACKUP_AT], BACKUP_AGE),
            keys_copied=Due(at=done[KEYS_COPIED_AT] or None, late=done[KEYS_COPIED_AT] < newest),
            key_recovery=Due(at=recovery.get("at"), late=recovery.get("sign_id") != ground.keys.sign_id),
            drill=self._due(done[DRILL_AT], DRILL_AGE), version=__version__, tables=ground.store.version() or "",
            tables_wanted=REVISION, older=tuple(
                (f"{name} {version}", count) for (name, version), count in sorted(counts.items())
                if version < versions.get(name, version)
            ),
            database=_size(ground.store.path), content_keys=_size(ground.home / "content-keys.db"),
            free=shutil.disk_usage(ground.home).free, entries=entries, open_records=sum(counts.values()),
        )  # fmt: skip

    def _keys(self) -> tuple[Key, ...]:
        now = self._ground.clock.now()
        return tuple(
            Key(use=key.use, id=key_id(key.public), created_at=key.created_at, retired_at=key.retired_at,
                old=key.retired_at is None and key.use != "tls" and now - key.created_at > KEY_AGE)
            for key in sorted(self._ground.keys.stored, key=lambda key: (key.retired_at is not None, key.use, -key.created_at))
        )  # fmt: skip

    def _identity(self) -> tuple[int, bool]:
        document = self._ground.identity
        if document is None:
            return 0, False
        identity = read_identity(document)
        return identity.serial, identity.sign_id == self._ground.keys.sign_id

    def _draft(self, serial: int) -> bool:
        """Whether the draft beside the admitted identity is a newer one."""
        path = self._ground.home / "identity.draft"
        try:
            return path.is_file() and read_identity(path.read_bytes()).serial > serial
        except (SpeanError, OSError):
            return False

    def _due(self, at: int, age: int) -> Due:
        return Due(at=at or None, late=self._ground.clock.now() - at > age)


def _size(path: Path | None) -> int | None:
    """With what SQLite keeps beside the file."""
    if path is None or not path.is_file():
        return None
    beside = path.with_name(path.name + "-wal")
    return path.stat().st_size + (beside.stat().st_size if beside.is_file() else 0)
