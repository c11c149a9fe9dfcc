"""Forms of *open-list*, *safeguard* and *offline-extract* (B5, B7, R22–R24)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from spean.candidates.look_ups import Mark, Moment, NodeName
from spean.candidates.model import RECORD
from spean.procedures.forms import Form
from spean.procedures.generic import Reason


class ListVersion(Form, frozen=True, kw_only=True):
    """One version of a published list. A list says what its publisher says, and nothing follows from it alone (B7)."""

    name: Annotated[str, Meta(min_length=2, max_length=120, description="Name of the list.")]
    publisher: Annotated[str, Meta(min_length=2, max_length=200, description="Who publishes it.")]
    version: Annotated[str, Meta(min_length=1, max_length=60, description="Its version, as its publisher counts.")]
    published: Annotated[
        str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="Its date.", extra_json_schema={"format": "date"})
    ]
    source: Annotated[str, Meta(max_length=400, description="Where it was taken from.")] = ""
    licence: Annotated[str, Meta(max_length=120, description="Under which licence.")] = ""
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file.")]
    entries: Annotated[int, Meta(ge=0, description="Entries that were taken.")]
    rejected: Annotated[int, Meta(ge=0, description="Lines that were not taken.")] = 0


class Retired(Form, frozen=True, kw_only=True):
    """The list is not asked any more."""

    reason: Reason


class Safeguard(Form, frozen=True, kw_only=True):
    """What our node must keep in mind about somebody: whom this person fears, whose work is protected, who holds an office."""

    entity: Annotated[str, Meta(pattern=RECORD, description="Our own file about this person.")]
    feared: Annotated[
        tuple[NodeName, ...], Meta(max_length=20, description="States that this person fears: they are told nothing, and not why (R22).")
    ] = ()  # fmt: skip
    mark: Annotated[Mark, Meta(description="Journalist, lawyer or source: requests go to the supervisor (R23).")] = (
        Mark.NONE
    )
    office: Annotated[bool, Meta(description="Holds a public office: look-ups ring at the supervisor (R24).")] = False
    until: Moment
    reason: Reason


class Lifted(Form, frozen=True, kw_only=True):
    """It no longer holds."""

    reason: Reason


class Extract(Form, frozen=True, kw_only=True):
    """An encrypted extract for a place without a line: which device has it, and until when."""

    id: Annotated[
        str,
        Meta(
            pattern="^[0-9A-HJKMNP-TV-Z]{26}$", description="The extract's own name, which stands in front of the file."
        ),
    ]
    device: Annotated[str, Meta(min_length=2, max_length=80, description="The device that takes it.")]
    until: Moment
    entries: Annotated[int, Meta(ge=0, description="Entries whose owner lets them travel.")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file.")]
    reason: Reason


class BroughtIn(Form, frozen=True, kw_only=True):
    """The queries that were made without a line are in our log now (R38)."""

    queries: Annotated[int, Meta(ge=0, description="Queries.")]
    hits: Annotated[int, Meta(ge=0, description="Of them with an answer other than nothing.")]


class Lost(Form, frozen=True, kw_only=True):
    """The device is lost, or its queries will not come in."""

    reason: Reason
