"""A layered layout for small directed graphs: who stands in which row, in which order, and where.

Rows by the longest path; long edges pass through empty places in the rows between; the order within rows is improved
by sweeps of barycentres, keeping the order with the fewest crossings; places are then found row by row as the
least-squares fit to the neighbours that keeps the order and the gaps (pool adjacent violators). Deterministic.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

GAP = 26.0
_SWEEPS = 16
_ROUNDS = 24


@dataclass
class Place:
    """A box, or the empty place of a passing edge (``name`` is then empty). ``x`` is its middle."""

    name: str
    width: float
    height: float
    row: int = 0
    x: float = 0.0
    y: float = 0.0
    above: list[Place] = field(default_factory=list, repr=False)
    below: list[Place] = field(default_factory=list, repr=False)

    @property
    def gap(self) -> float:
        """The room to keep beside it."""
        return GAP if self.name else GAP * 0.6


@dataclass
class Drawing:
    """The finished layout: places by name, the way of each edge from top to bottom, and the size."""

    places: dict[str, Place]
    ways: dict[tuple[str, str], list[Place]]
    rows: list[list[Place]]
    width: float = 0.0
    height: float = 0.0


def arrange(boxes: Sequence[tuple[str, float, float]], edges: Sequence[tuple[str, str]], row_gap: float) -> Drawing:
    """Lay out ``boxes`` (name, width, height) with ``edges`` (upper, lower), which must have no cycle."""
    places = {name: Place(name, width, height) for name, width, height in boxes}
    _assign_rows(places, edges)
    drawing = Drawing(places, {}, [[] for _ in range(1 + max(place.row for place in places.values()))])
    for name, _, _ in boxes:
        drawing.rows[places[name].row].append(places[name])
    for upper, lower in edges:
        drawing.ways[upper, lower] = _connect(drawing, places[upper], places[lower])
    _order(drawing.rows)
    _place_across(drawing.rows)
    _place_down(drawing, row_gap)
    return drawing


def _assign_rows(places: dict[str, Place], edges: Sequence[tuple[str, str]]) -> None:
    for _ in places:
        changed = False
        for upper, lower in edges:
            if places[lower].row < places[upper].row + 1:
                places[lower].row = places[upper].row + 1
                changed = True
        if not changed:
            break
    else:
        raise ValueError("the graph has a cycle")
    for name, place in places.items():  # an end or a label hangs close to what it belongs to
        lowers = [places[lower].row for upper, lower in edges if upper == name]
        if lowers and not any(lower == name for _, lower in edges):
            place.row = min(lowers) - 1


def _connect(drawing: Drawing, upper: Place, lower: Place) -> list[Place]:
    way = [upper]
    for row in range(upper.row + 1, lower.row):
        passing = Place("", 4.0, 0.0, row)
        drawing.rows[row].append(passing)
        way.append(passing)
    way.append(lower)
    for above, below in itertools.pairwise(way):
        above.below.append(below)
        below.above.append(above)
    return way


def _order(rows: list[list[Place]]) -> None:
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for row in rows[1:] if down else rows[-2::-1]:
            _sort_by_neighbours(rows, row, down)
        crossings = _crossings(rows)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    for row, order in zip(rows, best, strict=True):
        row[:] = order
    _swap_neighbours(rows)


def _sort_by_neighbours(rows: list[list[Place]], row: list[Place], down: bool) -> None:
    number = {id(place): index for each in rows for index, place in enumerate(each)}

    def middle(place: Place) -> float:
        near = place.above if down else place.below
        return sum(number[id(other)] for other in near) / len(near) if near else float(number[id(place)])

    row.sort(key=middle)


def _swap_neighbours(rows: list[list[Place]]) -> None:
    """Exchange neighbours as long as that removes crossings."""
    fewest = _crossings(rows)
    for row in rows * 3:
        for index in range(len(row) - 1):
            row[index], row[index + 1] = row[index + 1], row[index]
            crossings = _crossings(rows)
            if crossings < fewest:
                fewest = crossings
            else:
                row[index], row[index + 1] = row[index + 1], row[index]


def _crossings(rows: list[list[Place]]) -> int:
    total = 0
    for upper, lower in itertools.pairwise(rows):
        number = {id(place): index for index, place in enumerate(lower)}
        ends = [number[id(below)] for place in upper for below in sorted(place.below, key=lambda p: number[id(p)])]
        starts = [index for index, place in enumerate(upper) for _ in place.below]
        total += sum(
            1
            for first in range(len(ends))
            for second in range(first + 1, len(ends))
            if starts[first] < starts[second] and ends[first] > ends[second]
        )
    return total


def _place_across(rows: list[list[Place]]) -> None:
    for row in rows:
        x = 0.0
        for place in row:
            place.x = x + place.width / 2
            x += place.width + place.gap
    for turn in range(_ROUNDS):
        for row in rows if turn % 2 == 0 else rows[::-1]:
            wanted = [_wish(place) for place in row]
            for place, x in zip(row, _fit(row, wanted), strict=True):
                place.x = x


def _wish(place: Place) -> float:
    near = [*place.above, *place.below]
    if not near:
        return place.x
    weights = [4.0 if not place.name and not other.name else 1.0 for other in near]
    return sum(other.x * weight for other, weight in zip(near, weights, strict=True)) / sum(weights)


def _fit(row: Sequence[Place], wanted: Sequence[float]) -> list[float]:
    """The places nearest to the wishes (least squares) that keep order and gaps."""
    offsets, offset = [], 0.0
    for index, place in enumerate(row):
        if index > 0:
            before = row[index - 1]
            offset += (before.width + place.width) / 2 + max(before.gap, place.gap)
        offsets.append(offset)
    blocks: list[tuple[float, int]] = []
    for wish, shift in zip(wanted, offsets, strict=True):
        mean, count = wish - shift, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        blocks.append((mean, count))
    bases = [mean for mean, count in blocks for _ in range(count)]
    return [base + shift for base, shift in zip(bases, offsets, strict=True)]


def _place_down(drawing: Drawing, row_gap: float) -> None:
    y = 0.0
    for row in drawing.rows:
        tallest = max(place.height for place in row)
        for place in row:
            place.y = y + tallest / 2
            if not place.name:  # an edge passes a row straight and turns between rows, so it crosses no box
                place.height = tallest
        y += tallest + row_gap
    everything = [place for row in drawing.rows for place in row]
    left = min(place.x - place.width / 2 for place in everything)
    for place in everything:
        place.x -= left
    drawing.width = max(place.x + place.width / 2 for place in everything)
    drawing.height = y - row_gap
