"""Whose customs a Latin name seems to follow, and what each word is by that custom. Used to read names, never to judge people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from spean.matching.names import facts
from spean.matching.names.model import Role
from spean.matching.names.writing import fold

_SYLLABLE = re.compile(r"[^aeiouy]{0,4}(?:[aeiou]|y(?![aeiou])|y[aeiou]|[aeiou]+y?){1,2}(?:h?[nmklrptbsgc]{1,2}|h)?")
_VIETNAMESE = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.I)
_PARTICLES = """
    bin binti binte bint bte bt b ibn ben al el ul ad as ash a/l a/p s/o d/o anak van von der den de da dos das do del dela delos
    della di du des la las los le y e af av zu zum zur ter ten ap abu umm
"""
PARTICLES = frozenset(_PARTICLES.split())
_SLIGHT, _MUCH = 1.2, 3.5
FAMILY_FIRST = ("ko", "zh", "vi", "km", "ja")
NO_FAMILY = ("my", "id", "ms")
JOINED = ("ko", "zh")
"""Customs whose given name is written as one word, as two, or with a hyphen, and is the same."""


@lru_cache(maxsize=1 << 17)
def of_word(word: str) -> tuple[tuple[str, str, float], ...]:
    """Customs that write a Latin word: (population, what, weight); a hyphenated word has those of its pieces, each half."""
    if "/" in word:
        return (("ms", "m", 3.0), ("hi", "m", 2.0))
    found = facts.customs().get(fold(word), ())
    if not found and "-" in word:
        return _of_pieces([piece for piece in word.split("-") if piece])
    return found


def _of_pieces(pieces: list[str]) -> tuple[tuple[str, str, float], ...]:
    """Customs of a hyphenated word. Two syllables side by side are a given name of East Asia unless the West knows both."""
    rows = [row for piece in pieces for row in facts.customs().get(fold(piece), ())]
    western = sum(_is_western(piece) for piece in pieces)
    if len(pieces) == 2 and western < 2 and pieces[0].lower() not in PARTICLES and all(map(is_syllable, pieces)):
        rows = [("ko", "g", 1.0), *(row for row in rows if row[0] in JOINED)]
    return tuple((pop, what, weight / len(pieces)) for pop, what, weight in rows)


def _speaks(score: float, seen: int, count: int) -> bool:
    """Whether what was found is enough: all words, or half of them and some weight, or much weight."""
    return seen == count or (2 * seen >= count and score > _SLIGHT) or score > _MUCH


def guess(words: Sequence[str]) -> tuple[str, ...]:
    """The populations whose names these Latin words look like, likeliest first, at most four; empty without a sign."""
    scores: dict[str, float] = {}
    seen: dict[str, int] = {}
    last = len(words) - 1
    for at, word in enumerate(words):
        edge = at == 0 or at == last
        found = set()
        for pop, what, weight in of_word(word):
            factor = (1.0 if edge else 0.4) if what == "f" else 1.3 if what == "m" else 0.9
            scores[pop] = scores.get(pop, 0.0) + weight * factor
            found.add(pop)
        if not word.isascii() and _VIETNAMESE.search(word):
            scores["vi"] = scores.get("vi", 0.0) + 4.0
            found.add("vi")
        for pop in found:
            seen[pop] = seen.get(pop, 0) + 1
    scores = {pop: score for pop, score in scores.items() if _speaks(score, seen[pop], len(words))}
    if not scores:
        return ()
    most = max(scores.values())
    likely = sorted((pop for pop, score in scores.items() if score >= 0.4 * most), key=lambda pop: -scores[pop])
    return tuple(likely[:4])


@lru_cache(maxsize=1 << 16)
def family_weight(word: str, population: str) -> float:
    """How much a word is a family name by the custom: 3 for the commonest, 0 for none."""
    return max(
        (weight for pop, what, weight in of_word(word) if pop == population and what == "f" and "-" not in word),
        default=0.0,
    )


def is_family(word: str, population: str) -> bool:
    """Whether the custom lists the word as a family name."""
    return family_weight(word, population) > 0.0


@lru_cache(maxsize=1 << 16)
def is_syllable(word: str) -> bool:
    """Whether a Latin word can be one syllable of an East Asian name."""
    folded = fold(word)
    return 1 <= len(folded) <= 6 and (_SYLLABLE.fullmatch(folded) is not None or folded in ("ng", "hng", "sng"))


def roles(words: Sequence[str], population: str, places: Sequence[int]) -> list[Role]:
    """What each Latin word of a person's name is; *places* tell between which commas it stands."""
    found: list[Role] = ["unknown"] * len(words)
    plain: list[int] = []
    for at, word in enumerate(words):
        if (
            len(word) == 1
            and fold(word) == word.lower()
            and not (population == "ko" and at == 0 and word in "OIU" and len(words) > 1)
        ):
            found[at] = "initial"
        elif word.lower() in PARTICLES and at < len(words) - 1 and (len(words) > 2 or word.islower()):
            found[at] = "particle"
        else:
            plain.append(at)
    if not plain:
        return found
    for at, role in zip(
        plain, _by_custom([words[at] for at in plain], population, [places[at] for at in plain], found), strict=True
    ):
        found[at] = role
    return found


def _by_custom(words: list[str], population: str, places: list[int], marked: list[Role]) -> list[Role]:
    count = len(words)
    if places[0] != places[-1]:
        ahead = places.count(places[0])
        if ahead > 1 and population in FAMILY_FIRST and is_family(words[0], population):
            return ["family", *_given(count - 1)]
        return ["family" if at < ahead else "given" for at in range(count)]
    capitals = [
        word.isupper() and (len(word) > 2 or (len(word) == 2 and is_family(word, population))) for word in words
    ]
    if any(capitals) and not all(capitals) and (capitals[0] or capitals[-1]):
        return ["family" if capital else "given" for capital in capitals]
    if count == 1:
        return ["family" if len(marked) > 1 and "particle" not in marked else "unknown"]
    if population in FAMILY_FIRST:
        return _family_first(words, population)
    if population in NO_FAMILY and "particle" not in marked:
        return _given(count)
    return [*_given(count - 1), "family"]


def _family_first(words: list[str], population: str) -> list[Role]:
    count = len(words)
    alike = JOINED if population in JOINED else (population,)
    first, last = (max(family_weight(word, each) for each in alike) for word in (words[0], words[-1]))
    if count > 2 and first == 0.0 and _is_western(words[0]) and family_weight(words[1], population) > 1.0:
        return ["given", "family", *_given(count - 2)]
    western = last > first + (1.4 if first else 0.0) or (last > 0.0 and ("-" in words[0] or not is_syllable(words[0])))
    if western or (not first and not last and population in ("km", "ja")):
        return [*_given(count - 1), "family"]
    if first:
        return ["family", *_given(count - 1)]
    inner = next((at for at in range(1, count - 1) if is_family(words[at], population)), None)
    if inner is None and count == 2 and ("-" in words[0]) != ("-" in words[1]):
        return ["given" if "-" in word else "family" for word in words]
    if inner is None:
        return ["unknown" for _ in range(count)]
    return ["family" if at == inner else "given" for at in range(count)]


def _is_western(word: str) -> bool:
    return any(pop == "en" and what == "g" for pop, what, _ in of_word(word))


def _given(count: int) -> list[Role]:
    return ["given" for _ in range(count)]
