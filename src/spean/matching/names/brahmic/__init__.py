"""How names written in Khmer, Lao, Thai and Burmese letters are spelled in Latin letters.

Three questions, the same for the four scripts:

* ``readings(word)``: its likely Latin spellings with their bits, likeliest first;
* ``surprise(word, latin)``: bits of a given spelling, over *all* readings (finer than comparing with twelve readings);
* ``split(text)``: its words or syllables, as the script writes them.

Every vowel sign is kept. Only tables that were learnt from name pairs know how people spell (``tables``); the modules
of the scripts know how the letters are read.
"""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType
from typing import Final

from ..lattice import SPELLED, STRAY, Graph, spellings
from ..lattice import surprise as _surprise
from ..model import MOST_READINGS, Reading, Script
from . import burmese, khmer, lao, thai, zawgyi
from .tables import FEWEST, Tongue, crowds, name_syllables, table

LONGEST: Final = 48
"""Letters of a word that are read; the rest of a longer one is not a name."""

_SCRIPTS: Final[dict[Script, tuple[Tongue, ModuleType]]] = {
    "khmer": ("km", khmer),
    "lao": ("lo", lao),
    "thai": ("th", thai),
    "burmese": ("my", burmese),
}


def script_of(text: str) -> Script | None:
    """Which of the four scripts the first letter that has one is of; None for others."""
    for letter in text:
        if "\u0e00" <= letter <= "\u0e7f":
            return "thai"
        if "\u0e80" <= letter <= "\u0eff":
            return "lao"
        if "\u1780" <= letter <= "\u17ff":
            return "khmer"
        if "\u1000" <= letter <= "\u109f" or "\uaa60" <= letter <= "\uaa7f":
            return "burmese"
    return None


@lru_cache(maxsize=16384)
def readings(word: str) -> tuple[Reading, ...]:
    """Latin spellings of one word of the four scripts, likeliest first, at most ``MOST_READINGS``; nothing for others."""
    return tuple(Reading(latin, bits) for latin, bits in spellings(graph(word), MOST_READINGS) if latin)


def surprise(word: str, latin: str) -> float:
    """Bits of spelling ``word`` as ``latin`` (letters a–z); words of other scripts and other letters are very surprising."""
    return _surprise(graph(word), latin[:SPELLED]) + STRAY * max(0, len(latin) - SPELLED)


def crowd(latin: str) -> float:
    """How many Burmese syllables are spelled so, each counted by how likely it is, as a power of two; −3 is none."""
    return crowds().get(latin, FEWEST)


def split(text: str) -> tuple[str, ...]:
    """The words of a text as its script writes them: Burmese names by syllable, the others where they leave a space.

    A foreign word in Burmese letters stays whole, as it is one word in Latin letters.

    Burmese that was typed in Zawgyi comes out in Unicode. Text that is in none of the four scripts stays as it is.
    """
    parts: list[str] = []
    for piece in unicode(text).split():
        script = script_of(piece)
        if script is None:
            parts.append(piece)
        elif script == "burmese":
            parts.extend(burmese.split(piece, name_syllables()))
        else:
            parts.extend(_SCRIPTS[script][1].split(piece))
    return tuple(parts)


def unicode(text: str) -> str:
    """The text, with Burmese that was typed in Zawgyi turned into Unicode."""
    if script_of(text) == "burmese" and zawgyi.seems(text[: 4 * LONGEST], table("my")):
        return zawgyi.to_unicode(text)
    return text


@lru_cache(maxsize=16384)
def graph(word: str) -> Graph:
    """All ways to read a word of the four scripts; none for others."""
    script = script_of(word)
    if script is None:
        return ()
    tongue, reader = _SCRIPTS[script]
    units = table(tongue)
    draft, start, end = reader.draw(reader.normal(unicode(word[:LONGEST])), units)
    found: Graph = draft.graph(start, end, units.unit)
    return found
