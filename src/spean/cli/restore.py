"""``spean restore``: an empty home filled from a backup; erasures are replayed before anything else happens (D4)."""

from __future__ import annotations

import hashlib
import json
import shutil
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.cli import machine
from spean.cli.backup import DATABASE, FORMAT, MANIFEST
from spean.cli.context import Cli
from spean.core.errors import Conflict, InvalidInput, NotFound, VerificationFailed
from spean.core.world import iso

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser
    from spean.node.node import Node

_AT_ONCE = 500


def add(parser: Parser, _command: Command) -> None:
    """The options of ``spean restore``."""
    parser.epilog = (
        "Never run the old node and the restored one at once: partners would see a fork. Without the key store the logs come back, "
        "the contents do not."
    )
    parser.add_argument("backup", metavar="BACKUP", help="the folder that spean backup wrote")
    parser.add_argument(
        "--keys", metavar="FILE", help="the copy of the key store (spean backup --keys), or the store itself"
    )
    parser.add_argument("--node-keys", metavar="DIR", help="the node's folder keys, when they are not in the backup")
    parser.set_defaults(run=restore)


def restore(cli: Cli, options: Namespace) -> None:
    """Fill the home, mark it as restored, replay the erasures."""
    source = Path(options.backup)
    manifest = read_manifest(source)
    if cli.home.exists() and any(cli.home.iterdir()):
        raise Conflict(
            f"{cli.home} is not empty",
            why="a restore never overwrites a node",
            remedy="name an empty folder with --home",
        )
    _fill(cli.home, source, options)
    with cli.node() as node:
        with node.writing() as work:
            work.tx.meta.set("restored", f"from the backup of {manifest['made']}, at {iso(work.now)}")
        erased = replay_erasures(node)
        machine.note(node, "restore", f"backup of {manifest['made']}")
        sizes = {name: _size(node, name) for name in ("exchange", "domestic")}
    value = {"node": manifest["node"], "made": manifest["made"], "home": str(cli.home), "erased_again": erased, "logs": sizes,
             "content_keys": options.keys is not None}  # fmt: skip
    lines = [f"{manifest['node']} as of {manifest['made']} is in {cli.home}: {sizes['exchange']} entries of the exchange log.",
             f"{erased} erasures were replayed." if options.keys else "No key store was given: contents are not readable.",
             "Next: spean doctor, spean log verify."]  # fmt: skip
    cli.say(value, "\n".join(lines))


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


def _fill(home: Path, source: Path, options: Namespace) -> None:
    from spean.node.settings import load_settings
    from spean.store import maintain

    sealed = source / "keys" / "keys.json" if options.node_keys is None else Path(options.node_keys) / "keys.json"
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
    if options.keys is not None:
        if not Path(options.keys).is_file():
            raise InvalidInput("--keys", f"no file {options.keys}", remedy="name the copy of the key store")
        maintain.restore(Path(options.keys), settings.content_keys_url(home))


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


def _size(node: Node, log: str) -> int:
    with node.store.read() as tx:
        return int(tx.log.head(log).size)
