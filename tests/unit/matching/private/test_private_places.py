"""Places as cells: near points meet, far ones do not, wherever they lie."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spean.matching.private.places import CELL, asked, held

NORTH, EAST = st.integers(-89_000_000, 89_000_000), st.integers(-179_000_000, 179_000_000)


def point(north: int, east: int) -> str:
    return f"{north / 1_000_000:.6f},{east / 1_000_000:.6f}"


@given(NORTH, EAST, st.integers(-CELL // 2 + 1, CELL // 2 - 1), st.integers(-CELL // 2 + 1, CELL // 2 - 1))
def test_points_within_half_a_cell_meet(north: int, east: int, up: int, right: int) -> None:
    assert held(point(north + up, east + right)) in asked(point(north, east))


@given(NORTH, EAST, st.integers(3 * CELL // 2 + 1, 10 * CELL))
def test_points_further_than_one_and_a_half_cells_do_not(north: int, east: int, away: int) -> None:
    assert held(point(north + away, east)) not in asked(point(north, east))
    assert held(point(north, east - away)) not in asked(point(north, east))


@given(NORTH, EAST)
def test_at_most_four_cells_are_asked_about(north: int, east: int) -> None:
    assert 1 <= len(set(asked(point(north, east)))) <= 4
