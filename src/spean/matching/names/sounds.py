"""Words of any language in letters that are read by sound: letter by letter into Latin letters, as people spell names.

A letter is written as a chunk of Latin letters that depends on the letters on either side; what comes out is weighed by the
letters that Latin names are made of. Frequent words (*조지*: George) have the spellings that they were seen with.
The tables are learnt (``scripts/names_sounds.py``, ``scripts/names_hangul.py``).
"""

from __future__ import annotations

import math
from functools import cache, lru_cache

from spean.matching.names.facts import lines
from spean.matching.names.lattice import Run, Unit, row, unit
from spean.matching.names.model import MOST_READINGS, Reading

_BEAM = 12
_FURTHER = 9.0
"""Bits by which the beginning of a spelling may be worse than the likeliest one."""
_LONGEST = 40
_LETTERS = 0.25
"""How much the letters of Latin names weigh beside the sounds; found by trying on names that were held out."""
_BACK = 1.5
"""Sightings that the shorter contexts count for, for each chunk that a longer one was seen with (Witten and Bell 1991)."""
_UNSEEN = 0.4
_MOST_CHUNKS, _LEAST_SHARE = 20, 0.0005
_FEW, _NEAR = 6, 6.0
"""Chunks of a letter that readings are made of: how many, and how much less likely than the likeliest, in bits."""
_SMOOTH = 20.0
_ODD = 7.0
"""Bits of one letter of a Latin word at most: a slip of the hand is not rare beyond all measure."""
_ALONE = 2.0
"""Bits that go before a spelling by sound where the word itself was seen with others."""

Units = dict[str, tuple[int, dict[str, int]]]


@cache
def _units(script: str) -> Units:
    found = {}
    for key, total, chunks in lines(f"{script}_units.tsv"):
        pairs = (row.rpartition(":") for row in chunks.split(" "))
        found[key] = (int(total), {chunk: int(count) for chunk, _, count in pairs})
    return found


@cache
def words(script: str) -> dict[str, tuple[Reading, ...]]:
    """Words of a script that were seen often enough, with their spellings."""
    found = {}
    for word, total, spellings in lines(f"{script}_words.tsv"):
        rows = (row.partition(":") for row in spellings.split())
        found[word] = tuple(Reading(spelt, -math.log2(int(count) / (int(total) + 1.0))) for spelt, _, count in rows)
    return found


@cache
def seen(script: str) -> dict[str, int]:
    """How often a letter stands in the words of a script's table."""
    found: dict[str, int] = {}
    for word, total, _ in lines(f"{script}_words.tsv"):
        for char in word:
            found[char] = found.get(char, 0) + int(total)
    return found


@cache
def _trigrams() -> tuple[dict[str, int], dict[str, int]]:
    three: dict[str, int] = {}
    two: dict[str, int] = {}
    for key, count in lines("letters.tsv"):
        three[key] = int(count)
        two[key[:2]] = two.get(key[:2], 0) + int(count)
    return three, two


@lru_cache(maxsize=1 << 15)
def _chunks(script: str, before: str, letter: str, after: str) -> tuple[tuple[str, float], ...]:
    """The likeliest of ``_all_chunks``: those that readings are made of."""
    best = _all_chunks(script, before, letter, after)[:_FEW]
    return tuple(row for row in best if row[1] < best[0][1] + _NEAR)


def _all_chunks(script: str, before: str, letter: str, after: str) -> tuple[tuple[str, float], ...]:
    """What a letter is written as between two others, with bits; the rarer the context, the more its shorter ones say."""
    units = _units(script)
    shares = _alone(script, letter)
    for keys, trust in (((letter + after, before + letter + "."), _BACK), ((before + letter + after,), 2.0 * _BACK)):
        found = [units[key] for key in keys if key in units]
        if found:
            back = trust * sum(len(known) for _, known in found)
            times = sum(total for total, _ in found) + back
            shares = {chunk: share * back / times for chunk, share in shares.items()}
            for _, known in found:
                for chunk, count in known.items():
                    shares[chunk] = shares.get(chunk, 0.0) + count / times
    best = sorted([row for row in shares.items() if row[1] > _LEAST_SHARE], key=_falling)[:_MOST_CHUNKS]
    return tuple([(chunk, -math.log2(share)) for chunk, share in best])


