"""What another text of an agreement would change: which combinations would begin to pass between us and each partner, and which
would cease to (A1).

A permit is the product of an agreement's lists, less what any agreement in force prohibits; whether the channel is open at all does
not depend on the marks. So the combinations of a pair are found as sets in milliseconds, and a test holds them to what the policies
decide. TLP, handling codes, onward rule and retention are no part of a combination: ``differences`` tells them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from spean.agreements.explain import binds, explain
from spean.agreements.model import DATA, PURPOSES, SUBJECTS, Instrument
from spean.agreements.question import Question
from spean.agreements.registry import CHANNEL, Registry
from spean.agreements.routes import hops
from spean.core.marks import Purpose

Cell = tuple[str, str, str]
"""Purpose, kind of data, category of persons."""
_OPEN = CHANNEL | {"instrument", "origin"}
"""Clauses that do not look at the marks."""
Shape = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Combinations that change alike: each of ``purposes`` with each of ``data`` about each of ``subjects``."""

    partners: tuple[str, ...]
    before: str | None
    """How they pass to these partners now: None not at all, empty directly, else through this mediator."""
    after: str | None
    """How they would pass."""
    purposes: tuple[str, ...]
    data: tuple[str, ...]
    subjects: tuple[str, ...]

    @property
    def permits(self) -> bool:
        """They begin to pass, or to pass directly; else they cease to."""
        return self.before is None or self.after == ""

    @property
    def count(self) -> int:
        """How many combinations of one partner that is."""
        return len(self.purposes) * len(self.data) * len(self.subjects)


def effects(before: Registry, after: Registry, me: str, partners: Iterable[str], date: str) -> list[Effect]:
    """What changes between ``me`` and each partner as of ``date`` (ISO), newly permitted first, the largest first.

    Danger to life is not told: it passes in any case (R47).
    """
    found: dict[tuple[str | None, str | None, Shape], list[str]] = defaultdict(list)
    for partner in sorted(set(partners) - {me}):
        old, new = _ways(before, me, partner, date), _ways(after, me, partner, date)
        changed: dict[tuple[str | None, str | None], set[Cell]] = defaultdict(set)
        for cell in old.keys() | new.keys():
            if old.get(cell) != new.get(cell):
                changed[old.get(cell), new.get(cell)].add(cell)
        for (was, becomes), cells in changed.items():
            for shape in shapes(cells):
                found[was, becomes, shape].append(partner)
    lines = [
        Effect(partners=tuple(nodes), before=was, after=becomes, purposes=shape[0], data=shape[1], subjects=shape[2])
        for (was, becomes, shape), nodes in found.items()
    ]
    return sorted(lines, key=lambda line: (not line.permits, -line.count, line.partners, line.purposes, line.data))


def permitted(registry: Registry, sender: str, receiver: str, date: str, via: str = "") -> set[Cell]:
    """The combinations for which some agreement lets ``sender`` send to ``receiver``, directly or through ``via``, when the
    other marks are the mildest."""
    cells: set[Cell] = set()
    asked: tuple[Question, ...] = ()
    for instrument in registry.between(sender, receiver):
        asked = _asked(instrument, sender, receiver, date, via)
        if all(clause.holds for hop in asked for clause in explain(hop, instrument) if clause.name in _OPEN):
            cells.update(product(instrument.purposes - {Purpose.DANGER_TO_LIFE}, instrument.data, instrument.subjects))
    if cells:
        for ban in {ban for each in registry if any(binds(hop, each) for hop in asked) for ban in each.prohibitions}:
            cells.difference_update(product(ban.purposes or PURPOSES, ban.data or DATA, ban.subjects or SUBJECTS))
    return cells


def mediators(registry: Registry, one: str, other: str) -> list[str]:
    """Nodes that some agreement of the two names as mediators."""
    named = frozenset[str]().union(*(each.mediators for each in registry.between(one, other)))
    return sorted(named - {one, other})


def shapes(cells: Iterable[Cell]) -> list[Shape]:
    """The combinations as few products: kinds of data with the same persons together, then purposes with the same of those."""
    persons: dict[tuple[str, str], set[str]] = defaultdict(set)
    for purpose, data, subject in cells:
        persons[purpose, data].add(subject)
    blocks: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (purpose, data), subjects in persons.items():
        blocks[purpose, tuple(sorted(subjects))].append(data)
    merged: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for (purpose, subjects_), kinds in blocks.items():
        merged[tuple(sorted(kinds)), subjects_].append(purpose)
    return [(tuple(sorted(purposes)), kinds_, subjects_) for (kinds_, subjects_), purposes in merged.items()]


def _ways(registry: Registry, me: str, partner: str, date: str) -> dict[Cell, str]:
    """How each combination that passes does: directly (empty), else through the first mediator that may carry it.

    A mediator carries under the same permit, so it opens nothing new unless the pair itself is suspended.
    """
    found = dict.fromkeys(permitted(registry, me, partner, date), "")
    rests = any(each.suspension_of(me, partner) for each in registry.between(me, partner))
    for mediator in mediators(registry, me, partner) if rests else ():
        for cell in permitted(registry, me, partner, date, mediator):
            found.setdefault(cell, mediator)
    return found


def _asked(instrument: Instrument, sender: str, receiver: str, date: str, via: str) -> tuple[Question, ...]:
    question = Question(
        sender=sender, receiver=receiver, origin=sender, instrument=instrument.id, purpose=_first(instrument.purposes),
        data=_first(instrument.data), subject=_first(instrument.subjects), tlp="CLEAR", handling=_first(instrument.handling),
        procedure="", kind="", date=date,
    )  # fmt: skip
    return hops(replace(question, via=via), via) if via else (question,)


def _first(values: Sequence[str] | frozenset[str]) -> str:
    return min(values)
