"""From a key to the places that have it: two sorted arrays, made anew when enough was added."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Postings:
    """A number to many places. ``get`` gives the places of several numbers, some of them twice."""

    def __init__(self, numbers: NDArray[Any], places: NDArray[np.int32]) -> None:
        order = np.argsort(numbers, kind="stable")
        self.numbers, first = np.unique(numbers[order], return_index=True)
        self.places = places[order]
        self.starts = np.append(first, len(places)).astype(np.int32)

    def find(self, numbers: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """Which of ``numbers`` are there, as places in it, and where their lists begin and end (rows of two)."""
        at = np.searchsorted(self.numbers, numbers)
        here = np.flatnonzero(at < len(self.numbers))
        here = here[self.numbers[at[here]] == numbers[here]]
        return here, np.stack([self.starts[at[here]], self.starts[at[here] + 1]], axis=1)

    def counts(self, numbers: NDArray[Any]) -> NDArray[np.int64]:
        """How many places each number has."""
        found = np.zeros(len(numbers), np.int64)
        here, ranges = self.find(numbers)
        found[here] = ranges[:, 1] - ranges[:, 0]
        return found

    def get(self, numbers: NDArray[Any], most: int = 1 << 30) -> NDArray[np.int32]:
        """The places of all these numbers, at most ``most``."""
        _, ranges = self.find(numbers)
        if not len(ranges):
            return np.zeros(0, np.int32)
        if len(ranges) == 1:
            return self.places[ranges[0, 0] : min(ranges[0, 1], ranges[0, 0] + most)]
        sizes = ranges[:, 1] - ranges[:, 0]
        ends = np.cumsum(sizes)
        total = min(int(ends[-1]), most)
        at = np.repeat(ranges[:, 0] - (ends - sizes), sizes)[:total] + np.arange(total, dtype=np.int32)
        return self.places[at]

    def each(self, numbers: NDArray[Any], most: int) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """The places of all these numbers, at most ``most``, and beside each which of ``numbers`` has it."""
        here, ranges = self.find(numbers)
        sizes = ranges[:, 1] - ranges[:, 0]
        ends = np.cumsum(sizes)
        total = min(int(ends[-1]), most) if len(ends) else 0
        at = np.repeat(ranges[:, 0] - (ends - sizes), sizes)[:total] + np.arange(total, dtype=np.int32)
        return np.repeat(here, sizes)[:total], self.places[at]
