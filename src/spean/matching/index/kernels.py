"""The inner loops of a search: words of the list near a word asked for, and names made of such words.

Plain Python over arrays. Small lists are searched with it as it stands; for large ones ``compiled`` has it compiled, where numba is
at hand. The results are the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spean.matching.index.keys import CLASS, COARSE, COARSE_MARK, LENGTH, SHORT
from spean.matching.score.costs import BEYOND, FAR, LATIN, REACH, REACH_BY_SOUND
from spean.matching.score.frequency import MOST
from spean.matching.score.kernels import comparable_kinds, eased, ones, place_of, rarity, reach_of, spelt

SURE = 14
"""Half bits from the likeliest reading up to which a reading is looked up with one sound less, too."""
LIKELY = 6
"""Half bits from the likeliest reading up to which a reading tells which spellings of the list are compared with care."""
CLOSEST = 2
"""Readings of a word that a spelling of the list is compared with."""
PRESUMED = 200.0
"""So many people of the population at large are counted to those of the list when its words are weighed."""
COMMONER = 2.0
"""Bits by which a word may be rarer in a list than it is at large."""
SEEN_ONCE = 0.5
"""How much less than its count a word of the list proves: what stands there once is rarer than that."""
FAINT = np.float32(0.01)
"""What a word is worth at least that is near at all."""


class Listed(NamedTuple):
    """The spellings of the words of a list, each once for each script: what is known of it, and which words have it as a reading."""

    spelling: NDArray[np.int32]
    script: NDArray[np.uint8]
    sign: NDArray[np.uint64]
    sound: NDArray[np.uint64]
    least: NDArray[np.uint8]
    """Half bits of the likeliest of these readings."""
    start: NDArray[np.int64]
    word: NDArray[np.int32]
    bits: NDArray[np.float32]


class Lists(NamedTuple):
    """A number to many places: sorted numbers, where the places of each begin, the places."""

    numbers: NDArray[np.uint64]
    starts: NDArray[np.int32]
    places: NDArray[np.int32]


def range_of(numbers, starts, wanted):
    """Where the places of a number begin and end."""
    at = place_of(numbers, wanted)
    if at < 0:
        return np.int64(0), np.int64(0)
    return np.int64(starts[at]), np.int64(starts[at + 1])


def keys_of(codes, found):
    """All keys of one word's sounds into ``found``, the whole one first; how many there are (``keys`` tells what they are)."""
    classes = np.zeros(LENGTH, np.uint64)
    size = 0
    for code in codes:
        if code == 0 or size == LENGTH:
            break
        now = CLASS[code]
        if now != 0 and (size == 0 or classes[size - 1] != now):
            classes[size] = now
            size += 1
    four = np.uint64(4)
    whole = np.uint64(0)
    for at in range(size):
        whole = whole << four | classes[at]
    found[0] = whole
    if size <= SHORT:
        coarse = np.uint64(0)
        for at in range(size):
            coarse = coarse << four | COARSE[np.int64(classes[at])]
        found[1] = coarse | COARSE_MARK
        return 2
    count = 1
    for left_out in range(size):
        twice = 0 < left_out < size - 1 and classes[left_out - 1] == classes[left_out + 1]
        key = np.uint64(0)
        for at in range(size):
            if at != left_out and not (twice and at == left_out + 1):
                key = key << four | classes[at]
        new = True
        for at in range(count):
            new = new and found[at] != key
        if new:
            found[count] = key
            count += 1
    return count


def sharing(held, by_key, asked, half, seen, found):
    """Places of the spellings that share a key with one of those asked for; how many. The less likely ones only by all their sounds."""
    each = np.empty(LENGTH + 1, np.uint64)
    sure = SURE + np.int64(half.min())
    count = 0
    for number in range(2):  # all that sound the same first
        for at in range(len(asked)):
            many = keys_of(held.spelling.codes[asked[at]], each)
            first, last = (0, 1) if number == 0 else (1, many if half[at] <= sure else 1)
            for key in range(first, last):
                begin, end = range_of(by_key.numbers, by_key.starts, each[key])
                for entry in range(begin, end):
                    place = by_key.places[entry]
                    if not seen[place]:
                        if count == len(found):
                            return count
                        seen[place] = True
                        found[count] = place
                        count += 1
    return count


def closest(held, asked, half, listed, places, count, most):
    """The places that have most letters and sounds in common with those asked for, at most ``most``; how many. They go to the front."""
    likely = half.min() + LIKELY
    counts = np.zeros(512, np.int64)
    near = np.empty(count, np.int64)
    for at in range(count):
        place = places[at]
        best = 255
        for one in range(len(asked)):
            if half[one] > likely:
                continue
            other = asked[one]
            away = half[one] + ones(held.sound[other] ^ listed.sound[place])
            if away < best:
                best = min(best, away + ones(held.spelling.sign[other] ^ listed.sign[place]))
        near[at] = best + listed.least[place]
        counts[near[at]] += 1
    if count <= most:
        return count
    limit, taken = 0, 0
    while taken + counts[limit] <= most:
        taken += counts[limit]
        limit += 1
    kept = 0
    spare = most - taken
    for at in range(count):
        if near[at] < limit or (near[at] == limit and spare > 0):
            spare -= near[at] == limit
            places[kept] = places[at]
            kept += 1
    return kept


