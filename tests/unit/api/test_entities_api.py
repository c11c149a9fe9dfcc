"""Entities over REST: kinds, one in and out, lists by right, exact values, files both ways, selectors of a text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spean.core.roles import Role

SAID = {"source": "B", "grade": 2, "nature": "fact"}
FORM = {
    "kind": "person", "category": "contact",
    "statements": [{"property": "name", "value": "Sok Dara", **SAID}, {"property": "phone", "value": "+855 12 345 678", **SAID}],
}  # fmt: skip
MARKS = {"purpose": "investigate-fraud", "data": "identity", "subject": "contact"}
REASON = {"X-Reason": "case of Incheon"}
FILE = {"dataset": "sample", "purpose": "investigate-fraud", "source": "B", "grade": 2}


@pytest.fixture(scope="module")
def officer(desk: Any) -> str:
    return str(desk.token(Role.DUTY_OFFICER))


@pytest.fixture(scope="module")
def person(desk: Any, officer: str) -> str:
    answer = desk.ask("POST", "/api/v1/records/entity", officer, json={"form": FORM, "marks": MARKS})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["record"])


def test_kinds_are_told_with_their_labels(desk: Any, officer: str) -> None:
    answer = desk.ask("GET", "/api/v1/entities/kinds", officer).json()
    assert {each["name"] for each in answer["kinds"]} >= {"person", "wallet", "site"}
    assert next(each for each in answer["properties"] if each["name"] == "birth-date")["labels"]["km"]
    assert desk.ask("GET", "/api/v1/entities/kinds").status_code == 401


def test_one_is_read_with_its_reason_only(desk: Any, officer: str, person: str) -> None:
    path = f"/api/v1/entities/{person}"
    assert desk.ask("GET", path, officer).status_code == 422
    view = desk.ask("GET", path, officer, headers=REASON).json()
    assert (view["kind"], view["caption"], view["category"]) == ("person", "Sok Dara", "contact")
    assert view["properties"][0]["values"][0]["statements"][0]["source"] == "B"
    assert {"judge", "state", "link"} <= set(view["acts"])
    assert desk.ask("GET", path, desk.token(Role.CONSUL), headers=REASON).status_code == 403
    missing = f"/api/v1/entities/KR:entity:{'0' * 26}"
    assert desk.ask("GET", missing, officer, headers=REASON).status_code == 404
    other = f"/api/v1/entities/KR:agreement:{'0' * 26}"
    assert desk.ask("GET", other, officer, headers=REASON).status_code == 404


def test_the_list_is_by_right_and_in_pages(desk: Any, officer: str, person: str) -> None:
    rows = desk.ask("GET", "/api/v1/entities?kind=person&limit=1", officer, headers=REASON).json()
    assert [each["record"] for each in rows["entities"]] == [person]
    assert rows["after"] == person
    following = desk.ask("GET", f"/api/v1/entities?kind=person&after={person}", officer, headers=REASON).json()
    assert following == {"entities": [], "after": ""}
    consul = desk.ask("GET", "/api/v1/entities", desk.token(Role.CONSUL), headers=REASON).json()
    assert consul["entities"] == []
    assert desk.ask("GET", "/api/v1/entities?kind=soul", officer, headers=REASON).status_code == 422
    assert desk.ask("GET", "/api/v1/entities", officer).status_code == 422


def test_exact_values_name_records_and_no_content(desk: Any, officer: str, person: str) -> None:
    body = {
        "selectors": [{"type": "phone", "value": "+855-12-345-678"}],
        "purpose": "investigate-fraud",
        "reason": "case of Incheon",
    }
    answer = desk.ask("POST", "/api/v1/entities/find", officer, json=body)
    assert [each["record"] for each in answer.json()] == [person]
    assert "Sok Dara" not in answer.text
    for wrong in ({"selectors": []}, {"purpose": "curiosity"}, {"reason": "x"}, {"selectors": [{"type": "phone", "value": "12"}]},
                  {"selectors": [{"type": "name", "value": "Sok"}]}, {"more": 1}):  # fmt: skip
        assert desk.ask("POST", "/api/v1/entities/find", officer, json={**body, **wrong}).status_code == 422
    consul = desk.token(Role.CONSUL)
    assert desk.ask("POST", "/api/v1/entities/find", consul, json=body).status_code == 403


def test_files_go_in_and_out(desk: Any, officer: str) -> None:
    lines = [
        {"id": f"p{n}", "schema": "Person", "properties": {"name": [f"Person {n}"], "religion": ["x"]}}
        for n in range(3)
    ]
    content = "\n".join(json.dumps(each) for each in lines).encode() + b"\n{"
    headers = {"content-type": "application/octet-stream"}
    answer = desk.ask("POST", "/api/v1/entities/import", officer, params=FILE, content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["opened"], told["left_aside"]["forbidden"], told["bad_lines"][0]["line"]) == (3, {"religion": 3}, 4)
    out = desk.ask("GET", "/api/v1/entities/export", officer, headers=REASON)
    assert out.headers["content-type"].startswith("application/x-ndjson")
    assert "Person 2" in out.text
    assert "religion" not in out.text
    assert desk.ask("GET", "/api/v1/entities/export", officer).status_code == 422
    refused = desk.ask(
        "POST",
        "/api/v1/entities/import",
        officer,
        params={**FILE, "category": "suspect"},
        content=content,
        headers=headers,
    )
    assert refused.status_code == 422


def test_a_text_names_its_selectors_and_nothing_is_kept(desk: Any, officer: str) -> None:
    before = desk.written()
    body = {"text": "call 012 345 678", "country": "kh"}
    assert desk.ask("POST", "/api/v1/entities/extract", officer, json=body).json() == [
        {"kind": "phone", "value": "012 345 678", "clean": "+85512345678", "start": 5, "end": 16, "also": []}
    ]
    assert desk.written() == before
