"""How written words sound, folded so coarsely that a name has the same *sound key* in every script (DOMAIN 6.A, A7).

A key is the skeleton of a word's consonants: what romanisers swap is one sign, vowels and glides count at the beginning only.
*Sok Dara*, សុខ ដារ៉ា, สุข ดารา and 속 다라 are ``sk tl``. This is a sieve for candidates that a person looks at, never a match and
never a ground to act (D8): many names share a key, and names whose spelling went another way are missed.

Read are Latin (Vietnamese too), Hangul, Thai, Lao, Khmer and Burmese letters. Han letters do not say how they sound: whoever has
a table of their readings passes it in (``Han``), otherwise they are left out. Names without a space within a sentence of a script
that writes none are not taken apart either, and in a sentence Latin words without a capital letter are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, product
from typing import NamedTuple

from spean.core.consonants import READERS, latin, script_of

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
_CHARACTERS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005"
_WITH_HAN = re.compile(rf"{_WORD.pattern}|[{_CHARACTERS}]+")
_HAN = re.compile(f"[{_CHARACTERS}]")
_SYLLABLES = re.compile("[가-힣]+")
_PART = re.compile(rf"[{_LATIN}]+")


class Sound(NamedTuple):
    """A sound key of what stands at ``start:end`` of the text."""

    key: str
    start: int
    end: int


Han = Callable[[str, bool], Iterable[tuple[int, int, tuple[str, ...]]]]
"""Reads a word of Han letters; told whether it stands in a short text. The word as a whole first, then its parts: start and end within it, and
the ways in which it may sound, in the signs of ``consonants``. Nothing for what is no name."""


class _Said(NamedTuple):
    """A word or a part of one with the ways in which it may sound, not folded yet."""

    ways: tuple[str, ...]
    start: int
    end: int


def sounds(text: str, han: Han | None = None) -> list[Sound]:
    """The sound keys of the words of ``text``, in order of their places. A word may have several, parts and joins their own.

    Never raises. A word of fewer than two signs has none: too much would sound like it.
    """
    found = {sound for parts in _said(text, han) for sound in _keys(parts)}
    return sorted(found, key=lambda sound: (sound.start, sound.end, sound.key))


def keys(text: str, han: Han | None = None) -> set[str]:
    """The sound keys of ``text`` without their places: what an index holds."""
    found: set[str] = set()
    for parts in _said(text, han):
        found.update(_folded(parts))
    return found


def _said(text: str, han: Han | None) -> Iterator[list[_Said]]:
    """All that has keys: each word, its parts, and in a short text all words together, in both orders of names."""
    matches = list((_WORD if han is None else _WITH_HAN).finditer(text, 0, MOST_CHARACTERS))
    short = len(matches) <= MOST_JOINED
    words = []
    for word in _words(text, matches, short, han):
        words.append(word[0])
        for said in word:
            yield [said]
    if short and len(words) > 1:
        yield words
        yield [words[-1], *words[:-1]]


Ways = tuple[tuple[str, ...], ...]
"""Alternatives of keys; those of one stand one after the other."""


def asked(words: str, pieces: Sequence[tuple[int, int]], han: Han | None = None) -> list[Ways]:
    """How each piece (start, end) of a query may sound; empty for a piece that cannot be heard, such as a number.

    A piece also sounds as a part of what it makes together with its neighbours: *Sok Dara* is ``sktl`` where no space is written.
    """
    pattern = _WORD if han is None else _WITH_HAN
    cut = [list(_words(words, pattern.finditer(words, start, end), True, han)) for start, end in pieces]
    whole = [[word[0] for word in each] for each in cut]
    result: list[Ways] = []
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


def _words(text: str, matches: Iterable[re.Match[str]], short: bool, han: Han | None) -> Iterator[list[_Said]]:
    """Each word, first as a whole, then its parts. In a text that is not short a Latin word without a capital names nobody."""
    for found in matches:
        start, end = found.span()
        written = found[0]
        if end - start > MOST_LETTERS or (not short and written.islower()):
            continue
        if written.isalpha() and written.isascii():
            yield [_Said(latin(written), start, end)]
            continue
        if _HAN.match(written):
            if han is not None and (
                said := [_Said(ways, start + low, start + high) for low, high, ways in han(written, short)]
            ):
                yield said
            continue
        spans = [(start, end)]
        script = script_of(written[0])
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
    for key in _folded(parts):
        yield Sound(key, start, end)


def _folded(parts: Sequence[_Said]) -> list[str]:
    if len(parts) == 1:
        said: Iterable[str] = parts[0].ways
    else:
        said = map("".join, islice(product(*(part.ways for part in parts)), MOST_WAYS))
    return [key for each in said if (key := folded(each))]


def folded(said: str) -> str:
    """The key of a word as a reader said it; empty when it is too short to tell anything."""
    key = before = said[:1]
    for sign in said[1:]:
        if sign != before and sign in "ktpsmnl":
            key += sign
        before = sign
    return key[:_LONGEST] if len(key) >= _SHORTEST else ""