def near_word(held, word, population, asked, bits, half, listed, places, count, out_word, out_cost, out_common, start):
    """What the words with these spellings cost; appended from ``start`` on, an entry for each way. Where it ends."""
    best = np.empty(CLOSEST, np.int64)
    away = np.empty(CLOSEST, np.int64)
    script, kind = held.script[word], held.kind[word]
    rare = np.float32(held.bits[word, population]) * np.float32(0.1)
    for at in range(count):
        place = places[at]
        ways = best_ways(held, asked, half, listed, place, best, away)
        other, spelling = listed.script[place], listed.spelling[place]
        joint = max(script, other)
        table = held.tables[population] if joint == LATIN else held.reading_table[joint]
        cost = np.float32(FAR)
        short = held.spelling.sounds[spelling]
        for way in range(ways):
            one = best[way]
            limit = (
                min(rare + BEYOND, REACH + REACH_BY_SOUND * min(short, held.spelling.sounds[asked[one]])) - bits[one]
            )
            if limit >= 0:
                found = spelt(
                    held.spelling, asked[one], spelling, table, limit, min(rare + BEYOND, cost) - bits[one], True
                )
                cost = min(cost, np.float32(found) + bits[one])
        for entry in range(listed.start[place], listed.start[place + 1]):
            near = listed.word[entry]
            if not comparable_kinds(kind, held.kind[near]):
                continue
            common = rarity(held, word, near, population)
            if script != LATIN and other == script:  # letter by letter
                limit = reach_of(held, word, near, common, BEYOND)
                total = np.float32(
                    spelt(
                        held.spelling,
                        held.own[word],
                        held.own[near],
                        held.own_table[script],
                        limit,
                        common + BEYOND,
                        False,
                    )
                )
            else:
                total = cost + listed.bits[entry]
            total = np.float32(eased(held, word, near, total))
            if common - total >= -BEYOND and start < len(out_word):
                out_word[start], out_cost[start], out_common[start] = near, total, common
                start += 1
    return start


def best_ways(held, asked, half, listed, place, best, away):
    """The readings asked for that are closest to a spelling of the list."""
    ways = 0
    for one in range(len(asked)):
        other = asked[one]
        far = (
            np.int64(half[one])
            + ones(held.sound[other] ^ listed.sound[place])
            + ones(held.spelling.sign[other] ^ listed.sign[place])
        )
        at = min(ways, CLOSEST)
        while at > 0 and away[at - 1] > far:
            if at < CLOSEST:
                best[at], away[at] = best[at - 1], away[at - 1]
            at -= 1
        if at < CLOSEST:
            best[at], away[at] = one, far
            ways = min(ways + 1, CLOSEST)
    return ways


def near(held, word, population, asked, bits, by_key, listed, fresh, seen, rows, names, most, room):
    """The words of a list that may be ``word``: the word, its cost, how rarely a name has one as near, what that is worth, its rows.

    Those worth most first. ``rows``: the rows of each word of the list; ``names``: how many there are.
    """
    half = np.empty(len(asked), np.uint8)
    for at in range(len(asked)):
        half[at] = min(2.0 * bits[at], 60.0)
    out_word, out_cost, out_common = np.empty(room, np.int32), np.empty(room, np.float32), np.empty(room, np.float32)
    places = np.empty(room, np.int64)
    count = sharing(held, by_key, asked, half, seen, places)
    for at in range(count):
        seen[places[at]] = False
    count = closest(held, asked, half, listed, places, count, most)
    end = near_word(held, word, population, asked, bits, half, listed, places, count, out_word, out_cost, out_common, 0)
    if len(fresh.spelling):
        count = min(room, len(fresh.spelling))
        for at in range(count):
            places[at] = at
        count = closest(held, asked, half, fresh, places, count, most)
        end = near_word(
            held, word, population, asked, bits, half, fresh, places, count, out_word, out_cost, out_common, end
        )
    rare = min(np.float64(held.bits[word, population]) * 0.1, MOST)
    return once(out_word[:end], out_cost[:end], out_common[:end], rows, names, rare)


def rarity_here(cost, common, begin, end, bits, names):
    """How rarely somebody's name has the very word asked for, in bits; ``bits``: how rarely at large.

    Either they bear a name of the list that is written so (each as often as the list has it, times how likely it is written so), or
    another one. A slip that is nobody's name is therefore told from a name that is another one.
    """
    if not len(cost):
        return np.float32(bits)
    often = 0.0
    for at in range(len(cost)):
        often += max(end[at] - begin[at] - SEEN_ONCE, 0.0) * 2.0 ** (-cost[at])
    share = (often + PRESUMED * 2.0 ** (-bits)) / (names + PRESUMED)
    most = min(cost[0] + common[0], MOST)  # the cheapest stands first; no word is known to be rarer than those counted
    return np.float32(min(-np.log2(share), most + COMMONER))


def once(word, cost, common, rows, names, bits):
    """Each word once, at its least cost, with what it is worth in this list."""
    order = np.argsort(cost, kind="mergesort")
    order = order[np.argsort(word[order], kind="mergesort")]
    kept = np.empty(len(word), np.int64)
    count = 0
    for at in range(len(order)):
        if at == 0 or word[order[at]] != word[order[at - 1]]:
            kept[count] = order[at]
            count += 1
    kept = kept[:count]
    kept = kept[np.argsort(cost[kept], kind="mergesort")]
    word, cost, common = word[kept], cost[kept], common[kept]
    begin, end = np.empty(count, np.int32), np.empty(count, np.int32)
    for at in range(count):
        begin[at], end[at] = range_of(rows.numbers, rows.starts, word[at])
    rare, worth = rarity_here(cost, common, begin, end, bits, names), np.empty(count, np.float32)
    for at in range(count):
        worth[at] = max(rare - cost[at], FAINT)
        if worth[at] <= FAINT:  # by a faint likeness nobody is looked for
            end[at] = begin[at]
    order = np.argsort(-worth, kind="mergesort")
    return word[order], cost[order], rare, worth[order], begin[order], end[order]
