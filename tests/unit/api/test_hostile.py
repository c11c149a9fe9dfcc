"""Bodies and paths that nobody sends in good faith: each is refused with words, and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spean.core.roles import Role

OPEN = "/api/v1/records/information-request"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def token(desk: Any) -> str:
    """An officer who may do a lot."""
    found: str = desk.token(Role.INVESTIGATOR, Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR)
    return found


@pytest.fixture(autouse=True)
def _nothing_is_written(desk: Any) -> Iterator[None]:
    before = desk.written()
    yield
    assert desk.written() == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b'{"form": {}, "extra": 1}', 422),
        (b'{"form": {}, "to": "KH"}', 422),
        (b'{"form": {}, "to": ["kh"]}', 422),
        (b'{"form": {"offence": NaN}, "to": ["KH"]}', 422),
        (b'{"form": {"offence": "\\ud800"}, "to": ["KH"]}', 422),
        (b'{"form": {"offence": "\xff"}, "to": ["KH"]}', 422),
        (b'{"form": {}, "marks": {"purpose": "politics"}, "to": ["KH"]}', 422),
        (b'{"form": {}, "marks": {"grade": true}, "to": ["KH"]}', 422),
        (b'{"form": {}, "marks": {"grade": "2"}, "to": ["KH"]}', 422),
        (b'{"form": {}, "marks": {"tlp": "amber"}, "to": ["KH"]}', 422),
        (b'{"form": {}, "marks": {"review": "soon"}, "to": ["KH"]}', 422),
        (b'{"form": {}, "targets": ["abc"], "to": ["KH"]}', 422),
        (b'{"form": {}, "marks": {"basis": "art. 4\\u0000"}, "to": ["KH"]}', 422),
        (b'{"form": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 422),
        (b'{"form": {"number": ' + b"9" * 6000 + b"}}", 422),
        (b'{"form": {"a": "' + b"x" * (1024 * 1024) + b'"}}', 413),
        (b'{"form": {"a": "' + b"x" * (300 * 1024) + b'"}, "to": ["KH"]}', 413),
        (b" " * (1024 * 1024), 422),
    ],
)
def test_a_body_that_is_none(desk: Any, token: str, body: bytes, status: int) -> None:
    answer = desk.ask("POST", OPEN, token, content=body, headers=JSON)
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert said["error"]
    assert said["what"]
    assert said["remedy"]


def test_an_unknown_field_is_named(desk: Any, token: str, opening: dict[str, Any]) -> None:
    answer = desk.ask("POST", OPEN, token, json={**opening, "urgent": True}).json()
    assert (answer["rule"], answer["field"]) == ("R28", "urgent")
    inner = desk.ask("POST", OPEN, token, json={**opening, "form": {**opening["form"], "religion": "x"}}).json()
    assert inner["field"] == "religion"


def test_a_refusal_does_not_repeat_what_was_typed(desk: Any, token: str) -> None:
    body = {"name": "Secret Name", "unit": "desk", "roles": ["emperor of Secret Name"]}
    assert "Secret" not in desk.ask("POST", "/api/v1/users", token, json=body).text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"]
)
def test_another_content_type(desk: Any, token: str, opening: dict[str, Any], kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = desk.ask("POST", OPEN, token, content=json.dumps(opening).encode(), headers=headers)
    assert answer.status_code == 415


def test_a_compressed_body(desk: Any, token: str) -> None:
    answer = desk.ask("POST", OPEN, token, content=b"{}", headers={**JSON, "content-encoding": "gzip"})
    assert answer.status_code == 415


def test_only_batches_may_be_long(desk: Any, token: str) -> None:
    body = b"[" + b'{"kind": "wallet"},' * 100_000 + b"{}]"
    record = "KR:circular:01JNF00000000000000000000Z"
    assert desk.ask("POST", f"/api/v1/records/{record}/entry", token, content=body, headers=JSON).status_code == 413
    many = desk.ask("POST", f"/api/v1/records/{record}/entry/batch", token, content=body, headers=JSON)
    assert many.status_code == 413
    assert "10000" in many.json()["remedy"]
    longer = desk.ask(
        "POST", f"/api/v1/records/{record}/entry/batch", token, content=b" " * (16 << 20) + b"[]", headers=JSON
    )
    assert longer.status_code == 413
    elsewhere = desk.ask("POST", "/exchange/v1/batch", token, content=b" " * (2 << 20), headers=JSON)
    assert elsewhere.status_code in (413, 415)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("PUT", "/api/v1/records", 405),
        ("TRACE", "/api/v1/records", 405),
        ("GET", "/api/v1/records?limit=0", 422),
        ("GET", "/api/v1/records?limit=ten", 422),
        ("GET", "/api/v1/records?colour=red", 422),
        ("GET", "/api/v1/records?after=KR:circular:01JNF00000000000000000000Z", 404),
        ("GET", "/api/v1/records/..%2f..%2fetc%2fpasswd?reason=curious", 404),
        ("GET", "/api/v1/records/KR:nothing:01JNF00000000000000000000Z?reason=curious", 404),
        ("GET", "/api/v1/procedures/nothing", 404),
        ("GET", "/api/v1/procedures/NOTHING", 422),
        ("GET", "/api/v1/facts/abc/holders", 422),
        ("GET", f"/api/v1/facts/{'0' * 64}/holders", 404),
        ("GET", f"/api/v1/facts/{'0' * 64}/evidence?reason=curious", 404),
        ("POST", "/api/v1/records/nothing/note", 404),
        ("POST", "/api/v1/records/KR:circular:01JNF00000000000000000000Z/fly", 404),
        ("POST", "/api/v1/records/KR:circular:01JNF00000000000000000000Z/open", 403),
        ("GET", "/api/v1/agreements/nothing", 404),
        ("GET", "/api/v1/directory?kind=phone&value=hello", 422),
        ("GET", "/api/v1/directory?value=hello", 422),
        ("POST", "/api/v1/users/nobody/tokens", 404),
        ("GET", "/api/v1/records/nothing/readers", 404),
        ("GET", "/api/v1/records/%00/readers", 404),
        ("GET", "/api/v1/records/%00?reason=curious", 404),
        ("GET", "/api/v1/records?after=%00", 422),
        ("POST", "/api/v1/alarms/99999999999999999999999/acknowledge", 422),
        ("POST", "/api/v1/alarms/0/acknowledge", 422),
    ],
)
def test_a_path_that_leads_nowhere(desk: Any, token: str, method: str, path: str, status: int) -> None:
    answer = desk.ask(method, path, token, **({"json": {}} if method == "POST" else {}))
    if path.endswith("/records/nothing/note") or ("circular" in path and method == "POST"):
        answer = desk.ask(method, path, token, json={"form": {}})
    assert answer.status_code == status, answer.text
    said = answer.json()["what"] if path.startswith("/api/") else answer.text  # elsewhere a page answers
    assert said


def test_a_wrong_method_says_which_are_right(desk: Any, token: str) -> None:
    assert desk.ask("DELETE", "/api/v1/peers", token).headers["allow"] == "GET"


def test_every_answer_forbids_caching_framing_and_sniffing(desk: Any, token: str) -> None:
    for path in ("/health", "/api/v1/session", "/nowhere", "/api/v1/procedures/circular/diagram.svg"):
        headers = desk.ask("GET", path, token).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]


def test_what_nobody_foresaw_is_a_bare_500(desk: Any, token: str, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the passport number is K1234567")

    monkeypatch.setattr(desk.node.reading_desk, "alarms", broken)
    answer = desk.ask("GET", "/api/v1/alarms", token)
    assert answer.status_code == 500
    assert answer.json() == {
        "error": "SpeanError", "what": "Something went wrong here", "remedy": "tell the administrator of this node"
    }  # fmt: skip
    assert "RuntimeError at broken" in caplog.text
    assert "K1234567" not in caplog.text


NAMES = st.sampled_from(["form", "to", "marks", "targets", "reason", "x"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@given(value=values, path=st.sampled_from([OPEN, "/api/v1/preview", "/api/v1/users", "/api/v1/session"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_makes_it_stumble(desk: Any, token: str, value: Any, path: str) -> None:
    answer = desk.ask("POST", path, token, content=json.dumps(value).encode(), headers=JSON)
    assert answer.status_code in (403, 422), answer.text
