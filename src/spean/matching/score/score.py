"""How likely two names, with what is known beside them, are one person or organisation: Fellegi–Sunter weights in bits.

Every weight is −log2 of a share: how rare the name is where it agrees, less what its spelling costs. Weights add up; ``PRIOR`` is what
speaks against any two records before they are looked at; the sum as odds is the score. An omission is no contradiction: a middle name that
one side lacks costs little, a given name beside another one costs much. Gender, nationality and ethnicity are no evidence, ever: no
function here takes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spean.matching.names.model import Kind
from spean.matching.score import births
from spean.matching.score.align import JOINING, Aligned, align, population_of
from spean.matching.score.costs import LATIN
from spean.matching.score.frequency import NUMBER, POPULATIONS
from spean.matching.score.reader import Reader
from spean.matching.score.words import FORM, INITIAL, NAME, NICKNAME, Ids, Words

PRIOR = -4.0
"""Bits before anything is compared: of the pairs that somebody thought worth comparing, one of 16 is one and the same."""
SCREENING = -9.0
"""The same for a traveller and the nearest entry of a list. Chosen so that people who are on the list are found: with 9 bits at least 99 of
100 of each of the twelve populations of ``bench/names.py``, on lists of 500 to 20,000. How many strangers remain grows with the list, since
who bears the same name and was born the same year cannot be told apart; it is no reason to find fewer of those who are on it."""
CONTRADICTION = 7.0
"""Bits that a word beside a different one costs."""
UNLIKE, HALF_ALIKE = 5.0, 0.6
"""Where dates are compared as well: bits that the same word costs more if it has no letters of the other, and less if it has most; how
unlike two words are that cost neither more nor less."""
DISCOUNT = 0.3
"""What the agreeing words of a name still weigh when another word contradicts: relatives share them."""
DISCOUNTED = 6.0
"""The most bits that they weigh then."""
FIRM_OMISSION, LONGER_FIRM = 3.0, 12.0
"""A word more makes another organisation more often than another person: what it costs, and the most that the other words weigh."""
OMISSION, ONLY_ONE = 0.8, 2.5
"""Bits that a word costs which one side lacks; and once, when only a single word is left to compare."""
OMISSION_DATED = 2.0
"""The same at least where dates are compared: who writes the day of birth down has a paper before him, and one of ten leaves a word out,
while every third stranger has a word more."""
OTHER_FORM = 1.5
ORDER = 0.7
"""Bits that it costs when the family name stands at the other end; any other order costs more (``_ORDERS``), most where every order is
another person."""
_OMISSIONS = {"ko": 3.0, "zh": 3.0, "my": 2.5, "th": 2.0, "lo": 2.0, "km": 2.0, "vi": 1.5}
_ORDERS = {"my": 5.0, "ko": 4.0, "zh": 4.0}
_OTHER_ORDER = 2.5
MOST_CHANCE = 40.0
_WORTH_SAYING = -12.0
_FEW = 200
_FAMILY_FIRST = np.zeros(len(NUMBER), np.bool_)
_NO_FAMILY = np.zeros(len(NUMBER), np.bool_)
_OMISSION = np.array([_OMISSIONS.get(each, OMISSION) for each in POPULATIONS], np.float32)
_ORDER = np.array([_ORDERS.get(each, _OTHER_ORDER) for each in POPULATIONS], np.float32)
_FAMILY_FIRST[[NUMBER[each] for each in ("ko", "zh", "vi", "km", "ja")]] = True
_NO_FAMILY[[NUMBER[each] for each in ("my", "id", "ms")]] = True

Finding = tuple[int, int, int, bool, bool, int]
"""What a sentence says: what became of family name and given name, what the dates say, whether something lacks or is turned, bits of chance."""
WEIGHTS = ("names", "birth", "order", "missing", "against")
NONE, SAME, SCRIPT, VOWEL, SPELT, CLOSE, DIFFERENT, MISSING = range(8)
"""What became of a part of a name: not there, the same, the same in another script, one vowel, another spelling, a slip, different,
only on one side."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found about pairs of names, row by row; bits unless said."""

    total: NDArray[np.float32]
    names: NDArray[np.float32]
    birth: NDArray[np.float32]
    order: NDArray[np.float32]
    missing: NDArray[np.float32]
    against: NDArray[np.float32]
    chance: NDArray[np.float32]
    """How rarely two strangers agree so."""
    family: NDArray[np.uint8]
    given: NDArray[np.uint8]
    said: NDArray[np.uint8]
    lacking: NDArray[np.bool_]
    turned: NDArray[np.bool_]

    def score(self, prior: float = PRIOR) -> NDArray[np.float32]:
        """Probabilities: 0.5 is as likely as not."""
        found: NDArray[np.float32] = 1.0 / (1.0 + np.exp2(-np.clip(self.total + prior, -30, 30)))
        return found

    def findings(self) -> list[Finding]:
        """What the sentence of each row says."""
        chance = np.where(self.total > _WORTH_SAYING, self.chance, 0).astype(np.int64)
        columns = (self.family, self.given, self.said, self.lacking, self.turned, chance)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def all_weights(self) -> list[dict[str, float]]:
        """Each weight of each row by its name, in bits."""
        columns = (np.round(getattr(self, name), 1).tolist() for name in WEIGHTS)
        return [dict(zip(WEIGHTS, row, strict=True)) for row in zip(*columns, strict=True)]

    def only(self, rows: NDArray[np.intp]) -> Judged:
        """These rows in this order."""
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in Judged.__slots__}
        return Judged(**columns)

    def first(self, count: int) -> Judged:
        """The first rows; a view of them."""
        columns: dict[str, Any] = {name: getattr(self, name)[:count] for name in Judged.__slots__}
        return Judged(**columns)


