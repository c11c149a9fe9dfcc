"""Hand-over over REST: the same verbs and refusals as on the page."""

from __future__ import annotations

from typing import Any

from spean.core.roles import Role

HERE = "/api/v1/hand-over"
WORDS = "the second account is still open"


def test_a_shift_goes_from_one_officer_to_the_next(desk: Any, opening: dict[str, Any]) -> None:
    night, day = desk.token(Role.DUTY_OFFICER, name="Han Ji"), desk.token(Role.DUTY_OFFICER, name="Choi Na")
    record = desk.ask("POST", "/api/v1/records/information-request", night, json=opening).json()["record"]
    first = desk.ask("GET", HERE, night).json()
    assert (record, "send", "Han Ji") in [(each["record"], each["kind"], each["by"]) for each in first["note"]["done"]]
    assert first["note"]["until"].endswith("Z")
    assert first["past"] == []
    made = desk.ask("POST", HERE, night, json={"text": WORDS, "once": "a"})
    assert made.status_code == 201, made.text
    again = desk.ask("POST", HERE, night, json={"text": WORDS, "once": "a"}).json()
    fact = made.json()["fact"]
    assert again["fact"] == fact
    assert WORDS not in desk.ask("GET", HERE, day).text
    assert desk.ask("GET", f"{HERE}/{fact}", day).status_code == 422  # a read says why
    read = desk.ask("GET", f"{HERE}/{fact}", day, headers={"X-Reason": "taking over"}).json()
    assert (read["text"], read["by"], read["taken_at"]) == (WORDS, "Han Ji", None)
    assert record in {each["record"] for each in read["note"]["done"]}
    assert desk.ask("POST", f"{HERE}/{fact}/take-over", night).status_code == 409
    taken = desk.ask("POST", f"{HERE}/{fact}/take-over", day).json()
    assert taken["taken_by"] == "Choi Na"
    assert desk.ask("GET", HERE, night).json()["past"][0]["taken_by"] == "Choi Na"


def test_what_does_not_fit_is_refused_with_words(desk: Any) -> None:
    officer, admin = desk.token(Role.DUTY_OFFICER), desk.token(Role.ADMINISTRATOR)
    assert desk.ask("GET", HERE).status_code == 401
    assert desk.ask("GET", HERE, admin).status_code == 403
    assert desk.ask("POST", HERE, admin, json={}).status_code == 403
    assert desk.ask("POST", HERE, desk.token(Role.AUDITOR), json={}).status_code == 403
    assert desk.ask("POST", HERE, desk.token(Role.DUTY_OFFICER, kind="service"), json={}).status_code == 403
    assert desk.ask("GET", f"{HERE}?since=2026-03-04T00:00:00", officer).json()["field"] == "since"
    assert desk.ask("GET", f"{HERE}?since=2020-03-04T00:00:00Z", officer).status_code == 422
    assert desk.ask("POST", HERE, officer, json={"words": "x"}).status_code == 422
    assert desk.ask("GET", f"{HERE}/{'ab' * 32}?reason=looking", officer).status_code == 404
