"""Thai: vowels stand around consonants or are not written, letters close a syllable and open the next, letters are silent.

All ways to cut a word into syllables are laid out: a vowel that stands before its consonant (เ แ โ ไ ใ), the unwritten *a*
(สบาย *sa-bai*) and *o* (คน *khon*), a final that is read twice (รัตนา *rat-ta-na*), letters that are written and not spoken
(with ์, or after a final: จักร *chak*), ร หัน (ธรรม *tham*). The table says which are usual. Tones are not spelled in Latin.
The Royal system (RTGS) is among the readings, but people's own names follow Sanskrit or English habits: *Shinawatra*,
*Vejjajiva*, *Boon*, *-porn*.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import Final

from ..lattice import Draft, Label

CONSONANTS: Final = frozenset("กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ")
LEADING: Final = frozenset("เแโไใ")
_SIGNS: Final = frozenset("ะาำิีึืุูั็")
_CLUSTERS: Final = frozenset(
    [a + b for a in "กขคตปผพ" for b in "รล"]
    + [a + "ว" for a in "กขค"]
    + ["ทร", "สร", "ศร", "ซร", "จร", "อย", "บร", "บล", "ดร", "ฟร", "ฟล", "ธร", "ภร", "ซล", "สล", "สว", "ซว", "ทว"]
    + ["ห" + b for b in "งญนมยรลว"]
    + ["ฮว", "สต", "สป", "สก", "สน", "สม"]
)
_VOWELS: Final[dict[str, tuple[tuple[str, bool, bool], ...]]] = {
    "": (
        ("ัวะ", True, False), ("ัว", True, True), ("ะ", True, False), ("ั", False, True), ("ิ", True, True),
        ("ี", True, True), ("ึ", True, True), ("ือ", True, False), ("ื", False, True), ("ุ", True, True),
        ("ู", True, True), ("า", True, True), ("ำ", True, False), ("อ", True, True), ("็อ", False, True),
        ("รร", True, True), ("ว", False, True), ("ฤ", True, True), ("็", True, True), ("", False, True),
    ),
    "เ": (
        ("ียะ", True, False), ("ีย", True, True), ("ือะ", True, False), ("ือ", True, True), ("อะ", True, False),
        ("อ", True, True), ("าะ", True, False), ("า", True, True), ("ะ", True, False), ("็", False, True),
        ("ิ", False, True), ("", True, True),
    ),
    "แ": (("ะ", True, False), ("็", False, True), ("", True, True)),
    "โ": (("ะ", True, False), ("", True, True)),
    "ไ": (("", True, True),),
    "ใ": (("", True, True),),
}  # fmt: skip
"""After the leading vowel: what follows the onset, and whether the syllable may then be open, and closed."""

_DROPPED = dict.fromkeys(map(ord, "่้๊๋๎ฺ\u200b\u200c\u200d\u2060\ufeffฯ"))
_LOOSE = re.compile(r"[^ก-์ํ]+")
_TWICE = re.compile(r"([ะาิีึืุูั็์])\1+")
LONGEST_RUN: Final = 12
KILLED: Final = (0.0, 0.0, 2.0, 6.0)
"""Bits of taking one, two or three consonants for silent before ์."""

BOUNDARY, AGAIN, MUTE = 0, 1, 2
"""At a place: a syllable may begin; the letter here closed the syllable before and is read again; it is not spoken.

