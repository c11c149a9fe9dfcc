"""Foreign words carry their language."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.web.language.scripts import lang_of, runs


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("សុខ ចាន់ថា", "km"), ("สมชาย ใจดี", "th"), ("ສົມສັກ", "lo"), ("အောင်အောင်", "my"), ("김철수", "ko"),
        ("王小明", "zh"), ("たなか", "ja"), ("田中さくら", "ja"), ("محمد", "ar"), ("Nguyễn Văn A", "vi"), ("Đỗ", "vi"),
        ("Sok Chantha", None), ("François", None), ("Zoë Ångström", None), ("+855 12 345 678", None), ("", None),
        ("KR:agreement:01ARZ3", None), ("ๆ 1", "th"),
    ],
)  # fmt: skip
def test_the_script_says_the_language(text: str, lang: str | None) -> None:
    assert lang_of(text) == lang


def test_mixed_text_is_split_by_language() -> None:
    assert runs("Name: សុខ, also สม") == [(None, "Name: "), ("km", "សុខ, "), (None, "also "), ("th", "สม")]
    assert runs("김철수 (Kim)") == [("ko", "김철수 ("), (None, "Kim)")]
    assert runs("東京タワー") == [("ja", "東京タワー")]
    assert runs("plain words") == [(None, "plain words")]
    assert runs("") == []


@given(st.text(max_size=200))
def test_the_pieces_make_the_text(text: str) -> None:
    pieces = runs(text)
    assert "".join(part for _, part in pieces) == text
    assert all(part for _, part in pieces)
    assert all(before[0] != after[0] for before, after in pairwise(pieces))


@given(st.text(alphabet="กขคงจฉ ກຂຄងកខ김철abc1.", max_size=60))
def test_each_piece_speaks_one_language(text: str) -> None:
    assert all(lang_of(part) == lang for lang, part in runs(text))
