"""``spean backup`` and ``spean upgrade``: a copy of the node while it runs; the tables of this version."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli import machine
from spean.cli.context import Cli, read_text
from spean.core.errors import InvalidInput

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser


def add(parser: Parser, command: Command) -> None:
    """The options of ``command``."""
    if command.name == "backup":
        parser.epilog = (
            "Without its keys a backup is not readable: copy them too, to another place (docs: operations, section 6)."
        )
        parser.add_argument("target", metavar="TARGET", help="a new folder; with --keys the last copy is replaced")
        parser.add_argument(
            "--keys", action="store_true", help="copy the node's private keys and the content keys instead, encrypted"
        )
        parser.add_argument(
            "--keys-passphrase", metavar="FILE", help="with --keys: file with the passphrase of the copy (- for stdin)"
        )
        parser.set_defaults(run=backup)
    else:
        parser.epilog = "Stop spean serve first. Open records stay on the version of their procedure."
        parser.add_argument(
            "--backup", metavar="TARGET", help="folder of the backup that is made first (default: beside the home)"
        )
        parser.set_defaults(run=upgrade)


def backup(cli: Cli, options: Namespace) -> None:
    """Back the node up, or its keys."""
    target = Path(options.target)
    with cli.node() as node:
        machine.note(node, "backup", "keys" if options.keys else "node")
        if options.keys:
            count = node.restoring.backup_keys(target, secret(options.keys_passphrase), over=True)
            cli.say({"target": str(target), "keys": True, "content_keys": count},
                    f"The node's private keys and {count} content keys are in {target}, encrypted. Keep it apart from every backup of "
                    "the node, for days, not months, and destroy earlier copies: an erasure is complete when the last one is gone.")  # fmt: skip
            return
        files = node.restoring.backup(target)
    size = sum(int(each["bytes"]) for each in files.values())
    cli.say({"target": str(target), "files": files},
            f"{target}: {len(files)} files, {size} bytes. No key is in it: spean backup --keys copies those.")  # fmt: skip


def secret(path: str | None) -> str:
    """The passphrase of a copy of keys, from a file. Raises ``InvalidInput``."""
    if path is None:
        raise InvalidInput("--keys-passphrase", "a copy of keys has a passphrase", remedy="name a file that holds it")
    return read_text(path, "--keys-passphrase").strip("\r\n")


def upgrade(cli: Cli, options: Namespace) -> None:
    """Bring the tables to this version, with a copy of the database first."""
    from spean.node.care import keeping

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
