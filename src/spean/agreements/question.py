"""May this leave, from whom to whom, for what? The question that an agreement answers, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from spean.agreements.model import DATA, HANDLING, PURPOSES, SUBJECTS, TLP_RANK, day_number
from spean.core.errors import InvalidInput, Refusal
from spean.core.fact import Header

PASSING_ON = {("onward-transfer", "pass-on"): False, ("consented-transfer", "pass-on"): True}
"""Acts by which a holder passes another's fact on → whether they claim the owner's consent (A5). The one place that says
so: whoever asks about such an act, sender, receiver or mediator, asks about passing on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One hop of one fact. Marks are those of ``core.marks``; a mark off the closed lists raises ``InvalidInput``.

    ``onward`` and ``consent`` follow from the act where it is one of ``PASSING_ON``.
    """

    sender: str
    receiver: str
    origin: str
    """The node whose fact it is; differs from ``sender`` when it is mediated or passed on."""
    instrument: str
    purpose: str
    data: str
    subject: str
    tlp: str
    handling: str
    procedure: str
    kind: str
    onward: bool = False
    """The sender passes on what it holds (beyond what origin and sender already show)."""
    consent: bool = False
    """The origin has consented to this passing on."""
    via: str = ""
    """The mediating node that the origin named, else empty."""
    date: str
    """ISO date as of which the agreement is judged."""
    day: int = field(init=False, repr=False, compare=False)
    """The date as the proleptic ordinal."""

    def __post_init__(self) -> None:
        if self.purpose not in PURPOSES:
            raise _off_list("purpose", self.purpose, "R20")
        if self.data not in DATA:
            raise _off_list("data", self.data, "R26")
        if self.subject not in SUBJECTS:
            raise _off_list("subject", self.subject, "R30")
        if self.tlp not in TLP_RANK:
            raise _off_list("tlp", self.tlp, "A5")
        if self.handling not in HANDLING:
            raise _off_list("handling", self.handling, "A5")
        object.__setattr__(self, "day", day_number("date", self.date))
        claims_consent = PASSING_ON.get((self.procedure, self.kind))
        if claims_consent is not None:
            object.__setattr__(self, "onward", True)
            object.__setattr__(self, "consent", claims_consent)

    @property
    def passed_on(self) -> bool:
        """True when the sender passes on another's fact and is not the mediator whom the origin named."""
        return self.onward or self.sender not in (self.origin, self.via)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, naming the agreement that decided, the rule, the reason in words and what would make it pass."""

    allowed: bool
    instrument: str
    """Id of the deciding instrument; ``closed-class`` for what always passes; empty when nothing matched."""
    rule: str
    reason: str
    remedy: str = ""
    policies: tuple[str, ...] = ()
    """Ids of the deciding policies, e.g. ``KR:agreement:01…#permit``."""
    review_hours: int = 0
    """A person reviews it within so many hours (R47: 24); 0 when no review is due."""

    def require(self) -> None:
        """Raise ``Refusal`` with rule, reason and remedy unless allowed."""
        if not self.allowed:
            raise Refusal(self.rule, self.reason, remedy=self.remedy, what="Nothing leaves")


def question_of(
    header: Header, sender: str, receiver: str, *, consent: bool = False, onward: bool = False, date: str = ""
) -> Question:
    """The question that ``header``'s envelope puts for the hop from ``sender`` to ``receiver``.

    ``date`` is the day as of which it is judged, by default the fact's own. A fact of the local track has no
    envelope, so it never leaves: ``Refusal`` with rule D3.

    Whose fact is passed on stands in the form, which is not open yet: until step 5 asks again with the true origin, the
    end of this hop that is no mediator stands for it, so that only the hop itself is judged.
    """
    marks = header.envelope
    if marks is None:
        raise Refusal("D3", "a fact of the local track has no envelope", remedy="write it on the shared track")
    origin = header.node
    if (header.procedure, header.kind) in PASSING_ON:
        origin = receiver if sender == marks.via else sender
    return Question(
        sender=sender,
        receiver=receiver,
        origin=origin,
        instrument=marks.instrument,
        purpose=marks.purpose,
        data=marks.data,
        subject=marks.subject,
        tlp=marks.tlp,
        handling=marks.handling,
        procedure=header.procedure,
        kind=header.kind,
        onward=onward,
        consent=consent,
        via=marks.via,
        date=date or header.time[:10],
    )


def _off_list(name: str, value: str, rule: str) -> InvalidInput:
    return InvalidInput(name, f"{str(value)[:40]!r} is not on the closed list", remedy="choose from the list",
                        rule=rule)  # fmt: skip
