"""The same one? Look-ups in our own files, in open lists and, without showing them, with partners; candidates that people look at (B1, B3)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from spean.candidates.look_ups import CATEGORIES, Mark
from spean.candidates.model import Band, CoreData, Point
from spean.candidates.procedures import DESK
from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, SpeanError, TooMuch
from spean.core.marks import Purpose
from spean.core.roles import Role
from spean.node.acts.acting import Marks
from spean.node.faces import RecordRow
from spean.node.same.asking import HitShown, LookUpView
from spean.node.same.candidates import Review, Side, Verdict
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.language.catalogue import Words
from spean.web.parts.likeness import Bar, bars, sentence

pages = Pages()
TYPES = tuple(each for each in CATEGORIES if each != "person")
"""What is looked up by its exact value."""
BLANK = ("document", "phone", "account", "wallet")
"""What stands in the rows at first."""
WRONG = (InvalidInput, Refusal, TooMuch, Conflict)
_BANDS = (Band.SAME, Band.STRONG, Band.LIKELY, Band.WEAK)
_PERSON = ("missing", "victim", "presumed-victim", "suspect", "convicted", "witness", "contact", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed into the question."""

    names: str = ""
    birth: str = ""
    values: tuple[tuple[str, str, str], ...] = ()
    """Type, value, chain or issuing state."""
    nodes: tuple[str, ...] = ()
    purpose: str = ""
    subject: str = ""
    mark: str = Mark.NONE
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A partner that answers blind questions: about what, and for which purposes."""

    node: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SamePage(Page):
    """The question, and the look-ups that are there."""

    template: ClassVar[str] = "same.html"
    typed: Typed
    types: tuple[str, ...]
    purposes: tuple[str, ...]
    subjects: tuple[str, ...]
    marks: tuple[str, ...]
    partners: tuple[Offered, ...]
    once: str
    past: tuple[RecordRow, ...]
    may_ask: bool
    rule: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HitLine:
    """One hit of a look-up."""

    shown: HitShown
    sentence: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpPage(Page):
    """A look-up with its hits."""

    template: ClassVar[str] = "look-up.html"
    view: LookUpView
    hits: tuple[HitLine, ...]
    state: str
    may_pass: bool
    """Whether this reader is the supervisor, who passes or stops a marked one (R23)."""
    may_look: bool
    rule: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatesPage(Page):
    """Candidates that are not done, what runs out next on top."""

    template: ClassVar[str] = "candidates.html"
    rows: tuple[RecordRow, ...]
    past: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePage(Page):
    """A candidate, both sides."""

    template: ClassVar[str] = "candidate.html"
    review: Review
    left: tuple[Side, ...]
    right: tuple[Side, ...]
    core: CoreData | None
    sentence: str
    bars: tuple[Bar, ...]
    points: tuple[str, ...]
    chosen: tuple[str, ...]
    reason: str
    names: dict[str, str]
    verdicts: bool
    """Whether a verdict is due and this reader did not ask."""
    offers: tuple[str, ...]
    """Other acts that this reader may do, by kind."""
    request: dict[str, Any] | None
    once: str
    me: str
    rule: Rule | None


@pages.get("/same")
def same(visit: Visit) -> Page:
    """An empty question."""
    return _same(visit, Typed(), None)


@pages.post("/same")
def ask(visit: Visit) -> Answer:
    """Ask; what is found stands on the look-up's own page."""
    typed = _typed(visit)
    try:
        form = {
            "names": [line.strip() for line in typed.names.splitlines() if line.strip()], "birth": typed.birth, "why": typed.why,
            "selectors": [{"type": of, "value": value, "chain": chain} for of, value, chain in typed.values if value],
            "nodes": list(typed.nodes), "mark": typed.mark,
        }  # fmt: skip
        if not typed.purpose:
            raise InvalidInput("purpose", "every question has one", remedy="choose for what it is asked", rule="R26")
        marks = Marks(purpose=typed.purpose, subject=typed.subject or "other", data="identity")
        record = visit.node.matching.asking.ask(visit.who, form, marks, once=visit.typed("once"))
    except WRONG as wrong:
        _note(visit, wrong)
        return Shown(_same(visit, typed, wrong), wrong.status)
    return Go(f"/same/look-ups/{record}")


