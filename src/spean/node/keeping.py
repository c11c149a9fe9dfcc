"""Care of a node: backup while it runs, upgrade of its tables, and an empty home filled from a backup (D4).

A backup is a folder: database, settings, identity, the sealed key files of the node, and a manifest with the SHA-256 of each.
The key store of contents is never in it: it is copied alone, over its own last copy, since an erasure is complete only when
the last copy of a key is gone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean import __version__
from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, VerificationFailed
from spean.core.world import SystemClock, iso
from spean.node.settings import Settings, load_settings
from spean.sql.engine import engines
from spean.store import Store, maintain
from spean.store.schema import REVISION

if TYPE_CHECKING:
    from spean.node.node import Node

FORMAT = "spean-backup/1"
MANIFEST = "manifest.json"
DATABASE = "store.backup"
_AT_ONCE = 500


# backup -----------------------------------------------------------------------------------------------------


def write_backup(node: Node, target: Path) -> dict[str, dict[str, Any]]:
    """A consistent backup in a new folder; whole or not at all. Returns each file's size and SHA-256."""
    if target.exists():
        raise Conflict(f"{target} exists", why="a backup never overwrites another", remedy="give a new name")
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(mode=0o700)
    except OSError as error:
        raise InvalidInput(
            "target", f"{part}: {error.strerror}", remedy="name a new folder in a folder that exists"
        ) from error
    try:
        files = _fill(node, part)
        part.rename(target)
        _sync(target.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return files


def _fill(node: Node, part: Path) -> dict[str, dict[str, Any]]:
    node.store.backup(part / DATABASE)
    for name in ("settings.json", "identity", "identity.draft"):
        if (node.home / name).is_file():
            shutil.copyfile(node.home / name, part / name)
    keys = node.home / "keys" / "keys.json"
    if keys.is_file() and _sealed(keys):
        (part / "keys").mkdir(mode=0o700)
        shutil.copyfile(keys, part / "keys" / "keys.json")
        (part / "keys" / "keys.json").chmod(0o600)
    files = {str(path.relative_to(part)): _measure(path) for path in sorted(part.rglob("*")) if path.is_file()}
    with node.store.read() as tx:
        logs = {name: tx.log.head(name).size for name in tx.log.names()}
    manifest = {"format": FORMAT, "node": node.me, "made": iso(node.clock.now()), "version": __version__, "tables": node.store.version(),
                "database": "sqlite" if node.store.path is not None else "postgresql", "logs_at_least": logs, "files": files}  # fmt: skip
    (part / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    for path in part.rglob("*"):
        if path.is_file():
            _sync(path)
    _sync(part)
    return files


def _sealed(keys: Path) -> bool:
    """Whether the key file is encrypted: a plain one never lies in a backup."""
    return json.loads(keys.read_text(encoding="utf-8")).get("sealed") is not None


def _measure(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def copy_keys(node: Node, target: Path) -> None:
    """The key store, written beside and moved over the last copy."""
    if target.is_dir() or (target.parent / MANIFEST).exists():
        raise Refusal(
            "D4", "the content keys would lie beside a backup", what="Not copied", remedy="name a file on another disk"
        )
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    source = engines(node.settings.content_keys_url(node.home), 1, "SELECT 1")
    try:
        maintain.backup(source, fresh)
    finally:
        source.dispose()
    fresh.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# upgrade ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The tables before and after; ``backup`` is None when nothing was to be done."""

    before: str | None
    after: str
    backup: Path | None


def tables(settings: Settings, home: Path) -> tuple[str | None, str]:
    """The version of the tables in ``home``, and that which this program writes. Changes nothing."""
    with Store.open(settings.store_url(home)) as store:
        return store.version(), REVISION


def upgrade(home: Path, target: Path | None = None) -> Upgraded:
    """Bring the tables to this version; the database as it was is copied to ``target`` first."""
    settings = load_settings(home)
    with Store.open(settings.store_url(home)) as store:
        before = store.version()
        if before == REVISION:
            return Upgraded(before, REVISION, None)
        stamp = iso(SystemClock().now())[:19].replace(":", "")
        target = target or home / f"before-{REVISION}-{stamp}.backup"
        store.backup(target)
        store.migrate()
    return Upgraded(before, REVISION, target)


def open_records(node: Node) -> dict[str, int]:
    """Open records by procedure and version: they stay on it."""
    found: dict[str, int] = {}
    with node.reading() as tx:
        after = None
        while rows := tx.records.list(open_only=True, after=after, limit=500):
            for row in rows:
                name = f"{row.procedure} {row.version}"
                found[name] = found.get(name, 0) + 1
            after = rows[-1]
    return found


# restore ----------------------------------------------------------------------------------------------------


def read_manifest(source: Path) -> dict[str, Any]:
    """The manifest of a backup whose every file has the SHA-256 that it names. Raises ``VerificationFailed``."""
    path = source / MANIFEST
    if not path.is_file():
        raise NotFound(f"no backup in {source}", remedy="name the folder that spean backup wrote")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = dict(manifest["files"])
        if manifest["format"] != FORMAT:
            raise ValueError(f"format {manifest['format']!r}")
    except (ValueError, KeyError, TypeError) as wrong:
        raise VerificationFailed(
            "The backup's manifest is damaged", why=str(wrong), remedy="take another backup"
        ) from wrong
    for name, told in files.items():
        file = source / name
        if ".." in Path(name).parts or not file.is_file():
            raise VerificationFailed(f"The backup lacks {name}", remedy="take another backup")
        with file.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != told["sha256"]:
                raise VerificationFailed(
                    f"{name} is not as it was written", why="its SHA-256 differs", remedy="take another backup"
                )
    return manifest


def fill_home(home: Path, source: Path, *, keys: Path | None, node_keys: Path | None) -> None:
    """Put a verified backup and the key store into an empty home. Raises ``NotFound``, ``Conflict`` or ``Unavailable``."""
    sealed = source / "keys" / "keys.json" if node_keys is None else node_keys / "keys.json"
    if not sealed.is_file():
        raise NotFound("the node's own keys are not in the backup", remedy="give their folder with --node-keys")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("settings.json", "identity", "identity.draft"):
        if (source / name).is_file():
            shutil.copyfile(source / name, home / name)
    (home / "keys").mkdir(mode=0o700)
    shutil.copyfile(sealed, home / "keys" / "keys.json")
    (home / "keys" / "keys.json").chmod(0o600)
    settings = load_settings(home)
    maintain.restore(source / DATABASE, settings.store_url(home))
    if keys is not None:
        if not keys.is_file():
            raise InvalidInput("--keys", f"no file {keys}", remedy="name the copy of the key store")
        maintain.restore(keys, settings.content_keys_url(home))


def replay_erasures(node: Node) -> int:
    """Erase again what was erased since the backup was made; how many facts. Their keys are gone already."""
    destroyed = node.content_keys.destroyed()
    for start in range(0, len(destroyed), _AT_ONCE):
        part = destroyed[start : start + _AT_ONCE]
        with node.writing() as work:
            for at in sorted({each.at for each in part}):
                work.tx.facts.erase([each.id for each in part if each.at == at], at)
    if destroyed:
        node.store.scrub()
    return len(destroyed)
