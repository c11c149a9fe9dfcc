"""Files of FollowTheMoney on pages: taken in with what their officer says of them, refused in words, taken along."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from federation.entities import opened, said
from federation.simulation import NAMES, beginning
from federation.world import REAL, World
from spean.core.roles import Role
from unit.web.visiting import Visitor, main_of, visit, words_of

SAID = {
    "dataset": "un-list", "purpose": "investigate-fraud", "category": "other", "source": "B", "grade": "2", "nature": "assessment",
    "words": "version 7",
}  # fmt: skip
LINES = [
    {
        "id": "p1",
        "schema": "Person",
        "properties": {"name": ["Chen Zhi"], "birthDate": ["1987-12-11"], "religion": ["x"]},
    },
    {"id": "c1", "schema": "Company", "properties": {"name": ["Golden Lot"], "phone": ["12"]}},
    {"id": "d1", "schema": "Directorship", "properties": {"director": ["p1"], "organization": ["c1"]}},
    {"id": "x1", "schema": "Spaceship", "properties": {}},
]
FILE = "\n".join(map(json.dumps, LINES)).encode() + b"\n{broken\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    image, treaty = beginning(2)
    made = World(NAMES[:2], tmp_path, image=image, engine=REAL)
    made.treaty = treaty
    return made


@pytest.fixture
def officer(world: World) -> Visitor:
    return visit(world.nodes["KR"], Role.INVESTIGATOR)


def taken(officer: Visitor, content: bytes = FILE, status: int = 200, **changed: Any) -> str:
    return main_of(words_of(officer.give("/entities/files/import", content, status, **{**SAID, **changed}).text))


def test_a_file_is_taken_in_and_what_is_left_is_named(officer: Visitor) -> None:
    page = taken(officer)
    for words in ("2 new", "1 link", "Spaceship", "religion", "organisation · telephone", 'data-label="Line">5</td>'):
        assert words in page, words
    assert "Chen Zhi" in officer.get("/entities?kind=person")
    assert "2 with nothing new" in taken(officer), "the same file again adds nothing"


@pytest.mark.parametrize(
    ("content", "changed", "status", "says"),
    [
        (b"", {}, 422, "it is empty"),
        (b"id,name\n1,Chen Zhi\n", {}, 422, "none of its lines is an entity"),
        (b"\x89PNG\r\n\x1a\n\x00", {}, 422, "none of its lines is an entity"),
        (FILE, {"file": ""}, 422, "no file was chosen"),
        (FILE, {"dataset": "a:b"}, 422, "without a colon"),
        (FILE, {"dataset": ""}, 422, "without a colon"),
        (FILE, {"category": "suspect"}, 422, "nothing was chosen"),
        (FILE, {"purpose": ""}, 422, "nothing was chosen"),
        (FILE, {"grade": "5"}, 422, "nothing was chosen"),
        (FILE, {"purpose": "locate-missing"}, 403, "O1"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(
    world: World, content: bytes, changed: dict[str, str], status: int, says: str
) -> None:
    analyst = visit(world.nodes["KR"], Role.FINANCIAL_ANALYST)
    page = taken(analyst, content, status, **changed)
    assert says in page
    assert f'value="{changed.get("dataset", "un-list")}"' in page, "nothing typed is lost"
    assert "Chen Zhi" not in analyst.get("/entities")


def test_a_line_without_an_end_and_a_file_that_is_too_large_are_refused(officer: Visitor, monkeypatch: Any) -> None:
    assert "A line is too long" in taken(officer, b"x" * 2_100_000, 413)
    monkeypatch.setattr("spean.web.places.entity_files.MOST_BYTES", 1000)
    page = taken(officer, FILE * 20, 413)
    assert "too large for a page" in page
    assert "spean entity import" in page


def test_the_file_stands_last_in_its_form_so_that_all_else_is_read_first(officer: Visitor) -> None:
    page = main_of(officer.get("/entities/files"))
    form = page[
        page.index('action="/entities/files/import"') : page.index("</form>", page.index("/entities/files/import"))
    ]
    assert re.findall(r' name="(\w+)"', form)[-1] == "file"
    assert set(SAID) < set(re.findall(r' name="(\w+)"', form))


def test_what_one_may_read_goes_out_and_is_listed_as_exported(world: World, officer: Visitor) -> None:
    seen = opened(world, said("name", "Sok Dara"))
    opened(world, said("name", "Hidden Person"), category="missing", purpose="locate-missing")
    analyst = visit(world.nodes["KR"], Role.FINANCIAL_ANALYST)
    answer = analyst.post("/entities/files/export", (), 200)
    assert answer.headers["content-disposition"].endswith('"entities.ftm.json"')
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["properties"]["name"] for line in lines] == [["Sok Dara"]]
    assert "Hidden" not in answer.text
    with world.nodes["KR"].reading() as tx:
        assert tx.exports.of_fact(seen.fact)
    assert "FollowTheMoney" in analyst.get("/entities/files")
