"""Command lines that explain themselves: an argparse that raises our errors and knows the options of every command."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from spean.core.errors import InvalidInput

if TYPE_CHECKING:
    from spean.cli.context import Cli

Run = Callable[["Cli", argparse.Namespace], "int | None"]
"""Does a command; returns its exit status, None for 0."""


class Parser(argparse.ArgumentParser):
    """Refuses with ``InvalidInput`` instead of ending the process; no option may be abbreviated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        raise InvalidInput("command", message, remedy=f"{self.prog} --help", rule="usage")


def common() -> Parser:
    """The options that every command has, wherever they stand."""
    parser = Parser(add_help=False)
    group = parser.add_argument_group("for every command")
    group.add_argument("--home", metavar="DIR", default=argparse.SUPPRESS, help="the node's folder (or SPEAN_HOME)")
    group.add_argument("--token-file", metavar="FILE", default=argparse.SUPPRESS,
                       help="your API token (or SPEAN_TOKEN)")  # fmt: skip
    group.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON value")
    return parser


class Verbs:
    """The verbs of a group, e.g. those of ``spean peer``."""

    def __init__(self, parser: Parser) -> None:
        self._into = parser.add_subparsers(title="commands", metavar="COMMAND", dest="verb", required=True,
                                           parser_class=Parser)  # fmt: skip
        self.names: dict[str, Parser] = {}

    def add(self, name: str, help_: str, run: Run, *, aliases: tuple[str, ...] = (), more: str = "") -> Parser:
        """One verb; ``more`` is told below its help."""
        parser: Parser = self._into.add_parser(
            name,
            help=_escaped(help_),
            description=_escaped(help_[0].upper() + help_[1:] + "."),
            epilog=_escaped(more) or None,
            aliases=aliases,
            parents=[common()],
        )
        parser.set_defaults(run=run)
        self.names.update(dict.fromkeys((name, *aliases), parser))
        return parser


def _escaped(text: str) -> str:
    """Argparse formats with percent signs."""
    return text.replace("%", "%%")
