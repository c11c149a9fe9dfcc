"""Khmer: a vowel sign is read after the series of its consonant, and whether a consonant closes a syllable is not written.

A word is a row of clusters (a consonant with what is stacked below it, a vowel, signs). A cluster without a vowel either
opens a syllable with the unwritten vowel or closes the one before; a stack may be cut in two (សន្តិ *san-ti*). The vowel's
value follows the series of the onset (ដា *da*, ទា *tea*); a sonorant takes over the series of a first-series onset before
it (ដារា *dara*). All ways are laid out; the table says which are usual. UNGEGN's romanisation is among the readings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import Final, NamedTuple

from ..lattice import Draft, Label

CONSONANTS: Final = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវឝឞសហឡអ"
FIRST: Final = frozenset("កខចឆដឋណតថបផសហឡអ")
SONORANT: Final = frozenset("ងញណនមយរលវឡ")
_DROPPED = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u17b4\u17b5៎៏៑៝"))
_CLUSTER = re.compile(r"([ក-អ]|[ឣ-ឳ])((?:្[ក-អ])*)([៉៊]*)((?:្[ក-អ])*)([ា-ៅ័]*)([៉៊]*)([ំះៈ់៌៍]*)")
_STACK = re.compile("្([ក-អ])")
_LOOSE = re.compile(r"[^ក-ឳា-្]+")


class Cluster(NamedTuple):
    """Consonants, the vowel with nikahit or reahmuk, other signs, and the series that the vowel follows."""

    letters: str
    vowel: str
    sign: str
    series: str


def normal(text: str) -> str:
    """Without invisible and historic signs; vowels in one piece; ្ដ written ្ត, as both stand for one another."""
    text = unicodedata.normalize("NFC", text).translate(_DROPPED)
    return text.replace("េា", "ោ").replace("េី", "ើ").replace("្ដ", "្ត").replace("ឨ", "ឧក").replace("ឲ", "ឱ")


def split(text: str) -> tuple[str, ...]:
    """The words of a text: Khmer names are written with a space between family and given name."""
    return tuple(word for word in _LOOSE.sub(" ", normal(text)).split() if word)


def clusters(word: str) -> list[Cluster]:
    """The clusters of a word in ``normal`` form; signs that stand alone are dropped."""
    found: list[Cluster] = []
    before = ""
    for match in _CLUSTER.finditer(word):
        base, below, shift, more, vowel, late, signs = match.groups()
        letters = base + "".join(_STACK.findall(below + more))
        series = _series(letters, shift + late, before)
        spoken = "".join(sign for sign in signs if sign in "ំះៈ")
        found.append(Cluster(letters, vowel + spoken, "".join(sign for sign in signs if sign in "់៍៌"), series))
        before = series
    return found


def _series(letters: str, shift: str, before: str) -> str:
    """``1`` or ``2``; ``x`` for a sonorant of the second series after an onset of the first."""
    if shift:
        return "1" if "៉" in shift else "2"
    strong = [letter for letter in letters if letter not in SONORANT]
    if strong:
        return "1" if strong[-1] in FIRST else "2"
    if letters[0] in FIRST:
        return "1"
    return "x" if before in ("1", "x") else "2"


def draw(word: str, known: Container[str]) -> tuple[Draft, Label, Label]:
    """The readings of a word in ``normal`` form; the largest units that ``known`` has."""
    draft = Draft(known)
    row = clusters(word)
    start, end = (0, 0, 0), (len(row), 0, 0)
    if len(row) > 1:
        draft.whole(start, end, f"W{word}")
    for index, cluster in enumerate(row):
        for cut in range(len(cluster.letters)):
            if cut and index == 0:
                continue
            _syllable(draft, row, index, cut)
        if index and (not cluster.vowel or cluster.sign):
            draft.add((index, 0, 0), (index + 1, 0, 0), f"X{cluster.letters}", 0.0 if "៍" in cluster.sign else 3.0)
    return draft, start, end


def _syllable(draft: Draft, row: list[Cluster], index: int, cut: int) -> None:
    """The syllables that open with a cluster, whose first ``cut`` letters closed the syllable before.

    ``$`` marks the unwritten vowel at the end of a word, where the letter mostly closes a syllable instead.
    """
    letters, vowel, _, series = row[index]
    onset = letters[cut:]
    if "ឣ" <= onset[0] <= "ឳ":
        onset, vowel = onset[1:], onset[0] + vowel
    if cut:
        series = _series(onset, "", series) if onset else series
    source: Label = (index, cut, 0)
    if not vowel and index and index + 1 == len(row):
        series += "$"
    for coda, target in _codas(row, index):
        parts = draft.whole(source, target, f"S{onset}{vowel}{series}{coda}")
        draft.add(source, (index, cut, 1), f"O{onset}", parts)
        more = draft.whole((index, cut, 1), target, f"R{vowel}{series}{coda}")
        draft.add((index, cut, 1), (index, cut, 2 if coda else 3), f"V{vowel}{series}{'+' if coda else ''}", more)
        draft.add((index, cut, 2 if coda else 3), target, f"F{coda}")


def _codas(row: list[Cluster], index: int) -> list[tuple[str, Label]]:
    """What may close the syllable that opens with cluster ``index``, and where the next one begins."""
    found: list[tuple[str, Label]] = [("", (index + 1, 0, 0))]
    vowel = row[index].vowel
    if index + 1 >= len(row) or (vowel and vowel[-1] in "ះៈ") or "៍" in row[index].sign:
        return found
    letters, after, sign, _ = row[index + 1]
    if "ឣ" <= letters[0] <= "ឳ" or (vowel.endswith("ំ") and letters != "ង"):
        return found
    if not after:
        found.append((letters + sign.replace("៌", ""), (index + 2, 0, 0)))
    elif after in ("ិ", "ុ") and index + 2 == len(row):
        found.append((letters + after, (index + 2, 0, 0)))
    if len(letters) > 1 and not sign:
        found.append((letters[0], (index + 1, 1, 0)))
    return found


LEAST: Final = {"R": 3.0, "S": 3.0, "W": 2.0}
"""Sightings from which a larger unit gets a table of its own."""
