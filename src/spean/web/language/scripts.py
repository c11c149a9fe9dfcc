"""In which script a name stands: ``lang`` for foreign words, so that font, line breaks and speech are right.

A script says the language only where one language of our partners uses it. Latin letters say nothing, except the
marks that Vietnamese alone has.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from itertools import pairwise

_RANGES = (
    (0x0590, 0x05FF, "he"), (0x0600, 0x06FF, "ar"), (0x0750, 0x077F, "ar"), (0x0E00, 0x0E7F, "th"),
    (0x0E80, 0x0EFF, "lo"), (0x1000, 0x109F, "my"), (0x1100, 0x11FF, "ko"), (0x1780, 0x17FF, "km"),
    (0x19E0, 0x19FF, "km"), (0x2E80, 0x2FDF, "zh"), (0x3040, 0x30FF, "ja"), (0x3130, 0x318F, "ko"),
    (0x31F0, 0x31FF, "ja"), (0x3400, 0x4DBF, "zh"), (0x4E00, 0x9FFF, "zh"), (0xA960, 0xA97F, "ko"),
    (0xA9E0, 0xA9FF, "my"), (0xAA60, 0xAA7F, "my"), (0xAC00, 0xD7FF, "ko"), (0xF900, 0xFAFF, "zh"),
    (0xFB50, 0xFDFF, "ar"), (0xFE70, 0xFEFE, "ar"), (0xFF66, 0xFF9F, "ja"), (0x20000, 0x323AF, "zh"),
)  # fmt: skip
"""Blocks of Unicode 15 and the language whose letters they hold."""
_STARTS = [first for first, _, _ in _RANGES]
_LATIN = "latin"
_VIETNAMESE = frozenset("ăđơưĂĐƠƯ")
_VIETNAMESE_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VIETNAMESE_BASES = frozenset("âêôăơưÂÊÔĂƠƯ")


def lang_of(text: str) -> str | None:
    """The language (BCP 47) that most letters of ``text`` point to, None when its script says nothing."""
    found = _counted(text)
    if "ja" in found and "zh" in found:  # kana beside Han: the Han letters are Japanese too
        found["ja"] += found.pop("zh")
    if found:
        return max(found, key=lambda name: found[name])
    return "vi" if _is_vietnamese(text) else None


def runs(text: str) -> list[tuple[str | None, str]]:
    """``text`` in pieces of one language each: ``[(None, "Name: "), ("km", "សុខ")]``; joined they give ``text``.

    Spaces, digits and signs stay with what stands before them.
    """
    pieces: list[tuple[str | None, str]] = []
    start, current = 0, _UNDECIDED
    for index, letter in enumerate(text):
        script = _script(letter)
        if script is not None and script != current:
            if current != _UNDECIDED:
                pieces.append(_piece(text[start:index]))
                start = index
            elif text[:index].strip():
                pieces.append((None, text[:index]))
                start = index
            current = script
    if start < len(text):
        pieces.append(_piece(text[start:]))
    return _merged(pieces)


_UNDECIDED = "undecided"


def _piece(text: str) -> tuple[str | None, str]:
    return (lang_of(text), text)


def _merged(pieces: list[tuple[str | None, str]]) -> list[tuple[str | None, str]]:
    """Neighbours of one language put together; Han beside kana is Japanese."""
    for (before, _), (after, _) in pairwise(pieces):
        if {before, after} == {"ja", "zh"}:
            pieces = [("ja" if lang == "zh" else lang, part) for lang, part in pieces]
            break
    merged: list[tuple[str | None, str]] = []
    for lang, part in pieces:
        if merged and merged[-1][0] == lang:
            merged[-1] = (lang, merged[-1][1] + part)
        else:
            merged.append((lang, part))
    return merged


def _counted(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for letter in text:
        script = _script(letter)
        if script is not None and script != _LATIN:
            found[script] = found.get(script, 0) + 1
    return found


def _script(letter: str) -> str | None:
    """The language of a letter's block, ``latin`` for letters of Latin, None for spaces, digits and signs."""
    code = ord(letter)
    if code >= 0x0590:
        index = bisect_right(_STARTS, code) - 1
        first, last, language = _RANGES[index]
        if first <= code <= last:
            return language
    return _LATIN if letter.isalpha() else None


def _is_vietnamese(text: str) -> bool:
    """Letters that only Vietnamese has: with horn or breve and bar, or a tone on a letter with another mark."""
    composed = unicodedata.normalize("NFC", text)
    if _VIETNAMESE & set(composed):
        return True
    for letter in composed:
        if ord(letter) >= 0x1EA0 and ord(letter) <= 0x1EF9:
            return True
        parts = unicodedata.normalize("NFD", letter)
        if len(parts) > 2 and _VIETNAMESE_TONES & set(parts) and letter in _VIETNAMESE_BASES:
            return True
    return False
