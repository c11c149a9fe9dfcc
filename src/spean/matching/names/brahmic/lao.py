"""Lao: every vowel is written, around its consonant; a consonant between two vowels opens the next syllable.

Spellings in use follow French habits (*Souphanouvong*, *Siphandone*, *Xay*, *Bounmy*) beside the Roman system of BGN/PCGN.
Tones are not spelled in Latin. Older and foreign words may leave an *a* unwritten; that reading is laid out at a price.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import Final

from ..lattice import Draft, Label

CONSONANTS: Final = frozenset("ກຂຄຆງຈຉຊຌຍຎຏຐຑຒຓດຕຖທຘນບປຜຝພຟຠມຢຣລຨຩວສຫຬອຮ")
LEADING: Final = frozenset("ເແໂໄໃ")
_SIGNS: Final = frozenset("ະາິີຶືຸູັົໍຳຽ")
_CLUSTERS: Final = frozenset(
    ["ຫ" + b for b in "ງຍນມຣລວ"]
    + [a + "ວ" for a in "ກຂຄຈດຕຖທປພຜສຊຍລງ"]
    + [a + b for a in "ກຂຄດຕທບປພຜຟຝສ" for b in "ຣລ"]
)
_VOWELS: Final[dict[str, tuple[tuple[str, bool, bool], ...]]] = {
    "": (
        ("ົວະ", True, False), ("ົວ", True, True), ("ັວ", False, True), ("ະ", True, False), ("ັ", False, True),
        ("ົ", False, True), ("ິ", True, True), ("ີ", True, True), ("ຶ", True, True), ("ື", True, True), ("ຸ", True, True),
        ("ູ", True, True), ("າ", True, True), ("ຳ", True, False), ("ໍ", True, True), ("ອ", True, True),
        ("ັອ", False, True), ("ຽ", False, True), ("ັຽ", False, True), ("ວ", False, True), ("", False, True),
    ),
    "ເ": (
        ("ັຽະ", True, False), ("ັຽ", True, False), ("ັຍ", True, False), ("ຽ", True, True), ("ຶອ", True, True),
        ("ືອ", True, True), ("າະ", True, False), ("ົາ", True, False), ("ະ", True, False), ("ັ", False, True),
        ("ິ", True, True), ("ີ", True, True), ("ຶ", True, True), ("ື", True, True), ("", True, True),
    ),
    "ແ": (("ະ", True, False), ("ັ", False, True), ("", True, True)),
    "ໂ": (("ະ", True, False), ("ັ", False, True), ("", True, True)),
    "ໄ": (("", True, True),),
    "ໃ": (("", True, True),),
}  # fmt: skip
"""After the leading vowel: what follows the onset, and whether the syllable may then be open, and closed."""

_DROPPED = dict.fromkeys(map(ord, "່້໊໋ໆຯ\u200b\u200c\u200d\u2060\ufeff"))
_LOOSE = re.compile(r"[^ກ-ຽເ-ໄ໌]+")
UNWRITTEN: Final = 4.0


def normal(text: str) -> str:
    """Without tones and invisible signs; joined letters (ໜ ໝ ຫຼ) and ຳ in one form."""
    text = unicodedata.normalize("NFC", text).translate(_DROPPED)
    text = text.replace("ໜ", "ຫນ").replace("ໝ", "ຫມ").replace("ຼ", "ລ").replace("ໍາ", "ຳ").replace("ຣ໌", "ຣ")
    return text.replace("ເເ", "ແ").replace("ຫຣ", "ຫລ")


def split(text: str) -> tuple[str, ...]:
    """The words of a text: a Lao name has a space between given and family name."""
    return tuple(word for word in re.split(r"[^\u0e81-\u0ece\u0edc-\u0edf]+", text) if word)


def draw(word: str, known: Container[str]) -> tuple[Draft, Label, Label]:
    """The readings of a word in ``normal`` form; the largest units that ``known`` has."""
    draft = Draft(known)
    word = _LOOSE.sub("", word)
    draft.whole((0, 0), (len(word), 0), f"W{word}")
    for place in range(len(word)):
        _syllables(draft, word, place)
        letter, after = word[place], word[place + 1 : place + 2]
        if letter in CONSONANTS and after == "໌":
            draft.add((place, 0), (place + 2, 0), f"X{letter}")
        elif letter in CONSONANTS and after not in _SIGNS:
            draft.add((place, 0), (place + 1, 0), f"M{letter}", UNWRITTEN)
            draft.add((place, 0), (place + 1, 0), f"X{letter}", UNWRITTEN)
        draft.add((place, 0), (place + 1, 0), "X?", 14.0)
    return draft, (0, 0), (len(word), 0)


def _syllables(draft: Draft, word: str, place: int) -> None:
    """The syllables that begin here: leading vowel, onset, rhyme."""
    lead = word[place] if word[place] in LEADING else ""
    first = place + len(lead)
    if word[first : first + 1] not in CONSONANTS:
        return
    onsets = [word[first]]
    if word[first : first + 2] in _CLUSTERS:
        onsets.append(word[first : first + 2])
    for onset in onsets:
        after = first + len(onset)
        opened: Label = (after, -5, ord(lead) if lead else 0, len(onset))
        draft.add((place, 0), opened, f"O{onset}")
        for vowel, may_open, may_close in _VOWELS[lead]:
            if word.startswith(vowel, after):
                unit = (onset, lead + vowel)
                _rhymes(draft, word, (place, opened, after + len(vowel)), unit, may_open, may_close)


def _rhymes(
    draft: Draft, word: str, at: tuple[int, Label, int], unit: tuple[str, str], may_open: bool, may_close: bool
) -> None:
    """One vowel: open, or closed by the consonant after it when that one carries no vowel of its own."""
    source, opened, place = at
    letter, after = word[place : place + 1], word[place + 1 : place + 2]
    if may_open and letter not in _SIGNS | {"໌"}:
        _close(draft, (source, 0), opened, (*unit, ""), place, place)
    if may_close and letter in CONSONANTS and after not in _SIGNS and after != "໌":
        _close(draft, (source, 0), opened, (*unit, letter), place, place + 1)


def _close(draft: Draft, source: Label, opened: Label, unit: tuple[str, str, str], place: int, end: int) -> None:
    """One rhyme, as a whole and as vowel and final."""
    onset, vowel, coda = unit
    target: Label = (end, 0)
    more = draft.whole(source, target, f"S{onset}|{vowel}|{coda}")
    more = draft.whole(opened, target, f"R{vowel}|{coda}", more) or more
    middle: Label = (place, -3 if coda else -2)
    draft.add(opened, middle, f"V{vowel}{'+' if coda else ''}", more)
    draft.add(middle, target, f"F{coda}")


LEAST: Final = {"R": 2.0, "S": 2.0, "W": 1.5}
"""Sightings from which a larger unit gets a table of its own."""
