"""``spean extract``: the selectors in a text or file, for people and scripts. No node is needed."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli.context import Cli
from spean.cli.show import as_json, table
from spean.core.errors import InvalidInput, TooMuch

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser

MOST_BYTES = 80_000_000


def add(parser: Parser, command: Command) -> None:
    """The options of ``extract``."""
    del command
    parser.add_argument("text", metavar="TEXT|FILE", help="a text, the name of a text file, or - for what is piped in")
    parser.add_argument(
        "--country", default="", metavar="CC", help="where numbers without a country code are from, e.g. KH"
    )
    parser.set_defaults(run=extract)


def extract(cli: Cli, options: Namespace) -> None:
    """Find phones, accounts, wallets, addresses of the internet, devices, papers, amounts and user names, each with its place."""
    from spean.entities.extract import extract as found_in

    found = found_in(_read(options.text), options.country.upper())
    if cli.json:
        for each in found:
            print(as_json({"kind": each.kind, "value": each.value, "clean": each.clean, "start": each.start, "end": each.end,
                           **({"also": list(each.also)} if each.also else {})}))  # fmt: skip
        return
    rows = [(each.kind, each.clean, each.value, f"{each.start}-{each.end}") for each in found]
    print(table(("kind", "clean", "as written", "place"), rows, none="Nothing was found."))


def _read(text: str) -> str:
    """The text itself, what a file of that name holds, or what is piped in."""
    if text == "-":
        return _decoded(sys.stdin.buffer.read(MOST_BYTES + 1), "what is piped in")
    try:
        path = Path(text)
        is_file = len(text) < 4096 and path.is_file()
    except (OSError, ValueError):
        is_file = False
    if not is_file:
        return text
    with path.open("rb") as file:
        return _decoded(file.read(MOST_BYTES + 1), text)


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MOST_BYTES:
        raise TooMuch(f"{name} is too long", why=f"more than {MOST_BYTES} bytes", remedy="cut it into parts")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise InvalidInput("text", f"{name} is no UTF-8 text (byte {wrong.start})", remedy="save it as UTF-8") from None
