"""``spean backup`` and ``spean upgrade``: a copy of the node while it runs; the tables of this version."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli import machine
from spean.cli.context import Cli

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser


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


def backup(cli: Cli, options: Namespace) -> None:
    """Back the node up, or its key store."""
    from spean.node import keeping

    target = Path(options.target)
    with cli.node() as node:
        machine.note(node, "backup", "content keys" if options.keys else "node")
        if options.keys:
            keeping.copy_keys(node, target)
            cli.say({"target": str(target), "keys": True, "bytes": target.stat().st_size},
                    f"The content keys are in {target}. Keep it apart from every backup of the node, for days, not months.")  # fmt: skip
            return
        files = keeping.write_backup(node, target)
    sealed = "keys/keys.json" in files
    lines = [f"{target}: {len(files)} files, {sum(each['bytes'] for each in files.values())} bytes."]
    if not sealed:
        lines.append(
            "The node's own keys are NOT in it, since they have no passphrase: copy the folder keys by hand, to a safe place."
        )
    cli.say({"target": str(target), "files": files, "node_keys": sealed}, "\n".join(lines))


def upgrade(cli: Cli, options: Namespace) -> None:
    """Bring the tables to this version, with a copy of the database first."""
    from spean.node import keeping

    done = keeping.upgrade(cli.home, Path(options.backup) if options.backup else None)
    if done.backup is None:
        cli.say(
            {"before": done.before, "after": done.after, "backup": None},
            f"The tables are of this version already ({done.after}).",
        )
        return
    with cli.node() as node:
        machine.note(node, "upgrade", f"{done.before} to {done.after}")
        open_ = keeping.open_records(node)
    cli.say(
        {"before": done.before, "after": done.after, "backup": str(done.backup), "open_records": open_},
        f"Tables: {done.before} to {done.after}. The database as it was is in {done.backup}.\n{_tell(open_)}",
    )


def _tell(open_: dict[str, int]) -> str:
    if not open_:
        return "No record is open."
    return "Open records go on in their version: " + ", ".join(
        f"{count} of {name}" for name, count in sorted(open_.items())
    )
