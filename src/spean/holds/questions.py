"""Forms of *trace-question*: where did this slice of a payment go? (``tracing.borders``; DESIGN, mechanisms: tracing)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from spean.holds.model import Account, Amount, AmountOrNone, Currency, Digits, Moment, TracingRule
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

PARTS = 1_500
"""Slices in one question or answer: they fit into one form."""
Payment = Annotated[str, Meta(min_length=1, max_length=200, description="A payment's name in both ledgers.")]


class Part(Form, frozen=True, kw_only=True):
    """A slice of a payment that crosses a border."""

    payment: Payment
    start: AmountOrNone
    end: Amount


class TraceQuestion(Form, frozen=True, kw_only=True):
    """These parts came in to you: where did they go?"""

    case: Annotated[str, Meta(min_length=1, max_length=120, description="Our record of the report, as a reference.")]
    rule: Annotated[TracingRule, Meta(description="The rule of tracing.")]
    parts: Annotated[
        tuple[Part, ...], Meta(min_length=1, max_length=PARTS, description="The slices that are asked about.")
    ]
    currency: Currency
    digits: Digits
    until: Annotated[Moment, Meta(description="Payments after this moment are not followed; 0: no limit.")] = 0
    need: Annotated[str, Meta(min_length=3, max_length=2000, description="Why it is asked.")]


class Converted(Form, frozen=True, kw_only=True):
    """The same slice in the currency that the payment became, at the bank's stated rate (largest remainder)."""

    currency: Currency
    digits: Digits
    start: AmountOrNone
    end: Amount


class Onward(Form, frozen=True, kw_only=True):
    """A slice that left the ledger again: to another node's, or, converted, to another ledger of the same node.

    The account that it was paid to is told, since without it nobody can ask for a hold before that node answers.
    """

    node: Annotated[str, Meta(max_length=12, description="Whose ledger it went to; empty when nobody is known.")]
    payment: Payment
    start: AmountOrNone
    end: Amount
    account: Annotated[str, Meta(max_length=160, description="The account or wallet that it was paid to.")] = ""
    paid_at: Annotated[Moment, Meta(description="When it left; 0: not told.")] = 0
    transaction_hash: Annotated[str, Meta(max_length=130, description="For a chain: the transaction.")] = ""
    into: Converted | None = None


class Rest(Form, frozen=True, kw_only=True):
    """What rests on an account: of the traced money, not the balance."""

    account: Account
    amount: Amount
    transaction_hash: Annotated[
        str, Meta(max_length=130, description="For a wallet: the transaction that filled it.")
    ] = ""


class TraceAnswer(Form, frozen=True, kw_only=True):
    """All of what was asked about: the two lists add up to it (R27: no other payment, no balance)."""

    onward: Annotated[tuple[Onward, ...], Meta(max_length=PARTS)] = ()
    rests: Annotated[tuple[Rest, ...], Meta(max_length=PARTS)] = ()


class Unanswered(Form, frozen=True, kw_only=True):
    """The node cannot or may not say, and why."""

    reason: Reason


class Ending(Form, frozen=True, kw_only=True):
    """The answer is no longer needed."""

    reason: Reason
