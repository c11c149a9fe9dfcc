"""Letters: cleaning what people and machines write, which script a word has, and Latin words folded to a–z."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from spean.matching.names.model import Script

LONGEST = 300
"""Characters of a name that are read; what comes after them is no name of anyone."""

_BLOCKS: tuple[tuple[int, int, Script], ...] = (
    (0x0041, 0x024F, "latin"),
    (0x0370, 0x03FF, "other"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"),
    (0x08A0, 0x08FF, "arabic"),
    (0x0E00, 0x0E7F, "thai"),
    (0x0E80, 0x0EFF, "lao"),
    (0x1000, 0x109F, "burmese"),
    (0x1100, 0x11FF, "hangul"),
    (0x1780, 0x17FF, "khmer"),
    (0x19E0, 0x19FF, "khmer"),
    (0x1C80, 0x1C8F, "cyrillic"),
    (0x1D00, 0x1EFF, "latin"),
    (0x2DE0, 0x2DFF, "cyrillic"),
    (0x2E80, 0x2FDF, "han"),
    (0x3005, 0x3007, "han"),
    (0x3041, 0x30FF, "kana"),
    (0x3130, 0x318F, "hangul"),
    (0x31F0, 0x31FF, "kana"),
    (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xA640, 0xA69F, "cyrillic"),
    (0xA720, 0xA7FF, "latin"),
    (0xA960, 0xA97F, "hangul"),
    (0xA9E0, 0xA9FF, "burmese"),
    (0xAA60, 0xAA7F, "burmese"),
    (0xAC00, 0xD7FF, "hangul"),
    (0xF900, 0xFAFF, "han"),
    (0xFB50, 0xFDFF, "arabic"),
    (0xFE70, 0xFEFC, "arabic"),
    (0x20000, 0x323AF, "han"),
)

# Marks that nobody sees. The joiners of Persian and of Brahmic scripts are among them: they change a shape, not a name.
_UNSEEN = dict.fromkeys(
    code
    for first, last in (
        (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180E, 0x180E), (0x200B, 0x200F),
        (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFFD, 0xFFFD),
    )
    for code in range(first, last + 1)
)  # fmt: skip
_QUOTES = {ord(mark): "'" for mark in "’‘ʼʻʽ‛`´ˈ′＇ʾʿ"} | {ord(mark): '"' for mark in "“”„‟«»「」『』〝〞＂″"}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣⁃"), "-")
_DOTS = dict.fromkeys(map(ord, "・·•‧∙⋅･"), " ")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x00A0: " "}
_TIDY = {**_WIDE, **_QUOTES, **_DASHES, **_DOTS, **_UNSEEN}
_PLAIN = re.compile(r"[ -~]*", re.ASCII)
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def clean(written: str) -> str:
    """The text in NFC, without marks that nobody sees, with one kind of quote, dash and space; cut at ``LONGEST``."""
    text = written[:LONGEST]
    if not _PLAIN.fullmatch(text):
        text = unicodedata.normalize("NFC", text.translate(_TIDY))
        if any("\uff65" <= char <= "\uff9f" or "\ufb00" <= char <= "\ufefc" for char in text):
            text = unicodedata.normalize("NFKC", text)
    return _SPACE.sub(" ", text).strip()


@lru_cache(maxsize=1 << 16)
def script_of_letter(char: str) -> Script | None:
    """The script of one character, None for marks, digits and signs, which belong to any."""
    code = ord(char)
    for first, last, script in _BLOCKS:
        if first <= code <= last:
            return script if unicodedata.category(char)[0] in "LM" or script in {"khmer", "burmese"} else None
    return "other" if unicodedata.category(char)[0] == "L" else None


def script_of(word: str) -> Script:
    """The script that most letters of a word have; ``other`` when it has none of ours."""
    if word.isascii():
        return "latin"
    counts: dict[Script, int] = {}
    for char in word:
        script = script_of_letter(char)
        if script is not None:
            counts[script] = counts.get(script, 0) + 1
    if not counts:
        return "latin" if any(char.isdigit() for char in word) else "other"
    return max(counts, key=lambda script: counts[script])


def by_script(word: str) -> list[tuple[str, Script]]:
    """A word cut where its script changes (``陈志Chen``), in order; digits and signs stay with what is before them."""
    if word.isascii():
        return [(word, "latin")]
    runs: list[tuple[str, Script]] = []
    start, now = 0, None
    for at, char in enumerate(word):
        script = script_of_letter(char)
        if script is None or script == now:
            continue
        if now is not None:
            runs.append((word[start:at], now))
            start = at
        now = script
    runs.append((word[start:], now or script_of(word)))
    return runs


_LETTERS = str.maketrans(
    {
        "đ": "d", "ð": "d", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ŋ": "ng",
        "ħ": "h", "ŧ": "t", "ə": "a", "ɛ": "e", "ɔ": "o", "ĸ": "k", "ſ": "s", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ơ": "o",
        "ư": "u", "ŭ": "u",
    }
)  # fmt: skip
_DIGITS = "zero one two three four five six seven eight nine"
_NUMBERS = str.maketrans(dict(zip("0123456789", _DIGITS.split(), strict=True)))
_NO_LETTER = re.compile("[^a-z]+")


@lru_cache(maxsize=1 << 17)
def fold(word: str) -> str:
    """A Latin word in the letters a–z: lower-case, without marks; a digit becomes its English word. May be empty."""
    text = word.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(
            str(unicodedata.digit(char, -1)) if char.isdigit() and not char.isascii() else char for char in text
        )
    if not text.isalpha():
        text = text.translate(_NUMBERS)
    return _NO_LETTER.sub("", text)


_SPELT = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "å": "aa",
    "ø": "oe",
    "ñ": "ny",
    "ğ": "gh",
    "ç": "ch",
    "ş": "sh",
    "č": "ch",
    "š": "sh",
    "ž": "zh",
}


@lru_cache(maxsize=1 << 16)
def folds(word: str) -> tuple[str, ...]:
    """``fold`` first, then the spelling with two letters for a marked one (*Müller*: ``muller``, ``mueller``)."""
    first = fold(word)
    if word.isascii():
        return (first,) if first else ()
    second = fold("".join(_SPELT.get(char, char) for char in unicodedata.normalize("NFC", word.lower())))
    return tuple(dict.fromkeys(form for form in (first, second) if form))
