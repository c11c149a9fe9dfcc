"""Papers in text: machine-readable zones, passports beside their word, national numbers by their check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from spean.core.errors import InvalidInput
from spean.entities.extract.model import Found, Seen
from spean.entities.extract.words import NATIONAL, PASSPORT
from spean.entities.values.mrz import MRZ
from spean.entities.values.national import CHECKS

_LINE = re.compile(r"(?<![A-Z0-9<])[A-Z0-9<]{30}(?:[A-Z0-9<]{6}(?:[A-Z0-9<]{8})?)?(?![A-Z0-9<])")
_PASSPORT = re.compile(
    "(" + "|".join(map(re.escape, sorted(PASSPORT, key=len, reverse=True)))
    + r")[^\n\d]{0,30}?(?<![a-z0-9])([a-z]{0,3} ?\d{5,9}[a-z]?|[a-z]\d[a-z0-9]{5,8})(?![a-z0-9])"
)  # fmt: skip
_CN = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[\dXx](?![0-9A-Za-z])")
_KR = re.compile(r"(?<![0-9-])\d{6}-[1-8]\d{6}(?![0-9-])")
_TH = re.compile(r"(?<![0-9-])[1-8][- ]\d{4}[- ]\d{5}[- ]\d{2}[- ]\d(?![0-9-])")
_NUMBER = r"[^\n\d]{0,30}?(?<![a-z0-9])([a-z]{0,2}\d[\d -]{5,22}[\dxa-z]?(?:\([\da]\))?)(?![a-z0-9])"
_BESIDE = {
    country: re.compile(f"(?:{'|'.join(map(re.escape, words))}){_NUMBER}") for country, words in NATIONAL.items()
}


def zones(seen: Seen) -> Iterator[Found]:
    """Two or three lines of a document that stand one under the other and whose check digits hold."""
    lines = [found for found in _LINE.finditer(seen.shadow) if "<" in found[0] or any(map(str.isdigit, found[0]))]
    at = 0
    while at < len(lines):
        taken = next((count for count in (3, 2) if _zone(seen, lines[at : at + count], count)), 0)
        if taken:
            start, end = lines[at].start(), lines[at + taken - 1].end()
            yield seen.found("mrz", "\n".join(each[0] for each in lines[at : at + taken]), start, end)
        at += taken or 1


def _zone(seen: Seen, lines: list[re.Match[str]], count: int) -> bool:
    if len(lines) < count or len({len(each[0]) for each in lines}) != 1:
        return False
    for one, other in pairwise(lines):
        between = seen.shadow[one.end() : other.start()]
        if "\n" not in between or between.strip(" \r\n>|"):
            return False
    try:
        MRZ.clean("\n".join(each[0] for each in lines))
    except InvalidInput:
        return False
    return True


def passports(seen: Seen) -> Iterator[Found]:
    """Numbers beside a word for a passport."""
    for found in _PASSPORT.finditer(seen.low):
        number = found[2].replace(" ", "").upper()
        start = found.start(2) + (len(found[2]) - len(found[2].lstrip()))
        yield seen.found("document", number, start, found.end(2))


def nationals(seen: Seen) -> Iterator[Found]:
    """Numbers of persons whose form or check digit tells them, or that stand beside their word."""
    for country, pattern in (("CN", _CN), ("KR", _KR), ("TH", _TH)):
        for found in pattern.finditer(seen.shadow):
            yield from _national(seen, country, found[0], found.start(), found.end())
    for country, pattern in _BESIDE.items():
        for found in pattern.finditer(seen.low):
            yield from _national(seen, country, found[1], found.start(1), found.end(1))


def _national(seen: Seen, country: str, text: str, start: int, end: int) -> Iterator[Found]:
    number = "".join(char for char in text.upper() if char.isalnum())
    if CHECKS[country](number):
        yield seen.found("national-number", f"{country}:{number}", start, end)
