"""Who would receive an act, and why, and who not: asked with the very envelope that acting would make (D3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spean.agreements.preview import PreviewLine, preview
from spean.core.errors import SpeanError
from spean.node.acts.acting import Intent
from spean.node.work import Work
from spean.procedures.declare import Procedure
from spean.store.rows import RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground


class Previewing:
    """Answers before anything is sent; nothing is written, nothing opened."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def lines(self, intent: Intent) -> list[PreviewLine]:
        """One line for each party of the record, or, for an opening act, each partner. A local act or an own record reaches nobody.

        Raises ``NotFound`` or ``InvalidInput`` when record, act or partner is unknown.
        """
        ground = self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            row = tx.records.get(intent.record) if intent.record else None
            name = intent.procedure if row is None else row.procedure
            procedure = ground.engine.procedure(name, None if row is None else row.version)
            if procedure.own or procedure.by_kind[intent.kind].local:
                return []
            if row is not None:
                return self._of_record(work, row, procedure, intent)
            return [self._of_partner(work, procedure, intent, node) for node in ground.peering.active()]

    def _of_record(self, work: Work, row: RecordRow, procedure: Procedure, intent: Intent) -> list[PreviewLine]:
        others = {node for party in row.parties.values() for node in party} - {self._ground.me}
        return [self._line(work, row, procedure, intent, node, tuple(sorted(others))) for node in sorted(others)]

    def _of_partner(self, work: Work, procedure: Procedure, intent: Intent, node: str) -> PreviewLine:
        """Asked for all that are chosen together, since one agreement decides for all; for another partner, for it alone."""
        together = intent.to if node in intent.to else (node,)
        return self._line(work, None, procedure, intent, node, together)

    def _line(self, work: Work, row: RecordRow | None, procedure: Procedure, intent: Intent, node: str,
              to: tuple[str, ...]) -> PreviewLine:  # fmt: skip
        acting = self._ground.acting
        try:
            envelope = acting.envelope(work, row, procedure, intent, to)
            question = acting.question(envelope, procedure.name, intent.kind, envelope.via or node)
        except SpeanError as unclear:
            return PreviewLine(
                node=node, allowed=False, instrument="", rule=unclear.rule, reason=unclear.why or unclear.what,
                remedy=unclear.remedy, clauses=(),
            )  # fmt: skip
        (line,) = preview(self._ground.registry, question, (question.receiver,))
        return replace(line, node=node)
