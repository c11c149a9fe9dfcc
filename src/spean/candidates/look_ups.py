"""Forms of *look-up* and *watch*: what a desk asks, kept at its own node as a record of one party (B1, B6, R38)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from spean.candidates.model import Band, Birth, Category, How
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

Name = Annotated[str, Meta(min_length=1, max_length=200)]
NodeName = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]{1,7}$")]
Moment = Annotated[
    int, Meta(ge=0, le=2**53, description="Milliseconds since 1970, UTC.", extra_json_schema={"format": "moment"})
]


class Mark(StrEnum):
    """Whose work is protected: a request about them goes to the supervisor first (R23)."""

    NONE = "none"
    JOURNALIST = "journalist"
    LAWYER = "lawyer"
    SOURCE = "ngo-or-source"


Type = Literal[
    "document", "phone", "account", "iban", "wallet", "email", "handle", "domain", "url", "ip", "imei", "mac", "plate", "vin", "imo",
    "national-number",
]  # fmt: skip
"""Value types whose exact value is looked up (``entities.values.types``)."""
WatchType = Literal[
    "person", "document", "phone", "account", "iban", "wallet", "email", "handle", "domain", "url", "ip", "imei", "mac", "plate", "vin", "imo",
    "national-number",
]  # fmt: skip
"""The same, and a person by name and birth date."""
CATEGORIES: dict[str, Category] = {
    "document": Category.DOCUMENT, "national-number": Category.DOCUMENT, "phone": Category.PHONE, "account": Category.ACCOUNT,
    "iban": Category.ACCOUNT, "wallet": Category.WALLET, "email": Category.EMAIL, "handle": Category.USER_ACCOUNT, "domain": Category.DOMAIN,
    "url": Category.URL, "ip": Category.IP, "imei": Category.DEVICE, "mac": Category.DEVICE, "plate": Category.VEHICLE, "vin": Category.VEHICLE,
    "imo": Category.VESSEL, "person": Category.PERSON,
}  # fmt: skip
"""Value type → what is compared."""


class Selector(Form, frozen=True, kw_only=True):
    """One number, address or document."""

    type: Annotated[Type, Meta(description="What it is.")]
    value: Annotated[str, Meta(min_length=1, max_length=500, description="As it is written.")]
    chain: Annotated[
        str, Meta(max_length=40, description="For a wallet: its chain. For a document: the issuing state.")
    ] = ""


class LookUp(Form, frozen=True, kw_only=True):
    """Do you know this one?"""

    names: Annotated[tuple[Name, ...], Meta(max_length=5, description="Names, in any script.")] = ()
    birth: Birth = ""
    selectors: Annotated[tuple[Selector, ...], Meta(max_length=20, description="Numbers, addresses, documents.")] = ()
    nodes: Annotated[
        tuple[NodeName, ...], Meta(max_length=20, description="Partners who are asked, without showing them.")
    ] = ()
    why: Reason
    mark: Annotated[Mark, Meta(description="Whether it is about a journalist, a lawyer or a source.")] = Mark.NONE


class Hit(Form, frozen=True, kw_only=True):
    """Somebody knows it: who, under which reference, how strong. ``node`` empty: we ourselves."""

    node: Annotated[str, Meta(max_length=12)] = ""
    reference: Annotated[str, Meta(min_length=1, max_length=120)]
    category: Category
    how: How
    band: Band
    score: Annotated[int, Meta(ge=0, le=1000)] = 1000
    source: Annotated[str, Meta(max_length=200, description="For an open list: its name.")] = ""
    version: Annotated[str, Meta(max_length=60, description="For an open list: its version.")] = ""
    desk: Annotated[str, Meta(max_length=300, description="For a partner: its desk.")] = ""


class Found(Form, frozen=True, kw_only=True):
    """What was found, and who could not be asked."""

    hits: Annotated[tuple[Hit, ...], Meta(max_length=200)] = ()
    asked: Annotated[tuple[NodeName, ...], Meta(max_length=20)] = ()
    silent: Annotated[
        tuple[NodeName, ...], Meta(max_length=20, description="They have not answered yet, or may not.")
    ] = ()
    unread: Annotated[
        int, Meta(ge=0, description="Own names that were not read in yet: the answer is not complete.")
    ] = 0
    unindexed: Annotated[int, Meta(ge=0, description="Own facts in which these values were not looked for yet.")] = 0


class Passed(Form, frozen=True, kw_only=True):
    """The supervisor's word on a marked look-up."""

    reason: Reason


class Watch(Form, frozen=True, kw_only=True):
    """Tell me when somebody enters this key."""

    type: Annotated[WatchType, Meta(description="What is watched.")]
    value: Annotated[str, Meta(max_length=500, description="Number or address; for a person: the name.")]
    chain: Annotated[
        str, Meta(max_length=40, description="For a wallet: its chain. For a document: the issuing state.")
    ] = ""
    birth: Birth = ""
    nodes: Annotated[
        tuple[NodeName, ...], Meta(max_length=20, description="Partners whose keys are watched; our own always are.")
    ] = ()
    instrument: Annotated[str, Meta(max_length=120, description="The agreement whose limit binds it.")] = ""
    until: Moment
    mark: Annotated[Mark, Meta(description="Whether it is about a journalist, a lawyer or a source.")] = Mark.NONE
    reason: Reason


class Renewal(Form, frozen=True, kw_only=True):
    """A person looks at a watch and lets it go on."""

    until: Moment
    instrument: Annotated[str, Meta(max_length=120, description="The agreement whose limit binds it.")] = ""
    reason: Reason


class Rang(Form, frozen=True, kw_only=True):
    """Somebody has entered the key; the owner has been told by the candidate that was raised."""

    node: Annotated[str, Meta(max_length=12, description="Whose entry it is.")]
    reference: Annotated[str, Meta(min_length=1, max_length=120, description="The owner's reference.")]
    candidate: Annotated[str, Meta(max_length=120, description="The candidate that was raised.")] = ""


class WatchEnding(Form, frozen=True, kw_only=True):
    """It is not needed any more."""

    reason: Reason
