"""Learns how names in Hangul are spelt in Latin letters, and writes the tables of ``spean.matching.names.hangul``.

    python scripts/names_hangul.py PAIRS.tsv [--words PERSONS.txt] [--all] [--chinese]

PAIRS.tsv holds ``Hangul<TAB>Latin`` (names of people in Wikidata, CC0); PERSONS.txt lines ``name, name, … => item`` (given and family names of
Wikidata, CC0, as rigour lists them). Three models come out of it, since three customs meet:

* Korean names: each syllable has the spellings that people give it, as a family name and in a given name
  (``hangul_syllables.tsv``), found by cutting the Latin name with the sounds that a syllable may have.
* Chinese names as they sound (*천즈* Chen Zhi): a chunk of Hangul for each syllable of pinyin (``hangul_pinyin.tsv``).
* Other names (*조지 워싱턴*): each jamo becomes a chunk of Latin letters, which depends on the jamo on either side
  (``hangul_units.tsv``), found by aligning word with word (Viterbi training); letters of Latin names by trigrams
  (``letters.tsv``); words seen at least twice with their spellings (``hangul_words.tsv``).

One name in ten (by its CRC-32) is held out, also from what ships, so that what is measured with it was never learnt; ``--all`` takes it too.
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

from spean.matching.names import han, hangul
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


def foreign(rows: list[tuple[list[str], list[str]]], words: list[tuple[str, str]], rounds: int = 4) -> list[Pair]:
    """The words of names with their chunks; then single *words* that fit by what was learnt from names."""
    aligner = Aligner(sounds())
    found: list[Pair] = []
    for _ in range(rounds):
        found = [pair for hangul, latin in rows for pair in aligned(aligner, hangul, latin)]
        aligner.learn(found)
    return found + [pair for word, latin in words for pair in aligned(aligner, [word], [latin])]


MOST_SPELLINGS = 4


def single(path: Path | None, *, everything: bool) -> list[tuple[str, str]]:
    """Given and family names in Hangul with spellings of the same item."""
    found: list[tuple[str, str]] = []
    for line in path.read_text("utf-8").splitlines() if path else ():
        names = [name.strip() for name in line.partition("=>")[0].split(",")]
        native = [name for name in names if is_hangul(name) and 1 < len(name) < 9]
        latin = list(dict.fromkeys(fold(name) for name in names if name.isascii() and name.isalpha()))[:MOST_SPELLINGS]
        found += [(word, spelt) for word in native if everything or not held_out(word) for spelt in latin]
    return found


# --- Chinese names as they sound: pinyin syllables ↔ one to three syllables of Hangul ----------------------------------


def pinyin_cuts(words: list[str]) -> list[str] | None:
    """The pinyin syllables of a family name and a given name; None when a word is no pinyin."""
    found: list[str] = []
    for word in words:
        cuts = cut(word, 3)
        if not cuts:
            return None
        found += sorted(cuts, key=len)[0]
    return found if len(words) == 2 and len(found) <= 4 else None


def cut(word: str, most: int) -> list[list[str]]:
    if not word:
        return [[]]
    known = han.syllables()
    return [
        [word[:at], *rest]
        for at in range(min(6, len(word)), 0, -1)
        if most and word[:at] in known
        for rest in cut(word[at:], most - 1)
    ]


def far(chunk: str, pinyin: str) -> float:
    """A first guess of how little a chunk of Hangul sounds like a syllable."""
    one, other = hangul.revised(chunk), pinyin
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        before, row[0] = row[0], at
        for to, letter in enumerate(other, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (char != letter))
    return 1.5 * row[-1]


def chinese(rows: list[tuple[str, list[str]]], rounds: int = 4) -> Counter[tuple[str, str]]:
    """How often a chunk of Hangul stands for a syllable of pinyin."""
    bits: dict[tuple[str, str], float] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for _ in range(rounds):
        counts = Counter()
        for word, syllables in rows:
            best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
            for syllable_at in syllables:
                following: dict[int, tuple[float, tuple[str, ...]]] = {}
                for start, (cost, chunks) in best.items():
                    for end in range(start + 1, min(len(word), start + 3) + 1):
                        chunk = word[start:end]
                        total = cost + bits.get((chunk, syllable_at), 3.0 + far(chunk, syllable_at))
                        if end not in following or total < following[end][0]:
                            following[end] = (total, (*chunks, chunk))
                best = following
            if len(word) in best and best[len(word)][0] < 7.0 * len(syllables):
                counts.update(zip(best[len(word)][1], syllables, strict=True))
        totals: Counter[str] = Counter()
        for (_, syllable_at), count in counts.items():
            totals[syllable_at] += count
        bits = {key: math.log2((totals[key[1]] + 1.0) / count) for key, count in counts.items()}
    return counts


def write_chinese(counts: Counter[tuple[str, str]]) -> None:
    known: dict[str, Counter[str]] = defaultdict(Counter)
    for (chunk, pinyin), count in counts.items():
        if count >= 2 or far(chunk, pinyin) <= 1.5:
            known[chunk][pinyin] += count
    rows = (
        f"{chunk}\t{' '.join(f'{spelt}:{count}' for spelt, count in found.most_common(4))}"
        for chunk, found in sorted(known.items())
    )
    write("hangul_pinyin.tsv", "Hangul that stands for a syllable of Mandarin as it sounds; pinyin with counts", rows)


# --- Tables ----------------------------------------------------------------------------------------------------------


def write_syllables(names: list[tuple[list[str], list[str], str]]) -> None:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for family, given, written in names:
        end = len(written) - len(given)
        counts["f", written[:end]][family[0]] += 1
        for char, spelt in zip(written[end:], given, strict=True):
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
    parser.add_argument("--words", type=Path, help="given and family names of several scripts")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--chinese", action="store_true", help="only the table of Chinese names")
    chosen = parser.parse_args()
    native: list[tuple[list[str], list[str], str]] = []
    others: list[tuple[list[str], list[str]]] = []
    spoken: list[tuple[str, list[str]]] = []
    for line in chosen.pairs.read_text("utf-8").splitlines():
        written, latin = line.split("\t")
        if (held_out(written) and not chosen.all) or _no_name().search(written):
            continue
        words = [word for word in map(fold, latin.split()) if word]
        found = None if " " in written else korean(written, words)
        if found:
            native.append((*found, written))
            continue
        syllables = pinyin_cuts(words)
        together = written.replace(" ", "")
        if syllables and len(syllables) <= len(together) <= 8:
            spoken.append((together, syllables))
        others += pairing(written.split(), words, [word for word in map(fold, latin.replace("-", " ").split()) if word])
    print(len(native), "Korean names", len(spoken), "that may be Chinese", len(others), "others")
    write_chinese(chinese(spoken))
    if not chosen.chinese:
        words_found = foreign(others, single(chosen.words, everything=chosen.all))
        print(len(words_found), "words of others")
        fitting = [pair for pair in words_found if pair.chunks]
        write_syllables(native)
        different = {
            (pair.word, pair.spelt): pair for pair in fitting
        }  # a name that many bear says no more of its sounds
        write_units("hangul", list(different.values()), least=3)
        write_letters(fitting)
        write_words("hangul", words_found)


def pairing(spelt: list[str], words: list[str], pieces: list[str]) -> list[tuple[list[str], list[str]]]:
    """A name with as many Latin words as it has in Hangul, hyphens as spaces or not; one word in Hangul may be two (저우언라이)."""
    if len(spelt) == 1 and 2 <= len(pieces) <= 3:
        return [(spelt, ["".join(words)])]
    return next(([(spelt, found)] for found in (pieces, words) if len(found) == len(spelt)), [])


if __name__ == "__main__":
    main()
