"""Measure the readings of brahmic scripts on words that were never learnt: recall@1 among other people's Latin names.

    .venv/bin/python scripts/brahmic_measure.py HELD.tsv LATIN.tsv [--joined 2] [--most 200]

``HELD.tsv`` is what scripts/brahmic_pairs.py keeps back (``source⇥native⇥latin``), ``LATIN.tsv`` any list with a Latin name
in its last column: the names among which to find. ``--joined`` puts words of names together to whole names, as people have
more than one. Printed are, for each source, how often the right name is first when ranked by its least ``bits + 3.6 ×
letters changed`` over the readings (*readings*), by ``brahmic.surprise`` (*surprise*), and how often it is among the
candidates at all. Needs rapidfuzz.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path

from learn_brahmic import folded
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from spean.matching.names import brahmic

CHANGED = 3.6
ASKED, NEAREST = 5, 40
"""Readings by which candidates are looked for, and candidates of each."""

Items = list[tuple[str, set[str]]]


def joined(items: Items, words: int, chance: random.Random) -> Items:
    """Whole names out of single words."""
    short = [(native, min(latins)) for native, latins in items if 2 < len(min(latins)) < 10 and " " not in native]
    made = []
    for _ in range(300):
        parts = chance.sample(short, words)
        made.append((" ".join(native for native, _ in parts), {"".join(latin for _, latin in parts)}))
    return made


def measure(items: Items, pool: list[str]) -> dict[str, float]:
    """Shares of items whose right name is first, by two orders, and among the candidates."""
    found: dict[str, int] = defaultdict(int)
    for native, right in items:
        word = native.replace(" ", "")
        readings = brahmic.readings(word)
        near = {
            name
            for r in readings[:ASKED]
            for name, _, _ in process.extract(r.latin, pool, scorer=fuzz.ratio, limit=NEAREST)
        }
        if not near:
            continue
        ranked = sorted(near)
        first = min(
            ranked, key=lambda name: min(r.bits + CHANGED * Levenshtein.distance(r.latin, name) for r in readings)
        )
        sure = min(ranked, key=lambda name: brahmic.surprise(word, name))
        found["candidates"] += bool(near & right)
        found["readings"] += first in right
        found["surprise"] += sure in right
    return {what: found[what] / len(items) for what in ("candidates", "readings", "surprise")}


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("held", type=Path)
    reader.add_argument("latin", type=Path)
    reader.add_argument("--joined", type=int, default=2)
    reader.add_argument("--most", type=int, default=200)
    asked = reader.parse_args()
    chance = random.Random(7)  # noqa: S311  # the same sample every time
    sets: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in asked.held.read_text(encoding="utf-8").splitlines():
        source, native, latin = line.split("\t")
        if folded(latin):
            sets[source][native].add(folded(latin))
    items = {source: list(pairs.items()) for source, pairs in sets.items()}
    items["joined"] = joined([*items.get("names", []), *items.get("hand", [])], asked.joined, chance)
    pool = {folded(line.rpartition("\t")[2]) for line in asked.latin.read_text(encoding="utf-8").splitlines()}
    pool |= {name for pairs in items.values() for _, right in pairs for name in right}
    for source, pairs in items.items():
        some = chance.sample(pairs, min(asked.most, len(pairs)))
        said = " ".join(f"{what} {share:.3f}" for what, share in measure(some, sorted(pool - {""})).items())
        print(f"{source:8s} n={len(some):4d} {said}")


if __name__ == "__main__":
    main()
