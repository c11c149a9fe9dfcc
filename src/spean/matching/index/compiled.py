"""The loops of a search, compiled where that pays and numba is at hand.

numba comes with the extra ``money``; without it, for a short list, and until they are compiled, the same functions run as they are
written, twenty to forty times slower (30–120 ms a question among 89,000 names).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from spean.matching.index import kernel_names, kernels, keys
from spean.matching.score import costs, frequency, letters
from spean.matching.score import kernels as words

Guard = Callable[[Sequence[Any], Sequence[ModuleType]], Any]
"""Told the compiled functions and the modules that are compiled into them (``ledgers.kernel_cache.only_ours``)."""

_INNER = (
    words.apart, words.slip, words.spelt, words.place_of, words.known_pair, words.words_apart, words.rarity, words.reach_of, words.comparable_kinds,
    words.eased, kernels.range_of, kernels.keys_of, kernels.sharing, kernels.closest, kernels.best_ways, kernels.near_word,
    kernels.once, kernels.rarity_here, kernel_names.add, kernel_names.run, kernel_names.by_birth, kernel_names.begins, kernel_names.look_up,
    kernel_names.assign, kernel_names.complete,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loops:
    """The functions that a search calls."""

    near: Callable[..., Any]
    runs: Callable[..., Any]
    candidates: Callable[..., Any]
    likeliest: Callable[..., Any]
    populations: Callable[..., Any]
    aligned: Callable[..., Any]


PLAIN = Loops(
    kernels.near,
    kernel_names.runs,
    kernel_names.candidates,
    kernel_names.likeliest,
    kernel_names.populations,
    kernel_names.aligned,
)


_LOADED: list[Loops] = []


def load(guard: Guard | None = None) -> None:
    """Have the loops compiled, once in a process: a second or two of work where they were kept on disk, else half a minute.

    ``guard`` decides which folders compiled code may be kept in; without one nothing is kept. Does nothing where numba is missing.
    """
    if _LOADED or find_spec("numba") is None:
        return
    import numba
    from numba.extending import intrinsic, overload, register_jitable

    @intrinsic
    def counted(_typing, value):
        return value(value), lambda _context, builder, _signature, values: builder.ctpop(values[0])

    @overload(words.ones, inline="always")
    def ones(value):  # noqa: ARG001 - numba wants the same arguments
        return lambda value: numba.int64(counted(value))  # type: ignore[call-arg]  # an intrinsic has one argument less

    for function in _INNER:
        register_jitable(function)
    made = [_made(numba, getattr(PLAIN, name), guard is not None) for name in Loops.__slots__]
    if guard is not None:
        guard(made, (words, kernels, kernel_names, keys, costs, frequency, letters))
    _LOADED.append(Loops(*made))


def _made(numba: Any, function: Callable[..., Any], kept: bool) -> Any:
    try:
        return numba.njit(nogil=True, boundscheck=False, cache=kept)(function)
    except RuntimeError:  # numba found no folder for its cache
        return numba.njit(nogil=True, boundscheck=False)(function)


def loops() -> Loops:
    """The compiled functions, as soon as they were loaded."""
    return _LOADED[0] if _LOADED else PLAIN
