"""What counts as a word when people search, in any script, and where it stands (DESIGN, Mechanisms: search).

Latin, Greek, Cyrillic, Armenian and Georgian letters and all digits make whole words. Every other script is cut into
*letters*: a base with its marks, a Khmer or Burmese consonant with those stacked under it, a Hangul syllable. Such text
has no reliable spaces, so a run of letters is found as a phrase of its letters; that also finds words of two letters.

Compared are folded forms: NFKC, case folded, and the marks of word scripts dropped. *Nguyễn* finds *Nguyen* and the
other way round, since the same name reaches a desk in both spellings; marks of other scripts are letters of their
own right and stay. Digits of every script count as 0–9. Groups of digits that stand in a row (phones, accounts,
wallets in portions) are also indexed joined, so spaces and dashes do not matter on either side.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

MOST_CHARACTERS = 200_000
"""Of one text that are looked at; a form is far smaller."""
MOST_TERMS = 8_000
"""Index terms of one fact at most."""
MOST_PHRASES = 16
"""Phrases of a query at most."""
_GROUPS = 9
"""Groups of one identifier: an IBAN of 34 characters in fours has nine."""
_PORTION = 6
"""Digits of one portion of an identifier; more are an identifier of their own."""
_IBAN = re.compile("[a-z]{2}[0-9]{2}")
_JOINED = range(6, 65)
"""Characters of a joined identifier; shorter ones are found by their groups."""

_LETTERS_OF_WORDS = (
    (0x0041, 0x02B8), (0x0370, 0x058F), (0x10A0, 0x10FF), (0x1C80, 0x1CBF), (0x1D00, 0x1DBF), (0x1E00, 0x1FFF),
    (0x2C60, 0x2C7F), (0x2D00, 0x2D2F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F), (0xA720, 0xA7FF), (0xAB30, 0xAB6F),
)  # fmt: skip
"""Unicode ranges whose letters make whole words: Latin, Greek, Cyrillic, Armenian, Georgian."""
_STACKS = frozenset("\u1039\u17d2\u1a60\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca")
"""Signs that stack the next consonant under this one (Khmer coeng, Burmese and Indic virama)."""
_FOLLOWING = frozenset("\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0eb3\uff9e\uff9f")
"""Letters by Unicode that belong to the letter before them: Thai and Lao following vowels, halfwidth voice marks."""
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
"""Characters that only steer line breaks and shapes: a Khmer word is the same with and without them."""
_PLAIN = {
    "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "þ": "th", "æ": "ae", "œ": "oe", "ŧ": "t",
}  # fmt: skip
"""Letters that Unicode does not take apart."""

_WORD, _DIGIT, _LETTER, _MARK, _STACK, _GAP = "wdomv "


class Token(NamedTuple):
    """A word or letter at ``start:end`` of the text. ``glued``: a letter that follows another without a gap."""

    text: str
    start: int
    end: int
    letter: bool
    glued: bool


class _Kinds(dict[int, str]):
    """Character → its class, worked out once each."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _kind(chr(code))
        return found


def _kind(char: str) -> str:
    if char in _STACKS:
        return _STACK
    if char in _FOLLOWING or char in _UNSEEN or 0x1160 <= ord(char) <= 0x11FF or 0xD7B0 <= ord(char) <= 0xD7FF:
        return _MARK
    category = unicodedata.category(char)
    if category[0] == "M":
        return _MARK
    first = unicodedata.normalize("NFKC", char)[:1]
    if unicodedata.decimal(first, None) is not None:
        return _DIGIT
    if not first.isalnum():
        return _GAP
    code = ord(first)
    return _WORD if any(low <= code <= high for low, high in _LETTERS_OF_WORDS) else _LETTER