@lru_cache(maxsize=1 << 12)
def _alone(script: str, letter: str) -> dict[str, float]:
    total, known = _units(script).get(letter, (0, {}))
    return {chunk: count / total for chunk, count in known.items()}


def _falling(row: tuple[str, float]) -> tuple[float, str]:
    return -row[1], row[0]


@lru_cache(maxsize=1 << 15)
def _unit(script: str, before: str, letter: str, after: str) -> Unit:
    return unit(_all_chunks(script, before, letter, after) or (("", 0.0),))


def runs(script: str, word: str, letters: str) -> list[Run]:
    """The ways to read a word: as it was seen, and its *letters* by sound."""
    known = words(script).get(word, ())
    text = f"^{letters[:_LONGEST]}$"
    units = [_unit(script, *text[at - 1 : at + 2]) for at in range(1, len(text) - 1)]
    found = [row(units, _ALONE if known else 0.0)] if units else []
    return [*found, row([unit(tuple(known))])] if known else found


@lru_cache(maxsize=1 << 14)
def _spelt(last: str, chunk: str) -> tuple[float, str]:
    """What letters after the *last* two weigh, in bits, and the last two then."""
    three, two = _trigrams()
    bits = 0.0
    for letter in chunk:
        bits -= math.log2((three.get(last + letter, 0) + _UNSEEN) / (two.get(last, 0) + _SMOOTH))
        last = last[1] + letter
    return _LETTERS * bits, last


@lru_cache(maxsize=1 << 14)
def readings(script: str, word: str, letters: str) -> tuple[Reading, ...]:
    """The likely Latin spellings of a word: those that were seen, then those of its *letters* by sound."""
    known = words(script).get(word, ())
    heard = by_sound(script, letters)
    if not known:
        return heard
    latin = {row.latin for row in known}
    return (*known, *(Reading(spelt, bits + _ALONE) for spelt, bits in heard if spelt not in latin))[:MOST_READINGS]


def by_sound(script: str, letters: str) -> tuple[Reading, ...]:
    """Spellings by sound alone; none where no letter is known."""
    text = f"^{letters[:_LONGEST]}$"
    beam: list[tuple[float, str, str]] = [(0.0, "", "^^")]
    for at in range(1, len(text) - 1):
        chunks = _chunks(script, *text[at - 1 : at + 2])
        if not chunks:
            continue
        limit = beam[0][0] + _FURTHER
        longer: dict[str, tuple[float, str, str]] = {}
        for bits, latin, last in beam:
            if bits > limit:
                break
            for chunk, more in chunks:
                weight, then = _spelt(last, chunk)
                total = bits + more + weight
                spelt = latin + chunk
                if spelt not in longer or total < longer[spelt][0]:
                    longer[spelt] = (total, spelt, then)
        beam = sorted(longer.values())[:_BEAM]
    ended = [(bits + _spelt(last, "$")[0], latin) for bits, latin, last in beam if latin]
    return _normal(sorted(ended)[:MOST_READINGS])


def _normal(ended: list[tuple[float, str]]) -> tuple[Reading, ...]:
    """Bits so that the spellings kept have two thirds of all likelihood."""
    if not ended:
        return ()
    least = ended[0][0]
    mass = math.log2(sum(2.0 ** (least - bits) for bits, _ in ended))
    return tuple(Reading(latin, bits - least + mass + 0.6) for bits, latin in ended)


@cache
def _latin() -> tuple[dict[str, int], dict[str, int]]:
    three: dict[str, int] = {}
    two: dict[str, int] = {}
    for key, count in lines("latin_letters.tsv"):
        three[key] = int(count)
        two[key[:2]] = two.get(key[:2], 0) + int(count)
    return three, two


@lru_cache(maxsize=1 << 17)
def rarity(latin: str) -> float:
    """Bits of a Latin word (a–z) among all names of the world by its letters, three by three: many for *chunn*, fewer for *chun*."""
    three, two = _latin()
    text = f"^^{latin}$"
    return sum(
        min(
            _ODD,
            -math.log2((three.get(text[at - 2 : at + 1], 0) + _UNSEEN) / (two.get(text[at - 2 : at], 0) + _SMOOTH)),
        )
        for at in range(2, len(text))
    )
