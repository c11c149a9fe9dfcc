"""An entity: what is said of it and by whom, how it is joined, when, and who judged which others to be the same, with the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, SpeanError, TooMuch
from spean.core.marks import INFO_GRADES, Nature, SourceGrade
from spean.entities.kinds import Kind, label, links, properties
from spean.entities.kinds import kind as kind_of
from spean.entities.statements import PropertyView
from spean.node.acts.acting import Intent
from spean.node.same.model import Answer as BorderAnswer
from spean.node.same.viewing import Dated, EntityView, LinkView, Other
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()
WRONG = (InvalidInput, Refusal, Conflict, TooMuch, NotFound)
HERE = ("state", "link", "judge", "withdraw-statement", "withdraw-judgement")
"""Acts whose forms stand on this page; the others have a page of their own."""
ORDER = ("protect", "lift", "verify", "categorise", "off-line", "close", "stop", "mark-suspect")
"""In which order acts stand on the page."""
GRADED = ("source", "grade", "nature", "origin", "since", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyShown:
    """A property in the reader's language, with its values and who says them."""

    label: str
    view: PropertyView


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherShown:
    """Another entity; a record only, where it is for other eyes."""

    record: str
    kind: str
    caption: str
    state: str = ""
    """What the border answers about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkShown:
    """A link in words that fit its direction."""

    words: str
    other: OtherShown
    view: LinkView


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementShown:
    """A judgement, and whether it stands."""

    fact: str
    record: str
    other: OtherShown
    verdict: str
    reason: str
    by: str
    at: int
    candidate: str
    withdrawn: str
    withdrawn_reason: str
    withdrawn_by: str
    withdrawn_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeShown:
    """Something with a date."""

    when: str
    label: str
    text: str
    until: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityPage(Page):
    """Everything about one entity that this reader may see."""

    template: ClassVar[str] = "entity.html"
    record: str
    kind: str
    category: str
    state: str
    properties: tuple[PropertyShown, ...]
    links: tuple[LinkShown, ...]
    judgements: tuple[JudgementShown, ...]
    same: tuple[OtherShown, ...]
    contradictions: tuple[tuple[OtherShown, OtherShown, tuple[str, ...]], ...]
    """Two entities that somebody keeps apart, and the judgements that join them."""
    timeline: tuple[TimeShown, ...]
    answer: BorderAnswer | None
    off_line: bool
    may: frozenset[str]
    """Acts that this reader may do now."""
    acts: tuple[tuple[str, str, bool], ...]
    """Acts with a page of their own: kind, what it is, whether it is against somebody."""
    choices: tuple[tuple[str, str], ...]
    """Properties of this kind with their labels."""
    link_choices: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    grades: tuple[int, ...]
    natures: tuple[str, ...]
    typed: dict[str, str]
    """What was typed, when it was refused."""
    rule: Rule | None


@pages.get("/entities/{record}")
def entity(visit: Visit) -> Page:
    """The page; opening it is a read (R38)."""
    return _page(visit, None)


@pages.post("/entities/{record}/{act}")
def act(visit: Visit) -> Answer:
    """One of the acts whose forms stand on the page."""
    record, kind = visit.part("record"), visit.part("act")
    if kind not in HERE:
        raise NotFound(f"no act {kind!r} on this page", remedy="see the entity's page", rule="D6")
    owner = visit.typed("owner") or record
    try:
        visit.node.acting.act(
            visit.who, Intent(kind=kind, form=_form(visit, kind), record=owner, once=visit.typed("once"))
        )
    except WRONG as wrong:
        if isinstance(wrong, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, wrong, f"POST /entities/{record}/{kind}")
        return Shown(_page(visit, wrong), wrong.status)
    return Go(f"/entities/{record}")


def _form(visit: Visit, kind: str) -> dict[str, Any]:
    """The act's form from what was typed."""
    if kind == "state":
        return {
            "statements": [graded(visit, {"property": visit.typed("property"), "value": visit.typed("value").strip()})]
        }
    if kind == "link":
        given = {
            "link": visit.typed("link"),
            "other": visit.typed("other").strip(),
            "role": visit.typed("role").strip(),
        }
        return graded(visit, given)
    names = {"judge": ("other", "verdict", "reason"), "withdraw-statement": ("statement", "reason")}
    return {name: visit.typed(name).strip() for name in names.get(kind, ("judgement", "reason"))}


