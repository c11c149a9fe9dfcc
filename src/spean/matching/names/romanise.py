"""Readings of one word in any script: each script's own module, loaded when the first word of it comes."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module
from typing import Protocol, cast

from spean.matching.names import han, hangul, hangul_graph, sounds
from spean.matching.names.facts import raw
from spean.matching.names.lattice import NEVER, SPELLED, STRAY, Graph, beside, row, unit
from spean.matching.names.lattice import surprise as _surprise
from spean.matching.names.model import MOST_READINGS, Part, Reading, Role, Script
from spean.matching.names.writing import folds


class Romaniser(Protocol):
    """What a module of a script offers."""

    def readings(self, word: str) -> tuple[Reading, ...]:
        """The likely Latin spellings of a word, likeliest first."""


class Drawer(Romaniser, Protocol):
    """A module that lays out all ways to read a word."""

    def graph(self, word: str) -> Graph:
        """All ways to read a word."""


class Crowd(Romaniser, Protocol):
    """A module of a script whose names are single syllables."""

    def crowd(self, latin: str) -> float:
        """How many syllables are spelled so, as a power of two."""


class Splitter(Romaniser, Protocol):
    """A module of scripts that write words together."""

    def split(self, text: str) -> tuple[str, ...]:
        """The words or syllables of a text."""


class Recoder(Romaniser, Protocol):
    """A module of scripts that are typed in more than one code."""

    def unicode(self, text: str) -> str:
        """The text in Unicode."""


RARE = 0.25
"""How much the rarity of a Latin word's letters weighs."""
CROWDED = 0.4
"""How much it weighs that other syllables are spelled like the Latin word."""
_ROOMS: dict[Script, str] = {
    "kana": "kana",
    "arabic": "arabic",
    "cyrillic": "cyrillic",
    "khmer": "brahmic",
    "lao": "brahmic",
    "thai": "brahmic",
    "burmese": "brahmic",
}


@cache
def _room(script: Script) -> Romaniser:
    """The module of a script; for the scripts without one, the names that Unicode gives their letters have to do."""
    return cast(Romaniser, import_module(f"spean.matching.names.{_ROOMS.get(script, 'other')}"))


@lru_cache(maxsize=1 << 15)
def readings(word: str, script: Script, role: Role = "unknown") -> tuple[Reading, ...]:
    """At most ``MOST_READINGS`` Latin spellings of a word, likeliest first; a Latin word has itself, folded, first."""
    if script == "latin":
        return tuple(Reading(form, float(at)) for at, form in enumerate(folds(word)))
    if script == "hangul":
        return hangul.readings(word, role)
    if script == "han":
        return han.readings(word, role)
    return _room(script).readings(word)[:MOST_READINGS]


def surprise(written: str, script: Script, latin: str) -> float:
    """Bits of spelling a word as ``latin`` (letters a–z), over *all* readings, not only the likeliest few; never negative.

    0 is certain, 10 is one spelling of a thousand. The bits of two Latin spellings of one word can be compared; those of two words
    hardly. A letter that no reading has costs ``lattice.STRAY``; ``lattice.NEVER`` is what cannot be (no letters, other scripts).
    A Latin word is spelled as itself only.
    """
    if script == "latin":
        return 0.0 if latin in folds(written) else NEVER
    return _surprise(_graph(written, script), latin[:SPELLED]) + STRAY * max(0, len(latin) - SPELLED)


def misfit(written: str, script: Script, latin: str) -> float:
    """Bits by which to rank Latin words that may be a word of another script, the best one least; may be below 0.

    ``surprise`` less a share of how rare the Latin word is by its letters: *chun* is everybody's name, *chunn* speaks for ချွန်း
    (Bayes' rule; the share was found by trying on names that were held out).
    """
    found = surprise(written, script, latin) - RARE * sounds.rarity(latin[:SPELLED])
    return found + CROWDED * cast(Crowd, _room(script)).crowd(latin) if script == "burmese" else found


@lru_cache(maxsize=1 << 15)
def _graph(written: str, script: Script) -> Graph:
    if script == "hangul":
        return hangul_graph.graph(written)
    if script == "han" or script not in _ROOMS:
        known = readings(written, script)
        return beside([row([unit(known)])]) if known else ()
    return cast(Drawer, _room(script)).graph(written)


def in_unicode(text: str) -> str:
    """The text, with Burmese that was typed in Zawgyi turned into Unicode."""
    if any("\u1000" <= letter <= "\u109f" for letter in text):
        return cast(Recoder, _room("burmese")).unicode(text)
    return text


@cache
def _long_words() -> frozenset[str]:
    return frozenset(raw("burmese_words.tsv"))


def syllables(word: str) -> tuple[str, ...]:
    """The words of a Burmese name: its syllables, each of which is a word in Latin letters, but for known longer words."""
    pieces = cast(Splitter, _room("burmese")).split(word)
    found: list[str] = []
    at = 0
    while at < len(pieces):
        length = next(
            (n for n in range(5, 1, -1) if at + n <= len(pieces) and "".join(pieces[at : at + n]) in _long_words()), 1
        )
        found.append("".join(pieces[at : at + length]))
        at += length
    return tuple(found)


@lru_cache(maxsize=1 << 15)
def part(written: str, script: Script, role: Role) -> Part:
    """A word with its readings."""
    return Part(written, script, role, readings(written, script, role))
