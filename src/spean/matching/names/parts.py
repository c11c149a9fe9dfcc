"""A written name read into its parts: the one door to names in any script."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from spean.matching.names import custom, facts, han, hangul, organisations
from spean.matching.names.cutting import Token, cut, key
from spean.matching.names.model import Kind, Name, Part, Role, Script
from spean.matching.names.romanise import in_unicode, part, syllables
from spean.matching.names.writing import clean, fold

_POPULATION: dict[Script, tuple[str, ...]] = {
    "khmer": ("km",),
    "lao": ("lo",),
    "thai": ("th",),
    "burmese": ("my",),
    "hangul": ("ko",),
    "han": ("zh",),
    "kana": ("ja",),
    "arabic": ("ar",),
    "cyrillic": ("ru",),
}

_FIRMS = frozenset({"llc", "ltd", "inc", "gmbh", "plc", "corp", "limited", "llp"})
"""Forms that stand behind a person's name by mistake."""
_ARABIC_PARTICLES = frozenset({"بن", "ابن", "بنت", "آل", "أبو", "ابو", "أم", "ولد"})


def read(written: str, *, kind: Kind = "person", populations: Sequence[str] = ()) -> Name:
    """The parts of a name, in written order, with roles and Latin readings. Never raises on any text.

    *populations* are customs that are known to apply (of the issuing country, say); others are guessed from the letters
    and words. Given names that Korean and Chinese customs write as one word or as two are one part (*Jong Un*: ``jongun``).
    A name in a second script, in quotes, in brackets or after *alias* has the role ``nickname``.
    """
    text = in_unicode(clean(written))
    tokens = cut(text, kind)
    if kind == "organisation":
        return Name(text, kind, tuple(organisations.parts(tokens)), tuple(populations))
    return _person(text, tokens, tuple(populations))


# --- Persons ---------------------------------------------------------------------------------------------------------


def _person(text: str, tokens: list[Token], known: tuple[str, ...]) -> Name:
    latin = [token.text for token in tokens if token.script == "latin" and not token.other]
    guessed = tuple(pop for token in tokens if token.script != "latin" for pop in _POPULATION.get(token.script, ()))
    populations = tuple(dict.fromkeys(known + guessed + custom.guess(latin)))
    first, last = _titles(tokens, populations)
    placed = [
        (at, part(token.text, token.script, "title")) for at, token in enumerate(tokens) if not first <= at < last
    ]
    native = [at for at in range(first, last) if tokens[at].script != "latin" and not tokens[at].other]
    alphabet = [at for at in range(first, last) if tokens[at].script == "latin" and not tokens[at].other]
    letters = _native(tokens, native)
    spelt = _latin(tokens, alphabet, populations)
    if len(letters) > 1 and len(spelt) > 1:
        spelt = [(at, part(each.written, "latin", "nickname")) for at, each in spelt]
    placed += letters + spelt
    others = [(at, tokens[at]) for at in range(first, last) if tokens[at].other]
    placed += [(at, part(each.written, each.script, "nickname")) for at, token in others for each in _other_name(token)]
    placed.sort(key=lambda row: row[0])
    return Name(text, "person", tuple(part for _, part in placed), populations)


def _other_name(token: Token) -> list[Part]:
    return (
        [part(token.text, "latin", "nickname")] if token.script == "latin" else _parts_of(token, "unknown", alone=True)
    )


def _titles(tokens: list[Token], populations: tuple[str, ...]) -> tuple[int, int]:
    """Where the titles in front end and where those behind begin; at least one word stays a name."""
    first, last = 0, len(tokens)
    while first < last - 1:
        length = _title(tokens, first, last - 1, facts.titles_at("before"), populations)
        if not length or (first and key(tokens[first].text) == key(tokens[first - 1].text)):
            break  # Ko Ko Gyi: the second is a name
        first += length
    while last - 1 > first and (
        _title(tokens, last - 1, last, facts.titles_at("after"), populations) or key(tokens[last - 1].text) in _FIRMS
    ):
        last -= 1
    return first, last


def _title(
    tokens: list[Token], at: int, end: int, known: dict[str, frozenset[str]], populations: tuple[str, ...]
) -> int:
    """How many words from *at* are one title: two, one or none."""
    for length in (2, 1):
        if at + length <= end:
            customs = known.get(" ".join(key(token.text) for token in tokens[at : at + length]))
            if customs is not None and _applies(customs, tokens[at].text, populations):
                return length
    return 0


def _applies(customs: frozenset[str], word: str, populations: tuple[str, ...]) -> bool:
    """Whether a title is one in this name: not where the likeliest custom has it as a family name (*Ko*, *Ma*)."""
    if "*" in customs or not customs.isdisjoint(populations[:1]):
        return True
    return not customs.isdisjoint(populations[:2]) and not custom.is_family(word, populations[0])


