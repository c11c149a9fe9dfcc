"""Japanese kana: Hepburn romanisation without the marks of length, then with the spellings of long vowels that people use."""

from __future__ import annotations

from functools import lru_cache

from spean.matching.names import sounds
from spean.matching.names.lattice import Graph, beside, row, unit
from spean.matching.names.model import MOST_READINGS, Reading

_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "g": "がぎぐげご", "s": "さしすせそ", "z": "ざじずぜぞ", "t": "たちつてと", "d": "だぢづでど",
    "n": "なにぬねの", "h": "はひふへほ", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ", "m": "まみむめも", "r": "らりるれろ",
}  # fmt: skip
_SOUNDS = {char: row + vowel for row, chars in _ROWS.items() for char, vowel in zip(chars, "aiueo", strict=True)} | {
    "し": "shi", "じ": "ji", "ち": "chi", "ぢ": "ji", "つ": "tsu", "づ": "zu", "ふ": "fu", "や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa",
    "ゐ": "i", "ゑ": "e", "を": "o", "ん": "n", "ゔ": "vu",
}  # fmt: skip
_SMALL = {"ゃ": "a", "ゅ": "u", "ょ": "o", "ぁ": "a", "ぃ": "i", "ぅ": "u", "ぇ": "e", "ぉ": "o"}
_LONG = (("ou", "o"), ("oo", "o"), ("uu", "u"))


def hepburn(word: str) -> str:
    """Hepburn with long vowels as they are written (``ou``, ``uu``); signs that are no kana fall away."""
    found: list[str] = []
    double = False
    for char in word:
        kana = chr(ord(char) - 0x60) if "ァ" <= char <= "ヴ" else char
        if kana == "っ":
            double = True
        elif kana == "ー":
            found.append("h" if found and found[-1].endswith("o") else "")
        elif kana in _SMALL and found:
            found[-1] = _small(found[-1], kana)
        else:
            sound = _SOUNDS.get(kana, _SMALL.get(kana, ""))
            found.append(("t" if sound.startswith("ch") else sound[:1]) + sound if double and sound else sound)
            double = False
    return "".join(found)


def _small(before: str, kana: str) -> str:
    vowel = _SMALL[kana]
    if kana in "ゃゅょ":
        return before[:-1] + ("" if before.endswith(("shi", "chi", "ji")) else "y") + vowel
    return before[:-1] + vowel if len(before) > 1 else ("w" if before == "u" else before) + vowel


def by_rule(word: str) -> tuple[Reading, ...]:
    """Without the length of vowels (as in passports), then with it, then *oh*."""
    full = hepburn(word)
    if not full:
        return ()
    short = full.replace("oh", "o")
    for long, plain in _LONG:
        short = short.replace(long, plain)
    labial = short.replace("nb", "mb").replace("np", "mp").replace("nm", "mm")
    spelt = {short: 0.3, labial: 2.5, full: 3.0, full.replace("ou", "oh").replace("oo", "oh"): 4.0}
    spelt[short] = 0.3
    return tuple(sorted((Reading(latin, bits) for latin, bits in spelt.items()), key=lambda row: row.bits))


def _katakana(word: str) -> str:
    return "".join(chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" else char for char in word)


@lru_cache(maxsize=1 << 14)
def readings(word: str) -> tuple[Reading, ...]:
    """The likely Latin spellings of a word in kana: of a Japanese name by rule, of another (*ジェームズ* James) by sound."""
    katakana = _katakana(word)
    behind = 0.0 if katakana == word else 3.0
    best = {reading.latin: reading.bits + behind for reading in sounds.readings("katakana", katakana, katakana)}
    for spelt, bits in by_rule(word):
        best[spelt] = min(best.get(spelt, 99.0), bits + 3.0 - behind)
    found = sorted((bits, spelt) for spelt, bits in best.items())[:MOST_READINGS]
    return tuple(Reading(spelt, bits) for bits, spelt in found)


@lru_cache(maxsize=1 << 14)
def graph(word: str) -> Graph:
    """All ways to read a word in kana."""
    katakana = _katakana(word)
    behind = 0.0 if katakana == word else 3.0
    rules = unit(tuple((spelt, bits + 3.0 - behind) for spelt, bits in by_rule(word)) or (("", 0.0),))
    return beside(
        [
            row([rules]),
            *((last, steps, bits + behind) for last, steps, bits in sounds.runs("katakana", katakana, katakana)),
        ]
    )