class Judge:
    """Compares names. It keeps the words that it met, so that later names are quicker; one thread at a time."""

    def __init__(self, words: Words | None = None) -> None:
        self.words = Words() if words is None else words
        self.reader = Reader(self.words)

    def pairs(
        self, one: Sequence[str], other: Sequence[str], kinds: Sequence[Kind] | None = None,
        births_one: births.Births | None = None, births_other: births.Births | None = None,
    ) -> Judged:  # fmt: skip
        """Compare ``one[i]`` with ``other[i]``."""
        left, right = self.reader.table(one, kinds), self.reader.table(other, kinds)
        nothing = np.zeros(len(left), np.int32)
        said = births.said(
            nothing if births_one is None else births_one, nothing if births_other is None else births_other
        )
        return self.rows(
            left, right, said, None if kinds is None else np.array([kind == "organisation" for kind in kinds], np.bool_)
        )

    def rows(
        self,
        one: Ids,
        other: Ids,
        said: NDArray[np.uint8],
        firms: NDArray[np.bool_] | None = None,
    ) -> Judged:
        """Compare names that were read, the longer ones apart, so that they do not slow the others.

        ``said`` is what the dates of birth say, ``firms`` tells organisations.
        """
        longest = np.maximum(np.count_nonzero(one, axis=1), np.count_nonzero(other, axis=1))
        firms = np.zeros(len(one), np.bool_) if firms is None else firms
        edges = ((-1, 2), (2, 3), (3, 4), (4, 99))
        groups = [rows for low, high in edges if len(rows := np.flatnonzero((longest > low) & (longest <= high)))]
        if len(one) <= _FEW:
            groups = [np.arange(len(one))]
        parts = []
        for rows in groups or [np.arange(0)]:
            wide = max(1, int(longest[rows].max(initial=0)))
            parts.append(self._rows(one[rows, :wide], other[rows, :wide], said[rows], firms[rows]))
        return parts[0] if len(parts) == 1 else together(parts).only(np.argsort(np.concatenate(groups)))

    def _rows(self, one: Ids, other: Ids, said: NDArray[np.uint8], firms: NDArray[np.bool_]) -> Judged:
        populations = np.where(firms, NUMBER["org"], population_of(self.words, one, other)).astype(np.uint8)
        return judge(self.words, align(self.words, one, other, populations), said, firms)


