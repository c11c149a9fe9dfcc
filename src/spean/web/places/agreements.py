"""The register of agreements: what is in force with whom, what waits for a signature, and who might receive what (A1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.agreements.model import PEERING, Suspension
from spean.core.marks import Data, Handling, Purpose, Subject, Tlp
from spean.node.views.register import Line
from spean.treaties.procedures import AGREEMENT
from spean.web.frame.pages import Page, Pages
from spean.web.frame.visit import Visit
from spean.web.parts.fields import Field
from spean.web.places.act import Receiver, receiver_of

pages = Pages()
ASKED: dict[str, tuple[str, ...]] = {
    "purpose": tuple(Purpose), "data": tuple(Data), "subject": tuple(Subject), "tlp": tuple(Tlp), "handling": tuple(Handling),
}  # fmt: skip
_MILD = {"tlp": "AMBER", "handling": "H0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A pair between which an agreement rests."""

    pair: str
    by: str
    since: str
    reason: str
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One agreement of the list."""

    id: str
    title: str
    state: str
    builtin: bool
    parties: tuple[str, ...]
    mediators: tuple[str, ...]
    starts: str
    ends: str
    purposes: tuple[str, ...]
    data: tuple[str, ...]
    rests: tuple[Rest, ...]
    unsigned: tuple[str, ...]
    ours_missing: bool
    """Our own signature is awaited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementsPage(Page):
    """The register with its filters, and the question to it."""

    template: ClassVar[str] = "agreements.html"
    rows: tuple[Row, ...]
    partner: str
    partners: tuple[str, ...]
    state: str
    states: tuple[str, ...]
    marks: tuple[Field, ...]
    answers: tuple[Receiver, ...]
    asked: bool
    may_propose: bool


@pages.get("/agreements")
def agreements(visit: Visit) -> Page:
    """The register. Agreements hold nothing about persons, so this is no read that needs a reason."""
    register, who = visit.node.register, visit.who
    partner, state = visit.query("partner")[:8], visit.query("state")[:40]
    lines = register.lines(partner=partner, state=state)
    words = visit.office.markup.words(visit.reader.language)
    asked = all(visit.query(name) for name in ("purpose", "data", "subject"))
    values = {name: visit.query(name, _MILD.get(name, "")) for name in ASKED}
    answers = register.ask(**values) if asked else []
    return AgreementsPage(
        title=words.gettext("Agreements"), rows=tuple(row_of(line, visit.node.me) for line in lines), partner=partner,
        partners=visit.node.peering.active(), state=state, states=AGREEMENT.state_names, marks=tuple(_fields(values)),
        answers=tuple(receiver_of(line, True) for line in answers), asked=asked,
        may_propose=not who.roles.isdisjoint(AGREEMENT.opening.roles),
    )  # fmt: skip


def row_of(line: Line, me: str) -> Row:
    """A line of the register as pages show it."""
    text = line.instrument
    return Row(
        id=text.id, title=text.title, state=line.state, builtin=text.id == PEERING, parties=tuple(sorted(text.parties)),
        mediators=tuple(sorted(text.mediators)), starts="" if text.id == PEERING else text.starts, ends=text.ends,
        purposes=tuple(sorted(text.purposes)), data=tuple(sorted(text.data)),
        rests=tuple(rest_of(each, me) for each in sorted(text.suspended, key=lambda each: sorted(each.pair))),
        unsigned=line.unsigned, ours_missing=me in line.unsigned,
    )  # fmt: skip


def rest_of(suspension: Suspension, me: str) -> Rest:
    """A suspension as pages show it."""
    return Rest(
        pair="–".join(sorted(suspension.pair)), by=suspension.by, since=suspension.when, reason=suspension.reason,
        ours=me in suspension.pair,
    )  # fmt: skip


def _fields(values: dict[str, str]) -> list[Field]:
    return [
        Field(name=name, label=name, control="choice", choices=choices, value=values[name], required=True)
        for name, choices in ASKED.items()
    ]
