"""Korean letters: how people spell Korean names, and other names written in Hangul, in Latin letters.

A Korean name goes syllable by syllable, with the spellings that people choose (김 Kim, Gim; 영 Young, Yeong), the Revised
Romanisation and McCune–Reischauer. Other names go by sound (``sounds``), jamo by jamo. A word that may be either gets both.
"""

from __future__ import annotations

import math
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise

from spean.matching.names import hangul_pinyin, sounds
from spean.matching.names.facts import lines
from spean.matching.names.model import MOST_READINGS, Reading, Role

_INITIALS = "g kk n d tt r m b pp s ss  j jj ch k t p h"
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"
_FINALS = " k k k n n n t l k m p l l p l m p p t t ng t t k t p t"
_INITIAL, _VOWEL, _FINAL = _INITIALS.split(" "), _VOWELS.split(), _FINALS.split(" ")
_MR_INITIALS = "k kk n t tt r m p pp s ss  ch tch ch k t p h"
_MR_VOWELS = "a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i"
_MR_INITIAL, _MR_VOWEL = _MR_INITIALS.split(" "), _MR_VOWELS.split()
_NORTH_INITIALS = "k kk n t tt r m p pp s ss  j jj ch kh th ph h"
_NORTH_INITIAL = _NORTH_INITIALS.split(" ")
_VOICED = {"k": "g", "t": "d", "p": "b", "ch": "j"}
_DOUBLE = "남궁 황보 제갈 사공 선우 서문 독고 동방 어금 망절 무본 황목 강전 장곡 소봉"
_DOUBLE_FAMILIES = dict.fromkeys(_DOUBLE.split(), 15.0) | {"황보": 8.0, "동방": 8.0, "강전": 8.0, "장곡": 8.0}
"""Families of two syllables, with the bits by which they speak for a Korean name; some begin like a name of one syllable."""
_FAMILY: Role = "family"
_GIVEN: Role = "given"
_SURELY = 4.0
"""Bits that speak for a given name from which a word of any role is read as one (*혜자*)."""
_MOST_SPELLINGS = 14
_BEAM, _NEAR = 16, 6.0
_HARDLY = -8.0
"""Bits that speak against one from which it is not read as one at all."""
_ADDED = 0.6
"""Pseudo-counts of the official spellings: nobody's own spelling is impossible."""


def _codes(word: str) -> list[int]:
    return [code for code in (ord(char) - 0xAC00 for char in word) if 0 <= code < 11172]