class _Folds(dict[int, str]):
    """Character of a word → its folded form."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _folded(chr(code))
        return found


def _folded(char: str) -> str:
    if char in _UNSEEN:
        return ""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", char).casefold())
    return "".join(_plain(each) for each in apart if unicodedata.category(each)[0] != "M")


def _plain(char: str) -> str:
    number = unicodedata.decimal(char, None)
    return _PLAIN.get(char, char) if number is None else str(number)


_KINDS = _Kinds()
_FOLDS = _Folds()
_NOTHING_SEEN = dict.fromkeys(map(ord, _UNSEEN))
_TOKENS = re.compile("[wd][wdm]*|o(?:m|vm*o|v)*")
_ASCII = re.compile("[a-z0-9]+")


def spans(text: str) -> Iterator[Token]:
    """The tokens of ``text`` in order, with where they stand."""
    text = text[:MOST_CHARACTERS]
    if text.isascii():
        for found in _ASCII.finditer(text.lower()):
            yield Token(found[0], found.start(), found.end(), False, False)
        return
    last = -1
    for found in _TOKENS.finditer(text.translate(_KINDS)):
        start, end = found.span()
        if found[0][0] == _LETTER:
            yield Token(_letter(text[start:end]), start, end, True, last == start)
            last = end
        elif word := text[start:end].translate(_FOLDS):
            yield Token(word, start, end, False, False)


@lru_cache(maxsize=1 << 14)
def _letter(written: str) -> str:
    """A letter's one form. Letters are few, so they are remembered; words never are."""
    return unicodedata.normalize("NFKC", written.translate(_NOTHING_SEEN)).casefold()


def tokens(text: str) -> list[str]:
    """The folded words and letters of ``text`` in order."""
    return [token.text for token in spans(text)]


# terms of the index ---------------------------------------------------------------------------------------------


def terms(text: str) -> set[str]:
    """What the index holds of a text: its tokens, pairs of neighbouring letters, identifiers joined from their groups.

    A pair is what makes a run of letters cheap to find: single letters stand in every text, pairs do not.
    """
    if text.isascii() and text.isalnum():
        return {text.lower()}
    found = list(spans(text))
    result = {token[0] for token in found}
    result.update(before[0] + after[0] for before, after in pairwise(found) if after[4])
    if any(not token.letter and _has_digit(token.text) for token in found):
        for run in _identifiers(text, found):
            result.update(_joins(run))
    return result


def _joins(run: Sequence[Token]) -> Iterator[str]:
    """Each row of neighbouring groups, written together."""
    for first in range(len(run)):
        joined = run[first].text
        for token in run[first + 1 : first + _GROUPS]:
            joined += token.text
            if len(joined) >= _JOINED.stop:
                break
            if len(joined) >= _JOINED.start:
                yield joined


def _identifiers(text: str, found: Sequence[Token]) -> Iterator[list[Token]]:
    """Runs of at least two groups that begin and end with a digit in them, a bank's four letters (IBAN) between."""
    run: list[Token] = []
    for token in found:
        if run and not (_is_group(token) and _near(text, run[-1], token)):
            yield from _ended(run)
            run = []
        if run or (_has_digit(token.text) and not token.letter):
            run.append(token)
    yield from _ended(run)


def _is_group(token: Token) -> bool:
    return not token.letter and (len(token.text) == 4 or _has_digit(token.text))


def _near(text: str, before: Token, after: Token) -> bool:
    between = text[before.end : after.start]
    return len(between) <= 3 and not between.strip(" -./()\u00a0\u2011\u2013")


def _ended(run: list[Token]) -> Iterator[list[Token]]:
    while run and not _has_digit(run[-1].text):
        run.pop()
    if len(run) > 1:
        yield run


def _has_digit(text: str) -> bool:
    return not text.isalpha()


# queries --------------------------------------------------------------------------------------------------------


