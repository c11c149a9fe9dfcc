"""The inner loop of a search over names: which names may be meant, and which word of each is which word asked for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spean.matching.index.kernels import keys_of
from spean.matching.index.keys import LENGTH, RUN, VOWEL
from spean.matching.score.costs import BEYOND, FAR
from spean.matching.score.kernels import (
    LONG_FROM,
    LONG_PART,
    comparable_kinds,
    eased,
    ones,
    rarity,
    reach_of,
    words_apart,
)

SLIPPED = 12.5
"""Bits up to which short words are compared, since a list tells how rare the very spelling is: one slip of the hand."""
AT_LEAST = 500
"""Rows that are looked at for each word, however common it is."""
_MISSING = np.float32(0.8)
_UNLIKE = np.float32(0.12)
_SAME_DAY, _MAY_BE, _SLIP, _OTHER = np.float32(13.5), np.float32(5.0), np.float32(3.0), np.float32(-6.0)
_CUSTOM, _CUSTOMS_AGREE = 30, 50
_UNEQUAL = np.float32(-60.0)
_INITIAL = 1
_RUN = np.int64(RUN)


class Rows(NamedTuple):
    """What is known of each name of a list: its words (none: it was taken out), birth date, letters."""

    names: NDArray[np.int32]
    births: NDArray[np.int32]
    sign: NDArray[np.uint64]


class Wanted(NamedTuple):
    """The words near each word asked for, one list behind the other: ``start[p]`` is where those of place ``p`` begin."""

    start: NDArray[np.int64]
    rare: NDArray[np.float32]
    """How rarely somebody's name has each of the very words asked for, in bits."""
    word: NDArray[np.int32]
    cost: NDArray[np.float32]
    worth: NDArray[np.float32]
    begin: NDArray[np.int32]
    end: NDArray[np.int32]


def runs(held, words, found):
    """The consonants of a whole name (``keys.run``) in the readings and orders that people write most, into ``found``; how many."""
    size, most = len(words), 3 if len(words) < 4 else 1
    whole = np.zeros((size, most), np.uint64)
    many, each = np.zeros(size, np.int64), np.zeros(LENGTH + 1, np.uint64)
    for at in range(size):
        first = held.first[words[at]]
        for reading in range(first, first + min(4, int(held.many[words[at]]))):
            keys_of(held.spelling.codes[held.reading[reading]], each)
            new = many[at] < most
            for before in range(many[at]):
                new = new and whole[at, before] != each[0]
            if new:
                whole[at, many[at]] = each[0]
                many[at] += 1
    if size == 0 or many.min() == 0:
        return 0
    chosen, count = np.zeros(size, np.int64), 0
    while count < len(found):
        for turn in (0, 1, size - 1):  # as it stands, and with the first or the last word at the other end
            found[count] = run(whole, chosen, turn)
            count += 1
        at = size - 1
        while at >= 0 and chosen[at] + 1 == many[at]:
            chosen[at] = 0
            at -= 1
        if at < 0:
            break
        chosen[at] += 1
    return count


def run(whole, chosen, turn):
    """The number for the consonants of words one after the other."""
    found = last = np.int64(0)
    for step in range(len(chosen)):
        at = (step + turn) % len(chosen)
        for place in range(LENGTH - 1, -1, -1):
            now = np.int64((whole[at, chosen[at]] >> np.uint64(4 * place)) & np.uint64(15))
            if now not in (0, VOWEL, last):
                found, last = (found * 13 + now) & _RUN, now
    return found


def add(found, count, seen, names, row):
    if count < len(found) and not seen[row] and names[row, 0] != 0:
        seen[row] = True
        found[count] = row
        return count + 1
    return count


