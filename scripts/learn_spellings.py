"""Learn what differing letters cost between two Latin spellings of one name; writes ``matching/score/data/spellings.csv``.

Usage: python scripts/learn_spellings.py NETRANSLITERATION_DATA [--pairs POPULATION=FILE …]

NETRANSLITERATION_DATA is the folder ``data`` of steveash/NETransliteration-COLING2018 (words of names in two scripts, from Wikidata,
CC0). Latin words that share one word of the other script are spellings of one name: *Muhammad*, *Mohamed*. A file of ``--pairs`` holds
``reading<TAB>spelling`` of one population (``scripts/spelling_pairs.py``). Costs come by expectation maximisation over best alignments:
−log2 of how often a sound is written as another instead of as itself, within words that differ at all. What is rarer than a slip of the
hand is not kept.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from spean.matching.names.writing import fold
from spean.matching.score.letters import SOUNDS, VOWEL_SOUNDS, sounds

TARGET = Path(__file__).parents[1] / "src/spean/matching/score/data/spellings.csv"
FILES = ("wd_arabic", "wd_hebrew", "wd_korean", "wd_katakana")
SLIP_SUB, SLIP_GAP = 10.0, 9.0
"""Bits of a slip of the hand: what any change costs at most."""
ROUNDS = 6
MOST_PAIRS = 60_000
Pair = tuple[bytes, bytes, float]
Costs = dict[tuple[int, int], float]


def groups(folder: Path) -> Iterator[set[str]]:
    """Latin words that stand for one word of another script."""
    for name in FILES:
        same: dict[str, Counter[str]] = defaultdict(Counter)
        for line in (folder / f"{name}.normalized.aligned.tokens").read_text(encoding="utf-8").splitlines():
            latin, native, count = line.split("\t")
            same[native][fold(latin)] += int(count)
        for words in same.values():
            yield {word for word, _ in words.most_common(6) if len(word) > 2}


def variants(folder: Path) -> list[Pair]:
    """Pairs of spellings of one name; a pair that differs in most letters is an error of the source."""
    seen: Counter[tuple[str, str]] = Counter()
    for words in groups(folder):
        for pair in combinations(sorted(words), 2):
            seen[pair] += 1
    start: Costs = {}
    kept = []
    for (one, other), count in sorted(seen.items(), key=lambda item: -item[1])[: 4 * MOST_PAIRS]:
        a, b = sounds(one), sounds(other)
        if a != b and aligned(a, b, start)[0] <= 2.2 * max(len(a), len(b)):
            kept += [(a, b, float(count)), (b, a, float(count))]
    return kept[:MOST_PAIRS]


def price(costs: Costs, one: int, other: int) -> float:
    if one == other:
        return 0.0
    known = costs.get((one, other))
    if known is not None:
        return known
    if costs:
        return SLIP_GAP if 0 in (one, other) else SLIP_SUB
    both = one in VOWEL_SOUNDS and other in VOWEL_SOUNDS
    return 5.0 if 0 in (one, other) else (3.0 if both else 7.0)


def aligned(a: bytes, b: bytes, costs: Costs) -> tuple[float, list[tuple[int, int]]]:
    """The cheapest way from ``a`` to ``b``: bits and the pairs of sounds (0: none)."""
    table = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for j, y in enumerate(b):
        table[0][j + 1] = table[0][j] + price(costs, 0, y)
    for i, x in enumerate(a):
        row, above = table[i + 1], table[i]
        row[0] = above[0] + price(costs, x, 0)
        gone = price(costs, x, 0)
        for j, y in enumerate(b):
            row[j + 1] = min(above[j] + price(costs, x, y), above[j + 1] + gone, row[j] + price(costs, 0, y))
    steps, i, j = [], len(a), len(b)
    while i or j:
        now = table[i][j]
        if i and j and now == table[i - 1][j - 1] + price(costs, a[i - 1], b[j - 1]):
            i, j = i - 1, j - 1
            steps.append((a[i], b[j]))
        elif i and now == table[i - 1][j] + price(costs, a[i - 1], 0):
            i -= 1
            steps.append((a[i], 0))
        else:
            j -= 1
            steps.append((0, b[j]))
    return table[-1][-1], steps


def learn(pairs: list[Pair]) -> Costs:
    """Costs of the sounds that change more often than by a slip."""
    costs: Costs = {}
    for _ in range(ROUNDS):
        counts: Counter[tuple[int, int]] = Counter()
        for a, b, weight in pairs:
            bits, steps = aligned(a, b, costs)
            if bits <= 3.5 * max(len(a), len(b)):
                for step in steps:
                    counts[step] += weight
        costs = _costs(counts)
    return costs


def _costs(counts: Counter[tuple[int, int]]) -> Costs:
    total: Counter[int] = Counter()
    for (one, _), count in counts.items():
        total[one] += count
    places = sum(count for (one, _), count in counts.items() if one)
    found: Costs = {}
    for (one, other), count in counts.items():
        if one == other or count < 3:
            continue
        bits = -math.log2(count / ((total[one] if one else places) + 20.0))
        if bits < (SLIP_GAP if 0 in (one, other) else SLIP_SUB):
            found[one, other] = max(1.0, bits)
    return found


def read_pairs(path: Path) -> list[Pair]:
    """``reading<TAB>spelling`` lines, weighed by how often they stand there."""
    counts = Counter(tuple(line.split("\t")[:2]) for line in path.read_text(encoding="utf-8").splitlines())
    return [(sounds(one), sounds(other), float(count)) for (one, other), count in counts.items()][:MOST_PAIRS]


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn costs of spellings.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--pairs", nargs="*", default=[], metavar="POPULATION=FILE")
    options = parser.parse_args()
    learnt = {"latin": learn(variants(options.data))}
    for each in options.pairs:
        population, _, name = each.partition("=")
        learnt[population] = learn(read_pairs(Path(name)))
    lines = ["population,written,as,bits"]
    for population, costs in learnt.items():
        lines += [
            f"{population},{SOUNDS[one]},{SOUNDS[other]},{bits:.1f}" for (one, other), bits in sorted(costs.items())
        ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(lines) - 1} costs", file=sys.stderr)


if __name__ == "__main__":
    main()
