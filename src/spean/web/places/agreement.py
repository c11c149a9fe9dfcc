"""One agreement: its text by clause, who has signed, what rests and what to use instead, what another text would change (A1, A9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from spean.agreements.effects import Effect
from spean.agreements.model import DATA, PURPOSES, SUBJECTS, Instrument
from spean.core.marks import Purpose
from spean.node.views.register import NOW, Detail, Resting, Text, Used, Way
from spean.web.frame.pages import Page, Pages
from spean.web.frame.visit import Visit
from spean.web.language.declared import mark
from spean.web.places.agreements import Rest, Row, rest_of, row_of

pages = Pages()
MOST_EFFECTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """One clause: its values (``closed``: words of a closed list) or a sentence, and the article on which it rests."""

    clause: str
    article: str
    values: tuple[str, ...] = ()
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """What must never leave."""

    article: str
    data: tuple[str, ...]
    subjects: tuple[str, ...]
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """A suspended pair; when it is ours, what to use meanwhile."""

    rest: Rest
    partner: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One step of the agreement's history."""

    at: int
    node: str
    kind: str
    by: str
    says: str
    fact: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text to choose for a comparison."""

    key: str
    number: int
    kind: str
    node: str
    day: str
    binds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Combinations that begin or cease to pass. An empty list of values stands for all of the closed list."""

    partners: tuple[str, ...]
    permits: bool
    before: str | None
    """Mediator through which they pass now; empty: directly; None: not at all."""
    after: str | None
    purposes: tuple[str, ...]
    data: tuple[str, ...]
    subjects: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPage(Page):
    """One agreement."""

    template: ClassVar[str] = "agreement.html"
    row: Row
    clauses: tuple[Says, ...]
    bans: tuple[Ban, ...]
    articles: tuple[tuple[str, str], ...]
    contacts: tuple[tuple[str, str], ...]
    quotas: tuple[Used, ...]
    instead: tuple[Instead, ...]
    signed: tuple[str, ...]
    history: tuple[Happened, ...]
    versions: tuple[Version, ...]
    old: str
    new: str
    compared: bool
    differences: tuple[str, ...]
    changes: tuple[Change, ...]
    opens: bool
    """This reader may open the record with its acts."""
    more: int
    """Lines of effects that are left out."""


@pages.get("/agreements/{agreement}")
def agreement(visit: Visit) -> Page:
    """The agreement's page, with a comparison of two texts when they are chosen."""
    name = visit.part("agreement")
    detail = visit.node.register.detail(name)
    old, new = _chosen(visit, detail)
    compared = bool(old and new)
    both = {old, new} <= {text.fact for text in detail.texts}
    effects = visit.node.register.effects(name, old, new) if compared else []
    text = detail.line.instrument
    return AgreementPage(
        title=text.title, row=row_of(detail.line, visit.node.me), clauses=tuple(_clauses(text)), bans=tuple(_bans(text)),
        articles=tuple(sorted(text.articles.items(), key=_by_number)), contacts=tuple(sorted(text.contacts.items())),
        quotas=detail.quotas, instead=tuple(_instead(each, visit.node.me) for each in detail.resting), signed=detail.signed,
        history=tuple(_history(detail)), versions=tuple(_version(each, visit) for each in detail.texts), old=old, new=new,
        compared=compared, differences=tuple(visit.node.register.differences(name, old, new)) if both else (),
        changes=tuple(_change(each) for each in effects[:MOST_EFFECTS]), opens=visit.node.register.opens(visit.who, name),
        more=max(0, len(effects) - MOST_EFFECTS),
    )  # fmt: skip


def _chosen(visit: Visit, detail: Detail) -> tuple[str, str]:
    """What is compared: what was asked for, else the text on the table with the register as it is."""
    old, new = visit.query("old"), visit.query("new")
    if old and new:
        return old, new
    open_text = next((text for text in reversed(detail.texts) if not text.binds), None)
    if detail.line.state in ("draft", "legal-review", "amending") and open_text is not None:
        binding = next((text.fact for text in detail.texts if text.binds), NOW)
        return binding, open_text.fact
    return "", ""


def _clauses(text: Instrument) -> Iterator[Says]:
    """The clauses in the order in which a jurist reads them."""
    cites = text.cites
    for clause, values in (("purpose", text.purposes), ("data", text.data), ("subject", text.subjects)):
        yield Says(clause=clause, article=cites.get(clause, ""), values=tuple(sorted(values)))
    yield Says(
        clause="tlp",
        article=cites.get("tlp", ""),
        values=(f"TLP:{text.tlp_ceiling}",),
        sentence=mark("tlp", text.tlp_ceiling),
    )
    yield Says(clause="handling", article=cites.get("handling", ""), values=tuple(sorted(text.handling)))
    yield Says(clause="onward", article=cites.get("onward", ""), values=(text.onward,))
    if text.mediators:
        yield Says(clause="mediator", article=cites.get("mediator", ""), values=tuple(sorted(text.mediators)))


def _bans(text: Instrument) -> Iterator[Ban]:
    for each in text.prohibitions:
        yield Ban(
            article=each.article, data=tuple(sorted(each.data)), subjects=tuple(sorted(each.subjects)),
            purposes=tuple(sorted(each.purposes)),
        )  # fmt: skip


def _instead(resting: Resting, me: str) -> Instead:
    return Instead(rest=rest_of(resting.suspension, me), partner=resting.partner, ways=resting.ways)


def _history(detail: Detail) -> Iterator[Happened]:
    for step in reversed(detail.history):
        yield Happened(
            at=step.at, node=step.node, kind=step.kind, by=detail.names.get(step.fact, ""), says=step.says, fact=step.fact,
            counts=step.counts,
        )  # fmt: skip


def _version(text: Text, visit: Visit) -> Version:
    day = visit.reader.date(visit.reader.machine(text.at)[:10])
    return Version(key=text.fact, number=text.number, kind=text.kind, node=text.node, day=day, binds=text.binds)


def _change(effect: Effect) -> Change:
    possible = PURPOSES - {Purpose.DANGER_TO_LIFE}
    return Change(
        partners=effect.partners, permits=effect.permits, before=effect.before, after=effect.after, count=effect.count,
        purposes=() if len(effect.purposes) == len(possible) else effect.purposes,
        data=() if len(effect.data) == len(DATA) else effect.data,
        subjects=() if len(effect.subjects) == len(SUBJECTS) else effect.subjects,
    )  # fmt: skip


def _by_number(article: tuple[str, str]) -> tuple[int, str]:
    digits = "".join(sign for sign in article[0].split("(")[0] if sign.isdigit())
    return int(digits or 0), article[0]
