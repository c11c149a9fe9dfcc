"""Officers' routes on a real node: from opening a record to its evidence."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from spean.core.roles import Role
from spean.ledger.evidence import decode


def opened(desk: Any, token: str, opening: dict[str, Any]) -> dict[str, Any]:
    answer = desk.ask("POST", "/api/v1/records/information-request", token, json=opening)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_request_is_opened_read_and_proved(desk: Any, opening: dict[str, Any]) -> None:
    token = desk.token(Role.INVESTIGATOR)
    done = opened(desk, token, opening)
    assert done["state"] == "sent"
    assert done["recipients"] == ["KH"]
    assert done["deciding"] == {"KH": opening["marks"]["instrument"]}
    shown = desk.ask("GET", f"/api/v1/records/{done['record']}", token, headers={"x-reason": "case%2017"}).json()
    (fact,) = shown["facts"]
    assert fact["id"] == done["fact"]
    assert fact["form"]["offence"] == "fraud"
    assert fact["envelope"]["purpose"] == "investigate-fraud"
    assert shown["held_by"] == [{"node": "KH", "receipt": ""}]
    withdraw = next(each for each in shown["offers"] if each["kind"] == "withdraw")
    assert withdraw["refusal"] is None
    evidence = desk.ask("GET", f"/api/v1/facts/{done['fact']}/evidence?reason=for%20the%20court", token)
    assert decode(evidence.content).node == "KR"
    assert evidence.headers["content-disposition"].startswith("attachment")


def test_the_queue_pages_and_filters(desk: Any, opening: dict[str, Any]) -> None:
    token = desk.token(Role.INVESTIGATOR)
    made = {opened(desk, token, opening)["record"] for _ in range(3)}
    found: list[str] = []
    after = ""
    while True:
        page = desk.ask("GET", f"/api/v1/records?procedure=information-request&open=true&limit=2&after={after}", token)
        found += [each["id"] for each in page.json()["records"]]
        after = page.json()["after"]
        if after is None:
            break
    assert made <= set(found)
    assert len(found) == len(set(found))
    assert desk.ask("GET", "/api/v1/records?state=closed", token).json()["records"] == []


def test_a_read_says_why(desk: Any, opening: dict[str, Any]) -> None:
    token = desk.token(Role.INVESTIGATOR)
    record = opened(desk, token, opening)["record"]
    before = desk.written()
    refused = desk.ask("GET", f"/api/v1/records/{record}", token)
    assert (refused.status_code, refused.json()["rule"]) == (422, "R38")
    assert desk.written() == before
    search = desk.ask("GET", "/api/v1/search?words=TXabc", token)
    assert (search.status_code, search.json()["rule"]) == (422, "R38")
    found = desk.ask("GET", "/api/v1/search?words=txABC&reason=case+17", token).json()["facts"]
    assert record in {each["record"] for each in found}
    assert not any(each["alike"] for each in found)


def test_what_sounds_alike_is_found_when_asked_for(desk: Any, opening: dict[str, Any]) -> None:
    token = desk.token(Role.INVESTIGATOR)
    form = {**opening["form"], "items": [{**opening["form"]["items"][0], "question": "Does Sok Dara own it?"}]}
    record = opened(desk, token, {**opening, "form": form})["record"]
    path = f"/api/v1/search?words={quote('속 다라')}&reason=case+17"
    assert desk.ask("GET", path, token).json()["facts"] == []
    assert desk.ask("GET", f"{path}&alike=maybe", token).status_code == 422
    (found,) = desk.ask("GET", f"{path}&alike=true", token).json()["facts"]
    assert (found["record"], found["alike"]) == (record, True)
    (mark,) = found["marks"]
    assert (mark["alike"], [mark["text"][start:end] for start, end in mark["at"]]) == (True, ["Sok", "Dara"])


def test_the_auditor_sees_who_read(desk: Any, opening: dict[str, Any]) -> None:
    token = desk.token(Role.INVESTIGATOR)
    record = opened(desk, token, opening)["record"]
    desk.ask("GET", f"/api/v1/records/{record}?reason=case+17", token)
    me = desk.ask("GET", "/api/v1/session", token).json()["user"]["id"]
    assert desk.ask("GET", f"/api/v1/records/{record}/readers", token).json()["rule"] == "O1"
    readers = desk.ask("GET", f"/api/v1/records/{record}/readers", desk.token(Role.AUDITOR)).json()["readers"]
    assert (readers[0]["user"], readers[0]["act"]) == (me, "read")


def test_an_administrator_reads_no_contents(desk: Any, opening: dict[str, Any]) -> None:
    done = opened(desk, desk.token(Role.INVESTIGATOR), opening)
    token = desk.token(Role.ADMINISTRATOR)
    for path in (f"records/{done['record']}", f"facts/{done['fact']}/evidence", "search"):
        refused = desk.ask(
            "GET", f"/api/v1/{path}?reason=curious&words=TXabc"[: None if path == "search" else -12], token
        )
        assert (refused.status_code, refused.json()["rule"]) == (403, "O1")


def test_correct_withdraw_and_who_holds(desk: Any, opening: dict[str, Any]) -> None:
    token = desk.token(Role.INVESTIGATOR, Role.ANALYST, Role.LEGAL)
    done = opened(desk, token, opening)
    right = {**opening["form"], "reference": "KR-2026-17"}
    corrected = desk.ask(
        "POST",
        f"/api/v1/facts/{done['fact']}/correct",
        token,
        json={"replacement": right, "reason": "wrong file number"},
    )
    assert corrected.status_code == 201, corrected.text
    assert set(corrected.json()["recalls"]) == {"KH"}
    held = desk.ask("GET", f"/api/v1/facts/{done['fact']}/holders", token).json()
    assert held["sent"] == [{"node": "KH", "receipt": ""}]
    assert held["recalls"] == [
        {"node": "KH", "status": "asked", "outcome": "", "record": corrected.json()["recalls"]["KH"]}
    ]
    again = desk.ask("POST", f"/api/v1/facts/{done['fact']}/withdraw", token, json={"reason": "not ours"})
    assert (again.status_code, again.json()["rule"]) == (403, "A8")
    direct = desk.ask("POST", f"/api/v1/records/{done['record']}/correct", token, json={"form": {}})
    assert (direct.status_code, direct.json()["rule"]) == (403, "A8")
    other = opened(desk, token, opening)
    assert (
        desk.ask("POST", f"/api/v1/facts/{other['fact']}/erase", token, json={"reason": "court order"}).status_code
        == 201
    )
    shown = desk.ask("GET", f"/api/v1/records/{other['record']}?reason=was+it+erased", token).json()
    assert shown["facts"][0]["form"] is None
    assert shown["facts"][0]["erased_at"] is not None


def test_bulk_acts_are_all_or_none(desk: Any, opening: dict[str, Any]) -> None:
    token = desk.token(Role.ANALYST)
    list_form = {"title": "Wallets", "source": "A published list", "data": "wallet"}
    record = desk.ask("POST", "/api/v1/records/circular", token, json={**opening, "form": list_form}).json()["record"]
    entries = [{"kind": "wallet", "value": f"TX{number}", "chain": "tron"} for number in range(300)]
    before = desk.written()
    spoiled = desk.ask("POST", f"/api/v1/records/{record}/entry/batch", token, json=[*entries, {"kind": "wallet"}])
    assert spoiled.status_code == 422
    assert spoiled.json()["field"].startswith("[300].")
    assert desk.written() == before
    done = desk.ask("POST", f"/api/v1/records/{record}/entry/batch", token, json=entries)
    assert done.status_code == 201, done.text
    assert len(set(done.json()["facts"])) == 300
    assert desk.written()[2] == before[2] + 300
    single = desk.ask("POST", f"/api/v1/records/{record}/publish/batch", token, json=[{"entries": 300}])
    assert (single.status_code, single.json()["rule"]) == (403, "D6")
    assert desk.ask("POST", f"/api/v1/records/{record}/entry/batch", token, json=[]).status_code == 413


def test_preview_says_who_and_why(desk: Any) -> None:
    token = desk.token(Role.INVESTIGATOR)
    marks = {"purpose": "stop-fraud", "data": "account"}
    lines = desk.ask("POST", "/api/v1/preview", token, json={"procedure": "information-request", "marks": marks}).json()
    (line,) = lines["receivers"]
    assert (line["node"], line["allowed"]) == ("KH", True)
    assert "Memorandum on stopping fraud" in line["reason"]
    asked = {"procedure": "information-request", "marks": marks, "to": ["KH", "TH"]}
    kh, th = desk.ask("POST", "/api/v1/preview", token, json=asked).json()["receivers"]
    assert kh["allowed"]
    assert not th["allowed"]
    assert th["rule"]
    assert th["reason"]


def test_registers(desk: Any) -> None:
    token = desk.token(Role.DUTY_OFFICER)
    found = desk.ask("GET", "/api/v1/agreements", token).json()["agreements"]
    mine = next(each for each in found if each["title"] == "Memorandum on stopping fraud")
    assert (mine["state"], mine["parties"], mine["suspended"]) == ("in-force", ["KH", "KR"], [])
    (peer,) = desk.ask("GET", "/api/v1/peers", token).json()["peers"]
    assert (peer["node"], peer["status"]) == ("KH", "active")
    with desk.node.reading() as tx:
        assert peer["backlog"] == tx.outbox.counts()["KH"].open if "KH" in tx.outbox.counts() else peer["backlog"] == 0
    note = desk.ask("GET", "/api/v1/log/checkpoint", token)
    assert note.text.startswith("test.spean/KR/exchange\n")
    assert "x-spean" not in note.headers


def test_alarms_are_acknowledged_by_name(desk: Any) -> None:
    token = desk.token(Role.DUTY_OFFICER)
    with desk.node.writing() as work:
        work.tx.alarms.raise_("clock", "KH", "warning", "the clock of KH is 90 s off ours", work.now)
    (alarm,) = [a for a in desk.ask("GET", "/api/v1/alarms", token).json()["alarms"] if a["kind"] == "clock"]
    done = desk.ask("POST", f"/api/v1/alarms/{alarm['id']}/acknowledge", token)
    assert done.status_code == 200, done.text
    assert alarm["id"] not in {a["id"] for a in desk.ask("GET", "/api/v1/alarms", token).json()["alarms"]}
    seen = next(a for a in desk.ask("GET", "/api/v1/alarms?all=true", token).json()["alarms"] if a["id"] == alarm["id"])
    assert seen["acknowledged_by"] == done.json()["acknowledged_by"]
    assert desk.ask("POST", "/api/v1/alarms/99999/acknowledge", token).status_code == 404


def test_administrators_and_only_they_make_users(desk: Any) -> None:
    officer, admin = desk.token(Role.COMMANDER), desk.token(Role.ADMINISTRATOR)
    body = {"name": "Sok Dara", "unit": "desk", "roles": ["analyst"], "languages": ["km"]}
    refused = desk.ask("POST", "/api/v1/users", officer, json=body)
    assert (refused.status_code, refused.json()["rule"]) == (403, "O1")
    assert desk.ask("GET", "/api/v1/users", officer).status_code == 403
    made = desk.ask("POST", "/api/v1/users", admin, json=body)
    assert made.status_code == 201, made.text
    user = made.json()["id"]
    assert desk.ask("POST", "/api/v1/users", admin, json=body).status_code == 409
    assert "Sok Dara" in {each["name"] for each in desk.ask("GET", "/api/v1/users", admin).json()["users"]}
    assert desk.ask("POST", f"/api/v1/users/{user}/tokens", officer, json={}).status_code == 403
    secret = desk.ask("POST", f"/api/v1/users/{user}/tokens", admin, json={"days": 1}).json()["secret"]
    assert desk.ask("GET", "/api/v1/session", secret).json()["user"]["name"] == "Sok Dara"
    assert desk.ask("POST", f"/api/v1/users/{user}/disable", admin).status_code == 200
    assert desk.ask("GET", "/api/v1/session", secret).status_code == 401


def test_health_says_nothing_else(desk: Any) -> None:
    answer = desk.ask("GET", "/health")
    assert answer.status_code == 200
    assert answer.json().keys() == {"ok", "version"}
    assert answer.json()["ok"] is True
