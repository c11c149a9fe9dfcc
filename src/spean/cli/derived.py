"""Groups whose verbs come from a procedure's declaration (D6): each kind of act is a command, and nobody writes it twice.

Only the procedure that is asked for is imported, so that help stays quick.
"""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from spean.cli import record as record_commands
from spean.cli.context import Cli
from spean.cli.forms import form_options, read_form, read_lines
from spean.cli.marks import marks_options, read_marks
from spean.cli.parser import Parser, Verbs
from spean.core.errors import InvalidInput, NotFound
from spean.core.ids import check_fact, parse_record
from spean.procedures import forms

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.node.acts.acting import Done
    from spean.node.node import Node
    from spean.procedures.declare import Procedure, Transition

ROOMS = {
    "agreement": "treaties", "circular": "circulars", "information-request": "requests", "recall": "recalls",
    "key-rotation": "trust", "desk": "directory", "onward-consent": "onward",
    "onward-notice": "onward", "onward-transfer": "onward", "consented-transfer": "onward", "stop-payment": "holds",
    "fraud-report": "holds", "trace-question": "holds", "preservation": "preservation", "restitution": "restitution",
    "mule-account": "mules", "entity": "dossiers", "candidate": "candidates", "look-up": "candidates", "watch": "candidates",
    "open-list": "candidates", "safeguard": "candidates", "offline-extract": "candidates", "holding": "hits", "private-question": "hits",
    "question-budget": "hits", "overlap": "hits",
}  # fmt: skip
"""Procedure to the room that declares it."""
ALIASES: dict[str, dict[str, tuple[str, ...]]] = {
    "agreement": {"propose": ("draft",), "suspend-pair": ("suspend",), "resume-pair": ("resume",)},
}
ELSEWHERE = {
    "*": ("correct",), "key-rotation": ("announce", "revoke"), "onward-consent": ("use",), "onward-notice": ("tell",),
    "onward-transfer": ("pass-on",), "consented-transfer": ("pass-on",),
}  # fmt: skip
"""Kinds that have a command of their own with more behind it: ``spean fact correct`` also recalls from every holder,
``spean key rotate`` makes the keys that it announces, ``spean fact pass-on`` spends the consent, or tells the owner."""
MORE = {
    "agreement": ("amendments", "add"), "key-rotation": ("keydesk", "add_key"), "desk": ("keydesk", "add_desk"),
    "information-request": ("figures", "add_late"), "entity": ("entities", "add_files"),
}  # fmt: skip
"""Where a group has verbs that are no single act: module and function."""


def procedure_of(name: str) -> Procedure:
    """The newest version of a procedure, from its room."""
    room: Any = import_module(f"spean.{ROOMS[name]}.procedures")
    found: Procedure = max((each for each in room.PROCEDURES if each.name == name), key=lambda each: each.version)
    return found


def named(procedure: Procedure, word: str) -> str:
    """The kind that a verb stands for: itself, ``open`` for the opening kind, or a shorter name."""
    if word == "open":
        return procedure.opening.kind
    shorter = ALIASES.get(procedure.name, {})
    return next((kind for kind, words in shorter.items() if word in words), word)


def acts_of(procedure: Procedure) -> list[Transition]:
    """The acts that somebody can do by hand: no clock's, no automatic one."""
    elsewhere = (*ELSEWHERE["*"], *ELSEWHERE.get(procedure.name, ()))
    return [t for t in procedure.by_kind.values() if not t.is_timer and not t.auto and t.kind not in elsewhere]


def add(parser: Parser, command: Command) -> None:
    """The verbs of a group, from its declaration; then list, show, schema and manual."""
    procedure = procedure_of(command.procedure)
    parser.epilog = (
        "Acts need a token (SPEAN_TOKEN). The same acts are offered by the API; what each means stands in: manual."
    )
    verbs = Verbs(parser)
    aliases = ALIASES.get(procedure.name, {})
    for t in acts_of(procedure):
        names = aliases.get(t.kind, ())
        if t.opens and t.kind != "open":
            names += ("open",)
        _act_options(
            verbs.add(t.kind, _says(t), partial(act, procedure=procedure, transition=t), aliases=names, more=_more(t)),
            t,
            own=procedure.own,
        )
    record_commands.list_options(verbs.add("list", f"records of the procedure {procedure.name}", record_commands.list_records),
                                 procedure.name)  # fmt: skip
    record_commands.show_options(
        verbs.add("show", "one record with its facts, and what you may do now", record_commands.show_record)
    )
    schema = verbs.add(
        "schema", "the form of one kind of act, as JSON Schema", partial(show_schema, procedure=procedure)
    )
    schema.add_argument("kind", metavar="KIND")
    verbs.add(
        "manual",
        "what the procedure is, its acts, states, clocks and safeguards",
        partial(show_manual, procedure=procedure),
    )
    more = MORE.get(procedure.name)
    if more is not None:
        getattr(import_module(f"spean.cli.{more[0]}"), more[1])(verbs)


def _says(t: Transition) -> str:
    return (t.doc or t.kind).rstrip(".")


def _more(t: Transition) -> str:
    told = [f"Form fields: {', '.join(_field(t.form, name) for name in t.form.__struct_fields__) or 'none'}."]
    if t.sources and t.sources != ("*",):
        told.append(f"Possible in: {', '.join(t.sources)}.")
    if t.roles:
        told.append(f"Needs the role: {' or '.join(t.roles)}.")
    told += [f"{rule.number}: {rule.text}" for rule in t.rules]
    return " ".join(told)


