"""Forms of *stop-payment*: the request for one hop and what the requested side does with it (C1–C6; DOMAIN 2.1, 4.1, 4.2).

Amounts are integers in minor units; times are milliseconds UTC. ``asked`` is never more than ``claimed`` (R50): locating finds
where the money most likely is, the requested country's rule says what may be claimed there.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from spean.procedures.forms import Form
from spean.procedures.generic import Reason

MOST = 10**17
"""Of minor units in one amount, as ``tracing.model.MAX_AMOUNT``."""
LAST = 2**53
"""The last moment that a form can name."""

Amount = Annotated[
    int, Meta(ge=1, le=MOST, description="In minor units of the currency.", extra_json_schema={"format": "minor-units"})
]
AmountOrNone = Annotated[
    int, Meta(ge=0, le=MOST, description="In minor units of the currency.", extra_json_schema={"format": "minor-units"})
]
Moment = Annotated[
    int, Meta(ge=0, le=LAST, description="Milliseconds since 1970, UTC.", extra_json_schema={"format": "moment"})
]
_CURRENCY = "[A-Z0-9]{2,12}|0x[0-9a-f]{40}|[1-9A-HJ-NP-Za-km-z]{32,44}"
CURRENCY_OR_NONE = f"^({_CURRENCY})?$"
UETR = "^[0-9A-Za-z-]*$"
"""The letters of a UUID: what a bank passes on is not always one of version 4 (ISO 20022 asks for that)."""
ONE_LINE = "^[^\\x00-\\x1f\\x7f]*$"
"""No line feeds and no signs that steer a terminal."""
Currency = Annotated[
    str,
    Meta(
        pattern=f"^({_CURRENCY})$",
        description="ISO 4217, or the token's name; its contract when nobody lists it.",
    ),
]
Digits = Annotated[
    int,
    Meta(ge=0, le=18, description="Decimals in which it is counted: 0 for KRW, 2 for USD, 6 for USDT, 8 for ETH."),
]
Institution = Annotated[str, Meta(min_length=1, max_length=40, description="BIC or local code.")]
Account = Annotated[str, Meta(min_length=1, max_length=160, description="IBAN, BIC/number or CAIP-10 wallet.")]
Reference = Annotated[str, Meta(max_length=100)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9][0-9 ()/-]{4,29}$", description="Who answers there, day and night.")]
TracingRule = Literal["fifo", "lifo", "haircut"]


class Channel(StrEnum):
    """How the money was sent."""

    BANK_TRANSFER = "bank-transfer"
    INSTANT_PAYMENT = "instant-payment"
    REMITTANCE = "remittance"
    CARD = "card"
    CASH = "cash"
    EXCHANGE = "exchange"
    WALLET = "wallet"
    OTHER = "other"


class ScamType(StrEnum):
    """By what story the money was got."""

    ROMANCE_INVESTMENT = "romance-investment"
    INVESTMENT = "investment"
    IMPERSONATION = "impersonation"
    JOB = "job"
    LOAN = "loan"
    PURCHASE = "purchase"
    PHISHING = "phishing"
    BUSINESS_EMAIL = "business-email"
    OTHER = "other"


class StopRequest(Form, frozen=True, kw_only=True):
    """Asks one desk to stop the money of one hop (DOMAIN 4.2)."""

    case: Annotated[str, Meta(min_length=1, max_length=120, description="Our record of the report, as a reference.")]
    hop: Annotated[int, Meta(ge=1, le=1000, description="How many payments the money has made.")]
    victim: Annotated[str, Meta(min_length=1, max_length=60, description="The victim's pseudonym.")]
    reported_at: Annotated[Moment, Meta(description="When the victim reported it.")]
    transferred_at: Annotated[Moment, Meta(description="When the victim paid.")]
    arrived_at: Annotated[Moment, Meta(description="When the money came to this account.")]
    amount: Annotated[Amount, Meta(description="The payment that brought the money here.")]
    currency: Currency
    digits: Digits
    payment: Annotated[str, Meta(min_length=1, max_length=200, description="That payment's name in the ledger.")]
    part_from: Annotated[AmountOrNone, Meta(description="The traced part of it begins here.")]
    part_to: Annotated[Amount, Meta(description="The traced part of it ends here.")]
    sender_institution: Annotated[str, Meta(max_length=40, description="Who sent the payment: BIC or local code.")] = ""
    institution: Annotated[
        Institution, Meta(description="Where the money lies: BIC or local code of bank, exchange, issuer.")
    ]
    account: Annotated[Account, Meta(description="The account or wallet where the money lies.")]
    chain: Annotated[str, Meta(max_length=40, description="For a wallet: its chain.")] = ""
    holder_name: Annotated[str, Meta(max_length=200, description="The holder's name as shown to the payer.")] = ""
    uetr: Annotated[str, Meta(max_length=36, pattern=UETR, description="Unique end-to-end transaction reference.")] = ""
    end_to_end: Annotated[str, Meta(max_length=35, description="End-to-end identification.")] = ""
    transaction_hash: Annotated[str, Meta(max_length=130, description="For a chain: the transaction.")] = ""
    channel: Annotated[Channel, Meta(description="How the money was sent.")]
    scam_type: Annotated[ScamType, Meta(description="By what story it was got.")]
    located: Annotated[
        AmountOrNone, Meta(description="Where the money most likely is: how much of it lies here by LIFO.")
    ]
    claimed: Annotated[Amount, Meta(description="What may be claimed here by the rule of the requested country.")]
    rule: Annotated[TracingRule, Meta(description="That rule.")]
    asked: Annotated[Amount, Meta(description="The amount to be held; never more than is claimed.")]
    basis: Annotated[str, Meta(min_length=3, max_length=400, description="Legal basis of the request.")]
    until: Annotated[
        Moment, Meta(description="Until when the hold is asked for; 0: as long as the requested law allows.")
    ] = 0
    complaint_reference: Annotated[Reference, Meta(description="Number of the victim's complaint to the police.")] = ""
    contact_name: Annotated[Name, Meta(description="Whom to call.")]
    contact_phone: Phone


class Receipt(Form, frozen=True, kw_only=True):
    """An officer has read the request."""

    reference: Annotated[Reference, Meta(description="The holder's own file number.")] = ""


class Order(Form, frozen=True, kw_only=True):
    """What the desk tells the institution; kept on the desk's own track, and signed."""

    what: Annotated[Literal["hold", "release", "seize"], Meta(description="What is ordered.")]
    institution: Institution
    account: Account
    chain: Annotated[str, Meta(max_length=40)] = ""
    holder_name: Annotated[str, Meta(max_length=200)] = ""
    amount: AmountOrNone
    currency: Currency
    digits: Digits
    basis: Annotated[str, Meta(min_length=3, max_length=400, description="Legal basis of the order.")]
    expires_at: Annotated[Moment, Meta(description="When the order ends by itself.")]
    reference: Reference = ""
    contact_name: Name
    contact_phone: Phone
    file: Annotated[
        str, Meta(max_length=200, description="The message it went out by, when not by the bank's page.")
    ] = ""


