"""The procedures *stop-payment*, *fraud-report* and *trace-question* (C1–C6, C9; DOMAIN 2.1, 4.1)."""

from __future__ import annotations

from typing import Any

from spean.core.roles import Role
from spean.holds import inquiries, model, questions, reports
from spean.holds.clocks import REMIND_EARLY, REMIND_LATE
from spean.holds.inquiry_rules import ANSWER_FITS, DISCLOSURE_FITS, INQUIRY_FITS
from spean.holds.question_rules import ADDS_UP, PARTS_HOLD
from spean.holds.report_rules import COMPLETE, ENDS, HAPPENED
from spean.holds.rules import (
    ANOTHER_PERSON,
    APOLOGISED,
    CLAIM_BOUNDS,
    EASED,
    EXPIRES,
    HELD,
    IDENTIFIED,
    ONCE_FOR_A_CLAIM,
    ORDER_FITS,
    ORDERED,
    PROLONGED,
    REPEATED,
    REQUEST,
    RETURNED,
    REVIEWED,
    WHOLE_ACCOUNT,
    WITHIN_BALANCE,
    WITHIN_CLAIM,
)
from spean.procedures.clocks import from_form, hours, minutes, national
from spean.procedures.declare import Procedure, local, move, party, timer
from spean.procedures.rules import approved

DESK = (Role.DUTY_OFFICER, Role.FINANCIAL_ANALYST, Role.INVESTIGATOR, Role.ANALYST)
BANK = (*DESK, Role.BANK_DESK)
"""Also the fraud desk of a bank, for what is ordered of its own institution (``node.entry.rights``)."""
_LAW = (*DESK, Role.LEGAL)
_OPEN = "sent | acknowledged"
_UNTIL = ("hold", "review", "extend", "confirm")
_end = from_form(lambda form: form.until, "the end that the hold names", of=_UNTIL, absolute=True, otherwise=0)


def _before(length: int, text: str) -> Any:
    """So long before the end; a hold before review has no reminder."""

    def read(form: Any) -> int | None:
        return None if getattr(form, "urgent", False) else max(0, form.until - length)

    return from_form(read, text, of=_UNTIL, absolute=True, otherwise=0)


def _as_asked(request: model.StopRequest) -> dict[str, Any]:
    """A hold begins as it is asked for."""
    return {
        "amount": request.asked, "currency": request.currency, "digits": request.digits, "claimed": request.claimed,
        "rule": request.rule, "basis": request.basis,
    }  # fmt: skip


def _looked_at(request: model.StopRequest) -> dict[str, Any]:
    return {"currency": request.currency, "digits": request.digits}


def _ordered(request: model.StopRequest) -> dict[str, Any]:
    """What the institution is told is what the request says."""
    return {
        "what": "hold", "institution": request.institution, "account": request.account, "chain": request.chain,
        "holder_name": request.holder_name, "amount": request.asked, "currency": request.currency,
        "digits": request.digits, "basis": request.basis,
    }  # fmt: skip


def _inquired(request: model.StopRequest) -> dict[str, Any]:
    """An inquiry begins with who holds the account, and a statement since the victim paid."""
    return {
        "institution": request.institution, "account": request.account, "chain": request.chain,
        "about": ["holder", "statement"], "since": request.transferred_at, "confidential": True,
    }  # fmt: skip


