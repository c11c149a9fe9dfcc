"""All ways to read a word at once, as a graph: its likeliest spellings, and how surprising a given spelling is.

A word has several readings: a letter closes one syllable or opens the next, a vowel is not written, a letter is silent, a
name is Korean or foreign. A parser of a script lays all of them out as a graph whose arcs name *units* (an onset, a rhyme,
a silent letter); a table says how people spell each unit, in bits (−log2 of how likely). A spelling's surprise is that of
its best path. Nothing here knows a script.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from typing import NamedTuple

Label = tuple[int, ...]
"""A place in the word: the letter's index, then what may follow. Arcs go from smaller to greater labels."""

Options = tuple[tuple[str, float], ...]
"""Latin spellings of a unit with their bits, likeliest first."""

BEAM = 12
"""Spellings kept at each place."""

FURTHER = 8.0
"""Bits by which a spelling may be worse than the best one at the same place."""

OFFERED = 6
"""Spellings of one unit that readings are made of."""

WIDTH = 4.5
"""Spellings of a unit that are this many bits less likely than its best one are not offered (they still match)."""

STRAY = 4.5
"""Bits of a Latin letter that no unit accounts for."""

UNKNOWN = 6.0
"""Bits of a unit that is spelled in a way nobody was seen to spell it, before its letters are paid as strays …"""

LOST = 4.0
"""… and for each letter of its likeliest spelling that is not there."""

SMALLER = 2.0
"""Bits of reading a larger unit, whose spellings are known, by its parts."""

SPELLED = 80
"""Letters of a Latin spelling that are compared; each one more is paid as a letter that no unit accounts for."""

NEVER = 1e9
"""Bits of what cannot be."""

SLACK = 12.0
"""Paths that are this much worse than the best one at the same place are given up."""


class Unit(NamedTuple):
    """How a unit is spelled: every spelling with its bits, how long they are, those that readings are made of; bits of missing it."""

    spelled: dict[str, float]
    lengths: tuple[int, ...]
    likely: Options
    miss: float


class Arc(NamedTuple):
    """One unit of a reading: where it leads, the unit, and the bits of reading the letters this way."""

    target: int
    unit: Unit
    bits: float


def unit(options: Options, price: float = 0.0) -> Unit:
    """A unit from its spellings, likeliest first, and the bits of reading letters as this unit at all."""
    priced = tuple((latin, bits + price) for latin, bits in options) if price else options
    limit = priced[0][1] + WIDTH
    likely = tuple((latin, bits) for latin, bits in priced[:OFFERED] if bits <= limit)
    lengths = tuple(sorted({len(latin) for latin, _ in priced}))
    return Unit(dict(reversed(priced)), lengths, likely, price + UNKNOWN + LOST * len(priced[0][0]))


Graph = tuple[tuple[Arc, ...], ...]
"""Arcs by place in order; the last place is the end and has none."""


Run = tuple[int, Iterable[tuple[int, int, Unit]], float]
"""One way to read a word: its last step (the first is 0), units from step to step, and the bits of reading it this way."""


def row(units: Sequence[Unit], bits: float = 0.0) -> Run:
    """A way that takes one unit after the other."""
    return len(units), [(at, at + 1, each) for at, each in enumerate(units)], bits


def beside(runs: Iterable[Run]) -> Graph:
    """One graph of several ways to read a word, each of at least one step."""
    kept = list(runs)
    end = 1 + sum(last - 1 for last, _, _ in kept)
    arcs: list[list[Arc]] = [[] for _ in range(end + 1)]
    ahead = 0
    for last, steps, bits in kept:
        number = [0, *range(ahead + 1, ahead + last), end]
        for source, target, each in steps:
            arcs[number[source]].append(Arc(number[target], each, bits if source == 0 else 0.0))
        ahead += last - 1
    return tuple(map(tuple, arcs)) if kept else ()