class Phrase(NamedTuple):
    """Tokens that must stand one after the other, or ``joined`` as one word (an identifier written together)."""

    tokens: tuple[Token, ...]
    joined: str

    @property
    def texts(self) -> list[str]:
        """Its tokens as text."""
        return [token.text for token in self.tokens]

    def terms(self) -> list[set[str]]:
        """Alternatives of index terms: a text that holds the phrase holds all terms of one of them."""
        mine = self.tokens
        pairs = {before.text + after.text for before, after in pairwise(mine) if after.glued}
        covered = {index for index, token in enumerate(mine) if token.glued}
        covered |= {index - 1 for index in covered}
        apart = pairs | {token.text for index, token in enumerate(mine) if index not in covered}
        return [apart, {self.joined}] if self.joined else [apart]


_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]?|([^\s\"“”„«»]+)")


def query(words: str) -> list[Phrase]:
    """The phrases of a query, all of which must be found. Each piece between spaces is one; quotes make one of several.

    An identifier in groups (``+855 12 345 678``) is one phrase, found as written or written together.
    """
    found = list(spans(words))
    quoted, ends = _pieces(words)
    runs = {
        run[0].start: run for run in _identifiers(words, found)
        if _is_portioned(run) and not any(start <= run[0].start < end for start, end in quoted)
    }  # fmt: skip
    result: dict[tuple[tuple[str, bool], ...], Phrase] = {}
    at = 0
    while at < len(found):
        run = runs.get(found[at].start)
        if run is None:
            end = next(end for end in ends if end > found[at].start)
            stop = at + 1
            while stop < len(found) and found[stop].start < end and found[stop].start not in runs:
                stop += 1
            run = found[at:stop]
        whole = _joined(run)
        is_identifier = run[0].start in runs or (len(run) == 1 and len(whole) in _JOINED and _has_digit(whole))
        key = tuple((token.text, token.glued) for token in run)
        result[key] = Phrase(tuple(run), whole if is_identifier else "")
        at += len(run)
    return list(result.values())


def _is_portioned(run: Sequence[Token]) -> bool:
    """Whether it reads as one identifier in portions, a phone or an IBAN, and not as several that stand side by side."""
    if len(_joined(run)) not in _JOINED:
        return False
    texts = [token.text for token in run]
    digits = all(text.isdecimal() and len(text) <= _PORTION for text in texts)
    return digits or (_IBAN.fullmatch(texts[0]) is not None and all(len(text) <= 4 for text in texts))


def _pieces(words: str) -> tuple[list[tuple[int, int]], list[int]]:
    """What stands in quotes, and where each piece, quoted or between spaces, ends."""
    pieces = list(_QUOTED.finditer(words))
    return [piece.span() for piece in pieces if piece[2] is None], [piece.end() for piece in pieces]


def _joined(run: Sequence[Token]) -> str:
    return "".join(token.text for token in run)


def phrases(words: str) -> list[list[str]]:
    """The phrases of a query as lists of tokens, all of which must match."""
    return [phrase.texts for phrase in query(words)]


# where a phrase stands ------------------------------------------------------------------------------------------


def places(phrase: Phrase, found: Sequence[Token]) -> list[tuple[int, int]]:
    """Where the phrase stands in a text of these tokens (``list(spans(text))``): start and end, in order."""
    wanted = phrase.tokens
    first, length = wanted[0].text, len(wanted)
    result = [
        (found[at].start, found[at + length - 1].end)
        for at in range(len(found) - length + 1)
        if found[at].text == first and all(
            have.text == want.text and (have.glued or not want.glued)
            for have, want in zip(found[at + 1 : at + length], wanted[1:], strict=True)
        )
    ]  # fmt: skip
    return sorted(set(result + _joined_places(phrase.joined, found))) if phrase.joined else result


def _joined_places(joined: str, found: Sequence[Token]) -> list[tuple[int, int]]:
    """Where neighbouring tokens, written together, are the identifier."""
    result = []
    for at, token in enumerate(found):
        rest = joined
        for end in range(at, min(at + _GROUPS, len(found))):
            if not rest.startswith(found[end].text):
                break
            rest = rest[len(found[end].text) :]
            if not rest:
                result.append((token.start, found[end].end))
                break
    return result
