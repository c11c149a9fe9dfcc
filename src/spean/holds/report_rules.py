"""Safeguards of reports: what a request needs is there before anybody follows the money (DOMAIN 2.1, C1)."""

from __future__ import annotations

from collections.abc import Iterator

from spean.core.errors import InvalidInput, Refusal
from spean.core.world import DAY
from spean.holds.model import TooLate
from spean.holds.reports import FraudReport, Protection, ReportedPayment
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule

IDENTIFIERS = ("sender_account", "account", "uetr", "end_to_end", "transaction_hash", "payment")
"""Any two of them find a payment."""


def missing(report: FraudReport) -> tuple[str, ...]:
    """What a report still lacks, as the names of its fields: the list that is sent back to whoever took it down."""
    return tuple(_missing(report))


def _missing(report: FraudReport) -> Iterator[str]:
    if not report.payments:
        yield "payments"
    for number, payment in enumerate(report.payments):
        yield from (f"payments[{number}].{field}" for field in _of_payment(payment))
    if not report.contact_phone:
        yield "contact_phone"


def _of_payment(payment: ReportedPayment) -> Iterator[str]:
    if payment.transferred_at == 0:
        yield "transferred_at"
    if payment.amount == 0:
        yield "amount"
    if not payment.currency:
        yield "currency"
    known = [name for name in IDENTIFIERS if getattr(payment, name)]
    if len(known) < 2:
        yield "|".join(name for name in IDENTIFIERS if name not in known)


def _complete(view: RecordView | None, act: Act, ctx: Context) -> None:
    del act
    name = None if view is None else view.done.get("told")
    report = ctx.ask.form(name[0]) if name else None
    if not isinstance(report, FraudReport):
        raise Refusal("C1", "the words of the report are erased", remedy="take the report down anew")
    lacks = missing(report)
    if lacks:
        raise Refusal("C1", f"the report lacks {', '.join(lacks)}", remedy="ask for it, and complete the report")


def _ends(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if not isinstance(form, Protection):
        return
    if form.until <= act.time:
        raise Refusal("R51", "the protection ends before it begins", remedy="name a later end")
    if form.by == "legal-order" and not form.reference.strip():
        raise Refusal("R51", "a legal order has a number", remedy="give it, or ask for the victim's consent")


def _happened(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    for field, moment in _told(act.body):
        if moment > act.time + DAY:
            raise InvalidInput(field, "it lies in the future", remedy="check the year and the day", rule="C1")


def _told(form: object) -> Iterator[tuple[str, int]]:
    """The moments of what somebody tells has happened, by the names of their fields."""
    if isinstance(form, FraudReport):
        yield "reported_at", form.reported_at
        yield from (
            (f"payments.{number}.transferred_at", each.transferred_at) for number, each in enumerate(form.payments)
        )
    if isinstance(form, TooLate):
        yield "last.moved_at", form.last.moved_at
        yield from ((f"onward.{number}.moved_at", each.moved_at) for number, each in enumerate(form.onward))


HAPPENED = Rule(
    "C1", "What is told to have happened lies in the past; clocks may differ by a day.", _happened, author_only=True
)  # fmt: skip
COMPLETE = Rule(
    "C1", "Two identifiers, amount, currency and time of each payment are known before it is followed.", _complete,
    reads_body=False,
)  # fmt: skip
ENDS = Rule("R51", "A protection has an end, and an order its number.", _ends)
