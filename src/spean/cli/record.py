"""``spean record``, ``search``, ``readers``, ``hold``: reading, each read with its reason (O2, R38), and keeping for a court."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli
from spean.cli.parser import Parser, Verbs
from spean.cli.show import moment, stamp, table

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.node.faces import RecordRow
    from spean.node.views.reading import FactView, RecordDetail


def add(parser: Parser, command: Command) -> None:
    """The options of ``command``."""
    if command.name == "record":
        verbs = Verbs(parser)
        list_options(verbs.add("list", "the desk's queue: what runs out next is on top", list_records))
        show_options(verbs.add("show", "one record with its facts, and what you may do now", show_record))
    elif command.name == "search":
        parser.epilog = (
            "With --rebuild nothing is searched: the index is built anew, which may be interrupted and repeated."
        )
        parser.add_argument("words", metavar="WORDS", nargs="?", default="")
        parser.add_argument("--reason", default="", help="why you search: the case or task; it is logged")
        parser.add_argument(
            "--alike",
            action="store_true",
            help="also what sounds alike, in other scripts too: candidates for a person to look at",
        )
        parser.add_argument("--rebuild", action="store_true", help="build the search index anew, under new keys")
        parser.add_argument("--limit", type=int, default=50, help="most facts to show (%(default)s)")
        parser.add_argument("--before", type=int, metavar="N", help="go on where the page before ended")
        parser.set_defaults(run=search)
    elif command.name == "readers":
        parser.epilog = "Needs the role auditor. The question is itself logged."
        parser.add_argument("record", metavar="RECORD")
        parser.set_defaults(run=readers)
    else:
        parser.epilog = "Needs the role legal. Recalls then answer: restricted, on this ground, until that day."
        parser.add_argument("record", metavar="RECORD")
        parser.add_argument("--ground", required=True, help="the court's order or the statute")
        parser.add_argument("--until", required=True, metavar="DAY", help="last day, YYYY-MM-DD")
        parser.set_defaults(run=hold)


def list_options(parser: Parser, procedure: str = "") -> None:
    """Options of a list of records."""
    if procedure:
        parser.set_defaults(procedure=procedure)
    else:
        parser.add_argument("--procedure", metavar="NAME", help="of this procedure only")
    parser.add_argument("--state", help="in this state only")
    parser.add_argument("--open", action="store_true", dest="open_only", help="leave out what is closed")
    parser.add_argument("--after", default="", metavar="RECORD", help="the last record of the page before")
    parser.add_argument("--limit", type=int, default=100, help="records on a page (%(default)s)")


def show_options(parser: Parser) -> None:
    """Options of one record."""
    parser.add_argument("record", metavar="RECORD")
    _reason(parser)


def _reason(parser: Parser) -> None:
    parser.add_argument("--reason", required=True, help="why you read this: the case or task; it is logged")


def list_records(cli: Cli, options: Namespace) -> None:
    """The queue."""
    with cli.desk() as (node, who):
        rows = node.reading_desk.records(who, procedure=options.procedure, state=options.state, open_only=options.open_only,
                                         after=options.after, limit=options.limit)  # fmt: skip
    cells = [(row.id, row.state, moment(row.due_at) or "-", row.unit, _parties(row)) for row in rows]
    cli.say(
        [record_value(row) for row in rows], table(("record", "state", "due", "unit", "parties"), cells, "no records")
    )


def show_record(cli: Cli, options: Namespace) -> None:
    """One record, read with a reason."""
    with cli.desk() as (node, who):
        detail = node.reading_desk.record(who, options.record, reason=options.reason)
    value = {**record_value(detail.row), "facts": [fact_value(view) for view in detail.facts], "offers": _offers(detail),
             "held_by": [{"node": node_, "receipt": status} for node_, status in detail.held_by]}  # fmt: skip
    cli.say(value, _record_text(detail))


def search(cli: Cli, options: Namespace) -> None:
    """Facts that hold the words."""
    if options.rebuild:
        with cli.node() as node:
            count = node.indexing.rebuild()
        cli.say({"facts": count}, f"The index was built anew from {count} facts.")
        return
    with cli.desk() as (node, who):
        found = node.reading_desk.search(
            who,
            words=options.words,
            reason=options.reason,
            limit=options.limit,
            before=options.before,
            alike=options.alike,
        )
    cells = [
        (
            moment(row.at), row.origin, row.kind, row.record, row.id, "sounds alike" if hit.alike else "", _form(hit.fact)
        )
        for hit in found
        for row in (hit.fact.row,)
    ]  # fmt: skip
    heads = ("time", "origin", "kind", "record", "fact", "found", "form")
    text = table(heads, cells, "nothing found")
    if any(hit.alike for hit in found):
        text += "\nWhat only sounds alike is a candidate for a person to look at, never a match."
    if found.before is not None:
        why = "Too many facts hold such words; give more of them, or go on" if found.cut else "Older ones"
        text += f"\n{why}: --before {found.before}"
    if found.behind:
        text += f"\n{found.behind} facts are not indexed yet."
    cli.say([{**fact_value(hit.fact), "alike": hit.alike} for hit in found], text)


def readers(cli: Cli, options: Namespace) -> None:
    """Who read it."""
    with cli.desk() as (node, who):
        rows = node.reading_desk.readers(who, options.record)
        names = {user.id: user.name for user in node.people.list()}
    values = [
        {"at": stamp(row.at), "user": row.user, "name": names.get(row.user, ""), "act": row.act, "fact": row.fact}
        for row in rows
    ]
    cells = [(moment(row.at), row.user, names.get(row.user, ""), row.act) for row in rows]
    cli.say(values, table(("time", "user", "name", "what"), cells, "nobody has read it"))


def hold(cli: Cli, options: Namespace) -> None:
    """A legal hold."""
    with cli.desk() as (node, who):
        node.recalling.legal_hold(who, options.record, options.ground, options.until)
    cli.say({"record": options.record, "ground": options.ground, "until": options.until},
            f"{options.record} is kept until {options.until}: {options.ground}")  # fmt: skip


def record_value(row: RecordRow) -> dict[str, Any]:
    """A record for a program."""
    return {
        "record": row.id, "procedure": row.procedure, "version": row.version, "state": row.state, "closed": row.closed,
        "parties": {name: list(nodes) for name, nodes in row.parties.items()}, "instrument": row.instrument, "purpose": row.purpose,
        "via": row.via, "unit": row.unit, "opened_at": stamp(row.opened_at), "entered_at": stamp(row.entered_at), "due_at": stamp(row.due_at),
    }  # fmt: skip


def fact_value(view: FactView) -> dict[str, Any]:
    """A fact for a program."""
    row = view.row
    return {
        "fact": row.id, "record": row.record, "kind": row.kind, "origin": row.origin, "track": row.track, "at": stamp(row.at), "status": row.status,
        "reason": row.reason, "erased_at": stamp(row.erased_at), "by": view.by, "form": view.form, "header": view.header,
        "log": row.log, "index": row.index,
        "receipts": [{"peer": each.peer, "status": each.status, "at": stamp(each.at), "step": each.step, "rule": each.rule, "reason": each.reason}
                     for each in view.receipts if each.direction == "in"],
    }  # fmt: skip


def _offers(detail: RecordDetail) -> list[dict[str, Any]]:
    return [{"kind": offer.kind, "adverse": offer.adverse, "says": offer.transition.doc,
             "in_the_way": None if offer.refusal is None else offer.refusal.diagnostics()} for offer in detail.offers]  # fmt: skip


def _record_text(detail: RecordDetail) -> str:
    row = detail.row
    due = f", next deadline {moment(row.due_at)}" if row.due_at is not None else ""
    lines = [row.id, f"state {row.state} since {moment(row.entered_at)}{due}", f"parties {_parties(row)}",
             f"under {row.instrument or '-'}, purpose {row.purpose or '-'}"]  # fmt: skip
    cells = [
        (moment(view.row.at), view.row.origin, view.row.kind, view.by or "", _status(view), view.row.id, _form(view))
        for view in detail.facts
    ]
    lines += ["", table(("time", "origin", "kind", "by", "status", "fact", "form"), cells)]
    if detail.offers:
        lines += ["", "You may now:"]
        lines += [f"  {offer.kind:<20} {_in_the_way(offer.refusal) or offer.transition.doc}" for offer in detail.offers]
    if detail.held_by:
        lines += [
            "",
            "Sent to: " + ", ".join(f"{node} ({status or 'no receipt yet'})" for node, status in detail.held_by),
        ]
    return "\n".join(lines)


def _in_the_way(refusal: Any) -> str:
    return "" if refusal is None else f"not yet: {refusal}"


def _status(view: FactView) -> str:
    return "erased" if view.row.erased_at is not None else view.row.status


def _form(view: FactView) -> str:
    return "" if view.form is None else json.dumps(view.form, ensure_ascii=False)


def _parties(row: RecordRow) -> str:
    return "; ".join(f"{name} {', '.join(nodes)}" for name, nodes in row.parties.items())
