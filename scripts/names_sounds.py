"""Learns how the letters of a script sound in Latin letters, from pairs of words, and writes the tables of ``spean.matching.names.sounds``.

    python scripts/names_sounds.py FOLDER [--all] [--only SCRIPT …]

FOLDER holds ``arabic.tsv``, ``chinese.tsv``, ``katakana.tsv``, ``russian.tsv`` with ``Latin<TAB>letters apart<TAB>count`` (single words of names
of people in Wikidata, CC0; the sets of Merhav and Ash, COLING 2018). Of each come two tables: what a letter is written as, by
the letters on either side (``<script>_units.tsv``; Viterbi training), and the words that are frequent (``<script>_words.tsv``).

Without ``--all``, one word in ten (by its CRC-32) is held out: measure with that, ship with all.
"""

from __future__ import annotations

import argparse
import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from spean.matching.names import arabic, cyrillic, han, kana
from spean.matching.names.writing import fold

DATA = Path(__file__).parents[1] / "src" / "spean" / "matching" / "names" / "data"
MOST = 30_000  # words of a script that are learnt from: the commonest
WORST = 4.2  # bits a letter: above it two words are not the same word


class Pair(NamedTuple):
    """A word, its letters, its spelling, the chunk of each letter (none where they do not fit), and how often."""

    word: str
    letters: str
    spelt: str
    chunks: list[str]
    times: int = 1


class Aligner:
    """Bits of a chunk of Latin letters for a letter; learnt by aligning again and again, from what a letter may sound like."""

    MOST = 4

    def __init__(self, seeds: Mapping[str, Iterable[str]]) -> None:
        self.seeds = {letter: tuple(sounds) for letter, sounds in seeds.items()}
        self.bits: dict[str, dict[str, float]] = {
            letter: dict.fromkeys(sounds, 1.0) for letter, sounds in self.seeds.items()
        }
        self.seen: dict[tuple[str, str], tuple[float, list[str]]] = {}
        self.memo: dict[str, dict[str, float]] = {}

    def cost(self, letter: str, chunk: str) -> float:
        known = self.bits.get(letter, {}).get(chunk)
        if known is not None:
            return known
        longer = [len(chunk) - len(sound) for sound in self.seeds.get(letter, ()) if sound and chunk.startswith(sound)]
        return 3.0 + 1.5 * min(longer) if longer else 6.0 + 2.5 * abs(len(chunk) - 1)

    def align(self, letters: str, latin: str) -> tuple[float, list[str]]:
        """The cheapest cut of *latin* into a chunk for each letter; remembered until more is learnt."""
        if (letters, latin) not in self.seen:
            self.seen[letters, latin] = self._align(letters, latin)
        return self.seen[letters, latin]

    def _align(self, letters: str, latin: str) -> tuple[float, list[str]]:
        width, count = len(latin), len(letters)
        row: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
        for at, letter in enumerate(letters, 1):
            least, most = width - self.MOST * (count - at), at * width / count + 3.5
            following: dict[int, tuple[float, tuple[int, ...]]] = {}
            memo = self.memo.setdefault(letter, {})
            for start, (cost, cuts) in row.items():
                for end in range(start, min(width, start + self.MOST) + 1):
                    if not least <= end <= most:
                        continue
                    chunk = latin[start:end]
                    if chunk not in memo:
                        memo[chunk] = self.cost(letter, chunk)
                    total = cost + memo[chunk]
                    if end not in following or total < following[end][0]:
                        following[end] = (total, (*cuts, end))
            row = following
        cost, cuts = row.get(width, (math.inf, ()))
        return cost, [latin[start:end] for start, end in zip((0, *cuts), cuts, strict=False)] if cuts else []

    def learn(self, pairs: Iterable[Pair]) -> None:
        """New bits from how words were cut."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for pair in pairs:
            for letter, chunk in zip(pair.letters, pair.chunks, strict=bool(pair.chunks)):
                counts[letter][chunk] += min(pair.times, 20)
        self.seen.clear()
        self.memo.clear()
        self.bits = {}
        for letter, chunks in counts.items():
            total = sum(chunks.values()) + 1.0
            self.bits[letter] = {chunk: -math.log2(count / total) for chunk, count in chunks.items() if count >= 2}


def held_out(word: str) -> bool:
    return zlib.crc32(word.encode()) % 10 == 0


def write(name: str, words: str, rows: Iterable[str]) -> None:
    path = DATA / name
    path.write_text(f"# {words}\n" + "".join(row + "\n" for row in rows), "utf-8")
    print(path.name, path.stat().st_size)


def write_units(script: str, pairs: list[Pair], least: int = 4) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for pair in pairs:
        text, weight = f"^{pair.letters}$", min(pair.times, 20)
        for at, chunk in enumerate(pair.chunks, 1):
            for key in (text[at], text[at : at + 2], text[at - 1 : at + 2], text[at - 1] + text[at] + "."):
                counts[key][chunk] += weight
    rows = []
    for key, known in sorted(counts.items()):
        total = sum(known.values())
        if len(key) > 1 and total < least:
            continue
        kept = [f"{chunk}:{count}" for chunk, count in known.most_common(8) if count >= max(2, total * 0.015)]
        if kept:
            rows.append(f"{key}\t{total}\t{' '.join(kept)}")
    write(
        f"{script}_units.tsv",
        "context (letter; letter+next; before+letter+next; before+letter+dot); total; chunks with counts",
        rows,
    )


def write_words(script: str, pairs: list[Pair], least: int = 2, most: int = 8000) -> None:
    """The *most* commonest words that stand there at least *least* times."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    fitting = {(pair.word, pair.spelt) for pair in pairs if pair.chunks}
    for pair in pairs:
        counts[pair.word][pair.spelt] += pair.times
    rows: list[tuple[int, str]] = []
    for word, everything in counts.items():
        enough = max(3.0, 0.15 * sum(everything.values()))
        spellings = Counter({spelt: n for spelt, n in everything.items() if n >= enough or (word, spelt) in fitting})
        total = sum(spellings.values())
        kept = [
            f"{spelt}:{count}"
            for spelt, count in spellings.most_common(8)
            if count >= 2 or (total >= 4 and count / total > 0.02)
        ]
        if total >= least and kept:
            rows.append((total, f"{word}\t{total}\t{' '.join(kept)}"))
    commonest = sorted(rows, key=lambda row: (-row[0], row[1]))[:most]
    write(f"{script}_words.tsv", "word; how often; spellings with counts", sorted(row for _, row in commonest))


