"""The verbs of ``spean entity`` that are no single act: lists, exact values, FollowTheMoney files."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from spean.cli.context import Cli, write_new
from spean.cli.parser import Verbs
from spean.cli.progress import Bar
from spean.cli.show import table
from spean.core.errors import InvalidInput
from spean.core.marks import Nature, Purpose, SourceGrade
from spean.dossiers.model import Category
from spean.entities.kinds import KIND_NAMES


def add_files(verbs: Verbs) -> None:
    """``known``, ``find``, ``import``, ``export``."""
    listed = verbs.add("known", "persons and things that you may read; the look is logged (R38)", list_entities)
    listed.add_argument(
        "--kind", default="", choices=("", *KIND_NAMES), metavar="KIND", help="only this kind, e.g. person"
    )
    listed.add_argument("--reason", required=True)
    find = verbs.add("find", "who says an exact value: records, never content", find_value)
    find.add_argument("type", metavar="TYPE", help="phone, account, wallet, document, imei, email …")
    find.add_argument("value", metavar="VALUE")
    find.add_argument("--chain", default="", help="for a wallet: its chain")
    find.add_argument("--purpose", required=True, choices=tuple(Purpose), metavar="PURPOSE")
    find.add_argument("--reason", required=True)
    take = verbs.add("import", "take a file of FollowTheMoney in; the file stands behind every statement", import_file)
    take.add_argument("file", type=Path, metavar="FILE", help="one JSON object a line")
    take.add_argument("--dataset", required=True, metavar="NAME", help="the list's name, the same each time")
    take.add_argument("--purpose", required=True, choices=tuple(Purpose), metavar="PURPOSE")
    take.add_argument(
        "--category", default="other", choices=get_args(Category), metavar="CATEGORY", help="of the persons in it"
    )
    take.add_argument("--source", default="X", choices=tuple(SourceGrade), help="how reliable the source is")
    take.add_argument("--grade", type=int, default=4, choices=(1, 2, 3, 4), help="how sure the information is")
    take.add_argument("--nature", default="assessment", choices=tuple(Nature))
    take.add_argument("--words", default="", help="version and date of the file")
    give = verbs.add("export", "write what you may read as FollowTheMoney; logged, and listed as exported", export_file)
    give.add_argument("file", type=Path, metavar="FILE", help="a new file")
    give.add_argument("--record", action="append", default=[], metavar="RECORD", help="only this one; may be repeated")
    give.add_argument("--reason", required=True)


def list_entities(cli: Cli, options: Namespace) -> None:
    """Those that changed last first."""
    with cli.desk() as (node, who):
        rows, following = node.same.viewing.listed(who, kind=options.kind, reason=options.reason)
    cells = [(each.record, each.kind, each.category, each.state, each.caption) for each in rows]
    cli.say(
        {"entities": rows, "after": following},
        table(("record", "kind", "category", "border", "name"), cells, "none that you may read"),
    )


def find_value(cli: Cli, options: Namespace) -> None:
    """One exact value."""
    with cli.desk() as (node, who):
        asked = node.same.selector(options.type, options.value, options.chain)
        found = node.same.find(who, [asked], purpose=options.purpose, reason=options.reason)
    cells = [(each.record, each.thing, each.property, each.origin, f"{each.source}{each.grade}") for each in found]
    cli.say(found, table(("record", "kind", "said as", "by", "graded"), cells, "nobody says it"))


def import_file(cli: Cli, options: Namespace) -> None:
    """A file in."""
    from spean.node.same.exchanging import Origin

    origin = Origin(
        dataset=options.dataset, purpose=options.purpose, category=options.category, source=options.source, grade=options.grade,
        nature=options.nature, words=options.words or options.file.name,
    )  # fmt: skip
    with cli.desk() as (node, who), Bar(options.file.name) as bar:
        taken = node.same.exchanging.take(
            who, _lines(options.file), origin, lambda count: bar.stage(f"{count} entities")
        )
    report = taken.report
    words = [
        f"{taken.opened} new, {taken.added} with more, {taken.known} as known, {taken.linked} links, {taken.loose} loose links."
    ]
    for title, counts in (
        ("Of no kind here", report.schemata), ("Of no property here", report.properties), ("Never kept (R21)", report.forbidden),
        ("Not well formed", report.values), ("Refused", taken.refused),
    ):  # fmt: skip
        if counts:
            words.append(f"{title}: " + ", ".join(f"{name} × {count}" for name, count in counts.most_common(20)))
    words += [f"Line {line}: {why}" for line, why in report.bad_lines]
    cli.say(taken, "\n".join(words))


def export_file(cli: Cli, options: Namespace) -> None:
    """A file out."""
    with cli.desk() as (node, who):
        data = b"".join(node.same.exchanging.give(who, reason=options.reason, records=options.record))
    write_new(options.file, data)
    count = data.count(b"\n")
    cli.say({"file": str(options.file), "lines": count}, f"{options.file}: {count} lines.")


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise InvalidInput("file", f"{path} cannot be read: {error}", remedy="name a readable file") from error
