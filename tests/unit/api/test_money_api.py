"""Money over REST: files in, questions, rejected rows; a report followed and sent; who may ask for what."""

from __future__ import annotations

from typing import Any

import pytest

from spean.core.roles import READS, Role
from spean.node.money.importing import ERASERS, LOADERS
from spean.node.money.reporting import REPORTERS

TABLE = (
    b"Date,Time,From account,To account,Amount,Currency,Reference\n"
    b"2026-03-04,01:02:00,HNB/110402,HNB/302918,184000000,KRW,R1\n2026-03-04,01:19:00,HNB/302918,MKBAKHPP/007155,90000000,KRW,R2\n"
    b"2026-03-04,01:20:00,HNB/302918,HNB/555,x,KRW,R3\n"
)
OCTETS = {"content-type": "application/octet-stream"}
LISTED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("GET", "/api/v1/money/imports", {}),
    ("GET", "/api/v1/money/imports/01JNF000000000000000000000", {}),
)
ERASED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("GET", "/api/v1/money/imports/01JNF000000000000000000000/erasure", {}),
    ("POST", "/api/v1/money/imports/01JNF000000000000000000000/erase", {"json": {"reason": "asked for"}}),
)
ASKED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("GET", "/api/v1/money/imports/01JNF000000000000000000000/rows", {}),
    ("GET", "/api/v1/money/imports/01JNF000000000000000000000/recognised", {}),
    ("POST", "/api/v1/money/imports/file?name=a.csv", {"content": b"a", "headers": OCTETS}),
    ("POST", "/api/v1/money/imports/01JNF000000000000000000000/confirm", {"json": {"answers": {}}}),
    ("POST", "/api/v1/money/conversions", {"json": {
        "paid": {"account": "HNB/1", "amount": 5, "currency": "USD"}, "received": {"account": "HNB/2", "amount": 5, "currency": "USD"},
        "at": "2026-03-04T01:00:00Z", "reason": "the book"}}),
)  # fmt: skip
KNOWN = "0" * 64
NAMED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("GET", f"/api/v1/bank/evidence/{KNOWN}", {}),
    ("GET", "/api/v1/money/imports/01JNF000000000000000000000/named?reason=my+file", {}),
    (
        "POST",
        "/api/v1/money/cases/KR:fraud-report:01JNF000000000000000000000/goaml?reason=our+unit",
        {"json": {"rates": "USD=1.2"}},
    ),
)
"""What is not there is said to who may ask, and a bank's desk is told of nothing but its own."""
FOLLOWED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("GET", "/api/v1/money/board", {}),
    ("GET", "/api/v1/bank/orders", {}),
    ("GET", "/api/v1/bank/inquiries", {}),
)


@pytest.fixture(scope="module")
def analyst(desk: Any) -> str:
    return str(desk.token(Role.FINANCIAL_ANALYST, Role.DUTY_OFFICER))


@pytest.fixture(scope="module")
def imported(desk: Any, analyst: str) -> dict[str, Any]:
    """A file that was asked about, confirmed and read."""
    answer = desk.ask(
        "POST", "/api/v1/money/imports/file?name=k.csv&keeper=HNB&grade=1", analyst, content=TABLE, headers=OCTETS
    )
    assert answer.status_code == 201, answer.text
    state = answer.json()
    assert state["state"] == "asking"
    seen = desk.ask("GET", f"/api/v1/money/imports/{state['id']}/recognised?reason=my+file", analyst).json()
    assert seen["mapping"]["style"] == "two-parties"
    desk.ask("POST", f"/api/v1/money/imports/{state['id']}/confirm", analyst, json={"answers": {}})
    desk.node.money.importing.turn.acquire()  # the reader has done its file when it gives its turn back
    desk.node.money.importing.turn.release()
    for _ in range(2000):
        state = desk.ask("GET", f"/api/v1/money/imports/{state['id']}", analyst).json()
        if state["state"] != "reading":
            break
    return dict(state)


def test_a_file_goes_in_and_its_bad_rows_are_told(desk: Any, analyst: str, imported: dict[str, Any]) -> None:
    assert (imported["state"], imported["taken"], imported["rejected"], imported["grade"]) == ("done", 2, 1, 1)
    rows = desk.ask("GET", f"/api/v1/money/imports/{imported['id']}/rows?reason=my+file", analyst).json()
    assert [(row["line"], row["field"]) for row in rows] == [(4, "amount")]
    assert imported["id"] in {each["id"] for each in desk.ask("GET", "/api/v1/money/imports", analyst).json()}


