"""Safeguards of restitution (C8): each transfer claimed once, each unit accounted for, each line by the written rule."""

from __future__ import annotations

from typing import Any

from spean.core.errors import Refusal
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule
from spean.restitution.model import Allocation, Claim, ClaimRefused, Ending, Payment, Terms
from spean.restitution.service import allocate, money

TERMS, PROPOSAL = "terms", "proposal"
"""Pins: the opening, which holds the rule; the allocation on the table."""
GIVING = frozenset({"collecting", "proposed", "decided", "closed"})
"""States in which a claim counts; what was given up claims nothing."""


def _pinned(view: RecordView | None, ctx: Context, pin: str) -> Any | None:
    name = None if view is None else view.done.get(pin)
    return ctx.ask.form(name[0]) if name else None


def _terms(view: RecordView | None, act: Act, ctx: Context) -> Terms | None:
    found = _pinned(view, ctx, TERMS)
    if isinstance(found, Terms):
        return found
    if act.node == ctx.me:
        raise Refusal("C8", "the written rule is erased here", remedy="open a new restitution")
    return None


def _shares(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if not isinstance(act.body, Terms):
        return
    names = [holding.record for holding in act.body.holdings]
    if len(set(names)) != len(names):
        raise Refusal("C8", "one holding stands twice", remedy="name each hop's record once")
    for number, holding in enumerate(act.body.holdings):
        if holding.shared > holding.amount:
            raise Refusal("C8", f"holding {number}: more is shared than is held", remedy="share at most what is held")
        if bool(holding.shared) != bool(holding.shared_with.strip()):
            raise Refusal("C8", f"holding {number}: a share names who gets it and why", remedy="name both, or none")


def transfer_key(claim: Claim) -> str:
    """A transfer's reference without the differences of typing."""
    return "".join(claim.transfer.split()).casefold()


def standing(view: RecordView | None, ctx: Context) -> dict[str, Claim]:
    """The claims that count here: not refused, the first of each transfer."""
    return {} if view is None else _standing(view.id, ctx)


def _standing(record: str, ctx: Context) -> dict[str, Claim]:
    out = {form.claim for _, form in ctx.ask.stated(record, "refuse-claim") if isinstance(form, ClaimRefused)}
    found: dict[str, Claim] = {}
    keys: set[str] = set()
    for name, form in ctx.ask.stated(record, "claim"):
        if isinstance(form, Claim) and name not in out and transfer_key(form) not in keys:
            keys.add(transfer_key(form))
            found[name] = form
    return found


def _claimed_once(view: RecordView | None, act: Act, ctx: Context) -> None:
    """In this record, and in every other restitution that this node knows and that was not given up."""
    if not isinstance(act.body, Claim):
        return
    key = transfer_key(act.body)
    if key in map(transfer_key, standing(view, ctx).values()):
        raise Refusal("C8", "this transfer is claimed already", remedy="see the claim that names it")
    for record, _ in () if view is None else ctx.ask.beside(view.procedure, GIVING):
        if view is not None and record != view.id and key in map(transfer_key, _standing(record, ctx).values()):
            raise Refusal(
                "C8", f"this transfer is claimed already in another restitution, {record}",
                remedy="have it refused there first, or leave it there",
            )  # fmt: skip


def _traced(view: RecordView | None, act: Act, ctx: Context) -> None:
    form, terms = act.body, _terms(view, act, ctx)
    if not isinstance(form, Claim):
        return
    if sum(part.amount for part in form.traced) > form.amount:
        raise Refusal("C8", "more was traced than was paid", remedy="name the traced parts of this one payment")
    if any(part.arrived_at < form.paid_at for part in form.traced):
        raise Refusal("C8", "money cannot arrive before it was paid", remedy="check the times")
    if terms is not None and any(part.holding >= len(terms.holdings) for part in form.traced):
        raise Refusal("C8", "there is no such holding", remedy=f"they are numbered 0 to {len(terms.holdings) - 1}")
    if terms is not None and act.time > terms.claims_until:
        raise Refusal("C8", "the time for claims is over", remedy="turn to the body that decides on appeals")


def _adds_up(view: RecordView | None, act: Act, ctx: Context) -> None:
    """Judged at both ends: every holding comes out to the last unit, whatever the claims are."""
    form, terms = act.body, _terms(view, act, ctx)
    if not isinstance(form, Allocation) or terms is None:
        return
    if len(form.left) != len(terms.holdings) or any(line.holding >= len(terms.holdings) for line in form.lines):
        raise Refusal("C8", "it is about other holdings", remedy="give what is left of each holding")
    for number, holding in enumerate(terms.holdings):
        told = sum(line.amount for line in form.lines if line.holding == number) + form.left[number]
        if told != holding.amount - holding.shared:
            unit = terms.currency, terms.digits
            raise Refusal(
                "C8", f"holding {number}: {money(told, unit)} is given of {money(holding.amount - holding.shared, unit)}",
                remedy="let the lines follow from the rule",
            )  # fmt: skip


def _by_the_rule(view: RecordView | None, act: Act, ctx: Context) -> None:
    """Judged where all claims are known: at the node that leads."""
    form, terms = act.body, _terms(view, act, ctx)
    if not isinstance(form, Allocation) or terms is None:
        return
    if act.time < terms.claims_until:
        raise Refusal("C8", "victims may still claim", remedy="wait for the end of the time for claims")
    lines, left = allocate(terms.holdings, standing(view, ctx), terms.rule, (terms.currency, terms.digits))
    told = {(line.claim, line.holding, line.victim, line.amount, line.why) for line in form.lines}
    computed = {(line.claim, line.holding, line.victim, line.amount, line.why) for line in lines}
    if told != computed or len(form.lines) != len(lines) or form.left != left:
        raise Refusal(
            "C8", f"the lines do not follow from the written rule ({terms.rule})", remedy="use the computed lines"
        )


def _a_claim(view: RecordView | None, act: Act, ctx: Context) -> None:
    if isinstance(act.body, ClaimRefused) and act.body.claim not in standing(view, ctx):
        raise Refusal("C8", "no claim of that name stands", remedy="name a claim of this record")


def _as_decided(view: RecordView | None, act: Act, ctx: Context) -> None:
    form, proposal = act.body, _pinned(view, ctx, PROPOSAL)
    if not isinstance(form, Payment) or not isinstance(proposal, Allocation) or view is None:
        return
    due = {(line.claim, line.holding): line.amount for line in proposal.lines}
    if due.get((form.claim, form.holding)) != form.amount:
        raise Refusal("C8", "this is not what was decided", remedy="pay each line as it stands")
    if act.node == ctx.me and (form.claim, form.holding) in _paid(view, ctx):
        raise Refusal("C8", "this line is paid already", remedy="see the proof of its payment")


def _paid(view: RecordView, ctx: Context) -> set[tuple[str, int]]:
    return {(form.claim, form.holding) for _, form in ctx.ask.stated(view.id, "pay") if isinstance(form, Payment)}


def _all_paid(view: RecordView | None, act: Act, ctx: Context) -> None:
    proposal = _pinned(view, ctx, PROPOSAL)
    if not isinstance(act.body, Ending) or not isinstance(proposal, Allocation) or view is None:
        return
    open_lines = {(line.claim, line.holding) for line in proposal.lines} - _paid(view, ctx)
    if open_lines:
        raise Refusal("C8", f"{len(open_lines)} lines are not paid", remedy="pay them, with proof, then close")


SHARES = Rule("C8", "A share names who gets it by what agreement, and is no more than is held.", _shares)
CLAIMED_ONCE = Rule("C8", "A transfer is claimed once, in one restitution.", _claimed_once, author_only=True)
TRACED = Rule("C8", "A claim is within its payment, its holdings and its time.", _traced)
ADDS_UP = Rule("C8", "Lines, shares and rest make up every holding to the last unit.", _adds_up)
BY_THE_RULE = Rule("C8", "The lines follow from the written rule.", _by_the_rule, author_only=True)
A_CLAIM = Rule("C8", "What is refused is a claim of this record.", _a_claim, author_only=True)
AS_DECIDED = Rule("C8", "Each line is paid once, as decided.", _as_decided)
ALL_PAID = Rule("C8", "A restitution ends when every line is paid.", _all_paid, author_only=True)
