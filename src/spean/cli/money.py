"""``spean money``: files into the node's ledgers, the hold board, a case's money. Beside a served node only reading: the server writes."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli
from spean.cli.parser import Parser, Verbs
from spean.cli.show import moment, table
from spean.core.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.node.money.model import ImportState, Sum

PIECE = 1 << 20
HINTS = ("currency", "account", "keeper", "offset", "chain")
OWN = "what came of the file that was given"
"""Why the one who gives a file looks at it."""
_NUMBERS = ("offset", "header_line")


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean money``."""
    verbs = Verbs(parser)
    taking = verbs.add("import", "take a file into the ledgers; a bank's table is confirmed once", take)
    taking.add_argument("file", type=Path, metavar="FILE")
    taking.add_argument("--source", default="B", choices=("A", "B", "C", "X"), help="reliability of the source")
    taking.add_argument("--grade", type=int, default=2, choices=(1, 2, 3, 4), help="reliability of the information")
    for name in HINTS:
        taking.add_argument(f"--{name}", default="", metavar=name.upper(), help="what is known of it already")
    taking.add_argument("--confirm", nargs="*", default=None, metavar="FIELD=VALUE",
                        help="you have looked: the table is read as proposed, but for these fields")  # fmt: skip
    verbs.add("imports", "the files, newest first", imports)
    erasing = verbs.add("erase-import", "erase what a file said: store, ledgers, traces (D4)", erase_import)
    erasing.add_argument("file", metavar="ID", help="as spean money imports names it")
    erasing.add_argument("--reason", required=True, help="who asked for it, or the order")
    erasing.add_argument("--look", action="store_true", help="only tell what would go, and what stays")
    verbs.add("board", "every hop of every open case; accounts masked", board)
    sheet = verbs.add("case", "a case's money sheet", case)
    sheet.add_argument("record", metavar="RECORD")
    sheet.add_argument("--reason", required=True, help="why it is read (R38)")


def take(cli: Cli, options: Namespace) -> None:
    """Take a file in, and wait until it is read."""
    if not options.file.is_file():
        raise NotFound(f"no file {options.file}", remedy="name a file")
    hints: dict[str, Any] = {name: getattr(options, name) for name in HINTS if getattr(options, name)}
    if "offset" in hints:
        hints["offset"] = _number("offset", hints["offset"])
    with cli.desk() as (node, who):
        state = node.money.take_file(
            who, options.file.name, _pieces(options.file), options.source, options.grade, hints, wait=True
        )
        seen = node.money.recognised(who, state.id, reason=OWN) if state.state == "asking" else None
        if seen is not None and options.confirm is not None:
            state, seen = node.money.confirm_mapping(who, state.id, _answers(options.confirm), wait=True), None
        bad = node.money.import_rows(who, state.id, reason=OWN) if state.rejected else []
    value = {
        **asdict(state),
        "rows": [asdict(each) for each in bad],
        "recognised": None if seen is None else asdict(seen),
    }
    lines = [_line(state), *(f"line {each.line}, {each.field}: {each.reason} — {each.remedy}" for each in bad[:20])]
    if seen is not None:
        lines += [*seen.questions, *(f"{name} = {each}" for name, each in sorted(seen.mapping.items())),
                  "Give the file again with --confirm FIELD=VALUE … when this is right."]  # fmt: skip
    cli.say(value, "\n".join(lines))


def imports(cli: Cli, _options: Namespace) -> None:
    """The files."""
    with cli.desk() as (node, who):
        found = node.money.imports(who)
    rows = [
        (each.id, moment(each.at), each.state, each.document, each.taken, each.twice, each.rejected, each.name)
        for each in found
    ]
    heads = ("file", "time", "state", "kind", "taken", "twice", "rejected", "name")
    cli.say([asdict(each) for each in found], table(heads, rows, "no files"))


def erase_import(cli: Cli, options: Namespace) -> None:
    """Tell what goes and what stays, and erase."""
    with cli.desk() as (node, who):
        seen = node.money.erasure(who, options.file)
        state = seen.file if options.look else node.money.erase_import(who, options.file, options.reason, wait=True)
    lines = [
        f"{seen.file.name}: {seen.payments} payments of {', '.join(seen.currencies) or 'no ledger'}",
        f"{len(seen.cases)} open cases are traced again without it" + "".join(f"\n  {each}" for each in seen.cases),
        f"{seen.requests} requests went out for them: what requests and other facts say stays until it is recalled",
        "payments that a file given later told of too go as well: give that file again",
        f"state: {state.state}",
    ]
    cli.say({**asdict(seen), "state": state.state}, "\n".join(lines))


def board(cli: Cli, _options: Namespace) -> None:
    """The hold board."""
    with cli.desk() as (node, who):
        found = node.money.board(who)
    rows = [
        (each.node or "nobody known", each.account, each.state, _sum(each.asked), _sum(each.held),
         moment(each.due_at) if each.due_at else "", each.due, each.next, each.case)
        for each in found
    ]  # fmt: skip
    heads = ("node", "account", "state", "asked", "held", "until", "then", "our turn", "case")
    cli.say([asdict(each) for each in found], table(heads, rows, "no open hop"))


def case(cli: Cli, options: Namespace) -> None:
    """A case's money by both rules."""
    with cli.desk() as (node, who):
        sheet = node.money.sheet(who, options.record, reason=options.reason)
    rows = [
        (
            each.node or "nobody known",
            each.account,
            each.hop,
            " ".join(map(_sum, each.located)),
            " ".join(map(_sum, each.claimed)),
        )
        for each in sheet.places
    ]
    heads = ("node", "account", "hop", f"located ({sheet.locate})", f"claimed ({sheet.claim})")
    open_ = [f"{each.node}: {_sum(each.amount)}: {each.why}" for each in sheet.unanswered]
    rest = [f"not followed, beneath the unit of the ledger: {_sum(each)}" for each in sheet.not_followed]
    cli.say(asdict(sheet), "\n".join([table(heads, rows, "nothing is found yet"), *open_, *rest]))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _answers(given: list[str]) -> dict[str, Any]:
    """``columns.payer=2``, ``currency=KRW``, ``buddhist=yes``."""
    found: dict[str, Any] = {}
    for each in given:
        name, sign, text = each.partition("=")
        if not sign:
            raise InvalidInput("confirm", f"{each[:40]!r} has no =", remedy="FIELD=VALUE")
        if name.startswith("columns."):
            found.setdefault("columns", {})[name.removeprefix("columns.")] = _number(name, text)
        elif name in _NUMBERS:
            found[name] = _number(name, text)
        else:
            found[name] = text == "yes" if name == "buddhist" else text
    return found


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidInput(name, f"{text[:20]!r} is no whole number", remedy="such as 420") from None


def _line(state: ImportState) -> str:
    told = f"{state.name}: {state.state}: {state.taken} taken, {state.twice} known already, {state.rejected} rejected, {state.late} late"
    return f"{told}. {state.why}" if state.why else told


def _sum(each: Sum) -> str:
    whole, places = str(each.amount).rjust(each.digits + 1, "0"), each.digits
    return f"{whole[:-places]}.{whole[-places:]} {each.currency}" if places else f"{whole} {each.currency}"
