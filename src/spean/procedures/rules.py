"""A safeguard as a named, pure, tested rule (D7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from spean.core.errors import Refusal
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.generic import Correction

Check = Callable[[RecordView | None, Act, Context], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """``number`` (R1–R51, D1–D11 or a feature such as A4), the rule in words, and its check.

    The check raises ``Refusal(number, why, remedy=…)``. ``reads_body``: judged only while the form is there.
    ``author_only``: judged at the author's node alone, since it reads what others cannot see (local track).
    """

    number: str
    text: str
    check: Check
    reads_body: bool = True
    author_only: bool = False


def judge(rules: tuple[Rule, ...], view: RecordView | None, act: Act, ctx: Context) -> None:
    """Apply the rules that can be judged here; the first that refuses raises."""
    for rule in rules:
        if rule.reads_body and act.body is None:
            continue
        if rule.author_only and act.node != ctx.me:
            continue
        rule.check(view, act, ctx)


def judge_correction(rules: tuple[Rule, ...], view: RecordView | None, act: Act, ctx: Context) -> None:
    """A correction fulfils the rules on the form that it replaces; ``rules`` are those of the corrected kind."""
    if isinstance(act.body, Correction):
        replaced = replace(act, body=act.body.replacement)
        for rule in rules:
            if rule.reads_body:
                rule.check(view, replaced, ctx)


def approved(kind: str, *, number: str, text: str, by: int = 1) -> Rule:
    """Four eyes: ``kind`` needs ``by`` approvals on our local track by persons other than its actor (R4)."""

    def check(view: RecordView | None, act: Act, ctx: Context) -> None:
        since = 0 if view is None else view.entered_at
        others = {
            local.actor
            for local in ctx.local
            if local.kind == "approve" and local.about == kind and local.actor != act.actor and local.time >= since
        }
        if len(others) < by:
            raise Refusal(
                number,
                f"{kind} has {len(others)} of {by} approvals by another person",
                remedy=f"ask a second officer to approve {kind}",
            )

    return Rule(number, text, check, reads_body=False, author_only=True)
