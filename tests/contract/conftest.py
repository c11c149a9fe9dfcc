"""Every store of the contract suite: all implementations behave the same."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spean.keys import ContentKeys
from spean.store import Store

sys.path.insert(0, str(Path(__file__).parent))
KINDS = ("sqlite-file", "sqlite-memory", "postgres")


def url_of(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, empty database of that kind."""
    if kind == "postgres":
        new: Callable[[], str] = request.getfixturevalue("new_postgres")
        return new()
    return "sqlite://" if kind == "sqlite-memory" else f"sqlite:///{folder}/node.db"


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    return url_of(kind, tmp_path, request)


@pytest.fixture
def store(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    postgres = kind == "postgres"
    with Store.open(
        request.getfixturevalue("empty_postgres") if postgres else url_of(kind, tmp_path, request)
    ) as opened:
        opened.migrate()
        yield opened


@pytest.fixture
def content_keys(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ContentKeys]:
    keys = ContentKeys.open(url_of(kind, tmp_path, request))
    yield keys
    keys.close()


@pytest.fixture(params=["sqlite-file", "postgres"])
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that two processes can share."""
    return url_of(str(request.param), tmp_path, request)
