"""Persons and things that this node knows: the list, and a new one by a form that its kind declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from spean.core.errors import Conflict, InvalidInput, Refusal, SpeanError, TooMuch
from spean.core.ids import ulid
from spean.core.marks import INFO_GRADES, Nature, Purpose, SourceGrade
from spean.dossiers.model import Category
from spean.entities.kinds import Kind, kinds, label, properties
from spean.entities.kinds import kind as kind_of
from spean.node.acts.acting import Intent, Marks
from spean.node.same.viewing import Listed
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.places.entity import graded

pages = Pages()
CATEGORIES: tuple[str, ...] = get_args(Category)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedShown:
    """A line of the list."""

    kind: str
    view: Listed


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitiesPage(Page):
    """The list."""

    template: ClassVar[str] = "entities.html"
    rows: tuple[ListedShown, ...]
    kinds: tuple[tuple[str, str], ...]
    kind: str
    following: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A property as a control."""

    name: str
    label: str
    many: bool
    long: bool
    value: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntityPage(Page):
    """The form of one kind."""

    template: ClassVar[str] = "entity-new.html"
    kind: str
    kinds: tuple[tuple[str, str], ...]
    about: str
    person: bool
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    inputs: tuple[Input, ...]
    sources: tuple[str, ...]
    grades: tuple[int, ...]
    natures: tuple[str, ...]
    typed: dict[str, str]
    once: str
    rule: Rule | None


@pages.get("/entities")
def entities(visit: Visit) -> Page:
    """Those that this reader may read, of one kind or all; the look is written down (R38)."""
    kind = visit.query("kind")
    language = visit.reader.language
    words = visit.office.markup.words(language)
    rows, following = visit.node.same.viewing.listed(
        visit.who, kind=kind, after=visit.query("after"), reason=visit.reason()
    )
    return EntitiesPage(
        title=words.gettext("Persons and things"), kinds=_kinds(language), kind=kind, following=following,
        rows=tuple(ListedShown(kind=label(kind_of(each.kind).labels, language), view=each) for each in rows),
    )  # fmt: skip


@pages.get("/entities/new")
def new(visit: Visit) -> Page:
    """An empty form."""
    return _new(visit, visit.query("kind", "person"), {}, None)


@pages.post("/entities/new")
def create(visit: Visit) -> Answer:
    """Open it: each value that was typed is a statement with the grades of the form."""
    kind = visit.typed("kind")
    of = kind_of(kind)
    statements = [graded(visit, {"property": name, "value": value}) for name, value in _typed_values(visit, of)]
    category = visit.typed("category") or "none"
    form = {"kind": kind, "category": category, "statements": statements}
    marks = Marks(
        purpose=visit.typed("purpose") or None, data="identity" if of.person else "indicator", subject=category,
        source=visit.typed("source") or None, nature=visit.typed("nature") or None,
    )  # fmt: skip
    try:
        if marks.purpose not in tuple(Purpose):
            raise InvalidInput("purpose", "it is not said for what it may be used", remedy="choose one", rule="R26")
        done = visit.node.acting.act(
            visit.who, Intent(kind="open", procedure="entity", form=form, marks=marks, once=visit.typed("once"))
        )
    except (InvalidInput, Refusal, Conflict, TooMuch) as wrong:
        if isinstance(wrong, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, wrong, "POST /entities/new")
        errors = _errors(wrong, statements)
        return Shown(_new(visit, kind, errors, wrong), wrong.status)
    return Go(f"/entities/{done.record}")


def _typed_values(visit: Visit, of: Kind) -> list[tuple[str, str]]:
    """Property and value, a line each where several may be true."""
    found = []
    for name in of.properties:
        text = visit.typed(f"p.{name}")
        lines = text.splitlines() if properties()[name].many else [text]
        found += [(name, line.strip()) for line in lines if line.strip()]
    return found


def _errors(wrong: SpeanError, statements: list[dict[str, Any]]) -> dict[str, str]:
    """The property whose value is refused, with why."""
    parts = wrong.field.split(".") if isinstance(wrong, InvalidInput) else []
    if len(parts) == 3 and parts[0] == "statements" and parts[1].isdecimal() and int(parts[1]) < len(statements):
        return {statements[int(parts[1])]["property"]: f"{wrong.why}. {wrong.remedy}"}
    return {}


def _new(visit: Visit, kind: str, errors: dict[str, str], wrong: SpeanError | None) -> NewEntityPage:
    of = kind_of(kind)
    language = visit.reader.language
    words = visit.office.markup.words(language)
    typed = dict(visit.pairs)
    inputs = [
        Input(
            name=name, label=label(properties()[name].labels, language), many=properties()[name].many,
            long=properties()[name].type in ("text", "area"), value=typed.get(f"p.{name}", ""), error=errors.get(name, ""),
        )
        for name in of.properties
    ]  # fmt: skip
    return NewEntityPage(
        title=words.gettext("A new person or thing"), kind=kind, kinds=_kinds(language), about=of.about, person=of.person,
        categories=tuple(each for each in CATEGORIES if not of.person or each != "none"),
        purposes=tuple(each for each in Purpose if visit.who.may_purpose(each)), inputs=tuple(inputs), sources=tuple(SourceGrade),
        grades=INFO_GRADES, natures=tuple(Nature), typed=typed, once=typed.get("once") or ulid(visit.node.clock, visit.node.entropy),
        rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip


def _kinds(language: str) -> tuple[tuple[str, str], ...]:
    return tuple((each.name, label(each.labels, language)) for each in kinds())