class Verification(Form, frozen=True, kw_only=True):
    """What the institution sees; never sent, since a balance is nobody else's business."""

    balance: Annotated[AmountOrNone, Meta(description="What lies there now and is not held for somebody else.")]
    currency: Currency
    digits: Digits
    name: Annotated[
        Literal["matches", "differs", "not-shown"],
        Meta(description="The holder's name against the one in the request."),
    ]
    source: Annotated[str, Meta(max_length=200, description="Who looked, or the file that says so.")] = ""


class Notice(Form, frozen=True, kw_only=True):
    """How the holder of the account is told of amount, basis and contact, at once (R35, R51)."""

    by: Annotated[
        Literal["app", "message", "telephone", "letter", "in-person"], Meta(description="How the holder is told.")
    ]
    language: Annotated[str, Meta(min_length=2, max_length=20, description="In which language.")]
    contact_name: Annotated[Name, Meta(description="Whom the holder may ask and complain to.")]
    contact_phone: Phone


class Hold(Form, frozen=True, kw_only=True):
    """The money is held: so much, for this claim, by this rule, on this basis, until then (R50, R51)."""

    scope: Annotated[
        Literal["amount", "whole-account"],
        Meta(description="All other money stays free, unless a judge says otherwise."),
    ] = "amount"
    amount: Annotated[Amount, Meta(description="What is held; never more than is asked, claimed and there.")]
    currency: Currency
    digits: Digits
    claimed: Annotated[Amount, Meta(description="The claim, as the request names it.")]
    rule: Annotated[TracingRule, Meta(description="The rule of tracing, as the request names it.")]
    basis: Annotated[str, Meta(min_length=3, max_length=400, description="Legal basis of the hold.")]
    until: Annotated[Moment, Meta(description="When it ends by itself.")]
    urgent: Annotated[
        bool, Meta(description="At once, before the holder's name is checked: for 15 minutes at most.")
    ] = False
    judge_reference: Annotated[Reference, Meta(description="The judge's decision, for a whole account.")] = ""
    notice: Annotated[Notice, Meta(description="How the holder is told.")]
    reason: Reason