def revised(word: str) -> str:
    """The Revised Romanisation of each syllable by itself, as names of people are written; other characters fall away."""
    return "".join(_INITIAL[code // 588] + _VOWEL[code // 28 % 21] + _FINAL[code % 28] for code in _codes(word))


def mccune_reischauer(word: str) -> str:
    """McCune–Reischauer without its marks; *k t p ch* are voiced between vowels and after *m n l ng*."""
    found = ""
    for code in _codes(word):
        initial = _MR_INITIAL[code // 588]
        if found and found[-1] in "aeioumnlg" and initial in _VOICED and code // 588 in (0, 3, 7, 12):
            initial = _VOICED[initial]
        found += initial + _MR_VOWEL[code // 28 % 21] + _FINAL[code % 28]
    return found


# What a final becomes before an initial (numbers of Unicode's jamo): the final, the initial.
_NASAL = {1: 21, 2: 21, 7: 4, 17: 16, 19: 4, 20: 4, 22: 4, 23: 4, 24: 21, 25: 4, 26: 16}
_LINKED = {1: 0, 2: 1, 4: 2, 7: 3, 8: 5, 16: 6, 17: 7, 19: 9, 20: 10, 22: 12, 23: 14, 24: 15, 25: 16, 26: 17}


def assimilated(word: str) -> str:
    """The word as it is spoken in one breath (석민 성민, 일우 이루, 신라 실라): what is written together is often spelt so."""
    codes = [[code // 588, code // 28 % 21, code % 28] for code in _codes(word)]
    for before, after in pairwise(codes):
        final, initial = before[2], after[0]
        if initial == 11 and final in _LINKED:
            before[2], after[0] = 0, _LINKED[final]
        elif initial in (2, 6) and final in _NASAL:
            before[2] = _NASAL[final]
        elif {(final, initial)} & {(4, 5), (8, 2)}:
            before[2], after[0] = 8, 5
        elif initial == 5 and (final in (16, 21) or final in _NASAL):
            before[2], after[0] = _NASAL.get(final, final), 2
    return "".join(chr(0xAC00 + initial * 588 + vowel * 28 + final) for initial, vowel, final in codes)


def north_korean(word: str) -> str:
    """The spelling of the North: plain initials without voice, vowels as in McCune–Reischauer (정은 *Jong Un*)."""
    return "".join(
        _NORTH_INITIAL[code // 588] + _MR_VOWEL[code // 28 % 21] + _FINAL[code % 28] for code in _codes(word)
    )


def official(word: str) -> tuple[str, ...]:
    """The spellings by McCune–Reischauer, of the North, and as the word is spoken in one breath."""
    spoken = assimilated(word)
    found = (
        mccune_reischauer(word),
        north_korean(word),
        revised(spoken).replace("lr", "ll"),
        mccune_reischauer(spoken).replace("lr", "ll"),
    )
    return tuple(latin for latin in dict.fromkeys(found) if latin)


@cache
def _learnt() -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for role, syllable, spellings in lines("hangul_syllables.tsv"):
        found[role, syllable] = {
            spelt: int(count) for spelt, _, count in (row.partition(":") for row in spellings.split())
        }
    return found


@lru_cache(maxsize=1 << 14)
def spellings(syllable: str, role: str) -> tuple[Reading, ...]:
    """How people spell a syllable (or a family name of two) in Korean names; *role* is ``f`` or ``g``."""
    counts: dict[str, float] = dict(_learnt().get((role, syllable), {}))
    for official, share in ((revised(syllable), 1.0), (mccune_reischauer(syllable), 0.5)):
        if official:
            counts[official] = counts.get(official, 0.0) + share * _ADDED
    total = sum(counts.values())
    best = sorted(counts.items(), key=lambda row: -row[1])[:_MOST_SPELLINGS]
    return tuple(Reading(spelt, -math.log2(count / total)) for spelt, count in best)


@lru_cache(maxsize=1 << 14)
def korean(word: str, role: Role) -> tuple[Reading, ...]:
    """The likely spellings of a Korean word, syllable by syllable."""
    if role == "family" and (len(word) == 1 or word in _DOUBLE_FAMILIES):
        return spellings(word, "f")
    found = [(0.0, "")]
    for char in word:
        likely = _likely_spellings(char)
        longer = [(bits + more, before + spelt) for bits, before in found for spelt, more in likely]
        found = sorted(longer or found)[:_BEAM]
    if not found[0][1]:
        return ()
    known = {latin for _, latin in found}
    least = found[0][0]
    extra = [(least + 4.0 + 0.2 * at, latin) for at, latin in enumerate(official(word)) if latin not in known]
    return tuple([Reading(latin, bits) for bits, latin in sorted([*found[: MOST_READINGS - len(extra)], *extra])])


@lru_cache(maxsize=1 << 13)
def _likely_spellings(syllable: str) -> tuple[Reading, ...]:
    """Spellings of a syllable of a given name that are not much rarer than its likeliest one."""
    found = spellings(syllable, "g")[:8]
    return tuple(row for row in found if row.bits < found[0].bits + _NEAR)


@cache
def _back() -> dict[str, dict[str, tuple[Reading, ...]]]:
    """Of a spelling: the syllables it stands for in family names (``f``) and in given names (``g``), with bits of both together."""
    counts: dict[str, dict[str, dict[str, float]]] = {"f": {}, "g": {}}
    totals = {"f": 1.0, "g": 1.0}
    for (role, syllable), known in _learnt().items():
        total = sum(known.values())
        totals[role] += total
        for reading in spellings(syllable, role):
            if reading.bits < 6.0:
                counts[role].setdefault(reading.latin, {})[syllable] = total * 2.0**-reading.bits
    return {
        role: {latin: _bits(found, totals[role]) for latin, found in table.items()} for role, table in counts.items()
    }


def _bits(found: dict[str, float], total: float) -> tuple[Reading, ...]:
    best = sorted(found.items(), key=lambda row: -row[1])[:4]
    return tuple(Reading(syllable, -math.log2(count / total)) for syllable, count in best if count >= 0.5)


@lru_cache(maxsize=1 << 14)
def heard(latin: str) -> tuple[tuple[str, float, Role], ...]:
    """The Korean names that a Latin spelling may stand for: Hangul, bits, and whether it is a family or a given name."""
    families = [(reading.latin, reading.bits, _FAMILY) for reading in _back()["f"].get(latin, ())]
    cuts: list[tuple[str, float, str]] = [("", 0.0, latin)]
    given: list[tuple[str, float, Role]] = []
    for _ in range(3):
        longer = [
            (text + reading.latin, bits + reading.bits, rest[length:])
            for text, bits, rest in cuts
            for length in range(1, min(7, len(rest)) + 1)
            for reading in _back()["g"].get(rest[:length], ())
        ]
        cuts = sorted(longer, key=lambda row: row[1])[:24]
        given += [(text, bits, _GIVEN) for text, bits, rest in cuts if not rest]
    behind = 2.0 if families else 0.0
    return (
        *_likely(families),
        *((text, bits + behind, role) for text, bits, role in _likely(sorted(given, key=lambda row: row[1])[:6])),
    )


def _likely(found: list[tuple[str, float, Role]]) -> list[tuple[str, float, Role]]:
    """Those within four bits of the likeliest, with bits of each among them."""
    least = min((bits for _, bits, _ in found), default=0.0)
    kept = [row for row in found if row[1] < least + 4.0]
    mass = math.log2(sum(2.0 ** (least - bits) for _, bits, _ in kept) or 1.0)
    return [(text, bits - least + mass, role) for text, bits, role in kept]


@lru_cache(maxsize=1 << 14)
def other(word: str) -> tuple[Reading, ...]:
    """The likely spellings of a word as a name of another language (*조지 워싱턴*)."""
    jamo = "".join(
        char for char in unicodedata.normalize("NFD", word) if "\u1100" <= char <= "\u11c2" and char != "\u110b"
    )
    return sounds.readings("hangul", word, jamo) if jamo else ()


@cache
def _usage() -> tuple[dict[str, float], dict[str, float]]:
    """Bits by which a syllable speaks for a Korean name: as a family name, in a given name."""
    totals = {"f": 0, "g": 0}
    counts: dict[tuple[str, str], int] = {}
    for (role, syllable), known in _learnt().items():
        counts[role, syllable] = sum(known.values())
        totals[role] += counts[role, syllable]
    elsewhere = sounds.seen("hangul")
    everything = sum(elsewhere.values()) + 1.0
    found: dict[str, dict[str, float]] = {"f": {}, "g": {}}
    for (role, syllable), count in counts.items():
        rate = (elsewhere.get(syllable[0], 0) + 1.0) / everything
        found[role][syllable] = math.log2(count / totals[role] / rate)
    return found["f"], found["g"]


def family_bits(word: str, cut: int) -> float:
    """The bits by which a word speaks for a family name, of so many syllables, with a given name."""
    family, given = _usage()
    name, rest = word[:cut], word[cut:]
    bits = _DOUBLE_FAMILIES.get(name, -20.0) if cut == 2 else family.get(name, -6.0)
    return (
        bits
        + sum(given.get(char, -4.0) for char in rest)
        - (4.0 if len(rest) > 2 else 0.0)
        - (1.0 if len(word) == 2 else 0.0)
    )


@lru_cache(maxsize=1 << 14)
def cut_of(word: str) -> int:
    """Where the family name ends in a word that is a whole Korean or Chinese name; 0 when it is likelier another name."""
    if not 2 <= len(word) <= 7:
        return 0
    bits, cut = max(((family_bits(word, cut), cut) for cut in (1, 2) if cut < len(word) <= cut + 3), default=(-20.0, 0))
    alone = given_bits(word)
    if alone > max(bits + 3.0, _SURELY) and len(word) == 2:
        return 0  # a given name alone (지민), rather than a family with a given name of one syllable
    other_cut, other_bits = hangul_pinyin.cut_of(word)
    if other_bits > max(bits, 0.0):
        return other_cut
    return cut if bits > 0.0 else 0


def is_family(word: str) -> bool:
    """Whether a word is a Korean family name, by how often it stands there."""
    return word in _DOUBLE_FAMILIES or (len(word) == 1 and _usage()[0].get(word, -1.0) > 0.0)


def is_given(word: str) -> bool:
    """Whether a word of one to three syllables is likelier a Korean given name than anything else."""
    return given_bits(word) > -2.0


def given_bits(word: str) -> float:
    """The bits by which a word speaks for a Korean given name."""
    return sum(_usage()[1].get(char, -3.0) for char in word) if 0 < len(word) <= 3 else -20.0


def split(word: str) -> tuple[str, ...]:
    """Family and given name of a Korean name without a space; any other word is whole."""
    cut = cut_of(word)
    return (word[:cut], word[cut:]) if cut else (word,)


@lru_cache(maxsize=1 << 14)
def readings(word: str, role: Role = "unknown") -> tuple[Reading, ...]:
    """The likely Latin spellings of a word in Hangul, by the model that its role speaks for, then by the other."""
    if role == "family":
        ours, theirs = korean(word, role), other(word)
        korean_first = len(word) == 1 or word in _DOUBLE_FAMILIES
    elif role == "unknown" and is_family(word):
        return readings(word, "family")
    else:
        ours = korean(word, role) if len(word) <= 4 and (role == "given" or given_bits(word) > _HARDLY) else ()
        theirs = other(word) if given_bits(word) <= _SURELY else sounds.words("hangul").get(word, ())
        korean_first = (
            is_given(word) and given_bits(word) >= hangul_pinyin.given_bits(word)
            if role == "given"
            else given_bits(word) > _SURELY
        )
    sounds_chinese = max(hangul_pinyin.given_bits(word), hangul_pinyin.cut_of(word)[1]) > _HARDLY
    chinese = hangul_pinyin.readings(word) if sounds_chinese or len(word) == 1 else ()
    many, few, behind = (ours, theirs, 3.0) if korean_first else (theirs, ours, 5.0)
    fits = bool(chinese) and not korean_first and role in ("family", "given")
    aside = 1 if korean_first and role != "family" else 3
    ranked = [
        (many, 1.0 if fits else 0.0),
        (chinese[: 12 if fits else aside], 0.0 if fits else 4.0),
        (few[:aside], behind),
    ]
    best: dict[str, float] = {}
    for found, more in ranked:
        for latin, bits in found:
            if bits + more < best.get(latin, 99.0):
                best[latin] = bits + more
    kept = sorted([(bits, latin) for latin, bits in best.items()])[:MOST_READINGS]
    return tuple([Reading(latin, bits) for bits, latin in kept])
