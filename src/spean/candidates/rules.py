"""Safeguards of matching (R2, R22, R23, R27, R28, R33, B6, B7)."""

from __future__ import annotations

from spean.candidates.lists import Extract, Safeguard
from spean.candidates.look_ups import LookUp, Mark, Renewal, Watch
from spean.candidates.model import LEAST, RELEASED, About, CoreData, Explanation
from spean.core.errors import Refusal
from spean.core.roles import Role
from spean.core.world import DAY
from spean.procedures.acts import Act, Context, Known, RecordView
from spean.procedures.rules import Rule

RAISED = "raised-by"
"""Pin: the fact that raised a candidate."""
PUT = "put-by"
"""Pin: the fact that put a look-up or a watch."""
LONGEST_WATCH = 180 * DAY
LONGEST_SAFEGUARD = 730 * DAY
LONGEST_EXTRACT = 14 * DAY
STANDS = frozenset({"standing"})
"""State of a safeguard that holds."""


def _raised(view: RecordView | None, ctx: Context) -> tuple[Known | None, object | None]:
    names = () if view is None else view.done.get(RAISED, ())
    return (ctx.ask.fact(names[0]), ctx.ask.form(names[0])) if names else (None, None)


def _not_the_asker(view: RecordView | None, act: Act, ctx: Context) -> None:
    """Neither whoever raised it, nor whoever is named as having asked, nor whoever put the question that it follows from."""
    known, form = _raised(view, ctx)
    asked = {"" if known is None else known.actor, getattr(form, "asked_by", "")}
    question = getattr(form, "question", "")
    if question and act.node == ctx.me:
        names = [name for kind in ("ask", "watch", "renew") for name, _ in ctx.ask.stated(question, kind)]
        asked |= {found.actor for name in names if (found := ctx.ask.fact(name)) is not None}
    if act.actor and act.actor in asked:
        raise Refusal("R2", "whoever asked does not verify the answer", remedy="ask a colleague to look at it")


def _explained(view: RecordView | None, act: Act, ctx: Context) -> None:
    """The verdict has its reason, in words, on our own track, by the same person since the state was entered."""
    since = 0 if view is None else view.entered_at
    if not any(
        each.kind == "explain" and each.actor == act.actor and each.time >= since and isinstance(each.body, Explanation)
        for each in ctx.local
    ):
        raise Refusal("R2", f"{act.kind} has no written reason by the same person", remedy="write the reason first")


def _only_what_the_purpose_lists(view: RecordView | None, act: Act, ctx: Context) -> None:
    if not isinstance(act.body, CoreData):
        return
    known, _ = _raised(view, ctx)
    allowed = RELEASED.get("" if known is None else known.purpose, LEAST)
    extra = [name for name in CoreData.__struct_fields__ if name not in allowed and getattr(act.body, name)]
    if extra:
        raise Refusal("R27", f"the purpose does not list {', '.join(extra)}", remedy="leave it out")


def _safeguards(view: RecordView | None, ctx: Context) -> list[Safeguard]:
    """What our own node must keep in mind about whom the candidate names."""
    _, form = _raised(view, ctx)
    records = {name for each in ctx.local if isinstance(each.body, About) for name in each.body.records}
    records.add(getattr(form, "reference", ""))
    return [
        each
        for _, each in ctx.ask.beside("safeguard", STANDS)
        if isinstance(each, Safeguard) and each.entity in records
    ]


def _it_is_known_whom(view: RecordView | None, act: Act, ctx: Context) -> None:
    """Nothing is released before the own records are named: otherwise no safeguard about them could be found."""
    del act
    _, form = _raised(view, ctx)
    named = any(isinstance(each.body, About) and each.body.records for each in ctx.local)
    if not named and ":" not in getattr(form, "reference", ""):
        raise Refusal(
            "R22",
            "it is not said which of our own records this is about",
            remedy="name them, or decline it as not available",
        )


def _not_feared(view: RecordView | None, act: Act, ctx: Context) -> None:
    """R22: what a person fears is not told, whatever the match. The refusal is for our own officer; the asker is told *not available*."""
    askers = set(() if view is None else view.parties.get("asker", ())) - {act.node}
    if any(askers & set(each.feared) for each in _safeguards(view, ctx)):
        raise Refusal(
            "R22",
            "this person is protected from the state that asks",
            remedy="decline it as not available; do not say why",
        )


