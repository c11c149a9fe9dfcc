"""Counts three letters of Latin names of all customs, and writes ``latin_letters.tsv``: how likely a Latin word is by its letters at all.

    python scripts/names_letters.py PAIRS.tsv …

Each file holds ``native<TAB>Latin`` (further columns are not read): names in Hangul (Wikidata, CC0), the pairs that ``brahmic_pairs.py`` prints for
Khmer, Lao, Thai and Burmese. Every different word counts once, since a list holds a name once. Words whose native name is held out for
measuring do not count.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from names_sounds import held_out, write

from spean.matching.names.writing import fold

LEAST = 3
"""How often three letters stand at least."""


def main() -> None:
    found: set[str] = set()
    for path in sys.argv[1:]:
        for line in Path(path).read_text("utf-8").splitlines():
            native, latin, *_ = line.split("\t")
            if not held_out(native):
                found |= {fold(word) for word in latin.replace("-", " ").split()} - {""}
    counts: Counter[str] = Counter()
    for word in found:
        text = f"^^{word}$"
        counts.update(text[at - 2 : at + 1] for at in range(2, len(text)))
    rows = (f"{key}\t{count}" for key, count in sorted(counts.items()) if count >= LEAST)
    write("latin_letters.tsv", "three letters of different Latin names (^ before, $ behind); count", rows)
    print(len(found), "words")


if __name__ == "__main__":
    main()
