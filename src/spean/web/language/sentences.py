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
_NODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")
_RULE = re.compile(r"\[([A-Za-z0-9-]{1,40})\] (.*)", re.DOTALL)
_LONGEST = 4000
_MOST_STEPS = 60
_FITS = 4
"""Patterns that are tried for one text, the likeliest first."""
_SURE = 10
"""Own letters from which on a pattern is believed whatever its values say; it needs fewer when it begins the text."""
_SURE_BEGINNING = 5
_SENTENCE = "sentence"
_CLOSED = ("act", "choice", "role", "party", "status", "clause", "procedure", "field")
"""Contexts whose words may stand in a sentence, in order of preference; states come after them."""
_LISTING = (", ", " and ", " or ")
_COMPOSING = (" — ", " - at ", "; or ", "; ", ": ")
_TITLED = ": "


class Said(NamedTuple):
    """A text and the language that it is in (BCP 47), for the page's ``lang``."""

    text: str
    lang: str


class Template(NamedTuple):
    """A text with places for values: ``literals`` stand before, between and after the ``places``."""

    literals: tuple[str, ...]
    places: tuple[int, ...]

    def filled(self, values: Mapping[int, str]) -> str:
        """The text with its values."""
        middle = (values[place] + literal for place, literal in zip(self.places, self.literals[1:], strict=True))
        return self.literals[0] + "".join(middle)


def template(message: str) -> Template:
    """Read a message with ``{0}`` places; doubled braces are single ones."""
    parts = _HOLE.split(message.replace("{{", "\x00").replace("}}", "\x01"))
    literals = tuple(part.replace("\x00", "{").replace("\x01", "}") for part in parts[::2])
    return Template(literals, tuple(int(number) for number in parts[1::2]))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sentence as the code says it, and as the other language does."""

    source: Template
    translation: Template

    @property
    def weight(self) -> int:
        """Letters of its own: the more, the surer the match."""
        return sum(letter.isalpha() for literal in self.source.literals for letter in literal)


def values_in(text: str, of: Template) -> dict[int, str] | None:
    """The values that stand in the places when ``text`` was made by the template, else None."""
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
        self._plain: dict[str, str] = {}
        self._by_word: dict[str, list[Pattern]] = {}
        self._closed: dict[str, str] = {}
        self._joins = {join: _join(entries, join) for join in (*_LISTING, *_COMPOSING)}
        for (context, message), text in sorted(entries.items(), key=_preference):
            if context == _SENTENCE:
                self._index(Pattern(template(message), template(text)))
            elif context == "":
                self._plain.setdefault(message, text)
            elif context in _CLOSED or context.startswith("state "):
                self._closed.setdefault(message, text)

    def _index(self, made: Pattern) -> None:
        if not made.source.places:
            self._plain[made.source.filled({})] = made.translation.filled({})
            return
        words = [word for literal in made.source.literals for word in _WORD.findall(literal)]
        self._by_word.setdefault(max(words, key=len, default=""), []).append(made)

    def translate(self, text: str) -> str | None:
        """The sentence in the other language, None when no pattern made it."""
        if len(text) > _LONGEST:
            return None
        made = self._made(text, _Effort())
        return None if made is None else made.text

    def _made(self, text: str, effort: _Effort) -> _Made | None:
        """The reading that leaves least unknown: the whole sentence, its likeliest patterns, or sentences joined."""
        known = self._plain.get(text)
        if known is not None:
            return _Made(0, known)
        if effort.spent():
            return None
        best: _Made | None = None
        for made, values in sorted(self._fitting(text), key=_doubt)[:_FITS]:
            best = _better(best, self._put(made, values, effort))
            if best is not None and best.unknown == 0:
                return best
        return _better(best, self._composed(text, effort))

    def _fitting(self, text: str) -> list[tuple[Pattern, dict[int, str]]]:
        """The patterns that could have made the text, each with its values."""
        found = ((made, values_in(text, made.source)) for made in self._candidates(text))
        return [(made, values) for made, values in found if values is not None]

    def _candidates(self, text: str) -> list[Pattern]:
        """Patterns whose longest word stands in the text."""
        return [made for word in {*_WORD.findall(text), ""} for made in self._by_word.get(word, ())]

    def _put(self, made: Pattern, values: dict[int, str], effort: _Effort) -> _Made | None:
        """The translated pattern with its values; None when few of its own words fit and a value is not known."""
        said = {place: self._value(value, effort) for place, value in values.items()}
        unknown = sum(each.unknown for each in said.values())
        if unknown and made.weight < (_SURE_BEGINNING if made.source.literals[0] else _SURE):
            return None
        return _Made(unknown, made.translation.filled({place: each.text for place, each in said.items()}))

    def _value(self, value: str, effort: _Effort) -> _Made:
        """A value is a word of a closed list, several of them, a name, a sentence itself, or words of somebody."""
        listed = self._listing(value, 0)
        if listed is not None:
            return _Made(0, listed)
        if " " not in value:
            return _Made(0, value)
        return self._made(value, effort) or _Made(1, value)

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
        """A word of a closed list; the name of a node stays what it is."""
        if _NODE.fullmatch(value) is not None:
            return value
        return self._closed.get(value.replace("-", " ").replace("_", " "))

    def _composed(self, text: str, effort: _Effort) -> _Made | None:
        """Sentences joined by a dash, semicolon or colon; ``[R26]`` in front of an error's words."""
        ruled = _RULE.fullmatch(text)
        if ruled is not None:
            rest = self._made(ruled.group(2), effort)
            return None if rest is None else _Made(rest.unknown, f"[{ruled.group(1)}] {rest.text}")
        best: _Made | None = None
        for join in _COMPOSING:
            before, found, after = text.partition(join)
            if found:
                best = _better(best, self._two(before, join, after, effort))
        return best

    def _two(self, before: str, join: str, after: str, effort: _Effort) -> _Made | None:
        """Two parts, of which at least one is a sentence of ours; the other may be a name, and before a colon a title."""
        first, second = self._part(before, effort), self._part(after, effort)
        if first is None and join == _TITLED:
            first = _Made(1, before)
        if first is None or second is None or (first.text == before and second.text == after):
            return None
        return _Made(first.unknown + second.unknown, f"{first.text}{self._joins[join]}{second.text}")

    def _part(self, text: str, effort: _Effort) -> _Made | None:
        made = self._made(text, effort)
        return self._value(text, effort) if made is None and " " not in text else made