def graded(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """With the grades that were typed, which no statement is without (R29)."""
    for name in GRADED:
        text = visit.typed(name).strip()
        if name == "grade" and text.isdecimal() and len(text) == 1:
            given[name] = int(text)
        elif text:
            given[name] = text
    return given


def _page(visit: Visit, wrong: SpeanError | None) -> EntityPage:
    found = visit.node.same.viewing.entity(visit.who, visit.part("record"), reason=visit.reason())
    return entity_page(visit, found, wrong)


def entity_page(visit: Visit, found: EntityView, wrong: SpeanError | None) -> EntityPage:
    """The context of an entity that was read."""
    language = visit.reader.language
    words = visit.office.markup.words(language)
    of = kind_of(found.kind) if found.kind else None
    may = frozenset(each.kind for each in found.offers if each.refusal is None)
    everybody = {each.record: each for each in found.same}
    return EntityPage(
        title=found.caption or words.gettext("Its words are erased"), record=found.record, kind=label(of.labels, language) if of else "",
        category=found.category, state=found.state,
        properties=tuple(PropertyShown(label=label(properties()[each.name].labels, language), view=each) for each in found.properties),
        links=tuple(_link(each, language) for each in found.links), judgements=tuple(_judgements(found, language)),
        same=tuple(shown(each, language) for each in found.same),
        contradictions=tuple(
            (*(_named(found, everybody, each, language) for each in clash.between), (*clash.chain, clash.negative))  # type: ignore[misc]
            for clash in found.cluster.contradictions
        ),
        timeline=tuple(_dated(each, language) for each in found.timeline), answer=found.answer, off_line=found.off_line, may=may,
        acts=_acts(found),
        choices=_choices(of, language), link_choices=_links_of(of, language), sources=tuple(SourceGrade), grades=INFO_GRADES,
        natures=tuple(Nature), typed=dict(visit.pairs) if wrong is not None else {}, rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip


def _acts(found: EntityView) -> tuple[tuple[str, str, bool], ...]:
    """What helps comes first, what is against somebody last."""
    offered = [
        (each.kind, each.transition.doc, each.adverse) for each in found.offers
        if each.kind not in (*HERE, "correct", "note", "approve") and (each.refusal is None or each.adverse)
    ]  # fmt: skip
    return tuple(sorted(offered, key=lambda each: (each[2], ORDER.index(each[0]) if each[0] in ORDER else len(ORDER))))


def shown(other: Other, language: str) -> OtherShown:
    """Another entity as this reader may see it."""
    return OtherShown(
        record=other.record if other.seen else "", kind=label(kind_of(other.kind).labels, language) if other.seen else "",
        caption=other.caption or other.record if other.seen else "", state=other.state,
    )  # fmt: skip


def _named(found: EntityView, others: dict[str, Other], record: str, language: str) -> OtherShown:
    if record == found.record:
        return OtherShown(record=record, kind="", caption=found.caption)
    known = others.get(record) or next((each.other for each in found.judgements if each.other.record == record), None)
    return OtherShown(record="", kind="", caption="") if known is None else shown(known, language)


def _link(each: LinkView, language: str) -> LinkShown:
    of = links()[each.link]
    said = of.backward if each.backward else of.forward
    return LinkShown(words=label(said, language), other=shown(each.other, language), view=each)


def _judgements(found: EntityView, language: str) -> list[JudgementShown]:
    return [
        JudgementShown(
            fact=each.said.fact, record=each.record, other=shown(each.other, language), verdict=each.said.verdict, reason=each.said.reason,
            by=each.said.by, at=each.said.at, candidate=each.said.candidate, withdrawn=each.said.withdrawn,
            withdrawn_reason=each.said.withdrawn_reason, withdrawn_by=each.said.withdrawn_by, withdrawn_at=each.said.withdrawn_at,
        )
        for each in found.judgements
    ]  # fmt: skip


def _dated(each: Dated, language: str) -> TimeShown:
    if each.what in properties():
        said = label(properties()[each.what].labels, language)
    else:
        said = label(links()[each.what].forward, language)
    return TimeShown(when=each.when, label=said, text=each.text, until=each.until)


def _choices(of: Kind | None, language: str) -> tuple[tuple[str, str], ...]:
    return () if of is None else tuple((name, label(properties()[name].labels, language)) for name in of.properties)


def _links_of(of: Kind | None, language: str) -> tuple[tuple[str, str], ...]:
    if of is None:
        return ()
    return tuple((name, label(each.forward, language)) for name, each in links().items() if of.name in each.sources)
