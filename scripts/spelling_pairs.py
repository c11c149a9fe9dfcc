"""Pairs of a reading and the spelling that people chose, of one population, for ``learn_spellings.py --pairs``.

    python scripts/spelling_pairs.py ko ko-latin.tsv > ko.tsv
    python scripts/spelling_pairs.py my my-latin.csv > my.tsv
    python scripts/spelling_pairs.py ar wd_arabic.normalized.aligned.tokens > ar.tsv

The likeliest Latin reading of a native word stands beside what its bearers write: Korean given names of two syllables, Burmese names, Arabic
words. A name of the tenth that is held out for measuring is left out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from names_sounds import held_out

from spean.matching.names.parts import read
from spean.matching.names.romanise import readings
from spean.matching.names.writing import fold

_FAMILIES = """
    kim lee yi rhee park pak bak choi choe jung jeong chung kang gang cho jo yoon yun jang chang lim im han oh seo suh shin sin kwon gwon hwang
    ahn an song ryu yoo yu hong jeon jun chun ko go moon mun yang son sohn bae pae baek paik heo hur nam shim sim noh roh ha kwak sung cha joo
    ju woo koo
"""
FAMILIES = frozenset(_FAMILIES.split())
MOST = 40_000
OFTEN = 3
"""A word counts so often at most."""


def korean(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        native, _, latin = line.partition("\t")
        parts = read(native).parts
        words = [fold(word) for word in latin.replace("-", " ").split()]
        if (
            " " in native
            or len(parts) != 2
            or parts[0].role != "family"
            or len(parts[1].written) != 2
            or len(words) < 2
        ):
            continue
        given = words[1:] if words[0] in FAMILIES else words[:-1] if words[-1] in FAMILIES else []
        if given and parts[1].readings:
            yield native, parts[1].readings[0].latin, "".join(given)


def burmese(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines[1:]:
        latin, native = line.split(",")[:2]
        found = readings(native, "burmese")
        if found and fold(latin):
            yield native, found[0].latin, fold(latin)


def arabic(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        latin, apart, count = line.split("\t")
        native = apart.replace(" ", "")
        found = readings(native, "arabic")
        if found:
            yield from [(native, found[0].latin, fold(latin))] * min(OFTEN, int(count))


POPULATIONS = {"ko": korean, "my": burmese, "ar": arabic}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("population", choices=tuple(POPULATIONS))
    parser.add_argument("names", type=Path)
    chosen = parser.parse_args()
    lines = chosen.names.read_text("utf-8").splitlines()
    found = [(one, other) for native, one, other in POPULATIONS[chosen.population](lines) if not held_out(native)]
    every = max(1, -(-len(found) // MOST))
    sys.stdout.writelines(f"{one}\t{other}\n" for one, other in found[::every])


if __name__ == "__main__":
    main()
