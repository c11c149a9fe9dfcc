"""Learns how names in Hangul are spelt in Latin letters, and writes the tables of ``spean.matching.names.hangul``.

    python scripts/names_hangul.py PAIRS.tsv [--all]

PAIRS.tsv holds ``Hangul<TAB>Latin`` (names of people in Wikidata, CC0). Two models come out of it, since two customs meet:

* Korean names: each syllable has the spellings that people give it, as a family name and in a given name
  (``hangul_syllables.tsv``), found by cutting the Latin name with the sounds that a syllable may have.
* Other names (*조지 워싱턴*): each jamo becomes a chunk of Latin letters, which depends on the jamo on either side
  (``hangul_units.tsv``), found by aligning word with word (Viterbi training); letters of Latin names by trigrams
  (``hangul_letters.tsv``); words seen at least twice with their spellings (``hangul_words.tsv``).

Without ``--all``, one name in ten (by its CRC-32) is held out: measure with that, ship with all.
"""

from __future__ import annotations

import argparse
import math
import re
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from spean.matching.names.writing import fold

DATA = Path(__file__).parents[1] / "src" / "spean" / "matching" / "names" / "data"
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


def held_out(hangul: str) -> bool:
    return zlib.crc32(hangul.encode()) % 10 == 0


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


class Aligner:
    """Bits of a chunk of letters for a jamo; learnt by aligning again and again."""

    MOST = 4

    def __init__(self) -> None:
        self.bits: dict[str, dict[str, float]] = defaultdict(dict)
        for base, spellings in ((0x1100, INITIALS), (0x1161, VOWELS), (0x11A7, FINALS)):
            for at, spelt in enumerate(spellings):
                self.bits[chr(base + at)] = dict.fromkeys(spelt.split("|"), 1.0)
        for at in range(21):
            self.bits[chr(0x1161 + at)][""] = 1.0 if at == 18 else 4.0

    def cost(self, jamo: str, chunk: str) -> float:
        known = self.bits[jamo].get(chunk)
        return known if known is not None else 6.0 + 2.5 * abs(len(chunk) - 1)

    def align(self, jamo: str, latin: str) -> tuple[float, list[str]]:
        """The cheapest cut of *latin* into a chunk for each jamo."""
        width = len(latin)
        row: list[tuple[float, tuple[int, ...]]] = [(math.inf, ())] * (width + 1)
        row[0] = (0.0, ())
        for char in jamo:
            following: list[tuple[float, tuple[int, ...]]] = [(math.inf, ())] * (width + 1)
            for start, (cost, cuts) in enumerate(row):
                if cost == math.inf:
                    continue
                for end in range(start, min(width, start + self.MOST) + 1):
                    total = cost + self.cost(char, latin[start:end])
                    if total < following[end][0]:
                        following[end] = (total, (*cuts, end))
            row = following
        cost, cuts = row[width]
        return cost, [latin[start:end] for start, end in zip((0, *cuts), cuts, strict=False)] if cuts else []

    def learn(self, counts: dict[str, Counter[str]]) -> None:
        self.bits = defaultdict(dict)
        for jamo, chunks in counts.items():
            total = sum(chunks.values()) + 1.0
            self.bits[jamo] = {chunk: -math.log2(count / total) for chunk, count in chunks.items() if count >= 2}


WORST = 4.2  # bits a jamo: above it two words are not the same word


def orders(words: list[str]) -> Iterable[list[str]]:
    yield words
    if 2 <= len(words) <= 4:
        yield words[1:] + words[:1]
        yield words[-1:] + words[:-1]


def aligned(aligner: Aligner, hangul: list[str], latin: list[str]) -> list[tuple[str, str, list[str]]]:
    """Words of a name with the same words in Latin letters and their chunks; a word that does not fit by sound has none.

    Such a word counts only beside one that fits (*조지* stands where *George* stands, beside *워싱턴*).
    """
    best: tuple[float, list[tuple[str, str, list[str]]]] = (math.inf, [])
    for order in orders(latin):
        total, found = 0.0, []
        for word, spelt in zip(hangul, order, strict=True):
            jamo = units(word)
            cost, chunks = aligner.align(jamo, spelt)
            total += min(cost, 8.0 * len(jamo))
            found.append((word, spelt, chunks if cost <= WORST * len(jamo) else []))
        best = min(best, (total, found), key=lambda row: row[0])
    return best[1] if any(chunks for _, _, chunks in best[1]) else []


