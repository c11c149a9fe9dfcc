"""Sound keys of every script, Chinese characters by their readings too (``core.sounds``): 陈志 is heard in *CHEN Zhi* and *Chan Chi*.

A name of two to four characters is read as family and given name, in Mandarin, Cantonese and the other spellings that families keep, the
likeliest ways first. In a longer text only what begins with a family name is taken for one; a run of more characters is a sentence. Like every
sound key it is a sieve for people to look through, never a match.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from spean.core import sounds as core
from spean.core.consonants import latin
from spean.core.sounds import MOST_WAYS, Sound, Ways

_NAME = range(2, 5)
_READINGS = 6
"""Spellings of a part that are listened to."""
_HEARD = 8
"""Ways in which a whole name may sound: two systems of writing it, mixed by families, are four already."""

Part = tuple[int, int, tuple[str, ...]]


def sounds(text: str) -> list[Sound]:
    """The sound keys of the words of ``text``, in order of their places."""
    return core.sounds(text, _han)


def keys(text: str) -> set[str]:
    """The sound keys of ``text`` without their places."""
    return core.keys(text, _han)


def asked(words: str, pieces: Sequence[tuple[int, int]]) -> list[Ways]:
    """How each piece (start, end) of a query may sound."""
    return core.asked(words, pieces, _han)


@lru_cache(maxsize=1 << 12)
def _han(word: str, short: bool) -> tuple[Part, ...]:
    """The whole name, family name and given name, each with its ways."""
    if len(word) not in _NAME:
        return ()
    from spean.matching.names import han  # its tables are loaded when the first character is met

    parts = han.split(word)
    if len(parts) != 2 or han.fold(parts[0]) not in han.families():
        return ((0, len(word), _ways(_spelt(word, "given"))),) if short else ()
    family, given = _spelt(parts[0], "family"), _spelt(parts[1], "given")
    whole = sorted((bits + more, one + other) for one, bits in family for other, more in given)
    cut = len(parts[0])
    return (
        (0, len(word), _ways([(said, bits) for bits, said in whole], _HEARD)), (0, cut, _ways(family)), (cut, len(word), _ways(given)),
    )  # fmt: skip


def _spelt(part: str, role: str) -> list[tuple[str, float]]:
    """Ways in which a part is said, with the bits of the spelling that says so."""
    from spean.matching.names import han

    several = han.readings(part, "family" if role == "family" else "given")[:_READINGS]
    return [(said, reading.bits) for reading in several for said in latin(reading.latin)[:1]]


def _ways(said: Sequence[tuple[str, float]], most: int = MOST_WAYS) -> tuple[str, ...]:
    """The likeliest ways that differ as keys."""
    found: dict[str, str] = {}
    for each, _ in said:
        if key := core.folded(each):
            found.setdefault(key, each)
    return tuple(found.values())[:most]
