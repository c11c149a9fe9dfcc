"""Learns how names in Hangul are spelt in Latin letters, and writes the tables of ``spean.matching.names.hangul``.

    python scripts/names_hangul.py PAIRS.tsv [--all]

PAIRS.tsv holds ``Hangul<TAB>Latin`` (names of people in Wikidata, CC0). Two models come out of it, since two customs meet:

* Korean names: each syllable has the spellings that people give it, as a family name and in a given name
  (``hangul_syllables.tsv``), found by cutting the Latin name with the sounds that a syllable may have.
* Other names (*조지 워싱턴*): each jamo becomes a chunk of Latin letters, which depends on the jamo on either side
  (``hangul_units.tsv``), found by aligning word with word (Viterbi training); letters of Latin names by trigrams
  (``letters.tsv``); words seen at least twice with their spellings (``hangul_words.tsv``).

Without ``--all``, one name in ten (by its CRC-32) is held out: measure with that, ship with all.
"""

from __future__ import annotations

import argparse
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from names_sounds import WORST, Aligner, Pair, held_out, write, write_units, write_words

from spean.matching.names.writing import fold

FIRST, COUNT = 0xAC00, 11172

# What a jamo may be written as in a Korean name: 19 initials, 21 vowels, 28 finals, in the order of Unicode.
_INITIALS = (
    "g|k|c|gh kk|gg|k|g n|l|r d|t|th tt|dd|d|t r|l|n|y|rh|ll|i m b|p|v|bh pp|bb|b|p s|sh|z ss|s|sh |y|w|h j|ch|z|zh|c|dj|g jj|tch|j|ch"
    " ch|c|j|tch k|kh|c t|th|d p|f|ph|b h|"
)
INITIALS = _INITIALS.split(" ")
_VOWELS = (
    "a|ah|ar|u ae|ai|a|e|ay|eh ya|yah|ia yae|yai|yea eo|u|o|eu|ou|e|uh|ur|aw|er e|eh|ei|ay yeo|yu|you|yo|yeu|yuh|yea|ye|eou|o|u|eo|ieo"
    " ye|e|yeh|yae|yea|ie|ae o|oh|ho|u|ou|oo wa|oa|ua|wha"
    " wae|oae|wai|oai|uae|we oe|oi|oy|we|wae|wi|ui yo|yoh|io|you|eo|yeo|o u|oo|woo|ou|wu|uh|ooh|ew"
    " wo|weo|uo|won|woo|woe|o|wu we|ue|whe wi|ui|wee|ue|we|uy|wie|yi yu|yoo|you|u|yuh|iu|yew|ew|eu|oo eu|u|oo|e|o|ou|ue|uh|eo|i"
    " ui|eui|hi|i|ee|hee|yi|ee|ue|ei|uy|wee i|ee|y|ie|ea|yi|hee|ei|eh"
)
VOWELS = _VOWELS.split(" ")
_FINALS = (
    " k|g|ck|c|gh|kh k|g|ck k|g n|nn|nh n n t|d|th l|r|ll|rl|le k|lk|g m|lm lb|l|p l l p l m|n p|b|v|f"
    " p s|t|th|d t|s ng|n|g t|j|d t k t p|ph t|h"
)
FINALS = _FINALS.split(" ")
DOUBLE = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방")
FAMILY_INITIAL = "l|r|rh|y|w|h|"  # 이 Lee, 임 Lim, 유 Ryu


