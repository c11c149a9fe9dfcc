"""Chinese characters: Mandarin, Cantonese and the spellings that families keep; one folded form; family and given name.

A given name is spelt by one system: readings mix the syllables of one system only. Polyphones in family names
(单 Shan, 曾 Zeng, 仇 Qiu, 解 Xie, 查 Zha) have the reading of the family.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from spean.matching.names import sinitic, sounds
from spean.matching.names.facts import lines, raw
from spean.matching.names.hangul import spellings
from spean.matching.names.model import MOST_READINGS, Reading, Role


class Sound(NamedTuple):
    """What a character reads: pinyin with tone numbers (v is ü), Jyutping, Korean (Hangul), Vietnamese without marks."""

    mandarin: tuple[str, ...]
    cantonese: tuple[str, ...]
    korean: str
    vietnamese: str


class Family(NamedTuple):
    """The spellings of a family name: pinyin, Hong Kong, South-East Asia, Taiwan and older; its place by frequency in China."""

    mandarin: str
    hong_kong: tuple[str, ...]
    south_east: tuple[str, ...]
    older: tuple[str, ...]
    place: int


# Bits of a system where nothing is known of the person; traditional characters speak for Hong Kong and Taiwan. A name has
# two parts that share their system: each bears half of what the system costs.
_SIMPLIFIED = {"mandarin": 0.3, "hong_kong": 1.7, "south_east": 2.2, "older": 2.3, "korean": 3.5, "vietnamese": 3.6}
_TRADITIONAL = {"mandarin": 0.7, "hong_kong": 1.0, "south_east": 1.7, "older": 1.4, "korean": 2.7, "vietnamese": 3.3}
_POLYPHONE = 3.0
_LONGEST = 12


@cache
def _characters() -> dict[str, str]:
    """The line of each character; it is cut when somebody asks for it."""
    return {line[0]: line for line in raw("han.tsv")}


@lru_cache(maxsize=1 << 14)
def _sound(char: str) -> Sound | None:
    line = _characters().get(char)
    if line is None:
        return None
    _, _, mandarin, cantonese, korean, vietnamese = line.split("\t")
    return Sound(tuple(mandarin.split()), tuple(cantonese.split()), korean, vietnamese)


@cache
def families() -> dict[str, Family]:
    """The family names that the table knows, by their folded form."""
    found: dict[str, Family] = {}
    for place, (name, mandarin, *others) in enumerate(lines("surnames_han.tsv")):
        spelt = [tuple(dict.fromkeys(part.replace("'", "") for part in row.split(",") if part)) for row in others]
        found.setdefault(name, Family(mandarin, spelt[0], spelt[1], spelt[2], place))
    return found


@lru_cache(maxsize=1 << 14)
def fold(word: str) -> str:
    """The one form that simplified, traditional and variant characters share (陳 and 陈: 陈)."""
    return "".join(map(_form, word))


@lru_cache(maxsize=1 << 14)
def _form(char: str) -> str:
    line = _characters().get(char)
    return (line.split("\t", 2)[1] or char) if line else char


def pinyin(char: str) -> tuple[str, ...]:
    """The Mandarin readings of a character with the numbers of their tones, the commonest first; ü is ``v``."""
    known = _sound(char)
    return known.mandarin if known else ()


@cache
def syllables() -> frozenset[str]:
    """All syllables of Mandarin, without tones."""
    return frozenset(_plain(reading) for line in raw("han.tsv") for reading in line.split("\t", 3)[2].split()[:1])


def _plain(syllable: str) -> str:
    return syllable.rstrip("1234").replace("v", "u")


Options = list[tuple[tuple[str, float], ...]]


def _combined(options: Options, most: int) -> list[tuple[str, float]]:
    """The likeliest joined spellings of syllables side by side."""
    found = [("", 0.0)]
    for syllable in options:
        longer = [(before + spelt, bits + more) for before, bits in found for spelt, more in syllable]
        found = sorted(longer, key=lambda row: row[1])[:most]
    return [row for row in found if row[0]]


def _by_system(word: str) -> Iterable[tuple[str, list[tuple[str, float]]]]:
    sounds = [sound for sound in map(_sound, word) if sound is not None]
    if not sounds or len(sounds) < len(word):
        return
    mandarin: Options = []
    for sound in sounds:
        plain = dict.fromkeys(map(_plain, sound.mandarin))
        umlauts = [_plain(sound.mandarin[0])[:-1] + "yu"] if sound.mandarin[0].rstrip("1234") in ("lv", "nv") else []
        mandarin.append(tuple((spelt, at * _POLYPHONE) for at, spelt in enumerate((*plain, *umlauts))))
    yield "mandarin", _combined(mandarin, 4)
    yield (
        "older",
        _combined([tuple((sinitic.wade_giles(spelt), bits) for spelt, bits in options) for options in mandarin], 1),
    )
    cantonese = [
        tuple((r.latin, r.bits) for r in sinitic.hong_kong(s.cantonese[0].rstrip("123456"))) if s.cantonese else ()
        for s in sounds
    ]
    if all(cantonese):
        yield "hong_kong", _combined(cantonese, 4)
    if all(sound.korean for sound in sounds):
        yield "korean", _combined([tuple((r.latin, r.bits) for r in spellings(s.korean, "g")[:2]) for s in sounds], 2)
    if all(sound.vietnamese for sound in sounds):
        yield "vietnamese", [("".join(sound.vietnamese for sound in sounds), 0.0)]


def _family(word: str) -> Iterable[tuple[str, list[tuple[str, float]]]]:
    """The spellings of a family name, by system; the first of each is the commonest."""
    known = families().get(fold(word))
    if known is None:
        yield from _by_system(word)
        return
    yield "mandarin", [(known.mandarin, 0.0)]
    for system, spelt in (("hong_kong", known.hong_kong), ("south_east", known.south_east), ("older", known.older)):
        yield system, [(name, 0.3 + 0.9 * at) for at, name in enumerate(spelt)]
    for system, rows in _by_system(word):
        if system == "vietnamese":
            yield system, rows
        if system == "korean" and (sound := _sound(word[0])):
            found = spellings(sound.korean, "f")[:2] if len(word) == 1 else ()
            yield system, [(reading.latin, reading.bits) for reading in found] or rows


@lru_cache(maxsize=1 << 14)
def readings(word: str, role: Role = "unknown") -> tuple[Reading, ...]:
    """The likely Latin spellings of a family name, a given name or any word in Chinese characters."""
    text = word.replace("々", word[:1])[:_LONGEST]
    weights = _SIMPLIFIED if fold(text) == text else _TRADITIONAL
    single = role == "unknown" and fold(text) in families()
    best: dict[str, float] = {}
    for system, rows in _family(text) if role == "family" or single else _by_system(text):
        for spelt, bits in rows:
            total = bits + weights[system]
            if total < best.get(spelt, 99.0):
                best[spelt] = total
    if role == "unknown" and len(text) > 1:
        for reading in sounds.readings("chinese", fold(text), fold(text)):
            best[reading.latin] = min(best.get(reading.latin, 99.0), reading.bits + 0.5)
    return tuple(Reading(spelt, bits) for spelt, bits in sorted(best.items(), key=lambda row: row[1])[:MOST_READINGS])


def is_foreign(text: str) -> bool:
    """Whether a word is often the name of a foreigner by sound (约翰 John) and does not begin with a common family name."""
    known = families().get(text[:1])
    return (known is None or known.place > 120) and len(text) > 1 and text in sounds.words("chinese")


@lru_cache(maxsize=1 << 14)
def split(word: str) -> tuple[str, ...]:
    """Family and given name of a Chinese name without a space; any other word is whole."""
    known = families()
    text = fold(word)
    if not 2 <= len(text) <= 4 or is_foreign(text):
        return (word,)
    if len(text) > 2 and text[:2] in known:
        return word[:2], word[2:]
    if len(text) == 4:
        double = text[0] in known and text[1] in known and known[text[0]].place < 150 and known[text[1]].place < 150
        return (
            (word[:1], word[1:])
            if text[0] in known and not double and known[text[0]].place < 60
            else (word[:2], word[2:])
        )
    return word[:1], word[1:]
