"""How written words sound, folded so coarsely that a name has the same *sound key* in every script (DOMAIN 6.A, A7).

A key is the skeleton of a word's consonants: what romanisers swap is one sign, vowels and glides count at the beginning only.
*Sok Dara*, សុខ ដារ៉ា, สุข ดารา and 속 다라 are ``sk tl``. This is a sieve for candidates that a person looks at, never a match and
never a ground to act (D8): many names share a key, and names whose spelling went another way are missed.

Read are Latin (Vietnamese too), Hangul, Thai, Lao, Khmer and Burmese letters. Han letters are left out: they do not say how
they sound. Names without a space within a sentence of a script that writes none are not taken apart either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, product
from typing import NamedTuple

from spean.core.consonants import READERS, script_of

MOST_CHARACTERS = 20_000
"""Of one text that are listened to."""
MOST_LETTERS = 24
"""Letters and marks of a word; what is longer is a sentence, an address or a hash."""
MOST_WAYS = 4
"""Ways at most in which one word, or several together, may sound."""
MOST_JOINED = 4
"""Words that may be one name: in a text as short as that, and in a query."""
_LONGEST = 12
"""Signs of a key; what comes after tells no names apart."""
_SHORTEST = 2
_FAMILY = range(2, 5)
"""Syllables of a Korean name written without a space; the first is the family's."""

_GAP = 3
"""Characters between two words that stand together."""

_LATIN = "A-Za-zÀ-ÖØ-öø-ɏ\u0300-\u036fḀ-ỿ"
_WORD = re.compile(
    rf"(?<![0-9_])[{_LATIN}]+(?:[-'’ʻ][{_LATIN}]+)*(?![0-9_{_LATIN}])|[가-힣ᄀ-ᇿ]+|[ก-ฺเ-๎]+|[ກ-ໟ]+|[ក-៓៝\u200c\u200d]+|[က-ဿ]+"
)
_SYLLABLES = re.compile("[가-힣]+")
_PART = re.compile(rf"[{_LATIN}]+")


class Sound(NamedTuple):
    """A sound key of what stands at ``start:end`` of the text."""

    key: str
    start: int
    end: int


class _Said(NamedTuple):
    """A word or a part of one with the ways in which it may sound, not folded yet."""

    ways: tuple[str, ...]
    start: int
    end: int


def sounds(text: str) -> list[Sound]:
    """The sound keys of the words of ``text``, in order of their places. A word may have several, parts and joins their own.

    Never raises. A word of fewer than two signs has none: too much would sound like it.
    """
    found: dict[Sound, None] = {}
    words = []
    for word in _words(text[:MOST_CHARACTERS]):
        words.append(word[0])
        for said in word:
            found.update(dict.fromkeys(_keys([said])))
    if 1 < len(words) <= MOST_JOINED:
        found.update(dict.fromkeys(_keys(words)))
        found.update(dict.fromkeys(_keys([words[-1], *words[:-1]])))
    return sorted(found, key=lambda sound: (sound.start, sound.end, sound.key))


Ways = tuple[tuple[str, ...], ...]
"""Alternatives of keys; those of one stand one after the other."""


def asked(words: str, pieces: Sequence[tuple[int, int]]) -> list[Ways]:
    """How each piece (start, end) of a query may sound; empty for a piece that cannot be heard, such as a number.

    A piece also sounds as a part of what it makes together with its neighbours: *Sok Dara* is ``sktl`` where no space is written.
    """
    cut = [list(_words(words[start:end])) for start, end in pieces]
    whole = [[word[0] for word in each] for each in cut]
    result = []
    for at, each in enumerate(cut):
        ways = _one(each[0]) if len(each) == 1 else _row(whole[at])
        if each:
            for low, high in _around(at, len(pieces)):
                ways += _row_joined([said for piece in whole[low:high] for said in piece])
        result.append(tuple(dict.fromkeys(ways)))
    return result


def _around(at: int, count: int) -> Iterator[tuple[int, int]]:
    """Rows of up to ``MOST_JOINED`` neighbours that hold the piece at this place."""
    for length in range(1, MOST_JOINED + 1):
        for low in range(max(0, at - length + 1), min(at, count - length) + 1):
            yield low, low + length


def _one(word: Sequence[_Said]) -> list[tuple[str, ...]]:
    return [(sound.key,) for sound in _keys(word[:1])] + _row(word[1:])


def _row(parts: Sequence[_Said]) -> list[tuple[str, ...]]:
    """Keys of parts that stand apart."""
    each = [[sound.key for sound in _keys([part])] for part in parts]
    return list(islice(product(*each), MOST_WAYS)) if each else []


def _row_joined(parts: Sequence[_Said]) -> list[tuple[str, ...]]:
    return [(sound.key,) for sound in _keys(parts)] if 1 < len(parts) <= MOST_JOINED else []


def heard(ways: Ways, text: str, found: Sequence[Sound]) -> list[tuple[int, int]]:
    """Where a text with these sounds (``sounds(text)``) sounds in one of these ways: start and end, in order."""
    return sorted({place for keys in ways for place in _places(keys, text, found)})


def _places(keys: tuple[str, ...], text: str, found: Sequence[Sound]) -> Iterator[tuple[int, int]]:
    ends = {(sound.start, sound.end) for sound in found if sound.key == keys[0]}
    for key in keys[1:]:
        after = [sound for sound in found if sound.key == key]
        ends = {(start, sound.end) for start, end in ends for sound in after if _touch(text, end, sound.start)}
    yield from ends


def _touch(text: str, end: int, start: int) -> bool:
    """Whether nothing that is said stands between."""
    return 0 <= start - end <= _GAP and not any(each.isalnum() for each in text[end:start])


def _words(text: str) -> Iterator[list[_Said]]:
    """Each word, first as a whole, then its parts."""
    for found in _WORD.finditer(text):
        start, end = found.span()
        if end - start > MOST_LETTERS:
            continue
        spans = [(start, end)]
        script = script_of(text[start])
        if script == "latin":
            parts = [part.span() for part in _PART.finditer(text, start, end)]
            spans += parts if len(parts) > 1 else []
        elif end - start in _FAMILY and _SYLLABLES.fullmatch(text, start, end):
            spans += [(start, start + 1), (start + 1, end)]
        if script in READERS:
            said = [_Said(_ways(script, text[low:high]), low, high) for low, high in spans]
            yield [part if part.start == start else part._replace(ways=part.ways[: _inner(script)]) for part in said]


def _inner(script: str) -> int:
    """Ways of a part that begins no word: the other readings of a Korean family name are none of a given name's."""
    return 1 if script == "hangul" else MOST_WAYS


def _ways(script: str, word: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(READERS[script](word)))[:MOST_WAYS]


def _keys(parts: Sequence[_Said]) -> Iterator[Sound]:
    """The keys of parts that are said one after the other."""
    start, end = min(part.start for part in parts), max(part.end for part in parts)
    for ways in islice(product(*(part.ways for part in parts)), MOST_WAYS):
        if key := folded("".join(ways)):
            yield Sound(key, start, end)


def folded(said: str) -> str:
    """The key of a word as a reader said it; empty when it is too short to tell anything."""
    key = said[:1]
    for before, sign in pairwise(said):
        if sign not in "awyh" and sign != before:
            key += sign
    return key[:_LONGEST] if len(key) >= _SHORTEST else ""
