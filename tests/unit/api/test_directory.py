"""The directory over REST: the right desk for a number, and who is next when it is silent (A2)."""

from __future__ import annotations

from typing import Any

from spean.core.roles import Role

DESK = {
    "name": "Anti-scam desk", "languages": ["ko", "en"], "phone_prefixes": ["+82"], "countries": ["KR"],
    "roster": [
        {"starts": "2026-01-01T00:00:00Z", "ends": "2027-01-01T00:00:00Z", "officer": "Lee Min", "rank": 0},
        {"starts": "2026-01-01T00:00:00Z", "ends": "2027-01-01T00:00:00Z", "officer": "Kim Sora", "rank": 1},
    ],
}  # fmt: skip


def test_a_number_finds_the_desk_and_the_rosters_next(desk: Any, opening: dict[str, Any]) -> None:
    token = desk.token(Role.DUTY_OFFICER)
    marks = {"instrument": "peering", "purpose": "coordinate", "data": "directory", "subject": "none"}
    body = {"form": DESK, "to": ["KH"], "marks": marks}
    published = desk.ask("POST", "/api/v1/records/desk", token, json=body)
    assert published.status_code == 201, published.text
    record = published.json()["record"]
    all_desks = desk.ask("GET", "/api/v1/directory", token).json()["desks"]
    assert [(each["node"], each["desk"]["name"]) for each in all_desks] == [("KR", "Anti-scam desk")]
    (found,) = desk.ask("GET", "/api/v1/directory?kind=phone&value=%2B821012345678", token).json()["proposals"]
    assert (found["record"], found["on_duty"]["officer"], found["open"]) == (record, "Lee Min", True)
    assert found["why"]
    assert desk.ask("GET", "/api/v1/directory?kind=country&value=FR", token).json()["proposals"] == []
    following = desk.ask("GET", f"/api/v1/directory/{record}/next?since=2026-03-04T00:00:00Z", token).json()
    assert following["next"]["officer"] == "Kim Sora"
    unsure = desk.ask("GET", f"/api/v1/directory/{record}/next?since=2026-03-04T00:00:00", token)
    assert (unsure.status_code, unsure.json()["field"]) == (422, "since")
