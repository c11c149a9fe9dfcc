"""From a key to the places that have it: two sorted arrays, made anew when enough was added."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Starts = NDArray[np.int32]


class Postings:
    """A number to many places."""

    def __init__(self, numbers: NDArray[Any], places: NDArray[np.int32]) -> None:
        order = np.argsort(numbers, kind="stable")
        self.numbers, first = np.unique(numbers[order], return_index=True)
        self.places = places[order]
        self.starts = np.append(first, len(places)).astype(np.int32)

    def ranges(self, numbers: NDArray[Any]) -> tuple[Starts, Starts]:
        """Where the list of each number begins and ends; an empty one for what is not there."""
        if not len(self.numbers):
            nothing = np.zeros(len(numbers), np.int32)
            return nothing, nothing
        at = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        begin = self.starts[at]
        return begin, np.where(self.numbers[at] == numbers, self.starts[at + 1], begin)

    def within(self, begin: Starts, end: Starts, most: int) -> NDArray[np.int32]:
        """The places of these ranges, at most ``most``."""
        if len(begin) == 1:
            return self.places[int(begin[0]) : min(int(end[0]), int(begin[0]) + most)]
        sizes = end - begin
        ends = np.cumsum(sizes)
        total = min(int(ends[-1]), most) if len(ends) else 0
        return self.places[np.repeat(begin - (ends - sizes), sizes)[:total] + np.arange(total, dtype=np.int32)]

    def get(self, numbers: NDArray[Any], most: int = 1 << 30) -> NDArray[np.int32]:
        """The places of all these numbers, at most ``most``; what two of them have stands twice."""
        return self.within(*self.ranges(numbers), most)
