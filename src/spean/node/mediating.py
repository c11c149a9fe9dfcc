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
from spean.node.work import Work

if TYPE_CHECKING:
    from spean.node.ground import Ground


class Mediating:
    """Forwards."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def check(self, work: Work, header: Header) -> None:
        """Whether we may carry it to each recipient; refused at step 3 when one hop is not permitted."""
        envelope = header.envelope
        if envelope is None:
            return
        for receiver in envelope.recipients:
            if not self._ground.is_peer(receiver):
                raise StepFailed(3, f"we have no line to {receiver}", rule="A9", remedy="choose another mediator")
            question = question_of(header, self._ground.me, receiver, date=iso(work.now)[:10])
            decision = self._ground.registry.decide(question)
            if not decision.allowed:
                raise StepFailed(3, decision.reason, rule=decision.rule, remedy=decision.remedy)

    def forward(self, work: Work, fact: Fact) -> None:
        """Pass the original on to its recipients."""
        envelope = fact.header.envelope
        if envelope is None:
            return
        for receiver in envelope.recipients:
            work.send(receiver, fact.id, batch=fact.header.batch, forward_for=fact.header.node)
