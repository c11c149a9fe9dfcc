"""When the asked channel is closed, the next lawful one: another agreement of the pair, or a mediator (A1, A9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from spean.agreements.question import Question

if TYPE_CHECKING:
    from spean.agreements.model import Instrument
    from spean.agreements.registry import Registry

FIRST_MEDIATOR = "INT"
"""INTERPOL's node mediates before any other (DOMAIN A9)."""


@dataclass(frozen=True, slots=True)
class Route:
    """A lawful way: the nodes it passes in order, the instrument to name, and why it is open."""

    nodes: tuple[str, ...]
    instrument: str
    reason: str


MOST_ROUTES = 3
IN_A_REMEDY = 2


def alternatives(registry: Registry, question: Question, most: int = MOST_ROUTES) -> list[Route]:
    """The lawful ways other than the asked one, best first: direct ones, then through INT, then through others.

    Each hop is decided by the same policies as any other fact. A mediated fact stays under one instrument, to
    which both ends are party, and the mediator is named in it.
    """
    of_pair = [each for each in registry.between(question.sender, question.receiver) if _may_fit(each, question)]
    shared = sorted(of_pair, key=lambda each: each.id != question.instrument)
    every = chain(_direct(registry, question, shared), _mediated(registry, question, shared))
    return list(islice(every, most))


def in_words(routes: list[Route]) -> str:
    """The remedy that names the next lawful channels."""
    if not routes:
        return "no lawful channel is registered; ask the unit that keeps the treaties"
    return "use " + "; or ".join(f"{_way(route)} under {route.instrument}" for route in routes)


def hops(question: Question, mediator: str) -> tuple[Question, Question]:
    """The two questions of a mediated fact: to the mediator, and on from it. Who passes on keeps passing on."""
    onward = question.passed_on
    to_mediator = replace(question, receiver=mediator, via=mediator, onward=onward)
    return to_mediator, replace(question, sender=mediator, via=mediator, onward=onward)


def _may_fit(instrument: Instrument, question: Question) -> bool:
    """A quick look that spares a decision on what cannot permit it."""
    marks = question.purpose in instrument.purposes and question.data in instrument.data
    return marks and question.subject in instrument.subjects and instrument.state == "in-force"


def _direct(registry: Registry, question: Question, shared: Iterable[Instrument]) -> Iterator[Route]:
    for instrument in shared:
        asked = replace(question, instrument=instrument.id, via="")
        if asked == question:
            continue
        decision = registry.judge(asked)
        if decision.allowed:
            yield Route((question.sender, question.receiver), instrument.id, decision.reason)


def _mediated(registry: Registry, question: Question, shared: list[Instrument]) -> Iterator[Route]:
    mediators = frozenset[str]().union(*(each.mediators for each in shared)) - {question.sender, question.receiver}
    for mediator in sorted(mediators, key=lambda node: (node != FIRST_MEDIATOR, node)):
        for instrument in shared:
            if mediator not in instrument.mediators:
                continue
            first, second = hops(replace(question, instrument=instrument.id), mediator)
            answers = registry.judge(first), registry.judge(second)
            if all(answer.allowed for answer in answers):
                nodes = (question.sender, mediator, question.receiver)
                yield Route(nodes, instrument.id, f"{instrument.title} lets {mediator} carry between its parties")


def _way(route: Route) -> str:
    return f"the way through {route.nodes[1]}" if len(route.nodes) > 2 else "the direct way"
