"""Derived keys of a person: at most 24 exact strings, of which two spellings of one person have some in common (B1, A7).

Each key joins parts of a name with parts of a birth date, so that a wrong letter, a swapped name, another script or one wrong part of
the date spares some of them. Only the oblivious function's outputs of these keys are ever compared: two nodes see which whole keys are
equal, and nothing that resembles a name or grows more alike as names do (no Bloom filter, no distance, no shared hash).

A key *certifies* what is in it. The keys that agree between two persons certify together, for each part, the best that any of them
says; each says so many bits against chance, and the sum, less the bits that a holding of that size gives to chance, is the weight of a
candidate. Names alone are a key only when they are whole; a birth date alone is none, since it is soon guessed and says little.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import NamedTuple

from spean.core import sounds
from spean.core.consonants import latin
from spean.core.errors import InvalidInput
from spean.matching.names.model import Part
from spean.matching.private.categories import LONGEST

MOST = 24
"""Keys of one person; a question always has so many, the rest are dummies."""
_WAYS = 3
"""Ways in which a word may sound that are taken along."""
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_LEFT_OUT = ("title", "particle", "nickname")
DATE_BITS: Mapping[str, float] = {"y": 6.3, "m": 3.6, "d": 4.9}
"""Bits against chance: years spread over about eighty, months, days."""
MARGIN = 3.0
"""Bits that a candidate weighs at least beyond chance: 8 : 1."""
AGAINST = 10.0
"""Bits against, when a whole date was asked about and no part of it agrees: most entries have one, and one of a thousand of the same person has
two of its three parts wrong. A common name of two short words is then not enough, however few persons are held."""
MARGIN_OF_WHOLE = -1.0
"""The same where two whole holdings are assigned one to one."""


class Certified(NamedTuple):
    """That word ``word`` (0, 1; counted in this person's own order) agrees at this level; ``date``: these parts of the date."""

    words: tuple[tuple[int, str], ...]
    date: str


@dataclass(frozen=True, slots=True)
class Derived:
    """One key: the bytes that are blinded, and what they certify when they agree."""

    value: bytes
    says: Certified


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the name as the keys use it."""

    plain: str
    sounds: tuple[str, ...]


def derived(name: str, birth: str) -> tuple[Derived, ...]:
    """The keys of a person, the strongest first. Raises ``InvalidInput`` for a name without letters or a date of another form."""
    words = _words(name)
    date = _date(birth)
    keys: dict[str, Certified] = {}
    for text, says in _all(words, date):
        keys.setdefault(text, says)
    return tuple(Derived(f"spean/1/person\0{text}".encode(), says) for text, says in islice(keys.items(), MOST))


def _words(name: str) -> tuple[_Word, ...]:
    """The two words that tell most, in an order that does not depend on how the name is written."""
    if not name.strip() or len(name) > LONGEST:
        raise InvalidInput(
            "name", "empty or too long", remedy=f"give the name as written, at most {LONGEST} characters"
        )
    from spean.matching.names.parts import read  # a node that matches nobody never loads the scripts

    parts = read(name).parts
    parts = tuple(part for part in parts if part.role not in _LEFT_OUT) or parts
    found = [word for part in parts if (word := _word(part)).plain]
    if not found and any(sign.isalpha() for sign in name):  # a name that reads like a word about names, such as *Alias*
        found = [_Word(name.strip().casefold(), ())]
    if not found:
        raise InvalidInput("name", "it has no letters that can be read", remedy="give the name as written")
    longest = sorted(dict.fromkeys(found), key=lambda word: (-len(word.plain), word.plain))[:2]
    return tuple(sorted(longest, key=lambda word: word.plain))


def _word(part: Part) -> _Word:
    spelt = [each.latin for each in part.readings]
    return _Word(spelt[0] if spelt else part.written.casefold(), _sound(part.written, spelt))


def _sound(written: str, readings: Sequence[str]) -> tuple[str, ...]:
    said = [key for each in readings[:4] for way in latin(each) if (key := sounds.folded(way))]
    heard = sorted(sounds.keys(written)) if not written.isascii() else []
    return tuple(dict.fromkeys([*heard, *said]))[:_WAYS]


def _date(birth: str) -> tuple[str, str, str]:
    """Year, month and day; empty where not known."""
    if not birth:
        return "", "", ""
    found = _DATE.fullmatch(birth)
    if found is None:
        raise InvalidInput("birth", "not a date", remedy="give YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = found.groups(default="")
    return year, month, day


def _all(words: tuple[_Word, ...], date: tuple[str, str, str]) -> Iterator[tuple[str, Certified]]:
    """Every key in order of use: text, and what it certifies. What two keys of single words say together needs no third."""
    year, month, day = date
    whole = f"ymd={year}{month}{day}" if day else ""
    parts = {"ym": year + month, "yd": year + day, "md": month + day} if day else {"ym": year + month} if month else {}
    if whole:
        yield f"n={_joined(words)} {whole}", Certified(_both(words, "plain"), "ymd")
        yield from _one_by_one(words, whole)
    for place, word in enumerate(words):
        for name, value in parts.items():
            yield f"n={word.plain} {name}={value}", Certified(((place, "plain"),), name)
    if len(words) > 1:
        yield f"n={_joined(words)}", Certified(_both(words, "plain"), "")
        for each in islice(_sounded(words), 2):
            yield f"s={each}", Certified(_both(words, "sound"), "")
    if len(words) > 1 and 0 < int(day or 0) <= 12:  # day and month may have been taken for one another
        for each in islice(_sounded(words), 1):
            yield f"s={each} swap={year}{''.join(sorted((month, day)))}", Certified(_both(words, "sound"), "ymd")
    for place, word in enumerate(words):
        if whole:
            yield f"i={word.plain[0]} {whole}", Certified(((place, "initial"),), "ymd")
    for place, word in enumerate(words):
        for name, value in parts.items():
            for each in word.sounds[:1]:
                yield f"s={each} {name}={value}", Certified(((place, "sound"),), name)
    if len(words) > 1:
        for level, size in (("begin", slice(0, 3)), ("end", slice(-3, None))):
            pieces = " ".join(sorted(word.plain[size] for word in words))
            yield f"{level}={pieces}", Certified(_both(words, level), "")


def _one_by_one(words: tuple[_Word, ...], whole: str) -> Iterator[tuple[str, Certified]]:
    """One word by its sound, beginning or end, with the whole date."""
    for place, word in enumerate(words):
        for each in word.sounds:
            yield f"s={each} {whole}", Certified(((place, "sound"),), "ymd")
    for place, word in enumerate(words):
        if len(word.plain) > 3:
            yield f"begin={word.plain[:3]} {whole}", Certified(((place, "begin"),), "ymd")
            yield f"end={word.plain[-3:]} {whole}", Certified(((place, "end"),), "ymd")


def _joined(words: tuple[_Word, ...]) -> str:
    return " ".join(word.plain for word in words)


def _both(words: tuple[_Word, ...], level: str) -> tuple[tuple[int, str], ...]:
    return tuple((place, level) for place in range(len(words)))


def _sounded(words: Iterable[_Word]) -> Iterator[str]:
    """The ways in which the whole name may sound, its words in alphabetical order of their sounds."""
    ways = [word.sounds for word in words]
    yield from dict.fromkeys(" ".join(sorted(each)) for each in islice(product(*ways), _WAYS))


# weighing ---------------------------------------------------------------------------------------------------------


def weight(name: str, agreed: Iterable[Certified], persons: int) -> float:
    """Bits by which agreement on these keys exceeds chance among ``persons``; a candidate has at least ``MARGIN``."""
    words = _words(name)
    best: dict[int, float] = {}
    date: set[str] = set()
    for says in agreed:
        date.update(says.date)
        for place, level in says.words:
            best[place] = max(best.get(place, 0.0), _bits(words[place], level))
    total = sum(best.values()) + sum(DATE_BITS[part] for part in date)
    return total - math.log2(max(persons, 1))


def found(name: str, birth: str, agreed: Iterable[Certified], persons: int) -> float:
    """The weight for a single question: like ``weight``, and against it counts a date of which nothing agrees."""
    says = list(agreed)
    bits = weight(name, says, persons)
    return bits - AGAINST if len(birth) == 10 and not any(each.date for each in says) else bits


def assign(weights: Mapping[tuple[str, int], float]) -> dict[str, int]:
    """One to one, heaviest first: each of ours (name) gets at most one of theirs (group). For whole holdings, where each person stands once.

    There a candidate need not exceed chance by ``MARGIN``: that nobody else fits better is evidence, too.
    """
    found: dict[str, int] = {}
    taken: set[int] = set()
    for (mine, group), bits in sorted(weights.items(), key=lambda each: (-each[1], each[0])):
        if bits >= MARGIN_OF_WHOLE and mine not in found and group not in taken:
            found[mine] = group
            taken.add(group)
    return found


def percent(bits: float) -> int:
    """The weight as a chance in hundred, before anybody looked."""
    return round(100 / (1 + 2 ** -max(min(bits, 30.0), -30.0)))


@lru_cache(maxsize=4096)
def _bits(word: _Word, level: str) -> float:
    """How rarely two persons agree so by chance: longer words are rarer."""
    if level == "plain":
        return min(4.0 + 0.7 * len(word.plain), 10.0)
    if level == "sound":
        return min(2.0 * max(map(len, word.sounds), default=0), 7.5)
    return 6.0 if level in ("begin", "end") else 3.0
