"""What was found, in words that a border officer understands: templates with values, so that pages can say them in any language."""

from __future__ import annotations

from functools import lru_cache

from spean.matching.score.births import Said
from spean.matching.score.score import CLOSE, DIFFERENT, MISSING, NONE, SAME, SCRIPT, SPELT, VOWEL, Judged

Sentence = tuple[tuple[str, dict[str, str]], ...]
"""Clauses in order: an English template, and what stands in its places."""

FAMILY = {
    SAME: "same surname", SCRIPT: "same surname in another script", VOWEL: "surname differs by one vowel", SPELT: "surname spelt otherwise",
    CLOSE: "surname differs in some letters", DIFFERENT: "different surname", MISSING: "surname on one side only",
}  # fmt: skip
GIVEN = {
    SAME: "same given name", SCRIPT: "same given name in another script", VOWEL: "given name differs by one vowel",
    SPELT: "given name spelt otherwise", CLOSE: "given name differs in some letters", DIFFERENT: "different given name",
}  # fmt: skip
WHOLE = {
    SAME: "same name", SCRIPT: "same name in another script", VOWEL: "name differs by one vowel", SPELT: "name spelt otherwise",
    CLOSE: "name differs in some letters", DIFFERENT: "different name", MISSING: "different name",
}  # fmt: skip
BORN = {
    Said.DAY: "born the same day", Said.MONTH: "born in the same month", Said.YEAR: "born in the same year",
    Said.SWAPPED: "day and month of birth changed places", Said.DIGIT: "date of birth differs by a slip",
    Said.NEAR: "born about a year apart", Said.SAME_YEAR: "born in the same year, on another day", Said.APART: "born in other years",
}  # fmt: skip
LACKING = "a part of the name is on one side only"
TURNED = "in another order"
CHANCE = "1 in {count} by chance"
NOTHING = "no name to compare"


@lru_cache(maxsize=1 << 14)
def clauses(family: int, given: int, said: int, lacking: bool, turned: bool, bits: int) -> Sentence:
    """The sentence for one combination of findings; ``bits`` is how rare the agreement is."""
    words: list[str] = []
    if family == NONE:
        words += [WHOLE[given]] if given != NONE else []
    elif family == given and given in WHOLE and given not in (DIFFERENT, MISSING):
        words.append(WHOLE[given])
    else:
        words.append(FAMILY[family])
        words += [GIVEN[given]] if given != NONE else []
    words += [LACKING] if lacking and words else []
    words += [TURNED] if turned else []
    words += [BORN[Said(said)]] if said else []
    found: list[tuple[str, dict[str, str]]] = [(word, {}) for word in words or [NOTHING]]
    if bits > 0:
        found.append((CHANCE, {"count": rounded(bits)}))
    return tuple(found)


@lru_cache(maxsize=1 << 14)
def english(family: int, given: int, said: int, lacking: bool, turned: bool, bits: int) -> str:
    """The same as one English sentence."""
    return "; ".join(
        template.format(**values) for template, values in clauses(family, given, said, lacking, turned, bits)
    )


def rounded(bits: int) -> str:
    """2 to the power of ``bits`` as a round number with commas."""
    count = 2**bits
    step = int(10 ** (len(str(count)) - 1))
    return f"{count // step * step:,}"


def sentences(judged: Judged) -> list[str]:
    """One English sentence a row."""
    return [english(*finding) for finding in judged.findings()]
