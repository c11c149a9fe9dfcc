"""Sentences that the lower rooms made in English, in the reader's language, with their values put in.

A refusal is made where its rule stands, as one text; the rooms below know no languages. The catalogue holds its
pattern (``{0} has not signed``, found by ``finder``), so the text is taken apart by the pattern that made it and
put together again by the translated one. Each text is matched in linear time, whatever somebody typed into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

_HOLE = re.compile(r"\{(\d+)\}")
_WORD = re.compile(r"[^\W\d_]+")
_RULE = re.compile(r"\[([A-Za-z0-9-]{1,40})\] (.*)", re.DOTALL)
_LONGEST = 4000
_DEEPEST = 12
_SURE = 10
"""Own letters from which on a pattern is believed whatever its values say."""
_SENTENCE = "sentence"
_CLOSED = ("act", "choice", "role", "party", "status", "clause", "procedure", "field")
"""Contexts whose words may stand in a sentence, in order of preference; states come after them."""
_LISTING = (", ", " and ", " or ")
_COMPOSING = (" — ", "; or ", "; ", ": ")


class Said(NamedTuple):
    """A text and the language that it is in (BCP 47), for the page's ``lang``."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sentence with places for values: ``literals`` stand before, between and after the places."""

    literals: tuple[str, ...]
    places: tuple[int, ...]
    translation: str

    @property
    def weight(self) -> int:
        """The longer its own words, the surer the match."""
        return sum(map(len, self.literals))


def pattern(message: str, translation: str) -> Pattern:
    """Read a message with ``{0}`` places; doubled braces are single ones."""
    parts = _HOLE.split(message.replace("{{", "\x00").replace("}}", "\x01"))
    literals = tuple(part.replace("\x00", "{").replace("\x01", "}") for part in parts[::2])
    return Pattern(literals, tuple(int(number) for number in parts[1::2]), translation)


def values_in(text: str, of: Pattern) -> dict[int, str] | None:
    """The values that stand in the places when ``text`` was made by the pattern, else None."""
    first, *rest = of.literals
    if not text.startswith(first):
        return None
    if not rest:
        return {} if text == first else None
    last = rest.pop()
    end = len(text) - len(last)
    if not text.endswith(last) or end < len(first):
        return None
    values: dict[int, str] = {}
    at = len(first)
    for place, literal in zip(of.places, rest, strict=False):
        found = text.find(literal, at, end)
        if found < 0:
            return None
        values[place] = text[at:found]
        at = found + len(literal)
    values[of.places[-1]] = text[at:end]
    return values


