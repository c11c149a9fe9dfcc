"""What is said of a thing, value by value, and by whom (R29); and what that folds to for a reader.

A statement is never changed. It may be withdrawn; then it stays as history and counts no more. A view is derived from statements each time it
is asked for, so what is withdrawn or erased leaves nothing behind.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spean.entities.kinds import Kind
from spean.entities.values.dates import consistent


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One value of one property. ``value`` is the clean form, ``given`` as it was written; ``since`` and ``until`` are ISO dates with
    precision, empty when not known; ``said_at`` is in ms."""

    id: str
    """The fact and the place in it: ``<fact>:3``."""
    entity: str
    property: str
    value: str
    given: str
    node: str
    unit: str
    by: str
    """Who wrote it down, by name; empty once erased."""
    origin: str
    """Where that person has it from: a passport that was shown, a bank, a file."""
    source: str
    grade: int
    nature: str
    said_at: int
    since: str = ""
    until: str = ""
    withdrawn: str = ""
    """The fact that withdrew it."""

    @builtins.property
    def counts(self) -> bool:
        """Whether it stands."""
        return not self.withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueView:
    """One value with all that is said for it, the best source first. It stands while one statement for it stands."""

    value: str
    statements: tuple[Statement, ...]

    @property
    def counts(self) -> bool:
        return any(each.counts for each in self.statements)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyView:
    """A property with its values, those that count first. ``contradicts``: only one of the values that count can be true."""

    name: str
    values: tuple[ValueView, ...]
    contradicts: bool

    @property
    def standing(self) -> tuple[str, ...]:
        """The values that count."""
        return tuple(each.value for each in self.values if each.counts)


def fold(kind: Kind, statements: Iterable[Statement]) -> tuple[PropertyView, ...]:
    """What is said of one thing, in the order of its kind's properties; independent of the order of the statements."""
    found: dict[str, dict[str, list[Statement]]] = {}
    for each in statements:
        if each.property in kind.properties:
            found.setdefault(each.property, {}).setdefault(each.value, []).append(each)
    return tuple(_property(kind, name, found[name]) for name in kind.properties if name in found)


def _property(kind: Kind, name: str, values: dict[str, list[Statement]]) -> PropertyView:
    views = [ValueView(value=value, statements=tuple(sorted(said, key=_rank))) for value, said in values.items()]
    views.sort(key=lambda view: (not view.counts, *_rank(view.statements[0]), view.value))
    standing = [view.value for view in views if view.counts]
    declared = kind.property(name)
    return PropertyView(
        name=name, values=tuple(views), contradicts=not declared.many and _contradict(declared.type, standing)
    )


def _rank(each: Statement) -> tuple[bool, bool, str, int, int, str]:
    """What stands, facts, the better source and the better information first; then what was said first."""
    return (not each.counts, each.nature != "fact", each.source, each.grade, each.said_at, each.id)


def _contradict(type: str, values: Sequence[str]) -> bool:
    if type == "date":
        return any(not consistent(one, other) for at, one in enumerate(values) for other in values[at + 1 :])
    return len(values) > 1


def caption(kind: Kind, views: Iterable[PropertyView]) -> str:
    """By which words people call it: a name, else its first value; empty when nothing stands."""
    standing = {view.name: view.standing for view in views}
    for name in (*kind.named_by, *kind.properties):
        if standing.get(name):
            return standing[name][0]
    return ""
