"""Forms of the procedure *information-request* (A4; DOMAIN 2.5, 3.1, 4.1).

Deadlines and grounds of refusal follow the single-point-of-contact model of Directive (EU) 2023/977 [W69].
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from spean.core.world import DAY, HOUR, MINUTE
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

Words = Annotated[str, Meta(min_length=10, max_length=4000)]


class Urgency(StrEnum):
    """How soon the answer is needed, and whether the holder has it at hand."""

    URGENT_DIRECT = "urgent-direct"
    URGENT = "urgent"
    NORMAL = "normal"


DEADLINES = {Urgency.URGENT_DIRECT: 8 * HOUR, Urgency.URGENT: 3 * DAY, Urgency.NORMAL: 7 * DAY}
"""From sending to answer, in milliseconds: urgent and directly available, urgent and obtainable, all others [W69]."""

ACKNOWLEDGE = {Urgency.URGENT_DIRECT: 5 * MINUTE, Urgency.URGENT: 5 * MINUTE, Urgency.NORMAL: DAY}
"""From sending to acknowledgement, in milliseconds (DOMAIN 3.2)."""


class Offence(StrEnum):
    """The closed list of offences (R20)."""

    FRAUD = "fraud"
    LAUNDERING = "laundering"
    TRAFFICKING = "trafficking"
    CYBERCRIME = "cybercrime"
    SERIOUS_CRIME = "serious-crime"


class Selector(StrEnum):
    """What is asked about."""

    PHONE = "phone"
    ACCOUNT = "account"
    IBAN = "iban"
    WALLET = "wallet"
    PAYMENT = "payment"
    DEVICE = "device"
    DOCUMENT = "document"
    PERSON = "person"
    PLACE = "place"
    DOMAIN = "domain"
    OTHER = "other"


class Ground(StrEnum):
    """The closed list of grounds of refusal [W69]. Political, military, religious and racial matters: R20."""

    NOT_HELD = "not-held-or-obtainable"
    NOT_NECESSARY = "not-necessary-or-proportionate"
    NO_AUTHORISATION = "judicial-authorisation-refused"
    SECURITY = "essential-security"
    INVESTIGATION = "harms-an-investigation-or-a-person"
    BUSINESS = "harms-a-legitimate-interest-unduly"
    NOT_AN_OFFENCE = "not-an-offence-here"
    CONSENT_MISSING = "owner-of-the-data-does-not-consent"
    NEUTRALITY = "political-military-religious-or-racial"
    HUMAN_RIGHTS = "risk-to-human-rights"


class Item(Form, frozen=True, kw_only=True):
    """One question about one selector."""

    selector: Annotated[Selector, Meta(description="What kind of thing it is.")]
    value: Annotated[str, Meta(min_length=1, max_length=500, description="Number, address or name.")]
    chain: Annotated[str, Meta(max_length=40, description="For a wallet: its chain.")] = ""
    question: Annotated[str, Meta(min_length=3, max_length=2000, description="What is to be found out.")]


class InformationRequest(Form, frozen=True, kw_only=True):
    """What one desk asks another (A4)."""

    offence: Annotated[Offence, Meta(description="The offence (closed list, R20).")]
    facts: Annotated[Words, Meta(description="What happened, in short.")]
    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=100, description="The questions.")]
    need: Annotated[Words, Meta(description="Why the information is necessary and likely to be there.")]
    proportionality: Annotated[Words, Meta(description="Why the request goes no further than needed.")]
    urgency: Annotated[Urgency, Meta(description="8 hours, 3 days or 7 days.")] = Urgency.NORMAL
    urgency_reason: Annotated[str, Meta(max_length=2000, description="Why it is urgent; needed when it is.")] = ""
    reference: Annotated[str, Meta(max_length=100, description="The asker's own file number.")] = ""
    language: Annotated[str, Meta(max_length=20, description="Language of the answer, e.g. en.")] = "en"


class Receipt(Form, frozen=True, kw_only=True):
    """An officer has read the request."""

    reference: Annotated[str, Meta(max_length=100, description="The holder's own file number.")] = ""
    note: Annotated[str, Meta(max_length=2000)] = ""


class Message(Form, frozen=True, kw_only=True):
    """A message that belongs to the step."""

    text: Annotated[str, Meta(min_length=3, max_length=8000, description="What is asked or explained.")]


class Acceptance(Form, frozen=True, kw_only=True):
    """The holder will look."""

    note: Annotated[str, Meta(max_length=2000)] = ""


class Declined(Form, frozen=True, kw_only=True):
    """The holder does not answer: on a listed ground, with the reason."""

    ground: Annotated[Ground, Meta(description="The ground (closed list).")]
    reason: Reason


class Finding(Form, frozen=True, kw_only=True):
    """What was found for one question."""

    item: Annotated[int, Meta(ge=0, le=99, description="Number of the question, from 0.")]
    known: Annotated[bool, Meta(description="Whether anything is held about it.")]
    text: Annotated[str, Meta(max_length=8000, description="What is held.")] = ""


class Answer(Form, frozen=True, kw_only=True):
    """What the holder tells."""

    findings: Annotated[tuple[Finding, ...], Meta(min_length=1, max_length=100, description="One per question.")]
    limits: Annotated[str, Meta(max_length=2000, description="Limits of use beyond the handling code.")] = ""


class Feedback(Form, frozen=True, kw_only=True):
    """What became of the answer."""

    useful: Annotated[bool, Meta(description="Whether it helped.")]
    text: Annotated[str, Meta(max_length=4000, description="What came of it.")] = ""


class Ending(Form, frozen=True, kw_only=True):
    """The asker ends the request."""

    reason: Reason
