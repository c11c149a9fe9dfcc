"""Places as cells of a grid, so that two desks that mean one compound meet although their points differ by some steps (B1).

A holder's point stands for the one cell that it lies in; who asks asks for the two by two cells around the point. So points up to half a
cell apart (about 110 m; less from east to west away from the equator) always meet, and points more than one and a half cells apart never.
"""

from __future__ import annotations

from decimal import Decimal

CELL = 2_000
"""Millionths of a degree: about 220 m from north to south."""


def held(point: str) -> str:
    """The cell of a point in its clean form, ``11.556400,104.928200``."""
    north, east = _millionths(point)
    return f"{north // CELL}:{east // CELL}"


def asked(point: str) -> tuple[str, ...]:
    """The cells around it, at most four."""
    north, east = _millionths(point)
    rows = sorted({(north + step) // CELL for step in (-CELL // 2, CELL // 2 - 1)})
    columns = sorted({(east + step) // CELL for step in (-CELL // 2, CELL // 2 - 1)})
    return tuple(f"{row}:{column}" for row in rows for column in columns)


def _millionths(point: str) -> tuple[int, int]:
    north, _, east = point.partition(",")
    return int(Decimal(north) * 1_000_000), int(Decimal(east) * 1_000_000)