def test_a_report_is_followed_and_sent(desk: Any, analyst: str, imported: dict[str, Any]) -> None:
    now = desk.clock.now()
    paid = {"transferred_at": now, "amount": 184_000_000, "currency": "KRW", "digits": 0, "sender_account": "HNB/110402",
            "account": "HNB/302918", "payment": ""}  # fmt: skip
    paid["transferred_at"] = 1_772_586_120_000
    form = {
        "victim": "V-KR-1",
        "reported_at": now,
        "payments": [paid],
        "contact_name": "Desk",
        "contact_phone": "+82 2 1394",
    }
    marks = {"purpose": "stop-fraud", "data": "account", "subject": "victim"}
    opened = desk.ask("POST", "/api/v1/records/fraud-report", analyst, json={"form": form, "marks": marks})
    assert opened.status_code == 201, opened.text
    case = opened.json()["record"]
    assert desk.ask("POST", f"/api/v1/money/cases/{case}/trace", analyst, json={}).status_code == 409
    assert desk.ask("POST", f"/api/v1/records/{case}/validate", analyst, json={"form": {}}).status_code == 201
    traced = desk.ask("POST", f"/api/v1/money/cases/{case}/trace", analyst, json={"claim": "fifo"})
    assert traced.status_code == 200, traced.text
    assert desk.ask("GET", f"/api/v1/money/cases/{case}", analyst).status_code == 422
    sheet = desk.ask("GET", f"/api/v1/money/cases/{case}?reason=the+case", analyst).json()
    assert {place["account"]: place["located"][0]["amount"] for place in sheet["places"]} == {
        "HNB/302918": 94_000_000, "MKBAKHPP/007155": 90_000_000
    }  # fmt: skip
    assert sheet["traced_at"].endswith("Z")
    board = desk.ask("GET", "/api/v1/money/board", analyst).json()
    assert {(hop["account"], hop["state"]) for hop in board if hop["case"] == case} == {
        ("MKBAKHPP/…7155", "to-send"), ("HNB/…2918", "to-send")
    }  # fmt: skip
    place = {"places": [{"node": "KH", "account": "HNB/302918"}]}
    assert desk.ask("POST", f"/api/v1/money/cases/{case}/send", analyst, json=place).status_code == 422


def _may(role: Role, paths: tuple[Any, ...]) -> bool:
    if paths is LISTED or paths is ERASED:
        return role in ERASERS or (paths is LISTED and role in LOADERS)
    return role in LOADERS if paths is ASKED else "stop-fraud" in {str(each) for each in READS[role].purposes}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("paths", [LISTED, ASKED, ERASED, FOLLOWED], ids=["list", "files", "erasures", "cases"])
def test_role_against_route(desk: Any, role: Role, paths: tuple[tuple[str, str, dict[str, Any]], ...]) -> None:
    token = desk.token(role)
    for method, path, more in paths:
        answer = desk.ask(method, path, token, **more)
        if role is Role.BANK_DESK and path.startswith("/api/v1/bank"):
            assert answer.json() == []
        elif _may(role, paths):
            assert answer.status_code in (200, 201, 404, 409, 422), (role, path, answer.text)
        else:
            assert (answer.status_code, answer.json()["rule"]) == (403, "O1"), (role, path, answer.text)


@pytest.mark.parametrize("role", list(Role))
def test_what_is_not_there_is_told_to_who_may_ask(desk: Any, role: Role) -> None:
    token = desk.token(role)
    for (method, path, more), may in zip(
        NAMED, (bool(READS[role].purposes), role in LOADERS, role in REPORTERS), strict=True
    ):
        answer = desk.ask(method, path, token, **more)
        assert answer.status_code == (404 if may else 403), (role, path, answer.text)
        assert may or answer.json()["rule"] == "O1"


def test_a_stranger_gets_nowhere_and_a_wrong_type_is_refused(desk: Any, analyst: str) -> None:
    for method, path, more in (*ASKED, *FOLLOWED, *NAMED):
        assert desk.ask(method, path, **more).status_code == 401, path
    wrong = {"content": b"{}", "headers": {"content-type": "application/json"}}
    assert desk.ask("POST", "/api/v1/money/imports/file?name=a", analyst, **wrong).status_code == 415


def test_only_orders_are_acted_on_through_the_banks_door(desk: Any, analyst: str) -> None:
    answer = desk.ask(
        "POST", "/api/v1/bank/orders/KR:circular:01JNF000000000000000000000/close", analyst, json={"form": {}}
    )
    assert answer.status_code == 404


def test_what_a_file_said_is_erased_for_a_reason(desk: Any, analyst: str) -> None:
    table = TABLE.replace(b"110402", b"660402") if isinstance(TABLE, bytes) else TABLE.replace("110402", "660402")
    given = desk.ask(
        "POST", "/api/v1/money/imports/file?name=gone.csv&keeper=HNB", analyst, content=table, headers=OCTETS
    ).json()
    where = f"/api/v1/money/imports/{given['id']}"
    if given["state"] == "asking":
        desk.ask("POST", f"{where}/confirm", analyst, json={"answers": {}})
    with desk.node.money.importing.turn:
        pass
    told = desk.ask("GET", f"{where}/erasure", analyst).json()
    assert (told["file"]["id"], told["currencies"]) == (given["id"], ["KRW"])
    assert told["payments"] > 0
    assert desk.ask("POST", f"{where}/erase", analyst, json={}).status_code == 422
    assert desk.ask("POST", f"{where}/erase", analyst, json={"reason": "the bank took it back"}).json()["state"] in (
        "erasing",
        "erased",
    )
    for _ in range(2000):
        with desk.node.money.importing.turn:
            state = desk.ask("GET", where, analyst).json()
        if state["state"] == "erased":
            break
    assert (state["state"], state["name"]) == ("erased", "")
    assert desk.ask("POST", f"{where}/erase", analyst, json={"reason": "once more"}).status_code == 404
    assert desk.ask("GET", f"{where}/rows", analyst).status_code == 422, "a read says why"