def _place(place: int, tokens: list[Token]) -> Role:
    """The role of a word of a native script by its place, where words stand apart."""
    count = len(tokens)
    script = tokens[place].script
    if count == 1:
        return "unknown"
    if script == "thai":
        return "family" if place == count - 1 else "given"
    if script == "lao":
        return "family" if place == count - 1 else "given"
    if script == "han" and (count > 3 or han.fold(tokens[0].text) not in han.families()):
        return "unknown"
    if script == "kana" and any("ァ" <= char <= "ヺ" for char in tokens[place].text):
        return "unknown"  # Japanese names go family first in katakana too, others do not
    if script in ("khmer", "kana", "han"):
        return "family" if place == 0 else "given"
    if script == "hangul":
        if count != 2 or not (hangul.is_family(tokens[0].text) and hangul.cut_of(tokens[0].text + tokens[1].text)):
            return "unknown"
        return "family" if place == 0 else "given"
    if tokens[place].text in _ARABIC_PARTICLES:
        return "particle"
    if script == "burmese":
        return "given"
    return "family" if place == count - 1 else "given"


def _native(tokens: list[Token], indices: list[int]) -> list[tuple[int, Part]]:
    """The parts of words in scripts other than Latin; one without a space is split into family and given name."""
    found: list[tuple[int, Part]] = []
    words = [tokens[at] for at in indices]
    if len(words) == 3 and all(len(word.text) == 1 and word.script in ("han", "hangul") for word in words):
        words = [words[0], words[1]._replace(text=words[1].text + words[2].text)]
        tokens = [*tokens[: indices[1]], words[1], *tokens[indices[1] + 1 :]]
        indices = indices[:2]
    for place, at in enumerate(indices):
        role = _place(place, words)
        found.extend((at, part) for part in _parts_of(tokens[at], role, role == "unknown" and len(words) == 1))
    return found


def _parts_of(token: Token, role: Role, alone: bool) -> list[Part]:
    """The parts of a word; one that stands alone may be a whole name."""
    word = _bare(token.text)
    pieces = _split(word, token.script) if alone or token.script == "burmese" else (word,)
    if len(pieces) == 2 and role == "unknown" and token.script != "burmese":
        return [part(pieces[0], token.script, "family"), part(pieces[1], token.script, "given")]
    return [part(piece, token.script, "given" if role == "unknown" and len(pieces) > 1 else role) for piece in pieces]


@lru_cache(maxsize=1 << 16)
def _split(word: str, script: Script) -> tuple[str, ...]:
    """The parts of a word without a space: family and given name, or syllables, as its script writes them."""
    if script == "hangul":
        return hangul.split(word)
    if script == "han":
        return han.split(word)
    return syllables(word) if script == "burmese" else (word,)


@lru_cache(maxsize=1 << 14)
def _bare(word: str) -> str:
    """A word without the title that is written on to it."""
    for title in facts.glued("before"):
        if word.startswith(title) and len(word) >= len(title) + 3:
            return word[len(title) :]
    for title in facts.glued("after"):
        if word.endswith(title) and len(word) > len(title) + 1:
            return word[: -len(title)]
    return word


def _latin(tokens: list[Token], indices: list[int], populations: tuple[str, ...]) -> list[tuple[int, Part]]:
    first = populations[0] if populations else ""
    mixed = any(not tokens[at].text.isupper() for at in indices)
    rows = [
        (at, piece)
        for at in indices
        for piece in (tokens[at].text if mixed and _is_initials(tokens[at].text) else _pieces(tokens[at].text, first))
    ]
    if not rows:
        return []
    roles = custom.roles([word for _, word in rows], first, [tokens[at].place for at, _ in rows])
    parts = [(at, part(word, "latin", role)) for (at, word), role in zip(rows, roles, strict=True) if fold(word)]
    return _joined(parts) if first in custom.JOINED else parts


_VOWELS = frozenset("AEIOUY")


@lru_cache(maxsize=1 << 14)
def _is_initials(word: str) -> bool:
    """Whether two or three capitals are initials without dots (*JC Juncker*): they have no vowel, and are no name or title."""
    if not (2 <= len(word) <= 3 and word.isascii() and word.isalpha() and word.isupper()) or not _VOWELS.isdisjoint(
        word
    ):
        return False
    return key(word) not in facts.titles() and key(word) not in custom.PARTICLES and key(word) not in facts.customs()


@lru_cache(maxsize=1 << 16)
def _pieces(word: str, population: str) -> tuple[str, ...]:
    """A hyphenated word as it counts: one word in Korean and Chinese given names, several elsewhere."""
    if "-" not in word:
        return (word,)
    pieces = tuple(piece for piece in word.split("-") if piece)
    if population in custom.JOINED and all(custom.is_syllable(piece) for piece in pieces):
        return (word,)
    return pieces


def _joined(placed: list[tuple[int, Part]]) -> list[tuple[int, Part]]:
    """Two one-syllable given names side by side as one part."""
    given = [at for at, (_, part) in enumerate(placed) if part.role == "given"]
    families = sum(part.role == "family" for _, part in placed)
    if len(given) != 2 or families != 1 or given[1] != given[0] + 1:
        return placed
    (at, first), (_, second) = placed[given[0]], placed[given[1]]
    if not (custom.is_syllable(first.written) and custom.is_syllable(second.written)):
        return placed
    one = part(f"{first.written} {second.written}", "latin", "given")
    return [*placed[: given[0]], (at, one), *placed[given[1] + 1 :]]