class Draft:
    """A graph while a parser draws it."""

    def __init__(self, known: Container[str]) -> None:
        self.known = known
        self.arcs: dict[Label, list[tuple[Label, str, float]]] = {}
        self.spans: list[tuple[Label, Label, str]] = []
        self._seen: set[tuple[Label, Label, str]] = set()

    def add(self, source: Label, target: Label, key: str, bits: float = 0.0) -> None:
        """From ``source`` to ``target`` the letters are the unit ``key``, read so at a price of ``bits``."""
        arc = (source, target, key)
        if arc not in self._seen:
            self._seen.add(arc)
            self.arcs.setdefault(source, []).append((target, key, bits))

    def whole(self, source: Label, target: Label, key: str, bits: float = 0.0) -> float:
        """Take the larger unit ``key`` where it is known, and say the price of reading its parts instead.

        Where it is not known, remember where it would go (learning reads that).
        """
        if key in self.known:
            self.add(source, target, key, bits)
            return SMALLER
        self.spans.append((source, target, key))
        return 0.0

    def alive(self, start: Label, ends: Iterable[Label]) -> list[Label]:
        """The places between ``start`` and one of ``ends``, in order."""
        reached, order = {start}, sorted(self.arcs)
        for label in order:
            if label in reached:
                reached.update([target for target, _, _ in self.arcs[label]])
        useful = set(ends) & reached
        for label in reversed(order):
            if label in reached:
                for target, _, _ in self.arcs[label]:
                    if target in useful:
                        useful.add(label)
                        break
        return sorted(useful)

    def graph(self, start: Label, end: Label, unit_of: Callable[[str], Unit]) -> Graph:
        """The drawing with its units; only places that lie on a way from ``start`` to ``end``."""
        places = self.alive(start, (end,))
        number = {label: index for index, label in enumerate(places)}
        return tuple(
            tuple(
                [
                    Arc(number[target], unit_of(key), bits)
                    for target, key, bits in self.arcs.get(label, ())
                    if target in number
                ]
            )
            for label in places
        )


def spellings(graph: Graph, most: int) -> list[tuple[str, float]]:
    """The ``most`` likeliest spellings of all readings with their bits, likeliest first."""
    if not graph:
        return []
    held: list[dict[str, float]] = [{} for _ in graph]
    held[0][""] = 0.0
    for here, arcs in zip(held, graph, strict=True):
        if not here or not arcs:
            continue
        best = sorted(here.items(), key=_bits)[:BEAM] if len(here) > 1 else list(here.items())
        while best[-1][1] > best[0][1] + FURTHER:
            best.pop()
        for target, spelled, bits in arcs:
            there = held[target]
            known = there.get
            for latin, cost in spelled.likely:
                cost += bits
                for text, spent in best:
                    longer = text + latin
                    total = spent + cost
                    if total < known(longer, NEVER):
                        there[longer] = total
    return sorted(held[-1].items(), key=_bits)[:most]


def _bits(item: tuple[str, float]) -> float:
    return item[1]


def surprise(graph: Graph, latin: str) -> float:
    """Bits of writing the word as ``latin`` (a–z), by the best reading; letters that do not fit cost ``STRAY`` each."""
    if not graph:
        return NEVER
    size = len(latin)
    work: list[dict[int, float]] = [{} for _ in graph]
    work[0][0] = 0.0
    for here, arcs in zip(work, graph, strict=True):
        if not here:
            continue
        _strays(here, size)
        limit = min(here.values()) + SLACK
        alive = [row for row in here.items() if row[1] <= limit]
        for target, (spelled, lengths, _, miss), bits in arcs:
            there = work[target]
            known, cost_of = there.get, spelled.get
            for position, spent in alive:
                paid = spent + bits
                if paid + miss < known(position, NEVER):
                    there[position] = paid + miss
                for length in lengths:
                    after = position + length
                    if after > size:
                        break
                    cost = cost_of(latin[position:after])
                    if cost is not None and paid + cost < known(after, NEVER):
                        there[after] = paid + cost
    return work[-1].get(size, NEVER)


def _strays(here: dict[int, float], size: int) -> None:
    """Let Latin letters pass that no unit accounts for."""
    position = min(here)
    while position < size:
        spent = here.get(position)
        if spent is not None and spent + STRAY < here.get(position + 1, NEVER):
            here[position + 1] = spent + STRAY
        position += 1