def together(parts: Sequence[Judged]) -> Judged:
    """What was found about some pairs, and then about others."""
    return Judged(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Judged.__slots__})


def judge(words: Words, found: Aligned, said: NDArray[np.uint8], firms: NDArray[np.bool_]) -> Judged:
    """Weigh what was aligned."""
    counts = found.partner >= 0
    kind_one = words.columns.kind[found.one]
    lonely = _lonely(words, found)
    against = np.minimum(*lonely)
    omitted = np.abs(lonely[0] - lonely[1])
    named = np.count_nonzero(counts & ((kind_one == NAME) | (kind_one == NICKNAME)), axis=1)
    worth = found.bits.sum(axis=1) - JOINING * found.joined
    names = np.where(against > 0, np.minimum(worth, np.minimum(DISCOUNT * worth, DISCOUNTED)), worth)
    names = np.where(firms & (omitted > 0) & (against == 0), np.minimum(names, LONGER_FIRM), names)
    single = (named <= 1) & (omitted > 0) & (against == 0)
    omission = np.where(
        said > 0, np.maximum(_OMISSION[found.populations], OMISSION_DATED), _OMISSION[found.populations]
    )
    missing = -np.where(firms, FIRM_OMISSION, omission) * np.minimum(omitted, 3) - ONLY_ONE * single
    turned, rotated = _turned(found)
    order = -np.where(turned, np.where(rotated & ~_NO_FAMILY[found.populations], ORDER, _ORDER[found.populations]), 0.0)
    cost = -CONTRADICTION * against - OTHER_FORM * _other_form(words, found)
    dated = np.flatnonzero((against > 0) & (said > 0))
    if len(dated):
        cost[dated] -= UNLIKE * (_unlike(words, found.of(dated)) - HALF_ALIKE) * against[dated]
    nobody = (found.one == 0).all(axis=1) | (found.other == 0).all(axis=1)
    cost = np.where(nobody, -30.0, cost)
    birth = births.bits_of(said)
    chance = (np.maximum(np.minimum(found.common, found.common - 0.5 * found.cost), 0.0) * counts).sum(
        axis=1
    ) + births.chance_of(said)
    family, given = _parts(words, found, lonely)
    total = names + missing + order + cost + birth
    return Judged(
        total=_single(total), names=_single(names), birth=_single(birth), order=_single(order), missing=_single(missing),
        against=_single(cost), chance=_single(np.minimum(chance, MOST_CHANCE)),
        family=family, given=given, said=said, lacking=omitted > 0, turned=turned,
    )  # fmt: skip


def _single(values: Any) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)


def _lonely(words: Words, found: Aligned) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many words that carry a name have no partner, of each side."""
    one = (found.one != 0) & (found.partner < 0) & _carries(words, found.one)
    taken = _taken(found)
    other = (found.other != 0) & ~taken & _carries(words, found.other)
    return np.count_nonzero(one, axis=1), np.count_nonzero(other, axis=1)


def _taken(found: Aligned) -> NDArray[np.bool_]:
    taken = np.zeros(found.other.shape, np.bool_)
    rows, at = np.nonzero(found.partner >= 0)
    taken[rows, found.partner[rows, at]] = True
    return taken


def _carries(words: Words, ids: Ids) -> NDArray[np.bool_]:
    kind = words.columns.kind[ids]
    found: NDArray[np.bool_] = (kind == NAME) | (kind == INITIAL)
    return found


def _unlike(words: Words, found: Aligned) -> NDArray[np.float64]:
    """How few letters and pairs of letters the words without a partner have in common: 0 for the same ones, 1 for none."""
    held = words.columns
    seen = []
    for ids, alone in ((found.one, found.partner < 0), (found.other, ~_taken(found))):
        signs = np.where(
            (ids != 0) & alone & _carries(words, ids), held.sign[held.reading[held.first[ids]]], np.uint64(0)
        )
        seen.append(np.bitwise_or.reduce(signs, axis=1))
    either = np.bitwise_count(seen[0] | seen[1])
    apart: NDArray[np.float64] = np.bitwise_count(seen[0] ^ seen[1]) / np.maximum(either, 1)
    return apart


def _other_form(words: Words, found: Aligned) -> Any:
    """Whether both have a legal form, and not the same."""
    one = ((words.columns.kind[found.one] == FORM) & (found.partner < 0)).any(axis=1)
    other = ((words.columns.kind[found.other] == FORM) & ~_taken(found)).any(axis=1)
    return one & other


def _turned(found: Aligned) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether words stand in another order; and whether it is the same order begun elsewhere, as when the family name moves."""
    there = found.partner >= 0
    highest = np.maximum.accumulate(np.where(there, found.partner, np.int8(-1)), axis=1)
    falls = there[:, 1:] & (found.partner[:, 1:] < highest[:, :-1])
    first = np.where(there, found.partner, np.int8(-1))
    before = np.zeros(len(there), np.int8) - 1
    drops = np.zeros(len(there), np.int64)
    begin = np.full(len(there), -1, np.int8)
    for column in first.T:
        here = column >= 0
        drops += here & (column < before)
        begin = np.where(here & (begin < 0), column, begin)
        before = np.where(here, column, before)
    return np.asarray(falls.any(axis=1)), (drops == 1) & (before < begin)


