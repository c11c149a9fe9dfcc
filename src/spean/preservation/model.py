"""Forms of the procedure *preservation*: the six elements of Budapest Convention art. 29 (2), and what follows (DOMAIN 2.5 [W26])."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from spean.core.world import DAY
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

LEAST = 60 * DAY
"""How long data are kept at least, so that a formal request can be made (Budapest art. 29 (7))."""
MOST = 365 * DAY
Words = Annotated[str, Meta(min_length=10, max_length=4000)]
Moment = Annotated[
    int, Meta(ge=0, le=2**53, description="Milliseconds since 1970, UTC.", extra_json_schema={"format": "moment"})
]


class Offence(StrEnum):
    """The closed list of offences (R20)."""

    FRAUD = "fraud"
    LAUNDERING = "laundering"
    TRAFFICKING = "trafficking"
    CYBERCRIME = "cybercrime"
    SERIOUS_CRIME = "serious-crime"


class PreservationRequest(Form, frozen=True, kw_only=True):
    """Asks that stored data be kept; each element of art. 29 (2) is a field, and none may be missing."""

    authority: Annotated[str, Meta(min_length=3, max_length=300, description="(a) The authority that asks.")]
    offence: Annotated[Offence, Meta(description="(b) The offence (closed list, R20).")]
    facts: Annotated[Words, Meta(description="(b) What happened, in short.")]
    data: Annotated[Words, Meta(description="(c) The stored data that are to be kept.")]
    relation: Annotated[Words, Meta(description="(c) What they have to do with the offence.")]
    custodian: Annotated[
        str, Meta(min_length=3, max_length=1000, description="(d) Who keeps them, and where, as far as is known.")
    ]
    necessity: Annotated[Words, Meta(description="(e) Why they must be kept.")]
    formal_request: Annotated[
        Literal["intended"], Meta(description="(f) A formal request for legal assistance is going to follow.")
    ]
    reference: Annotated[str, Meta(max_length=100, description="The asker's own file number.")] = ""


class Preserved(Form, frozen=True, kw_only=True):
    """The data are kept."""

    until: Annotated[Moment, Meta(description="Until when; at least 60 days.")]
    custodian: Annotated[str, Meta(min_length=2, max_length=300, description="Who keeps them.")]
    reference: Annotated[str, Meta(max_length=100, description="The custodian's receipt.")] = ""


class RenewalAsked(Form, frozen=True, kw_only=True):
    """The formal request needs more time."""

    reason: Reason


class FormalRequest(Form, frozen=True, kw_only=True):
    """The formal request was sent: from now on the data are kept until it is decided."""

    reference: Annotated[str, Meta(min_length=1, max_length=100, description="Its number.")]
    central_authority: Annotated[str, Meta(min_length=3, max_length=300, description="To which central authority.")]
    sent_at: Annotated[Moment, Meta(description="When it was sent.")]


class Disclosed(Form, frozen=True, kw_only=True):
    """The data were handed over by the formal way."""

    reference: Annotated[str, Meta(min_length=1, max_length=100, description="The hand-over's number.")]
    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$", description="SHA-256 of what was handed over.")] = ""


class Ground(StrEnum):
    """Grounds to refuse preservation (Budapest art. 29 (4), (5)); and what is not there cannot be kept."""

    NOT_HELD = "not-held"
    POLITICAL = "political-offence"
    SOVEREIGNTY = "harms-sovereignty-security-or-public-order"
    NOT_AN_OFFENCE = "not-an-offence-here-by-reservation"
    HUMAN_RIGHTS = "risk-to-human-rights"


class Declined(Form, frozen=True, kw_only=True):
    """Not kept, or not handed over, on a listed ground."""

    ground: Annotated[Ground, Meta(description="The ground (closed list).")]
    reason: Reason


class Ending(Form, frozen=True, kw_only=True):
    """No longer needed."""

    reason: Reason
