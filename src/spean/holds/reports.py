"""Forms of *fraud-report*: what a victim tells, kept at the node that took it down (C1; DOMAIN 2.1)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from spean.holds.model import (
    CURRENCY_OR_NONE,
    ONE_LINE,
    UETR,
    AmountOrNone,
    Channel,
    Currency,
    Digits,
    Moment,
    Reference,
    ScamType,
    TracingRule,
)
from spean.procedures.forms import Form
from spean.procedures.generic import Reason


class ReportedPayment(Form, frozen=True, kw_only=True):
    """A payment that the victim made. What is not known yet stays empty."""

    transferred_at: Annotated[Moment, Meta(description="When it was made; left out while it is not known.")] = 0
    amount: AmountOrNone = 0
    currency: Annotated[
        str, Meta(max_length=44, pattern=CURRENCY_OR_NONE, description="ISO 4217, or the token's name.")
    ] = ""
    digits: Digits = 2
    payment: Annotated[str, Meta(max_length=200, description="Its name in our ledger, once it is found there.")] = ""
    sender_institution: Annotated[str, Meta(max_length=40, description="The victim's bank: BIC or local code.")] = ""
    sender_account: Annotated[str, Meta(max_length=160, description="The victim's account.")] = ""
    institution: Annotated[str, Meta(max_length=40, description="The receiving bank: BIC or local code.")] = ""
    account: Annotated[str, Meta(max_length=160, description="The receiving account or wallet.")] = ""
    chain: Annotated[str, Meta(max_length=40, description="For a wallet: its chain.")] = ""
    holder_name: Annotated[str, Meta(max_length=200, description="The holder's name as shown to the payer.")] = ""
    uetr: Annotated[str, Meta(max_length=36, pattern=UETR, description="Unique end-to-end transaction reference.")] = ""
    end_to_end: Annotated[str, Meta(max_length=35, description="End-to-end identification.")] = ""
    transaction_hash: Annotated[str, Meta(max_length=130, description="For a chain: the transaction.")] = ""
    channel: Annotated[Channel, Meta(description="How the money was sent.")] = Channel.OTHER


class FraudReport(Form, frozen=True, kw_only=True):
    """A victim's report, taken down within minutes."""

    victim: Annotated[str, Meta(min_length=1, max_length=60, pattern=ONE_LINE, description="The victim's pseudonym.")]
    reported_at: Annotated[Moment, Meta(description="When the victim reported it.")]
    through: Annotated[
        str, Meta(max_length=100, description="Where it was reported, e.g. the number of a hotline.")
    ] = ""
    scam_type: Annotated[ScamType, Meta(description="By what story it was got.")] = ScamType.OTHER
    story: Annotated[str, Meta(max_length=8000, description="What happened, in short.")] = ""
    payments: Annotated[tuple[ReportedPayment, ...], Meta(max_length=100, description="The payments.")] = ()
    complaint_reference: Annotated[Reference, Meta(description="Number of the victim's complaint to the police.")] = ""
    contact_name: Annotated[str, Meta(max_length=200, description="Whom to call.")] = ""
    contact_phone: Annotated[str, Meta(max_length=30)] = ""


class Checked(Form, frozen=True, kw_only=True):
    """An officer has looked at the report, and it is complete."""

    note: Annotated[str, Meta(max_length=2000)] = ""


class Traced(Form, frozen=True, kw_only=True):
    """The money was followed: from which payment, to how many places, and why again."""

    payment: Annotated[str, Meta(min_length=1, max_length=200, description="The traced payment's name in the ledger.")]
    currency: Currency
    digits: Digits
    amount: AmountOrNone
    locate: TracingRule = "lifo"
    claim: TracingRule = "fifo"
    places: Annotated[int, Meta(ge=0, le=100_000, description="Accounts where some of it rests.")]
    again: Annotated[
        str,
        Meta(
            max_length=200,
            description="The payment whose arrival had it traced anew, or ``import:`` and the file that was erased.",
        ),
    ] = ""
    result: Annotated[
        str, Meta(max_length=64, description="Keyed hash of where the money lies: another one means that it moved.")
    ] = ""


class Followed(Form, frozen=True, kw_only=True):
    """Requests are on their way."""

    records: Annotated[tuple[str, ...], Meta(min_length=1, max_length=1000, description="The records of the hops.")]


class Alert(Form, frozen=True, kw_only=True):
    """Something about this report needs somebody at once (C9)."""

    about: Annotated[Literal["repeat-victim", "hop-moved", "other"], Meta(description="What it is about.")]
    payment: Annotated[str, Meta(max_length=200, description="The payment that caused it.")] = ""
    text: Annotated[str, Meta(min_length=3, max_length=2000, description="What to do.")]


class Protection(Form, frozen=True, kw_only=True):
    """The victim's own account is protected from another payment: with consent, or by a legal order (C9)."""

    account: Annotated[str, Meta(min_length=1, max_length=160, description="The victim's account.")]
    by: Annotated[Literal["consent", "legal-order"], Meta(description="On what ground.")]
    reference: Annotated[Reference, Meta(description="The consent or the order.")] = ""
    until: Annotated[Moment, Meta(description="When it ends by itself.")]
    reason: Reason


class Closing(Form, frozen=True, kw_only=True):
    """All is done."""

    reason: Reason
