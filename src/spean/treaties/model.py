"""Forms of the procedure *agreement*: the text, signatures, suspension of a pair, denunciation (DOMAIN 4.1, A1)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from spean.agreements.form import from_dict
from spean.agreements.model import Instrument, State
from spean.core.errors import InvalidInput
from spean.core.marks import Data, Handling, Purpose, Subject, Tlp
from spean.core.world import DAY, from_iso
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

Node = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]{1,7}$", description="A node, e.g. KR.")]
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="A day, YYYY-MM-DD.")]
Words = Annotated[str, Meta(min_length=1, max_length=2000)]


class Ban(Form, frozen=True, kw_only=True):
    """A combination that must not leave, whatever else permits it; an empty list stands for any."""

    article: Annotated[str, Meta(max_length=10, description="The article that says so, e.g. 7(2).")] = ""
    data: tuple[Data, ...] = ()
    subjects: tuple[Subject, ...] = ()
    purposes: tuple[Purpose, ...] = ()


class AgreementText(Form, frozen=True, kw_only=True):
    """What the parties agree: the instrument that both ends evaluate once it is in force."""

    title: Annotated[str, Meta(min_length=1, max_length=300, description="Title.")]
    parties: Annotated[
        tuple[Node, ...], Meta(min_length=2, max_length=64, description="States and organisations bound by it.")
    ]
    purposes: Annotated[tuple[Purpose, ...], Meta(description="For what data may be used (closed list, R20).")]
    data: Annotated[tuple[Data, ...], Meta(description="Which kinds of data may travel.")]
    subjects: Annotated[tuple[Subject, ...], Meta(description="About which categories of persons (R30).")]
    tlp_ceiling: Annotated[Tlp, Meta(description="The most restricted TLP mark that it covers.")]
    handling: Annotated[tuple[Handling, ...], Meta(description="Handling codes that may be set.")]
    onward: Annotated[
        Literal["never", "consent", "parties"], Meta(description="Passing on: never, by consent, or among parties.")
    ] = "never"
    mediators: Annotated[tuple[Node, ...], Meta(description="Nodes that may carry between parties (A9).")] = ()
    retention_days: Annotated[int, Meta(ge=1, le=1827, description="Days after which data are reviewed (R33).")]
    quotas: Annotated[dict[str, int], Meta(description="Purpose to most facts per partner and month.")] = field(
        default_factory=dict
    )
    contacts: Annotated[dict[str, Words], Meta(description="Node to the office that answers there.")] = field(
        default_factory=dict
    )
    articles: Annotated[dict[str, Words], Meta(description="Article number to what it says.")] = field(
        default_factory=dict
    )
    cites: Annotated[dict[str, str], Meta(description="Clause to the article on which it rests.")] = field(
        default_factory=dict
    )
    starts: Annotated[Day, Meta(description="First day, YYYY-MM-DD.")]
    ends: Annotated[str, Meta(max_length=10, description="Last day; empty when it runs until denounced.")] = ""
    prohibitions: Annotated[tuple[Ban, ...], Meta(max_length=500, description="What must never leave.")] = ()
    notice_days: Annotated[int, Meta(ge=0, le=730, description="Days from a denunciation to its effect.")] = 90


class Redraft(Form, frozen=True, kw_only=True):
    """A new text, and why it is needed."""

    text: AgreementText
    reason: Reason


class Statement(Form, frozen=True, kw_only=True):
    """An act that needs its reason only."""

    reason: Reason


class Review(Form, frozen=True, kw_only=True):
    """Our own legal review (local: it is not sent)."""

    opinion: Annotated[Literal["in order", "with reservations", "not in order"], Meta(description="The result.")]
    reason: Reason


class Signature(Form, frozen=True, kw_only=True):
    """A party signs. The signed text is the fact that ``targets`` names; its name is the hash of that text."""

    capacity: Annotated[Words, Meta(description="In what capacity the person signs, e.g. Director of Cooperation.")]
    authority: Annotated[Words, Meta(description="Full powers or statute on which the signature rests.")]


class Entry(Form, frozen=True, kw_only=True):
    """The text is in force since all parties have signed it."""

    last_day: Annotated[str, Meta(max_length=10, description="Last day of the text, empty when open-ended.")] = ""


class PairSuspension(Form, frozen=True, kw_only=True):
    """The agreement rests between two parties and continues among all others (A1, A9)."""

    other: Annotated[Node, Meta(description="The other member of the pair.")]
    reason: Reason


class Denunciation(Form, frozen=True, kw_only=True):
    """A party leaves."""

    leaves_on: Annotated[Day, Meta(description="The day on which it is no longer bound.")]
    reason: Reason


def to_instrument(
    text: AgreementText,
    *,
    record: str,
    version: int = 1,
    state: State = "draft",
    suspended: list[dict[str, Any]] | None = None,
) -> Instrument:
    """The text as an instrument; raises ``InvalidInput`` naming the field that ``agreements`` does not accept."""
    values: dict[str, Any] = msgspec.to_builtins(text)
    del values["notice_days"]
    return from_dict({**values, "id": record, "version": version, "state": state, "suspended": suspended or []})


def last_moment(day: str) -> int | None:
    """The end of the last day (UTC) in milliseconds, None when open-ended."""
    if not day:
        return None
    try:
        return from_iso(f"{date.fromisoformat(day).isoformat()}T00:00:00Z") + DAY
    except ValueError:
        raise InvalidInput("ends", f"{day!r} is no date", remedy="give YYYY-MM-DD") from None
