"""Two words cost the same whether they are compared alone, as in a search, or among thousands, as in a list of pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spean.matching.score.costs import FAR
from spean.matching.score.kernels import words_apart
from spean.matching.score.reader import Reader
from spean.matching.score.words import Words

WORDS = Words()
READER = Reader(WORDS)
NAMES = [
    "Kim",
    "Cheolsu",
    "Minji",
    "Chung",
    "Jeong",
    "Nguyen",
    "Mohamed",
    "Muhammad",
    "Petrov",
    "Petroff",
    "Sokha",
    "Somchai",
    "Somsak",
    "Phommachanh",
    "Aung",
    "Kyaw",
    "Wei",
    "Zhang",
    "Chang",
    "김",
    "철수",
    "정",
    "សុខ",
    "ដារ៉ា",
    "สมชาย",
    "สมศักดิ์",
    "အောင်",
    "ကျော်",
    "ສົມສັກ",
    "张",
    "陈",
    "Иванов",
    "محمد",
]


def _number(name: str) -> int:
    found = READER.ids(name)
    assume(found)  # "aka" is a word about names and none of them
    return found[0]


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(st.sampled_from(NAMES), st.text("aeioughknmstcy", min_size=2, max_size=12)),
    st.one_of(st.sampled_from(NAMES), st.text("aeioughknmstcy", min_size=2, max_size=12)),
    st.integers(0, 12),
    st.floats(3, 30),
)
def test_alone_and_among_many(one: str, other: str, population: int, limit: float) -> None:
    a, b = _number(one), _number(other)
    many = WORDS.costs(
        np.array([a], np.int32),
        np.array([b], np.int32),
        np.array([population], np.uint8),
        np.array([limit], np.float32),
    )
    alone = words_apart(WORDS.held(), a, b, population, np.float32(limit), FAR)
    assert abs(min(float(alone), FAR) - min(float(many[0]), FAR)) < 0.01
