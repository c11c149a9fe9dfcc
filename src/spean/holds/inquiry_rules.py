"""Safeguards of an inquiry: it is about the account of the request, over a bounded time; an answer tells what was asked and no more."""

from __future__ import annotations

from spean.core.errors import InvalidInput, Refusal
from spean.core.world import DAY
from spean.holds.inquiries import PARTS, Answered, Disclosure, Inquiry, lists
from spean.holds.model import StopRequest
from spean.holds.rules import REQUEST, pinned
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule

LONGEST = 400 * DAY
"""Of the time that an inquiry may be about."""


def _inquiry_fits(view: RecordView | None, act: Act, ctx: Context) -> None:
    form, request = act.body, pinned(view, ctx, REQUEST)
    if not isinstance(form, Inquiry) or not isinstance(request, StopRequest):
        return
    if (form.account, form.institution) != (request.account, request.institution):
        raise Refusal(
            "R26",
            "the inquiry is about another account than the request",
            remedy="ask about the account of the request",
        )
    until = form.until or act.time
    if not form.since < until <= act.time:
        raise InvalidInput(
            "until", "the time ends before it begins, or is not over yet", remedy="name a time that is over"
        )
    if until - form.since > LONGEST:
        raise Refusal(
            "R28",
            "more than 400 days are asked for",
            remedy="ask for the time that the case needs, or for a second one",
        )
    if form.due_at and form.due_at <= act.time:
        raise InvalidInput("due_at", "the answer would be late before it is asked for", remedy="name a later time")


def _answer_fits(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if not isinstance(form, Answered) or view is None:
        return
    known, asked = ctx.ask.fact(form.inquiry), ctx.ask.form(form.inquiry)
    if known is None or known.record != view.id or not isinstance(asked, Inquiry):
        raise Refusal("R27", "it answers no inquiry of this record", remedy="name the signed inquiry that it answers")
    asked_for = lists(asked)
    beyond = sorted(name for name in PARTS.values() if getattr(form, name) and name not in asked_for)
    if beyond:
        raise Refusal("R27", f"it tells more than was asked: {', '.join(beyond)}", remedy="leave that out")
    told = sorted(name for name in asked_for if getattr(form, name))
    if form.status in ("complete", "partial") and not told:
        raise InvalidInput(
            "status", "it says nothing of what was asked", remedy="say nothing there, or declined, and why"
        )
    if form.status in ("nothing", "declined") and (told or len(form.reason.strip()) < 3):
        raise InvalidInput("reason", "an answer without content says why, and nothing else", remedy="say why")
    first, last = asked.since - DAY, (asked.until or act.time) + DAY  # banks often book by day, in their own zone
    if any(not first <= each.at <= last for each in form.entries):
        raise Refusal("R27", "the statement goes beyond the time that was asked for", remedy="leave those lines out")


def _disclosure_fits(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if not isinstance(form, Disclosure) or view is None:
        return
    known = ctx.ask.fact(form.inquiry) if form.inquiry else None
    if form.inquiry and (known is None or known.record != view.id or known.kind != "inquire"):
        raise Refusal(
            "R35", "it is no inquiry of this record", remedy="name the signed inquiry, or none for all of them"
        )
    if not form.inquiry and not any(each.kind == "inquire" for each in ctx.local):
        raise Refusal("R35", "nobody was asked in this record", remedy="there is nothing to tell")


DISCLOSURE_FITS = Rule(
    "R35", "Only an inquiry of this record is told to the holder.", _disclosure_fits, author_only=True
)
INQUIRY_FITS = Rule("R26", "An inquiry is about the account of the request, over a bounded time.", _inquiry_fits)
ANSWER_FITS = Rule("R27", "An answer tells what was asked and nothing else.", _answer_fits)
