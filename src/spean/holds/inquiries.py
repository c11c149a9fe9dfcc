"""Forms of an inquiry: what the holder's desk asks an institution about the account of a request, and what comes back (DOMAIN 2.1, 6.C).

Both stay on the desk's own track: a partner that asked for a stop learns of it only what a desk then writes to it. An inquiry acts
against nobody. It lists what is asked; an answer holds nothing else (R27, R28).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from spean.holds.model import (
    Account,
    Amount,
    AmountOrNone,
    Currency,
    Digits,
    Institution,
    Moment,
    Name,
    Phone,
    Reference,
)
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

FACT = "^[0-9a-f]{64}$"


class Subject(StrEnum):
    """What can be asked about an account."""

    HOLDER = "holder"
    SIGNATORIES = "signatories"
    OPENED = "opened"
    BALANCE = "balance"
    STATEMENT = "statement"


class Inquiry(Form, frozen=True, kw_only=True):
    """Asks an institution about one account, over a stated time, on a stated basis."""

    institution: Institution
    account: Account
    chain: Annotated[str, Meta(max_length=40)] = ""
    about: Annotated[
        tuple[Subject, ...],
        Meta(min_length=1, max_length=5, description="What is asked, and nothing else is answered."),
    ]
    since: Annotated[Moment, Meta(description="From when on: of the statement, and of who held the account.")]
    until: Annotated[Moment, Meta(description="Until when; left open: until now.")] = 0
    basis: Annotated[
        str, Meta(min_length=3, max_length=35, description="The legal provision, as the institution's law names it.")
    ]
    explained: Annotated[str, Meta(max_length=350, description="What else the institution must know of the basis.")] = (
        ""
    )
    confidential: Annotated[bool, Meta(description="The holder is not told of it for now.")] = True
    due_at: Annotated[
        Moment, Meta(description="By when the answer is needed; left open: as soon as it can be given.")
    ] = 0
    reference: Reference = ""
    contact_name: Name
    contact_phone: Phone


class Disclosure(Form, frozen=True, kw_only=True):
    """The holder of the account may be told of an inquiry from now on (R35)."""

    inquiry: Annotated[
        str, Meta(pattern="^([0-9a-f]{64})?$", description="The signed inquiry; left empty: all of this record.")
    ] = ""
    reason: Reason


class Holder(Form, frozen=True, kw_only=True):
    """Whom the institution knows as holder, or as somebody who may dispose of the account."""

    name: Name
    kind: Annotated[Literal["person", "entity", "not-said"], Meta(description="A person or a firm.")] = "not-said"
    birth: Annotated[str, Meta(max_length=10, pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", description="Birth date.")] = (
        ""
    )
    document: Annotated[
        str, Meta(max_length=60, description="Number of the paper shown when the account was opened.")
    ] = ""


class Balance(Form, frozen=True, kw_only=True):
    """What lay on the account at a moment."""

    at: Moment
    amount: AmountOrNone
    currency: Currency
    digits: Digits
    overdrawn: Annotated[bool, Meta(description="The amount is owed to the institution.")] = False


class Entry(Form, frozen=True, kw_only=True):
    """One line of the statement."""

    at: Moment
    direction: Annotated[Literal["in", "out"], Meta(description="To the account, or from it.")]
    amount: Amount
    currency: Currency
    digits: Digits
    account: Annotated[str, Meta(max_length=160, description="The account on the other side.")] = ""
    name: Annotated[str, Meta(max_length=200, description="Its holder, as shown.")] = ""
    reference: Reference = ""


MOST_ENTRIES = 1000


class Answered(Form, frozen=True, kw_only=True):
    """What the institution says to an inquiry."""

    inquiry: Annotated[str, Meta(pattern=FACT, description="The signed inquiry that it answers.")]
    status: Annotated[
        Literal["complete", "partial", "nothing", "declined", "open-to-holder"],
        Meta(description="All of it, a part, nothing there, declined; or only that the holder may be told now."),
    ]
    holders: Annotated[tuple[Holder, ...], Meta(max_length=20, description="Who holds the account.")] = ()
    signatories: Annotated[tuple[Holder, ...], Meta(max_length=50, description="Who may dispose of it.")] = ()
    opened_at: Annotated[Moment, Meta(description="When it was opened.")] = 0
    balances: Annotated[tuple[Balance, ...], Meta(max_length=50, description="What lay there, and when.")] = ()
    entries: Annotated[tuple[Entry, ...], Meta(max_length=MOST_ENTRIES, description="The statement.")] = ()
    reason: Annotated[str, Meta(max_length=2000, description="Why not, or what is missing.")] = ""
    source: Annotated[str, Meta(max_length=200, description="Who says so, or the file.")] = ""


PARTS: dict[Subject, str] = {
    Subject.HOLDER: "holders", Subject.SIGNATORIES: "signatories", Subject.OPENED: "opened_at", Subject.BALANCE: "balances",
    Subject.STATEMENT: "entries",
}  # fmt: skip
"""What is asked → where the answer to it stands."""


def lists(inquiry: Inquiry) -> frozenset[str]:
    """Fields of an answer that an inquiry asks for."""
    return frozenset(PARTS[each] for each in inquiry.about)
