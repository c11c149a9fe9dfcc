"""How common a word of a name is, in bits: −log2 of the share of people who have it. What is common proves little."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib import resources

from spean.matching.names import facts

POPULATIONS = ("", "ko", "zh", "vi", "my", "th", "lo", "km", "ms", "id", "fil", "ar", "ru", "ja", "hi", "en", "org")
"""Whose customs are told apart; the first is anyone, the last the names of organisations."""
NUMBER = {population: number for number, population in enumerate(POPULATIONS)}
LEAST, MOST = 5.0, 20.0
"""Bits of a word that no table has, by its length."""
_SYLLABIC = {"ko": 8.5, "zh": 8.5, "my": 7.5, "vi": 8.0}
"""Bits of an unknown syllable where names are made of few of them."""


@lru_cache(maxsize=1)
def at_large() -> dict[str, float]:
    """Bits of the words that are known at large."""
    rows = (line.split(",") for line in _lines("frequency.csv"))
    return {word: -math.log2(int(share) / 1e6) for word, share in rows}


@lru_cache(maxsize=1)
def by_population() -> dict[str, dict[str, float]]:
    """Of a Latin word: bits within each population that is known to have it."""
    found: dict[str, dict[str, float]] = {}
    for word, rows in facts.customs().items():
        for population, what, weight in rows:
            if what in "fg" and population in NUMBER:  # listed by rank only: from 1 in 30 to 1 in 500
                _least(found.setdefault(word, {}), population, 9.0 - (weight - 1) * 2.0)
    for line in _lines("surnames.csv"):
        population, share, spellings = line.split(",")
        for word in spellings.split():
            found.setdefault(word, {})[population] = -math.log2(int(share) / 1000)
    for line in _lines("organisations.csv"):
        share, listed = line.split(",")
        for word in listed.split():
            found.setdefault(word, {})["org"] = -math.log2(int(share) / 1000)
    return found


@lru_cache(maxsize=1)
def _families() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines("surnames.csv"):
        same = line.split(",")[2].split()
        for word in same if len(same) > 1 else ():
            found[word] = tuple(dict.fromkeys((*found.get(word, ()), *(each for each in same if each != word))))
    return found


def spellings_of(latin: str) -> tuple[str, ...]:
    """Other spellings of a common family name."""
    return _families().get(latin, ())


def _least(bits: dict[str, float], population: str, value: float) -> None:
    bits[population] = min(value, bits.get(population, value))


def _lines(name: str) -> list[str]:
    return resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8").splitlines()[1:]


LENGTH_BITS, SOUND_BITS = 4.0, 1.9
"""Bits of a word that no table has, and for each of its sounds: the longer, the fewer share it."""


def unknown(sounds: int) -> float:
    """Bits of a word of so many sounds that no table has, within what a word's bits may be."""
    return min(MOST, max(LEAST, LENGTH_BITS + SOUND_BITS * sounds))


def bits_of(latin: str, sounds: int) -> list[float]:
    """Bits of a Latin word in each of ``POPULATIONS``."""
    own = by_population().get(latin, {})
    general = at_large().get(latin)
    missing = unknown(sounds) if general is None else general
    commonest = min((bits for population, bits in own.items() if population != "org"), default=missing)
    anyone = min(missing, commonest + 2.0)
    found = [anyone] * len(POPULATIONS)
    for population, cap in _SYLLABIC.items():
        if sounds <= 4:
            found[NUMBER[population]] = min(anyone, cap + 0.8 * sounds)
    for population, bits in own.items():
        found[NUMBER[population]] = bits
    return found


def known(latin: str) -> bool:
    """Whether any table has the word."""
    return latin in by_population() or latin in at_large()


def with_customs(latin: str) -> bool:
    """Whether the word is known of some population's customs."""
    return latin in by_population()


def customs_of(latin: str) -> dict[int, float]:
    """How much a Latin word speaks for each population's customs; used to choose a table, never to judge a person."""
    found: dict[int, float] = {}
    for population, what, weight in facts.customs().get(latin, ()):
        if population in NUMBER:
            at = NUMBER[population]
            found[at] = found.get(at, 0.0) + weight * (1.3 if what == "m" else 1.0)
    return found