def _marked_is_passed(view: RecordView | None, act: Act, ctx: Context) -> None:
    """R23: about a journalist, a lawyer or a source, the supervisor's word comes first."""
    if all(each.mark is Mark.NONE for each in _safeguards(view, ctx)):
        return
    since = 0 if view is None else view.entered_at
    if not any(each.kind == "pass" and each.actor != act.actor and each.time >= since for each in ctx.local):
        raise Refusal("R23", "it is about somebody whose work is protected", remedy="ask the supervisor to pass it")


def _asks_something(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if isinstance(form, LookUp) and not form.names and not form.selectors:
        raise Refusal("R28", "nothing is asked about", remedy="give a name, a number or a document")


def _unmarked_or_passed(view: RecordView | None, act: Act, ctx: Context) -> None:
    """R23: nothing is looked for before the supervisor has passed a marked look-up."""
    del act
    names = () if view is None else view.done.get(PUT, ())
    form = ctx.ask.form(names[0]) if names else None
    marked = not isinstance(form, LookUp | Watch) or form.mark is not Mark.NONE
    if marked and view is not None and view.state == "asked":
        raise Refusal(
            "R23",
            "a look-up about a journalist, a lawyer or a source goes to the supervisor",
            remedy="wait for the supervisor",
        )


def _another_person(view: RecordView | None, act: Act, ctx: Context) -> None:
    """R4: nobody passes a look-up of her own."""
    names = () if view is None else view.done.get(PUT, ()) or view.done.get(RAISED, ())
    known = ctx.ask.fact(names[0]) if names else None
    if known is not None and known.actor == act.actor:
        raise Refusal("R4", "nobody passes what she asked herself", remedy="ask another supervisor")


def _ends(view: RecordView | None, act: Act, ctx: Context) -> None:
    """A watch ends within half a year, and with the agreement under which it stands (B6, R33)."""
    form = act.body
    if not isinstance(form, Watch | Renewal):
        return
    del view
    if not act.time < form.until <= act.time + LONGEST_WATCH:
        raise Refusal("R33", "a watch ends by itself within 180 days", remedy="name an end within 180 days from now")
    last = ctx.ask.setting(f"instrument:{form.instrument}") if form.instrument and act.node == ctx.me else None
    if last is not None and form.until > last:
        raise Refusal("R33", "the agreement ends, or has data reviewed, before that", remedy="name an earlier end")


def _watches_something(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if isinstance(act.body, Watch) and not act.body.value.strip():
        raise Refusal("R28", "no key is named", remedy="give a number, an address or a name")


def _ends_by_itself(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if not isinstance(form, Safeguard | Extract):
        return
    most = LONGEST_EXTRACT if isinstance(form, Extract) else LONGEST_SAFEGUARD
    if not act.time < form.until <= act.time + most:
        raise Refusal("R33", f"it ends by itself within {most // DAY} days", remedy="name an earlier end")


SUPERVISOR = (Role.AUDITOR,)
"""Who looks at marked requests and at alarms of misuse: outside the chain of command (R23, R24)."""
NOT_THE_ASKER = Rule("R2", "Whoever asked does not verify the answer.", _not_the_asker, reads_body=False)
EXPLAINED = Rule(
    "R2",
    "A verdict has a written reason, which stays on the own track.",
    _explained,
    reads_body=False,
    author_only=True,
)
LISTED_FIELDS = Rule("R27", "Only fields that the purpose lists are released.", _only_what_the_purpose_lists)
NOT_FEARED = Rule(
    "R22", "Nothing is told to a state that the person fears.", _not_feared, reads_body=False, author_only=True
)
MARKED_PASSED = Rule(
    "R23", "About journalists, lawyers and sources the supervisor decides first.", _marked_is_passed, reads_body=False, author_only=True
)  # fmt: skip
ASKS = Rule("R28", "A look-up names what it is about.", _asks_something)
UNMARKED = Rule("R23", "A marked look-up goes to the supervisor first.", _unmarked_or_passed, reads_body=False)
ANOTHER = Rule("R4", "Nobody passes what she asked herself.", _another_person, reads_body=False, author_only=True)
ENDS = Rule("R33", "A watch ends by itself, and with its agreement.", _ends)
WATCHES = Rule("R28", "A watch names its key.", _watches_something)
NAMED = Rule(
    "R22",
    "The own records are named before anything of them is released.",
    _it_is_known_whom,
    reads_body=False,
    author_only=True,
)
ENDS_BY_ITSELF = Rule("R33", "A safeguard and an extract end by themselves.", _ends_by_itself)
