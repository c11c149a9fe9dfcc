"""A rough romanisation of every alphabet that has no module of its own, from the names that Unicode gives its letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from spean.matching.names.model import Reading
from spean.matching.names.writing import fold

_NAMED = re.compile(r"(?:LETTER|VOWEL SIGN|SIGN|LIGATURE) (?:FINAL |SMALL |INDEPENDENT )?([A-Z]+)$")
_GREEK = {
    "ALPHA": "a", "BETA": "v", "GAMMA": "g", "DELTA": "d", "EPSILON": "e", "ZETA": "z", "ETA": "i", "THETA": "th", "IOTA": "i", "KAPPA": "k",
    "LAMDA": "l", "MU": "m", "NU": "n", "XI": "x", "OMICRON": "o", "PI": "p", "RHO": "r", "SIGMA": "s", "TAU": "t", "UPSILON": "y",
    "PHI": "f", "CHI": "ch", "PSI": "ps", "OMEGA": "o",
}  # fmt: skip
_HEBREW = {
    "ALEF": "a", "BET": "b", "GIMEL": "g", "DALET": "d", "HE": "h", "VAV": "v", "ZAYIN": "z", "HET": "h", "TET": "t", "YOD": "i", "KAF": "k",
    "LAMED": "l", "MEM": "m", "NUN": "n", "SAMEKH": "s", "AYIN": "a", "PE": "p", "TSADI": "ts", "QOF": "k", "RESH": "r", "SHIN": "sh", "TAV": "t",
}  # fmt: skip
_SILENT = frozenset({"VIRAMA", "NUKTA", "VISARGA"})


@lru_cache(maxsize=1 << 12)
def _letter(char: str) -> tuple[str, str]:
    """What a letter sounds like, and what it is: consonant with its own vowel, vowel sign, or anything else."""
    name = unicodedata.name(char, "")
    found = _NAMED.search(name)
    if found is None:
        return fold(char), "other"
    word = found.group(1)
    if name.startswith("GREEK"):
        return _GREEK.get(word, ""), "other"
    if name.startswith("HEBREW"):
        return _HEBREW.get(word, ""), "other"
    if word in _SILENT:
        return "", "sign"
    if word in ("ANUSVARA", "CANDRABINDU", "BINDI", "TIPPI"):
        return "n", "nasal"
    sound = word.lower().replace("aa", "a").replace("ii", "i").replace("uu", "u")
    if "VOWEL SIGN" in name:
        return sound, "sign"
    own = len(word) > 1 and word.endswith("A") and "BRAHMIC" not in name and _has_own_vowel(name)
    return (sound, "consonant") if own and word[0] not in "AEIOU" else (sound, "other")


def _has_own_vowel(name: str) -> bool:
    return name.startswith(
        (
            "DEVANAGARI",
            "BENGALI",
            "TAMIL",
            "TELUGU",
            "KANNADA",
            "MALAYALAM",
            "GUJARATI",
            "GURMUKHI",
            "ORIYA",
            "SINHALA",
            "TIBETAN",
        )
    )


def readings(word: str) -> tuple[Reading, ...]:
    """One rough Latin spelling; none for signs only."""
    pieces: list[str] = []
    for char in unicodedata.normalize("NFC", word):
        sound, what = _letter(char)
        if what == "sign" and pieces and pieces[-1].endswith("a"):
            pieces[-1] = pieces[-1][:-1]
        pieces.append(sound)
    latin = fold("".join(pieces))
    if len(latin) > 3 and latin.endswith("a") and pieces and len(pieces[-1]) > 1:
        return (Reading(latin[:-1], 0.5), Reading(latin, 1.5))
    return (Reading(latin, 0.0),) if latin else ()
