"""The register of agreements as the node's engine of decisions sees it, kept current with the facts (A1).

Two sources: partners whom we accepted (``peering``), and records of the procedure *agreement*, folded by ``treaties``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spean.agreements.model import Instrument, peering
from spean.agreements.registry import Registry
from spean.core.errors import InvalidInput, NotFound
from spean.core.world import DAY, from_iso
from spean.node.work import Work
from spean.treaties import service

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

PROCEDURE = "agreement"


class Instruments:
    """Builds and refreshes ``ground.registry``."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def load(self, tx: Tx) -> None:
        """Everything anew: at start, and when another process changed partners or agreements."""
        ground = self._ground
        ground.peering.load(tx)
        partners = ground.peering.active()
        found = [peering((ground.me, *partners))] if partners else []
        work = Work(ground, tx)
        after = None
        while rows := tx.records.list(procedure=PROCEDURE, after=after, limit=500):
            for row in rows:
                instrument = self._fold(work, row.id)
                if instrument is not None:
                    found.append(instrument)
            after = rows[-1]
        ground.registry = Registry(found)

    def touch(self, work: Work, record: str) -> None:
        """One agreement changed in this transaction: judge by its new text from here on."""
        ground = self._ground
        instrument = self._fold(work, record)
        if instrument is not None:
            ground.registry = ground.registry.with_instrument(instrument)
        work.touched.append(f"instrument:{record}")
        ground.registry_rev = touch_register(work.tx)

    def entry_form(self, record: str) -> dict[str, str]:
        """The form with which a text that all have signed enters into force: it says the text's last day."""
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            row = work.record(record)
            text = work.fact(row.done["text"][0]) if row is not None and "text" in row.done else None
            form = None if text is None else self._ground.projector.form(text, work.key(text.id))
        return {"last_day": getattr(getattr(form, "text", form), "ends", "")}

    def last_moment(self, instrument: str, now: int) -> int | None:
        """Until when an agreement lets what is taken in now be kept: its retention, and its own end; ms. None: it sets no limit."""
        registry = self._ground.registry
        if instrument not in registry:
            return None
        found = registry.get(instrument)
        kept = now + found.retention_days * DAY
        return min(kept, from_iso(f"{found.ends}T23:59:59.999Z")) if found.ends else kept

    def _fold(self, work: Work, record: str) -> Instrument | None:
        row = work.record(record)
        if row is None:
            return None
        try:
            return service.instrument(record, self._ground.projector.acts_of(work, record), work.now)
        except (InvalidInput, NotFound):
            return None  # a text from a newer version that this one cannot read decides nothing


def touch_register(tx: Tx) -> int:
    """Tell every process of this node that partners or agreements changed; the new revision."""
    rev = int(tx.meta.get("registry_rev") or 0) + 1
    tx.meta.set("registry_rev", str(rev))
    return rev
