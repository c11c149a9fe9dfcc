"""What speaks beside the names: documents, telephones, wallets, addresses, places, each weighed by how seldom strangers share one.

Values come as pairs of value type and clean form (``entities.values``); a birth place and a postal address as ``birth-place`` and
``address`` with their words. One list of findings is the only thing that is added to the weight of the names:

- what both have, by how rare it is: who is one of a hundred that hold it is told apart by so much less: a hotline's number tells little;
- a document's number that differs by a slip of the reader or typist, where no check digit excludes the slip;
- another number where one person has only one: a national number of the same country, a document of the same country (renewed ones have
  new numbers, so little), another birth place.

An omission says nothing, and several telephones are ordinary: only what both sides have is looked at. What somebody *is* (gender,
nationality, ethnicity) has no type here, and a birth place that is only a country is none.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from spean.entities.values.mrz import check_digit
from spean.entities.values.types import NAMES, value_type
from spean.matching.score import places
from spean.matching.score.sentence import CHANCE, Sentence, rounded

Value = tuple[str, str]
"""Value type and clean form."""
Holders = Callable[[str, str], int]
"""How many records hold a value, the one that is asked about not counted; 1 where nobody counted."""


class Kind(NamedTuple):
    """What a value of one type says: bits when both have it, and the weight of the page that it belongs to."""

    part: str
    bits: float
    same: str
    other: float = 0.0
    """Bits when both have one and another (negative); 0: several are ordinary."""
    differs: str = ""


KINDS: Mapping[str, Kind] = {
    "document": Kind("document", 17.0, "same document number", -1.5, "another document of the same country"),
    "national-number": Kind("national number", 16.0, "same national number", -6.0, "another national number of the same country"),
    "iban": Kind("account", 12.0, "same account"), "account": Kind("account", 12.0, "same account"),
    "wallet": Kind("wallet", 12.0, "same wallet"), "email": Kind("e-mail", 12.0, "same e-mail address"),
    "imei": Kind("device", 11.0, "same device"), "mac": Kind("device", 10.0, "same device"),
    "handle": Kind("user account", 10.0, "same user account"), "phone": Kind("phone number", 9.0, "same phone number"),
    "vin": Kind("vehicle", 9.0, "same vehicle"), "plate": Kind("vehicle", 7.0, "same vehicle"),
    "url": Kind("web address", 7.0, "same web address"), "domain": Kind("web address", 5.0, "same domain"),
    "ip": Kind("web address", 4.0, "same internet address"),
    "address": Kind("place", 6.0, "same address"), "birth-place": Kind("place", 3.0, "born in the same place", -1.0, "born in another place"),
}  # fmt: skip
"""−log2 of how often strangers share one, less how often it is written wrong: of ten million passports one has a number, a telephone is
passed on and used by a family, one of ten was born in the same town. Against: of the people with two numbers of one country one in
seventy has two national numbers, one in three another passport; birth places are told as village, town or province."""
SLIP, MISREAD = 5.0, 12.0
"""Bits of a number with one sign wrong or two changed (numbers in a row go to families), and of signs that only look alike."""
SLIPPED, LOOKED = "document number differs by one sign", "document number differs by signs that look alike"
NO_ISSUER = 3.0
"""Bits less where one side does not say which country gave it."""
HELD_BY = "{count} files hold it"
MOST, LEAST = 26.0, -9.0
"""Bits of all that agrees together, and of all that contradicts: those who share one often share the next (a household, a shop that sells
telephones)."""
_NEXT = 0.5
_PLACES = ("birth-place", "address")
_CHECKED = ("CN", "TH", "SG", "HK", "TW")
"""Countries whose national numbers end in a check digit that ``entities.values.national`` verifies: one slip makes no valid number."""
_ALIKE = str.maketrans("OQILBSZ", "0011852")
_SHORTEST = 6
_LIMIT = 1e-9


class Finding(NamedTuple):
    """One thing that was found: the weight it belongs to, what the sentence says of it, and bits for or against."""

    part: str
    said: Sentence
    bits: float


def weigh(one: Iterable[Value], other: Iterable[Value], holders: Holders | None = None) -> list[Finding]:
    """What the values of two records say together, the strongest first, then what contradicts.

    Each further finding counts half of what the one before it did. Types that nobody weighs are left out. Order and repetition do not
    matter; a value that both have never lowers the sum, and one that only one side can have changes nothing.
    """
    agreed, against = _by_part(_pairs(one, other), holders)
    found, left, share = [], MOST, 1.0
    for part, (bits, said) in sorted(agreed.items(), key=lambda each: (-each[1][0], each[0])):
        counted = min(left, bits * share)
        found.append(Finding(part, said, counted))
        left, share = left - counted, share * _NEXT
    left = LEAST
    for part, (bits, said) in sorted(against.items(), key=lambda each: (each[1][0], each[0])):
        if part not in agreed:
            counted = max(left, bits)
            found.append(Finding(part, said, counted))
            left -= counted
    return found


def total(found: Iterable[Finding]) -> float:
    """The bits of all findings."""
    return float(sum(each.bits for each in found))


def beside(score: float, found: Iterable[Finding]) -> float:
    """A probability that the names gave, with what was found beside them."""
    kept = min(max(score, _LIMIT), 1 - _LIMIT)
    bits = math.log2(kept / (1 - kept)) + total(found)
    return float(1 / (1 + 2.0**-bits))


def sentence(names: Sentence, found: Sequence[Finding]) -> Sentence:
    """The sentence about the names with what was found put before its chance, which becomes rarer by what agrees."""
    clauses = [clause for clause in names if clause[0] != CHANCE]
    clauses += [clause for each in found for clause in each.said]
    for template, values in names:
        if template == CHANCE:
            rarer = int(sum(max(each.bits, 0.0) for each in found))
            count = int(values["count"].replace(",", ""))
            clauses.append((CHANCE, {"count": rounded(int(math.log2(count)) + rarer)} if rarer else values))
    return tuple(clauses)


def words() -> tuple[str, ...]:
    """Every clause that can be said here, for the pages' catalogue."""
    said = [clause for kind in KINDS.values() for clause in (kind.same, kind.differs) if clause]
    return tuple(dict.fromkeys([*said, SLIPPED, LOOKED, HELD_BY]))


