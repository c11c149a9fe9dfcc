"""Names as rows of word numbers. Plain names go the short way, word by word; the rest is read by ``names.parts``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from spean.matching.names import custom, facts
from spean.matching.names.brahmic import script_of, unicode
from spean.matching.names.model import Kind, Reading, Script
from spean.matching.names.parts import read
from spean.matching.names.romanise import readings
from spean.matching.names.writing import fold
from spean.matching.score.align import MOST_WORDS
from spean.matching.score.words import Ids, Words, ordinary

_PLAIN = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*['’]?")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff'’ʼ-]+")
_ASIDE = frozenset({"alias", "aka", "nee", "née", "fka", "formerly", "known", "dit"})
_SEVERAL = 64
"""Words from which on they are read all at once."""
_MOST_KEPT = 400_000
"""Names whose reading is kept; then all are forgotten."""


@cache
def _special() -> frozenset[str]:
    return facts.titles() | custom.PARTICLES | _ASIDE


def _always_title(low: str) -> bool:
    """Whether a word is a title in any custom; others (*Ma*, *Min*) are names as well, and only what begins a name is looked at."""
    return any("*" in facts.titles_at(where).get(low, ()) for where in ("before", "after"))


class Reader:
    """Reads names into numbers of ``words``, and remembers."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._tokens: dict[str, tuple[int, ...] | None] = {}
        self._single: dict[str, int] = {}
        self._marks: dict[str, int] = {}
        self._known: dict[tuple[str, Kind], tuple[int, ...]] = {}

    def ids(self, written: str, kind: Kind = "person") -> tuple[int, ...]:
        """The words of a name, at most ``MOST_WORDS``; none where there is no letter."""
        if kind == "person":
            found = self._plain(written)
            if found is not None:
                return found
        known = self._known.get((written, kind))
        if known is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = self._known[written, kind] = self._whole(written, kind)
        return known

    def whole(self, written: str, kind: Kind = "person") -> tuple[int, ...]:
        """The words of a name in Burmese letters as they stand between spaces, since ရတနာ is *Yadanar*, one word; none where that is no
        other cut than ``ids`` has."""
        if script_of(written.strip()[:1]) != "burmese":
            return ()
        pieces = unicode(written).split()
        parts = read(written, kind=kind).parts
        if len(pieces) >= len(parts) or any(part.script != "burmese" or part.role == "title" for part in parts):
            return ()
        return tuple(self.words.word(piece, "burmese", "unknown", readings(piece, "burmese")) for piece in pieces)

    def table(self, names: Sequence[str], kinds: Sequence[Kind] | None = None) -> Ids:
        """Names one below the other, filled up with 0, as wide as the longest."""
        self._learn(names)
        single = self._single.get
        flat: list[int | None] = []
        lengths: list[int] = []
        for at, name in enumerate(names):
            found: Sequence[int | None] = (
                list(map(single, name.split())) if kinds is None or kinds[at] == "person" else (None,)
            )
            if None in found or len(found) > MOST_WORDS:
                found = self.ids(name, "person" if kinds is None else kinds[at])
            flat += found
            lengths.append(len(found))
        counts = np.array(lengths, np.int64)
        table = np.zeros((len(lengths), max(1, int(counts.max(initial=0)))), np.int32)
        table[np.arange(table.shape[1]) < counts[:, None]] = np.array(flat, np.int32)
        return table

    def _learn(self, names: Sequence[str]) -> None:
        """Take in the plain Latin words that were never met, all at once."""
        met = self._tokens
        new = {piece for name in names for piece in name.split() if piece not in met}
        if len(new) < _SEVERAL:
            return
        plain = [piece for piece in new if len(piece) > 1 and piece.isascii() and piece.isalpha()]
        lows = [piece.lower() for piece in plain]
        special, titles = _special(), facts.titles()
        rows = [
            (piece, low)
            for piece, low in zip(plain, lows, strict=True)
            if low not in special and low not in titles and ordinary(low)
        ]
        numbers = self.words.several([low for _, low in rows])
        for (piece, _), number in zip(rows, numbers, strict=True):
            met[piece], self._single[piece] = (number,), number

    def _plain(self, written: str) -> tuple[int, ...] | None:
        """A person's name of Latin words without anything beside, or None."""
        pieces = written.split()
        found = tuple(each for each in map(self._single.get, pieces) if each is not None)
        if len(found) == len(pieces):
            return found[:MOST_WORDS]
        return self._careful([piece for each in pieces for piece in each.split(",") if piece])

    def _careful(self, pieces: list[str]) -> tuple[int, ...] | None:
        found: list[int] = []
        for at, piece in enumerate(pieces):
            if piece not in self._tokens:
                ids = self._tokens[piece] = self._token(piece)
                if (
                    ids is not None
                    and len(ids) == 1
                    and piece not in self._marks
                    and piece.casefold() not in facts.titles()
                ):
                    self._single[piece] = ids[0]
            tokens = self._tokens[piece]
            if tokens is None or (at == 0 and len(pieces) > 1 and piece.casefold() in facts.titles()):
                return None
            if piece in self._marks and len(pieces) > 2 and at < len(pieces) - 1:
                found.append(self._marks[piece])
            else:
                found += tokens
        return tuple(found[:MOST_WORDS])

    def _token(self, piece: str) -> tuple[int, ...] | None:
        """One plain Latin word: its numbers; None if the whole name must be read with care."""
        low = piece.casefold()
        if len(piece) > 1 and piece.isascii() and piece.isalpha() and low not in _special():
            return (self.words.word(low, "latin", "unknown", (Reading(low, 0.0),)),)
        if _PLAIN.fullmatch(piece) is None or low in _ASIDE or _always_title(low):
            return None
        if not piece.isascii() and (_LATIN.fullmatch(piece) is None or not fold(piece)):
            return None
        if len(piece) == 1:
            return (self.words.word(fold(piece), "latin", "initial", readings(piece, "latin")),)
        if low in custom.PARTICLES:
            self._marks[piece] = self.words.word(low, "latin", "particle", readings(low, "latin"))
        return tuple(self._word(word) for word in self._pieces(piece))

    def _pieces(self, piece: str) -> list[str]:
        if "-" not in piece:
            return [piece]
        pieces = piece.split("-")
        if not all(custom.is_syllable(each) for each in pieces):
            return pieces
        guessed = custom.guess([piece])
        return [piece] if guessed and guessed[0] in custom.JOINED else pieces

    def _word(self, written: str, script: Script = "latin") -> int:
        found = readings(written, script)
        return self.words.word(found[0].latin, script, "unknown", found) if found else 0

    def _whole(self, written: str, kind: Kind) -> tuple[int, ...]:
        found: list[int] = []
        for part in read(written, kind=kind).parts:
            if part.script == "latin" and part.role not in ("title", "form"):
                for piece in part.written.split():  # whether two words are one is found when names are compared
                    spelt = readings(piece, "latin")
                    found.append(self.words.word(spelt[0].latin, "latin", part.role, spelt) if spelt else 0)
            else:
                found.append(self.words.word(part.written, part.script, part.role, part.readings))
        return tuple([number for number in found if number][:MOST_WORDS])