def _typed(visit: Visit) -> Typed:
    kinds, values, chains = (
        [value for key, value in visit.pairs if key == name] for name in ("type", "value", "chain")
    )
    rows = tuple(
        (of, value.strip()[:500], chain.strip()[:40]) for of, value, chain in zip(kinds, values, chains, strict=False)
    )
    return Typed(
        names=visit.typed("names")[:1000], birth=visit.typed("birth").strip()[:10], values=rows[:20], purpose=visit.typed("purpose"),
        nodes=tuple(value for key, value in visit.pairs if key == "node"), subject=visit.typed("subject"),
        mark=visit.typed("mark") or Mark.NONE, why=visit.typed("why").strip()[:2000],
    )  # fmt: skip


def _same(visit: Visit, typed: Typed, wrong: SpeanError | None) -> SamePage:
    words, node, who = visit.office.markup.words(visit.reader.language), visit.node, visit.who
    node.reading_desk.may_read(who)
    empty = tuple((of, "", "") for of in BLANK[len(typed.values) :])
    purposes = tuple(str(each) for each in Purpose if who.may_purpose(each))
    return SamePage(
        title=words.gettext("The same one?"), typed=Typed(**{**_plain(typed), "values": (*typed.values, *empty)}), types=TYPES, purposes=purposes,
        subjects=_PERSON, marks=tuple(Mark), partners=tuple(_partners(visit)), once=secrets.token_hex(12),
        past=tuple(node.reading_desk.records(who, procedure="look-up", open_only=True, limit=20)), may_ask=not who.roles.isdisjoint(DESK),
        rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip


def _plain(typed: Typed) -> dict[str, Any]:
    return {name: getattr(typed, name) for name in Typed.__slots__}


def _partners(visit: Visit) -> Iterable[Offered]:
    found: dict[str, set[str]] = {}
    for each in visit.node.private.holdings():
        if each.holder != visit.node.me:
            found.setdefault(each.holder, set()).add(each.category)
    return (Offered(node=node, categories=tuple(sorted(several))) for node, several in sorted(found.items()))


@pages.get("/same/look-ups/{record}")
def look_up(visit: Visit) -> Answer:
    """What was found; a read, written down."""
    return _look_up(visit, None)


@pages.post("/same/look-ups/{record}/search")
def search(visit: Visit) -> Answer:
    """Look now: after the supervisor passed it, or once more."""
    try:
        visit.node.matching.asking.search(visit.who, visit.part("record"))
    except WRONG as wrong:
        _note(visit, wrong)
        return Shown(_look_up(visit, wrong), wrong.status)
    return Go(f"/same/look-ups/{visit.part('record')}")


@pages.post("/same/look-ups/{record}/candidate")
def raise_own(visit: Visit) -> Answer:
    """Make one of our own hits a candidate, which another person looks at."""
    record, desk = visit.part("record"), visit.node.matching
    view = desk.asking.view(visit.who, record, reason=visit.reason())
    chosen = next((each for each in view.hits if str(each.place) == visit.typed("hit")), None)
    if chosen is None:
        raise NotFound("No such hit", remedy="open the look-up again")
    marks = Marks(purpose=view.row.purpose, subject=view.subject)
    made = desk.candidates.raise_own(visit.who, record, chosen.hit, marks)
    return Go(f"/same/candidates/{made}" if made else f"/same/look-ups/{record}")


def _look_up(visit: Visit, wrong: SpeanError | None) -> LookUpPage:
    words = visit.office.markup.words(visit.reader.language)
    view = visit.node.matching.asking.view(visit.who, visit.part("record"), reason=visit.reason())
    supervisor = Role.AUDITOR in visit.who.roles and visit.who.id != view.by
    return LookUpPage(
        title=words.gettext("Look-up"), view=view, hits=tuple(_line(words, each) for each in sorted(view.hits, key=_first)), state=view.row.state,
        may_pass=view.waits and supervisor, may_look=not view.waits and view.row.state in ("asked", "passed", "answered"),
        rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip


def _first(each: HitShown) -> tuple[int, int]:
    """The strongest band first, and in it what most speaks for; each hit keeps its own place for the acts on it."""
    return _BANDS.index(each.hit.band), -sum(weight.tenths for weight in each.weights)


def _line(words: Words, shown: HitShown) -> HitLine:
    return HitLine(shown=shown, sentence=sentence(words, shown.why), bars=bars(words, shown.weights))


# candidates ---------------------------------------------------------------------------------------------------------


@pages.get("/same/candidates")
def candidates(visit: Visit) -> Page:
    """What waits for somebody; it shows no contents, so it is no read."""
    past = visit.query("past") == "1"
    words = visit.office.markup.words(visit.reader.language)
    rows = visit.node.reading_desk.records(visit.who, procedure="candidate", open_only=not past, limit=200)
    return CandidatesPage(title=words.gettext("Candidates"), rows=tuple(rows), past=past)


@pages.get("/same/candidates/{record}")
def candidate(visit: Visit) -> Answer:
    """Both sides, the sentence, each weight; a read."""
    return _candidate(visit, None)


@pages.post("/same/candidates/{record}/verdict")
def verdict(visit: Visit) -> Answer:
    """A person who did not ask says what it is; the reason stays here."""
    kind = _VERDICTS.get(visit.typed("verdict"))
    points = [value for key, value in visit.pairs if key == "point"]
    try:
        if kind is not None:
            visit.node.matching.candidates.verify(
                visit.who, visit.part("record"), kind, points, visit.typed("reason").strip()
            )
        else:
            raise InvalidInput("verdict", "none was chosen", remedy="confirm, reject, or say that it cannot be decided")
    except WRONG as wrong:
        _note(visit, wrong)
        return Shown(_candidate(visit, wrong), wrong.status)
    return Go(f"/same/candidates/{visit.part('record')}")


@pages.post("/same/candidates/{record}/request")
def request(visit: Visit) -> Answer:
    """One click: the information request goes to the owner, as it stands on the page; its clock runs."""
    record, desk = visit.part("record"), visit.node.matching
    try:
        _, form = desk.candidates.request_form(visit.who, record, reason=visit.reason(), asking=desk.asking)
        for name in ("facts", "need", "proportionality", "urgency", "urgency_reason"):
            if visit.typed(name).strip():
                form[name] = visit.typed(name).strip()
        done = desk.candidates.request(visit.who, record, form, once=visit.typed("once"))
    except WRONG as wrong:
        _note(visit, wrong)
        return Shown(_candidate(visit, wrong), wrong.status)
    return Go(f"/records/{done.record}")


def _candidate(visit: Visit, wrong: SpeanError | None) -> CandidatePage:
    words, node = visit.office.markup.words(visit.reader.language), visit.node
    review = node.matching.review(visit.who, visit.part("record"), reason=visit.reason())
    acts = tuple(each.kind for each in review.offers if each.refusal is None and each.kind not in _OWN_BUTTONS)
    abroad = review.asker == node.me != review.owner
    due = review.row.state in ("raised", "undecidable")
    form = node.matching.candidates.prefilled(review) if abroad else None
    return CandidatePage(
        title=words.gettext("Candidate"), review=review, left=review.left, right=review.right, core=review.core,
        sentence=sentence(words, review.sentence), bars=bars(words, review.weights), points=tuple(Point),
        chosen=tuple(value for key, value in visit.pairs if key == "point"), reason=visit.typed("reason"),
        names={user.id: user.name for user in node.people.list()}, verdicts=due and review.may_verify and review.asker == node.me,
        offers=acts, request=form, once=secrets.token_hex(12), me=node.me, rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip


_VERDICTS: dict[str, Verdict] = {"confirm": "confirm", "reject": "reject", "leave-undecided": "leave-undecided"}
_OWN_BUTTONS = frozenset(
    {"confirm", "reject", "leave-undecided", "explain", "correct", "note", "approve", "tell-about"}
)


def _note(visit: Visit, wrong: SpeanError) -> None:
    if isinstance(wrong, Refusal):
        visit.node.reading_desk.note_refusal(visit.who, wrong, f"POST {visit.path}")