class Prolonging(Form, frozen=True, kw_only=True):
    """The hold lasts longer: an urgent one after review, another as often as the national law allows."""

    until: Annotated[Moment, Meta(description="When it ends by itself now.")]
    repetition: Annotated[
        int, Meta(ge=0, le=100, description="How often it was prolonged, this time included; 0: a review.")
    ]
    basis: Annotated[str, Meta(min_length=3, max_length=400, description="Legal basis.")]
    reason: Reason


class Easing(Form, frozen=True, kw_only=True):
    """A part is set free: hardship, wages, rent, or more was held than is due (C3)."""

    stays: Annotated[Amount, Meta(description="What stays held.")]
    reason: Reason


class Movement(Form, frozen=True, kw_only=True):
    """Where money went on."""

    moved_at: Annotated[Moment, Meta(description="When it left.")]
    amount: Amount
    institution: Annotated[str, Meta(max_length=40, description="Where to: BIC or local code.")] = ""
    account: Annotated[str, Meta(max_length=160, description="Where to: account or wallet.")] = ""


class TooLate(Form, frozen=True, kw_only=True):
    """Nothing of it is there any more (C1: with the last movement)."""

    last: Annotated[Movement, Meta(description="The last movement that took it away.")]
    onward: Annotated[tuple[Movement, ...], Meta(max_length=200, description="All movements that are known.")] = ()
    source: Annotated[str, Meta(max_length=200, description="Who says so, or the file.")] = ""


class NotFound(Form, frozen=True, kw_only=True):
    """There is no such account or payment here."""

    missing: Annotated[Literal["account", "payment", "both"], Meta(description="What cannot be found.")]
    source: Annotated[str, Meta(max_length=200, description="Who says so, or the file.")] = ""


class Ground(StrEnum):
    """The closed list of grounds to refuse a stop."""

    INCOMPLETE = "incomplete"
    BASIS_MISSING = "no-legal-basis-here"
    NOT_PROPORTIONATE = "not-proportionate"
    CUSTOMER_DISAGREES = "customer-does-not-agree"
    ANOTHER_CLAIM = "another-claim-goes-before"
    JUDICIAL = "judicial-decision-against-it"
    NEUTRALITY = "political-military-religious-or-racial"
    HUMAN_RIGHTS = "risk-to-human-rights"


class Declined(Form, frozen=True, kw_only=True):
    """No hold, on a listed ground (R6: as easy as a hold)."""

    ground: Annotated[Ground, Meta(description="The ground (closed list).")]
    reason: Reason
    source: Annotated[str, Meta(max_length=200, description="Who says so, or the file.")] = ""


