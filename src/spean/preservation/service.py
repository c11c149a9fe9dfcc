"""Which data are kept, until when, and what is due next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spean.preservation.model import Preserved
from spean.procedures.acts import Act


@dataclass(frozen=True, slots=True)
class Kept:
    """Data that are kept: by whom, until when (ms), and how often that was renewed."""

    custodian: str
    until: int
    renewals: int


def kept(acts: Sequence[Act]) -> Kept | None:
    """The latest word of the holder, from the acts that count; None before it, or when it is erased."""
    said = [act for act in acts if isinstance(act.body, Preserved)]
    if not said:
        return None
    last = max(said, key=lambda act: (act.time, act.id))
    assert isinstance(last.body, Preserved)
    return Kept(last.body.custodian, last.body.until, len(said) - 1)
