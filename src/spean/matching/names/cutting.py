"""A name cut into words: what is between commas, what is another name (in quotes, in brackets, after *alias*), one script a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from spean.matching.names.model import Kind, Script
from spean.matching.names.writing import by_script


class Token(NamedTuple):
    """A word as it stands: its script, between which commas (0 is before the first), and whether it belongs to another name."""

    text: str
    script: Script
    place: int = 0
    other: bool = False
    dotted: bool = False


MOST_TOKENS = 40

_CHILD = r"(?<!\w)(?:[asd]\s?/\s?[lpo]|[ct]/o)(?!\w)\.?"
_ALIAS = r"(?<!\w)(?:a\.?\s?/?k\.?\s?/?a\.?|f/?k/?a|alias|also known as|formerly known as|formerly|née|nee|dit|bi danh|@)(?!\w)"
_PIECES = re.compile(
    rf"(?P<child>{_CHILD})|(?P<alias>{_ALIAS}|@|\(ခ\)|化名|别名|別名|又名|ชื่อเล่น|일명)|(?P<mark>[,،、;()\[\]{{}}\"|<>])|(?P<word>[^\s,،、;()\[\]{{}}\"|<>@/]+)|/",
    re.I,
)
_OPEN, _CLOSE = "([{<", ")]}>"
_SIMPLE = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?\.?")


def cut(text: str, kind: Kind) -> list[Token]:
    """The words of a cleaned name, at most ``MOST_TOKENS``. Brackets of organisations hold words of the name itself."""
    if _SIMPLE.fullmatch(text) and text.isascii():
        folded = text.split(" ")
        if kind == "organisation" or not {"alias", "nee", "aka", "formerly"} & {word.lower() for word in folded}:
            return [Token(word, "latin") for word in folded[:MOST_TOKENS]]
    return list(_limited(_walk(text, kind)))


def _limited(tokens: Iterator[Token]) -> Iterator[Token]:
    for count, token in enumerate(tokens):
        if count == MOST_TOKENS:
            return
        yield token


def _walk(text: str, kind: Kind) -> Iterator[Token]:
    place, depth, quoted, alias = 0, 0, False, False
    person = kind == "person"
    for found in _PIECES.finditer(text):
        word = found.group()
        if found.lastgroup == "child":
            yield Token(word.replace(" ", ""), "latin", place, False)
        elif found.lastgroup == "alias":
            alias = alias or person
        elif found.lastgroup == "mark":
            place += word in ",،、;"
            depth = max(0, depth + (word in _OPEN) - (word in _CLOSE))
            quoted ^= word == '"'
        elif found.lastgroup == "word":
            other = person and (depth > 0 or quoted or alias)
            yield from _words(word, place, other, person)


def _words(word: str, place: int, other: bool, person: bool) -> Iterator[Token]:
    for run, script in by_script(word):
        if "." not in run:
            yield from _bare(run, script, place, other, False)
        elif person and _INITIALS.fullmatch(run) and script in ("latin", "cyrillic"):
            yield from (Token(char, script, place, other, True) for char in run if char != ".")
        elif script in ("thai", "lao") or not person:
            yield from _bare(run, script, place, other, True)
        else:
            for piece in run.split("."):
                yield from _bare(piece, script, place, other, True)


def _bare(run: str, script: Script, place: int, other: bool, dotted: bool) -> Iterator[Token]:
    text = run.strip("'-_*+=~^`!?:…#%$ ။၊។៕ฯໆ")
    if text and any(char.isalnum() for char in text):
        yield Token(text, script, place, other, dotted)


@lru_cache(maxsize=1 << 16)
def key(word: str) -> str:
    """A word as tables of titles and forms have it: casefolded, without dots."""
    return word.casefold().replace(".", "")