def _parts(
    words: Words, found: Aligned, lonely: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What became of the family name and of the rest, for the sentence."""
    status = _status(words, found)
    count = len(status)
    rows = np.arange(count)
    place = _family_place(words, found)
    has = place >= 0
    family = np.where(has, status[rows, np.maximum(place, 0)], NONE).astype(np.uint8)
    rest = status.copy()
    rest[rows[has], place[has]] = NONE
    contradicted = np.minimum(*lonely) > 0
    seen = rest[:, :]
    worst = np.where(seen == MISSING, NONE, seen).max(axis=1)
    given = np.where(contradicted & (family != MISSING), DIFFERENT, worst).astype(np.uint8)
    family = np.where(family == MISSING, np.where(contradicted, DIFFERENT, MISSING), family).astype(np.uint8)
    return family, given


def _status(words: Words, found: Aligned) -> NDArray[np.uint8]:
    """SAME, SCRIPT, VOWEL, SPELT or CLOSE for a word with a partner, MISSING for one without, NONE where there is no word."""
    status = np.where(found.one == 0, NONE, np.where(found.partner < 0, MISSING, SAME)).astype(np.uint8)
    rows, at = np.nonzero(found.partner >= 0)
    a, b = found.one[rows, at], found.other[rows, found.partner[rows, at]]
    cost = found.cost[rows, at]
    scripts = words.columns.script[a] != words.columns.script[b]
    differ = cost > 0
    x, y = words.columns.codes[words.columns.own[a]], words.columns.codes[words.columns.own[b]]
    latin = words.columns.script[a] == LATIN
    single = (
        (np.count_nonzero(x != y, axis=1) == 1)
        & latin
        & ~scripts
        & (words.columns.mask[words.columns.own[a]] == words.columns.mask[words.columns.own[b]])
    )
    kind = np.where(~differ, SAME, np.where(scripts, SCRIPT, np.where(single, VOWEL, np.where(cost > 9, CLOSE, SPELT))))
    kind = np.where(scripts & (cost > 9), CLOSE, np.where(scripts, SCRIPT, kind))
    status[rows, at] = kind
    return status


def _family_place(words: Words, found: Aligned) -> NDArray[np.int64]:
    """Where the family name stands in the first name; −1 where custom has none or nobody can say."""
    count = np.count_nonzero(found.one, axis=1)
    last = count - 1
    first_bits = words.columns.bits[found.one[:, 0], found.populations]
    last_bits = words.columns.bits[found.one[np.arange(len(last)), np.maximum(last, 0)], found.populations]
    ahead = _FAMILY_FIRST[found.populations] & (first_bits <= last_bits)
    place = np.where(ahead, 0, last)
    return np.where(_NO_FAMILY[found.populations] | (count < 2), -1, place)
