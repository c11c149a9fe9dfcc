"""Names of other languages in Hangul (*조지 워싱턴*): jamo by jamo into Latin letters, as people there spell names."""

from __future__ import annotations

import math
import unicodedata
from functools import cache, lru_cache

from spean.matching.names.facts import lines
from spean.matching.names.model import MOST_READINGS, Reading

_BEAM = 12
_LONGEST = 40
_LETTERS = 0.45
"""How much the letters of Latin names weigh beside the sounds; found by trying on names that were held out."""
_BACK = 6.0
_UNSEEN = 0.02
_ALONE = 2.0  # bits of words that the table of known words does not hold


@cache
def _units() -> dict[str, tuple[int, dict[str, int]]]:
    found = {}
    for key, total, chunks in lines("hangul_units.tsv"):
        found[key] = (
            int(total),
            {chunk: int(count) for chunk, _, count in (row.rpartition(":")[::1] for row in chunks.split(" "))},
        )
    return found


@cache
def _words() -> dict[str, tuple[Reading, ...]]:
    """Words seen at least twice with their spellings."""
    found = {}
    for word, total, spellings in lines("hangul_words.tsv"):
        rows = (row.partition(":") for row in spellings.split())
        found[word] = tuple(Reading(spelt, -math.log2(int(count) / (int(total) + 1.0))) for spelt, _, count in rows)
    return found


@cache
def _trigrams() -> tuple[dict[str, int], dict[str, int]]:
    three: dict[str, int] = {}
    two: dict[str, int] = {}
    for key, count in lines("hangul_letters.tsv"):
        three[key] = int(count)
        two[key[:2]] = two.get(key[:2], 0) + int(count)
    return three, two


@cache
def syllables() -> dict[str, int]:
    """How often a syllable stands in words that are not Korean names."""
    found: dict[str, int] = {}
    for word, total, _ in lines("hangul_words.tsv"):
        for char in word:
            found[char] = found.get(char, 0) + int(total)
    return found


@lru_cache(maxsize=1 << 14)
def _chunks(before: str, jamo: str, after: str) -> tuple[tuple[str, float], ...]:
    """What a jamo is written as between two others, with bits; the rarer the context, the more its shorter ones say."""
    units = _units()
    shares: dict[str, float] = {}
    for weight, keys in ((1.0, (jamo,)), (None, (jamo + after, before + jamo + ".")), (None, (before + jamo + after,))):
        fresh: dict[str, float] = {}
        seen = 0
        for key in keys:
            total, known = units.get(key, (0, {}))
            seen += total
            for chunk, count in known.items():
                fresh[chunk] = fresh.get(chunk, 0.0) + count
        back = 0.0 if weight else _BACK
        if seen:
            shares = {
                chunk: (fresh.get(chunk, 0.0) + back * shares.get(chunk, 0.0)) / (seen + back)
                for chunk in fresh.keys() | shares.keys()
            }
    best = sorted(shares.items(), key=lambda row: (-row[1], row[0]))[:8]
    return tuple((chunk, -math.log2(share)) for chunk, share in best if share > 0.002)


@lru_cache(maxsize=1 << 16)
def _spelt(last: str, chunk: str) -> tuple[float, str]:
    """The bits of letters after the *last* two, and the last two then."""
    three, two = _trigrams()
    bits = 0.0
    for letter in chunk:
        bits -= math.log2((three.get(last + letter, 0) + _UNSEEN * 20) / (two.get(last, 0) + 20.0))
        last = last[1] + letter
    return bits, last


@lru_cache(maxsize=1 << 16)
def readings(word: str) -> tuple[Reading, ...]:
    """The likely Latin spellings: those that were seen, then those by sound."""
    known = _words().get(word, ())
    heard = _sounded(word[:_LONGEST])
    if not known:
        return heard
    latin = {row.latin for row in known}
    return (*known, *(Reading(spelt, bits + _ALONE) for spelt, bits in heard if spelt not in latin))[:MOST_READINGS]


def _sounded(word: str) -> tuple[Reading, ...]:
    jamo = [char for char in unicodedata.normalize("NFD", word) if "\u1100" <= char <= "\u11c2" and char != "\u110b"]
    if not jamo:
        return ()
    text = ["^", *jamo, "$"]
    beam: dict[str, tuple[float, str]] = {"": (0.0, "^^")}
    for at in range(1, len(text) - 1):
        longer: dict[str, tuple[float, str]] = {}
        chunks = _chunks(text[at - 1], text[at], text[at + 1])
        for latin, (bits, last) in beam.items():
            for chunk, more in chunks:
                letters, then = _spelt(last, chunk)
                total = bits + more + _LETTERS * letters
                spelt = latin + chunk
                if spelt not in longer or total < longer[spelt][0]:
                    longer[spelt] = (total, then)
        beam = dict(sorted(longer.items(), key=lambda row: row[1][0])[:_BEAM]) if longer else beam
    ended = [(bits + _LETTERS * _spelt(last, "$")[0], latin) for latin, (bits, last) in beam.items() if latin]
    return _normal(sorted(ended)[:MOST_READINGS])


def _normal(ended: list[tuple[float, str]]) -> tuple[Reading, ...]:
    """Bits so that the spellings kept have two thirds of all likelihood."""
    if not ended:
        return ()
    least = ended[0][0]
    mass = math.log2(sum(2.0 ** (least - bits) for bits, _ in ended))
    return tuple(Reading(latin, bits - least + mass + 0.6) for bits, latin in ended)