In the names of units a final that is read again bears ``=`` and one before a letter that is not spoken ``~``.
"""


def normal(text: str) -> str:
    """Without tones and invisible signs; ำ in one piece, เเ as แ."""
    text = unicodedata.normalize("NFC", text).translate(_DROPPED)
    return _TWICE.sub(
        r"\1", text.replace("ํา", "ำ").replace("เเ", "แ").replace("ๅ", "า").replace("ฦ", "ฤ").replace("ฤา", "ฤ")
    )


def split(text: str) -> tuple[str, ...]:
    """The words of a text: a Thai name has a space between given and family name."""
    return tuple(word for word in re.split(r"[^\u0e01-\u0e3a\u0e40-\u0e4e]+", text) if word)


def draw(word: str, known: Container[str]) -> tuple[Draft, Label, Label]:
    """The readings of a word in ``normal`` form; the largest units that ``known`` has."""
    draft = Draft(known)
    word = _LOOSE.sub("", word)
    size = len(word)
    draft.whole((0, BOUNDARY), (size, BOUNDARY), f"W{word}")
    for place in range(size):
        here: Label = (place, BOUNDARY)
        for end in range(place + 2, min(size, place + LONGEST_RUN) + 1):
            if f"W{word[place:end]}" in known and not (place == 0 and end == size):
                draft.add(here, (end, BOUNDARY), f"W{word[place:end]}")
        _syllables(draft, word, place)
        _silent(draft, word, place)
        draft.add(here, (place + 1, BOUNDARY), "X?", 14.0)
    return draft, (0, BOUNDARY), (size, BOUNDARY)


def _silent(draft: Draft, word: str, place: int) -> None:
    """Letters that ์ kills, a letter after a final that is not spoken, and the unwritten *a*."""
    here: Label = (place, BOUNDARY)
    if word[place] not in CONSONANTS:
        return
    killed = _killed(word, place)
    if killed:
        letters = word[place : killed - 1]
        draft.add(here, (killed, BOUNDARY), f"X{letters}", KILLED[sum(letter in CONSONANTS for letter in letters)])
    after = word[place + 1 : place + 2]
    if after not in _SIGNS and after != "์":
        draft.add(here, (place + 1, BOUNDARY), f"M{word[place]}")
        draft.add((place, AGAIN), (place + 1, BOUNDARY), f"M{word[place]}")
        draft.add((place, MUTE), (place + 1, BOUNDARY), f"X{word[place]}")


def _killed(word: str, place: int) -> int:
    """Where the letters end that ์ kills from here on; 0 if none."""
    for length in (1, 2, 3):
        if word[place + length : place + length + 1] == "์":
            return place + length + 1
        if length < 3 and word[place + length : place + length + 1] not in CONSONANTS | {"ิ", "ุ"}:
            return 0
    return 0


def _syllables(draft: Draft, word: str, place: int) -> None:
    """The syllables that begin here: leading vowel, onset, rhyme."""
    lead = word[place] if word[place] in LEADING else ""
    first = place + len(lead)
    here: Label = (place, BOUNDARY)
    if first >= len(word):
        return
    if word[first] == "ฤ" and not lead:
        _rhymes(draft, word, here, here, "", "", first)
        return
    if word[first] not in CONSONANTS:
        return
    pair = word[first : first + 2]
    if pair in _CLUSTERS:
        _onset(draft, word, here, lead, pair, first)
    _onset(draft, word, here, lead, pair[0], first)
    if lead and len(pair) == 2 and pair[1] in CONSONANTS and first + 2 <= len(word):
        middle: Label = (first + 1, -6, ord(lead))
        draft.add(here, middle, f"M{pair[0]}")
        _onset(draft, word, middle, lead, pair[1], first + 1)


def _onset(draft: Draft, word: str, source: Label, lead: str, onset: str, first: int) -> None:
    after = first + len(onset)
    opened: Label = (after, -5, ord(lead) if lead else 0, len(onset))
    draft.add(source, opened, f"O{onset}")
    _rhymes(draft, word, source, opened, onset, lead, after)


def _rhymes(draft: Draft, word: str, source: Label, opened: Label, onset: str, lead: str, after: int) -> None:
    """The rhymes that fit the letters after an onset."""
    for vowel, may_open, may_close in _VOWELS[lead]:
        if not word.startswith(vowel, after):
            continue
        place = after + len(vowel)
        if may_open and word[place : place + 1] not in _SIGNS:
            _close(draft, source, opened, (onset, lead + vowel, ""), (place, BOUNDARY), place)
        if may_close:
            _codas(draft, word, source, opened, (onset, lead + vowel), place)


def _codas(draft: Draft, word: str, source: Label, opened: Label, unit: tuple[str, str], place: int) -> None:
    """The consonants that may close a rhyme whose vowel ends here."""
    killed = _killed(word, place) if word[place : place + 1] in CONSONANTS else 0
    if killed and word[killed : killed + 1] in CONSONANTS and word[killed + 1 : killed + 2] not in _SIGNS:
        middle: Label = (place, -4)
        draft.add(opened, middle, f"V{unit[1]}+")
        draft.add(middle, (killed, -3), f"X{word[place : killed - 1]}")
        draft.add((killed, -3), (killed + 1, BOUNDARY), f"F{word[killed]}")
    if word[place : place + 1] not in CONSONANTS or killed == place + 2:
        return
    letter, after = word[place], word[place + 1 : place + 2]
    if after in ("ิ", "ุ") and word[place + 2 : place + 3] != "์" and unit[1]:
        _close(draft, source, opened, (*unit, letter + after), (place + 2, BOUNDARY), place)
    if after in _SIGNS and after:
        return
    _close(draft, source, opened, (*unit, letter), (place + 1, BOUNDARY), place)
    if after in CONSONANTS:
        _close(draft, source, opened, (*unit, letter + "~"), (place + 1, MUTE), place)
        _close(draft, source, opened, (*unit, letter + "="), (place, AGAIN), place)


def _close(draft: Draft, source: Label, opened: Label, unit: tuple[str, str, str], target: Label, place: int) -> None:
    """One rhyme, as a whole and as vowel and final."""
    onset, vowel, coda = unit
    more = draft.whole(source, target, f"S{onset}|{vowel}|{coda}") if source[1] == BOUNDARY else 0.0
    more = draft.whole(opened, target, f"R{vowel}|{coda}", more) or more
    middle: Label = (place, -3 if coda else -2)
    draft.add(opened, middle, f"V{vowel}{'+' if coda else ''}", more)
    draft.add(middle, target, f"F{coda}")


LEAST: Final = {"R": 3.0, "S": 3.0, "W": 1.5}
"""Sightings from which a larger unit gets a table of its own."""
