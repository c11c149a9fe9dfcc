"""A rough romanisation of every alphabet that has no module of its own, from the names that Unicode gives its letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from spean.matching.names.model import Reading
from spean.matching.names.writing import fold

_NAMED = re.compile(
    r"(?:LETTER|SYLLABLE|VOWEL SIGN|SIGN|LIGATURE) (?:FINAL |SMALL |INDEPENDENT |PHARYNGEAL |GLOTTAL )?([A-Z]+)$"
)


def _table(names: str, sounds: str) -> dict[str, str]:
    return dict(zip(names.split(), sounds.split(), strict=True))


_GREEK = _table(
    "ALPHA BETA GAMMA DELTA EPSILON ZETA ETA THETA IOTA KAPPA LAMDA MU NU XI OMICRON PI RHO SIGMA TAU UPSILON PHI CHI PSI OMEGA",
    "a v g d e z i th i k l m n x o p r s t y f ch ps o",
)
_HEBREW = _table(
    "ALEF BET GIMEL DALET HE VAV ZAYIN HET TET YOD KAF LAMED MEM NUN SAMEKH AYIN PE TSADI QOF RESH SHIN TAV",
    "a b g d h v z h t i k l m n s a p ts k r sh t",
)
_ARMENIAN = _table(
    "AYB BEN GIM DA ECH ZA EH ET TO ZHE INI LIWN XEH CA KEN HO JA GHAD CHEH MEN YI NOW SHA"
    " VO CHA PEH JHEH RA SEH VEW TIWN REH CO YIWN PIWR KEH OH FEH",
    "a b g d e z e e t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f",
)
_GEORGIAN = _table(
    "AN BAN GAN DON EN VIN ZEN TAN IN KAN LAS MAN NAR ON PAR ZHAR RAE SAN TAR UN PHAR KHAR GHAN QAR SHIN CHIN CAN JIL CIL CHAR XAN JHAN HAE",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
)
_LETTERS = {"GREEK": _GREEK, "HEBREW": _HEBREW, "ARMENIAN": _ARMENIAN, "GEORGIAN": _GEORGIAN}
_DOUBLE = re.compile(r"([aeiounltdr])\1+")  # long vowels, and the consonants that India tells by doubling their letter
_SILENT = frozenset({"VIRAMA", "NUKTA", "VISARGA"})


@lru_cache(maxsize=1 << 12)
def _letter(char: str) -> tuple[str, str]:
    """What a letter sounds like, and what it is: consonant with its own vowel, vowel sign, or anything else."""
    name = unicodedata.name(char, "")
    found = _NAMED.search(name)
    if name == "GURMUKHI TIPPI":
        return "n", "nasal"
    if found is None:
        return fold(char), "other"
    word = found.group(1)
    table = _LETTERS.get(name.partition(" ")[0])
    if table is not None:
        return table.get(word, ""), "other"
    if word in _SILENT:
        return "", "sign"
    if word in ("ANUSVARA", "CANDRABINDU", "BINDI", "TIPPI"):
        return "n", "nasal"
    sound = _DOUBLE.sub(r"\1", word.lower()).replace("ssa", "sha")
    sound = f"ch{sound[1:]}" if sound in ("ca", "cca") else sound
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


def _plain(word: str) -> str:
    """Without accents where letters have a name without them (Greek); other marks are letters of their own."""
    text = unicodedata.normalize("NFC", word)
    return "".join(
        unicodedata.normalize("NFD", char)[0]
        if "\u0370" <= char <= "\u1fff" and " WITH " in unicodedata.name(char, "")
        else char
        for char in text
    )


def readings(word: str) -> tuple[Reading, ...]:
    """One rough Latin spelling; none for signs only."""
    pieces: list[str] = []
    for char in _plain(word):
        sound, what = _letter(char)
        if what == "sign" and pieces and pieces[-1].endswith("a"):
            pieces[-1] = pieces[-1][:-1]
        pieces.append(sound)
    latin = fold("".join(pieces))
    if len(latin) > 3 and latin.endswith("a") and pieces and len(pieces[-1]) > 1:
        return (Reading(latin[:-1], 0.5), Reading(latin, 1.5))
    return (Reading(latin, 0.0),) if latin else ()