def key(value: Value) -> Value:
    """Under which pair a value is counted: an account without its bank and one with it are one."""
    kind, text = value
    return (kind, value_type(kind).keys(text)[0]) if kind in NAMES else value


_Best = dict[str, tuple[float, Sentence]]


def _by_part(pairs: Iterator[tuple[str, str, str]], holders: Holders | None) -> tuple[_Best, _Best]:
    """Of each weight the best that agrees, and the mildest that contradicts where no value of its type agrees."""
    agreed: _Best = {}
    differing: dict[str, float] = {}
    matched: set[str] = set()
    for kind, one, other in pairs:
        of = KINDS[kind]
        compared = _compared(kind, one, other)
        if compared is None:
            continue
        bits, clause = compared
        if bits <= 0:
            differing[kind] = max(differing.get(kind, bits), bits)
            continue
        matched.add(kind)
        held = 1 if holders is None else max(1, holders(kind, one))
        bits = max(0.0, bits - math.log2(held))
        said: Sentence = ((clause, {}),) if held == 1 else ((clause, {}), (HELD_BY, {"count": f"{held:,}"}))
        if bits > agreed.get(of.part, (-1.0, ()))[0]:
            agreed[of.part] = bits, said
    against: _Best = {
        KINDS[kind].part: (bits, ((KINDS[kind].differs, {}),)) for kind, bits in differing.items() if kind not in matched and bits < 0
    }  # fmt: skip
    return agreed, against


def _pairs(one: Iterable[Value], other: Iterable[Value]) -> Iterator[tuple[str, str, str]]:
    """Values of the same type, one of each side."""
    theirs: defaultdict[str, set[str]] = defaultdict(set)
    for kind, value in other:
        if kind in KINDS and value:
            theirs[kind].add(value)
    for kind, value in sorted(set(one)):
        if value:
            yield from ((kind, value, each) for each in sorted(theirs.get(kind, ())))


def _compared(kind: str, one: str, other: str) -> tuple[float, str] | None:
    """Bits and clause of two values; None when they say nothing about one another."""
    of = KINDS[kind]
    if kind in _PLACES:
        same = places.same_address(one, other) if kind == "address" else places.same_place(one, other)
        return None if same is None else (of.bits, of.same) if same else (of.other, of.differs)
    if kind in ("document", "national-number"):
        return _numbers(kind, one, other)
    return (of.bits, of.same) if one == other or value_type(kind).agree(one, other) else None


def _numbers(kind: str, one: str, other: str) -> tuple[float, str] | None:
    """Numbers that a state gave, with its code in front if it is known: of two states they are not comparable."""
    of = KINDS[kind]
    (issuer, _, number), (second, _, again) = one.rpartition(":"), other.rpartition(":")
    if issuer and second and issuer != second:
        return None
    less = 0.0 if issuer and second else NO_ISSUER
    if number == again or _with_check(number, again):
        return of.bits - less, of.same
    if not (kind == "national-number" and issuer in _CHECKED):
        if number.translate(_ALIKE) == again.translate(_ALIKE):
            return MISREAD - less, LOOKED
        if _one_slip(number, again):
            return SLIP - less, SLIPPED
    return (of.other, of.differs) if issuer and second else None


def _with_check(one: str, other: str) -> bool:
    """Whether one is the other with its check digit behind, as a machine-readable zone has it (ICAO Doc 9303-3, 4.9)."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST and long[:-1] == short and long[-1:] == str(check_digit(short.ljust(9, "<")))


def _one_slip(one: str, other: str) -> bool:
    """One sign written wrong, or two neighbours changed."""
    if len(one) != len(other) or len(one) < _SHORTEST:
        return False
    unlike = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(unlike) == 2:
        first, second = unlike
        return second == first + 1 and one[first] == other[second] and one[second] == other[first]
    return len(unlike) == 1
