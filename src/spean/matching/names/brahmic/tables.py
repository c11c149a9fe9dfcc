"""How people spell a unit of a script in Latin letters: tables learnt from name pairs, one small file a script.

A line of a table is a unit, a tab, and ``latin bits`` pairs. A unit's first character says its kind:

========  ============================================================================
``O``     onset: the consonants that open a syllable
``R``     rhyme: a vowel with the consonants that close it
``V F``   the same in two: vowel (open or closed), final consonants
``S``     a whole syllable that occurs often
``W``     several syllables that are spelled together (parts of names)
``X``     letters that are written and mostly not spoken
========  ============================================================================

The files lie in ``matching/names/data/brahmic``; ``SOURCES.md`` there says what they were derived from and how.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import product
from math import log2
from typing import Literal

from ..lattice import Options, Unit, unit

Tongue = Literal["km", "lo", "my", "th"]

SILENT: Options = (("", 0.0),)
MOST_MADE = 50_000
"""Units kept ready; hostile words could make any number."""
FEWEST = -3.0
"""So few syllables, as a power of two, have a spelling that none was seen with."""
MOST = 6
"""Spellings of a unit that is put together from its letters."""


class Table:
    """The units of a script with their spellings."""

    def __init__(self, units: dict[str, Options], price: dict[str, float] | None = None) -> None:
        self.units = units
        self.price = price or {}
        self._made: dict[str, Unit] = {}

    def __contains__(self, key: object) -> bool:
        return key in self.units

    def unit(self, key: str) -> Unit:
        """A unit with its spellings; one that was never seen is put together from its letters."""
        made = self._made.get(key)
        if made is None:
            made = unit(self.units.get(key) or self._compose(key), self.price.get(key, 0.0))
            if len(self._made) < MOST_MADE:
                self._made[key] = made
        return made

    def _compose(self, key: str) -> Options:
        kind, letters = key[:1], key[1:]
        single = [self.units[kind + letter][:2] for letter in letters[:3] if kind + letter in self.units]
        if not single or len(letters) < 2:
            return SILENT
        made: dict[str, float] = {}
        for parts in product(*single):
            latin = "".join(text for text, _ in parts)
            bits = sum(cost for _, cost in parts)
            made[latin] = min(bits, made.get(latin, bits))
        return tuple(sorted(made.items(), key=lambda item: item[1])[:MOST])


@cache
def table(tongue: Tongue) -> Table:
    """The learnt table of ``km``, ``lo``, ``my`` or ``th``, read once."""
    text = files("spean.matching.names").joinpath(f"data/brahmic/{tongue}.tsv").read_text(encoding="utf-8")
    return parse(text)


@cache
def name_syllables() -> frozenset[str]:
    """Burmese syllables that names are made of, in ``burmese.normal`` form."""
    text = files("spean.matching.names").joinpath("data/brahmic/my_syllables.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def crowds() -> dict[str, float]:
    """How many Burmese syllables have a spelling, each counted by how likely it is, as a power of two."""
    found: dict[str, float] = {}
    for key, options in table("my").units.items():
        if key[0] == "S":
            for latin, bits in options:
                found[latin] = found.get(latin, 2.0**FEWEST) + 2.0**-bits
    return {latin: log2(many) for latin, many in found.items()}


def parse(text: str) -> Table:
    """A table from its file: ``unit⇥latin bits latin bits …``; ``=`` stands for no letter; ``!unit⇥bits`` is a price."""
    units: dict[str, Options] = {}
    price: dict[str, float] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        key, _, rest = line.partition("\t")
        words = rest.split(" ")
        if key.startswith("!"):
            price[key[1:]] = float(words[0])
            continue
        units[key] = tuple(
            ("" if latin == "=" else latin, float(bits)) for latin, bits in zip(words[::2], words[1::2], strict=True)
        )
    return Table(units, price)
