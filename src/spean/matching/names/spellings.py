"""Which Latin spellings are one name: one character's spellings, one Korean syllable's, one custom's letters, short names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from spean.matching.names import custom, han, hangul, sinitic
from spean.matching.names.facts import lines
from spean.matching.names.model import MOST_READINGS, Reading

_LONGEST = 24
_NOBODY = re.compile(r"(.)\1\1|[iy]{3}|i[jy]i|ii[jy]|[iy]j\$|hh|uhu?n|oo[hu]|eee")


def variants(word: str, populations: Sequence[str] = ()) -> tuple[Reading, ...]:
    """Other spellings of a folded Latin word in the customs of *populations*; guessed from the word without any.

    ``bits``: how surprising it is that one bearer of the name is written so elsewhere; the word itself is not among them.
    """
    return _variants(word[:_LONGEST], tuple(populations[:3]) or custom.guess((word,))[:3])


@lru_cache(maxsize=1 << 14)
def _variants(word: str, populations: tuple[str, ...]) -> tuple[Reading, ...]:
    best: dict[str, float] = {}
    for behind, population in enumerate(populations):
        for spelt, bits in _of_custom(word, population):
            if spelt and spelt != word and bits + behind < best.get(spelt, 16.0):
                best[spelt] = bits + behind
    return tuple(Reading(spelt, bits) for spelt, bits in sorted(best.items(), key=lambda row: row[1])[:MOST_READINGS])


def _of_custom(word: str, population: str) -> Iterator[tuple[str, float]]:
    yield from _same().get((population, word), ())
    if population == "zh":
        yield from _families(word)
        yield from _systems(word)
    elif population == "ko":
        yield from _korean(word)
    yield from _swapped(word, population)


# --- By the table ----------------------------------------------------------------------------------------------------


@cache
def _same() -> dict[tuple[str, str], tuple[tuple[str, float], ...]]:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for customs, what, bits, words in lines("spellings.tsv"):
        listed = words.split()
        for one, other in _pairs(listed, what):
            total = float(bits) + 0.05 * listed.index(other)
            for population in customs.split(","):
                known = found.setdefault((population, one), {})
                known[other] = min(total, known.get(other, 99.0))
    return {key: tuple(known.items()) for key, known in found.items()}


def _pairs(listed: list[str], what: str) -> Iterable[tuple[str, str]]:
    if what == "same":
        return [(one, other) for one in listed for other in listed if one != other]
    if what == "short":
        return [pair for other in listed[1:] for pair in ((listed[0], other), (other, listed[0]))]
    return ()


@cache
def _swaps() -> dict[str, tuple[tuple[str, str, float], ...]]:
    found: dict[str, list[tuple[str, str, float]]] = {}
    for customs, what, bits, words in lines("spellings.tsv"):
        if what == "swap":
            one, other = words.split()
            for population in customs.split(","):
                found.setdefault(population, []).extend(((one, other, float(bits)), (other, one, float(bits) + 0.5)))
    return {population: tuple(rows) for population, rows in found.items()}


def _swapped(word: str, population: str) -> Iterator[tuple[str, float]]:
    rules = _swaps().get(population, ())
    once = [(spelt, bits) for spelt, bits in _changed(f"^{word}$", rules)]
    for spelt, bits in once:
        yield spelt.strip("^$"), bits
    for spelt, bits in sorted(once, key=lambda row: row[1])[:6]:
        for again, more in _changed(spelt, rules):
            yield again.strip("^$"), bits + more


def _changed(text: str, rules: tuple[tuple[str, str, float], ...]) -> Iterator[tuple[str, float]]:
    """The text with one rule used wherever it fits; never what nobody writes (three of a letter, *iiy*)."""
    for one, other, bits in rules:
        if one in text and (len(other) < len(one) or other not in text):
            changed = text.replace(one, other)
            if not _NOBODY.search(changed):
                yield changed, bits


# --- Chinese ---------------------------------------------------------------------------------------------------------


@cache
def _bearers() -> dict[str, tuple[tuple[str, float], ...]]:
    """Of a spelling: the family names it may stand for, with bits."""
    shares: dict[str, dict[str, float]] = {}
    for name, family in han.families().items():
        often = 1.0 / (8.0 + family.place)
        spelt = {family.mandarin: 1.0}
        for share, listed in ((0.5, family.hong_kong), (0.5, family.south_east), (0.3, family.older)):
            for at, spelling in enumerate(listed):
                spelt[spelling] = max(spelt.get(spelling, 0.0), share * 0.6**at)
        for spelling, share in spelt.items():
            shares.setdefault(spelling, {})[name] = often * share
    return {
        spelling: tuple((name, -math.log2(share / sum(known.values()))) for name, share in known.items())
        for spelling, known in shares.items()
    }


def _families(word: str) -> Iterator[tuple[str, float]]:
    for name, bits in _bearers().get(word, ()):
        if bits > 6.0:
            continue
        family = han.families()[name]
        yield family.mandarin, bits + 1.0
        for behind, listed in ((1.5, family.hong_kong), (2.0, family.south_east), (2.0, family.older)):
            for at, spelling in enumerate(listed):
                yield spelling, bits + behind + 0.8 * at


@cache
def _syllables() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Pinyin → Wade–Giles, and back to all that it may be."""
    wade = {syllable: sinitic.wade_giles(syllable) for syllable in han.syllables()}
    back: dict[str, list[str]] = {}
    for syllable, spelt in wade.items():
        back.setdefault(spelt, []).append(syllable)
    return wade, {spelt: tuple(found) for spelt, found in back.items()}


def _cuts(word: str, known: dict[str, str] | dict[str, tuple[str, ...]], most: int = 3) -> list[tuple[str, ...]]:
    """The ways to cut a word into at most *most* syllables that are known."""
    if not word:
        return [()]
    if most == 0:
        return []
    return [
        (word[:length], *rest)
        for length in range(min(6, len(word)), 0, -1)
        if word[:length] in known
        for rest in _cuts(word[length:], known, most - 1)
    ]


def _systems(word: str) -> Iterator[tuple[str, float]]:
    """Pinyin in Wade–Giles and the other way round, syllable by syllable."""
    wade, back = _syllables()
    for cut in sorted(_cuts(word, wade), key=len)[:2]:
        yield "".join(wade[syllable] for syllable in cut), 2.0
    for cut in sorted(_cuts(word, back), key=len)[:2]:
        spelt = [("", 2.0)]
        for syllable in cut:
            options = back[syllable]
            spelt = [(before + option, bits + math.log2(len(options))) for before, bits in spelt for option in options][
                :16
            ]
        yield from spelt


# --- Korean ----------------------------------------------------------------------------------------------------------


def _korean(word: str) -> Iterator[tuple[str, float]]:
    """The spellings of the Hangul that a spelling may stand for."""
    for text, bits, role in hangul.heard(word):
        for reading in hangul.spellings(text, "f") if role == "family" else hangul.korean(text, "given"):
            yield reading.latin, bits + reading.bits
