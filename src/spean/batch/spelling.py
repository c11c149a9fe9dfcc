"""Given names as they are called, and names in other scripts: what linkage takes from ``matching.names``."""

from __future__ import annotations

from functools import cache

from spean.matching.names.facts import lines
from spean.matching.names.parts import read


@cache
def formal() -> dict[str, str]:
    """Short names and other spellings → the full name. What stands for several names (*alex*, *ted*) stays with the first of them."""
    found: dict[str, str] = {}
    for _, what, _, words in lines("spellings.tsv"):
        full, *others = words.split()
        if what in ("short", "same"):
            for each in others:
                found.setdefault(each, full)
    return {each: full for each, full in found.items() if full not in found}


def in_latin(name: str) -> str:
    """The likeliest Latin spelling of a name in any script, part by part."""
    return " ".join(part.readings[0].latin if part.readings else part.written for part in read(name).parts)
