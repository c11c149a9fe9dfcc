"""``spean restore``: an empty home filled from a backup, erasures replayed (D4); then what is missing, from partners."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.cli.backup import secret
from spean.cli.context import Cli, passphrase
from spean.cli.keys import recovered
from spean.core.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser


def add(parser: Parser, _command: Command) -> None:
    """The options of ``spean restore``."""
    parser.epilog = (
        "Never run the old node and the restored one at once: partners would see a fork. Without content keys the log comes back, "
        "its words do not. A served node catches up by itself; --catch-up does it now and says what is missing."
    )
    parser.add_argument("backup", metavar="BACKUP", nargs="?", help="the folder that spean backup wrote")
    parser.add_argument("--keys", metavar="DIR", help="the copy of the keys (spean backup --keys)")
    parser.add_argument("--keys-passphrase", metavar="FILE", help="file with the passphrase of that copy (- for stdin)")
    parser.add_argument("--node-keys", metavar="DIR", help="instead of --keys: the old folder keys, if it survived")
    parser.add_argument("--recovery", metavar="FILE", help="instead of both: the recovery file, opened by two persons")
    parser.add_argument("--content-keys", metavar="FILE", help="the old file of the content keys, if it survived")
    parser.add_argument("--store", metavar="URL", help="an empty database, when it is not where it was")
    parser.add_argument("--catch-up", action="store_true", help="ask the partners for what the log lacks")
    parser.set_defaults(run=restore)


def restore(cli: Cli, options: Namespace) -> None:
    """Fill the home; or catch up; or both."""
    if options.backup is None and not options.catch_up:
        raise InvalidInput("BACKUP", "nothing to restore from", remedy="name a backup, or give --catch-up")
    value: dict[str, Any] = {}
    lines: list[str] = []
    if options.backup is not None:
        _fill(cli, options, value, lines)
    if options.catch_up:
        _catch_up(cli, value, lines)
    cli.say(value, "\n".join(lines))


def _fill(cli: Cli, options: Namespace, value: dict[str, Any], lines: list[str]) -> None:
    from spean.node.care.backup import KeySource
    from spean.node.care.backup import restore as fill

    keys, node_keys, content = (
        None if given is None else Path(given) for given in (options.keys, options.node_keys, options.content_keys)
    )
    word = "" if keys is None else secret(options.keys_passphrase)
    own = None if options.recovery is None else recovered(options.recovery)[1]
    source = KeySource(copy=keys, copy_passphrase=word, node_keys=node_keys, content_keys=content, own=own)
    changes = {} if options.store is None else {"store": options.store}
    done = fill(Path(options.backup), cli.home, source, passphrase=passphrase(), changes=changes)
    value.update(node=done.node, made=done.made, home=str(cli.home), erased_again=done.erased, logs=done.logs,
                 content_keys=done.content_keys)  # fmt: skip
    lines += [
        f"{done.node} as of {done.made} is in {cli.home}: {done.logs.get('exchange', 0)} entries of the exchange log.",
        f"{done.erased} erasures were replayed. All tokens and sessions have ended: spean user token."
        if done.content_keys else "There are no content keys: nothing that was written is readable.",
        "Look at spean user list and spean peer list: who was disabled or revoked since the backup is not.",
    ]  # fmt: skip
    if not options.catch_up:
        lines.append("Next: spean restore --catch-up, or spean serve, which does it.")


def _catch_up(cli: Cli, value: dict[str, Any], lines: list[str]) -> None:
    with cli.node() as node:
        done = node.restoring.catch_up()
    value["catch_up"] = {"complete": done.complete, "before": done.before, "after": done.after,
                         "partners": done.partners, "trouble": done.trouble, "lost": done.lost}  # fmt: skip
    if not done.complete:
        raise Unavailable("The log is not complete", why="; ".join(done.trouble),
                          remedy="restore the line and repeat; docs: operations, section 7")  # fmt: skip
    if done.lost:
        lines.append(f"{done.after - done.before} entries came back from {', '.join(done.partners)}. {done.lost}.")
    else:
        lines.append("Nothing is missing: no partner has seen more of our log than we have.")
