"""What the compiled engines share: how a kernel is compiled, and the two searches by which one enters a segment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

Array = Any
FOREVER = 2**63 - 1
"""As the end of a trace: the end of the ledger."""


KERNELS: list[Any] = []
"""All that were made; ``ledgers.kernel_cache`` says which may come from disk."""


def compiled(function: Callable[..., Any]) -> Any:
    """Compiled at first use and kept on disk; where no folder can be written, compiled anew in each process."""
    try:
        kernel = numba.njit(cache=True, nogil=True, boundscheck=False)(function)
    except RuntimeError:  # numba found no folder for its cache
        kernel = numba.njit(nogil=True, boundscheck=False)(function)
    KERNELS.append(kernel)
    return kernel


@compiled
def place_of(keys, account):
    """Where ``account`` stands among the sorted keys, or -1."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] < account:
            low = middle + 1
        else:
            high = middle
    return low if low < len(keys) and keys[low] == account else -1


@compiled
def limit_of(times, until):
    """The place of the last moment that is not after ``until``; -1: none.

    Looks first where it would stand if time went evenly: fewer pages of a large ledger are touched than by halving.
    """
    low, high = 0, len(times)
    if until == FOREVER or high == 0 or times[high - 1] <= until:
        return high - 1
    for _ in range(4):  # always times[high] > until, and times[low - 1] <= until
        if high - low < 512:
            break
        first, last = times[low], times[high - 1]
        if until < first or last <= until:
            break
        middle = low + int((high - 1 - low) * (float(until - first) / float(last - first)))
        middle = min(max(middle, low), high - 1)
        if times[middle] <= until:
            low = middle + 1
            near = min(high - 1, low + 256)
            if times[near] > until:
                high = near
        else:
            high = middle
            near = max(low, high - 256)
            if times[near] <= until:
                low = near + 1
    while low < high:
        middle = (low + high) >> 1
        if times[middle] <= until:
            low = middle + 1
        else:
            high = middle
    return low - 1
