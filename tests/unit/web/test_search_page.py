"""The search page: what only sounds alike is asked for, carries its mark and the sentence that it is a candidate (A7, D8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.world import Image, World
from unit.web.visiting import Visitor, main_of, visit

MARKS = {"purpose": "warn", "data": "wallet", "subject": "none"}
CANDIDATE = "never a match"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Image:
    world = World(("KH", "KR"), tmp_path_factory.mktemp("begun"))
    world.agreement(("KH", "KR"))
    form = {"title": "Names", "source": "Desk of KR", "data": "wallet"}
    record = world.act("KR", "open", form, procedure="circular", to=("KH",), **MARKS).record
    for note in ("속 다라", "Sok Dara", "Chea Vuthy"):
        world.act("KR", "entry", {"kind": "wallet", "value": "T1", "chain": "tron", "note": note}, record=record)
    return world.image()


@pytest.fixture
def officer(begun: Image, tmp_path: Path) -> Visitor:
    world = World(("KH", "KR"), tmp_path, seed=3, image=begun)
    return visit(world.nodes["KR"], "duty-officer")


def asked(officer: Visitor, words: str, *, alike: bool = False) -> str:
    """The main part of the page that answers."""
    return main_of(officer.sent("/search", {"words": words, **({"alike": "1"} if alike else {})}, 200))


def test_without_the_box_words_are_found_as_they_are_written(officer: Visitor) -> None:
    page = asked(officer, "Sok Dara")
    assert "1 fact, newest first" in page
    assert 'name="alike" value="1">' in page, "the box is there and not ticked"
    assert "≈" not in page
    assert CANDIDATE not in page


def test_what_sounds_alike_is_marked_as_a_candidate(officer: Visitor) -> None:
    page = asked(officer, "Sok Dara", alike=True)
    assert "2 facts, newest first" in page
    assert 'name="alike" value="1" checked' in page
    assert "Chea" not in page
    assert CANDIDATE in page
    written, alike = sorted(page.split("<article")[1:], key=lambda part: "≈" in part)
    assert "<mark>Sok</mark>" in written
    assert "≈" not in written
    assert '<span aria-hidden="true">≈</span> sounds alike' in alike
    assert '<mark><span lang="ko">속 다라</span></mark>' in alike


def test_what_is_found_as_written_is_no_candidate(officer: Visitor) -> None:
    page = asked(officer, "Chea Vuthy", alike=True)
    assert "1 fact, newest first" in page
    assert "≈" not in page
    assert CANDIDATE not in page
