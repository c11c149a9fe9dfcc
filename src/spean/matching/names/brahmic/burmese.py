"""Burmese: names are written by the syllable, in Burmese and in Latin letters (*Aung San Suu Kyi*).

A syllable is an onset (a consonant with its medials ျ ြ ှ) and a rhyme (ွ, vowel signs, a consonant killed by asat or
stacked over the next one, tone marks). The tone stays in the rhyme: စု *Su* and စူး *Su* are other names, and မောင့်
is spelled otherwise than မောင်. Spellings in use (*Kyaw*, *Htun*, *Khin*, *Aye*) follow no one system; the transcription
of BGN/PCGN (1970) is among the readings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import Final

from ..lattice import Draft, Label

CONSONANTS: Final = "ကခဂဃငစဆဇဈဉညဋဌဍဎဏတထဒဓနပဖဗဘမယရလဝသဟဠအ"
INDEPENDENT: Final = {"ဣ": "အိ", "ဤ": "အီ", "ဥ": "အု", "ဦ": "အူ", "ဧ": "အေ", "ဩ": "အော", "ဪ": "အော်", "ဿ": "သ္သ", "၏": "အိ"}
_MARKS = "ါာိီုူေဲံ့း်ျြွှ္"
_OTHERS = "".join(map(chr, range(0x1056, 0x1098))) + "\u1033\u1034"
_SYLLABLE = re.compile(
    rf"(?P<onset>[{CONSONANTS}][ျြှွ]*)"
    r"(?P<vowel>[ါာိီုူေဲံ]*[့း်]*)"
    rf"(?P<codas>(?:[{CONSONANTS}](?:\u1037?\u103a[\u1037\u1038]*(?:\u1039(?=[{CONSONANTS}]))?|\u1039(?=[{CONSONANTS}])))*)"
)
_STACKED = re.compile(rf"([{CONSONANTS}])္([{CONSONANTS}])")
_ROW: Final = {
    letter: row
    for row, letters in enumerate(
        ["ကခဂဃ", "စဆဇဈဉည", "ဋဌဍဎဏ", "တထဒဓန", "ပဖဗဘမ", "ယ", "ရ", "လဠ", "ဝ", "သ", "ဟ", "အ", "င"]
    )
    for letter in letters
}
"""Only letters of one row are stacked (but င, which is kinzi then)."""
_TOKEN = re.compile(rf"{_SYLLABLE.pattern}|.", re.DOTALL)
_SIGNS = str.maketrans("ါ", "ာ", "\u200b\u200c\u200d\u2060\ufeff")
_ZERO = re.compile(rf"(?<=[{CONSONANTS}{_MARKS}])၀|၀(?=[{_MARKS}{CONSONANTS}])")
_SEVEN = re.compile(rf"၇(?=[{_MARKS}])")
_ORDER = {sign: place for place, sign in enumerate("ျြွှေိီုူဲာံ့်း")}
_RUN = re.compile(r"[ျြွှေါာိီုူဲံ့်း]{2,}")


def normal(text: str) -> str:
    """The letters in one order, without invisible signs; independent vowels as အ with a sign; ၀ for ဝ and ၇ for ရ undone."""
    text = unicodedata.normalize("NFC", text).translate(_SIGNS)
    text = _SEVEN.sub("ရ", _ZERO.sub("ဝ", text))
    text = text.replace("သြော်", "ဪ").replace("သြ", "ဩ").replace("ဥ်", "ဉ်").replace("ဥ့်", "ဉ့်")
    text = text.replace("ဦ", "အူ").replace("ဦ", "အူ")
    for letter, plain in INDEPENDENT.items():
        if letter in text:
            text = text.replace(letter, plain)
    return _RUN.sub(_ordered, text)


def _ordered(run: re.Match[str]) -> str:
    return "".join(sorted(dict.fromkeys(run[0]), key=lambda sign: _ORDER.get(sign, 0)))


def syllables(word: str) -> list[tuple[str, str, str]]:
    """Onset, rhyme and left-over killed letters of each syllable of a word in ``normal`` form; signs alone are dropped."""
    found: list[tuple[str, str, str]] = []
    for match in _TOKEN.finditer(word):
        onset = match["onset"]
        if not onset:
            continue
        codas = re.findall(rf"[{CONSONANTS}][^{CONSONANTS}]*", match["codas"] or "")
        first = codas[0] if codas else ""
        w = "ွ" if "ွ" in onset else ""
        rhyme = w + match["vowel"] + _coda(first)
        found.append((onset.replace("ွ", ""), rhyme, "".join(coda[0] for coda in codas[1:])))
    return found


def loose(word: str) -> int:
    """How many signs of a word in ``normal`` form belong to no syllable, and letters stacked that never are."""
    stray = sum(1 for match in _TOKEN.finditer(word) if not match["onset"] and match[0] in _MARKS + _OTHERS)
    return stray + sum(1 for upper, lower in _STACKED.findall(word) if _ROW[upper] != _ROW[lower])


def _coda(coda: str) -> str:
    """A stacked or killed consonant in one form: the letter, asat, then its tone."""
    if not coda:
        return ""
    return coda[0] + "်" + ("့" if "့" in coda else "") + ("း" if "း" in coda else "")


def split(text: str, names: Container[str] = ()) -> tuple[str, ...]:
    """The syllables of a text, signs and other scripts dropped; a syllable without a vowel stays with the next one.

    With ``names``, the syllables that names are made of, a word of others is kept whole: a foreign name is one word in
    Latin letters (ကင်မရွန် *Cameron*), a Burmese one is as many as it has syllables.
    """
    parts: list[str] = []
    for piece in normal(text).split():
        found = _pieces(piece)
        if names and len(found) > 1 and foreign(piece, names):
            found = ["".join(found)]
        parts.extend(found)
    return tuple(parts)


def _pieces(word: str) -> list[str]:
    """The syllables of a word, those together that are stacked or of which the first has no vowel."""
    parts: list[str] = []
    open_ended = False
    for match in _TOKEN.finditer(word):
        if not match["onset"]:
            continue
        if open_ended:
            parts[-1] += match[0]
        else:
            parts.append(match[0])
        open_ended = match[0].endswith("္") or match[0] in _MINOR
    return parts


def foreign(word: str, names: Container[str]) -> bool:
    """Whether a word is more likely a foreign one than syllables of Burmese names."""
    found = syllables(word)
    if any(rest or _FOREIGN.search(rhyme) for _, rhyme, rest in found):
        return True
    return sum(onset + rhyme in names for onset, rhyme, _ in found) < USUAL * len(found)


def draw(word: str, known: Container[str]) -> tuple[Draft, Label, Label]:
    """The readings of a word in ``normal`` form; the largest units that ``known`` has."""
    draft = Draft(known)
    place = 0
    for onset, rhyme, rest in syllables(word):
        here, there = (place, 0), (place + 1, 0)
        parts = draft.whole(here, there, f"S{onset}{rhyme}")
        draft.add(here, (place, 1), f"O{onset}", parts)
        _rhyme(draft, (place, 1), there, rhyme)
        place += 1
        for letter in rest:
            draft.add((place, 0), (place + 1, 0), f"X{letter}")
            place += 1
    return draft, (0, 0), (place, 0)


def _rhyme(draft: Draft, source: Label, target: Label, rhyme: str) -> None:
    toneless = rhyme.rstrip("့း")
    parts = draft.whole(source, target, f"R{rhyme}")
    if toneless != rhyme:
        parts += draft.whole(source, target, f"R{toneless}", parts)
    cut = next((index for index, sign in enumerate(toneless) if sign in CONSONANTS), len(toneless))
    middle = (source[0], 2)
    closed = "+" if cut < len(toneless) else ""
    draft.add(source, middle, f"V{toneless[:cut].rstrip('့း')}{closed}", parts)
    draft.add(middle, target, f"F{toneless[cut:]}")


_MINOR: Final = frozenset("ကခဂစဆဇတထဒနပဖဗယရလသဟအ")
"""Consonants whose unwritten vowel is hardly heard: ခရေ is *Khayay*, one word. မ and ဘ are words of their own (*Ma*, *Ba*)."""
_FOREIGN: Final = re.compile("[လရသဒဖဗဂခထဇဘဝ]်")
"""Finals that only foreign words have."""
USUAL: Final = 0.34
"""Share of a word's syllables that names have, below which it is taken for foreign."""

LEAST: Final = {"R": 2.0, "S": 1.0}
"""Sightings from which a larger unit gets a table of its own."""
