"""Forms of private matching (B1, B2, R26, R27, R42; docs/protocol.md, section 10). None of them names whom anybody means."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from spean.core.marks import Purpose, Subject
from spean.matching.private.categories import Category
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

ELEMENTS = 4_096
"""Elements in one question: with their proof they fit into one form."""
BATCH = 16_384
"""Elements in one batch of an overlap."""
INLINE = 48 * 1024
"""Bytes of a delta that travel within its fact; larger ones are fetched."""
_B64 = "^[A-Za-z0-9+/]*={0,2}$"

Month = Annotated[str, Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$", description="The calendar month of the key, UTC.")]
Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 in hex.")]
PublicKey = Annotated[
    str, Meta(pattern="^[0-9a-f]{64}$", description="The key that answers are verified with, in hex.")
]
Reference = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="By which the owner finds what it holds.")]
Moment = Annotated[
    int, Meta(ge=0, le=2**53, description="Milliseconds since 1970, UTC.", extra_json_schema={"format": "moment"})
]
Record = Annotated[str, Meta(min_length=1, max_length=80, description="A record of this agreement.")]
Count = Annotated[int, Meta(ge=0, le=2**40)]
Elements = Annotated[
    str, Meta(pattern=_B64, max_length=4 * ELEMENTS * 32 // 3 + 128, description="Blinded elements, in base64.")
]


class Offer(Form, frozen=True, kw_only=True):
    """We answer private questions about what we hold of this category, under this agreement."""

    category: Annotated[Category, Meta(description="What may be asked about.")]
    purposes: Annotated[
        tuple[Purpose, ...], Meta(min_length=1, max_length=11, description="For which purposes we answer.")
    ]
    subjects: Annotated[
        tuple[Subject, ...], Meta(min_length=1, max_length=9, description="About whom our entries may be (R30).")
    ]
    desk: Annotated[str, Meta(min_length=1, max_length=120, description="Our unit that a hit leads to.")]
    contact: Annotated[str, Meta(max_length=200, description="How it is reached at any hour.")] = ""
    reason: Reason


class Announce(Form, frozen=True, kw_only=True):
    """The month's key and table: questions are blinded for this key, and no other is believed."""

    month: Month
    key: PublicKey
    table: Hash
    size: Annotated[Count, Meta(description="Bytes of the table.")]
    items: Annotated[Count, Meta(description="Items of the table, rounded up, with dummies among them.")]
    at: Annotated[Moment, Meta(description="As of when.")]


class Delta(Form, frozen=True, kw_only=True):
    """What came in and what went out since the table, or since the delta before."""

    month: Month
    number: Annotated[int, Meta(ge=1, le=1_000_000, description="Gapless, from 1 for each table.")]
    table: Hash
    size: Annotated[Count, Meta(description="Bytes of the delta.")]
    items: Annotated[Count, Meta(description="Items of the table after it.")]
    at: Annotated[Moment, Meta(description="As of when.")]
    inline: Annotated[str, Meta(pattern=_B64, max_length=4 * INLINE // 3 + 4, description="The delta, when small.")] = (
        ""
    )


class Explained(Form, frozen=True, kw_only=True):
    """Why so much is needed, or what is to be known of it."""

    reason: Reason


class Ending(Form, frozen=True, kw_only=True):
    """It is over."""

    reason: Reason


class Question(Form, frozen=True, kw_only=True):
    """Do you know one of these? Only we can tell which they are."""

    holding: Annotated[Record, Meta(description="The offer under which it is asked.")]
    category: Annotated[Category, Meta(description="What is asked about.")]
    month: Month
    key: PublicKey
    count: Annotated[int, Meta(ge=1, le=ELEMENTS, description="How many elements.")]
    elements: Elements
    commitment: Annotated[Hash, Meta(description="Binds the asker to what it asks, for the openings of its auditor.")]


class Answer(Form, frozen=True, kw_only=True):
    """The elements, evaluated, and the proof that the key of the month did it. We do not learn what they were."""

    elements: Elements
    spent: Annotated[Count, Meta(description="Elements that the asker used this month, these included.")]
    budget: Annotated[Count, Meta(description="Elements that it may use this month.")]


class Unanswered(Form, frozen=True, kw_only=True):
    """The node cannot or may not answer, and why."""

    reason: Reason


class Claim(Form, frozen=True, kw_only=True):
    """These references came out: do you hold what they mean, and who is in charge?"""

    references: Annotated[tuple[Reference, ...], Meta(min_length=1, max_length=500, description="References of hits.")]


class Confirmation(Form, frozen=True, kw_only=True):
    """Which of them are ours now, and our desk; nothing of what we hold (R27, R42)."""

    references: Annotated[tuple[Reference, ...], Meta(max_length=500, description="Those that we hold now.")]
    desk: Annotated[str, Meta(min_length=1, max_length=120, description="The unit in charge.")]
    contact: Annotated[str, Meta(max_length=200, description="How it is reached.")] = ""


class Overseen(Form, frozen=True, kw_only=True):
    """Our auditor has looked at the inputs that both facts chose, and holds them for proper or not."""

    opened: Annotated[int, Meta(ge=0, le=ELEMENTS, description="How many inputs were opened.")]
    proper: Annotated[int, Meta(ge=0, le=ELEMENTS, description="How many of them were asked for the stated purpose.")]


class Wanted(Form, frozen=True, kw_only=True):
    """We need more elements in a month than the budget gives."""

    month: Month
    elements: Annotated[int, Meta(ge=1, le=50_000_000, description="How many in that month, all together.")]
    reason: Reason


class Raise(Form, frozen=True, kw_only=True):
    """A person gives a partner a larger budget for one month, knowing what it makes possible."""

    month: Month
    elements: Annotated[int, Meta(ge=1, le=50_000_000, description="How many in that month, all together.")]
    years: Annotated[
        int, Meta(ge=0, le=100_000, description="Whole years in which 10^8 numbers could then be gone through.")
    ]
    reason: Reason


class Proposal(Form, frozen=True, kw_only=True):
    """Which of our items of this category do you hold, too? All of ours, blinded, in batches."""

    holding: Annotated[Record, Meta(description="The offer under which it is asked.")]
    category: Annotated[Category, Meta(description="What is compared.")]
    month: Month
    key: PublicKey
    count: Annotated[int, Meta(ge=1, le=50_000_000, description="Elements, all together.")]
    reason: Reason


class Agreed(Form, frozen=True, kw_only=True):
    """A person of the asked node lets the overlap be computed, within the month's budget."""

    reason: Reason


class Batch(Form, frozen=True, kw_only=True):
    """The next elements wait under this hash."""

    number: Annotated[int, Meta(ge=1, le=10_000, description="Batches count from 1.")]
    count: Annotated[int, Meta(ge=1, le=BATCH, description="Elements in this batch.")]
    parcel: Hash


class Evaluated(Form, frozen=True, kw_only=True):
    """The batch, evaluated with its proof, waits under this hash."""

    number: Annotated[int, Meta(ge=1, le=10_000, description="Of the batch.")]
    parcel: Hash
    spent: Annotated[Count, Meta(description="Elements that the asker used this month, these included.")]


class Compared(Form, frozen=True, kw_only=True):
    """All answers were verified and compared. What was found is not told: each hit is claimed by itself."""

    count: Annotated[int, Meta(ge=0, le=50_000_000, description="Elements that were compared.")]
