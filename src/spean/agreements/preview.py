"""Who would receive this, and why; who not, and why not; shown before anything is sent (D3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from spean.agreements.explain import Clause
from spean.agreements.question import Question
from spean.agreements.registry import Registry


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What would happen for one receiver, with every clause that was weighed."""

    node: str
    allowed: bool
    instrument: str
    rule: str
    reason: str
    remedy: str
    clauses: tuple[Clause, ...]


def preview(registry: Registry, template: Question, receivers: Iterable[str]) -> list[PreviewLine]:
    """One line per receiver, in the order given; ``template`` is asked for each of them."""
    return [_line(registry, replace(template, receiver=receiver)) for receiver in receivers]


def _line(registry: Registry, question: Question) -> PreviewLine:
    decision = registry.decide(question)
    return PreviewLine(
        node=question.receiver,
        allowed=decision.allowed,
        instrument=decision.instrument,
        rule=decision.rule,
        reason=decision.reason,
        remedy=decision.remedy,
        clauses=tuple(clause for _, clause in registry.clauses(question)),
    )