def _field(form: type[forms.Form], name: str) -> str:
    needed = forms.schema(form).get("required", ())
    return name if name in needed else f"[{name}]"


def _act_options(parser: Parser, t: Transition, *, own: bool) -> None:
    """``own``: its records have no recipients."""
    target = ("" if own else " --to KH,TH") if t.opens else " RECORD"
    parser.usage = f"%(prog)s [form] [marks]{target}"
    if t.opens and not own:
        parser.add_argument("--to", required=True, metavar="KH,TH", help="partners that take part")
    elif not t.opens:
        parser.add_argument("record", metavar="RECORD", help="the record's name")
    form_options(parser)
    if t.bulk:
        parser.add_argument(
            "--batch", metavar="FILE", help="many forms at once, one JSON object on each line; all or none"
        )
    parser.add_argument("--targets", metavar="FACTS", default="",
                        help="facts that it is about, by name or by kind (the latest of ours), with commas")  # fmt: skip
    if not t.local:
        marks_options(parser)


# acting -----------------------------------------------------------------------------------------------------


def act(cli: Cli, options: Namespace, *, procedure: Procedure, transition: Transition) -> None:
    """Do one act, or a batch of them."""
    from spean.node.acts.acting import Intent, Marks

    marks = Marks() if transition.local else read_marks(options, procedure.name, opening=transition.opens)
    record = "" if transition.opens else _record(options.record, procedure.name)
    if getattr(options, "batch", None):
        _batch(cli, options, record, transition, marks)
        return
    form = read_form(options, forms.schema(transition.form))
    named_nodes = options.to.split(",") if transition.opens and not procedure.own else ()
    to = tuple(node.strip() for node in named_nodes if node.strip())
    with cli.desk() as (node, who):
        intent = Intent(kind=transition.kind, form=form, record=record, procedure=procedure.name, to=to, marks=marks,
                        targets=_targets(node, record, options.targets))  # fmt: skip
        done = node.acting.act(who, intent)
    cli.say(done, _told(done, transition.kind))


def _record(name: str, procedure: str) -> str:
    """The record's name, of this procedure and no other."""
    of = parse_record(name).procedure
    if of != procedure:
        raise InvalidInput("record", f"{name} is a {of}, not a {procedure}", remedy="use the command of its procedure")
    return name


def _batch(cli: Cli, options: Namespace, record: str, transition: Transition, marks: Any) -> None:
    if options.form is not None or options.fields or options.targets:
        raise InvalidInput("--batch", "it stands alone", remedy="leave out --form, --set and --targets")
    entries = read_lines(options.batch)
    with cli.desk() as (node, who):
        done = node.acting.act_batch(who, record, transition.kind, entries, marks)
    last = done[-1]
    value = {"record": last.record, "state": last.state, "count": len(done), "facts": [each.fact for each in done],
             "recipients": list(last.recipients), "behind": list(last.behind)}  # fmt: skip
    cli.say(value, f"{len(done)} facts of kind {transition.kind}.\n{_told(last, transition.kind)}")


def _told(done: Done, kind: str) -> str:
    lines = [f"{kind}: {done.record} is now {done.state}", f"fact {done.fact}"]
    if done.recipients:
        ways = (f"{node} (under {deciding})" for node, deciding in zip(done.recipients, done.deciding, strict=False))
        lines.append(f"on its way to {', '.join(ways)}")
    if done.behind:
        lines.append(f"behind, since it may not reach them now: {', '.join(done.behind)}")
    return "\n".join(lines)


def _targets(node: Node, record: str, given: str) -> tuple[str, ...]:
    """Facts by their 64 hex digits; or, in a record, by a pin (``text``) or a kind (our latest fact of it)."""
    found = []
    for word in (part.strip() for part in given.split(",") if part.strip()):
        found.append(check_fact(word) if len(word) == 64 or not record else _named(node, record, word))
    return tuple(found)


def _named(node: Node, record: str, word: str) -> str:
    with node.store.read() as tx:
        row = tx.records.many([record]).get(record)
        pinned = () if row is None else row.done.get(word, ())
        if len(pinned) == 1 and len(pinned[0]) == 64:
            return pinned[0]
        ours = [fact for fact in tx.facts.of_record(record) if fact.kind == word and fact.origin == node.me]
    if not ours:
        raise NotFound(f"{record} has no fact {word!r} of ours", remedy="spean record show names its facts")
    return max(ours, key=lambda fact: (fact.at, fact.n)).id


# telling ----------------------------------------------------------------------------------------------------


def show_schema(cli: Cli, options: Namespace, *, procedure: Procedure) -> None:
    """The JSON Schema of a form."""
    import json

    t = procedure.by_kind.get(named(procedure, options.kind))
    if t is None:
        raise NotFound(f"{procedure.name} has no act {options.kind!r}", remedy=f"one of {', '.join(procedure.by_kind)}")
    schema = forms.schema(t.form)
    cli.say(schema, json.dumps(schema, indent=2, ensure_ascii=False))


def show_manual(cli: Cli, _options: Namespace, *, procedure: Procedure) -> None:
    """The chapter of the manual on this procedure."""
    from spean.procedures.describe import describe
    from spean.procedures.manual import chapter

    cli.say(describe(procedure), chapter(procedure))
