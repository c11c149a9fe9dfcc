"""``spean doctor``: each line says ok, warn or fail, and how to mend it. Exit status 1 when anything fails.

It changes nothing, and may run every minute beside a served node. What is looked at stands in ``node/health``.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spean.cli.context import Cli
from spean.cli.show import plain, table
from spean.core.errors import SpeanError

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser
    from spean.node.care.health import Line


def add(parser: Parser, _command: Command) -> None:
    """The options of ``spean doctor``."""
    parser.epilog = "Exit status 1 when a line says fail. It changes nothing and may run beside a served node."
    parser.add_argument("--full", action="store_true", help="check the whole database and recompute both logs")
    parser.add_argument("--no-network", action="store_true", help="call no partner")
    parser.set_defaults(run=doctor)


def doctor(cli: Cli, options: Namespace) -> int:
    """Look at everything."""
    lines = list(examine(cli, full=options.full, network=not options.no_network))
    well = not any(line.verdict == "fail" for line in lines)
    rows = [(line.verdict, line.name, line.says + (f" — {line.remedy}" if line.remedy else "")) for line in lines]
    cli.say({"ok": well, "checks": [plain(line) for line in lines]}, table(("", "what", "finding"), rows))
    return 0 if well else 1


def examine(cli: Cli, *, full: bool, network: bool) -> Iterator[Line]:
    """Every finding; what cannot be looked at because of an earlier failure is left out."""
    from spean.node.care import health
    from spean.node.settings import load_settings

    try:
        settings = load_settings(cli.home)
    except SpeanError as wrong:
        yield health.failed("settings", wrong)
        return
    yield health.named(settings)
    yield from health.machine(cli.home)
    tables = health.tables(settings, cli.home)
    yield tables
    if tables.verdict == "fail":
        return
    try:
        with cli.node() as node:
            yield from health.node_lines(node, full=full, network=network)
    except SpeanError as wrong:
        yield health.failed("keys", wrong)
