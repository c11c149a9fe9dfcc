"""The same one? What people judged of pairs of things, and what follows from it: clusters, contradictions, and the way back.

Nothing is stored merged. A cluster is what can be reached over the positive judgements that stand; whoever withdraws one gets exactly the
clusters that there were without it (un-merge). A negative judgement keeps two clusters apart. If both stand, by two nodes or two
desks at once, the whole cluster counts as not joined until a person withdraws one: no number rests on a contradiction.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["positive", "negative", "unsure"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one person judged of two things. ``id`` names it; ``one`` and ``other`` are the things."""

    id: str
    one: str
    other: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Chain:
    """A negative judgement and the positive ones that contradict it, in their order from ``one`` to ``other``."""

    negative: str
    one: str
    other: str
    through: tuple[str, ...]


class Judgements:
    """The judgements that stand. Every question looks only at the cluster that it is about."""

    def __init__(self, standing: Iterable[Judgement] = ()) -> None:
        self._all: dict[str, Judgement] = {}
        self._joined: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """Thing → judgement → the other thing, of positive ones."""
        self._parted: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for each in standing:
            self.add(each)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Judgement]:
        return iter(self._all.values())

    def add(self, judgement: Judgement) -> None:
        """It stands from now on; known by its id, so adding it again changes nothing."""
        self._all[judgement.id] = judgement
        edges = self._edges(judgement)
        if edges is not None and judgement.one != judgement.other:
            edges[judgement.one][judgement.id] = judgement.other
            edges[judgement.other][judgement.id] = judgement.one

    def withdraw(self, id: str) -> None:
        """It stands no longer; one that is not known is none."""
        judgement = self._all.pop(id, None)
        if judgement is None:
            return
        edges = self._edges(judgement)
        if edges is not None:
            for thing in (judgement.one, judgement.other):
                edges[thing].pop(id, None)
                if not edges[thing]:
                    del edges[thing]

    def _edges(self, judgement: Judgement) -> defaultdict[str, dict[str, str]] | None:
        return {"positive": self._joined, "negative": self._parted}.get(judgement.verdict)

    def reached(self, thing: str) -> frozenset[str]:
        """Everything that positive judgements lead to, itself included."""
        found, open_ = {thing}, [thing]
        while open_:
            for other in self._joined.get(open_.pop(), {}).values():
                if other not in found:
                    found.add(other)
                    open_.append(other)
        return frozenset(found)

    def contradictions(self, thing: str) -> tuple[Chain, ...]:
        """Every negative judgement between two members of its cluster, with a shortest chain that joins them."""
        members = self.reached(thing)
        found = {
            id: (one, other)
            for one in members
            for id, other in self._parted.get(one, {}).items()
            if other in members and one <= other
        }
        return tuple(Chain(id, *pair, self.path(*pair)) for id, pair in sorted(found.items()))

    def cluster(self, thing: str) -> frozenset[str]:
        """Who is the same as ``thing``, itself included. With a contradiction among them it stands alone."""
        return frozenset({thing}) if self.contradictions(thing) else self.reached(thing)

    def path(self, one: str, other: str) -> tuple[str, ...]:
        """A shortest chain of positive judgements from one to the other; of equally short ones the first by name. Empty: there is none."""
        came: dict[str, tuple[str, str]] = {one: ("", "")}
        open_ = deque([one])
        while open_ and other not in came:
            here = open_.popleft()
            for id, there in sorted(self._joined.get(here, {}).items()):
                if there not in came:
                    came[there] = (here, id)
                    open_.append(there)
        found: list[str] = []
        while other in came and other != one:
            other, id = came[other]
            found.append(id)
        return tuple(reversed(found))

    def against(self, one: str, other: str, verdict: Verdict) -> tuple[str, ...]:
        """The judgements that a new one would contradict, as a chain from one to the other; empty when it may be made."""
        if verdict == "negative":
            return self.path(one, other) if other in self.reached(one) else ()
        if verdict == "positive":
            return self._parting(one, other)
        return ()

    def _parting(self, one: str, other: str) -> tuple[str, ...]:
        here, there = self.reached(one), self.reached(other)
        for near in sorted(here):
            for id, far in sorted(self._parted.get(near, {}).items()):
                if far in there:
                    return (*self.path(one, near), id, *self.path(far, other))
        return ()
