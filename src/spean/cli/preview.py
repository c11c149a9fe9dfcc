"""``spean preview``: who would receive this, and why; who not, and why not; before anything is sent (D3)."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli
from spean.cli.marks import marks_options, read_marks
from spean.cli.show import table
from spean.core.errors import InvalidInput, NotFound
from spean.core.world import iso

if TYPE_CHECKING:
    from spean.agreements.preview import PreviewLine
    from spean.agreements.question import Question
    from spean.cli.main import Command
    from spean.cli.parser import Parser
    from spean.node.acts.acting import Marks
    from spean.node.node import Node


def add(parser: Parser, _command: Command) -> None:
    """The options of ``spean preview``."""
    parser.epilog = (
        "Without --to every partner is asked about. Without --instrument every agreement in force is tried, and the one that permits it "
        "is shown. Example: spean preview request send --purpose stop-fraud --data wallet"
    )
    parser.add_argument("group", metavar="GROUP", help="request, circular, agreement …")
    parser.add_argument("kind", metavar="KIND", help="what would be done, e.g. send")
    parser.add_argument("--to", default="", metavar="KH,TH", help="only these partners")
    parser.add_argument("--clauses", action="store_true", help="show every clause that was weighed")
    marks_options(parser)
    parser.set_defaults(run=preview)


def preview(cli: Cli, options: Namespace) -> None:
    """Ask the agreements, send nothing."""
    procedure, kind = _act(options.group, options.kind)
    marks = read_marks(options, procedure, opening=True)
    with cli.node() as node:
        to = tuple(part.strip() for part in options.to.split(",") if part.strip())
        lines = _lines(node, marks, procedure, kind, to)
    cli.say([_value(line) for line in lines], _text(lines, clauses=options.clauses))


def _act(group: str, kind: str) -> tuple[str, str]:
    from spean.cli.derived import named, procedure_of
    from spean.cli.main import COMMANDS

    command = COMMANDS.get(group)
    if command is None or not command.procedure:
        groups = ", ".join(name for name, each in COMMANDS.items() if each.procedure)
        raise NotFound(f"no group {group!r}", remedy=f"one of {groups}")
    procedure = procedure_of(command.procedure)
    kind = named(procedure, kind)
    if kind not in procedure.by_kind:
        raise NotFound(f"{procedure.name} has no act {kind!r}", remedy=f"one of {', '.join(procedure.by_kind)}")
    if procedure.by_kind[kind].local:
        raise InvalidInput(
            "kind", f"{kind} stays on our own track: nobody would receive it", remedy="name a shared act"
        )
    return procedure.name, kind


def _lines(node: Node, marks: Marks, procedure: str, kind: str, to: tuple[str, ...]) -> list[PreviewLine]:
    """For each receiver the line of the agreement that permits it, else the first that says why not."""
    best: dict[str, PreviewLine] = {}
    for instrument in _instruments(node, marks):
        for line in node.reading_desk.preview(_question(node, marks, procedure, kind, instrument), to):
            known = best.get(line.node)
            if known is None or (line.allowed and not known.allowed):
                best[line.node] = line
    return list(best.values())


def _instruments(node: Node, marks: Marks) -> Iterable[str]:
    if marks.instrument is not None:
        return (marks.instrument,)
    with node.reading():
        found = [each.id for each in node.registry if each.state == "in-force" and node.me in each.members]
    if not found:
        raise NotFound(
            f"no agreement in force binds {node.me}", rule="R26", remedy="accept a partner, then: spean agreement draft"
        )
    return sorted(found, key=lambda name: name == "peering")


def _question(node: Node, marks: Marks, procedure: str, kind: str, instrument: str) -> Question:
    from spean.agreements.question import Question
    from spean.node.acts.acting import DEFAULTS

    def mark(name: str) -> Any:
        value = getattr(marks, name)
        return DEFAULTS[name] if value is None else value

    return Question(
        sender=node.me, receiver=node.me, origin=node.me, instrument=instrument, purpose=mark("purpose"), data=mark("data"),
        subject=mark("subject"), tlp=mark("tlp"), handling=mark("handling"), procedure=procedure, kind=kind, via=mark("via"),
        date=iso(node.clock.now())[:10],
    )  # fmt: skip


def _value(line: PreviewLine) -> dict[str, Any]:
    return {"node": line.node, "allowed": line.allowed, "instrument": line.instrument, "rule": line.rule, "reason": line.reason,
            "remedy": line.remedy, "clauses": [_clause(clause) for clause in line.clauses]}  # fmt: skip


def _clause(clause: Any) -> dict[str, Any]:
    from spean.cli.show import plain

    value: dict[str, Any] = plain(clause)
    return value


def _text(lines: list[PreviewLine], *, clauses: bool) -> str:
    cells = [
        (line.node, "would receive it" if line.allowed else "would NOT receive it", line.instrument, line.rule,
         line.reason if line.allowed or not line.remedy else f"{line.reason} — {line.remedy}") for line in lines
    ]  # fmt: skip
    text = table(("partner", "", "under", "rule", "why"), cells, "no partner: nobody would receive it")
    if clauses:
        for line in lines:
            rows = [(clause.name, "holds" if clause.holds else "does NOT hold", clause.says) for clause in line.clauses]
            text += f"\n\n{line.node}:\n{table(('clause', '', 'what it says'), rows)}"
    return text