def candidates(rows, wanted, places, others, settled, upto, seen, found):
    """Rows that may be the name: made of words near those asked for, the rarest first; ``others``; and all that were added last."""
    count = 0
    for row in range(settled, upto):
        count = add(found, count, seen, rows.names, row)
    for row in others:
        count = add(found, count, seen, rows.names, row)
    sizes = np.zeros(len(wanted.start) - 1, np.int64)
    for place in range(len(sizes)):
        for at in range(wanted.start[place], wanted.start[place + 1]):
            sizes[place] += wanted.end[at] - wanted.begin[at]
    left = len(found) - count
    for place in np.argsort(sizes, kind="mergesort"):
        most = max(left, AT_LEAST)
        taken = 0
        for at in range(wanted.start[place], wanted.start[place + 1]):
            for entry in range(wanted.begin[at], min(wanted.end[at], wanted.begin[at] + most - taken)):
                count = add(found, count, seen, rows.names, places[entry])
            taken += min(wanted.end[at] - wanted.begin[at], most - taken)
            if taken >= most:
                break
        left -= taken
        if left <= 0:
            break
    for at in range(count):
        seen[found[at]] = False
    return count


def by_birth(born, other):
    """Roughly what ``births.said`` weighs: the same day, one digit or day and month changed, the same year where no more is known."""
    gap = abs(born - other)
    if gap == 0:
        return _SAME_DAY
    if other == 0:
        return np.float32(0.0)
    if gap < 10_000 and (born % 100 == 0 or other % 100 == 0):
        return _MAY_BE
    if gap < 1_200 and gap % 99 == 0:
        return _SLIP
    while gap % 10 == 0:
        gap //= 10
    return _SLIP if gap < 10 else _OTHER


def likeliest(rows, wanted, found, count, worth, born, sign, most):
    """The rows that look best at a rough look, each word taken for the one asked for that it is likest to. They go to the front."""
    if count <= most:
        return count
    total = np.empty(count, np.float32)
    size, wide = len(wanted.start) - 1, rows.names.shape[1]
    for place in range(size):
        for at in range(wanted.start[place], wanted.start[place + 1]):
            worth[place, wanted.word[at]] = wanted.worth[at]
    for at in range(count):
        row = found[at]
        value, words = np.float32(0.0), 0
        for place in range(size):
            best = np.float32(0.0)
            for column in range(wide):
                word = rows.names[row, column]
                if word == 0:
                    break
                best = max(best, worth[place, word])
            value += best
        while words < wide and rows.names[row, words] != 0:
            words += 1
        value -= _MISSING * np.float32(abs(words - size)) + _UNLIKE * np.float32(ones(rows.sign[row] ^ sign))
        if born:
            value += by_birth(born, rows.births[row])
        total[at] = value
    for place in range(size):
        for at in range(wanted.start[place], wanted.start[place + 1]):
            worth[place, wanted.word[at]] = 0.0
    limit = np.partition(total, count - most)[count - most]
    kept = 0
    for equal in range(2):
        for at in range(count):
            if (total[at] > limit if equal == 0 else total[at] == limit) and kept < most:
                found[kept], found[at] = found[at], found[kept]
                total[kept], total[at] = total[at], total[kept]
                kept += 1
    return kept


def populations(held, query, names, organisations, org):
    """Whose custom of spelling each pair of names follows: as ``align.population_of``."""
    wide = held.customs.shape[1]
    one, other = np.zeros(wide, np.int64), np.zeros(wide, np.int64)
    for word in query:
        one += held.customs[word]
    found = np.empty(len(names), np.uint8)
    for row in range(len(names)):
        other[:] = 0
        for word in names[row]:
            other += held.customs[word]
        first, second = np.argmax(one), np.argmax(other)
        joint = np.minimum(one, other)
        agreed = np.argmax(joint)
        if first == second and one[first] >= _CUSTOM and other[second] >= _CUSTOM:
            found[row] = first
        else:
            found[row] = agreed if joint[agreed] >= _CUSTOMS_AGREE else 0
        if organisations[row]:
            found[row] = org
    return found


def begins(held, a, b):
    """Whether words begin with the same letter."""
    return held.spelling.codes[held.reading[held.first[a]], 0] == held.spelling.codes[held.reading[held.first[b]], 0]


