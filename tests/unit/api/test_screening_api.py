"""Matching over REST: the border's question, groups, look-ups, candidates that no service confirms, watches, lists (B1, B3, B5–B7)."""

from __future__ import annotations

from typing import Any

import pytest

from spean.core.roles import Role

ZONE = "P<KHMSOK<<DARA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\nN1234567<7KHM9005178F3001019<<<<<<<<<<<<<<08"
MARKS = {"purpose": "investigate-fraud", "subject": "victim"}
LOOK = {"names": ["Sok Dara"], "why": "a report of today", "marks": MARKS}


@pytest.fixture(scope="module")
def officer(desk: Any) -> str:
    return str(desk.token(Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.BORDER_OFFICER))


@pytest.fixture(scope="module")
def listed(desk: Any, officer: str) -> str:
    query = "name=Open+list&publisher=A+publisher&version=7&date=2026-02-11"
    headers = {"content-type": "application/octet-stream"}
    answer = desk.ask(
        "POST", f"/api/v1/lists/file?{query}", officer, content=b"id,name\n1,Chen Zhi\n2,\n", headers=headers
    )
    assert answer.status_code == 201, answer.text
    assert (answer.json()["taken"], len(answer.json()["rejected"])) == (1, 1)
    return str(answer.json()["record"])


def screened(desk: Any, token: str, status: int = 200, **body: Any) -> Any:
    answer = desk.ask("POST", "/api/v1/screen", token, json={"reason": "flight KE690", **body})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_one_traveller_is_answered_with_the_lists_version(desk: Any, officer: str, listed: str) -> None:
    assert screened(desk, officer, names=["Nobody Known"])["answer"] == "nothing"
    told = screened(desk, officer, names=["陈志"])
    assert (told["answer"], told["lists"]) == ("verify", [{"name": "Open list", "version": "7, 2026-02-11"}])
    assert "Chen" not in str(told)
    assert screened(desk, officer, zone=ZONE)["answer"] == "nothing"
    assert {each["record"] for each in desk.ask("GET", "/api/v1/lists", officer).json()} == {listed}


@pytest.mark.parametrize(
    ("body", "word"),
    [({}, "nothing to ask about"), ({"zone": ZONE.replace("9005178", "9005179")}, "check digit"), ({"names": ["A"], "birth": "x"}, "birth"),
     ({"names": ["A"], "reason": ""}, "reason"), ({"names": ["A"], "ethnicity": "x"}, "ethnicity")],
)  # fmt: skip
def test_what_is_wrong_is_named(desk: Any, officer: str, body: dict[str, Any], word: str) -> None:
    assert word in str(screened(desk, officer, 422, **body))


def test_a_group_is_answered_one_by_one(desk: Any, officer: str, listed: str) -> None:
    travellers = [{"id": "1A", "names": ["Chen Zhi"]}, {"id": "1B", "names": ["Nobody Known"]}]
    answer = desk.ask("POST", "/api/v1/screen/group", officer, json={"travellers": travellers, "reason": "bus 12"})
    assert [(each["id"], each["answer"]) for each in answer.json()] == [("1A", "verify"), ("1B", "nothing")]
    many = desk.ask("POST", "/api/v1/screen/group", officer, json={"travellers": travellers * 101, "reason": "bus 12"})
    assert many.status_code == 422


def test_only_those_who_screen(desk: Any) -> None:
    assert screened(desk, desk.token(Role.SECRETARIAT), 403, names=["A"])["rule"] == "O1"


def test_no_service_confirms_a_match_and_nobody_her_own(desk: Any, officer: str) -> None:
    """B3 at the door itself: whatever the body says."""
    statement = {"property": "name", "value": "Sok Dara", "source": "B", "grade": 2, "nature": "fact"}
    form = {"kind": "person", "category": "victim", "statements": [statement]}
    body = {"form": form, "marks": {**MARKS, "data": "identity"}}
    entity = desk.ask("POST", "/api/v1/records/entity", officer, json=body)
    assert entity.status_code == 201, entity.text
    asked = desk.ask("POST", "/api/v1/look-ups", officer, json=LOOK)
    assert asked.status_code == 201, asked.text
    question = asked.json()["record"]
    found = desk.ask("GET", f"/api/v1/look-ups/{question}?reason=a+report", officer).json()
    assert [hit["reference"] for hit in found["hits"]] == [entity.json()["record"]]
    raised = {"category": "person", "reference": entity.json()["record"], "question": question, "how": "name-and-birth-date", "band": "strong",
              "score": 990, "asked_by": "somebody-else"}  # fmt: skip
    opened = desk.ask("POST", "/api/v1/records/candidate", officer, json={"to": ["KR"], "form": raised, "marks": MARKS})
    assert opened.status_code == 201, opened.text
    candidate = opened.json()["record"]
    verdict = {"verdict": "confirm", "points": ["same-name"], "reason": "I know her"}
    own = desk.ask("POST", f"/api/v1/candidates/{candidate}/verdict", officer, json=verdict)
    assert (own.status_code, own.json()["rule"]) == (403, "R2")
    service = desk.token(Role.INVESTIGATOR, Role.SERVICE, kind="service")
    for path, sent in (
        (f"/api/v1/candidates/{candidate}/verdict", verdict),
        (f"/api/v1/records/{candidate}/confirm", {"form": {"points": ["same-name"]}}),
    ):
        refused = desk.ask("POST", path, service, json=sent)
        assert refused.status_code == 403, refused.text
        assert refused.json()["rule"] in ("D8", "R1", "R2")
    other = desk.token(Role.INVESTIGATOR)
    done = desk.ask("POST", f"/api/v1/candidates/{candidate}/verdict", other, json=verdict)
    assert done.status_code == 201, done.text
    told = desk.ask("GET", f"/api/v1/candidates/{candidate}?reason=a+report", other).json()
    assert (told["state"], told["may_verify"], told["right"][0]["names"]) == ("confirmed", True, ["Sok Dara"])


def test_a_watch_is_put_and_shown(desk: Any, officer: str) -> None:
    until = desk.ask("GET", "/api/v1/lists", officer)
    assert until.status_code == 200
    body = {
        "type": "phone",
        "value": "+855 12 345 678",
        "until": "2026-03-20T00:00:00Z",
        "reason": "her last number",
        "marks": MARKS,
    }
    made = desk.ask("POST", "/api/v1/watches", officer, json=body)
    assert made.status_code == 201, made.text
    shown = desk.ask("GET", "/api/v1/watches?reason=a+report", officer).json()
    assert [(each["record"], each["watch"]["value"]) for each in shown] == [(made.json()["record"], "+85512345678")]
    late = desk.ask("POST", "/api/v1/watches", officer, json={**body, "until": "2028-03-20T00:00:00Z"})
    assert late.json()["rule"] == "R33"
