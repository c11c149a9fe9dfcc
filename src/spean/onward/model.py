"""Forms of passing on: the request for consent and its answer, the passing on itself, the notice to the owner (A5, R26)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from spean.core.marks import Purpose
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

MAX_DAYS = 90
Node = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]{1,7}$")]
Hex32 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Objection(StrEnum):
    """The closed list of grounds on which an owner does not consent."""

    INVESTIGATION = "harms-an-investigation"
    PERSON_AT_RISK = "endangers-a-person"
    NOT_NECESSARY = "not-necessary-or-proportionate"
    OTHER_PURPOSE = "purpose-not-compatible"
    PROTECTION = "no-adequate-protection-there"
    HUMAN_RIGHTS = "risk-to-human-rights"
    SOURCE = "its-source-does-not-agree"
    OWN_CHANNEL = "the-owner-sends-it-itself"


class Asking(Form, frozen=True, kw_only=True):
    """A holder asks the owner whether it may pass a fact on to one node. The fact is named by ``targets``."""

    node: Annotated[Node, Meta(description="The node that would receive it.")]
    purpose: Annotated[Purpose, Meta(description="For what that node would use it (R26).")]
    reason: Reason


class Grant(Form, frozen=True, kw_only=True):
    """The owner consents to one passing on, to one node, for one purpose. The fact is named by ``targets``."""

    node: Annotated[Node, Meta(description="The node that may receive it.")]
    purpose: Annotated[Purpose, Meta(description="For what it may use it.")]
    days: Annotated[int, Meta(ge=1, le=MAX_DAYS, description="For how many days from now the consent holds.")]
    limits: Annotated[str, Meta(max_length=2000, description="Limits of use; they travel with the fact.")] = ""


class Refused(Form, frozen=True, kw_only=True):
    """The owner does not consent: on a listed ground, with the reason."""

    ground: Annotated[Objection, Meta(description="The ground (closed list).")]
    reason: Reason


class Ending(Form, frozen=True, kw_only=True):
    """The holder does not need it any more."""

    reason: Reason


class Onwards(Form, frozen=True, kw_only=True):
    """Tells the owner who has its fact now. The fact is named by ``targets``."""

    node: Annotated[Node, Meta(description="The node to which it was passed on.")]
    transfer: Annotated[Hex32, Meta(description="The fact that carried it.")]


class Signed(Form, frozen=True, kw_only=True):
    """A fact as its origin signed it, and what shows that the words are the signed ones (docs/protocol.md, 2)."""

    payload: Annotated[str, Meta(max_length=16_384, description="The signed header.")]
    key_id: Annotated[str, Meta(max_length=100, description="The key that signed it.")]
    signature: Annotated[str, Meta(pattern="^[0-9a-f]{128}$", description="DSSE signature, in hex.")]
    salt: Annotated[Hex32, Meta(description="Salt of the commitment, in hex.")]
    body: Annotated[str, Meta(description="The words: the acting person's name and the form.")]


class Transfer(Form, frozen=True, kw_only=True):
    """A fact passed on whole. It is named by ``targets``."""

    original: Annotated[Signed, Meta(description="The fact as its owner signed it.")]
    identity: Annotated[
        str, Meta(max_length=16_384, description="The owner's admitted identity, for who is no partner of it.")
    ] = ""
    reason: Reason


class ConsentedTransfer(Transfer, frozen=True, kw_only=True):
    """A fact passed on with its owner's consent, which is carried along and named by ``targets`` too."""

    consent: Annotated[Signed, Meta(description="The owner's consent as it signed it.")]


class Seen(Form, frozen=True, kw_only=True):
    """An officer has read it."""

    note: Annotated[str, Meta(max_length=2000)] = ""
