"""Count how common the words of names are; writes ``matching/score/data/frequency.csv``.

Usage: python scripts/count_names.py NETRANSLITERATION_DATA

The folder is ``data`` of steveash/NETransliteration-COLING2018: words of names with the number of people of Wikidata (CC0) that have
them. A word's share is the largest over the files, since each holds the people whom one language wrote about.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from spean.matching.names.writing import fold

TARGET = Path(__file__).parents[1] / "src/spean/matching/score/data/frequency.csv"
FILES = ("wd_arabic", "wd_hebrew", "wd_korean", "wd_katakana")
WORDS_A_NAME = 2.1
LEAST = 90
"""People of a million; what is rarer counts as rare."""


def shares(folder: Path) -> dict[str, float]:
    """Of each word, its largest share of the people in a file, per million."""
    best: dict[str, float] = {}
    for name in FILES:
        counts: Counter[str] = Counter()
        for line in (folder / f"{name}.normalized.aligned.tokens").read_text(encoding="utf-8").splitlines():
            latin, _, count = line.split("\t")
            counts[fold(latin)] += int(count)
        people = sum(counts.values()) / WORDS_A_NAME
        for word, count in counts.items():
            if len(word) > 1 and count > 2:
                best[word] = max(best.get(word, 0.0), count / people * 1e6)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description="Count words of names.")
    parser.add_argument("data", type=Path)
    found = sorted((word, round(share)) for word, share in shares(parser.parse_args().data).items() if share >= LEAST)
    TARGET.write_text("word,per million\n" + "".join(f"{word},{share}\n" for word, share in found), encoding="utf-8")
    print(f"{TARGET.name}: {len(found)} words", file=sys.stderr)


if __name__ == "__main__":
    main()
