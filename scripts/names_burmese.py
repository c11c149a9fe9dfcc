"""Takes the words of several syllables out of a list of Burmese names, and writes ``burmese_words.tsv``.

    python scripts/names_burmese.py NAMES.csv

NAMES.csv holds ``Latin,Burmese,remark`` (ArkarThanNaing19/Myanmar-Name_en-2-mm, Apache-2.0). Burmese is written without
spaces: a syllable is a word of a name unless it is part of one of these. A tenth, by checksum, is left out for measuring.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from names_sounds import held_out

from spean.matching.names import brahmic
from spean.matching.names.writing import clean, fold

DATA = Path(__file__).parents[1] / "src" / "spean" / "matching" / "names" / "data"


def main() -> None:
    found = set()
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as lines:
        for latin, burmese, *_ in (row for row in csv.reader(lines) if len(row) > 1):
            pieces = brahmic.split(clean(burmese))
            native = all("\u1000" <= char <= "\u109f" for char in "".join(pieces))
            if (
                not held_out(clean(burmese))
                and 2 <= len(pieces) <= 5
                and native
                and fold(latin)
                and " " not in latin.strip()
                and " " not in clean(burmese)
            ):
                found.add("".join(pieces))
    path = DATA / "burmese_words.tsv"
    path.write_text(
        "# words of several syllables that names have, as one word in Latin letters\n"
        + "\n".join(sorted(found))
        + "\n",
        "utf-8",
    )
    print(len(found), path.stat().st_size)


if __name__ == "__main__":
    main()
