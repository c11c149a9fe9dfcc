"""How well a whole name in another script fits a whole Latin name: word by word, in the orders and cuts that people use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from spean.matching.names import romanise
from spean.matching.names.lattice import NEVER
from spean.matching.names.model import Script

TURNED = 1.0
"""Bits of a name whose words begin elsewhere (the family name at the other end)."""
JOINED = 1.0
"""Bits of words written as one that are several in the other name."""
MOST_WORDS = 5
"""Words of a name that are compared; names of more are compared as one word."""
LEAST = -12.0
"""Bits of a word that fits best of all."""

_word = lru_cache(maxsize=1 << 15)(romanise.misfit)


def misfit(written: Sequence[str], script: Script, latin: Sequence[str], most: float = NEVER) -> float:
    """Bits by which to rank Latin names that may be the name of these words of another script, the best one least.

    *latin* are folded words (a–z) in written order. The sum of ``romanise.misfit`` over words that stand for one another. Where it is surely
    more than *most*, ``NEVER``: of several names, ask with the best so far.
    """
    if not written or not latin:
        return NEVER
    if max(len(written), len(latin)) > MOST_WORDS:
        return _sum([("".join(written), "".join(latin))], script, most)
    best = most
    found = NEVER
    for bits, turned in _turns(tuple(latin)):
        for pairs in _pairings(tuple(written), turned):
            more = bits + (JOINED if len(written) != len(latin) else 0.0)
            total = more + _sum(pairs, script, best - more)
            if total < best:
                best = found = total
    return found


def _turns(words: tuple[str, ...]) -> Iterator[tuple[float, tuple[str, ...]]]:
    yield 0.0, words
    for at in {1, len(words) - 1} - {0, len(words)}:
        yield TURNED, words[at:] + words[:at]


def _pairings(written: tuple[str, ...], latin: tuple[str, ...]) -> Iterator[list[tuple[str, str]]]:
    """Words beside words; where one name has more, neighbours of it are one."""
    if len(written) == len(latin):
        yield list(zip(written, latin, strict=True))
        return
    longer, shorter = (written, latin) if len(written) > len(latin) else (latin, written)
    for cuts in combinations(range(1, len(longer)), len(shorter) - 1):
        edges = (0, *cuts, len(longer))
        joined = ["".join(longer[start:end]) for start, end in pairwise(edges)]
        yield list(zip(joined, latin, strict=True) if longer is written else zip(written, joined, strict=True))


def _sum(pairs: list[tuple[str, str]], script: Script, most: float) -> float:
    """The sum over pairs, or ``NEVER`` as soon as what is left cannot bring it under *most*."""
    total = 0.0
    left = len(pairs) * LEAST
    for written, latin in pairs:
        total += _word(written, script, latin)
        left -= LEAST
        if total + left >= most:
            return NEVER
    return total
