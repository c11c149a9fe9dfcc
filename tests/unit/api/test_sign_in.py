"""Signing in over HTTP: the routes, their cookies, and who may ask them from where."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from spean.core.roles import Role
from spean.core.world import MINUTE, SECOND, SeededEntropy
from spean.demo.passkey import SoftPasskey

ORIGIN = "http://kr.localhost:8443"
OWN_PAGE = {"origin": ORIGIN, "x-spean": "1", "sec-fetch-site": "same-origin"}
PASSWORD = "violet harbour in rain"


class Browser:
    """One browser with its cookies and its authenticator, on our own page."""

    def __init__(self, desk: Any, seed: int) -> None:
        self.desk = desk
        self.passkey = SoftPasskey("kr.localhost", ORIGIN, SeededEntropy(seed))
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """One request as our own page sends it."""
        self.desk.client.cookies.clear()
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**OWN_PAGE, **({"cookie": said} if said else {}), **more.pop("headers", {})}
        answer = self.desk.ask(method, f"/api/v1{path}", headers=headers, **more)
        self.cookies.update(answer.cookies)
        return answer

    def ok(self, method: str, path: str, **more: Any) -> Any:
        answer = self.ask(method, path, **more)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def enter_by_link(self, *roles: Role) -> str:
        """A new user with these roles comes in by link; the user's id."""
        people = self.desk.node.people
        user = people.add(f"Guest {len(people.list())}", unit="desk", roles=tuple(map(str, roles or (Role.ANALYST,))))
        self.ok("POST", "/session", json={"link": people.token(user, use="link")})
        found: str = user.id
        return found

    def register(self, label: str = "key") -> Any:
        made = self.passkey.create(self.ok("POST", "/passkeys/options"))
        return self.ok("POST", "/passkeys", json={"credential": made, "label": label})

    def enter(self) -> Any:
        self.cookies = {name: value for name, value in self.cookies.items() if name.endswith("-device")}
        options = self.ok("POST", "/session/passkey/options")
        return self.ok("POST", "/session/passkey", json={"credential": self.passkey.get(options)})


@pytest.fixture
def fresh(make_desk: Callable[..., Any]) -> Any:
    """A desk of its own."""
    return make_desk()


def test_from_link_to_passkey_to_session(fresh: Any) -> None:
    browser = Browser(fresh, 1)
    user = browser.enter_by_link()
    assert browser.ok("GET", "/session")["method"] == "link"
    key = browser.register("blue key")
    assert browser.ok("GET", "/passkeys")["passkeys"] == [key]
    me = browser.enter()
    assert (me["user"]["id"], me["method"], me["needs_proof"]) == (user, "passkey", False)
    assert set(browser.cookies) == {"spean-KR", "spean-KR-device"}
    assert browser.ok("GET", "/account/history")["history"][0]["act"] == "sign-in"


def test_cookies_are_strict_and_sign_in_sets_the_devices_mark(fresh: Any) -> None:
    browser = Browser(fresh, 2)
    browser.enter_by_link()
    browser.register()
    options = browser.ok("POST", "/session/passkey/options")
    answer = browser.ask("POST", "/session/passkey", json={"credential": browser.passkey.get(options)})
    for cookie in answer.headers.get_list("set-cookie"):
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert answer.json().keys() & {"secret", "link", "token"} == set()


@pytest.mark.parametrize("path", ["/session/passkey/options", "/session/passkey", "/session/password"])
@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"x-spean": "0"}, {"sec-fetch-site": "same-site"}],
)  # fmt: skip
def test_another_sites_page_signs_nobody_in(desk: Any, path: str, headers: dict[str, str]) -> None:
    body = {"/session/passkey": {"credential": {}}, "/session/password": {"name": "a", "password": "b", "code": "c"}}
    answer = Browser(desk, 3).ask("POST", path, headers=headers, json=body.get(path))
    assert (answer.status_code, answer.json()["rule"]) == (403, "O1")


def test_a_proof_changes_the_sessions_secret(fresh: Any) -> None:
    browser = Browser(fresh, 4)
    browser.enter_by_link()
    browser.register()
    browser.enter()
    fresh.clock.advance(6 * MINUTE)
    before = dict(browser.cookies)
    assert browser.ok("GET", "/session")["needs_proof"]
    refused = browser.ask("POST", "/passkeys/options")
    assert (refused.status_code, refused.json()["rule"]) == (403, "proof")
    options = browser.ok("POST", "/session/proof/options")
    assert len(options["allowCredentials"]) == 1
    assert not browser.ok("POST", "/session/proof", json={"credential": browser.passkey.get(options)})["needs_proof"]
    assert browser.cookies["spean-KR"] != before["spean-KR"]
    assert browser.ok("POST", "/passkeys/options")["excludeCredentials"]
    browser.cookies = before
    assert browser.ask("GET", "/session").status_code == 401


