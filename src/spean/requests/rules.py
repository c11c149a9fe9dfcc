"""Safeguards of information requests (A4)."""

from __future__ import annotations

from spean.core.errors import Refusal
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule
from spean.requests.model import InformationRequest, Selector, Urgency


def _urgency_reasoned(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if isinstance(form, InformationRequest) and form.urgency is not Urgency.NORMAL and len(form.urgency_reason) < 10:
        raise Refusal("A4", "an urgent request says why it is urgent", remedy="give the reason, or send it as normal")


def _chain_named(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    for number, item in enumerate(getattr(act.body, "items", ())):
        if item.selector is Selector.WALLET and not item.chain:
            raise Refusal("R28", f"question {number}: a wallet without its chain", remedy="name the chain")


def _each_once(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    numbers = [finding.item for finding in getattr(act.body, "findings", ())]
    if len(set(numbers)) != len(numbers):
        raise Refusal("R28", "two findings for one question", remedy="put them together")


URGENCY_REASONED = Rule("A4", "An urgent request says why it is urgent.", _urgency_reasoned)
CHAIN_NAMED = Rule("R28", "A wallet is named with its chain.", _chain_named)
EACH_ONCE = Rule("R28", "An answer has one finding for each question.", _each_once)
