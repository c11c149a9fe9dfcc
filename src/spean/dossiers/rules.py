"""Safeguards of entities (R1, R4, R7, R10, R28–R30, R33, B7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spean.core.errors import InvalidInput, Refusal
from spean.core.ids import parse_record
from spean.dossiers.model import (
    LONGEST_ANSWER,
    LONGEST_STOP,
    PROTECTED,
    Answered,
    Categorised,
    Judged,
    JudgementWithdrawn,
    Linked,
    Opened,
    Said,
    Stated,
    StatementWithdrawn,
    Stopped,
    Suspected,
)
from spean.entities.kinds import Kind, check_link, kind
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule

TOLD = "told"
"""Pin: the fact that opened it."""
CATEGORIES = "categorise | mark-suspect"
_RECORD = re.compile(r"\b[A-Z][A-Z0-9]{1,7}:[a-z-]+:[0-9A-HJKMNP-TV-Z]{26}(#\d+)?|\b[0-9a-f]{64}\b")
"""The name of a record or fact of ours: a candidate, a look-up, an entry of a list."""
_LISTS = frozenset({"current", "retired"})


def opened(view: RecordView | None, ctx: Context) -> Opened | None:
    """How the entity was opened; None when that is erased."""
    name = None if view is None else view.done.get(TOLD)
    form = ctx.ask.form(name[0]) if name else None
    return form if isinstance(form, Opened) else None


def category(view: RecordView | None, ctx: Context) -> str:
    """Whom the data are about now; empty when that is erased."""
    said = [] if view is None else ctx.ask.stated(view.id, CATEGORIES)
    if said:
        return str(said[-1][1].category)
    first = opened(view, ctx)
    return "" if first is None else first.category


def _protected(view: RecordView | None, ctx: Context, among: frozenset[str] = PROTECTED) -> str:
    """Of the entity, or of one that people judged to be the same, a category for which nobody is acted against; empty when there is none.

    A trafficked person stays one, however many files there are about her (R10).
    """
    mine = category(view, ctx)
    if view is None or mine in among:
        return mine if mine in among else ""
    return next((found for other, _ in ctx.ask.same(view.id) if (found := _category_of(other, ctx)) in among), "")


def _category_of(record: str, ctx: Context) -> str:
    said = ctx.ask.stated(record, CATEGORIES)
    form = said[-1][1] if said else ctx.ask.opening(record)
    return str(getattr(form, "category", ""))


def _known(view: RecordView | None, ctx: Context) -> Opened:
    found = opened(view, ctx)
    if found is None:
        raise Refusal("D4", "what this entity is was erased", remedy="open it anew, if it may be kept")
    return found


def _other(view: RecordView, name: str, ctx: Context) -> Opened:
    other = ctx.ask.opening(name)
    if not isinstance(other, Opened) or name == view.id or parse_record(name).node != ctx.me:
        raise InvalidInput("other", "it is no other entity of this node", remedy="copy the name of its record")
    return other


def check_statements(of: Kind, statements: tuple[Said, ...]) -> None:
    """Each value fits its property, and each property its kind. Raises ``InvalidInput`` naming the statement."""
    for place, each in enumerate(statements):
        try:
            of.property(each.property).values.validate(each.value)
        except InvalidInput as wrong:
            field = "property" if wrong.field == "property" else "value"
            raise InvalidInput(f"statements.{place}.{field}", wrong.why, remedy=wrong.remedy, rule="R28") from None
        if each.since and each.until and each.until < each.since[: len(each.until)]:
            raise InvalidInput(
                f"statements.{place}.until", "it ends before it begins", remedy="compare both days", rule="R28"
            )


def _stated(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if isinstance(form, Opened):
        check_statements(kind(form.kind), form.statements)
    elif isinstance(form, Stated):
        check_statements(kind(_known(view, ctx).kind), form.statements)


def _categorised(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if isinstance(form, Opened):
        of, said = kind(form.kind), form.category
    elif isinstance(form, Categorised):
        of, said = kind(_known(view, ctx).kind), form.category
        stopped = view is not None and "stop" in {view.state, *(state for _, state in ctx.ask.same(view.id))}
        if stopped and said in PROTECTED:
            raise Refusal(
                "R10", "the border would still stop this person", remedy="answer protect first, then say the category"
            )
    else:
        return
    if of.person and said == "none":
        raise Refusal(
            "R30", "of a person the category is always said", remedy="say contact or other while nothing is known"
        )


def _suspected(view: RecordView | None, act: Act, ctx: Context) -> None:
    del act
    if not kind(_known(view, ctx).kind).person:
        raise Refusal("R1", "only a person can be a suspect", remedy="mark the person to whom it belongs")
    if _protected(view, ctx, frozenset({"victim", "presumed-victim"})):
        raise Refusal("R10", "a presumed victim is not marked as suspect",
                      remedy="the protection officer decides on the category first")  # fmt: skip


def _linked(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if not isinstance(form, Linked) or view is None:
        return
    other = _other(view, form.other, ctx)
    check_link(form.link, _known(view, ctx).kind, other.kind)


def _withdrawn(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if not isinstance(form, StatementWithdrawn) or view is None:
        return
    name, _, place = form.statement.partition(":")
    known, said = ctx.ask.fact(name), ctx.ask.form(name)
    said = getattr(said, "replacement", said)
    count = len(said.statements) if isinstance(said, Opened | Stated) else 1 if isinstance(said, Linked) else 0
    if known is None or known.record != view.id or int(place) >= count:
        raise InvalidInput("statement", "this entity has no such statement", remedy="take it from the entity's page")


def _judged(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if not isinstance(form, Judged) or view is None:
        return
    mine, other = _known(view, ctx), _other(view, form.other, ctx)
    if other.kind != mine.kind:
        raise InvalidInput(
            "other", f"a {mine.kind} and a {other.kind} are never the same one", remedy="link them instead"
        )
    if form.verdict == "positive":
        _nobody_protected_is_stopped(view, form.other, ctx)


def _nobody_protected_is_stopped(view: RecordView, other: str, ctx: Context) -> None:
    """R10: before a file of somebody protected is joined with one that the border stops, the stop goes."""
    both = dict((*ctx.ask.same(view.id), *ctx.ask.same(other)))
    if "stop" in both.values() and any(_category_of(name, ctx) in PROTECTED for name in both):
        raise Refusal("R10", "the border stops one of them, and the other is a victim, a witness or missing",
                      remedy="lift the stop, or answer protect, then judge")  # fmt: skip


def _no_contradiction(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if not isinstance(form, Judged) or view is None:
        return
    chain = ctx.ask.chain(view.id, form.other, form.verdict)
    if chain:
        raise Refusal(
            "D8", "it contradicts judgements that stand: " + " – ".join(each[:12] for each in chain),
            remedy="look at them in this order, and withdraw the one that is wrong",
        )  # fmt: skip


def _names_judgement(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if not isinstance(form, JudgementWithdrawn) or view is None:
        return
    known = ctx.ask.fact(form.judgement)
    if known is None or known.record != view.id or known.kind != "judge":
        raise InvalidInput(
            "judgement", "this entity has no such judgement", remedy="take it from the history of judgements"
        )


def _ends(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if not isinstance(form, Answered | Stopped):
        return
    longest, words = (LONGEST_STOP, "90 days") if isinstance(form, Stopped) else (LONGEST_ANSWER, "a year")
    if not act.time < form.until <= act.time + longest:
        raise Refusal(
            "R33", f"an answer of the border ends by itself within {words}", remedy=f"name an end within {words}"
        )


def _may_be_stopped(view: RecordView | None, act: Act, ctx: Context) -> None:
    del act
    _known(view, ctx)
    now = _protected(view, ctx)
    if now:
        raise Refusal("R10", f"the category is {now}: nobody is stopped for being protected or missing",
                      remedy="answer protect instead")  # fmt: skip


def _on_a_paper(view: RecordView | None, act: Act, ctx: Context) -> None:
    """What acts against somebody rests on the act of a court or authority that can be looked up: never on a list alone, nor on a hit."""
    del view
    form = act.body
    if not isinstance(form, Stopped | Suspected):
        return
    if form.ground == "not-said":
        raise Refusal("B7", "it is not said on which paper this rests",
                      remedy="choose it; for somebody on a published list, the national order that carries it out")  # fmt: skip
    if isinstance(form, Suspected) and form.category == "convicted" and form.ground != "judgment":
        raise Refusal("B7", "only a judgment convicts", remedy="name the judgment, or mark as suspect")
    said = form.basis if isinstance(form, Stopped) else f"{form.basis} {form.reference}"
    if not any(char.isdecimal() for char in _without_lists(said, ctx)):
        raise Refusal("B7", "no paper is named that somebody can look up",
                      remedy="give its number and date, and who issued it; a published list, a candidate or a hit is none")  # fmt: skip


def _without_lists(said: str, ctx: Context) -> str:
    """What a reference says beside our own records and the lists that are taken in here."""
    rest = _RECORD.sub(" ", said).casefold()
    known = {word for words in _list_words(ctx) if words[0] in rest for word in words}
    for word in sorted(known, key=len, reverse=True):
        rest = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", rest)
    return rest


def _list_words(ctx: Context) -> Iterator[list[str]]:
    """Of each version of each list what it is called by, its name first."""
    for record, opening in ctx.ask.beside("open-list", _LISTS):
        versions = [form for _, form in ctx.ask.stated(record, "bring | renew")] or [opening]
        for form in versions:
            words = (
                getattr(form, name, "").casefold().strip()
                for name in ("name", "publisher", "source", "published", "version")
            )
            yield [each for each in words if each]


STATED = Rule("R28", "Each value fits its property and each property its kind; nothing else is kept.", _stated)
CATEGORISED = Rule("R30", "Of a person the category is always said.", _categorised)
SUSPECTED = Rule(
    "R10", "A presumed victim is not marked as suspect.", _suspected, reads_body=False, author_only=True
)  # fmt: skip
LINKED = Rule("R28", "A link joins two entities of this node, of kinds that it may join.", _linked, author_only=True)
WITHDRAWN = Rule("R34", "What is withdrawn is a statement of this entity.", _withdrawn)
JUDGED = Rule("D8", "Two entities of one kind, both of this node, are compared.", _judged, author_only=True)
NO_CONTRADICTION = Rule(
    "D8", "A judgement that contradicts those that stand is refused, with the chain that leads to it.", _no_contradiction,
    author_only=True,
)  # fmt: skip
NAMES_JUDGEMENT = Rule("D8", "What is withdrawn is a judgement of this entity.", _names_judgement)
ENDS = Rule("R33", "What a border answers ends by itself: within a year, a stop within 90 days.", _ends)
MAY_BE_STOPPED = Rule(
    "R10", "Nobody is stopped for being a victim, a witness or missing.", _may_be_stopped, reads_body=False, author_only=True
)  # fmt: skip
ON_A_PAPER = Rule(
    "B7", "It rests on the act of a court or authority that can be looked up; a published list, a candidate or a hit is none.", _on_a_paper,
    author_only=True,
)  # fmt: skip
