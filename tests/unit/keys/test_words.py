"""Fingerprints as words that survive a bad telephone line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput
from spean.keys.words import WORDS, fingerprint_words


def distance(one: str, other: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        next_row = [at]
        for to, against in enumerate(other, 1):
            next_row.append(min(row[to] + 1, next_row[-1] + 1, row[to - 1] + (letter != against)))
        row = next_row
    return row[-1]


def test_there_is_one_plain_word_for_each_byte() -> None:
    assert len(WORDS) == len(set(WORDS)) == 256
    assert all(word.isascii() and word.islower() and 3 <= len(word) <= 8 for word in WORDS)


def test_no_word_is_taken_for_another() -> None:
    assert len({word[:3] for word in WORDS}) == 256
    assert min(distance(one, other) for one in WORDS for other in WORDS if one < other) >= 3


@given(st.binary(min_size=12, max_size=32))
def test_the_words_tell_the_first_twelve_bytes(digest: bytes) -> None:
    words = fingerprint_words(digest).replace(" ", "-").split("-")
    assert bytes(WORDS.index(word) for word in words) == digest[:12]


def test_too_short_a_fingerprint_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too few"):
        fingerprint_words(b"short")
