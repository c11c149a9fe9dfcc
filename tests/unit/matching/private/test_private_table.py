"""Tables of tags: what goes in comes out, nothing else is read, and they stay small."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, TooMuch
from spean.matching.private.table import (
    LEAST,
    Table,
    decode_delta,
    encode_delta,
    masked,
    padded,
    padded_delta,
    prefix,
    reference,
)

PREFIXES = st.sets(st.integers(0, 2**64 - 1), max_size=300)


def tag(number: int) -> bytes:
    return number.to_bytes(8, "big") + bytes(range(16)) + number.to_bytes(8, "big")[:3]


@given(PREFIXES)
def test_what_goes_in_comes_out(prefixes: set[int]) -> None:
    table = Table.decode(Table(prefixes).encode())
    assert table.prefixes.tolist() == sorted(prefixes)
    assert table.encode() == Table(sorted(prefixes, reverse=True)).encode()


@given(PREFIXES, PREFIXES)
def test_it_holds_what_it_has_and_nothing_else(inside: set[int], asked: set[int]) -> None:
    table = Table(inside)
    several = [*sorted(asked), *sorted(inside)]
    assert [here is not None for here in table.look([tag(each) for each in several])] == [
        each in inside for each in several
    ]


@given(st.dictionaries(st.integers(0, 2**64 - 1), st.integers(0, 2**24 - 1), max_size=100))
def test_groups_open_with_the_tag_alone(items: dict[int, int]) -> None:
    table = Table(items, [masked(tag(each), group) for each, group in items.items()])
    again = Table.decode(table.encode())
    assert again.encode() == table.encode()
    assert again.look([tag(each) for each in items]) == list(items.values())
    rest = [each for each in items if each % 2]
    fewer = again.changed(Table([], []), Table(each for each in items if not each % 2))
    assert fewer.look([tag(each) for each in items]) == [items[each] if each in rest else None for each in items]


@given(PREFIXES, PREFIXES, PREFIXES)
def test_deltas_change_it(first: set[int], added: set[int], removed: set[int]) -> None:
    more, fewer = decode_delta(encode_delta(Table(added), Table(removed)))
    assert set(Table(first).changed(more, fewer).prefixes.tolist()) == (first - removed) | added


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises((InvalidInput, TooMuch)):
        Table.decode(data)


@given(st.sets(st.integers(0, 2**64 - 1), min_size=2, max_size=40), st.data())
def test_a_changed_bit_is_refused_or_says_something_else(prefixes: set[int], data: st.DataObject) -> None:
    """Nothing reads as the same table but its own bytes: one set, one hash."""
    whole = Table(prefixes).encode()
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        other = Table.decode(bytes(changed))
    except (InvalidInput, TooMuch):
        return
    assert set(other.prefixes.tolist()) != prefixes


def test_a_count_beyond_all_measure_is_refused_before_anything_is_read() -> None:
    with pytest.raises(TooMuch):
        Table.decode(b"SPTAGS1\n" + bytes((5, 0, 0, 0)) + (2**60).to_bytes(8, "big"))


def test_a_delta_whose_first_part_is_longer_than_the_whole() -> None:
    with pytest.raises(InvalidInput, match="table"):
        decode_delta((1 << 31).to_bytes(4, "big") + bytes(8))


@pytest.mark.parametrize(("count", "most"), [(1_000, 7.3), (100_000, 6.3), (1_000_000, 6.2)])
def test_it_takes_few_bytes_an_item(count: int, most: float) -> None:
    drawn = np.random.default_rng(7).integers(0, 2**64, count, dtype=np.uint64)
    assert len(Table(drawn).encode()) / count < most


@given(st.integers(0, 10**9))
def test_the_count_that_shows_is_a_step_of_which_at_most_a_quarter_are_dummies(count: int) -> None:
    shown = padded(count)
    assert count <= shown >= LEAST
    assert shown <= max(count * 1.25, LEAST)
    assert padded(shown) == shown
    delta = padded_delta(count)
    assert delta >= count
    assert delta.bit_count() == (1 if count else 0)


def test_a_tag_is_a_prefix_and_a_reference() -> None:
    drawn = random.Random(3).randbytes(64)
    assert prefix(drawn) == int.from_bytes(drawn[:8], "big")
    assert bytes.fromhex(reference(drawn)) == drawn[8:24]
