"""Carrying facts between two partners whose direct channel is closed (A9, docs/protocol.md section 8).

The mediator keeps the original signed fact, writes a *forward* of its own, and passes both on. The origin's signature, handling
code and limits stay on it; the agreement is asked for each hop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spean.agreements.question import question_of
from spean.core.errors import StepFailed
from spean.core.fact import Fact, Header
from spean.core.world import iso
from spean.exchange.receive import step3_agreement
from spean.node.work import Work

if TYPE_CHECKING:
    from spean.node.ground import Ground


class Mediating:
    """Forwards."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def check(self, work: Work, header: Header) -> None:
        """Whether we may carry it to each recipient, as step 3 asks it of our own hop: a suspended pair holds it back."""
        for receiver in self._receivers(header):
            if not self._ground.is_peer(receiver):
                raise StepFailed(3, f"we have no line to {receiver}", rule="A9", remedy="choose another mediator")
            question = question_of(header, self._ground.me, receiver, date=iso(work.now)[:10])
            step3_agreement(self._ground.registry, question)

    def forward(self, work: Work, fact: Fact) -> None:
        """Pass the original on to its recipients."""
        for receiver in self._receivers(fact.header):
            work.send(receiver, fact.id, batch=fact.header.batch, forward_for=fact.header.node)

    def _receivers(self, header: Header) -> list[str]:
        """Whom the origin wants to reach through us; we may be a recipient, too."""
        envelope = header.envelope
        return [] if envelope is None else [node for node in envelope.recipients if node != self._ground.me]
