"""Learn how people spell Khmer, Lao, Thai and Burmese units in Latin letters, from pairs, into one table a script.

    .venv/bin/python scripts/learn_brahmic.py km PAIRS.tsv > src/spean/matching/names/data/brahmic/km.tsv

``PAIRS.tsv`` has lines ``native⇥latin⇥weight`` (scripts/brahmic_pairs.py makes them from the sources). The parser of the
script lays out every reading of the native word; expectation maximisation finds which Latin letters each onset, vowel
and final is spelled with (a many-to-many alignment, started from the official romanisation in
``scripts/brahmic_official.tsv``). Then larger units – rhymes, syllables, runs of syllables – get tables of their own
where they were seen often enough, each drawn towards what its smaller units say (Dirichlet smoothing).
"""

from __future__ import annotations

import argparse
import importlib
import math
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from brahmic_apart import apart

LONGEST = {"O": 4, "V": 5, "F": 4, "X": 3, "M": 4, "R": 7, "S": 9, "W": 16}
ROUNDS = 5
OPEN = 2
"""Rounds in which any letters may spell any unit."""
MODULES = {"km": "khmer", "lo": "lao", "my": "burmese", "th": "thai"}
PULL = {"R": 3.0, "S": 2.5, "W": 1.5}
"""How many sightings the smaller units' word counts for."""
TRUST = {"km": 4.0, "lo": 30.0, "my": 4.0, "th": 4.0}
"""How many sightings the official romanisation counts for; more where most of the pairs are foreign words."""
HABIT = {"km": 0.0, "lo": 0.08, "my": 0.0, "th": 0.12}
"""Share of people who spell a small unit in one of the ways that the official table lists, however rarely the pairs have them: most pairs
of Thai are places, whose spelling is the Royal one, and people write *ee*, *oo*, *ar*."""
FLOOR = 2e-5
ODD = (8.0, 4.2)
"""Bits, and bits a letter, beyond which a pair is taken for a translation and let go."""
SEEN = 1.2
"""Sightings that a spelling of a small unit needs to be kept, unless the official romanisation has it."""
KEPT = {"O": 14, "V": 20, "F": 14, "X": 8, "M": 12, "R": 12, "S": 10, "W": 8}

Counts = dict[str, dict[str, float]]
Arcs = list[list[tuple[int, str, float]]]


def folded(latin: str) -> str:
    """Latin letters a–z only."""
    import unicodedata

    plain = unicodedata.normalize(
        "NFKD", latin.replace("đ", "d").replace("ø", "o").replace("ł", "l").replace("ß", "ss")
    )
    return "".join(c for c in plain.lower() if "a" <= c <= "z")