# --- The scripts whose pairs are words -------------------------------------------------------------------------------


def seeds(script: str, letters: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What each letter may sound like, by the plain rules of its script."""
    if script == "arabic":
        return {letter: arabic.sounds_of(letter) for letter in letters}
    if script == "russian":
        return {letter: tuple(reading.latin for reading in cyrillic.by_rule(letter)) or ("",) for letter in letters}
    if script == "katakana":
        return {letter: (kana.hepburn(letter) or "",) for letter in letters}
    return {letter: tuple(sound.rstrip("1234").replace("v", "u") for sound in han.pinyin(letter)) for letter in letters}


NATIVE: dict[str, Callable[[str], str]] = {
    "arabic": arabic.plain,
    "russian": str.lower,
    "katakana": str,
    "chinese": han.fold,
}


def read(path: Path, script: str, *, everything: bool) -> list[tuple[str, str, int]]:
    counts: Counter[tuple[str, str]] = Counter()
    for line in path.read_text("utf-8").splitlines():
        latin, apart, count = line.split("\t")
        word = NATIVE[script](apart.replace(" ", ""))
        spelt = fold(latin)
        if spelt and word and len(spelt) < 25 and len(word) < 20:
            counts[word, spelt] += int(count)
    common = counts.most_common(MOST)
    return [(word, spelt, count) for (word, spelt), count in common if everything or not held_out(word)]


def learn(script: str, rows: list[tuple[str, str, int]], rounds: int = 4) -> list[Pair]:
    aligner = Aligner(seeds(script, {letter for word, _, _ in rows for letter in word}))
    pairs: list[Pair] = []
    for at in range(rounds):
        pairs = []
        for word, spelt, count in rows:
            cost, chunks = aligner.align(word, spelt)
            worst = WORST * (1.6 if script == "chinese" else 1.0) + (2.0 if at == 0 else 0.0)
            pairs.append(Pair(word, word, spelt, chunks if cost <= worst * len(word) else [], count))
        aligner.learn(pairs)
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", choices=tuple(NATIVE), nargs="+", default=tuple(NATIVE))
    chosen = parser.parse_args()
    for script in chosen.only:
        rows = read(chosen.folder / f"{script}.tsv", script, everything=chosen.all)
        pairs = learn(script, rows)
        fitting = [pair for pair in pairs if pair.chunks]
        print(script, len(rows), "words,", len(fitting), "that fit")
        write_units(script, fitting, 8 if script == "chinese" else 6)
        write_words(script, pairs, 3)


if __name__ == "__main__":
    main()
