"""Safeguards of stop-payment: each a named rule with its number (DOMAIN 7.1, 7.6, 7.8)."""

from __future__ import annotations

from typing import Any

from spean.core.errors import Refusal
from spean.holds.clocks import FRESH, URGENT, national
from spean.holds.model import (
    Allocated,
    Confirmation,
    Easing,
    Hold,
    Order,
    PaidOut,
    Prolonging,
    Release,
    Returned,
    Seizure,
    StopRequest,
    Verification,
)
from spean.holds.service import amount_words, payment_names
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule

REQUEST, HELD, PROLONGED = "request", "held-by", "prolonged-by"
"""Pins of the record: the request; the hold, which says how much; what prolonged it last."""
STOPPED = frozenset({"held", "disputed", "confirmed", "seized", "allocated"})
"""States in which the money of a hop is stopped."""


def _money(amount: int, unit: Any) -> str:
    """An amount in the currency that a form is about, as people write it."""
    return amount_words(amount, unit.digits, unit.currency)


def pinned(view: RecordView | None, ctx: Context, pin: str) -> Any | None:
    """The form that the record's pin names; None when there is none or it is erased here."""
    name = None if view is None else view.done.get(pin)
    return ctx.ask.form(name[0]) if name else None


def _request(view: RecordView | None, act: Act, ctx: Context) -> StopRequest | None:
    """The request. Without its words nobody at our own desk acts on it; a foreign desk may still have them (erasure)."""
    found = pinned(view, ctx, REQUEST)
    if isinstance(found, StopRequest):
        return found
    if act.node == ctx.me:
        raise Refusal("R51", "the words of the request are erased here", remedy="ask for a new request")
    return None


def _hold(view: RecordView | None, act: Act, ctx: Context) -> Hold | None:
    found = pinned(view, ctx, HELD)
    if isinstance(found, Hold):
        return found
    if act.node == ctx.me:
        raise Refusal("R51", "the words of the hold are erased here", remedy="release it")
    return None


def held_now(view: RecordView | None, hold: Hold, ctx: Context) -> int:
    """What is held after all easing, at the node that holds."""
    eased = ctx.ask.stated(view.id, "ease") if view is not None else ()
    return min([hold.amount, *(form.stays for _, form in eased if isinstance(form, Easing))])


def clock(ctx: Context, name: str) -> int:
    """Our own national clock."""
    found = ctx.ask.setting(name)
    return found if found is not None else national(ctx.me, name) or 0


