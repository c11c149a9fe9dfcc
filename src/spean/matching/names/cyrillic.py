"""Cyrillic letters: the passport spelling, then those that other custom and other languages give."""

from __future__ import annotations

from functools import lru_cache

from spean.matching.names import sounds
from spean.matching.names.lattice import Graph, beside, row, unit
from spean.matching.names.model import MOST_READINGS, Reading

_LETTERS = "абвгдежзийклмнопрстуфхцчшщыэюяёіїєґўјљњћђџѓќѕәғқңөұүһҷҳӣӯ"
_SOUNDS = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya e i yi ye g u j lj nj c dj dz g k dz a g k n o u u h j h i u"
_ONE = dict(zip(_LETTERS, _SOUNDS.split(), strict=True))
# What else is common, with its bits: a change of the whole spelling, so that one writer stays one writer.
_OTHERWISE: tuple[tuple[dict[str, str], float], ...] = (
    ({}, 0.6),
    ({"ю": "iu", "я": "ia", "ъ": "ie", "й": "i"}, 2.0),
    ({"х": "h", "ц": "c", "ж": "j"}, 3.5),
    ({"щ": "sch", "ж": "zh", "ю": "yu", "й": "j", "я": "ja", "х": "ch"}, 4.5),
    ({"щ": "sht", "ъ": "a", "х": "h"}, 4.5),
    ({"г": "h", "и": "y", "й": "i"}, 4.5),
    ({"ё": "yo", "е": "ye"}, 4.5),
)


def _ends(latin: str) -> str:
    for long, short in (("iy", "y"), ("yy", "y"), ("ii", "i"), ("yi", "y"), ("ij", "y")):
        if latin.endswith(long):
            return latin[: -len(long)] + short
    return latin


def by_rule(word: str) -> tuple[Reading, ...]:
    """The spellings that rules give: of passports, of other languages, of older custom."""
    low = word.lower()
    found: dict[str, float] = {}
    for change, bits in _OTHERWISE:
        table = _ONE | change
        latin = "".join(table.get(char, "") for char in low)
        for spelt, more in (
            (_ends(latin), 0.4),
            (latin, 2.0),
            (latin.replace("ks", "x"), 2.0),
            (latin.replace("iya", "ia"), 0.5),
        ):
            if spelt and bits + more < found.get(spelt, 99.0):
                found[spelt] = bits + more
    best = sorted(found.items(), key=lambda row: row[1])
    return tuple(Reading(latin, bits) for latin, bits in best[:MOST_READINGS])


@lru_cache(maxsize=1 << 14)
def readings(word: str) -> tuple[Reading, ...]:
    """The likely Latin spellings of a word in Cyrillic letters: those that people bear, and those of the rules."""
    low = word.lower()
    best = {reading.latin: reading.bits for reading in sounds.readings("russian", low, low)}
    for spelt, bits in by_rule(low):
        best[spelt] = min(best.get(spelt, 99.0), bits + 1.0)
    found = sorted((bits, spelt) for spelt, bits in best.items())[:MOST_READINGS]
    return tuple(Reading(spelt, bits) for bits, spelt in found)


@lru_cache(maxsize=1 << 14)
def graph(word: str) -> Graph:
    """All ways to read a word in Cyrillic letters."""
    low = word.lower()
    rules = unit(tuple((spelt, bits + 1.0) for spelt, bits in by_rule(low)) or (("", 0.0),))
    return beside([row([rules]), *sounds.runs("russian", low, low)])
