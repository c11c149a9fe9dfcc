"""``spean trace``, ``trace-many`` and ``index``: follow money through a ledger file, for people and scripts. No node is needed."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli
from spean.cli.progress import Bar
from spean.cli.show import as_json, table
from spean.core.errors import NotFound

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser

MOST_TOLD = 5
"""Unknown ids that are named at the end; each stands in its own line, too."""
LEDGER = (
    "LEDGER is a Parquet or CSV file, a folder of them, files of AMLSim, or an index (spean index). Columns: id,time,payer,payee,amount,currency; "
    "time in ISO 8601 or milliseconds, amount in whole minor units, rows in order of time, one currency."
)


def add(parser: Parser, command: Command) -> None:
    """The options of ``command``."""
    parser.epilog = LEDGER
    parser.add_argument("ledger", type=Path, metavar="LEDGER", help="where the transfers are")
    {"trace": _trace_options, "trace-many": _many_options, "index": _index_options}[command.name](parser)
    parser.add_argument(
        "--balances", type=Path, metavar="FILE", help="opening balances: account,amount (CSV or Parquet)"
    )


def _trace_options(parser: Parser) -> None:
    parser.add_argument("--payment", required=True, metavar="ID", help="the payment to follow")
    _rule_options(parser)
    parser.set_defaults(run=trace)


def _many_options(parser: Parser) -> None:
    parser.add_argument(
        "--payments",
        required=True,
        type=Path,
        metavar="FILE",
        help="the payments to follow, one id a line; one that is unknown is said in its line, and the command ends with 3",
    )
    _rule_options(parser)
    parser.set_defaults(run=trace_many)


def _rule_options(parser: Parser) -> None:
    parser.add_argument(
        "--rule", default="fifo", metavar="RULE", help="fifo (if none is named), lifo, haircut or poison"
    )
    parser.add_argument(
        "--hours", metavar="H", help="follow for so long, the last moment included; else to the ledger's end"
    )


def _index_options(parser: Parser) -> None:
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="DIR", help="a new folder, or an index to replace"
    )
    parser.add_argument(
        "--keep-good", action="store_true", help="leave bad rows out and name them, instead of stopping"
    )
    parser.set_defaults(run=index)


@contextmanager
def _loading(cli: Cli, source: Path) -> Iterator[Bar]:
    """A bar while it lasts; if rows are bad, those that the error does not show are told line by line."""
    from spean.ledgers.bad import BadRows

    try:
        with Bar(source.name) as bar:
            yield bar
    except BadRows as bad:
        if not cli.json:
            for row in bad.rows[5:]:
                cli.tell(str(row))
        raise


def trace(cli: Cli, options: Namespace) -> None:
    """Follow one payment."""
    from spean.ledgers.run import run_trace

    with _loading(cli, options.ledger) as bar:
        found = run_trace(
            options.ledger, options.payment, options.rule, options.hours, options.balances, bar, bar.stage
        )
    cli.say(found, _for_people(found))


def trace_many(cli: Cli, options: Namespace) -> None:
    """Follow many; always one JSON object a line, in the order asked. Raises ``NotFound`` after the last one when some are unknown."""
    from spean.ledgers.run import run_trace_many

    unknown: list[str] = []
    with _loading(cli, options.ledger) as bar:
        several = run_trace_many(
            options.ledger, options.payments, options.rule, options.hours, options.balances, bar, bar.stage
        )
        first = next(several, None)  # reading the ledger is what the bar shows
    for found in () if first is None else chain((first,), several):
        unknown += [found["error"]] if "error" in found else []
        sys.stdout.write(as_json(found) + "\n")
    sys.stdout.flush()
    if unknown:
        more = f" and {len(unknown) - MOST_TOLD} more" if len(unknown) > MOST_TOLD else ""
        raise NotFound(
            f"{len(unknown)} of the payments", why="; ".join(unknown[:MOST_TOLD]) + more,
            remedy="check the ids, and whether the ledger reaches back so far; the others are answered",
        )  # fmt: skip


def index(cli: Cli, options: Namespace) -> None:
    """Build the mapped index."""
    from spean.ledgers.index import build

    with _loading(cli, options.ledger) as bar:
        built = build(
            options.ledger, options.output, options.balances, bar, keep_good=options.keep_good, stage=bar.stage
        )
    for row in built.bad:
        cli.tell(f"left out: {row}")
    if built.left_out > len(built.bad):
        cli.tell(f"left out: {built.left_out - len(built.bad)} more")
    cli.say(
        {"index": str(options.output), "rows": built.rows, "accounts": built.accounts, "left_out": built.left_out},
        f"{built.rows} transfers between {built.accounts} accounts are indexed in {options.output}.",
    )


def _for_people(found: dict[str, Any]) -> str:
    rule, unit = found["rule"], _currency(found)
    head = f"Payment {found['payment']}: {found['amount']}{unit} (minor units), by {rule.upper() if rule in ('fifo', 'lifo') else rule}"
    if rule == "poison":
        rows = [(each["account"], each["hop"], each["payment"]) for each in found["lots"]]
        return f"{head}: {len(rows)} accounts reached.\n\n" + table(("account", "hop", "first reached by"), rows)
    places = [(each["account"], each["amount"]) for each in found["positions"]]
    text = f"{head}, {found['depth']} hops deep.\n\n" + table(("account", "amount"), places, "nothing moved")
    if rule == "haircut":
        return text
    lots = [(each["from"], each["to"], each["account"], each["hop"], each["payment"]) for each in found["lots"]]
    return text + "\n\nPiece by piece:\n" + table(("from", "to", "account", "hop", "brought by"), lots, "nothing moved")


def _currency(found: dict[str, Any]) -> str:
    return next((f" {each['currency']}" for each in found["positions"]), "")