def _claim_bounds(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if not isinstance(form, StopRequest):
        return
    if form.asked > form.claimed:
        raise Refusal(
            "R50", f"{_money(form.asked, form)} is asked, but only {_money(form.claimed, form)} can be claimed by {form.rule}",
            remedy=f"ask for at most {_money(form.claimed, form)}",
        )  # fmt: skip
    if not 0 <= form.part_from < form.part_to <= form.amount:
        raise Refusal("R50", "the traced part is no part of the payment", remedy="give a slice of the payment")
    if max(form.claimed, form.located) > form.amount:
        raise Refusal("R50", "more is claimed than the payment brought", remedy="open a request for each payment")


def _identified(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if not isinstance(form, StopRequest):
        return
    if form.account.count(":") == 2 and not form.chain:
        raise Refusal("R28", "a wallet without its chain cannot be found", remedy="name the chain, e.g. tron")
    if form.chain and not form.transaction_hash:
        raise Refusal("C5", "a request for a wallet names the transaction that filled it", remedy="give its hash")


def _within_claim(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    request = _request(view, act, ctx)
    if not isinstance(form, Hold) or request is None:
        return
    _same_money(form, request)
    if (form.claimed, form.rule) != (request.claimed, request.rule):
        raise Refusal(
            "R51", "the hold names another claim or rule than the request",
            remedy=f"name {_money(request.claimed, request)} by {request.rule}",
        )  # fmt: skip
    most = min(request.asked, request.claimed)
    if form.amount > most and form.scope == "amount":
        raise Refusal(
            "R50", f"{_money(form.amount, form)} is more than the claim of {_money(most, form)}",
            remedy=f"hold at most {_money(most, form)}",
        )  # fmt: skip


def _same_money(form: Any, other: Any) -> None:
    if (form.currency, form.digits) != (other.currency, other.digits):
        raise Refusal("R50", f"it is in {form.currency}, the claim in {other.currency}", remedy="use one currency")


def _within_balance(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view
    form = act.body
    if not isinstance(form, Hold):
        return
    seen = _seen(act, ctx)
    _same_money(form, seen)
    if form.amount > seen.balance:
        raise Refusal(
            "R50", f"{_money(form.amount, form)} is more than what lies there",
            remedy=f"hold at most {_money(seen.balance, seen)}",
        )  # fmt: skip
    if seen.name == "differs" and not form.urgent:
        raise Refusal(
            "R5", "the holder's name is another than in the request",
            remedy="hold for 15 minutes and let a second person review it, or refuse",
        )  # fmt: skip


def _looks(ctx: Context) -> list[tuple[int, Verification]]:
    """Our looks at the account, the latest last."""
    found = [
        (each.time, each.body) for each in ctx.local if each.kind == "verify" and isinstance(each.body, Verification)
    ]
    return sorted(found, key=lambda each: each[0])


def _seen(act: Act, ctx: Context) -> Verification:
    """The latest look at the account; R50 needs one, and a fresh one."""
    looks = _looks(ctx)
    if not looks or act.time - looks[-1][0] > FRESH:
        raise Refusal(
            "R50", "nobody has looked at the account in the last 15 minutes", remedy="verify balance and name first"
        )
    return looks[-1][1]


def _once_for_a_claim(view: RecordView | None, act: Act, ctx: Context) -> None:
    """Two requests about one payment never stop more of it than it brought, whoever sent them and whatever they name."""
    form, request = act.body, _request(view, act, ctx)
    if not isinstance(form, Hold) or request is None or view is None:
        return
    beside = [
        other for name, other in ctx.ask.beside(view.procedure, STOPPED, payment_names(request))
        if name != view.id and isinstance(other, StopRequest) and _same_payment(other, request)
    ]  # fmt: skip
    if "haircut" not in (request.rule, *(other.rule for other in beside)):
        for other in beside:
            if other.part_from < request.part_to and request.part_from < other.part_to:
                raise Refusal(
                    "R50", "this part of the payment is held already, for another request",
                    remedy="refuse: another claim goes before",
                )  # fmt: skip
    stopped = sum(min(other.asked, other.claimed) for other in beside)
    if form.scope == "amount" and stopped + form.amount > request.amount:
        raise Refusal(
            "R50", f"{_money(stopped, request)} of this payment are held already, for other requests",
            remedy=f"hold at most {_money(max(0, request.amount - stopped), request)}",
        )  # fmt: skip


def _same_payment(one: StopRequest, other: StopRequest) -> bool:
    """One payment on one account: by its name in the ledger, or by what banks and chains call it."""
    return not set(payment_names(one)).isdisjoint(payment_names(other))


def _whole_account(view: RecordView | None, act: Act, ctx: Context) -> None:
    form = act.body
    if not isinstance(form, Hold) or form.scope == "amount":
        return
    if not form.judge_reference.strip():
        raise Refusal("R50", "a whole account is held only on a judge's decision", remedy="name the judge's decision")
    if act.node == ctx.me and not _approvers(view, act, ctx, "hold"):
        raise Refusal("R4", "a whole account is held by two persons", remedy="ask a second officer to approve hold")


def _approvers(view: RecordView | None, act: Act, ctx: Context, kind: str) -> set[str]:
    since = 0 if view is None else view.entered_at
    return {
        each.actor for each in ctx.local
        if each.kind == "approve" and each.about == kind and each.actor != act.actor and each.time >= since
    }  # fmt: skip


def _expires(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view
    form = act.body
    if not isinstance(form, Hold):
        return
    if form.until <= act.time:
        raise Refusal("R51", "the hold ends before it begins", remedy="name a later end")
    if form.urgent and (form.scope != "amount" or form.until > act.time + URGENT):
        raise Refusal(
            "R5",
            "a hold before review is for an amount and for 15 minutes at most",
            remedy="shorten it, or verify first",
        )
    if act.node == ctx.me and form.until > act.time + clock(ctx, "hold"):
        raise Refusal(
            "R36", "the national law allows no hold of that length without an order", remedy="name an earlier end"
        )


def _reviewed(view: RecordView | None, act: Act, ctx: Context) -> None:
    """A review makes an urgent hold an ordinary one: another person, and not beyond what the hold could have had."""
    form, hold = act.body, _hold(view, act, ctx)
    if not isinstance(form, Prolonging) or hold is None or view is None:
        return
    if not hold.urgent or PROLONGED in view.done:
        raise Refusal("R5", "this hold needs no review", remedy="extend it, or attach the order")
    _later(form, act)
    if form.repetition != 0:
        raise Refusal("R36", "a review is no prolongation", remedy="number it 0")
    if act.node != ctx.me:
        return
    if form.until > view.entered_at + clock(ctx, "hold"):
        raise Refusal("R36", "the national law allows no hold of that length", remedy="name an earlier end")
    if any(look.name == "differs" for _, look in _looks(ctx)[-1:]):
        raise Refusal("R5", "the holder's name still differs", remedy="verify the name, or release")


def _later(form: Prolonging, act: Act) -> None:
    if form.until <= act.time:
        raise Refusal("R51", "it ends before it begins", remedy="name a later end")


def _another_person(view: RecordView | None, act: Act, ctx: Context) -> None:
    name = None if view is None else view.done.get(HELD)
    known = ctx.ask.fact(name[0]) if name else None
    if known is not None and known.actor == act.actor:
        raise Refusal("R4", "whoever made the hold does not judge it", remedy="ask a second officer")


def _repeated(view: RecordView | None, act: Act, ctx: Context) -> None:
    """As often and as long as the national law says; the numbers follow one another, so both ends can count."""
    form, hold = act.body, _hold(view, act, ctx)
    if not isinstance(form, Prolonging) or view is None:
        return
    _later(form, act)
    before = pinned(view, ctx, PROLONGED)
    if hold is not None and hold.urgent and PROLONGED not in view.done:
        raise Refusal("R5", "a hold before review is not prolonged", remedy="let a second person review it")
    number = 1 if PROLONGED not in view.done else before.repetition + 1 if isinstance(before, Prolonging) else None
    if number is not None and form.repetition != number:
        raise Refusal("R36", f"this would be prolongation {number}", remedy=f"number it {number}")
    if act.node != ctx.me:
        return
    most = clock(ctx, "hold-extensions")
    if number is None or form.repetition > most:
        raise Refusal(
            "R36",
            f"the national law allows {most} prolongations without an order",
            remedy="attach the order, or release",
        )
    if form.until > act.time + clock(ctx, "hold-extension"):
        raise Refusal("R36", "the national law allows no prolongation of that length", remedy="name an earlier end")


def _order_fits(view: RecordView | None, act: Act, ctx: Context) -> None:
    """What an institution is told is what the request says: its account, no more than the claim, with an end."""
    form, request = act.body, _request(view, act, ctx)
    if not isinstance(form, Order) or request is None:
        return
    if (form.account, form.currency, form.digits) != (request.account, request.currency, request.digits):
        raise Refusal("R50", "the order is about another account than the request", remedy="order what is asked for")
    if form.what == "hold" and form.amount > min(request.asked, request.claimed):
        raise Refusal(
            "R50", f"{_money(form.amount, form)} is more than the claim",
            remedy=f"order at most {_money(request.asked, request)}",
        )  # fmt: skip
    if form.what == "hold" and form.expires_at <= act.time:
        raise Refusal("R51", "the order has ended before it begins", remedy="name a later end")


def _eased(view: RecordView | None, act: Act, ctx: Context) -> None:
    form, hold = act.body, _hold(view, act, ctx)
    if not isinstance(form, Easing) or hold is None:
        return
    held = held_now(view, hold, ctx) if act.node == ctx.me else hold.amount
    if form.stays >= held:
        remedy = f"name less than {_money(held, hold)}; release sets all free"
        raise Refusal("R50", "easing sets a part free", remedy=remedy)


def _ordered(view: RecordView | None, act: Act, ctx: Context) -> None:
    form, hold = act.body, _hold(view, act, ctx)
    if not isinstance(form, Confirmation | Seizure | Allocated | PaidOut) or hold is None:
        return
    held = held_now(view, hold, ctx) if act.node == ctx.me else hold.amount
    if form.amount > held:
        raise Refusal(
            "R50", f"{_money(form.amount, hold)} is more than the {_money(held, hold)} held",
            remedy=f"at most {_money(held, hold)}",
        )  # fmt: skip
    if isinstance(form, Confirmation) and not form.issued_at <= act.time < form.until:
        raise Refusal("R51", "the order is not in force now", remedy="attach an order that is")


def _apologised(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if isinstance(act.body, Release) and act.body.wrong and not act.body.apology.strip():
        raise Refusal("R35", "a wrong hold is answered for", remedy="say what the holder of the account is told")


def _returned(view: RecordView | None, act: Act, ctx: Context) -> None:
    form, request = act.body, _request(view, act, ctx)
    if isinstance(form, Returned) and request is not None:
        _same_money(form, request)
        if form.amount > request.amount:
            raise Refusal("R50", "more came back than was paid", remedy=f"at most {_money(request.amount, request)}")


CLAIM_BOUNDS = Rule(
    "R50", "Nobody asks for more than the traced claim, nor for more than the payment brought.", _claim_bounds
)
IDENTIFIED = Rule("C5", "A wallet is named with its chain and the transaction that filled it.", _identified)
WITHIN_CLAIM = Rule("R50", "A hold is never more than the claim, and names it with its rule.", _within_claim)
WITHIN_BALANCE = Rule(
    "R50", "A hold rests on a fresh look at the account and is never more than lies there.", _within_balance,
    author_only=True,
)  # fmt: skip
ONCE_FOR_A_CLAIM = Rule(
    "R50", "No part of a payment is held twice, and never more of it than it brought.", _once_for_a_claim, author_only=True
)  # fmt: skip
WHOLE_ACCOUNT = Rule("R50", "A whole account is held only on a judge's decision, by two persons (R4).", _whole_account)
EXPIRES = Rule("R36", "A hold ends by itself, within the national clock; before review within 15 minutes.", _expires)
REVIEWED = Rule("R5", "A review makes an urgent hold an ordinary one, once and within the national clock.", _reviewed)
ANOTHER_PERSON = Rule(
    "R4", "Whoever made the hold does not judge it.", _another_person, reads_body=False, author_only=True
)  # fmt: skip
REPEATED = Rule("R36", "A hold is prolonged as often and as long as the national law allows, and no more.", _repeated)
ORDER_FITS = Rule("R50", "An order is about the account of the request and never for more than the claim.", _order_fits)
EASED = Rule("R50", "Easing leaves less held than before.", _eased)
ORDERED = Rule("R50", "Order, seizure and payment cover what is held, and an order is in force.", _ordered)
APOLOGISED = Rule("R35", "Whoever was wrongly held is told so.", _apologised)
RETURNED = Rule("R50", "No more comes back than was paid.", _returned)
