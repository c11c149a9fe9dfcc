"""What it costs to read one word as another: weighted edit distance of thousands of word pairs at once, in bits.

A cost is −log2 of how likely people write a sound so, beside writing it as it is. The costs between Latin spellings are learnt
(``scripts/learn_spellings.py``) and lie in ``data/spellings.csv``, one table a population; what is rarer than a slip of the hand costs as
much as a slip. Between two words of one other script every letter counts, a vowel sign as much as a consonant.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from spean.matching.score.letters import CODES, WIDTH

UNIT = 16
"""Costs are kept in sixteenths of a bit."""
FAR = 60.0
"""Bits of two words that have nothing to do with one another."""
SLIP_SUB, SLIP_GAP = 10.0, 9.0
"""Bits of a slip of the hand: another letter; one too many or too few."""
SWAPPED = 7.0
"""Bits of two neighbouring letters written in the wrong order."""
SLIP_FROM = 7.5
"""Bits from which it is worth asking whether a word is only one slip away."""
LATIN, STRICT, NATIVE, TONED, ALPHABET = range(5)
"""Tables that are always there: Latin spellings of anyone; of people whose spelling is official; letters of another script, where another
vowel sign is another name; the same where a tone mark is often left out (Thai, Lao); alphabets, where words are mistyped as in Latin."""
_OFFICIAL = ("zh", "vi")
"""Whose spellings are official: what differs is another name, or a slip. Other systems of spelling come as readings."""
_NEVER = 1500
_LETTER_SUB, _LETTER_GAP = 11.0, 10.0
_OTHER_NAME = 45.0
_TONES, _TONE_LEFT_OUT = range(0x48, 0x4C), 4.0

_PLAIN = {
    "native": (_OTHER_NAME, _OTHER_NAME), "toned": (_OTHER_NAME, _OTHER_NAME), "alphabet": (_LETTER_SUB, _LETTER_GAP),
}  # fmt: skip

Codes = NDArray[np.uint8]


@lru_cache(maxsize=1)
def tables() -> tuple[dict[str, int], NDArray[np.int16], NDArray[np.int16]]:
    """Number of each population's table, substitutions (flat, a table after the other) and gaps."""
    learnt: dict[str, list[tuple[int, int, float]]] = {}
    text = resources.files(__package__).joinpath("data", "spellings.csv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        population, one, other, bits = line.split(",")
        learnt.setdefault(population, []).append((CODES[one], CODES[other], float(bits)))
    numbers = {"latin": LATIN, "strict": STRICT, "native": NATIVE, "toned": TONED, "alphabet": ALPHABET}
    numbers |= {name: at for at, name in enumerate(sorted(learnt.keys() - numbers.keys()), start=len(numbers))}
    subs = np.empty((len(numbers), WIDTH, WIDTH), np.int16)
    gaps = np.empty((len(numbers), WIDTH), np.int16)
    for name, at in numbers.items():
        subs[at], gaps[at] = _table(learnt.get(name, []), *_PLAIN.get(name, (SLIP_SUB, SLIP_GAP)))
    gaps[TONED, list(_TONES)] = round(_TONE_LEFT_OUT * UNIT)
    names = sorted(learnt.keys() - {"latin"})
    foreign = len(numbers)
    numbers |= {f"read-{name}": foreign + at for at, name in enumerate(names)}
    subs = np.concatenate([subs, [np.minimum(subs[numbers[name]], subs[LATIN]) for name in names]])
    gaps = np.concatenate([gaps, [np.minimum(gaps[numbers[name]], gaps[LATIN]) for name in names]])
    return numbers, subs.ravel(), gaps.ravel()


def _table(
    learnt: list[tuple[int, int, float]], change: float, missing: float
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Both ways cost the same: the mean, so that a score does not depend on whose name stands first."""
    sub = np.full((WIDTH, WIDTH), change)
    gap = np.full(WIDTH, missing)
    lost, added = gap.copy(), gap.copy()
    for one, other, bits in learnt:
        if one and other:
            sub[one, other] = bits
        elif one:
            lost[one] = bits
        else:
            added[other] = bits
    sub, gap = (sub + sub.T) / 2, (lost + added) / 2
    np.fill_diagonal(sub, 0)
    sub[0, 1:] = sub[1:, 0] = _NEVER / UNIT
    gap[0] = 0
    return np.round(sub * UNIT).astype(np.int16), np.round(gap * UNIT).astype(np.int16)


def table_of(population: str) -> int:
    """The number of a population's table; that of Latin spellings where nothing was learnt."""
    return STRICT if population in _OFFICIAL else tables()[0].get(population, LATIN)


def reading_table_of(population: str) -> int:
    """The table for the readings of its script, in which names from elsewhere are written as well."""
    return tables()[0].get(f"read-{population}", LATIN)


BEYOND = 6.0
"""Bits by which a word may cost more than it is rare, and still be the same word."""
REACH, REACH_BY_SOUND = 3.0, 2.3
"""How many bits two spellings may differ by, and for each sound of the shorter one, to be worth comparing."""
CLASS_BITS = 6.0
"""What a consonant of a class that the other word lacks costs at least, nearly always; saves comparing what is plainly different."""
READ_TOGETHER = 4
"""Readings of each that two native words of different scripts are compared by."""
BLOCK = 1024
"""Pairs at once: what they need stays in the processor's cache."""


def distances(one: Codes, other: Codes, table: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Bits between words: ``one[i]`` and ``other[i]`` (rows of codes, filled up with 0) by ``table[i]``."""
    found = np.empty(len(one), np.float32)
    if len(one) > BLOCK:  # words of like length together: the work ends with the longest of a block
        order = np.argsort(np.count_nonzero(one, axis=1) * 64 + np.count_nonzero(other, axis=1), kind="stable")
        for start in range(0, len(one), BLOCK):
            some = order[start : start + BLOCK]
            found[some] = _distances(one[some], other[some], table[some])
        return found
    if len(one):
        found[:] = _distances(one, other, table)
    return found


def _distances(one: Codes, other: Codes, table: NDArray[np.uint8]) -> NDArray[np.float32]:
    _, subs, gaps = tables()
    a = np.ascontiguousarray(one[:, : _longest(one)].T)
    b = np.ascontiguousarray(other[:, : _longest(other)].T)
    count = a.shape[1]
    which = table.astype(np.int32) * WIDTH
    into = which + b
    ran = np.zeros((len(b) + 1, count), np.int16)
    np.cumsum(gaps.take(into), axis=0, out=ran[1:])
    before, now = ran.copy(), np.empty_like(ran)
    flat = which * WIDTH + b  # of the substitution of sound 0 by each of b's
    step = np.empty((len(b), count), np.int32)
    for row in a:
        np.add(flat, row.astype(np.int32) * WIDTH, out=step)
        by = subs.take(step)
        by += before[:-1]
        np.add(before, gaps.take(which + row), out=now)
        np.minimum(now[1:], by, out=now[1:])
        now -= ran  # the best of all gaps that end here, at once
        np.minimum.accumulate(now, axis=0, out=now)
        now += ran
        before, now = now, before
    found: NDArray[np.float32] = np.minimum(before[-1].astype(np.float32) / UNIT, np.float32(FAR))
    return found


def _longest(codes: Codes) -> int:
    used = np.flatnonzero(codes.any(axis=0))
    return int(used[-1]) + 1 if len(used) else 0


def slips(one: Codes, other: Codes) -> NDArray[np.float32]:
    """Bits of words that are one slip of the hand apart, ``FAR`` for others. Rows hold letters, filled up with 0.

    What two words share at their ends is all but the slip: one letter, or two that changed places.
    """
    wide = max(_longest(one), _longest(other), 1)
    a, b = one[:, :wide], other[:, :wide]
    long_a, long_b = np.count_nonzero(a, axis=1), np.count_nonzero(b, axis=1)
    places = np.arange(wide)
    head = np.where(a == b, wide, places).min(axis=1)
    rows = np.arange(len(a))[:, None]
    back_a, back_b = a[rows, (long_a - 1)[:, None] - places], b[rows, (long_b - 1)[:, None] - places]
    tail = np.where(back_a == back_b, wide, places).min(axis=1)
    gap, shared, longest = np.abs(long_a - long_b), head + tail, np.maximum(long_a, long_b)
    found = np.full(len(a), FAR, np.float32)
    found[(gap == 0) & (shared >= longest - 1)] = SLIP_SUB
    found[(gap == 1) & (shared >= longest - 1)] = SLIP_GAP
    near = np.flatnonzero((gap == 0) & (shared == longest - 2))
    if len(near):
        at = head[near]
        turned = (a[near, at] == b[near, at + 1]) & (a[near, at + 1] == b[near, at])
        found[near[turned]] = SWAPPED
    return found
