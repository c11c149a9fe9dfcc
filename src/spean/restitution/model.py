"""Forms of the procedure *restitution* (C8; DOMAIN 2.1, 4.1). Amounts are integers in minor units of one currency."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from spean.procedures.forms import Form
from spean.procedures.generic import Reason

MOST = 10**17
Amount = Annotated[
    int, Meta(ge=1, le=MOST, description="In minor units of the currency.", extra_json_schema={"format": "minor-units"})
]
AmountOrNone = Annotated[
    int, Meta(ge=0, le=MOST, description="In minor units of the currency.", extra_json_schema={"format": "minor-units"})
]
Moment = Annotated[
    int, Meta(ge=0, le=2**53, description="Milliseconds since 1970, UTC.", extra_json_schema={"format": "moment"})
]
Pseudonym = Annotated[str, Meta(min_length=1, max_length=60, description="The victim's pseudonym.")]
FactName = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="The claim's name.")]
Number = Annotated[int, Meta(ge=0, le=199, description="Number of the holding, from 0.")]


class Holding(Form, frozen=True, kw_only=True):
    """Money that was stopped, and what of it a sharing agreement gives to somebody else first."""

    record: Annotated[str, Meta(min_length=1, max_length=120, description="The record of the hop.")]
    node: Annotated[str, Meta(min_length=2, max_length=12, description="Whose country holds it.")]
    amount: Amount
    rate: Annotated[
        str, Meta(max_length=200, description="For another currency: its amount and the bank's stated rate.")
    ] = ""
    shared: AmountOrNone = 0
    shared_with: Annotated[str, Meta(max_length=200, description="Who gets the share, by what agreement.")] = ""


class Terms(Form, frozen=True, kw_only=True):
    """What is to be given back, and by which rule (the rule is written down before anybody claims)."""

    title: Annotated[str, Meta(min_length=3, max_length=300, description="Title.")]
    currency: Annotated[
        str,
        Meta(
            pattern="^([A-Z0-9]{2,12}|0x[0-9a-f]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$",
            description="ISO 4217, or the token's name; its contract when nobody lists it.",
        ),
    ]
    digits: Annotated[int, Meta(ge=0, le=18, description="Decimals in which it is counted.")]
    rule: Annotated[Literal["fifo", "lifo", "haircut"], Meta(description="The rule by which the money is given back.")]
    basis: Annotated[str, Meta(min_length=3, max_length=2000, description="The law or judgment that says so.")]
    holdings: Annotated[
        tuple[Holding, ...], Meta(min_length=1, max_length=200, description="The money that was stopped.")
    ]
    claims_until: Annotated[Moment, Meta(description="Until when victims may claim.")]


class TracedPart(Form, frozen=True, kw_only=True):
    """How much of the claimed payment was traced into a holding, and when it came there."""

    holding: Number
    amount: Amount
    arrived_at: Moment


class Claim(Form, frozen=True, kw_only=True):
    """A victim's claim: one payment, with what of it was traced into the holdings by the written rule."""

    victim: Pseudonym
    transfer: Annotated[
        str, Meta(min_length=1, max_length=200, description="UETR, transaction hash or the bank's reference.")
    ]
    paid_at: Moment
    amount: Annotated[Amount, Meta(description="What the victim paid, in the currency of the restitution.")]
    traced: Annotated[tuple[TracedPart, ...], Meta(min_length=1, max_length=200, description="Where it was traced to.")]
    case: Annotated[str, Meta(max_length=120, description="The record of the report.")] = ""


class ClaimRefused(Form, frozen=True, kw_only=True):
    """A claim is not taken into account; the victim is told why and whom to turn to."""

    claim: FactName
    appeal_to: Annotated[str, Meta(min_length=3, max_length=400, description="The body outside that can be turned to.")]
    reason: Reason


class Line(Form, frozen=True, kw_only=True):
    """So much of one holding goes to one claim, and why just that."""

    claim: FactName
    victim: Pseudonym
    holding: Number
    amount: Amount
    why: Annotated[str, Meta(min_length=3, max_length=400, description="How the amount follows from the rule.")]


class Allocation(Form, frozen=True, kw_only=True):
    """Who gets what. The lines follow from the rule, and with shares and rest they make up every holding to the last unit."""

    lines: Annotated[tuple[Line, ...], Meta(max_length=1000, description="The lines.")]
    left: Annotated[tuple[AmountOrNone, ...], Meta(max_length=200, description="What is left of each holding.")]
    reason: Reason


class Objection(Form, frozen=True, kw_only=True):
    """Somebody does not agree with the allocation."""

    claim: Annotated[str, Meta(max_length=64, description="The claim's name, when it is about one.")] = ""
    reason: Reason


class Decision(Form, frozen=True, kw_only=True):
    """The allocation stands."""

    authority: Annotated[str, Meta(min_length=3, max_length=300, description="Who decides, and by what power.")]
    appeal_to: Annotated[str, Meta(min_length=3, max_length=400, description="The body outside that can be turned to.")]
    reason: Reason


class Payment(Form, frozen=True, kw_only=True):
    """A line was paid out."""

    claim: FactName
    holding: Number
    amount: Amount
    paid_at: Moment
    proof: Annotated[str, Meta(min_length=1, max_length=200, description="Reference of the payment.")]


class Ending(Form, frozen=True, kw_only=True):
    """All is paid, or it is given up."""

    reason: Reason
