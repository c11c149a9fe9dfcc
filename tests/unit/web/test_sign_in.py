"""Coming in by the pages: passkey, password and code, link; nothing typed is lost, and nothing secret is carried along."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from spean.core.roles import Role
from spean.core.world import MINUTE, SECOND

PASSWORD = "violet harbour in rain"


@pytest.fixture
def fresh(make_desk: Callable[..., Any]) -> Any:
    """A desk of its own: what it remembers about attempts matters here."""
    return make_desk()


def code(desk: Any, secret: bytes) -> str:
    return TOTP(secret, 6, SHA1(), 30).generate(desk.clock.now() // SECOND).decode()


def with_code(desk: Any, name: str) -> bytes:
    """A person with password and confirmed codes; the codes' secret."""
    browser = desk.signed_in(Role.DUTY_OFFICER, name=name)
    signing_in = desk.node.signing_in
    signing_in.set_password(browser.who(), PASSWORD)
    secret = base64.b32decode(signing_in.begin_code(browser.who()).secret)
    signing_in.confirm_code(browser.who(), code(desk, secret))
    desk.clock.advance(MINUTE)
    return secret


def answer(browser: Any, device: Any, options: str = "/api/v1/session/passkey/options") -> str:
    return json.dumps(device.get(browser.ask(options)))


def test_a_passkey_signs_in_without_a_name_and_goes_where_one_wanted(desk: Any, goes: Any) -> None:
    _, device = desk.with_passkey(Role.DUTY_OFFICER)
    stranger = desk.browser()
    shown = stranger.get("/account")
    assert shown.status_code == 401
    assert 'value="/account"' in shown.text
    entered = stranger.post("/sign-in/passkey", {"secret.credential": answer(stranger, device), "back": "/account"})
    assert goes(entered) == "/account"
    assert stranger.get("/account").status_code == 200
    cookie = next(each for each in entered.headers.get_list("set-cookie") if each.startswith("spean-KR="))
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert any("spean-KR-device=" in each for each in entered.headers.get_list("set-cookie"))


def test_a_device_that_did_not_verify_the_person_is_refused_and_the_ways_stay(desk: Any, page: Any) -> None:
    _, device = desk.with_passkey(Role.DUTY_OFFICER)
    device.flags = 0x01
    stranger = desk.browser()
    refused = stranger.post("/sign-in/passkey", {"secret.credential": answer(stranger, device), "back": "/log"})
    assert refused.status_code == 401
    assert "The passkey was not accepted" in page(refused)
    assert 'value="/log"' in refused.text
    assert "spean-KR" not in stranger.client.cookies


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"x"', "{}", "[" * 30_000])
def test_what_is_no_answer_of_a_passkey_is_refused(desk: Any, page: Any, text: str) -> None:
    refused = desk.browser().post("/sign-in/passkey", {"secret.credential": text})
    assert refused.status_code == 401
    assert "The passkey was not accepted" in page(refused)


def test_name_password_and_code_sign_in_without_a_script(fresh: Any, goes: Any) -> None:
    secret = with_code(fresh, "Chea Dara")
    stranger = fresh.browser()
    typed = {"name": "chea dara", "secret.password": PASSWORD, "secret.code": code(fresh, secret)}
    assert goes(stranger.post("/sign-in/password", {**typed, "back": "/account"})) == "/account"
    assert stranger.who().method == "password"


def test_every_wrong_part_says_the_same_and_repeats_no_secret(fresh: Any, page: Any) -> None:
    secret = with_code(fresh, "Chea Dara")
    right = {
        "name": "Chea Dara",
        "secret.password": PASSWORD,
        "secret.code": code(fresh, secret),
        "back": "/",
        "kept": "",
    }
    said = set()
    for part, value in (
        ("name", "Nobody Here"),
        ("secret.password", "another harbour in rain"),
        ("secret.code", "000000"),
    ):
        refused = fresh.browser().post("/sign-in/password", {**right, part: value})
        assert refused.status_code == 401
        assert PASSWORD not in refused.text
        assert "another harbour" not in refused.text
        assert f'value="{"Nobody Here" if part == "name" else "Chea Dara"}"' in refused.text
        said.add(page(refused))
    assert len(said) == 1


def test_a_stranger_who_guesses_must_wait_and_a_known_device_need_not(fresh: Any, page: Any, goes: Any) -> None:
    secret = with_code(fresh, "Chea Dara")
    officer = fresh.browser()
    typed = {"name": "Chea Dara", "secret.password": PASSWORD, "secret.code": code(fresh, secret)}
    goes(officer.post("/sign-in/password", typed))
    officer.post("/sign-out")
    stranger = fresh.browser()
    answers = [
        stranger.post("/sign-in/password", {**typed, "secret.password": f"a guess number {n}"}) for n in range(11)
    ]
    assert [each.status_code for each in answers] == [401] * 10 + [429]
    assert "Too many attempts" in page(answers[-1])
    fresh.clock.advance(MINUTE)
    typed["secret.code"] = code(fresh, secret)
    assert stranger.post("/sign-in/password", typed).status_code == 429
    goes(officer.post("/sign-in/password", typed))


