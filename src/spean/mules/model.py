"""Forms of the procedure *mule-account* (C10; DOMAIN 4.2). An entry names an account, never a person (R46)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from spean.core.world import DAY
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

LONGEST = 365 * DAY
"""How long an entry stands without a new look at it (R33)."""
Moment = Annotated[
    int, Meta(ge=0, le=2**53, description="Milliseconds since 1970, UTC.", extra_json_schema={"format": "moment"})
]
Evidence = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=120)], ...],
    Meta(min_length=1, max_length=100, description="Records and reports that show it."),
]


class Listing(Form, frozen=True, kw_only=True):
    """An account to which victims' money went. A report is a suspicion and no finding about its holder."""

    account: Annotated[str, Meta(min_length=1, max_length=160, description="IBAN, BIC/number or CAIP-10 wallet.")]
    institution: Annotated[str, Meta(max_length=40, description="Who keeps it: BIC or local code.")] = ""
    chain: Annotated[str, Meta(max_length=40, description="For a wallet: its chain.")] = ""
    first_seen: Annotated[Moment, Meta(description="First payment of a victim.")]
    last_seen: Annotated[Moment, Meta(description="Last payment of a victim.")]
    evidence: Evidence
    expires_at: Annotated[Moment, Meta(description="When the entry ends by itself; within a year.")]
    reason: Reason


class Verified(Form, frozen=True, kw_only=True):
    """A second person has looked at the evidence; also to prolong an entry, on evidence that is new."""

    grade: Annotated[
        Literal["money-traced", "holder-heard", "court"], Meta(description="What the verification rests on.")
    ]
    evidence: Evidence
    expires_at: Annotated[Moment, Meta(description="When the entry ends by itself; within a year.")]
    reason: Reason


class Read(Form, frozen=True, kw_only=True):
    """A partner has taken the entry in."""

    note: Annotated[str, Meta(max_length=1000)] = ""


class Appeal(Form, frozen=True, kw_only=True):
    """Somebody says that the account should not be listed (R46). It is free and may come from anybody."""

    by: Annotated[
        Literal["account-holder", "representative", "institution", "partner"], Meta(description="Who says so.")
    ]
    received_at: Annotated[Moment, Meta(description="When it came in: the clock of the decision begins.")]
    text: Annotated[str, Meta(min_length=3, max_length=8000, description="What is wrong, in their words.")]


class Kept(Form, frozen=True, kw_only=True):
    """The entry stays in spite of the appeal; the reasoned answer."""

    answer: Annotated[str, Meta(min_length=10, max_length=8000, description="The answer, as who appealed receives it.")]
    appeal_to: Annotated[str, Meta(min_length=3, max_length=400, description="The body outside that can be turned to.")]
    expires_at: Annotated[Moment, Meta(description="When the entry ends by itself; within a year.")]
    reason: Reason


class Cleared(Form, frozen=True, kw_only=True):
    """The entry no longer stands: it is erased everywhere, and this decision is what remains. It names no account."""

    ground: Annotated[
        Literal["good-faith", "mistaken", "victim-itself", "acquitted", "no-longer-needed"],
        Meta(description="Why it no longer stands."),
    ]
    wrong: Annotated[bool, Meta(description="It should not have been listed: it counts in public.")]
    reason: Reason
