"""Forms of the own record *entity* (issue "the same one?"; DOMAIN 4.2, 6.B). It stays at its own node."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from spean.core.marks import Nature, SourceGrade, Subject
from spean.core.world import DAY
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

LONGEST_ANSWER = 365 * DAY
LONGEST_STOP = 90 * DAY
"""How long a border answers so without a new decision (R33); a stop is looked at four times a year."""

Kind = Literal[
    "person", "organisation", "account", "wallet", "phone", "device", "document", "address", "site", "vehicle", "vessel", "domain",
    "url", "ip", "user-account", "email", "payment", "image", "file", "event",
]  # fmt: skip
Link = Literal[
    "owns", "directs", "family", "member-of", "works-at", "represents", "associated-with", "uses", "pays", "receives", "identified-by",
    "located-at", "recruited", "took-part", "part-of",
]  # fmt: skip
Category = Literal["victim", "presumed-victim", "witness", "missing", "contact", "other", "none"]
"""With what a person begins (R30, R7). *Suspect* and *convicted* are acts of their own, with a named officer and a reason (R1)."""
Ground = Literal[
    "not-said",
    "arrest-warrant",
    "judgment",
    "court-order",
    "prosecutor-order",
    "provisional-arrest",
    "red-notice",
    "wanted-diffusion",
    "entry-ban",
]
"""On which paper a border stops somebody: the act of a court or authority that somebody can look up. A published list is none (B7): whoever wants
to stop on one names the national order that carries it out."""
NEEDED = {"needed": True}
"""A page shows the field as one that is needed; a fact from before it was there is still read, and a rule refuses a new one without."""
Suspicion = Literal["not-said", "case-opened", "charge", "arrest-warrant", "judgment"]
"""On which paper somebody is a suspect, or convicted."""
PROTECTED = frozenset(map(str, (Subject.VICTIM, Subject.PRESUMED_VICTIM, Subject.MISSING, Subject.WITNESS)))
"""Whom no border stops on our word (R10, R11)."""
Day = Annotated[
    str, Meta(pattern="^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$", description="Year, month or day; empty: not known.")
]
Entity = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]{1,7}:entity:[0-9A-HJKMNP-TV-Z]{26}$")]
Moment = Annotated[
    int, Meta(ge=0, le=2**53, description="Milliseconds since 1970, UTC.", extra_json_schema={"format": "moment"})
]
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9][0-9 ()/-]{4,29}$", description="Who answers there, day and night.")]


class Said(Form, frozen=True, kw_only=True):
    """One value of one property, with where it comes from (R29)."""

    property: Annotated[
        str, Meta(pattern="^[a-z][a-z-]{1,39}$", description="What is said, e.g. name, phone, birth-date.")
    ]
    value: Annotated[str, Meta(min_length=1, max_length=4000, description="The value as the source gives it.")]
    source: Annotated[SourceGrade, Meta(description="How reliable the source is.")]
    grade: Annotated[int, Meta(ge=1, le=4, description="How sure the information is: 1 confirmed to 4 doubtful.")]
    nature: Annotated[Nature, Meta(description="Observed, or somebody's assessment.")]
    origin: Annotated[str, Meta(max_length=300, description="Where it comes from, e.g. a passport that was shown.")] = (
        ""
    )
    since: Annotated[Day, Meta(description="From when it is true.")] = ""
    until: Annotated[Day, Meta(description="Until when it was true.")] = ""


Statements = Annotated[tuple[Said, ...], Meta(min_length=1, max_length=300, description="What is said of it.")]


class Opened(Form, frozen=True, kw_only=True):
    """A person or thing comes to the notice of this node."""

    kind: Annotated[Kind, Meta(description="What it is.")]
    category: Annotated[Category, Meta(description="Whom the data are about; of a person always said (R30).")]
    statements: Statements


class Stated(Form, frozen=True, kw_only=True):
    """More is said of it."""

    statements: Statements


class Linked(Form, frozen=True, kw_only=True):
    """How it is joined to another entity of this node."""

    link: Annotated[Link, Meta(description="How: it owns, uses, works at … the other one.")]
    other: Annotated[Entity, Meta(description="The record of the other entity.")]
    role: Annotated[str, Meta(max_length=200, description="In which role or with which share, in words.")] = ""
    source: Annotated[SourceGrade, Meta(description="How reliable the source is.")]
    grade: Annotated[int, Meta(ge=1, le=4, description="How sure the information is: 1 confirmed to 4 doubtful.")]
    nature: Annotated[Nature, Meta(description="Observed, or somebody's assessment.")]
    origin: Annotated[str, Meta(max_length=300, description="Where it comes from.")] = ""
    since: Annotated[Day, Meta(description="From when it is true.")] = ""
    until: Annotated[Day, Meta(description="Until when it was true.")] = ""


class StatementWithdrawn(Form, frozen=True, kw_only=True):
    """A statement or link was wrong, or may no longer be kept."""

    statement: Annotated[
        str, Meta(pattern="^[0-9a-f]{64}:[0-9]{1,3}$", description="The fact that says it, and its place there.")
    ]
    reason: Reason


class Judged(Form, frozen=True, kw_only=True):
    """Somebody compared it with another entity."""

    other: Annotated[Entity, Meta(description="The record of the other entity.")]
    verdict: Annotated[
        Literal["positive", "negative", "unsure"], Meta(description="The same one; another one; it cannot be decided.")
    ]
    candidate: Annotated[
        str, Meta(max_length=120, description="The candidate that was looked at, if there was one.")
    ] = ""
    reason: Reason


class JudgementWithdrawn(Form, frozen=True, kw_only=True):
    """A judgement was wrong: all that came of it changes back."""

    judgement: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="The fact of the judgement.")]
    reason: Reason


class Categorised(Form, frozen=True, kw_only=True):
    """Whom the data are about is known better now."""

    category: Annotated[Category, Meta(description="Whom the data are about.")]
    reason: Reason


class Suspected(Form, frozen=True, kw_only=True):
    """A named officer marks somebody as suspect, or as convicted (R1)."""

    category: Annotated[Literal["suspect", "convicted"], Meta(description="Suspect, or convicted by a court.")]
    ground: Annotated[
        Suspicion, Meta(description="On which paper it rests; a published list is none (B7).", extra_json_schema=NEEDED)
    ] = "not-said"
    basis: Annotated[str, Meta(min_length=3, max_length=400, description="Legal basis.")]
    reference: Annotated[str, Meta(max_length=200, description="Number and date of the paper, and who issued it.")] = ""
    reason: Reason


class OffLine(Form, frozen=True, kw_only=True):
    """Whether border posts without a line may hold it in their encrypted extract (B5)."""

    ticked: Annotated[bool, Meta(description="It goes into extracts for border posts without a line.")]
    reason: Reason


class Answered(Form, frozen=True, kw_only=True):
    """What a border officer is told when this one is met (B5). It ends by itself."""

    until: Annotated[Moment, Meta(description="When it ends by itself; within a year.")]
    instructions: Annotated[str, Meta(max_length=1000, description="What the officer at the border does.")] = ""
    contact_name: Annotated[str, Meta(min_length=1, max_length=200, description="Whom to call.")]
    contact_phone: Phone
    reason: Reason


class Stopped(Form, frozen=True, kw_only=True):
    """A border officer is told to stop and call (R1, R4). It ends by itself."""

    ground: Annotated[
        Ground, Meta(description="On which paper it rests; a published list is none (B7).", extra_json_schema=NEEDED)
    ] = "not-said"
    basis: Annotated[
        str,
        Meta(
            min_length=3, max_length=400, description="Reference of the paper: its number and date, and who issued it."
        ),
    ]
    until: Annotated[Moment, Meta(description="When it ends by itself; within 90 days.")]
    instructions: Annotated[
        str, Meta(min_length=3, max_length=1000, description="What the officer at the border does.")
    ]
    contact_name: Annotated[str, Meta(min_length=1, max_length=200, description="Whom to call.")]
    contact_phone: Phone
    reason: Reason


class Lifted(Form, frozen=True, kw_only=True):
    """The border answers nothing any more."""

    reason: Reason


class Closed(Form, frozen=True, kw_only=True):
    """The node keeps it no longer as something to be found."""

    reason: Reason
