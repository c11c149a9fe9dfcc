"""A trace that changes currency: a conversion is a payment with two amounts, at the rate that the bank stated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from spean.core.errors import InvalidInput


def shares(parts: Sequence[int], total: int) -> list[int]:
    """Divide ``total`` in proportion to ``parts`` (whole numbers from 0) by largest remainder; the sum is exact.

    Equal remainders: the earlier part first. Raises ``InvalidInput`` when there is nothing to be in proportion to.
    """
    whole = sum(parts)
    if min(parts, default=0) < 0 or total < 0 or (whole == 0 and total > 0):
        raise InvalidInput("parts", "nothing to divide in proportion to", remedy="parts from 0, one of them more")
    if whole == 0:
        return [0] * len(parts)
    given = [part * total // whole for part in parts]
    order = sorted(range(len(parts)), key=lambda at: (-(parts[at] * total % whole), at))
    for at in order[: total - sum(given)]:
        given[at] += 1
    return given


def across(slices: Iterable[tuple[int, int]], paid: int, received: int) -> list[tuple[int, int]]:
    """Slices of a payment of ``paid``, as slices of the ``received`` that it became in the other currency.

    The payment is cut at every end of a slice, and what lies between is divided by largest remainder: slices that
    touched still touch, and the whole becomes the whole.
    """
    several = list(slices)
    if any(not 0 <= start <= end <= paid for start, end in several):
        raise InvalidInput("slices", "a slice lies outside its payment", remedy="0 to the amount paid")
    cuts = sorted({0, paid, *(place for each in several for place in each)})
    new, reached = {0: 0}, 0
    for (_, end), share in zip(pairwise(cuts), shares([b - a for a, b in pairwise(cuts)], received), strict=True):
        reached += share
        new[end] = reached
    return [(new[start], new[end]) for start, end in several]
