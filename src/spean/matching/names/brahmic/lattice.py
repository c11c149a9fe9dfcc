"""All ways to read a word at once, as a graph: its likeliest spellings, and how surprising a given spelling is.

A word of these scripts has several readings: a letter closes one syllable or opens the next, a vowel is not written,
a letter is silent. A parser of a script lays all of them out as a graph whose arcs name *units* (an onset, a rhyme, a
silent letter); a table says how people spell each unit, in bits (−log2 of how likely). A spelling's surprise is that
of its best path. Nothing here knows a script.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import NamedTuple

Label = tuple[int, ...]
"""A place in the word: the letter's index, then what may follow. Arcs go from smaller to greater labels."""

Options = tuple[tuple[str, float], ...]
"""Latin spellings of a unit with their bits, likeliest first."""

BEAM = 14
"""Spellings kept at each place."""

WIDTH = 5.5
"""Spellings of a unit that are this many bits less likely than its best one are not offered (they still match)."""

STRAY = 5.0
"""Bits of a Latin letter that no unit accounts for."""

UNKNOWN = 5.0
"""Bits of a unit that is spelled in a way nobody was seen to spell it, before its letters are paid as strays …"""

LOST = 3.0
"""… and for each letter of its likeliest spelling that is not there."""

SMALLER = 2.0
"""Bits of reading a larger unit, whose spellings are known, by its parts."""

NEVER = 1e9
"""Bits of what cannot be."""

SLACK = 22.0
"""Paths that are this much worse than the best one at the same place are given up."""


class Arc(NamedTuple):
    """One unit of a reading: where it leads, its spellings, the bits of reading the letters this way, and of missing it."""

    target: int
    options: Options
    bits: float
    miss: float


Graph = tuple[tuple[Arc, ...], ...]
"""Arcs by place in order; the last place is the end and has none."""


class Draft:
    """A graph while a parser draws it."""

    def __init__(self, known: Container[str]) -> None:
        self.known = known
        self.arcs: dict[Label, list[tuple[Label, str, float]]] = {}
        self.spans: list[tuple[Label, Label, str]] = []

    def add(self, source: Label, target: Label, key: str, bits: float = 0.0) -> None:
        """From ``source`` to ``target`` the letters are the unit ``key``, read so at a price of ``bits``."""
        here = self.arcs.setdefault(source, [])
        if not any(there == target and unit == key for there, unit, _ in here):
            here.append((target, key, bits))

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
        reached = {start}
        for label in sorted(self.arcs):
            if label in reached:
                reached.update(target for target, _, _ in self.arcs[label])
        useful = set(ends) & reached
        for label in sorted(self.arcs, reverse=True):
            if label in reached and any(target in useful for target, _, _ in self.arcs[label]):
                useful.add(label)
        return sorted(useful)

    def graph(self, start: Label, end: Label, options: Callable[[str], Options]) -> Graph:
        """The drawing with the spellings of its units; only places that lie on a way from ``start`` to ``end``."""
        places = self.alive(start, (end,))
        number = {label: index for index, label in enumerate(places)}
        return tuple(
            tuple(
                _arc(number[target], options(key), bits)
                for target, key, bits in self.arcs.get(label, ())
                if target in number
            )
            for label in places
        )


def _arc(target: int, options: Options, bits: float) -> Arc:
    return Arc(target, options, bits, bits + UNKNOWN + LOST * len(options[0][0]))


def spellings(graph: Graph, most: int) -> list[tuple[str, float]]:
    """The ``most`` likeliest spellings of all readings with their bits, likeliest first."""
    if not graph:
        return []
    held: list[dict[str, float]] = [{} for _ in graph]
    held[0][""] = 0.0
    for place, arcs in enumerate(graph):
        here = held[place]
        if not arcs or not here:
            continue
        best = sorted(here.items(), key=_bits)[:BEAM]
        for target, options, bits, _ in arcs:
            there = held[target]
            limit = options[0][1] + WIDTH if options else 0.0
            for latin, cost in options:
                if cost > limit:
                    break
                for text, spent in best:
                    total = spent + cost + bits
                    longer = text + latin
                    if total < there.get(longer, NEVER):
                        there[longer] = total
        held[place] = {}
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
    for place, arcs in enumerate(graph):
        here = work[place]
        if not here:
            continue
        _strays(here, size)
        if not arcs:
            continue
        limit = min(here.values()) + SLACK
        for position, spent in here.items():
            if spent > limit:
                continue
            for target, options, bits, miss in arcs:
                there = work[target]
                paid = spent + bits
                worst = spent + miss
                if worst < there.get(position, NEVER):
                    there[position] = worst
                for text, cost in options:
                    if latin.startswith(text, position):
                        total = paid + cost
                        after = position + len(text)
                        if total < there.get(after, NEVER):
                            there[after] = total
    return work[-1].get(size, NEVER)


def _strays(here: dict[int, float], size: int) -> None:
    """Let Latin letters pass that no unit accounts for."""
    position = min(here)
    while position < size:
        spent = here.get(position)
        if spent is not None and spent + STRAY < here.get(position + 1, NEVER):
            here[position + 1] = spent + STRAY
        position += 1