class Learner:
    """One script's counts while they are learnt."""

    def __init__(self, tongue: str, official: Counts, pairs: list[tuple[str, str, float]]) -> None:
        self.script: Any = importlib.import_module(f"spean.matching.names.brahmic.{MODULES[tongue]}")
        self.tongue = tongue
        self.official = official
        self.known: set[str] = {key for key in official if key[0] == "W"}
        self.pairs = pairs
        self.probability: Counts = {}
        self.price: dict[str, float] = {}
        self.words: list[tuple[Arcs, str, float]] = []
        self.spans: list[list[tuple[int, int, str]]] = []
        self.odd: list[str] = []
        self.open = True

    def draw(self) -> None:
        """Lay out every word with the units known so far."""
        self.words, self.spans = [], []
        odd = set(self.odd)
        for native, latin, weight in self.pairs:
            if latin in odd:
                continue
            draft, start, end = self.script.draw(self.script.normal(native), self.known)
            places = draft.alive(start, (end,))
            if not places or places[-1] != end or len(places) > 60:
                continue
            number = {label: index for index, label in enumerate(places)}
            arcs = [[(number[t], k, b) for t, k, b in draft.arcs.get(label, ()) if t in number] for label in places]
            self.words.append((arcs, latin, weight))
            self.spans.append([(number[a], number[b], k) for a, b, k in draft.spans if a in number and b in number])

    def chances(self, key: str, latin: str, position: int) -> list[tuple[int, float]]:
        """How many letters a unit may be spelled with from a position on, and how likely that is.

        In the first rounds any letters may be; later only those that were seen, which is much quicker.
        """
        found = self.probability.get(key)
        if found is None:
            found = self.probability[key] = self._start(key)
        if not self.open:
            return [(len(chunk), p) for chunk, p in found.items() if latin.startswith(chunk, position)]
        longest = min(LONGEST[key[0]], len(latin) - position)
        return [
            (length, found.get(latin[position : position + length], 0.0) + FLOOR * 0.2 ** abs(length - 1))
            for length in range(longest + 1)
        ]

    def _start(self, key: str) -> dict[str, float]:
        given = self.official.get(key)
        if given:
            return dict(given)
        kind, letters = key[0], key[1:]
        made = {"": 1.0}
        for letter in letters:
            single = self.official.get(kind + letter, {"": 1.0})
            made = {a + b: p * q for a, p in made.items() for b, q in single.items() if p * q > 0.01}
        return {latin: p * 0.5 for latin, p in made.items()}

    def round(self) -> tuple[Counts, dict[str, float], dict[str, float], float]:
        """One pass: expected counts of spellings, of units used, of units on offer; and the bits of all pairs."""
        counts: Counts = defaultdict(lambda: defaultdict(float))
        used: dict[str, float] = defaultdict(float)
        offered: dict[str, float] = defaultdict(float)
        spent = 0.0
        for arcs, latin, weight in self.words:
            total = self._one(arcs, latin, weight, counts, used, offered)
            spent -= weight * math.log2(total) if total > 0 else 0.0
        return counts, used, offered, spent

    def _one(self, arcs: Arcs, latin: str, weight: float, counts: Counts, used: Any, offered: Any) -> float:
        size = len(latin)
        ahead: list[dict[int, float]] = [defaultdict(float) for _ in arcs]
        ahead[0][0] = 1.0
        steps: list[list[tuple[int, int, int, str, str, float]]] = [[] for _ in arcs]
        for place, here in enumerate(arcs):
            for position, mass in list(ahead[place].items()):
                if mass < 1e-60:
                    continue
                for target, key, bits in here:
                    price = 2.0 ** -(bits + self.price.get(key, 0.0))
                    for length, p in self.chances(key, latin, position):
                        chunk = latin[position : position + length]
                        share = price * p
                        if share * mass < 1e-70:
                            continue
                        ahead[target][position + length] += mass * share
                        steps[place].append((position, target, position + length, key, chunk, share))
        total = ahead[-1].get(size, 0.0)
        if total <= 0:
            return 0.0
        back: list[dict[int, float]] = [defaultdict(float) for _ in arcs]
        back[-1][size] = 1.0
        for place in range(len(arcs) - 1, -1, -1):
            for position, target, after, key, chunk, share in steps[place]:
                rest = back[target].get(after)
                if rest:
                    back[place][position] += share * rest
                    expected = weight * ahead[place][position] * share * rest / total
                    if expected > 1e-4:
                        counts[key][chunk] += expected
                        used[key] += expected
            for _, key, _ in arcs[place]:
                if ahead[place]:
                    offered[key] += weight * min(
                        1.0, sum(ahead[place][p] * back[place].get(p, 0.0) for p in ahead[place]) / total
                    )
        return total

    def estimate(self, counts: Counts, used: dict[str, float], offered: dict[str, float]) -> None:
        """Probabilities from counts; the price of a reading from how often it was chosen where it was offered."""
        for key, seen in counts.items():
            if key[0] in "RSW":
                continue
            merged = dict(seen)
            start = self.official.get(key)
            if start:
                for latin, p in start.items():
                    merged[latin] = merged.get(latin, 0.0) + TRUST[self.tongue] * p
            whole = sum(merged.values())
            self.probability[key] = {latin: n / whole for latin, n in merged.items() if n / whole > 5e-4}
        self.reprice(used, offered)

    def reprice(self, used: dict[str, float], offered: dict[str, float]) -> None:
        """The price of a unit from how often it was chosen where it was offered."""
        for key, on_offer in offered.items():
            self.price[key] = min(7.0, -math.log2((used.get(key, 0.0) + 0.3) / (on_offer + 0.6)))

    def weed(self) -> None:
        """Let go of pairs that are no spelling of each other (translations, other names)."""
        kept = []
        for (arcs, latin, weight), spans in zip(self.words, self.spans, strict=True):
            total = self._one(
                arcs, latin, 1.0, defaultdict(lambda: defaultdict(float)), defaultdict(float), defaultdict(float)
            )
            if total > 0 and -math.log2(total) <= ODD[0] + ODD[1] * len(latin):
                kept.append((arcs, latin, weight, spans))
            else:
                self.odd.append(latin)
        print(f"{len(self.words) - len(kept)} pairs let go: {self.odd[:12]}", file=sys.stderr)
        self.words = [(a, b, c) for a, b, c, _ in kept]
        self.spans = [d for _, _, _, d in kept]

    def learn(self) -> None:
        self.draw()
        for number in range(ROUNDS):
            if number == OPEN:
                self.weed()
                self.open = False
            counts, used, offered, spent = self.round()
            self.estimate(counts, used, offered)
            print(
                f"round {number}: {spent / max(1, sum(w for _, _, w in self.words)):.3f} bits a word", file=sys.stderr
            )
        self.counts = counts

    def best(self, arcs: Arcs, latin: str) -> list[tuple[int, int, int, int, str]]:
        """The best alignment of a pair: steps from place and letter to place and letter, with their units."""
        size = len(latin)
        held: list[dict[int, tuple[float, Any]]] = [{} for _ in arcs]
        held[0][0] = (0.0, None)
        for place, here in enumerate(arcs):
            for position, (spent, _) in list(held[place].items()):
                for target, key, bits in here:
                    for length, p in self.chances(key, latin, position):
                        cost = spent + bits + self.price.get(key, 0.0) - math.log2(p)
                        old = held[target].get(position + length)
                        if old is None or cost < old[0]:
                            held[target][position + length] = (cost, (place, position, key))
        path: list[tuple[int, int, int, int, str]] = []
        place, position = len(arcs) - 1, size
        while held[place].get(position) and held[place][position][1] is not None:
            before, letter, key = held[place][position][1]
            path.append((before, letter, place, position, key))
            place, position = before, letter
        return path[::-1]

    def sightings(self, kind: str) -> tuple[Counts, dict[str, list[str]]]:
        """How larger units of a kind are spelled in the best alignments, and what smaller units they are made of."""
        seen: Counts = defaultdict(lambda: defaultdict(float))
        parts: dict[str, list[str]] = {}
        for (arcs, latin, weight), spans in zip(self.words, self.spans, strict=True):
            path = self.best(arcs, latin)
            at = {step[0]: step[1] for step in path} | {len(arcs) - 1: len(latin)}
            for start, end, key in spans:
                if key[0] == kind and start in at and end in at:
                    seen[key][latin[at[start] : at[end]]] += weight
                    parts[key] = [step[4] for step in path if start <= step[0] < end]
        return seen, parts

    def composed(self, parts: list[str]) -> dict[str, float]:
        """What the smaller units say of a larger one."""
        made = {"": 1.0}
        for key in parts:
            options = sorted(self.probability.get(key, {"": 1.0}).items(), key=lambda i: -i[1])[:8]
            made = _multiplied(made, options)
        return made

    def grow(self, kind: str, seen: dict[str, dict[str, float]], parts: dict[str, list[str]], least: float) -> None:
        """Tables of larger units from their sightings."""
        for key, found in seen.items():
            n = sum(found.values())
            if n < least:
                continue
            base = self.composed(parts[key])
            weight = PULL[kind]
            merged = defaultdict(float, {latin: weight * p for latin, p in base.items()})
            for latin, c in found.items():
                merged[latin] += c
            whole = sum(merged.values())
            self.probability[key] = {latin: c / whole for latin, c in merged.items()}
            self.known.add(key)

    def prune(self) -> None:
        """Drop what was seen too seldom, so that larger units are not put together from accidents."""
        for key, options in self.probability.items():
            kept = {latin: p for latin, p in options.items() if self._credible(key, latin)}
            if kept:
                self.probability[key] = kept

    def accustom(self) -> None:
        """Give each spelling of the official table its share."""
        share = HABIT[self.tongue]
        for key, given in self.official.items():
            learnt = self.probability.get(key)
            if key[0] in "OVF" and learnt and share:
                latins = learnt.keys() | given.keys()
                self.probability[key] = {
                    latin: (1 - share) * learnt.get(latin, 0.0) + share * given.get(latin, 0.0) for latin in latins
                }

    def enlarge(self, least: dict[str, float]) -> None:
        """Rhymes, then syllables, then runs of them, from the best alignments."""
        self.prune()
        self.accustom()
        for kind in ("R", "S", "W"):
            if kind not in least:
                continue
            seen, parts = self.sightings(kind)
            self.grow(kind, seen, parts, least[kind])
            self.draw()
        for _ in range(2):
            _, used, offered, _ = self.round()
            self.reprice(used, offered)

    def _credible(self, key: str, latin: str) -> bool:
        """Whether a small unit was seen often enough with a spelling; larger ones are smoothed already."""
        if key[0] in "RSW":
            return True
        return latin in self.official.get(key, ()) or self.counts.get(key, {}).get(latin, 0.0) >= SEEN

    def lines(self) -> list[str]:
        """The table, sorted; prices are those of the small units only."""
        wanted = sorted(self.probability)
        made = []
        for key in wanted:
            n = sum(self.counts.get(key, {}).values())
            if key[0] in "OVFXM" and n < 0.5 and key not in self.official:
                continue
            options = sorted(self.probability[key].items(), key=lambda i: (-i[1], i[0]))
            options = [(latin, p) for latin, p in options if p > 0.003 and self._credible(key, latin)][: KEPT[key[0]]]
            if options:
                said = " ".join(f"{latin or '='} {max(0.0, -math.log2(p)):.1f}" for latin, p in options)
                made.append(f"{key}\t{said}")
        for key, bits in sorted(self.price.items()):
            if bits > 0.15 and key[0] in "OVFXMRSW":
                made.append(f"!{key}\t{bits:.1f}")
        return made


