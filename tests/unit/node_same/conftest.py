"""Two partners with an agreement."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.simulation import NAMES, beginning
from federation.world import REAL, Image, World


@pytest.fixture(scope="session")
def start() -> tuple[Image, str]:
    return beginning(2)


@pytest.fixture
def world(tmp_path: Path, start: tuple[Image, str]) -> World:
    image, treaty = start
    world = World(NAMES[:2], tmp_path, image=image, engine=REAL)
    world.treaty = treaty
    return world
