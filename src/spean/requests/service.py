"""Was the answer in time? Counted per holder (A4: "late answers counted per node")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spean.procedures.acts import Act
from spean.requests.model import DEADLINES, InformationRequest, Urgency

_DECIDING = ("answer", "refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One request: when its answer was due and given (ms), and by how much it is late (0 when in time)."""

    holder: str
    urgency: Urgency
    due_at: int
    decided_at: int | None
    late_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctuality:
    """A holder's requests of one urgency: answered or refused in time, late, and not yet due."""

    holder: str
    urgency: Urgency
    in_time: int
    late: int
    pending: int


def timing(acts: Sequence[Act], now: int) -> Timing | None:
    """The timing of one request from its acts that count, in any order; None while its opening is not readable or it
    was withdrawn before it was due."""
    opening = next((act for act in acts if act.kind == "send"), None)
    if opening is None or not isinstance(opening.body, InformationRequest):
        return None
    due = opening.time + DEADLINES[opening.body.urgency]
    decided = min((act.time for act in acts if act.kind in _DECIDING), default=None)
    ended = min((act.time for act in acts if act.kind == "withdraw"), default=None)
    if decided is None and ended is not None and ended <= due:
        return None
    until = decided if decided is not None else ended if ended is not None else now
    return Timing(
        holder=opening.recipients[0], urgency=opening.body.urgency, due_at=due, decided_at=decided,
        late_by=max(0, until - due),
    )  # fmt: skip


def late(records: Iterable[Sequence[Act]], now: int) -> tuple[Punctuality, ...]:
    """How punctual each holder is, by urgency, over all requests with their acts."""
    counts: dict[tuple[str, Urgency], list[int]] = {}
    for acts in records:
        found = timing(acts, now)
        if found is not None:
            slot = 1 if found.late_by > 0 else 0 if found.decided_at is not None else 2
            counts.setdefault((found.holder, found.urgency), [0, 0, 0])[slot] += 1
    return tuple(
        Punctuality(holder=holder, urgency=urgency, in_time=count[0], late=count[1], pending=count[2])
        for (holder, urgency), count in sorted(counts.items())
    )