def syllable(char: str, *, family: bool = False) -> str:
    """A pattern of what a syllable may be written as."""
    code = ord(char) - FIRST
    initial = FAMILY_INITIAL if family and code // 588 == 11 else INITIALS[code // 588]
    vowels = "|".join(sorted(VOWELS[code // 28 % 21].split("|"), key=len, reverse=True))
    return f"((?:{initial})(?:{vowels})(?:{FINALS[code % 28]}))"


def is_hangul(word: str) -> bool:
    return bool(word) and all(FIRST <= ord(char) < FIRST + COUNT for char in word)


def korean(hangul: str, words: list[str]) -> tuple[list[str], list[str]] | None:
    """The spellings of the syllables of (family, given), when a Latin name can be those of a Korean name."""
    if not (2 <= len(hangul) <= 4 and is_hangul(hangul) and 2 <= len(words) <= 3):
        return None
    for order in (words, words[-1:] + words[:-1]):
        for length in (2, 1) if len(hangul) == 4 or (len(hangul) == 3 and hangul[:2] in DOUBLE) else (1,):
            family = re.fullmatch("".join(syllable(char, family=True) for char in hangul[:length]), order[0])
            given = re.fullmatch("".join(syllable(char) for char in hangul[length:]), "".join(order[1:]))
            if family and given:
                return ["".join(family.groups())], list(given.groups())
    return None


# --- Other names: jamo → letters -------------------------------------------------------------------------------------


def units(word: str) -> str:
    """The jamo of a word, conjoining, without the silent initial."""
    return unicodedata.normalize("NFD", word).replace("\u110b", "")


def sounds() -> dict[str, tuple[str, ...]]:
    """What each jamo may be written as."""
    found = {}
    for base, spellings in ((0x1100, INITIALS), (0x1161, VOWELS), (0x11A7, FINALS)):
        for at, spelt in enumerate(spellings):
            found[chr(base + at)] = tuple(spelt.split("|"))
    found["\u1173"] = (*found["\u1173"], "")
    return found


def orders(words: list[str]) -> Iterable[list[str]]:
    yield words
    if 2 <= len(words) <= 4:
        yield words[1:] + words[:1]
        yield words[-1:] + words[:-1]


def aligned(aligner: Aligner, hangul: list[str], latin: list[str]) -> list[Pair]:
    """Words of a name with the same words in Latin letters and their chunks; a word that does not fit by sound has none.

    Such a word counts only beside one that fits (*조지* stands where *George* stands, beside *워싱턴*).
    """
    best: tuple[float, list[Pair]] = (math.inf, [])
    for order in orders(latin):
        total, found = 0.0, []
        for word, spelt in zip(hangul, order, strict=True):
            jamo = units(word)
            cost, chunks = aligner.align(jamo, spelt)
            total += min(cost, 8.0 * len(jamo))
            found.append(Pair(word, jamo, spelt, chunks if cost <= WORST * len(jamo) else []))
        best = min(best, (total, found), key=lambda row: row[0])
    return best[1] if any(pair.chunks for pair in best[1]) else []


def foreign(rows: list[tuple[list[str], list[str]]], rounds: int = 4) -> list[Pair]:
    aligner = Aligner(sounds())
    found: list[Pair] = []
    for _ in range(rounds):
        found = [pair for hangul, latin in rows for pair in aligned(aligner, hangul, latin)]
        aligner.learn(found)
    return found


# --- Tables ----------------------------------------------------------------------------------------------------------


def write_syllables(names: list[tuple[list[str], list[str], str]]) -> None:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for family, given, hangul in names:
        cut = len(hangul) - len(given)
        counts["f", hangul[:cut]][family[0]] += 1
        for char, spelt in zip(hangul[cut:], given, strict=True):
            counts["g", char][spelt] += 1
    rows = []
    for (role, text), found in sorted(counts.items()):
        total = sum(found.values())
        kept = [f"{spelt}:{count}" for spelt, count in found.most_common(14) if count >= max(1, total * 0.004)]
        rows.append(f"{role}\t{text}\t{' '.join(kept)}")
    write("hangul_syllables.tsv", "f family, g in a given name; syllable; spellings with how often (counts)", rows)


def write_letters(pairs: list[Pair]) -> None:
    counts: Counter[str] = Counter()
    for pair in pairs:
        text = f"^^{pair.spelt}$"
        for at in range(2, len(text)):
            counts[text[at - 2 : at + 1]] += 1
    rows = (f"{key}\t{count}" for key, count in sorted(counts.items()) if count > 1)
    write("letters.tsv", "three letters of Latin names (^ before, $ behind); count", rows)


@lru_cache(maxsize=1)
def _no_name() -> re.Pattern[str]:
    return re.compile(r"[^가-힣 ]")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--all", action="store_true")
    chosen = parser.parse_args()
    native: list[tuple[list[str], list[str], str]] = []
    others: list[tuple[list[str], list[str]]] = []
    for line in chosen.pairs.read_text("utf-8").splitlines():
        hangul, latin = line.split("\t")
        if (held_out(hangul) and not chosen.all) or _no_name().search(hangul):
            continue
        words = [word for word in map(fold, latin.split()) if word]
        found = None if " " in hangul else korean(hangul, words)
        if found:
            native.append((*found, hangul))
        else:
            pieces = [word for word in map(fold, latin.replace("-", " ").split()) if word]
            spelt = hangul.split()
            if len(spelt) == 1 and 2 <= len(pieces) <= 3:
                pieces = words = ["".join(words)]  # 저우언라이 Zhou Enlai: one word in Hangul
            for found_words in (pieces, words):
                if len(found_words) == len(spelt):
                    others.append((spelt, found_words))
                    break
    print(len(native), "Korean names", len(others), "others")
    words_found = foreign(others)
    print(len(words_found), "words of others")
    fitting = [pair for pair in words_found if pair.chunks]
    write_syllables(native)
    write_units("hangul", fitting)
    write_letters(fitting)
    write_words("hangul", words_found)


if __name__ == "__main__":
    main()
