"""Safeguards of questions about a payment's way (R27; ``tracing.borders``)."""

from __future__ import annotations

from spean.core.errors import Refusal
from spean.holds.questions import TraceAnswer, TraceQuestion
from spean.holds.service import amount_words
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule


def _parts_hold(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if not isinstance(act.body, TraceQuestion):
        return
    reached: dict[str, int] = {}
    for part in sorted(act.body.parts, key=lambda part: (part.payment, part.start)):
        if part.start >= part.end:
            raise Refusal("R28", "a part ends before it begins", remedy="give from and to within the payment")
        if part.start < reached.get(part.payment, 0):
            raise Refusal("R28", "one part is asked about twice", remedy="put the parts of a payment together")
        reached[part.payment] = part.end


def _adds_up(view: RecordView | None, act: Act, ctx: Context) -> None:
    """Nobody answers about more or less money than was asked about."""
    question = ctx.ask.form(view.done["question"][0]) if view is not None and "question" in view.done else None
    if not isinstance(act.body, TraceAnswer) or not isinstance(question, TraceQuestion):
        return
    asked = sum(part.end - part.start for part in question.parts)
    told = sum(each.end - each.start for each in act.body.onward) + sum(rest.amount for rest in act.body.rests)
    if asked != told:
        unit = question.digits, question.currency
        raise Refusal(
            "R27", f"{amount_words(asked, *unit)} was asked about and {amount_words(told, *unit)} told of",
            remedy="answer about the same money",
        )  # fmt: skip


PARTS_HOLD = Rule("R28", "The parts are slices of payments, and none is asked about twice.", _parts_hold)
ADDS_UP = Rule("R27", "An answer is about exactly the money that was asked about.", _adds_up)