def aligned(held, one, places, names, populations, wanted, cost_of):
    """Which word of each name is which word of ``one``: partner, bits, cost and rarity, a row a name and a column a word of ``one``.

    ``places``: which word asked for each word of ``one`` is, −1 for none of them (two that were taken for one).
    """
    size, high = one.shape[1], names.shape[1]
    for place in range(len(wanted.start) - 1):
        for at in range(wanted.start[place], wanted.start[place + 1]):
            cost_of[place, wanted.word[at]] = wanted.cost[at]
    shape = (len(names), size)
    partner, bits = np.full(shape, -1, np.int8), np.zeros(shape, np.float32)
    costs, common = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    weight = np.empty((size, high), np.float32)
    cost, rare = np.empty_like(weight), np.empty_like(weight)
    for row in range(len(names)):
        name, population = names[row], populations[row]
        words = 0
        for place in range(size):
            words += one[row, place] != 0
            for to in range(high):
                look_up(
                    held,
                    one[row, place],
                    name[to],
                    places[row, place],
                    place,
                    to,
                    wanted.rare,
                    cost_of,
                    weight,
                    cost,
                    rare,
                )
        lonely = assign(weight, cost, rare, partner[row], bits[row], costs[row], common[row], name, words)
        if lonely and complete(
            held, one[row], places[row], name, population, wanted.rare, partner[row], weight, cost, rare
        ):
            partner[row] = -1
            bits[row], costs[row], common[row] = 0.0, 0.0, 0.0
            assign(weight, cost, rare, partner[row], bits[row], costs[row], common[row], name, words)
    for place in range(len(wanted.start) - 1):
        for at in range(wanted.start[place], wanted.start[place + 1]):
            cost_of[place, wanted.word[at]] = FAR
    return partner, bits, costs, common


def look_up(held, one, other, asked, place, to, rarities, cost_of, weight, cost, rare):
    """What one word has to do with one word of a name, if that is known."""
    weight[place, to] = _UNEQUAL
    cost[place, to], rare[place, to] = FAR, 0.0
    if other == 0 or one == 0:
        return
    if (held.kind[one] == _INITIAL) != (held.kind[other] == _INITIAL):
        rare[place, to] = rarity(held, one, other, 0)
        if begins(held, one, other):
            cost[place, to] = 0.0
            weight[place, to] = rare[place, to]
    elif asked >= 0 and other < cost_of.shape[1]:  # two words that were just taken for one are newer than the table
        found = cost_of[asked, other]
        if found < FAR:
            cost[place, to], rare[place, to] = found, rarities[asked]
            weight[place, to] = rare[place, to] - found


def assign(weight, cost, rare, partner, bits, costs, common, name, most):
    """The best pair of words goes together first, then the best of what is left. Whether words of both are left over."""
    size, high = weight.shape
    taken = np.zeros(high, np.bool_)
    words = 0
    for to in range(high):
        words += name[to] != 0
    matched, words = 0, min(most, words)
    while matched < words:
        best, at, with_ = np.float32(-BEYOND), -1, -1
        for place in range(size):
            if partner[place] < 0:
                for to in range(high):
                    if not taken[to] and weight[place, to] > best:
                        best, at, with_ = weight[place, to], place, to
        if at < 0:
            break
        taken[with_] = True
        partner[at], bits[at], costs[at], common[at] = with_, best, cost[at, with_], rare[at, with_]
        matched += 1
    return matched < words


def complete(held, one, places, name, population, rarities, partner, weight, cost, rare):
    """Compare with care what is left over on both sides. Whether anything belongs together."""
    better = False
    for place in range(len(one)):
        if partner[place] >= 0 or one[place] == 0:
            continue
        for to in range(len(name)):
            word, other = one[place], name[to]
            free = other != 0
            for each in partner:
                free = free and each != to
            if not free or cost[place, to] < FAR or not comparable_kinds(held.kind[word], held.kind[other]):
                continue
            common = rarity(held, word, other, population)
            limit = reach_of(held, word, other, common, BEYOND)
            if places[place] >= 0:
                common = rarities[places[place]]
                limit = max(limit, min(common + BEYOND, SLIPPED))
            most = common + BEYOND  # of the cost; of a long word only a part counts
            most = max(most, LONG_FROM + (most - LONG_FROM) / LONG_PART)
            found = eased(held, word, other, words_apart(held, word, other, population, limit, most))
            if found < FAR and common - found > -BEYOND:
                cost[place, to], rare[place, to], weight[place, to] = found, common, common - found
                better = True
    return better
