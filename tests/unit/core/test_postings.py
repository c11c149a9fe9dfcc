"""Sets of positions: the same set, whichever way it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.postings import SIZE, added, as_bits, below, bucket_of, first_of, last_of, newest_first

POSITIONS = st.lists(st.integers(0, SIZE - 1), max_size=700)


@given(st.lists(POSITIONS, max_size=4))
def test_what_was_added_is_in_the_set(parts: list[list[int]]) -> None:
    data = b""
    for part in parts:
        data = added(data, part)
    assert len(data) <= SIZE // 8
    assert list(newest_first(as_bits(data))) == sorted({each for part in parts for each in part}, reverse=True)


@given(POSITIONS, POSITIONS, st.integers(-5, SIZE))
def test_sets_are_worked_with_as_integers(one: list[int], other: list[int], limit: int) -> None:
    bits = as_bits(added(b"", one)) & as_bits(added(b"", other)) & below(limit)
    assert list(newest_first(bits)) == sorted({p for p in set(one) & set(other) if p < limit}, reverse=True)


def test_a_set_is_never_larger_than_its_bitmap() -> None:
    data = b""
    for position in range(SIZE):
        data = added(data, [position])
        assert len(data) <= SIZE // 8
    assert as_bits(data) == (1 << SIZE) - 1


@pytest.mark.parametrize("data", [b"x", b"\xff\xff", bytes(SIZE // 8 + 2)])
def test_other_bytes_are_no_set(data: bytes) -> None:
    with pytest.raises(ValueError, match="position"):
        as_bits(data)


@given(st.integers(1, 1 << 40))
def test_every_number_has_its_bucket(n: int) -> None:
    bucket = bucket_of(n)
    assert first_of(bucket) <= n <= last_of(bucket)
    assert last_of(bucket) + 1 == first_of(bucket + 1)
