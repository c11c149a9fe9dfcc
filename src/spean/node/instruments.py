"""The register of agreements as the node's engine of decisions sees it, kept current with the facts (A1).

Two sources: partners whom we accepted (``peering:A-B``), and records of the procedure *agreement*, folded by ``treaties``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spean.agreements.model import Instrument, peering
from spean.agreements.registry import Registry
from spean.core.errors import InvalidInput
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
        found = [peering(ground.me, node) for node in ground.peering.active()]
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
        work.touched_instruments.append(record)
        rev = int(work.tx.meta.get("registry_rev") or 0) + 1
        work.tx.meta.set("registry_rev", str(rev))
        ground.registry_rev = rev

    def _fold(self, work: Work, record: str) -> Instrument | None:
        row = work.record(record)
        if row is None:
            return None
        try:
            return service.instrument(self._ground.projector.view(row), self._ground.projector.acts_of(work, record))
        except InvalidInput:
            return None  # a text from a newer version that this one cannot read decides nothing
