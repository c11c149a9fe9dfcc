"""What officers' requests may hold. Unknown fields are refused, and nothing is converted silently (R28)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from spean.core.marks import Data, Handling, Nature, Purpose, SourceGrade, Subject, Tlp
from spean.core.roles import Role
from spean.node.acts.acting import Marks

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
NodeName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,7}$")]
FactName = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=2000), Field(description="Why, in words.")]
LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""One line of text: no control characters, which headers of facts and PostgreSQL's text would refuse later."""
RECORD = r"^[A-Z][A-Z0-9]{1,7}:[a-z][a-z0-9-]{0,39}:[0-9A-HJKMNP-TV-Z]{26}$"
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
MOST_NODES = 64
MOST_TARGETS = 256


class Strict(BaseModel):
    """Base: no unknown field, no conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_enum_values=True)


def _listed(text: str) -> Any:
    """A value of a closed list comes as text."""
    return Field(default=None, strict=False, description=text)


class MarksBody(Strict):
    """Handling marks (DOMAIN 4.2). What is left out is inherited from the record's opening fact, else the default."""

    purpose: Purpose | None = _listed("For what it may be used (R26).")
    instrument: str | None = Field(
        default=None, max_length=80, pattern=LINE, description="The agreement under which it leaves."
    )
    basis: str | None = Field(default=None, max_length=500, pattern=LINE, description="Legal basis in words.")
    data: Data | None = _listed("What kind of data it carries.")
    subject: Subject | None = _listed("Whom the data are about (R30).")
    handling: Handling | None = _listed("What the receiver may do with it.")
    tlp: Tlp | None = _listed("Traffic Light Protocol 2.0.")
    source: SourceGrade | None = _listed("Reliability of the source.")
    grade: Annotated[int, Field(ge=1, le=4)] | None = Field(default=None, description="Reliability of the information.")
    nature: Nature | None = _listed("Observed, or somebody's assessment (R29).")
    review: Day | None = Field(default=None, description="Day by which it is reviewed (R33).")
    via: NodeName | Literal[""] | None = Field(default=None, description="The mediating node (A9).")

    def marks(self) -> Marks:
        """The marks as the node takes them."""
        return Marks(**self.model_dump())


class Signable(Strict):
    """What an adverse act carries besides (R1): ask ``…/prepare`` with the same body first."""

    officer: dict[str, Any] | None = Field(
        default=None, description="The assertion of the officer's passkey over the challenge, as the browser gives it."
    )
    at: int | None = Field(default=None, ge=0, le=2**53, description="The moment that was prepared, in ms.")


class Opening(Signable):
    """Open a record."""

    opens: str = Field(
        default="", pattern=f"{RECORD}|^$", description="With an officer's signature: the prepared name."
    )
    form: dict[str, Any]
    to: list[NodeName] = Field(default=[], max_length=MOST_NODES, description="The partners who take part.")
    marks: MarksBody = MarksBody()
    targets: list[FactName] = Field(default=[], max_length=MOST_TARGETS, description="Facts that it cites or concerns.")


class Acting(Signable):
    """Act in a record."""

    form: dict[str, Any] = {}
    marks: MarksBody = MarksBody()
    targets: list[FactName] = Field(default=[], max_length=MOST_TARGETS, description="Facts that it cites or concerns.")


class Correcting(Signable):
    """What is right instead, complete, and why."""

    replacement: dict[str, Any]
    reason: Reason


class Reasoned(Strict):
    """Why."""

    reason: Reason


class PassingOn(Strict):
    """To whom another's fact goes, and why. Marks that are left out are the owner's."""

    to: NodeName
    reason: Reason
    marks: MarksBody = MarksBody()


class Previewing(Strict):
    """Who would receive such a fact?"""

    procedure: Name
    kind: Name | None = Field(default=None, description="The act; the opening one when left out.")
    to: list[NodeName] = Field(default=[], max_length=MOST_NODES, description="All partners when empty.")
    marks: MarksBody = MarksBody()


class SigningIn(Strict):
    """A one-time link's secret."""

    link: str = Field(min_length=8, max_length=128)


class NewUser(Strict):
    """A person or service of this node."""

    name: str = Field(min_length=1, max_length=120, pattern=LINE)
    unit: str = Field(max_length=80)
    roles: list[Annotated[Role, Field(strict=False)]] = Field(min_length=1, max_length=len(Role))
    kind: Literal["person", "service"] = "person"
    languages: list[Annotated[str, StringConstraints(max_length=35, pattern=LINE)]] = Field(default=[], max_length=20)


class Rights(Strict):
    """What a user may do from now on, and in which unit."""

    unit: str = Field(max_length=80)
    roles: list[Annotated[Role, Field(strict=False)]] = Field(min_length=1, max_length=len(Role))


class NewToken(Strict):
    """A secret for a user: an API token, or a one-time link to sign in with."""

    use: Literal["api", "link"] = "api"
    days: int = Field(default=90, ge=1, le=366)
    label: str = Field(default="", max_length=100, pattern=LINE)


class Query(BaseModel):
    """Base of query parameters: no unknown one. They are text, so numbers are read from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Queue(Query):
    """Which records."""

    procedure: Name | None = None
    state: Name | None = None
    open: bool = Field(default=False, description="Only those that are not closed.")
    after: str = Field(default="", pattern=f"{RECORD}|^$", description="The last record of the page before.")
    limit: int = Field(default=100, ge=1, le=1000)


class Nothing(Query):
    """No parameter."""


class Why(Query):
    """Why it is read (R38); the header ``X-Reason`` (UTF-8, percent-encoded) says it as well."""

    reason: str = Field(default="", max_length=2000)


class Searching(Why):
    """What is searched for, and why."""

    words: str = Field(min_length=1, max_length=200)
    alike: bool = Field(
        default=False, description="Also what sounds alike, in other scripts too: candidates, never matches."
    )
    limit: int = Field(default=50, ge=1, le=200)
    before: int | None = Field(default=None, ge=1, description="Of the page before: go on there.")
    procedure: str | None = Field(default=None, max_length=40)
    kind: str | None = Field(default=None, max_length=40)
    origin: str | None = Field(default=None, max_length=8)
    purpose: str | None = Field(default=None, max_length=40)
    thing: str | None = Field(default=None, max_length=40, description="A kind of thing, such as person or wallet.")

    def narrow(self) -> dict[str, str]:
        """What the search is narrowed by."""
        given = {"procedure": self.procedure, "kind": self.kind, "origin": self.origin, "purpose": self.purpose,
                 "thing": self.thing}  # fmt: skip
        return {name: value for name, value in given.items() if value is not None}


class Known(Query):
    """What is known, to find the desk that answers for it; all desks when nothing is given."""

    kind: Literal["phone", "iban", "bic", "account", "wallet", "country"] | None = None
    value: str = Field(default="", max_length=200)
    chain: str = Field(default="", max_length=40, description="Of a wallet.")


class Silent(Query):
    """Since when nobody answers."""

    since: datetime = Field(description="ISO 8601 with offset.")


AlarmNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


class Alarms(Query):
    """Which alarms."""

    all: bool = Field(default=False, description="Also those that somebody has acknowledged.")
