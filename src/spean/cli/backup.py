"""``spean backup`` and ``spean upgrade``: a copy of the node while it runs; the tables of this version.

A backup is a folder: database, settings, identity, the sealed key files of the node, and a manifest with the SHA-256 of each.
The key store of contents is never in it: ``--keys`` copies that alone, over its own last copy, since an erasure is complete
only when the last copy of a key is gone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean import __version__
from spean.cli import machine
from spean.cli.context import Cli
from spean.core.errors import Conflict, InvalidInput, Refusal
from spean.core.world import SystemClock, iso

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser
    from spean.node.node import Node

FORMAT = "spean-backup/1"
MANIFEST = "manifest.json"
DATABASE = "store.backup"


def add(parser: Parser, command: Command) -> None:
    """The options of ``command``."""
    if command.name == "backup":
        parser.epilog = (
            "Without the content keys a backup is not readable; keep them elsewhere (docs: operations, section 6)."
        )
        parser.add_argument("target", metavar="TARGET", help="a new folder; with --keys a file, which is replaced")
        parser.add_argument(
            "--keys", action="store_true", help="copy the key store of contents instead, and nothing else"
        )
        parser.set_defaults(run=backup)
    else:
        parser.epilog = "Stop spean serve first. Open records stay on the version of their procedure."
        parser.add_argument(
            "--backup", metavar="TARGET", help="folder of the backup that is made first (default: beside the home)"
        )
        parser.set_defaults(run=upgrade)


# backup -----------------------------------------------------------------------------------------------------


def backup(cli: Cli, options: Namespace) -> None:
    """Back the node up, or its key store."""
    target = Path(options.target)
    with cli.node() as node:
        machine.note(node, "backup", "content keys" if options.keys else "node")
        if options.keys:
            _copy_keys(node, target)
            cli.say({"target": str(target), "keys": True, "bytes": target.stat().st_size},
                    f"The content keys are in {target}. Keep it apart from every backup of the node, for days, not months.")  # fmt: skip
            return
        files = write_backup(node, target)
    sealed = "keys/keys.json" in files
    lines = [f"{target}: {len(files)} files, {sum(each['bytes'] for each in files.values())} bytes."]
    if not sealed:
        lines.append(
            "The node's own keys are NOT in it, since they have no passphrase: copy the folder keys by hand, to a safe place."
        )
    cli.say({"target": str(target), "files": files, "node_keys": sealed}, "\n".join(lines))


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


def _copy_keys(node: Node, target: Path) -> None:
    """The key store, written beside and moved over the last copy."""
    from spean.sql.engine import engines
    from spean.store import maintain

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


def upgrade(cli: Cli, options: Namespace) -> None:
    """Bring the tables to this version, with a copy of the database first."""
    from spean.node.settings import load_settings
    from spean.store import Store
    from spean.store.schema import REVISION

    settings = load_settings(cli.home)
    store = Store.open(settings.store_url(cli.home))
    try:
        before = store.version()
        if before == REVISION:
            cli.say(
                {"before": before, "after": REVISION, "backup": None},
                f"The tables are of this version already ({REVISION}).",
            )
            return
        stamp = iso(SystemClock().now())[:19].replace(":", "")
        target = Path(options.backup) if options.backup else cli.home / f"before-{REVISION}-{stamp}.backup"
        store.backup(target)
        store.migrate()
    finally:
        store.close()
    with cli.node() as node:
        machine.note(node, "upgrade", f"{before} to {REVISION}")
        open_ = _open_records(node)
    cli.say({"before": before, "after": REVISION, "backup": str(target), "open_records": open_},
            f"Tables: {before} to {REVISION}. The database as it was is in {target}.\n{_tell(open_)}")  # fmt: skip


def _open_records(node: Node) -> dict[str, int]:
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


def _tell(open_: dict[str, int]) -> str:
    if not open_:
        return "No record is open."
    return "Open records go on in their version: " + ", ".join(
        f"{count} of {name}" for name, count in sorted(open_.items())
    )
