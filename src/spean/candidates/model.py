"""Forms of *candidate*: what two desks say to each other about a match, without content until the owner releases it (DOMAIN 4.1, Prüm model)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from spean.core.marks import Purpose, Subject
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

RECORD = "^[A-Z][A-Z0-9]{1,7}:[a-z][a-z0-9-]{0,39}:[0-9A-HJKMNP-TV-Z]{26}$"
Phone = Annotated[str, Meta(min_length=5, max_length=30)]
Birth = Annotated[
    str, Meta(pattern="^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$", description="Birth date as far as it is known: 1990, 1990-05 or 1990-05-17.")
]  # fmt: skip


class Category(StrEnum):
    """What was compared (B1)."""

    PERSON = "person"
    PHONE = "phone"
    ACCOUNT = "account"
    WALLET = "wallet"
    DOCUMENT = "document"
    DEVICE = "device"
    EMAIL = "email"
    USER_ACCOUNT = "user-account"
    DOMAIN = "domain"
    URL = "url"
    IP = "ip"
    VEHICLE = "vehicle"
    VESSEL = "vessel"
    SITE = "site"
    ORGANISATION = "organisation"
    PAYMENT = "payment"
    OTHER = "other"


class How(StrEnum):
    """How the match was found."""

    EXACT = "same-value"
    NAME = "name-and-birth-date"
    BLIND = "private-comparison"
    BLIND_NAME = "private-comparison-of-names"
    WATCH = "standing-watch"


class Band(StrEnum):
    """How strong it is, in words that need no figure."""

    SAME = "same-value"
    STRONG = "strong"
    LIKELY = "likely"
    WEAK = "weak"


class Raised(Form, frozen=True, kw_only=True):
    """A match that nobody has looked at. It has no field for a name, a number or a sentence: nothing of either side shows."""

    category: Annotated[Category, Meta(description="What was compared.")]
    reference: Annotated[
        str, Meta(min_length=8, max_length=120, pattern="^[A-Za-z0-9:_-]+$", description="The owner's reference, which says nothing.")
    ]  # fmt: skip
    question: Annotated[str, Meta(pattern=RECORD, description="The asker's own record of the look-up or watch.")]
    how: Annotated[How, Meta(description="How it was found.")]
    band: Annotated[Band, Meta(description="How strong it is.")]
    score: Annotated[int, Meta(ge=0, le=1000, description="Probability in a thousand.")] = 1000
    asked_by: Annotated[
        str, Meta(max_length=40, pattern="^[A-Za-z0-9-]*$", description="Opaque id of whoever asked, at the asker's node.")
    ] = ""  # fmt: skip


class About(Form, frozen=True, kw_only=True):
    """At the owner: the own records that the reference names. It stays on the own track."""

    records: Annotated[
        tuple[Annotated[str, Meta(pattern=RECORD)], ...], Meta(max_length=20, description="Our own records.")
    ]


class Explanation(Form, frozen=True, kw_only=True):
    """Why the verdict is what it is, in words. It stays on the own track: it may name what was compared."""

    reason: Reason


class Point(StrEnum):
    """What the verdict rests on, without any value."""

    SAME_SELECTOR = "same-number-or-address"
    SAME_NAME = "same-name"
    SPELLING = "another-spelling-of-the-name"
    BIRTH = "birth-date"
    DOCUMENT = "document"
    PLACE = "place"
    CIRCUMSTANCES = "circumstances"
    CALLED = "the-owner-was-called"
    OTHER_PERSON = "somebody-else"
    REASSIGNED = "number-has-another-holder-now"
    TOO_LITTLE = "too-little-is-known"


class Looked(Form, frozen=True, kw_only=True):
    """A person has looked at it; on what it rests is said by a closed list, so that no content passes."""

    points: Annotated[tuple[Point, ...], Meta(min_length=1, max_length=11, description="What the verdict rests on.")]


class Document(Form, frozen=True, kw_only=True):
    """A travel or identity document."""

    number: Annotated[str, Meta(min_length=3, max_length=40, description="Its number.")]
    issuer: Annotated[str, Meta(max_length=3, description="Issuing state, as ICAO 9303 writes it.")] = ""


class CoreData(Form, frozen=True, kw_only=True):
    """What the owner tells after the match was confirmed: only what the purpose lists (``rules.RELEASED``; R27, R28)."""

    contact_name: Annotated[str, Meta(min_length=2, max_length=200, description="Whom to call.")]
    contact_phone: Phone
    file: Annotated[str, Meta(max_length=100, description="The owner's file number.")] = ""
    subject: Annotated[Subject, Meta(description="Whom the data are about.")] = Subject.OTHER
    names: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(max_length=10, description="Names, as written.")
    ] = ()  # fmt: skip
    birth: Birth = ""
    sex: Annotated[Literal["", "f", "m", "x"], Meta(description="As the document says.")] = ""
    nationality: Annotated[str, Meta(max_length=3, description="As the document says.")] = ""
    documents: Annotated[tuple[Document, ...], Meta(max_length=10, description="Documents.")] = ()
    values: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(max_length=10, description="Number, account or address that matched.")
    ] = ()  # fmt: skip
    languages: Annotated[
        tuple[Annotated[str, Meta(max_length=20)], ...], Meta(max_length=5, description="Languages.")
    ] = ()


class DeclineGround(StrEnum):
    """Why nothing is released. None of them says more than that it is not (R6, R22)."""

    NOT_AVAILABLE = "not-available"
    NOT_NECESSARY = "not-necessary-or-proportionate"
    NO_AUTHORISATION = "judicial-authorisation-needed"
    INVESTIGATION = "harms-an-investigation-or-a-person"
    NOT_THE_SAME = "not-the-same-for-us"


class Declined(Form, frozen=True, kw_only=True):
    """The owner releases nothing, on a listed ground and without a word more."""

    ground: Annotated[DeclineGround, Meta(description="The ground (closed list).")]


class Next(StrEnum):
    """What the asker does. Nothing on this list acts against anybody: each act has a procedure of its own."""

    REQUEST = "information-request"
    PROTECT = "tell-the-protection-officer"
    OWN_FILE = "note-it-in-the-own-file"
    OTHER = "another-procedure"
    NOTHING = "nothing"


class Decision(Form, frozen=True, kw_only=True):
    """What follows."""

    what: Annotated[Next, Meta(description="What follows.")]
    record: Annotated[str, Meta(max_length=120, description="The record in which it goes on.")] = ""


class Ending(Form, frozen=True, kw_only=True):
    """Not needed any more."""

    why: Annotated[Literal["mistake", "no-longer-needed", "data-were-wrong"], Meta(description="Why.")]


_CONTACT = frozenset({"contact_name", "contact_phone", "file", "subject"})
_WHO = _CONTACT | {"names", "birth", "sex", "nationality", "documents"}
_CASE = _WHO | {"values"}
RELEASED: dict[str, frozenset[str]] = {
    Purpose.STOP_FRAUD: _CONTACT | {"names", "values"},
    Purpose.INVESTIGATE_FRAUD: _CASE,
    Purpose.INVESTIGATE_LAUNDERING: _CASE,
    Purpose.INVESTIGATE_TRAFFICKING: _CASE,
    Purpose.INVESTIGATE_CYBERCRIME: _CONTACT | {"names", "values"},
    Purpose.RECOVER_ASSETS: _CONTACT | {"names", "values"},
    Purpose.PROTECT_PERSON: _WHO | {"languages"},
    Purpose.LOCATE_MISSING: _WHO | {"languages"},
    Purpose.DANGER_TO_LIFE: _WHO | {"languages", "values"},
    Purpose.WARN: _CONTACT,
    Purpose.COORDINATE: _CONTACT,
}
"""Purpose → the fields that may be released for it (R27); for a purpose that is not known, nothing but the contact."""
LEAST = _CONTACT
