"""``spean restore``: an empty home filled from a backup; erasures are replayed before anything else happens (D4)."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli.context import Cli
from spean.core.errors import Conflict

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser
    from spean.node.node import Node


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
    """Fill the home, mark it as restored, replay the erasures. Nothing else is written before partners gave back what is missing."""
    from spean.node import keeping
    from spean.node.catching_up import mark

    source = Path(options.backup)
    manifest = keeping.read_manifest(source)
    if cli.home.exists() and any(cli.home.iterdir()):
        raise Conflict(
            f"{cli.home} is not empty",
            why="a restore never overwrites a node",
            remedy="name an empty folder with --home",
        )
    keys, node_keys = (None if given is None else Path(given) for given in (options.keys, options.node_keys))
    keeping.fill_home(cli.home, source, keys=keys, node_keys=node_keys)
    with cli.node() as node:
        mark(node, f"restored from the backup of {manifest['made']}")
        erased = keeping.replay_erasures(node)
        sizes = {name: _size(node, name) for name in ("exchange", "domestic")}
    value = {"node": manifest["node"], "made": manifest["made"], "home": str(cli.home), "erased_again": erased, "logs": sizes,
             "content_keys": options.keys is not None}  # fmt: skip
    lines = [f"{manifest['node']} as of {manifest['made']} is in {cli.home}: {sizes['exchange']} entries of the exchange log.",
             f"{erased} erasures were replayed." if options.keys else "No key store was given: contents are not readable.",
             "Next: spean doctor, spean log verify."]  # fmt: skip
    cli.say(value, "\n".join(lines))


def _size(node: Node, log: str) -> int:
    with node.store.read() as tx:
        return int(tx.log.head(log).size)
