"""The registry as it stands: what may be relied on, and what a cleared entry leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from spean.mules.model import Cleared, Kept, Listing, Verified
from spean.procedures.acts import Act
from spean.procedures.generic import Correction

NAMES_IT = frozenset({"report", "verify", "keep", "appeal", "correct"})
"""Acts whose words may name the account; they are erased when it is cleared. The decision itself names nothing."""
STANDS: frozenset[str] = frozenset({"reported", "verified"})
"""States in which an entry may be relied on, each with its grade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An account that is listed now."""

    account: str
    institution: str
    chain: str
    grade: Literal["reported", "money-traced", "holder-heard", "court"]
    expires_at: int


def entry(acts: Sequence[Act], state: str) -> Entry | None:
    """The entry if it may be relied on; None while an appeal is open, and once it is cleared, ended or erased."""
    if state not in STANDS:
        return None
    listing = _listing(acts)
    said = [act for act in acts if isinstance(act.body, Listing | Verified | Kept)]
    if listing is None or not said:
        return None
    last = max(said, key=lambda act: (act.time, act.id)).body
    checked = [act for act in acts if isinstance(act.body, Verified)]
    best = max(checked, key=lambda act: (act.time, act.id)).body if checked else None
    return Entry(
        account=listing.account, institution=listing.institution, chain=listing.chain,
        grade=best.grade if isinstance(best, Verified) and state == "verified" else "reported",
        expires_at=0 if last is None else last.expires_at,
    )  # fmt: skip


def _listing(acts: Iterable[Act]) -> Listing | None:
    """The listing, as corrected last."""
    found: Listing | None = None
    for act in sorted(acts, key=lambda act: (act.time, act.id)):
        form = act.body.replacement if isinstance(act.body, Correction) else act.body
        if isinstance(form, Listing):
            found = form
    return found


def wrongly_listed(acts: Iterable[Act]) -> bool:
    """Whether it was cleared as a mistake: counted in public."""
    return any(isinstance(act.body, Cleared) and act.body.wrong for act in acts)
