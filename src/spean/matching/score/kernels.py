"""What two words cost, one pair after the other: the same as ``words.costs`` says of thousands at once.

Plain Python over arrays that numba can compile as it stands (``index.compiled``); nothing here knows numba.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spean.matching.score.costs import (
    CLASS_BITS,
    FAR,
    LATIN,
    REACH,
    REACH_BY_SOUND,
    READ_TOGETHER,
    SLIP_FROM,
    SLIP_GAP,
    SLIP_SUB,
    SWAPPED,
    UNIT,
)
from spean.matching.score.letters import WIDTH

LONG, LONG_FROM, LONG_PART = 8, 9.0, 0.5
"""In a word of so many sounds, beyond so many bits, only this part of a cost counts in a search."""
LONG_UPTO = 2.0
"""Bits a sound up to which two long words may be one name spelt by two systems: of two that are not, 99 of 100 cost over 3."""
_SQUARE = WIDTH * WIDTH
_SLIPPED = 10
"""Letters and pairs of letters in which two words one slip apart differ at most."""
_FAR_UNITS = int(FAR * UNIT)


class Spellings(NamedTuple):
    """The arrays by which two spellings are compared, and room to do so in."""

    codes: NDArray[np.uint8]
    plain: NDArray[np.uint8]
    mask: NDArray[np.uint32]
    sign: NDArray[np.uint64]
    sounds: NDArray[np.uint8]
    subs: NDArray[np.int16]
    gaps: NDArray[np.int16]
    line: NDArray[np.int64]
    beside: NDArray[np.int64]


class Held(NamedTuple):
    """The arrays of ``Words`` that a comparison looks at."""

    spelling: Spellings
    sound: NDArray[np.uint64]
    own: NDArray[np.int32]
    script: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    first: NDArray[np.int32]
    many: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    customs: NDArray[np.uint8]
    reading: NDArray[np.int32]
    surprise: NDArray[np.float32]
    pair: NDArray[np.int64]
    pair_bits: NDArray[np.float32]
    tables: NDArray[np.uint8]
    own_table: NDArray[np.uint8]
    reading_table: NDArray[np.uint8]


def ones(value):
    """How many bits are set in 64."""
    return int(value).bit_count()  # compiled, it is one instruction


def apart(spelling, one, other, table, most):
    """Units between the sounds of two spellings by a table; some number above ``most`` if it is more than that."""
    codes, subs, gaps, line, beside = spelling.codes, spelling.subs, spelling.gaps, spelling.line, spelling.beside
    size = np.int64(spelling.sounds[other])
    square, row = np.int64(table) * _SQUARE, np.int64(table) * WIDTH
    total = np.int64(0)
    line[0] = 0
    for at in range(size):
        beside[at] = codes[other, at]
        total += gaps[row + beside[at]]
        line[at + 1] = total
    for step in range(np.int64(spelling.sounds[one])):
        code = np.int64(codes[one, step])
        gap, base = np.int64(gaps[row + code]), square + code * WIDTH
        corner = line[0]
        left = least = line[0] = corner + gap
        for at in range(size):
            above = line[at + 1]
            best = min(corner + subs[base + beside[at]], above + gap)
            left = min(best, left + gaps[row + beside[at]])
            corner, line[at + 1] = above, left
            least = min(least, left)
        if least > most:
            return least
    return line[size]


def slip(spelling, one, other):
    """Bits of two spellings that are one slip of the hand apart, ``FAR`` of others."""
    text, size = spelling.plain, spelling.plain.shape[1]
    long_a = long_b = 0
    while long_a < size and text[one, long_a] != 0:
        long_a += 1
    while long_b < size and text[other, long_b] != 0:
        long_b += 1
    gap, longest, shortest = abs(long_a - long_b), max(long_a, long_b), min(long_a, long_b)
    head = tail = 0
    if gap <= 1:
        while head < shortest and text[one, head] == text[other, head]:
            head += 1
        while tail < shortest and text[one, long_a - 1 - tail] == text[other, long_b - 1 - tail]:
            tail += 1
    found = FAR
    if gap <= 1 and head + tail >= longest - 1:
        found = SLIP_SUB if gap == 0 else SLIP_GAP
    elif gap == 0 and head + tail == longest - 2 and text[one, head] == text[other, head + 1]:
        found = SWAPPED if text[one, head + 1] == text[other, head] else FAR
    return found


def spelt(spelling, one, other, table, limit, bound, latin):
    """Bits between two spellings; ``FAR`` if they surely cost more than ``limit``, or do cost more than ``bound``."""
    if one == other:
        return 0.0
    lower = 0.0
    if latin:
        a, b = spelling.mask[one], spelling.mask[other]
        lower = CLASS_BITS * max(ones(a & ~b), ones(b & ~a))
    lower += abs(np.int64(spelling.sounds[one]) - np.int64(spelling.sounds[other]))
    if lower > limit:
        return FAR
    units = apart(spelling, one, other, table, min(bound * UNIT, _FAR_UNITS))
    bits = min(units / UNIT, FAR)
    if bits > SLIP_FROM and latin and ones(spelling.sign[one] ^ spelling.sign[other]) <= _SLIPPED:
        bits = min(bits, slip(spelling, one, other))
    return bits


def place_of(numbers, wanted):
    """Where a number stands among sorted ones, or -1."""
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) >> 1
        if numbers[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < len(numbers) and numbers[low] == wanted else -1


def known_pair(held, one, other):
    """Bits of two Latin spellings that are known to be one name, ``FAR`` for others."""
    at = place_of(held.pair, np.int64(one) << 32 | np.int64(other))
    return held.pair_bits[at] if at >= 0 else np.float32(FAR)


def words_apart(held, a, b, population, limit, bound):
    """Bits between two words: by their letters where the script is one, by their readings where it is not."""
    script_a, script_b = held.script[a], held.script[b]
    own_a, own_b = held.own[a], held.own[b]
    if script_a == script_b:
        if own_a == own_b:
            return 0.0
        latin = script_a == LATIN
        table = held.tables[population] if latin else held.own_table[script_a]
        found = spelt(held.spelling, own_a, own_b, table, limit, bound, latin)
        if not latin:
            return found
        found = min(found, known_pair(held, own_a, own_b))
        if held.many[a] < 2 and held.many[b] < 2:
            return found
    else:
        found = FAR
    many_a, many_b = int(held.many[a]), int(held.many[b])
    if script_a != LATIN and script_b != LATIN:
        many_a, many_b = min(many_a, READ_TOGETHER), min(many_b, READ_TOGETHER)
    script = max(script_a, script_b)
    table = held.tables[population] if script == LATIN else held.reading_table[script]
    for at in range(held.first[a], held.first[a] + many_a):
        for to in range(held.first[b], held.first[b] + many_b):
            surprise = held.surprise[at] + held.surprise[to]
            one, other = held.reading[at], held.reading[to]
            if one == other:
                found = min(found, surprise)
            elif surprise <= limit and surprise < found:
                rest = spelt(held.spelling, one, other, table, limit - surprise, min(bound, found) - surprise, True)
                found = min(found, rest + surprise)
    return found


def rarity(held, a, b, population):
    """How rare the commoner of two words is at large, in bits."""
    return np.float32(min(held.bits[a, population], held.bits[b, population])) * np.float32(0.1)


def reach_of(held, a, b, rare, against):
    """How much the spellings of two words may differ, in bits, for them to be worth comparing."""
    short = min(held.spelling.sounds[held.own[a]], held.spelling.sounds[held.own[b]])
    return min(rare + against, REACH + REACH_BY_SOUND * short)


def eased(held, a, b, cost):
    """A cost between long words, of which only a part counts: who spells one place otherwise spells the next so as well."""
    if cost > LONG_FROM and cost < FAR:
        short = min(held.spelling.sounds[held.own[a]], held.spelling.sounds[held.own[b]])
        if short >= LONG and cost <= LONG_UPTO * short:
            return LONG_FROM + LONG_PART * (cost - LONG_FROM)
    return cost


def comparable_kinds(a, b):
    """A legal form or an initial is compared with its like; names, also second ones and particles, with one another."""
    named_a = a in (0, 2, 4)
    named_b = b in (0, 2, 4)
    return (named_a and named_b) or (a == b and a in (1, 3))
