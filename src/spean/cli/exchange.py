"""``spean exchange``: by file, without a line (docs/protocol.md, section 7)."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli.context import Cli, read_bytes, write_new
from spean.cli.parser import Verbs
from spean.cli.show import moment, stamp, table
from spean.core.errors import InvalidInput

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser

_ROUNDS = 20


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean exchange``."""
    verbs = Verbs(parser)
    export = verbs.add("export", "write what we have for a partner, and our receipts, to a file", export_file,
                       more="Use a wiped medium. Contents are sealed to the partner. Each fact is listed as exported.")  # fmt: skip
    export.add_argument("peer", metavar="PEER")
    export.add_argument("file", metavar="FILE", help="a new file")
    export.add_argument("--medium", default="", help="label of the medium (default: the file's name); recalls name it")
    export.add_argument("--reason", required=True, help="why by file, and who carries it; it is logged")
    import_ = verbs.add("import", "take a partner's file in, by the same seven steps as from the line", import_file)
    import_.add_argument("file", metavar="FILE")
    verbs.add("status", "what waits for a file, and which files went and came", show_status)


def export_file(cli: Cli, options: Namespace) -> None:
    """Write a parcel."""
    from spean.node.wire.by_file import ByFile

    target = Path(options.file)
    if target.exists():
        raise InvalidInput("file", f"{target} exists", remedy="name a new file")
    with cli.desk() as (node, who):
        parcel = ByFile(node).export(who, options.peer, medium=options.medium or target.name, reason=options.reason)
    write_new(target, parcel.data)
    more = f"; {parcel.more} more facts did not fit: export again when it was answered" if parcel.more else ""
    cli.say({"peer": parcel.peer, "file": str(target), "number": parcel.number, "facts": list(parcel.facts), "receipts": parcel.receipts,
             "more": parcel.more, "bytes": len(parcel.data)},
            f"{target}: number {parcel.number} for {parcel.peer}, {len(parcel.facts)} facts, {parcel.receipts} receipts{more}.")  # fmt: skip


def import_file(cli: Cli, options: Namespace) -> None:
    """Take a parcel in, and do what follows by itself, so that the answers go with the next file."""
    from spean.node.wire.by_file import MAX_PARCEL, ByFile

    data = read_bytes(options.file, "file", MAX_PARCEL)
    with cli.desk() as (node, who):
        taken = ByFile(node).take(who, data)
        for _ in range(_ROUNDS):
            if not node.clockwork.tick():
                break
    fates = {"accepted": 0, **{fate.status: 0 for fate in taken.fates}}
    for fate in taken.fates:
        fates[fate.status] += 1
    refused = [
        {"fact": fate.fact, "step": fate.step, "rule": fate.rule, "reason": fate.reason}
        for fate in taken.fates
        if fate.status == "refused"
    ]
    lines = [
        f"Number {taken.number} of {taken.peer}: " + ", ".join(f"{count} {status}" for status, count in fates.items())
    ]
    lines[0] += f", {taken.receipts} receipts for us. Give {taken.peer} a file in return: it carries our receipts."
    lines += [f"refused at step {one['step']}: {one['fact']}: {one['reason']}" for one in refused]
    cli.say(
        {"peer": taken.peer, "number": taken.number, "receipts": taken.receipts, "facts": fates, "refused": refused},
        "\n".join(lines),
    )


def show_status(cli: Cli, _options: Namespace) -> None:
    """Per partner."""
    from spean.node.wire.by_file import ByFile

    with cli.node() as node:
        rows = ByFile(node).status()
    cells = [(row["peer"], row["waiting"], row["exported"] or "-", moment(row["exported_at"]), row["imported"] or "-", moment(row["imported_at"]))
             for row in rows]  # fmt: skip
    values = [
        {**row, "exported_at": stamp(row["exported_at"]), "imported_at": stamp(row["imported_at"])} for row in rows
    ]
    cli.say(values, table(("partner", "no receipt", "last out", "at", "last in", "at"), cells, "no partners"))