class Returned(Form, frozen=True, kw_only=True):
    """The institution has sent the money back: with its customer's consent, or by its own law."""

    amount: Amount
    currency: Currency
    digits: Digits
    returned_at: Moment
    by: Annotated[Literal["customer-consent", "order", "own-law"], Meta(description="On what ground.")]
    reference: Annotated[Reference, Meta(description="The message or payment that brings it back.")] = ""


class Complaint(Form, frozen=True, kw_only=True):
    """Somebody says that the hold is wrong (C6, R35). It is free, in any language, and has no drawback for whoever makes it."""

    by: Annotated[
        Literal["account-holder", "representative", "institution", "asker"], Meta(description="Who complains.")
    ]
    received_at: Annotated[Moment, Meta(description="When it came in: the clock of the decision begins.")]
    text: Annotated[str, Meta(min_length=3, max_length=8000, description="What is wrong, in the complainant's words.")]
    language: Annotated[str, Meta(min_length=2, max_length=20, description="Language of the complaint.")] = "en"
    reference: Reference = ""


class Upheld(Form, frozen=True, kw_only=True):
    """The hold stays in spite of the complaint; the reasoned answer to who complained (R35)."""

    answer: Annotated[
        str, Meta(min_length=10, max_length=8000, description="The answer, as the complainant receives it.")
    ]
    appeal_to: Annotated[str, Meta(min_length=3, max_length=400, description="The body outside that can be turned to.")]
    reason: Reason


class Release(Form, frozen=True, kw_only=True):
    """The money is free again; it reaches everybody who was told of the hold (C6, R36)."""

    wrong: Annotated[bool, Meta(description="The hold should not have been: it counts in public.")]
    apology: Annotated[str, Meta(max_length=4000, description="What the holder of the account is told.")] = ""
    reason: Reason


class Freed(Form, frozen=True, kw_only=True):
    """The institution confirms that the account is free."""

    freed_at: Moment
    source: Annotated[str, Meta(max_length=200, description="Who says so, or the file.")] = ""


class ReleaseRead(Form, frozen=True, kw_only=True):
    """The asker has taken note of the release and told whom it had told of the hold."""

    told: Annotated[tuple[Institution, ...], Meta(max_length=100, description="Institutions that were told.")] = ()


class Confirmation(Form, frozen=True, kw_only=True):
    """The order of a court or prosecutor stands behind the hold from now on (C2)."""

    authority: Annotated[str, Meta(min_length=3, max_length=200, description="Court or prosecutor.")]
    reference: Annotated[str, Meta(min_length=1, max_length=100, description="Number of the order.")]
    issued_at: Annotated[Moment, Meta(description="When it was made.")]
    until: Annotated[Moment, Meta(description="When it ends, if it is not renewed.")]
    amount: Annotated[Amount, Meta(description="Of how much; never more than is held.")]
    reason: Reason


class Seizure(Form, frozen=True, kw_only=True):
    """The state takes the money into custody, by order and four eyes (C5, R4)."""

    authority: Annotated[str, Meta(min_length=3, max_length=200, description="Court or prosecutor.")]
    reference: Annotated[str, Meta(min_length=1, max_length=100, description="Number of the order.")]
    amount: Annotated[Amount, Meta(description="How much; never more than is held.")]
    custody: Annotated[
        str, Meta(min_length=1, max_length=160, description="The state's account or wallet that receives it.")
    ]
    reason: Reason


class Allocated(Form, frozen=True, kw_only=True):
    """A restitution decides on the money."""

    restitution: Annotated[str, Meta(min_length=1, max_length=120, description="Its record.")]
    amount: Amount


class PaidOut(Form, frozen=True, kw_only=True):
    """The money went to those it is due to."""

    amount: Amount
    paid_at: Moment
    reference: Annotated[str, Meta(min_length=1, max_length=100, description="Proof of the payment.")]


class Ending(Form, frozen=True, kw_only=True):
    """The request is taken back."""

    reason: Reason
