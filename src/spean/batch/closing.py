"""Pairs that follow from others: if A is B and B is C, then A is C, as surely as the weakest of the two.

Rows are joined from the surest pair downward (single linkage); two groups join with the weight of the pair that joins them,
and that is the weight of every pair between them, however little the two have in common themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MOST_MEMBERS = 200
"""Of one group; more would be a chain of accidents, not one person."""


def implied(edges: Iterable[tuple[int, int, float]], least: float) -> Iterator[tuple[int, int, float]]:
    """Every pair within a group, once, with the weight by which its two sides came together; ``least`` or more.

    ``edges`` are sorted, surest first. A pair that is an edge itself comes too, with the weight of the surest way between the two.
    """
    group: dict[int, list[int]] = {}
    for one, other, weight in edges:
        if weight < least:
            return
        left, right = group.setdefault(one, [one]), group.setdefault(other, [other])
        if left is right or len(left) + len(right) > MOST_MEMBERS:
            continue
        for a in left:
            for b in right:
                yield (a, b, weight) if a < b else (b, a, weight)
        if len(left) < len(right):
            left, right = right, left
        left.extend(right)
        for each in right:
            group[each] = left
