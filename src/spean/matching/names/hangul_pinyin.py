"""Chinese names in Hangul, as they sound in Mandarin (*천즈* Chen Zhi) or as Korean reads the characters (*진지*)."""

from __future__ import annotations

import math
from functools import cache, lru_cache

from spean.matching.names import sounds
from spean.matching.names.facts import lines
from spean.matching.names.model import MOST_READINGS, Reading

_LONGEST = 8
_BEAM = 12
FEWER = 1.0
"""Bits for each syllable: of two cuts that fit, the shorter is the likelier."""


@cache
def _table() -> dict[str, tuple[tuple[Reading, ...], float]]:
    """Of a chunk of Hangul: the pinyin it stands for, and the bits by which it speaks for a Chinese name."""
    found = {}
    counted = {chunk: [row.partition(":") for row in rows.split()] for chunk, rows in lines("hangul_pinyin.tsv")}
    everything = sum(int(count) for rows in counted.values() for _, _, count in rows)
    elsewhere = sounds.seen("hangul")
    others = sum(elsewhere.values()) + 1.0
    for chunk, rows in counted.items():
        total = sum(int(count) for _, _, count in rows)
        rate = math.prod((elsewhere.get(char, 0) + 1.0) / others for char in chunk)
        known = tuple(Reading(pinyin, -math.log2(int(count) / (total + 1.0))) for pinyin, _, count in rows)
        found[chunk] = (known, math.log2(total / everything / rate))
    return found


def sounds_of(chunk: str) -> tuple[Reading, ...]:
    """The syllables of pinyin that a chunk of Hangul may stand for, likeliest first."""
    return _table().get(chunk, ((), 0.0))[0]


@lru_cache(maxsize=1 << 14)
def readings(word: str) -> tuple[Reading, ...]:
    """Pinyin of a word of one to three syllables, without a space; none where a part of it sounds like none."""
    if len(word) > _LONGEST:
        return ()
    table = _table()
    rows: list[dict[str, float]] = [{"": 0.0}] + [{} for _ in word]
    for start in range(len(word)):
        if not rows[start]:
            continue
        best = sorted(rows[start].items(), key=_bits)[:_BEAM]
        for end in range(start + 1, min(len(word), start + 3) + 1):
            known = table.get(word[start:end])
            if known is None:
                continue
            into = rows[end]
            for before, bits in best:
                for pinyin, more in known[0]:
                    total = bits + more + FEWER
                    if total < into.get(before + pinyin, 99.0):
                        into[before + pinyin] = total
    found = sorted(rows[-1].items(), key=_bits)[:MOST_READINGS]
    return tuple([Reading(latin, bits - FEWER) for latin, bits in found if latin])


def _bits(row: tuple[str, float]) -> float:
    return row[1]


@lru_cache(maxsize=1 << 14)
def cut_of(word: str) -> tuple[int, float]:
    """Where the family name of a whole Chinese name ends (one syllable), and the bits by which the word speaks for one."""
    table = _table()
    best = (0, -20.0)
    for cut in range(1, min(3, len(word) - 1) + 1):
        known, family = table.get(word[:cut], ((), -20.0))
        given = given_bits(word[cut:])
        if known and family + given > best[1]:
            best = (cut, family + given)
    return best


@lru_cache(maxsize=1 << 14)
def given_bits(word: str) -> float:
    """The bits by which a word speaks for a Chinese given name, in its likeliest cut into one or two syllables."""
    table = _table()
    whole = table.get(word, ((), -20.0))[1] if len(word) <= 3 else -20.0
    two = (
        table.get(word[:cut], ((), -20.0))[1] + table.get(word[cut:], ((), -20.0))[1]
        for cut in range(1, min(3, len(word) - 1) + 1)
        if len(word) - cut <= 3
    )
    return max(whole, *two, -20.0)
