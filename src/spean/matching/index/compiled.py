"""The loops of a search, compiled where that pays and numba is at hand.

numba comes with the extra ``money``; without it, or for a short list, the same functions run as they are written. What it compiled
may be kept on disk only if the caller says so (``cache``): the node does, after looking at who may write there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from spean.matching.index import kernel_names, kernels
from spean.matching.score import kernels as words

_INNER = (
    words.apart, words.slip, words.spelt, words.known_pair, words.words_apart, words.rarity, words.reach_of, words.comparable_kinds, kernels.range_of, kernels.keys_of, kernels.sharing, kernels.closest, kernels.best_ways, kernels.near_word,
    kernels.once, kernel_names.add, kernel_names.begins, kernel_names.look_up, kernel_names.assign, kernel_names.complete,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loops:
    """The functions that a search calls."""

    near: Callable[..., Any]
    candidates: Callable[..., Any]
    likeliest: Callable[..., Any]
    populations: Callable[..., Any]
    aligned: Callable[..., Any]


PLAIN = Loops(
    kernels.near,
    kernel_names.candidates,
    kernel_names.likeliest,
    kernel_names.populations,
    kernel_names.aligned,
)


def available() -> bool:
    """Whether loops can be compiled here."""
    return find_spec("numba") is not None


@cache
def compiled() -> Loops:
    """The functions compiled; as they are written where numba is missing."""
    if not available():
        return PLAIN
    import numba
    from numba.extending import intrinsic, overload, register_jitable

    @intrinsic
    def popcount(_typing, value):
        def counted(_context, builder, _signature, args):
            return builder.ctpop(args[0])

        return value(value), counted

    @overload(words.ones, inline="always")
    def _ones(value):
        return lambda value: numba.int64(popcount(value))

    for function in _INNER:
        register_jitable(function)
    each = (getattr(PLAIN, name) for name in Loops.__slots__)
    return Loops(*(numba.njit(nogil=True, boundscheck=False)(function) for function in each))