STOP_PAYMENT = Procedure(
    "stop-payment",
    1,
    "Stop-payment request",
    (
        party("asker", opens=True, doc="the desk that follows the victim's money"),
        party("holder", doc="the desk of the country where the money lies"),
    ),
    (
        move("send", "-> sent", by="asker", form=model.StopRequest, rules=(CLAIM_BOUNDS, IDENTIFIED), roles=DESK,
             correctable=False, pins=REQUEST, doc="Ask one desk to stop the money of one hop."),
        move("acknowledge", "sent -> acknowledged", by="holder", form=model.Receipt, roles=DESK, within=minutes(5),
             else_="escalate", clock_by="asker", doc="An officer of the holder has read the request."),
        timer("escalate", "sent", by="asker", doc="Nobody has read it: the second desk and the duty officer are told."),
        local("order", "*", by="holder", form=model.Order, rules=(ORDER_FITS,), roles=DESK, human=False, begins=_ordered,
              doc="Tell the institution what is ordered; a hold by a person, a release also by the clock."),
        local("verify", "sent | acknowledged | held | disputed", by="holder", form=model.Verification, roles=BANK,
              human=False, begins=_looked_at, doc="What the institution sees: balance and name. It is never sent."),
        local("inquire", "*", by="holder", form=inquiries.Inquiry, rules=(INQUIRY_FITS,), roles=_LAW, begins=_inquired,
              doc="Ask the institution about the account: who holds it, what lies there, a statement. It acts against nobody."),
        local("disclose", "*", by="holder", form=inquiries.Disclosure, rules=(DISCLOSURE_FITS,), roles=_LAW,
              doc="The holder of the account may be told of an inquiry from now on; the institution is told so."),
        local("answered", "*", by="holder", form=inquiries.Answered, rules=(ANSWER_FITS,), roles=(*BANK, Role.LEGAL), human=False,
              doc="What the institution answers to an inquiry: what was asked, and nothing else. It is never sent."),
        move("hold", f"{_OPEN} -> held", by="holder", form=model.Hold,
             rules=(EXPIRES, WITHIN_CLAIM, WITHIN_BALANCE, ONCE_FOR_A_CLAIM, WHOLE_ACCOUNT), roles=BANK, adverse=True,
             correctable=False, pins=HELD, begins=_as_asked, doc="Hold the amount; all other money stays free."),
        move("too-late", f"{_OPEN} -> too-late", by="holder", form=model.TooLate, rules=(HAPPENED,), roles=BANK, human=False,
             doc="The money is gone; with its last movement."),
        move("not-found", f"{_OPEN} -> not-found", by="holder", form=model.NotFound, roles=BANK, human=False,
             doc="There is no such account or payment."),
        move("refuse", f"{_OPEN} -> refused", by="holder", form=model.Declined, roles=BANK, human=False,
             doc="No hold, on a listed ground."),
        move("report-return", f"{_OPEN} | held | confirmed -> returned", by="holder", form=model.Returned,
             rules=(RETURNED,), roles=BANK, correctable=False, human=False,
             doc="The institution has sent the money back; this only says so."),
        move("review", "held -> held", by="holder", form=model.Prolonging, rules=(ANOTHER_PERSON, REVIEWED), roles=DESK,
             adverse=True, correctable=False, pins=PROLONGED, doc="A second person makes an urgent hold an ordinary one."),
        move("extend", "held -> held", by="holder", form=model.Prolonging, rules=(REPEATED,), roles=DESK, adverse=True,
             correctable=False, pins=PROLONGED, doc="Prolong the hold, as often as the national law allows."),
        move("ease", "held | disputed | confirmed", by="holder", form=model.Easing, rules=(EASED,), roles=BANK,
             correctable=False, doc="Set a part free: hardship, wages, rent."),
        timer("remind-early", "held | disputed | confirmed", by="holder",
              after=_before(REMIND_EARLY, "a day before the hold ends"), doc="The hold ends in a day without an order."),
        timer("remind-late", "held | disputed | confirmed", by="holder",
              after=_before(REMIND_LATE, "four hours before the hold ends"),
              doc="The hold ends in four hours without an order."),
        timer("lapse", "held | disputed | confirmed -> auto-released", by="holder", after=_end, prevails=1,
              doc="No order came in time: the money is free by itself."),
        move("complain", "held | confirmed -> disputed", by="asker | holder", form=model.Complaint, roles=_LAW,
             human=False, doc="Somebody says that the hold is wrong; the clock of the decision begins."),
        move("uphold", "disputed -> held", by="holder", form=model.Upheld, rules=(ANOTHER_PERSON,), roles=_LAW,
             adverse=True, within=national("hold-complaint", default=hours(4)), else_="complaint-overdue",
             correctable=False, doc="The hold stays, with a reasoned answer; not by whoever made it."),
        timer("complaint-overdue", "disputed", by="holder", doc="The complaint is not decided in time."),
        move("confirm", "held | disputed | confirmed -> confirmed", by="holder", form=model.Confirmation,
             rules=(ORDERED,), roles=_LAW, adverse=True, correctable=False,
             doc="The order of a court or prosecutor stands behind the hold."),
        move("seize", "confirmed -> seized", by="holder", form=model.Seizure,
             rules=(ORDERED, approved("seize", number="R4", text="The state takes money only by two persons.")),
             roles=_LAW, adverse=True, correctable=False, doc="Take the money into the state's custody, by order."),
        move("release", "held | disputed | confirmed | seized -> released", by="holder", form=model.Release,
             rules=(APOLOGISED,), roles=(*BANK, Role.LEGAL), prevails=2, correctable=False,
             doc="The money is free; it reaches everybody who was told, at a hold's priority."),
        move("freed", "released | auto-released", by="holder", form=model.Freed, roles=BANK, human=False, once=True,
             within=minutes(30), else_="freed-overdue", doc="The institution confirms that the account is free."),
        timer("freed-overdue", "released | auto-released", by="holder",
              doc="The institution has not confirmed that the account is free."),
        move("take-note", "released | auto-released", by="asker", form=model.ReleaseRead, roles=DESK, human=False,
             once=True, within=hours(1), else_="note-overdue", clock_by="asker",
             doc="The asker knows that the money is free, and has told whom it had told."),
        timer("note-overdue", "released | auto-released", by="asker", doc="Nobody of ours has taken note of a release."),
        move("allocate", "seized -> allocated", by="holder", form=model.Allocated, rules=(ORDERED,), roles=_LAW,
             doc="A restitution decides on the money."),
        move("pay-out", "allocated -> paid-out", by="holder", form=model.PaidOut, rules=(ORDERED,), roles=_LAW,
             doc="The money went to those it is due to, with proof."),
        move("withdraw", f"{_OPEN} -> withdrawn", by="asker", form=model.Ending, roles=DESK, prevails=1,
             doc="The request is taken back."),
    ),
    ("too-late", "not-found", "refused", "returned", "released", "auto-released", "paid-out", "withdrawn"),
    "One desk asks another to stop the money of one hop. A hold is for an amount, ends by itself, and is released at its own "
    "priority; an order keeps it, a restitution gives the money back.",
    states={
        "sent": "on its way, or unread at the holder",
        "acknowledged": "an officer of the holder has read it",
        "held": "the amount is held until the end that it names",
        "disputed": "somebody complained; a second person decides",
        "confirmed": "an order stands behind the hold",
        "seized": "in the state's custody",
        "allocated": "a restitution has decided on it",
        "paid-out": "with those it is due to",
        "too-late": "the money had gone before",
        "not-found": "no such account or payment",
        "refused": "no hold, on a listed ground",
        "returned": "the institution sent the money back",
        "released": "free again, by decision",
        "auto-released": "free again, by itself: no order came in time",
        "withdrawn": "taken back by the asker",
    },
    domestic=True,
)  # fmt: skip

