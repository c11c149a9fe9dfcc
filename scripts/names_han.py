"""Derives ``han.tsv`` (readings and one folded form of Chinese characters) from the Unihan database of Unicode.

    python scripts/names_han.py FOLDER

FOLDER holds ``Unihan_Readings.txt``, ``Unihan_Variants.txt`` and ``Unihan_OtherMappings.txt`` (Unicode 15.0, Unicode licence;
Debian's package *unicode-data* has them, compressed).
"""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

DATA = Path(__file__).parents[1] / "src" / "spean" / "matching" / "names" / "data"
TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
Fields = dict[str, dict[str, str]]


def fields(folder: Path) -> Fields:
    """Of each character: its fields and their values."""
    found: Fields = defaultdict(dict)
    for name in ("Readings", "Variants", "OtherMappings", "DictionaryLikeData"):
        for line in (folder / f"Unihan_{name}.txt").read_text("utf-8").splitlines():
            if line.startswith("U+"):
                code, field, value = line.split("\t", 2)
                found[chr(int(code[2:], 16))][field] = value
    return found


def numbered(syllable: str) -> str:
    """Pinyin with the number of its tone behind it (``zhì`` → ``zhi4``); ü is v."""
    tone, letters = "", ""
    for char in unicodedata.normalize("NFD", syllable):
        if char in TONES:
            tone = TONES[char]
        elif char == "\u0308":
            letters = letters[:-1] + "v"
        elif char.isascii() and char.isalpha():
            letters += char
    return letters + tone


def mandarin(known: dict[str, str]) -> list[str]:
    """Readings, the commonest first."""
    found = known.get("kMandarin", "").split()[:1]
    for field in ("kTGHZ2013", "kXHC1983"):
        for entry in known.get(field, "").split():
            found += entry.partition(":")[2].split(",")
    return list(dict.fromkeys(numbered(reading) for reading in found if reading))[:5]


def characters(value: str) -> list[str]:
    """The characters that a field of variants names."""
    return [chr(int(entry.split("<")[0][2:], 16)) for entry in value.split() if entry.startswith("U+")]


def older_forms(known: Fields) -> dict[str, str]:
    """Of a Japanese simplified character, the form before the reform (沢: 澤)."""
    found = {}
    for char, own in known.items():
        for entry in (own.get("kJinmeiyoKanji", "") + " " + own.get("kJoyoKanji", "")).split():
            if "U+" in entry:
                found[chr(int(entry.split("U+")[1], 16))] = char
    return found


def folded(char: str, known: Fields, older: dict[str, str]) -> str:
    """The one form that a character and its variants share: simplified where there is one."""
    own = known[char]
    simplified = [other for other in characters(own.get("kSimplifiedVariant", "")) if other != char]
    if simplified:
        return simplified[0]
    if "kTGHZ2013" in own:
        return char
    if char in older:
        return folded(older[char], known, {})
    near = characters(own.get("kZVariant", "")) + characters(own.get("kSemanticVariant", ""))
    return next((other for other in near if "kTGHZ2013" in known[other] and reads_alike(own, known[other])), char)


def reads_alike(one: dict[str, str], other: dict[str, str]) -> bool:
    return one.get("kMandarin", "?").split()[0] == other.get("kMandarin", "!").split()[0]


def plain(text: str) -> str:
    """A Vietnamese reading without its marks."""
    return "".join(
        char for char in unicodedata.normalize("NFD", text.replace("đ", "d")) if char.isascii() and char.isalpha()
    )


def main() -> None:
    known = fields(Path(sys.argv[1]))
    older = older_forms(known)
    forms = {char: folded(char, known, older) for char in sorted(known)}
    partners: dict[str, list[str]] = defaultdict(list)
    for char, form in forms.items():
        partners[form].append(char)
    rows = []
    for char in sorted(known):
        own = known[char]
        pinyin = mandarin(own)
        if not pinyin or not (0x4E00 <= ord(char) <= 0x9FFF or "kTGHZ2013" in own or "kUnihanCore2020" in own):
            continue
        form = forms[char]
        together = [char, *partners[char], form]
        hangul = next((known[other]["kHangul"][0] for other in together if "kHangul" in known[other]), "")
        vietnamese = next(
            (
                plain(known[other]["kVietnamese"].split(" ")[0].lower())
                for other in together
                if "kVietnamese" in known[other]
            ),
            "",
        )
        cantonese = " ".join(own.get("kCantonese", "").split()[:2])
        rows.append("\t".join([char, "" if form == char else form, " ".join(pinyin), cantonese, hangul, vietnamese]))
    path = DATA / "han.tsv"
    path.write_text(
        "# character; folded form; Mandarin (v is ü); Cantonese (Jyutping); Korean; Vietnamese\n"
        + "\n".join(rows)
        + "\n",
        "utf-8",
    )
    print(len(rows), path.stat().st_size)


if __name__ == "__main__":
    main()
