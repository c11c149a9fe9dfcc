"""Procedures as they are declared: parties, states, acts, clocks, rules, who may; and the picture of them (D6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from markupsafe import Markup as Html

from spean.core.errors import NotFound
from spean.core.roles import Role
from spean.procedures.clocks import Delay
from spean.procedures.clocks import words as in_english
from spean.procedures.declare import Procedure
from spean.procedures.describe import describe
from spean.procedures.diagram import diagram
from spean.procedures.permissions import acts_of_role
from spean.web.frame.pages import Page, Pages
from spean.web.frame.visit import Visit
from spean.web.language.catalogue import Words

pages = Pages()
_COLOURS = {
    "#1b2733": "--ink", "#506070": "--ink-2", "#7a8896": "--edge", "#ffffff": "--card", "#3c5a78": "--bridge",
    "#eaf1f8": "--bridge-soft", "#eef0f2": "--paper", "#fbeae6": "--stop-soft", "#fdf6df": "--warn-soft", "#9c2f1f": "--stop",
}  # fmt: skip
"""Colours of the picture → colours of the page, so that it follows day and night."""
_NAMES = {
    'id="title"': 'id="picture-title"', 'id="desc"': 'id="picture-words"',
    'aria-labelledby="title desc"': 'lang="en" aria-labelledby="picture-title" aria-describedby="picture-words"',
}  # fmt: skip
"""Names within the picture → names that nothing else on the page has."""
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A procedure in the list."""

    name: str
    title: str
    doc: str
    acts: int
    states: int
    mine: int
    """Acts that this officer's roles may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceduresPage(Page):
    """All procedures."""

    template: ClassVar[str] = "procedures.html"
    procedures: tuple[Summary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state with what it means."""

    name: str
    doc: str
    end: bool
    adverse: bool
    candidate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act: who may do it, where it leads, what is asked, what is checked, which clock runs."""

    kind: str
    doc: str
    by: tuple[str, ...]
    who: tuple[str, ...]
    sources: tuple[str, ...]
    anywhere: bool
    target: str
    fields: tuple[tuple[str, bool], ...]
    rules: tuple[tuple[str, str], ...]
    within: str
    otherwise: str
    after: str
    kept_by: str
    adverse: bool
    local: bool
    once: bool
    bulk: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedurePage(Page):
    """One procedure."""

    template: ClassVar[str] = "procedure.html"
    name: str
    doc: str
    versions: tuple[int, ...]
    parties: tuple[tuple[str, bool, bool, str], ...]
    """Name, whether it may be many nodes, whether it opens, doc."""
    states: tuple[State, ...]
    acts: tuple[Act, ...]
    picture: Html
    roles: tuple[tuple[str, tuple[str, ...], bool], ...]
    """Role, its acts, whether the reader has it."""


@pages.get("/procedures")
def procedures(visit: Visit) -> Page:
    """What this version knows."""
    words = visit.office.markup.words(visit.reader.language)
    found = [_summary(each, visit.who.roles) for each in visit.node.engine.procedures]
    return ProceduresPage(
        title=words.gettext("Procedures"), procedures=tuple(sorted(found, key=lambda each: words.gettext(each.title)))
    )


@pages.get("/procedures/{name}")
def procedure(visit: Visit) -> Page:
    """One procedure with its picture and the same in words."""
    found = next((each for each in visit.node.engine.procedures if each.name == visit.part("name")), None)
    if found is None:
        raise NotFound("No such procedure", remedy="see the list of procedures")
    words = visit.office.markup.words(visit.reader.language)
    told = describe(found)
    return ProcedurePage(
        title=words.gettext(found.title), name=found.name, doc=found.doc, versions=(found.version,),
        parties=tuple((each.name, each.many, each.opens, each.doc) for each in found.parties),
        states=tuple(State(**state) for state in told["states"]), acts=tuple(_act(act, told) for act in told["acts"]),
        picture=picture(found, words), roles=tuple(_roles(found, visit.who.roles)),
    )  # fmt: skip


class Translated:
    """Implements ``Wording`` with the words of the reader's language."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def state(self, procedure: str, name: str) -> str:
        return self._words.state(name, procedure) if name else ""

    def act(self, kind: str) -> str:
        return self._words.act(kind)

    def party(self, name: str) -> str:
        return self._words.party(name)

    def declared(self, text: str) -> str:
        return self._words.gettext(text) if text else ""

    def delay(self, delay: Delay) -> str:
        return self._words.sentence(in_english(delay)).text

    def text(self, text: str, *values: str) -> str:
        return self._words.pgettext("picture", text).format(*values)


def picture(procedure: Procedure, words: Words) -> Html:
    """The state diagram in the page's own colours. It is our own text: nothing in it was typed by anybody."""
    drawn = _COLOUR.sub(lambda found: f"var({_COLOURS[found[0]]})", diagram(procedure, Translated(words)))
    for old, new in _NAMES.items():
        drawn = drawn.replace(old, new)
    return Html(drawn)  # noqa: S704 - made from declarations, which the diagram escapes


def _summary(procedure: Procedure, roles: frozenset[str]) -> Summary:
    mine = {kind for role in roles for kind in acts_of_role([procedure], role)[procedure.name]}
    return Summary(
        name=procedure.name, title=procedure.title, doc=procedure.doc, acts=len(procedure.transitions),
        states=len(procedure.state_names), mine=len(mine),
    )  # fmt: skip


def _act(act: dict[str, Any], told: dict[str, Any]) -> Act:
    clock = act["clock"] or {}
    needed = set(act["form"].get("required", ()))
    everywhere = len(act["from"]) == len(told["states"])
    return Act(
        kind=act["kind"], doc=act["doc"], by=tuple(act["by"]), who=tuple(act["who"]), sources=tuple(act["from"]),
        anywhere=everywhere, target=act["to"] or "", fields=tuple((name, name in needed) for name in act["form"].get("properties", {})),
        rules=tuple((rule["number"], rule["text"]) for rule in act["rules"]), within=clock.get("within", ""),
        otherwise=clock.get("else", ""), after=clock.get("after", ""), kept_by=clock.get("kept_by", ""), adverse=act["adverse"],
        local=act["local"], once=act["once"], bulk=act["bulk"],
    )  # fmt: skip


def _roles(procedure: Procedure, mine: frozenset[str]) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    for role in Role:
        acts = acts_of_role([procedure], role)[procedure.name]
        if acts:
            yield str(role), acts, role in mine