FRAUD_REPORT = Procedure(
    "fraud-report",
    1,
    "Report of a fraud",
    (party("owner", opens=True, doc="the node that took the report down; nobody else sees it"),),
    (
        move("report", "-> reported", by="owner", form=reports.FraudReport, rules=(HAPPENED,), roles=DESK, human=False, pins="told",
             doc="Take down what the victim tells."),
        move("complete", "reported -> reported", by="owner", form=reports.FraudReport, rules=(HAPPENED,), roles=DESK, human=False, pins="told",
             doc="The whole report anew, with what was missing."),
        move("validate", "reported -> validated", by="owner", form=reports.Checked, rules=(COMPLETE,), roles=DESK,
             doc="It is complete: two identifiers, amount and time of each payment."),
        move("trace", "validated | traced -> traced", by="owner", form=reports.Traced, roles=DESK, human=False,
             doc="The money was followed through our ledgers and those of partners."),
        move("follow", "traced -> following", by="owner", form=reports.Followed, roles=DESK,
             doc="Requests to stop it are on their way."),
        move("retrace", "following", by="owner", form=reports.Traced, roles=DESK, human=False,
             doc="A new payment moved the money, or a partner answered: it was followed anew."),
        move("alert", "*", by="owner", form=reports.Alert, roles=DESK, human=False,
             doc="Somebody is needed at once, such as when the victim pays again."),
        move("protect", "reported | validated | traced | following", by="owner", form=reports.Protection, rules=(ENDS,),
             roles=DESK, adverse=True, correctable=False,
             doc="Protect the victim's own account, with consent or by a legal order."),
        move("unprotect", "*", by="owner", form=reports.Closing, roles=DESK, prevails=1,
             doc="The victim's account is no longer protected."),
        move("close", "reported | validated | traced | following -> closed", by="owner", form=reports.Closing, roles=DESK,
             prevails=1, doc="All is done."),
    ),
    ("closed",),
    "A victim's report starts a case. It stays at its own node; what partners need stands in the requests that follow from it.",
    states={
        "reported": "taken down; something may be missing",
        "validated": "complete, ready to be followed",
        "traced": "followed; no request has left yet",
        "following": "requests are out, and each new payment is watched",
        "closed": "done",
    },
)  # fmt: skip

TRACE_QUESTION = Procedure(
    "trace-question",
    1,
    "Question about a payment's way",
    (
        party("asker", opens=True, doc="the node that follows the money"),
        party("holder", doc="the node into whose ledger the money went"),
    ),
    (
        move("ask", "-> asked", by="asker", form=questions.TraceQuestion, rules=(PARTS_HOLD,), roles=DESK,
             human=False, correctable=False, pins="question", doc="These parts came in to you: where did they go?"),
        move("answer", "asked | answered -> answered", by="holder", form=questions.TraceAnswer, rules=(ADDS_UP,), auto=True,
             within=minutes(5), else_="silent", clock_by="asker",
             doc="The node answers by itself, from its own ledgers: the same parts, and nothing else; anew when they move on."),
        move("decline", "asked -> declined", by="holder", form=questions.Unanswered, human=False,
             doc="The node cannot or may not say, and why."),
        timer("silent", "asked", by="asker", doc="No answer yet: the part is shown as unanswered, and the trace goes on later."),
        move("withdraw", "asked | answered -> withdrawn", by="asker", form=questions.Ending, roles=DESK, human=False, prevails=1,
             doc="The answer is no longer needed."),
    ),
    ("declined", "withdrawn"),
    "A node that follows money asks the node into whose ledger it went where it went on. The answer names the same money's next "
    "payments and where it rests: no other payment, and no balance.",
    states={
        "asked": "the node has not answered yet",
        "answered": "the parts are told; when they move on, that is told too",
        "declined": "the node cannot or may not say",
        "withdrawn": "no longer needed",
    },
    rests=("answered",),
    through="a case whose money is followed",
)  # fmt: skip

PROCEDURES = (STOP_PAYMENT, FRAUD_REPORT, TRACE_QUESTION)