def test_password_and_codes(fresh: Any) -> None:
    browser = Browser(fresh, 5)
    user = browser.enter_by_link()
    weak = browser.ask("PUT", "/password", json={"new": "password12345"})
    assert (weak.status_code, weak.json()["field"]) == (422, "password")
    assert "password12345" not in weak.text
    browser.ok("PUT", "/password", json={"new": PASSWORD})
    begun = browser.ok("POST", "/password/code")
    assert begun["uri"].startswith("otpauth://totp/")
    totp = TOTP(base64.b32decode(begun["secret"]), 6, SHA1(), 30)

    def code() -> str:
        return totp.generate(fresh.clock.now() // SECOND).decode()

    browser.ok("POST", "/password/code/confirm", json={"code": code()})
    fresh.clock.advance(MINUTE)
    browser.cookies = {}
    wrong = browser.ask("POST", "/session/password", json={"name": user, "password": "x", "code": code()})
    unknown = browser.ask("POST", "/session/password", json={"name": "Nobody", "password": "x", "code": code()})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    me = browser.ok("POST", "/session/password", json={"name": user, "password": PASSWORD, "code": code()})
    assert me["method"] == "password"
    fresh.clock.advance(6 * MINUTE)
    browser.ok("POST", "/session/proof", json={"password": PASSWORD, "code": code()})
    last = browser.ask("DELETE", "/password")
    assert (last.status_code, last.json()["rule"]) == (403, "R4")


def test_sessions_are_ended_by_their_owner(fresh: Any) -> None:
    browser, other = Browser(fresh, 6), Browser(fresh, 7)
    browser.enter_by_link()
    browser.register()
    browser.enter()
    other.enter_by_link()
    theirs = other.ok("GET", "/sessions")["sessions"][0]["id"]
    assert browser.ask("DELETE", f"/sessions/{theirs}").status_code == 404
    listed = browser.ok("GET", "/sessions")["sessions"]
    assert sorted(each["method"] for each in listed) == ["link", "passkey"]
    assert browser.ok("DELETE", "/sessions") == {"ended": 1}
    mine = next(each["id"] for each in listed if each["this"])
    browser.ok("DELETE", f"/sessions/{mine}")
    assert browser.ask("GET", "/session").status_code == 401


def test_a_lost_passkey_is_recovered_by_two_people(fresh: Any) -> None:
    officer, admin, auditor = (Browser(fresh, seed) for seed in (8, 9, 10))
    user = officer.enter_by_link()
    admin.enter_by_link(Role.ADMINISTRATOR)
    auditor.enter_by_link(Role.AUDITOR)
    for browser in (officer, admin, auditor):
        browser.register()
        browser.enter()
    alone = admin.ask("POST", f"/users/{user}/tokens", json={"use": "link"})
    assert (alone.status_code, alone.json()["rule"]) == (403, "R4")
    row = admin.ok("POST", "/recoveries", json={"user": user, "reason": "Came to the desk with her card"})
    assert admin.ask("POST", f"/recoveries/{row['id']}/approve").status_code == 403
    link = auditor.ok("POST", f"/recoveries/{row['id']}/approve")["link"]
    assert officer.ask("GET", "/recoveries").status_code == 403
    again = Browser(fresh, 11)
    assert again.ok("POST", "/session", json={"link": link})["method"] == "recovery"
    assert officer.ask("GET", "/session").status_code == 401
    again.register("new key")
    assert again.enter()["user"]["id"] == user
    (done,) = admin.ok("GET", "/recoveries")["recoveries"]
    assert done["spent_at"]


def test_an_administrator_sees_who_holds_what(fresh: Any) -> None:
    admin = Browser(fresh, 12)
    user = admin.enter_by_link(Role.ADMINISTRATOR)
    admin.register()
    rows = {row["id"]: row for row in admin.ok("GET", "/users")["users"]}
    assert (rows[user]["passkeys"], rows[user]["password"]) == (1, False)


def test_wishes_for_the_pages(desk: Any) -> None:
    token = desk.token(Role.ANALYST)
    wishes = {"language": "fr", "time_zone": "Asia/Vientiane", "calendar": "buddhist", "theme": "night"}
    assert desk.ask("PUT", "/api/v1/session/preferences", token, json=wishes).json() == wishes
    assert desk.ask("GET", "/api/v1/session", token).json()["preferences"] == wishes
    wrong = desk.ask("PUT", "/api/v1/session/preferences", token, json={"time_zone": "Nowhere/Land"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "time_zone")


def test_a_token_registers_nothing(desk: Any) -> None:
    token = desk.token(Role.ANALYST)
    for method, path, body in (
        ("POST", "/passkeys/options", None),
        ("PUT", "/password", {"new": PASSWORD}),
        ("POST", "/password/code", None),
        ("DELETE", "/password", None),
    ):
        answer = desk.ask(method, f"/api/v1{path}", token, json=body)
        assert (answer.status_code, answer.json()["rule"]) == (403, "O1"), path