class _Made(NamedTuple):
    """A translation, and how many of its values are words that nobody knows."""

    unknown: int
    text: str


class _Effort:
    """Bounds the work for one text, whatever somebody typed into it."""

    def __init__(self) -> None:
        self._left = _MOST_STEPS

    def spent(self) -> bool:
        """Take one step; True when there are none left."""
        self._left -= 1
        return self._left < 0


def _better(one: _Made | None, other: _Made | None) -> _Made | None:
    """The one with less unknown; the first when equal."""
    if one is None or other is None:
        return other if one is None else one
    return other if other.unknown < one.unknown else one


def _joined(values: Iterable[str]) -> int:
    """How many joins stand in the values: a value with a join may be the neighbour's sentence."""
    return sum(value.count(join) for value in values for join in _COMPOSING)


def _doubt(fit: tuple[Pattern, dict[int, str]]) -> tuple[int, int, int]:
    """How little a pattern convinces: joins within its values but the last, in the last one, then few own words."""
    made, values = fit
    inner = [values[place] for place in made.source.places[:-1]]
    return (_joined(inner), _joined(values.values()), -made.weight)


def _join(entries: Mapping[tuple[str, str], str], join: str) -> str:
    """How the other language writes what stands between two parts, e.g. with a space before the semicolon."""
    return entries.get(("join", f"{{0}}{join}{{1}}"), f"{{0}}{join}{{1}}").removeprefix("{0}").removesuffix("{1}")


def _preference(entry: tuple[tuple[str, str], str]) -> tuple[int, str]:
    (context, message), _ = entry
    return (_CLOSED.index(context) if context in _CLOSED else len(_CLOSED), context + message)
