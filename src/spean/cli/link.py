"""``spean link``: which rows of one list, or of two, are the same. No node is needed."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli
from spean.cli.show import as_json, table

if TYPE_CHECKING:
    from spean.batch.columns import Columns
    from spean.cli.main import Command
    from spean.cli.parser import Parser

COLUMNS = (
    "MAP says what the columns hold: id=no,name=full_name,birth=dob, or the name of a TOML file with the same. Roles: id, name, "
    "given, family, birth, place, code (postal), phone, account, wallet, document, email, same (equal or not; may be given again). "
    "Without it, columns that are called like a role are taken. With --json one pair a line: a, b, probability, implied (it follows "
    "from other pairs). One list is compared within itself, two with each other."
)
MOST_SHOWN = 100
"""Pairs that people are shown; a program gets all."""


def add(parser: Parser, _command: Command) -> None:
    """The options of ``link``."""
    parser.epilog = COLUMNS
    parser.add_argument("lists", nargs="+", type=Path, metavar="CSV", help="one list, or two")
    parser.add_argument("--columns", metavar="MAP", help="what the columns hold")
    parser.add_argument(
        "--least", type=float, default=0.01, metavar="P", help="tell pairs of this probability or more (0.01)"
    )
    parser.add_argument(
        "--direct", action="store_true", help="only pairs that were compared, none that follow from others"
    )
    parser.set_defaults(run=link)


def link(cli: Cli, options: Namespace) -> None:
    """Print the pairs, surest first."""
    from spean.batch.linkage import link as linked

    pairs = linked(_read(options), least=options.least, joined=not options.direct)
    if cli.json:
        for pair in pairs:
            sys.stdout.write(as_json(pair._asdict()) + "\n")
        sys.stdout.flush()
        return
    found = list(pairs)
    rows = [
        (each.a, each.b, f"{each.probability:.3f}", "follows" if each.implied else "") for each in found[:MOST_SHOWN]
    ]
    more = f"\n\n{len(found) - MOST_SHOWN} more; --json tells all." if len(found) > MOST_SHOWN else ""
    cli.say(None, table(("a", "b", "probability", ""), rows, "No two rows seem to be the same.") + more)


def _read(options: Namespace) -> list[tuple[Path, Columns]]:
    """The lists with their columns. Raises ``InvalidInput``."""
    from spean.batch.columns import check, guess, header, parse
    from spean.core.errors import InvalidInput

    if len(options.lists) > 2:
        raise InvalidInput("CSV", f"{len(options.lists)} lists", remedy="one list, or two")
    if not 0 <= options.least <= 1:
        raise InvalidInput("--least", f"{options.least} is no probability", remedy="a number from 0 to 1")
    said = parse(options.columns) if options.columns else None
    made: list[tuple[Path, Any]] = []
    for path in options.lists:
        head = header(path)
        columns = said or guess(head)
        check(columns, path.name, head)
        made.append((path, columns))
    if len({(frozenset(each.of), len(each.same)) for _, each in made}) > 1:
        raise InvalidInput(
            "columns", "the two lists have different roles", remedy="name the columns of both with --columns"
        )
    return made