def test_a_first_sign_in_by_link_asks_for_a_passkey_which_can_be_put_off(desk: Any, goes: Any, page: Any) -> None:
    user = desk.user(Role.DUTY_OFFICER)
    link = desk.node.people.token(user, use="link")
    browser = desk.browser()
    opened = browser.get(f"/sign-in/link/{link}")
    assert opened.status_code == 200
    assert "spean-KR" not in browser.client.cookies, "opening a link spends nothing"
    assert goes(browser.post("/sign-in/link", {"secret.link": link, "back": "/"})) == "/account/passkey?back=/"
    asked = browser.get("/account/passkey?back=/")
    assert "Later" in page(asked)
    assert browser.get("/").status_code == 200
    again = desk.browser().post("/sign-in/link", {"secret.link": link, "back": "/"})
    assert again.status_code == 401
    assert link not in again.text


@pytest.mark.parametrize("way", ["passkey", "password", "link"])
def test_what_was_typed_when_the_session_ended_comes_back_whichever_way_one_signs_in(
    fresh: Any, goes: Any, page: Any, field: Any, way: str
) -> None:
    if way == "password":
        secret = with_code(fresh, "Chea Dara")
        user = next(each for each in fresh.node.people.list() if each.name == "Chea Dara")
        browser, device = fresh.browser(), None
        typed_in = {"name": "Chea Dara", "secret.password": PASSWORD}
        goes(browser.post("/sign-in/password", {**typed_in, "secret.code": code(fresh, secret)}))
    else:
        browser, device = fresh.with_passkey(Role.INVESTIGATOR)
        user = browser.who().user
    fresh.clock.advance(31 * MINUTE)
    words = {
        "f.offence": "fraud",
        "f.facts": "ហាងទូរស័ព្ទ <b>&",
        "once": "01JNF000000000000000000009",
        "secret.note": "never",
    }
    ended = browser.post("/new/information-request", words)
    assert ended.status_code == 401
    assert "What you typed is kept on this page" in page(ended)
    carried = {"back": field(ended, "back"), "kept": field(ended, "kept")}
    assert "never" not in carried["kept"], "a secret is not carried along"
    if way == "passkey":
        done = browser.post("/sign-in/passkey", {**carried, "secret.credential": answer(browser, device)})
    elif way == "password":
        wrong = browser.post("/sign-in/password", {**carried, **typed_in, "secret.code": "000000"})
        carried = {"back": field(wrong, "back"), "kept": field(wrong, "kept")}
        done = browser.post("/sign-in/password", {**carried, **typed_in, "secret.code": code(fresh, secret)})
    else:
        with fresh.node.store.write() as tx:
            tx.sign_in.drop_passkeys(user.id)
        done = browser.post("/sign-in/link", {**carried, "secret.link": fresh.node.people.token(user, use="link")})
    assert done.status_code == 200
    assert "You are signed in again" in page(done)
    assert 'action="/new/information-request"' in done.text
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', done.text))
    assert form["f.facts"] == "ហាងទូរស័ព្ទ &lt;b&gt;&amp;"
    shown = browser.post("/new/information-request", {**words, "again": "1"})
    assert "ហាងទូរស័ព្ទ" in shown.text


def test_passwords_and_codes_are_never_carried_through_an_ended_session(fresh: Any, field: Any) -> None:
    browser = fresh.signed_in(Role.DUTY_OFFICER)
    fresh.clock.advance(31 * MINUTE)
    ended = browser.post("/account/password", {"secret.new": PASSWORD, "secret.repeat": PASSWORD, "name": "Officer"})
    assert ended.status_code == 401
    assert PASSWORD not in ended.text
    assert dict(parse_qsl(field(ended, "kept"))) == {"again": "1", "name": "Officer"}


def test_signing_out_ends_the_session_at_the_node_and_works_when_it_has_ended_already(fresh: Any, goes: Any) -> None:
    browser = fresh.signed_in(Role.DUTY_OFFICER)
    secret = browser.secret
    assert goes(browser.post("/sign-out")) == "/sign-in"
    assert browser.secret == ""
    assert browser.get("/").status_code == 401
    browser.client.cookies.set("spean-KR", secret, domain="kr.localhost")
    assert browser.get("/").status_code == 401
    assert goes(browser.post("/sign-out")) == "/sign-in"


def test_signing_in_again_ends_the_session_before(fresh: Any, goes: Any) -> None:
    browser, device = fresh.with_passkey(Role.DUTY_OFFICER)
    before = browser.secret
    goes(browser.post("/sign-in/passkey", {"secret.credential": answer(browser, device)}))
    assert browser.secret != before
    browser.client.cookies.clear()
    browser.client.cookies.set("spean-KR", before, domain="kr.localhost")
    assert browser.get("/").status_code == 401


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:1"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(desk: Any, goes: Any, back: str) -> None:
    _, device = desk.with_passkey(Role.DUTY_OFFICER)
    browser = desk.browser()
    assert goes(browser.post("/sign-in/passkey", {"secret.credential": answer(browser, device), "back": back})) == "/"


def test_another_sites_form_signs_nobody_in(desk: Any) -> None:
    _, device = desk.with_passkey(Role.DUTY_OFFICER)
    browser = desk.browser()
    typed = {"secret.credential": answer(browser, device)}
    refused = browser.client.post("/sign-in/passkey", data=typed, headers={"origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    assert "spean-KR" not in browser.client.cookies
