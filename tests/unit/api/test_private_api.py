"""Private matching over REST: who may what, what is refused, and that nothing of a question shows."""

from __future__ import annotations

from typing import Any

import pytest

from spean.core.roles import READS, Role

ASK = {
    "terms": [{"type": "phone", "value": "012 345 678"}], "purpose": "stop-fraud", "subject": "other", "reason": "a report of today",
}  # fmt: skip
OFFER = {
    "instrument": "KR:agreement:01JNF000000000000000000000", "category": "phone", "purposes": ["stop-fraud"], "subjects": ["other"],
    "desk": "cyber desk", "reason": "agreed in the working group",
}  # fmt: skip
REFERENCE = "ab" * 16


@pytest.fixture(scope="module")
def officer(desk: Any) -> str:
    return str(desk.token(Role.DUTY_OFFICER))


def test_a_question_that_nobody_answers_says_so(desk: Any, officer: str) -> None:
    body = {**ASK, "terms": [{"type": "phone", "value": "+855 12 345 678"}], "to": ["KH"]}
    answer = desk.ask("POST", "/api/v1/private/questions", officer, json=body)
    assert answer.status_code == 201, answer.text
    (told,) = answer.json()["answers"]
    assert (told["node"], told["state"], told["hits"]) == ("KH", "not-asked", [])
    assert "12345678" not in answer.text


def test_the_answers_are_for_whoever_asked(desk: Any, officer: str) -> None:
    other = desk.token(Role.DUTY_OFFICER)
    asked = "KR:search:01JNF000000000000000000000"
    assert desk.ask("GET", f"/api/v1/private/questions/{asked}", other).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"terms": []}, "terms"),
        ({"terms": [{"type": "phone", "value": "x"}]}, ""),
        ({"terms": [{"name": "Sok Dara", "type": "phone", "value": "+85512345678"}]}, "terms"),
        ({"terms": [{"name": "Sok Dara", "birth": "88"}]}, "birth"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"reason": "x"}, "reason"),
        ({"more": 1}, "more"),
        ({"terms": [{"type": "amount", "value": "5 USD"}]}, ""),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_field(
    desk: Any, officer: str, change: dict[str, Any], field: str
) -> None:
    answer = desk.ask("POST", "/api/v1/private/questions", officer, json={**ASK, **change})
    assert answer.status_code == 422
    assert field in answer.text


def test_an_offer_needs_the_right_person_and_shows_its_table(desk: Any, officer: str) -> None:
    trainer = desk.token(Role.TRAINER)
    assert desk.ask("POST", "/api/v1/private/holdings", trainer, json=OFFER).status_code == 403
    answer = desk.ask("POST", "/api/v1/private/holdings", officer, json=OFFER)
    assert answer.status_code == 201, answer.text
    assert desk.ask("POST", "/api/v1/private/holdings", officer, json=OFFER).status_code == 409
    desk.node.clockwork.tick()
    (shown,) = desk.ask("GET", "/api/v1/private/holdings", officer).json()
    assert (shown["category"], shown["items"], shown["state"]) == ("phone", 64, "ready")
    assert desk.ask("GET", f"/api/v1/private/references/{REFERENCE}", officer).json() == {"records": []}


def test_openings_are_for_auditors(desk: Any, officer: str) -> None:
    auditor = desk.token(Role.AUDITOR)
    assert desk.ask("GET", "/api/v1/private/openings?reason=monthly", officer).status_code == 403
    assert desk.ask("GET", "/api/v1/private/openings?reason=monthly", auditor).json() == []
    record = "KR:private-question:01JNF000000000000000000000"
    assert desk.ask("POST", f"/api/v1/private/openings/{record}", auditor, json={"proper": 0}).status_code == 404
    assert desk.ask("POST", f"/api/v1/private/openings/{record}", officer, json={"proper": 0}).status_code == 403


@pytest.mark.parametrize("path", ["holdings", "budgets", "overlaps"])
def test_lists_are_for_whoever_reads_anything(desk: Any, path: str) -> None:
    for role in Role:
        answer = desk.ask("GET", f"/api/v1/private/{path}", desk.token(role))
        assert (answer.status_code == 200) == bool(READS[role].purposes), role
    assert desk.ask("GET", f"/api/v1/private/{path}").status_code == 401


def test_an_overlap_of_what_nobody_offers(desk: Any, officer: str) -> None:
    body = {
        "holding": "KH:holding:01JNF000000000000000000000",
        "purpose": "stop-fraud",
        "subject": "other",
        "reason": "a case",
    }
    assert desk.ask("POST", "/api/v1/private/overlaps", officer, json=body).status_code == 404
