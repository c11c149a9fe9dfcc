"""Chinese characters: readings in Mandarin, Cantonese and the spellings that families keep; family and given name."""

from __future__ import annotations

from spean.matching.names.model import Reading, Role


def readings(word: str, role: Role = "unknown") -> tuple[Reading, ...]:
    """The likely Latin spellings of a word in Chinese characters."""
    return ()


def split(word: str) -> tuple[str, ...]:
    """Family and given name of a Chinese name without a space."""
    return (word[:1], word[1:]) if 2 <= len(word) <= 3 else (word,)