def foreign(rows: list[tuple[list[str], list[str]]], rounds: int = 4) -> list[tuple[str, str, list[str]]]:
    aligner = Aligner()
    found: list[tuple[str, str, list[str]]] = []
    for _ in range(rounds):
        found = [word for hangul, latin in rows for word in aligned(aligner, hangul, latin)]
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for hangul_word, _, chunks in found:
            for jamo, chunk in zip(units(hangul_word), chunks, strict=bool(chunks)):
                counts[jamo][chunk] += 1
        aligner.learn(counts)
    return found


# --- Tables ----------------------------------------------------------------------------------------------------------


def write(name: str, words: str, rows: Iterable[str]) -> None:
    path = DATA / name
    path.write_text(f"# {words}\n" + "".join(row + "\n" for row in rows), "utf-8")
    print(path.name, path.stat().st_size)


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


def write_units(words: list[tuple[str, str, list[str]]]) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for hangul, _, chunks in words:
        jamo = f"^{units(hangul)}$"
        for at, chunk in enumerate(chunks, 1):
            for key in (jamo[at], jamo[at : at + 2], jamo[at - 1 : at + 2]):
                counts[key][chunk] += 1
            counts[jamo[at - 1] + jamo[at] + "."][chunk] += 1
    rows = []
    for key, known in sorted(counts.items()):
        total = sum(known.values())
        if len(key) > 1 and total < 4:
            continue
        kept = [f"{chunk}:{count}" for chunk, count in known.most_common(8) if count >= max(2, total * 0.015)]
        if kept:
            rows.append(f"{key}\t{total}\t{' '.join(kept)}")
    write(
        "hangul_units.tsv",
        "context (jamo; jamo+next; before+jamo+next; before+jamo+dot); total; chunks with counts",
        rows,
    )


def write_letters(words: list[tuple[str, str, list[str]]]) -> None:
    counts: Counter[str] = Counter()
    for _, spelt, _ in words:
        text = f"^^{spelt}$"
        for at in range(2, len(text)):
            counts[text[at - 2 : at + 1]] += 1
    write(
        "hangul_letters.tsv",
        "three letters of Latin names (^ before, $ behind); count",
        (f"{key}\t{count}" for key, count in sorted(counts.items()) if count > 1),
    )


def write_words(words: list[tuple[str, str, list[str]]]) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    fitting = {(hangul, spelt) for hangul, spelt, chunks in words if chunks}
    for hangul, spelt, _ in words:
        counts[hangul][spelt] += 1
    rows = []
    for hangul, everything in sorted(counts.items()):
        least = max(3.0, 0.15 * sum(everything.values()))
        spellings = Counter({spelt: n for spelt, n in everything.items() if n >= least or (hangul, spelt) in fitting})
        total = sum(spellings.values())
        kept = [
            f"{spelt}:{count}"
            for spelt, count in spellings.most_common(8)
            if count >= 2 or (total >= 4 and count / total > 0.02)
        ]
        if total >= 2 and kept:
            rows.append(f"{hangul}\t{total}\t{' '.join(kept)}")
    write("hangul_words.tsv", "word of names that are not Korean; how often; spellings with counts", rows)


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
            together = [pieces] if len(hangul.split()) == len(pieces) else [words]
            if len(together[0]) == len(hangul.split()):
                others.append((hangul.split(), together[0]))
    print(len(native), "Korean names", len(others), "others")
    words_found = foreign(others)
    print(len(words_found), "words of others")
    fitting = [row for row in words_found if row[2]]
    write_syllables(native)
    write_units(fitting)
    write_letters(fitting)
    write_words(words_found)


if __name__ == "__main__":
    main()
