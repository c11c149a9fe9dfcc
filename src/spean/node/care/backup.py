"""A node's backup, the separate copy of its keys, and a node made anew from both (docs/operations.md, sections 6 and 7).

    backup/   manifest.json  store.backup  settings.json  identity          no private key, no content key (D4)
    keys/     manifest.json  keys.json     content-keys.sealed              all private keys, under a passphrase

Both are folders that appear whole or not at all. A restored node is marked before it can be opened for the first time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, VerificationFailed
from spean.core.world import Clock, Entropy, SystemClock, SystemEntropy, iso
from spean.keys import ContentKeys, NodeKeys
from spean.keys import files as key_files
from spean.keys.sealed_copy import read_copy, write_copy
from spean.node.instruments import touch_register
from spean.node.settings import Settings, load_settings, save_settings
from spean.node.views.indexing import drop_unreadable
from spean.store import Store, maintain

if TYPE_CHECKING:
    from spean.node.ground import Ground

FORMAT = "spean-backup/1"
KEYS_FORMAT = "spean-key-backup/1"
MANIFEST = "manifest.json"
DATABASE = "store.backup"
CONTENT_KEYS = "content-keys.sealed"
IDENTITY = "identity"
AT_ONCE = 500

Files = dict[str, dict[str, int | str]]
"""Size and SHA-256 of each file of a backup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A node made anew from a backup, marked as restored."""

    node: str
    made: str
    """When the backup was made (ISO 8601)."""
    erased: int
    """Erasures that were replayed."""
    logs: dict[str, int]
    content_keys: bool
    """Whether there is a key store to read contents with."""


# backup -----------------------------------------------------------------------------------------------------


def write(ground: Ground, target: Path) -> Files:
    """Back the node up to a new folder while it runs. Raises ``Conflict`` when ``target`` exists."""
    if target.exists():
        raise Conflict(f"{target} exists", why="a backup never overwrites another", remedy="give a new name")

    def fill(part: Path) -> dict[str, Any]:
        ground.store.backup(part / DATABASE)
        save_settings(ground.settings, part)
        if ground.identity is not None:
            (part / IDENTITY).write_bytes(ground.identity)
        with ground.reading() as tx:
            logs = {name: tx.log.head(name).size for name in tx.log.names()}
        kind = "sqlite" if ground.store.path is not None else "postgresql"
        return {"tables": ground.store.version(), "database": kind, "logs_at_most": logs}

    return _folder(ground, target, FORMAT, fill)


def write_keys(ground: Ground, target: Path, passphrase: str, *, over: bool = False) -> int:
    """Copy private keys and content keys to a new folder, under ``passphrase``; returns how many content keys.

    ``over``: replaces the last such copy of this node, which is gone afterwards: an erasure is complete only when the last
    copy of its key is. Refuses to lie beside a backup.
    """
    if len(passphrase) < 12:
        raise InvalidInput("passphrase", "shorter than 12 characters", remedy="take five words or more")
    if (target.parent / MANIFEST).exists() or any((each / DATABASE).exists() for each in _folders(target.parent)):
        why = "the keys would lie beside a backup that they open"
        raise Refusal("D4", why, what="Not copied", remedy="name a folder on another disk")
    former = _former(ground, target, over=over)
    counts: list[int] = []

    def fill(part: Path) -> dict[str, Any]:
        key_files.save(ground.keys, part, ground.entropy, passphrase)
        (part / key_files.TLS_FILE).unlink(missing_ok=True)
        counts.append(write_copy(ground.content_keys, part / CONTENT_KEYS, passphrase, ground.entropy))
        return {"content_keys": counts[0]}

    _folder(ground, target, KEYS_FORMAT, fill, former)
    return counts[0]


def _former(ground: Ground, target: Path, *, over: bool) -> bool:
    """Whether the last copy stands there and may be replaced."""
    if not target.exists():
        return False
    if not over:
        raise Conflict(f"{target} exists", why="a copy of keys never overwrites another", remedy="give a new name")
    if read_manifest(target, KEYS_FORMAT)["node"] != ground.me:
        raise Refusal("D4", "it holds the keys of another node", what="Not copied", remedy="give a new name")
    return True


def _folders(path: Path) -> list[Path]:
    return [each for each in path.iterdir() if each.is_dir()] if path.is_dir() else []


def _folder(
    ground: Ground, target: Path, kind: str, fill: Callable[[Path], dict[str, Any]], former: bool = False
) -> Files:
    """A new folder, whole or not at all, its files synced and listed in its manifest."""
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(mode=0o700)
    except OSError as error:
        remedy = "name a new folder in a folder that exists"
        raise InvalidInput("target", f"{part}: {error.strerror}", remedy=remedy) from error
    try:
        more = fill(part)
        files = {path.name: _measure(path) for path in sorted(part.iterdir())}
        manifest = {"format": kind, "node": ground.me, "made": iso(ground.clock.now()), **more, "files": files}
        (part / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        for path in part.iterdir():
            path.chmod(0o600)
            _sync(path)
        _sync(part)
        if former:
            shutil.rmtree(target)
        part.rename(target)
        _sync(target.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return files


def read_manifest(source: Path, kind: str = FORMAT) -> dict[str, Any]:
    """The manifest of a backup whose every file has the SHA-256 that it names.

    Raises ``NotFound`` or ``VerificationFailed``.
    """
    path = source / MANIFEST
    if not path.is_file():
        raise NotFound(f"no backup in {source}", remedy="name the folder that spean backup wrote")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): str(told["sha256"]) for name, told in manifest["files"].items()}
        if manifest["format"] != kind or not isinstance(manifest["made"], str):
            raise ValueError(f"format {manifest['format']!r}, not {kind}")
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise VerificationFailed(
            "The backup's manifest is damaged", why=str(wrong), remedy="take another backup"
        ) from wrong
    for name, digest in files.items():
        file = source / name
        if Path(name).name != name or not file.is_file():
            raise VerificationFailed(f"The backup lacks {name}", remedy="take another backup")
        if _measure(file)["sha256"] != digest:
            why = "its SHA-256 differs"
            raise VerificationFailed(f"{name} is not as it was written", why=why, remedy="take another backup")
    return manifest


# restore ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """Where a restored node gets its keys from: a copy made by ``backup_keys``, or what survived of the old home."""

    copy: Path | None = None
    copy_passphrase: str = ""
    node_keys: Path | None = None
    """The old folder ``keys``."""
    own: NodeKeys | None = None
    """Keys out of a recovery file, which two persons opened."""
    content_keys: Path | None = None
    """The old file of the content keys. On PostgreSQL the key store is where the settings say."""


def restore(source: Path, home: Path, keys: KeySource, *, passphrase: str | None = None, changes: dict[str, Any] | None = None,
            clock: Clock | None = None, entropy: Entropy | None = None) -> Restored:  # fmt: skip
    """Make the node of a backup anew in the empty folder ``home``; erasures are replayed before it can be opened.

    ``passphrase`` seals its keys on this disk; ``changes`` are settings that differ on this machine (``store``,
    ``listen``, …). The settings are written last: before that, ``home`` is no node.
    """
    manifest = read_manifest(source)
    if home.exists() and any(home.iterdir()):
        why = "a restore never overwrites a node"
        raise Conflict(f"{home} is not empty", why=why, remedy="name an empty folder with --home")
    settings = replace(load_settings(source), **(changes or {}))
    own = _own_keys(keys, passphrase)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_files.save(own, home / "keys", entropy or SystemEntropy(), passphrase)
    if (source / IDENTITY).is_file():
        shutil.copyfile(source / IDENTITY, home / IDENTITY)
    maintain.restore(source / DATABASE, settings.store_url(home))
    content = _content_keys(keys, settings, home)
    try:
        restored = _marked(settings, home, manifest, own, content, clock or SystemClock())
    finally:
        content.close()
    save_settings(settings, home)
    _sync(home)
    return restored


def _own_keys(keys: KeySource, passphrase: str | None) -> NodeKeys:
    if keys.own is not None:
        return keys.own
    if keys.copy is not None:
        read_manifest(keys.copy, KEYS_FORMAT)
        return key_files.load(keys.copy, keys.copy_passphrase)
    if keys.node_keys is None:
        raise NotFound(
            "the node's own keys are in no backup",
            remedy="give the copy of the keys, the old folder keys, or a recovery file",
        )
    return key_files.load(keys.node_keys, passphrase)


def _content_keys(keys: KeySource, settings: Settings, home: Path) -> ContentKeys:
    url = settings.content_keys_url(home)
    if keys.content_keys is not None:
        maintain.restore(keys.content_keys, url)
    content = ContentKeys.open(url)
    if keys.copy is not None and keys.content_keys is None:
        read_copy(keys.copy / CONTENT_KEYS, keys.copy_passphrase, content)
    return content


def _marked(
    settings: Settings, home: Path, manifest: dict[str, Any], own: NodeKeys, content: ContentKeys, clock: Clock
) -> Restored:
    """Mark the database, replay erasures in both directions, end every secret that may have been withdrawn since."""
    now = clock.now()
    with Store.open(settings.store_url(home)) as store:
        store.migrate()
        with store.write() as tx:
            tx.meta.set("restored", f"restored at {iso(now)} from the backup of {manifest['made']}")
            tx.meta.set("stop-names", "")
            tx.meta.set("restored-from", str(tx.log.head("exchange").size))
            tx.meta.set("sign_id", own.sign_id)
            touch_register(tx)
            for user in tx.people.list():
                tx.people.drop_tokens(user.id)
            logs = {name: tx.log.head(name).size for name in tx.log.names()}
        erased = replay_erasures(store, content, now)
    return Restored(
        node=manifest["node"], made=manifest["made"], erased=erased, logs=logs, content_keys=bool(content.page(0, 1))
    )


def replay_erasures(store: Store, content: ContentKeys, now: int) -> int:
    """Erase again what was erased since the backup, and destroy keys that an older copy of the keys brought back.

    The search index drops what it knew of them, and whatever it can no longer read; the node fills it anew.
    """
    destroyed = content.destroyed()
    count = 0
    for start in range(0, len(destroyed), AT_ONCE):
        part = destroyed[start : start + AT_ONCE]
        with store.write() as tx:
            tx.search.forget(each.id for each in part)
            alive = {row.id for row in tx.facts.many([each.id for each in part]).values() if row.content is not None}
            for each in part:
                count += tx.facts.erase([each.id], each.at) if each.id in alive else 0
        count += _erase_files(store, [each.id for each in part])
    for names in chain(_erased(store), [_keys_of_erased_files(store)]):
        if returned := content.get(names):
            content.destroy(list(returned), now, "erased before the backup was made")
            count += len(returned)
    if drop_unreadable(store, content) or count:
        store.scrub()
    return count


def _erase_files(store: Store, keys: list[str]) -> int:
    """Drop what files said whose keys were destroyed since; the ledgers are made from what is left."""
    with store.write() as tx:
        rows = [row for row in tx.money.imports_under(map(bytes.fromhex, keys)) if row.state != "erased"]
        for row in rows:
            tx.money.erase_file(row, "erased")
    return len(rows)


def _erased(store: Store) -> Iterator[list[str]]:
    """Facts that the database says are erased."""
    before: int | None = None
    while True:
        with store.read() as tx:
            rows = tx.facts.recent(before=before, limit=AT_ONCE)
        if not rows:
            return
        before = rows[-1].n
        yield [row.id for row in rows if row.erased_at is not None]


def _keys_of_erased_files(store: Store) -> list[str]:
    with store.read() as tx:
        return [row.key.hex() for state in ("erasing", "erased") for row in tx.money.imports_in(state)]


def _measure(path: Path) -> dict[str, int | str]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
