"""The marks of an act as a form: what an officer sets when opening a record, and may change afterwards."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from spean.agreements.model import PEERING
from spean.core.errors import InvalidInput
from spean.core.marks import INFO_GRADES, Data, Handling, Nature, Purpose, SourceGrade, Subject, Tlp
from spean.node import Node
from spean.node.acts.acting import DEFAULTS, Marks
from spean.web.frame.visit import Visit
from spean.web.language.declared import MARKS as LABELS
from spean.web.parts.fields import Field, typed_day

PREFIX = "m"
CLOSED: dict[str, tuple[str, ...]] = {
    "purpose": tuple(Purpose), "data": tuple(Data), "subject": tuple(Subject), "tlp": tuple(Tlp), "handling": tuple(Handling),
    "source": tuple(SourceGrade), "grade": tuple(map(str, INFO_GRADES)), "nature": tuple(Nature),
}  # fmt: skip
HELP = {
    "purpose": "For what it may be used (closed list, R20).", "data": "What kind of data it carries.",
    "subject": "Whom the data are about (R30).", "tlp": "How far it may be shared (TLP 2.0).",
    "handling": "What the receiver may do with it.", "source": "How reliable the source is (A–X).",
    "grade": "How well the information is confirmed (1–4).", "nature": "Observed, or somebody's assessment (R29).",
    "instrument": "The agreement under which it leaves.", "review": "The day by which you review it (R33).",
    "via": "A mediator, when the direct channel is closed (A9).", "basis": "Legal basis in words; the agreement's title unless given.",
}  # fmt: skip


def mark_fields(visit: Visit, values: dict[str, Any], *, opening: bool, errors: dict[str, str]) -> tuple[Field, ...]:
    """The controls. When opening a record purpose, data and persons are asked for; otherwise the record's own marks hold."""
    node = visit.node
    required = ("purpose", "data", "subject") if opening else ()
    instruments = _instruments(node)
    choices: dict[str, tuple[str, ...]] = {**CLOSED, "instrument": tuple(instruments), "via": _mediators(node)}
    return tuple(
        Field(
            name=f"{PREFIX}.{name}", label=LABELS.get(name, name), help=HELP[name], required=name in required,
            control="choice" if name in choices else "date" if name == "review" else "text",
            choices=choices.get(name, ()),
            labels=tuple(instruments.values()) if name == "instrument" else (), value=values.get(name) or "", error=errors.get(name, ""),
        )
        for name in (each.name for each in fields(Marks))
    )  # fmt: skip


def default_marks(values: dict[str, Any]) -> dict[str, Any]:
    """What stands in the controls at first: nothing where an officer must decide."""
    return {
        name: value for name, value in DEFAULTS.items() if name not in ("purpose", "data", "subject") and value
    } | values


def read_marks(visit: Visit) -> tuple[Marks, dict[str, Any]]:
    """The typed marks; a blank one is left to the record or the default. Raises ``InvalidInput``."""
    typed: dict[str, Any] = {}
    for each in fields(Marks):
        value = visit.typed(f"{PREFIX}.{each.name}").strip()
        if value:
            typed[each.name] = typed_day(value, visit.reader.calendar) if each.name == "review" else value
    for name, value in typed.items():
        if name in CLOSED and value not in CLOSED[name]:
            raise InvalidInput(name, f"{value!r} is not on the list", remedy=f"one of {', '.join(CLOSED[name])}")
    given = {**typed, **({"grade": int(typed["grade"])} if "grade" in typed else {})}
    return Marks(**given), typed


def typed_marks(marks: Marks) -> dict[str, Any]:
    """The marks that are set, by name."""
    return {name: value for name, value in asdict(marks).items() if value is not None}


def _instruments(node: Node) -> dict[str, str]:
    """Agreements in force that bind us, with their titles."""
    with node.reading():
        mine = {
            each.id: each.title for each in node.registry
            if node.me in each.parties | each.mediators and each.state == "in-force"
        }  # fmt: skip
    return dict(sorted(mine.items(), key=lambda item: (item[0] == PEERING, item[1])))


def _mediators(node: Node) -> tuple[str, ...]:
    return tuple(peer for peer in node.peering.active() if any(peer in each.mediators for each in node.registry))
