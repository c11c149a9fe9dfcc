"""The list as it stands: entries added, corrected, withdrawn; and who has acknowledged it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spean.circulars.model import Entry
from spean.procedures.acts import Act, RecordView
from spean.procedures.generic import Correction


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry that stands. ``fact`` is the entry's own fact, ``corrected_by`` the correction that holds now."""

    fact: str
    entry: Entry
    corrected_by: str


def entries(acts: Iterable[Act]) -> tuple[Listed, ...]:
    """The entries that stand, in any order of the acts: the latest correction holds, a withdrawal removes.

    An entry whose content is erased is left out. Give acts that count only (not refused, not waiting).
    """
    kept: dict[str, Act] = {}
    corrections: dict[str, Act] = {}
    withdrawn: set[str] = set()
    for act in acts:
        if act.kind == "entry":
            kept[act.id] = act
        elif act.kind == "withdraw-entry":
            withdrawn.update(act.targets)
        elif act.kind == "correct" and act.targets:
            target = act.targets[0]
            before = corrections.get(target)
            if before is None or (before.time, before.id) < (act.time, act.id):
                corrections[target] = act
    return tuple(
        listed
        for name in sorted(kept)
        if name not in withdrawn and (listed := _listed(kept[name], corrections.get(name))) is not None
    )


def _listed(act: Act, correction: Act | None) -> Listed | None:
    if correction is not None and isinstance(correction.body, Correction):
        replacement = correction.body.replacement
        return Listed(act.id, replacement, correction.id) if isinstance(replacement, Entry) else None
    return Listed(act.id, act.body, "") if isinstance(act.body, Entry) else None


def not_acknowledged(view: RecordView) -> tuple[str, ...]:
    """The addressees that have not acknowledged the list."""
    done = view.done.get("acknowledge", ())
    return tuple(node for node in view.parties["addressee"] if node not in done)
