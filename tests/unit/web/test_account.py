"""One's own account: what changes how one signs in needs a fresh proof; wishes hold from the next page on."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from spean.core.roles import Role
from spean.core.world import MINUTE, SECOND
from spean.web.places.account import zones

PASSWORD = "violet harbour in rain"


@pytest.fixture
def fresh(make_desk: Callable[..., Any]) -> Any:
    return make_desk()


def made(browser: Any, device: Any) -> str:
    return json.dumps(device.create(browser.ask("/api/v1/passkeys/options")))


def proof(browser: Any, device: Any) -> dict[str, str]:
    return {"secret.credential": json.dumps(device.get(browser.ask("/api/v1/session/proof/options")))}


def code(desk: Any, secret: bytes) -> str:
    return TOTP(secret, 6, SHA1(), 30).generate(desk.clock.now() // SECOND).decode()


def test_a_first_passkey_is_registered_from_a_links_session(desk: Any, goes: Any, page: Any) -> None:
    browser, device = desk.signed_in(Role.DUTY_OFFICER), desk.device()
    sent = {"label": "duty  telephone", "secret.credential": made(browser, device), "back": "/"}
    assert goes(browser.post("/account/passkey", sent)) == "/"
    assert "duty telephone" in page(browser.get("/account"))
    stranger = desk.browser()
    answer = json.dumps(device.get(stranger.ask("/api/v1/session/passkey/options")))
    goes(stranger.post("/sign-in/passkey", {"secret.credential": answer}))
    assert stranger.who().id == browser.who().id


@pytest.mark.parametrize("spoil", ["label", "credential", "replay"])
def test_what_is_wrong_with_a_registration_is_said_and_the_label_stays(desk: Any, page: Any, spoil: str) -> None:
    browser, device = desk.signed_in(Role.DUTY_OFFICER), desk.device()
    sent = {"label": "telephone", "secret.credential": made(browser, device)}
    match spoil:
        case "label":
            sent["label"] = "x" * 61
        case "credential":
            sent["secret.credential"] = "{}"
        case "replay":
            other = desk.signed_in(Role.DUTY_OFFICER)
            sent["secret.credential"] = json.dumps(device.create(other.ask("/api/v1/passkeys/options")))
    refused = browser.post("/account/passkey", sent)
    assert refused.status_code == 422
    assert f'value="{sent["label"][:60]}"' in refused.text
    assert desk.node.signing_in.passkeys(browser.who()) == []


def test_a_second_passkey_needs_a_fresh_proof_after_which_it_goes_on(
    fresh: Any, goes: Any, page: Any, field: Any
) -> None:
    browser, device = fresh.with_passkey(Role.DUTY_OFFICER)
    second = made(browser, fresh.device())
    fresh.clock.advance(6 * MINUTE)
    assert browser.ask("/api/v1/passkeys/options")["rule"] == "proof"
    asked = browser.post("/account/passkey", {"label": "key", "secret.credential": second})
    assert asked.status_code == 403
    assert "Prove that it is you" in page(asked)
    old = browser.secret
    back = {"back": field(asked, "back"), "kept": field(asked, "kept")}
    done = browser.post("/account/prove/passkey", {**back, **proof(browser, device)})
    assert done.status_code == 200
    assert "Nothing has been done yet" in page(done)
    assert browser.secret != old, "the session goes on under a new secret"
    assert second not in done.text
    assert len(fresh.node.signing_in.passkeys(browser.who())) == 1


def test_a_wrong_proof_keeps_what_was_begun_and_the_session(desk: Any, goes: Any, page: Any, field: Any) -> None:
    browser, device = desk.with_passkey(Role.DUTY_OFFICER)
    device.flags = 0x01
    wrong = browser.post(
        "/account/prove/passkey", {**proof(browser, device), "back": "/account", "kept": "again=1&a=b"}
    )
    assert wrong.status_code == 403
    assert field(wrong, "kept") == "again=1&a=b"
    device.flags = 0x05
    right = {"back": field(wrong, "back"), "kept": "", **proof(browser, device)}
    assert goes(browser.post("/account/prove/passkey", right)) == "/account"


def test_passkeys_are_forgotten_but_not_the_last_way_in(fresh: Any, goes: Any, page: Any) -> None:
    browser, _ = fresh.with_passkey(Role.DUTY_OFFICER)
    ids = re.findall(r'name="id" value="([^"]+)"', browser.get("/account").text)
    last = browser.post("/account/passkey/drop", {"id": ids[0]})
    assert last.status_code == 403
    assert "it is the last way in" in page(last)
    goes(browser.post("/account/passkey", {"label": "second", "secret.credential": made(browser, fresh.device())}))
    assert goes(browser.post("/account/passkey/drop", {"id": ids[0]})) == "/account?done=dropped"
    assert [each.label for each in fresh.node.signing_in.passkeys(browser.who())] == ["second"]
    assert browser.post("/account/passkey/drop", {"id": "ÿ"}).status_code == 404


def test_password_and_codes_are_set_up_and_sign_in(fresh: Any, goes: Any, page: Any) -> None:
    browser = fresh.signed_in(Role.DUTY_OFFICER, name="Lim Sothea")
    weak = browser.post("/account/password", {"secret.new": "password1234", "secret.repeat": "password1234"})
    assert weak.status_code == 422
    assert "common words" in page(weak)
    unlike = browser.post("/account/password", {"secret.new": PASSWORD, "secret.repeat": PASSWORD + "y"})
    assert "the two are not the same" in page(unlike)
    assert PASSWORD not in weak.text + unlike.text
    goes(browser.post("/account/password", {"secret.new": PASSWORD, "secret.repeat": PASSWORD}))
    assert "A password alone signs nobody in" in page(browser.get("/account"))
    shown = browser.post("/account/code")
    assert 'src="data:image/svg+xml' in shown.text
    secret = base64.b32decode(re.search(r'class="secret">([A-Z2-7 ]+)<', shown.text)[1].replace(" ", ""))  # type: ignore[index]
    assert shown.headers["cache-control"] == "no-store"
    wrong = browser.post("/account/code/confirm", {"secret.code": "000000"})
    assert wrong.status_code == 422
    assert "still waits" in page(wrong)
    assert "data:image" not in wrong.text, "a secret is shown once"
    assert goes(browser.post("/account/code/confirm", {"secret.code": code(fresh, secret)})) == "/account?done=code"
    fresh.clock.advance(MINUTE)
    stranger = fresh.browser()
    typed = {"name": "Lim Sothea", "secret.password": PASSWORD, "secret.code": code(fresh, secret)}
    goes(stranger.post("/sign-in/password", typed))
    fresh.clock.advance(6 * MINUTE)
    proved = {"secret.password": PASSWORD, "secret.code": code(fresh, secret), "back": "/account", "kept": ""}
    assert goes(stranger.post("/account/prove/password", proved)) == "/account"
    assert goes(
        stranger.post("/account/passkey", {"label": "key", "secret.credential": made(stranger, fresh.device())})
    )
    assert goes(stranger.post("/account/password/drop")) == "/account?done=no-password"


def test_a_code_without_a_password_is_refused_with_words(desk: Any, page: Any) -> None:
    browser = desk.signed_in(Role.DUTY_OFFICER)
    refused = browser.post("/account/code")
    assert refused.status_code == 409
    assert "There is no password" in page(refused)


def test_sessions_are_listed_and_the_others_ended(fresh: Any, goes: Any, page: Any) -> None:
    browser, device = fresh.with_passkey(Role.DUTY_OFFICER)
    others = [fresh.browser() for _ in range(3)]
    for each in others:
        answer = json.dumps(device.get(each.ask("/api/v1/session/passkey/options")))
        goes(each.post("/sign-in/passkey", {"secret.credential": answer}))
    shown = browser.get("/account").text
    assert shown.count("this one") == 1
    ids = re.findall(r'action="/account/sessions/end"><input type="hidden" name="id" value="([0-9a-f]+)"', shown)
    assert len(ids) == 3
    goes(browser.post("/account/sessions/end", {"id": ids[0]}))
    assert sum(each.get("/").status_code == 200 for each in others) == 2
    goes(browser.post("/account/sessions/end"))
    assert [each.get("/").status_code for each in others] == [401] * 3
    assert browser.get("/").status_code == 200
    stranger, _ = fresh.with_passkey(Role.DUTY_OFFICER)
    mine = fresh.node.signing_in.sessions(browser.who())[0].id
    assert stranger.post("/account/sessions/end", {"id": mine}).status_code == 404, "only one's own"


def test_wishes_hold_from_the_next_page_on_and_wrong_ones_are_refused(desk: Any, goes: Any, page: Any) -> None:
    browser = desk.signed_in(Role.DUTY_OFFICER)
    wish = {"language": "fr", "time_zone": "Asia/Phnom_Penh", "calendar": "buddhist", "theme": "night"}
    goes(browser.post("/account/preferences", wish))
    shown = browser.get("/account").text
    assert '<html lang="fr" data-theme="night">' in shown
    assert "2569" in shown
    assert 'value="Asia/Phnom_Penh"' in shown
    for name, value in (("time_zone", "Mars/Base"), ("calendar", "mayan"), ("theme", "dusk"), ("language", "xx")):
        assert browser.post("/account/preferences", {**wish, name: value}).status_code == 422
    goes(browser.post("/account/preferences", {"language": "", "time_zone": "", "calendar": "", "theme": ""}))
    assert "data-theme" not in browser.get("/account").text
    assert {"UTC", "Asia/Seoul", "Asia/Bangkok"} <= set(zones())


def test_what_was_written_down_about_oneself_is_shown(fresh: Any, page: Any) -> None:
    browser, device = fresh.with_passkey(Role.DUTY_OFFICER)
    stranger = fresh.browser()
    device.flags = 0x01
    answer = json.dumps(device.get(stranger.ask("/api/v1/session/passkey/options")))
    stranger.post("/sign-in/passkey", {"secret.credential": answer})
    said = page(browser.get("/account"))
    for words in ("a sign-in failed", "a passkey was registered", "proved that it is you"):
        assert words in said, words


def test_an_api_token_changes_nothing_about_signing_in(desk: Any, page: Any) -> None:
    user = desk.user(Role.DUTY_OFFICER)
    token = {"authorization": f"Bearer {desk.node.people.token(user)}"}
    shown = desk.browser().client.get("/account", headers=token)
    assert "nothing about signing in can be changed" in page(shown)
    refused = desk.browser().client.post(
        "/account/password", data={"secret.new": PASSWORD, "secret.repeat": PASSWORD}, headers=token
    )
    assert refused.status_code == 403