def _multiplied(made: dict[str, float], options: list[tuple[str, float]]) -> dict[str, float]:
    out: dict[str, float] = defaultdict(float)
    for a, p in made.items():
        for b, q in options:
            if p * q > 1e-3:
                out[a + b] += p * q
    return out


def read_official(path: Path, tongue: str) -> Counts:
    """Lines ``tongue⇥unit⇥latin [share] latin [share]…``: the official romanisation and what else is known of the unit."""
    found: Counts = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if len(cells) != 3 or cells[0] != tongue:
            continue
        words = cells[2].split(" ")
        shares = [1.0 if i == 0 else 0.35 for i in range(len(words))]
        whole = sum(shares)
        found[cells[1]] = {("" if w == "=" else w): s / whole for w, s in zip(words, shares, strict=True)}
    return found


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("tongue", choices=("km", "lo", "my", "th"))
    reader.add_argument("pairs", type=Path)
    reader.add_argument("--official", type=Path, default=Path(__file__).with_name("brahmic_official.tsv"))
    asked = reader.parse_args()
    pairs = []
    for line in asked.pairs.read_text(encoding="utf-8").splitlines():
        native, latin, weight = line.split("\t")
        if folded(latin):
            pairs.append((native, folded(latin), float(weight)))
    learner = Learner(asked.tongue, read_official(asked.official, asked.tongue), pairs)
    learner.learn()
    learner.enlarge(learner.script.LEAST)
    print("\n".join(apart(asked.tongue, learner.lines())))


if __name__ == "__main__":
    main()
