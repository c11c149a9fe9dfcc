"""A real Chromium before a served federation of two nodes. Whatever the browser notices fails the test (watched.py)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from browser.furnished import Furnished
from browser.served import Pair
from browser.visitor import Visitor, Windows

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs a real Chromium (scripts/system.sh installs it where it may)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """Path of the Chromium of this machine, '' when there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), "")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this process; skipped aloud where none is installed."""
    program = chromium()
    if not program:
        pytest.skip(
            "NO CHROMIUM: pages are not tried in a browser; run scripts/system.sh or install the package chromium"
        )
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield made
        made.close()


@pytest.fixture(scope="session")
def world(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """The served and furnished federation."""
    made = Furnished(Pair(tmp_path_factory.mktemp("federation")))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def _sessions() -> dict[tuple[str, str], str]:
    return {}


@pytest.fixture
def visitor(browser: Browser, world: Furnished, _sessions: dict[tuple[str, str], str]) -> Iterator[Visitor]:
    """Opens pages; fails the test for everything that the browser noticed meanwhile."""
    made = Visitor(browser, world, _sessions)
    yield made
    made.close()


@pytest.fixture(scope="module")
def windows(browser: Browser, world: Furnished, _sessions: dict[tuple[str, str], str]) -> Windows:
    """Windows for looking at many pages one after the other; whoever asks for them checks and closes them."""
    return Windows(Visitor(browser, world, _sessions))


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """A page of the officer at KR."""
    return visitor.page()
