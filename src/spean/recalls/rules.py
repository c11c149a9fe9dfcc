"""Safeguards of recalls."""

from __future__ import annotations

from spean.core.errors import Refusal
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule
from spean.recalls.model import Confirmation, Recall


def _one_own_fact(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view
    if len(act.targets) != 1:
        raise Refusal("R34", "a recall names one fact", remedy="open one recall for each fact and holder")
    known = ctx.ask.fact(act.targets[0])
    if known is not None and act.node not in (known.node, known.giver, ctx.me):
        raise Refusal("R34", f"the fact is {known.node}'s, not {act.node}'s", remedy=f"ask {known.node} to recall it")


def _replacement_named(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if isinstance(act.body, Recall) and (act.body.mode == "correct") != bool(act.body.replacement):
        raise Refusal("R34", "a correction names the replacing fact, a withdrawal none", remedy="name what replaces it")


def _restriction_grounded(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if isinstance(form, Confirmation) and (form.outcome == "restricted") != bool(form.ground and form.until):
        raise Refusal("R34", "a restriction, and only that, has a legal ground and a last day", remedy="give both")


def _all_answered(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if not isinstance(act.body, Confirmation):
        return
    silent = [behind.node for behind in act.body.downstream if behind.outcome == "unreachable"]
    if silent:
        raise Refusal("R34", f"{', '.join(silent)} has not answered", remedy="report progress, confirm later")


ONE_OWN_FACT = Rule(
    "R34", "A recall names one fact: its owner recalls it, or who passed it on recalls it from those behind.",
    _one_own_fact, False,
)  # fmt: skip
REPLACEMENT_NAMED = Rule("R34", "A recall that corrects names the replacing fact.", _replacement_named)
RESTRICTION_GROUNDED = Rule("R34", "A restriction has a legal ground and a last day.", _restriction_grounded)
ALL_ANSWERED = Rule("R34", "A recall is confirmed when everybody behind the holder has answered.", _all_answered)
