"""What always passes, in spite of suspension or expiry: a closed class, and nothing else (DESIGN, R47).

Of a hold these are its release, its end by itself, and the reminders on which either builds: a fact whose predecessor is held
back would wait, and the money would look stopped where it is free. A clock's fact has no words.

Receipts are not facts and need no entry: they answer a delivery and carry no content (docs/protocol.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from spean.agreements.question import Decision, Question
from spean.core.marks import Purpose

CLOSED = "closed-class"
ANY = "*"
REVIEW_HOURS = 24

_CLASS: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType(
    {
        ("recall", ANY): ("R34", "a recall reaches every holder"),
        (ANY, "correct"): ("R34", "a correction reaches every recipient"),
        ("circular", "withdraw-entry"): ("R34", "a withdrawal reaches every recipient"),
        ("key-rotation", "revoke"): ("O9", "the revocation of a key reaches every partner"),
        ("stop-payment", "release"): ("R36", "the release of a hold has the same priority as the hold"),
        ("stop-payment", "lapse"): ("R36", "a hold that ends by itself is free for everybody"),
        ("stop-payment", "remind-early"): ("R36", "a release builds on it"),
        ("stop-payment", "remind-late"): ("R36", "a release builds on it"),
        ("stop-payment", "complaint-overdue"): ("R36", "a release builds on it"),
    }
)

CLOSED_CLASS: frozenset[tuple[str, str]] = frozenset(_CLASS)
"""Pairs of (procedure, kind); ``*`` stands for any."""


def always(question: Question) -> Decision | None:
    """The decision for what always passes, else None."""
    procedure, kind = question.procedure, question.kind
    for pair in ((procedure, kind), (procedure, ANY), (ANY, kind)):
        if (found := _CLASS.get(pair)) is not None:
            return _passes(pair, *found)
    if question.purpose == Purpose.DANGER_TO_LIFE:
        reason = "information on danger to life passes even without agreement; a person reviews it within 24 hours"
        return _passes(("danger", "life"), "R47", reason, REVIEW_HOURS)
    return None


def _passes(pair: tuple[str, str], rule: str, reason: str, review_hours: int = 0) -> Decision:
    policy = f"{CLOSED}#{pair[0]}/{pair[1]}"
    return Decision(
        allowed=True, instrument=CLOSED, rule=rule, reason=reason, policies=(policy,), review_hours=review_hours
    )
