"""Who may ask: tokens, sessions, other sites' pages, wrong secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from spean.api.openapi import OPEN_TO_ALL
from spean.core.errors import Unauthenticated
from spean.core.roles import Role
from spean.core.world import HOUR, MINUTE
from spean.door.access import MOST_FAILURES, Access, address_of

ORIGIN = {"origin": "http://kr.localhost:8443", "x-spean": "1"}
OWN_PAGE = {**ORIGIN, "sec-fetch-site": "same-origin"}


@pytest.fixture
def fresh(make_desk: Callable[..., Any]) -> Any:
    """A desk of its own: what it remembers about callers matters here."""
    return make_desk()


def link_of(desk: Any, *roles: Role) -> str:
    user = desk.node.people.add(f"Guest {len(desk.node.people.list())}", unit="desk", roles=tuple(map(str, roles)))
    found: str = desk.node.people.token(user, use="link")
    return found


def signed_in(desk: Any, *roles: Role) -> str:
    """A session's cookie, as a header's value."""
    answer = desk.ask("POST", "/api/v1/session", json={"link": link_of(desk, *roles)}, headers=OWN_PAGE)
    assert answer.status_code == 201, answer.text
    desk.client.cookies.clear()
    found: str = answer.headers["set-cookie"].split(";")[0]
    return found


def test_every_route_but_health_and_signing_in_asks_who_it_is(desk: Any) -> None:
    token = desk.token(Role.ANALYST)
    paths = desk.ask("GET", "/api/v1/openapi.json", token).json()["paths"]
    asked = [(path, method) for path, item in paths.items() for method in item if (path, method) not in OPEN_TO_ALL]
    assert len(asked) > 60
    before = desk.written()
    for path, method in asked:
        answer = desk.ask(method, path.replace("{", "").replace("}", ""))
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
    assert desk.written() == before


def test_a_stranger_learns_nothing_from_a_bad_body(desk: Any) -> None:
    answer = desk.ask("POST", "/api/v1/users", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 401


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "Bearer " + "a" * 500, "Bearer é", "abc"])
def test_what_is_no_token_is_nobody(fresh: Any, header: str) -> None:
    answer = fresh.ask("GET", "/api/v1/session", headers={"authorization": header.encode()})
    assert answer.status_code == 401


def test_a_link_serves_once_and_its_session_ends(fresh: Any) -> None:
    link = link_of(fresh, Role.ANALYST)
    answer = fresh.ask("POST", "/api/v1/session", json={"link": link}, headers=OWN_PAGE)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("spean-KR=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    assert fresh.ask("GET", "/api/v1/session").json()["through"] == "session"
    again = fresh.ask("POST", "/api/v1/session", json={"link": link}, headers=OWN_PAGE)
    assert again.status_code == 401
    ended = fresh.ask("DELETE", "/api/v1/session", headers=OWN_PAGE)
    assert ended.status_code == 200
    fresh.client.cookies.clear()
    sent = {"cookie": cookie.split(";")[0]}
    assert fresh.ask("GET", "/api/v1/session", headers=sent).status_code == 401


def test_an_idle_session_ends(fresh: Any) -> None:
    sent = {"cookie": signed_in(fresh, Role.ANALYST)}
    assert fresh.ask("GET", "/api/v1/session", headers=sent).status_code == 200
    fresh.clock.advance(HOUR)
    assert fresh.ask("GET", "/api/v1/session", headers=sent).status_code == 401


def test_with_tls_the_cookie_is_bound_to_this_host(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(tls=True)
    answer = desk.ask("POST", "/api/v1/session", json={"link": link_of(desk, Role.ANALYST)}, headers=OWN_PAGE)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-spean-KR=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-spean": "1"},
        {"origin": "http://kr.localhost:8443"},
        {"x-spean": "0", "origin": "http://kr.localhost:8443"},
        {"x-spean": "1", "origin": "http://kh.localhost:8443"},
        {"x-spean": "1", "origin": "https://kr.localhost:8443"},
        {"x-spean": "1", "origin": "null"},
        {"x-spean": "1", "sec-fetch-site": "cross-site"},
        {"x-spean": "1", "sec-fetch-site": "same-site"},
        {"x-spean": "1", "sec-fetch-site": "none"},
        {"x-spean": "1", "sec-fetch-site": "same-origin", "origin": "http://evil.example"},
    ],
)
def test_another_sites_page_cannot_act_with_our_cookie(fresh: Any, headers: dict[str, str]) -> None:
    sent = {"cookie": signed_in(fresh, Role.ADMINISTRATOR), **headers}
    body = {"name": "Mallory", "unit": "desk", "roles": ["administrator"]}
    answer = fresh.ask("POST", "/api/v1/users", json=body, headers=sent)
    assert (answer.status_code, answer.json()["rule"]) == (403, "O1")
    assert answer.json()["remedy"]
    assert "Mallory" not in {user.name for user in fresh.node.people.list()}
    login = fresh.ask("POST", "/api/v1/session", json={"link": link_of(fresh, Role.ANALYST)}, headers=headers)
    assert login.status_code == 403


@pytest.mark.parametrize("headers", [ORIGIN, OWN_PAGE, {"x-spean": "1", "sec-fetch-site": "same-origin"}])
def test_our_own_page_acts_with_its_cookie(fresh: Any, headers: dict[str, str]) -> None:
    sent = {"cookie": signed_in(fresh, Role.ADMINISTRATOR), **headers}
    assert fresh.ask("PUT", "/api/v1/session/preferences", json={"theme": "night"}, headers=sent).status_code == 200


def test_an_administrators_session_gives_rights_only_after_a_fresh_proof(fresh: Any) -> None:
    sent = {"cookie": signed_in(fresh, Role.ADMINISTRATOR), **OWN_PAGE}
    officer = fresh.node.people.add("Chan Vuthy", unit="desk", roles=("analyst",)).id
    rights = {"unit": "desk", "roles": ["administrator"]}
    for method, path, body in (
        ("POST", "users", {"name": "Mallory", **rights}), ("PUT", f"users/{officer}/rights", rights),
        ("POST", f"users/{officer}/tokens", {}), ("POST", f"users/{officer}/tokens", {"use": "link"}),
    ):  # fmt: skip
        answer = fresh.ask(method, f"/api/v1/{path}", json=body, headers=sent)
        assert (answer.status_code, answer.json()["rule"]) == (403, "proof"), path
    assert fresh.node.people.find(officer).roles == ("analyst",)


def test_nobody_changes_the_own_rights(fresh: Any) -> None:
    admin = fresh.token(Role.ADMINISTRATOR, name="Own Rights")
    me = fresh.node.people.find("Own Rights").id
    both = {"unit": "desk", "roles": ["administrator", "analyst"]}
    assert fresh.ask("PUT", f"/api/v1/users/{me}/rights", admin, json=both).json()["rule"] == "R4"
    assert fresh.ask("POST", f"/api/v1/users/{me}/disable", admin).json()["rule"] == "R4"
    other = fresh.node.people.add("Chan Vuthy", unit="desk", roles=("analyst",)).id
    assert fresh.ask("PUT", f"/api/v1/users/{other}/rights", admin, json=both).json()["roles"] == both["roles"]


def test_a_token_needs_no_page(fresh: Any) -> None:
    body = {"name": "Chan Vuthy", "unit": "desk", "roles": ["analyst"]}
    token = fresh.token(Role.ADMINISTRATOR)
    assert fresh.ask("POST", "/api/v1/users", token, json=body).status_code == 201


def test_wrong_secrets_are_braked_and_right_ones_are_not(fresh: Any) -> None:
    good = fresh.token(Role.ANALYST)
    assert fresh.ask("GET", "/api/v1/session", good).status_code == 200
    codes = [fresh.ask("GET", "/api/v1/session", f"wrong{number}").status_code for number in range(MOST_FAILURES + 2)]
    assert codes == [401] * MOST_FAILURES + [429] * 2
    waiting = fresh.ask("GET", "/api/v1/session", "wrong")
    assert waiting.headers["retry-after"] == "60"
    assert fresh.ask("GET", "/api/v1/session", good).status_code == 200
    link = link_of(fresh, Role.ANALYST)
    assert fresh.ask("POST", "/api/v1/session", json={"link": link}, headers=OWN_PAGE).status_code == 429
    fresh.clock.advance(MINUTE)
    assert fresh.ask("POST", "/api/v1/session", json={"link": link}, headers=OWN_PAGE).status_code == 201


def connection(host: str, secret: str) -> HTTPConnection:
    token = (b"authorization", f"Bearer {secret}".encode())
    scope = {"type": "http", "method": "GET", "client": (host, 1), "headers": [token]}
    return HTTPConnection(scope)


def test_the_brake_is_by_network_and_forgets(fresh: Any) -> None:
    access = Access(fresh.node)
    for number in range(MOST_FAILURES):
        with pytest.raises(Unauthenticated):
            access.caller(connection(f"2001:db8::{number:x}", f"wrong{number}"))
    with pytest.raises(Exception, match="Too many wrong secrets"):
        access.caller(connection("2001:db8::ffff", "wrong"))
    with pytest.raises(Unauthenticated):
        access.caller(connection("2001:db8:0:1::1", "wrong"))
    assert address_of(connection("192.0.2.7", "")) == "192.0.2.7"
