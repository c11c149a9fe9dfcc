"""Worlds for the tests: copies of one that was concluded once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from federation.simulation import NAMES, beginning
from federation.world import ENGINE, REAL, World
from spean.procedures.engine import Engine

Make = Callable[..., World]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """``make(3)``: KH, KR and INT with an agreement in force among them, whose id is ``world.treaty``."""

    def build(count: int = 2, seed: int = 1, engine: Engine = ENGINE) -> World:
        image, treaty = beginning(count)
        world = World(NAMES[:count], tmp_path, seed=seed, image=image, engine=engine)
        world.treaty = treaty
        return world

    return build


@pytest.fixture
def pair(make: Make) -> World:
    """KH and KR with an agreement in force."""
    return make(2)


@pytest.fixture
def money(make: Make) -> World:
    """KH, KR and INT with the procedures as they are, the real *stop-payment* among them."""
    return make(3, engine=REAL)


@pytest.fixture
def three(make: Make) -> World:
    """KH, KR and INT with an agreement in force, under which INT may mediate."""
    return make(3)
