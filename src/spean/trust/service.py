"""Who does not yet believe what we announced or revoked (O9)."""

from __future__ import annotations

from spean.procedures.acts import RecordView


def not_acknowledged(view: RecordView) -> tuple[str, ...]:
    """The peers that have not acknowledged the latest announcement or revocation of this record."""
    done = view.done.get("acknowledge", ())
    return tuple(node for node in view.parties["peer"] if node not in done)