class Sentences:
    """The sentences of one catalogue, indexed by the longest word of each."""

    def __init__(self, entries: Mapping[tuple[str, str], str]) -> None:
        self._plain = {message: text for (context, message), text in entries.items() if context in ("", _SENTENCE)}
        self._by_word: dict[str, list[Pattern]] = {}
        self._closed: dict[str, str] = {}
        self._joins = {join: _join(entries, join) for join in (*_LISTING, *_COMPOSING)}
        for (context, message), text in sorted(entries.items(), key=_preference):
            if context == _SENTENCE and _HOLE.search(message) is not None:
                self._index(pattern(message, text))
            elif context in _CLOSED or context.startswith("state "):
                self._closed.setdefault(message, text)

    def _index(self, made: Pattern) -> None:
        words = [word for literal in made.literals for word in _WORD.findall(literal)]
        self._by_word.setdefault(max(words, key=len, default=""), []).append(made)

    def translate(self, text: str) -> str | None:
        """The sentence in the other language, None when no pattern made it."""
        return self._translate(text, 0) if len(text) <= _LONGEST else None

    def _translate(self, text: str, depth: int) -> str | None:
        if depth > _DEEPEST:
            return None
        known = self._plain.get(text)
        if known is not None:
            return known
        fitting = sorted(self._fitting(text), key=_doubt)
        plain = next((fit for fit in fitting if not _joined(fit[1].values())), None)
        said = None if plain is None else self._put(*plain, depth)
        if said is None:
            said = self._composed(text, depth)
        return said if said is not None or not fitting else self._put(*fitting[0], depth)

    def _fitting(self, text: str) -> list[tuple[Pattern, dict[int, str]]]:
        """The patterns that could have made the text, each with its values."""
        found = ((made, values_in(text, made)) for made in self._candidates(text))
        return [(made, values) for made, values in found if values is not None]

    def _candidates(self, text: str) -> list[Pattern]:
        """Patterns whose longest word stands in the text."""
        return [made for word in {*_WORD.findall(text), ""} for made in self._by_word.get(word, ())]

    def _put(self, made: Pattern, values: dict[int, str], depth: int) -> str | None:
        """The translated pattern with its values; None when few words fit and a value is in words that nobody knows."""
        said = {place: self._value(value, depth + 1) for place, value in values.items()}
        if made.weight < _SURE and any(" " in value and said[place] == value for place, value in values.items()):
            return None
        parts = _HOLE.split(made.translation)
        parts[1::2] = [said[int(number)] for number in parts[1::2]]
        return "".join(parts)

    def _value(self, value: str, depth: int) -> str:
        """A value is a word of a closed list, several of them, a sentence itself, or stays as it is."""
        listed = self._listing(value, 0)
        if listed is not None:
            return listed
        return value if " " not in value else self._translate(value, depth) or value

    def _listing(self, value: str, depth: int) -> str | None:
        """Words of closed lists in a row: ``data identity or health, persons victim``."""
        closed = self._word(value)
        if closed is not None or depth > len(_LISTING):
            return closed
        for join in _LISTING:
            if join in value:
                parts = [self._listing(part, depth + 1) for part in value.split(join)]
                return None if None in parts else self._joins[join].join(part for part in parts if part is not None)
        head, _, rest = value.partition(" ")
        first, others = self._word(head), self._listing(rest, depth + 1) if rest else None
        return None if first is None or others is None else f"{first} {others}"

    def _word(self, value: str) -> str | None:
        return self._closed.get(value.replace("-", " ").replace("_", " "))

    def _composed(self, text: str, depth: int) -> str | None:
        """Sentences joined by a dash, semicolon or colon; ``[R26]`` in front of an error's words."""
        ruled = _RULE.fullmatch(text)
        if ruled is not None:
            rest = self._translate(ruled.group(2), depth + 1)
            return None if rest is None else f"[{ruled.group(1)}] {rest}"
        for join in _COMPOSING:
            before, found, after = text.partition(join)
            if found:
                return self._two(before, join, after, depth)
        return None

    def _two(self, before: str, join: str, after: str, depth: int) -> str | None:
        first = self._part(before, depth)
        second = self._part(after, depth)
        if first is None or second is None or (first == before and second == after):
            return None
        return f"{first}{self._joins[join]}{second}"

    def _part(self, text: str, depth: int) -> str | None:
        """A part that is one word is a name, which stays; any other must be known."""
        return self._translate(text, depth + 1) or (self._value(text, _DEEPEST) if " " not in text else None)


def _joined(values: Iterable[str]) -> int:
    """How many joins stand in the values: a value with a join may be the neighbour's sentence."""
    return sum(value.count(join) for value in values for join in _COMPOSING)


def _doubt(fit: tuple[Pattern, dict[int, str]]) -> tuple[int, int, int]:
    """How little a pattern convinces: joins within its values but the last, in the last one, then few own words."""
    made, values = fit
    inner = [values[place] for place in made.places[:-1]]
    return (_joined(inner), _joined(values.values()), -made.weight)


def _join(entries: Mapping[tuple[str, str], str], join: str) -> str:
    """How the other language writes what stands between two parts, e.g. with a space before the semicolon."""
    return entries.get(("join", f"{{0}}{join}{{1}}"), f"{{0}}{join}{{1}}").removeprefix("{0}").removesuffix("{1}")


def _preference(entry: tuple[tuple[str, str], str]) -> tuple[int, str]:
    (context, message), _ = entry
    return (_CLOSED.index(context) if context in _CLOSED else len(_CLOSED), context + message)
