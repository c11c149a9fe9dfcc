"""An act against somebody is shown whole, signed by its officer's own passkey, and loses nothing that was typed (R1)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from spean.core.roles import Role
from spean.core.world import MINUTE
from spean.node.acts.acting import Intent, Marks

AGREEMENT = "KR:agreement:01JNF000000000000000000000"
MARKS = Marks(instrument=AGREEMENT, purpose="warn", data="wallet", subject="suspect")
LIST = {"title": "Wallets named by victims", "source": "Desk of Seoul (played)", "data": "wallet"}
WORDS = {
    "f.reason": "named by three victims, ហាង <b>",
    "f.entries": "0",
    "f.statement": "as victims told",
    "once": "01JNF000000000000000000001",
}


@pytest.fixture
def officer(desk: Any) -> tuple[Any, Any, str]:
    """A browser of an officer with a passkey, her device, and a list that she compiles."""
    browser, device = desk.with_passkey(Role.ANALYST)
    intent = Intent(kind="open", procedure="circular", form=LIST, to=("KH",), marks=MARKS)
    return browser, device, desk.node.acting.act(browser.who(), intent).record


def state(desk: Any, record: str) -> str:
    with desk.node.reading() as tx:
        found: str = tx.records.get(record).state
    return found


def asked(response: Any) -> dict[str, Any]:
    found = re.search(r'data-ask="([^"]*)"', response.text)
    assert found is not None
    made: dict[str, Any] = json.loads(html.unescape(found[1]))
    return made


def fields(response: Any) -> dict[str, str]:
    """The hidden fields of the page, as the browser would send them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', response.text)
    return {name: html.unescape(value) for name, value in found}


def confirmed(response: Any, device: Any) -> dict[str, str]:
    return {**fields(response), "secret.credential": json.dumps(device.get(asked(response)))}


def test_the_page_says_whom_on_what_basis_until_when_and_the_way_back(desk: Any, officer: Any, page: Any) -> None:
    browser, _, record = officer
    shown = browser.post(f"/records/{record}/publish", WORDS)
    assert shown.status_code == 200
    assert state(desk, record) == "compiling", "nothing is done before it is signed"
    said = page(shown)
    for words in ("Whom it affects suspect · wallet", "Memorandum on stopping fraud", "Purpose: warn", "You review it by",
                  "close – The list is no longer kept: the way back from its publication.", "Who receives it KH",
                  "named by three victims, ហាង <b>", "published"):  # fmt: skip
        assert words in said, words
    assert asked(shown)["userVerification"] == "required"
    assert len(asked(shown)["allowCredentials"]) == 1


def test_signed_it_is_done_once_with_the_officers_signature(desk: Any, officer: Any, goes: Any) -> None:
    browser, device, record = officer
    shown = browser.post(f"/records/{record}/publish", WORDS)
    sent = confirmed(shown, device)
    done = goes(browser.post(f"/records/{record}/publish", sent))
    assert done.startswith(f"/records/{record}?done=")
    assert state(desk, record) == "published"
    views = desk.node.reading_desk.record(browser.who(), record, reason="was it signed?").facts
    assert [view.officer is not None for view in views if view.row.kind == "publish"] == [True]
    assert goes(browser.post(f"/records/{record}/publish", sent)) == done, "sent twice, done once"


def test_by_script_the_answer_says_where_to_go(officer: Any) -> None:
    browser, device, record = officer
    shown = browser.post(f"/records/{record}/publish", WORDS, script=True)
    done = browser.post(f"/records/{record}/publish", confirmed(shown, device), script=True)
    assert done.status_code == 204
    assert done.headers["x-spean-go"].startswith(f"/records/{record}?done=")


def test_back_to_the_form_brings_everything_that_was_typed(officer: Any) -> None:
    browser, _, record = officer
    shown = browser.post(f"/records/{record}/publish", WORDS)
    back = browser.post(f"/records/{record}/publish", {**fields(shown), "again": "1"})
    assert "named by three victims, ហាង &lt;b&gt;" in back.text
    assert "as victims told" in back.text
    assert 'name="signed.at"' not in back.text


@pytest.mark.parametrize("what", ["late", "moved", "changed", "other", "unverified", "nonsense"])
def test_a_signature_that_does_not_hold_is_asked_for_again(
    desk: Any, officer: Any, page: Any, goes: Any, what: str
) -> None:
    browser, device, record = officer
    sent = confirmed(browser.post(f"/records/{record}/publish", WORDS), device)
    match what:
        case "late":
            desk.clock.advance(6 * MINUTE)
        case "moved":
            entry = {"kind": "wallet", "value": "TPlayed1", "chain": "tron"}
            desk.node.acting.act(browser.who(), Intent(kind="entry", record=record, form=entry))
        case "changed":
            sent["f.statement"] = "something else altogether"
        case "other":
            _, others = desk.with_passkey(Role.ANALYST)
            sent["secret.credential"] = json.dumps({**others.get({"challenge": asked_of(sent)})})
        case "unverified":
            device.flags = 0x01
            again = browser.post(f"/records/{record}/publish", WORDS)
            sent = confirmed(again, device)
        case "nonsense":
            sent["secret.credential"] = "{"
    before = desk.access("refused")
    again = browser.post(f"/records/{record}/publish", sent)
    assert state(desk, record) == "compiling"
    assert "What you typed is still here" in page(again)
    assert fields(again)["f.reason"] == WORDS["f.reason"]
    assert "secret.credential" not in fields(again) or fields(again)["secret.credential"] == ""
    if what in ("late", "changed", "other", "unverified", "moved"):
        assert desk.access("refused") == before + 1, "an attempt with a wrong signature is written down"
    device.flags = 0x05
    goes(browser.post(f"/records/{record}/publish", confirmed(again, device)))
    assert state(desk, record) == "published"


def asked_of(sent: dict[str, str]) -> str:
    """The challenge that an answer answers."""
    import base64

    data = json.loads(sent["secret.credential"])["response"]["clientDataJSON"]
    found: str = json.loads(base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)))["challenge"]
    return found


def test_without_a_passkey_the_page_says_how_to_get_one(desk: Any, page: Any) -> None:
    browser = desk.signed_in(Role.ANALYST)
    intent = Intent(kind="open", procedure="circular", form=LIST, to=("KH",), marks=MARKS)
    record = desk.node.acting.act(browser.who(), intent).record
    shown = browser.post(f"/records/{record}/publish", WORDS)
    assert "You have no passkey yet" in page(shown)
    assert f'href="/account/passkey?back=/records/{record}/publish"' in unquote(shown.text)
    assert "Sign and do it" not in page(shown)
    assert state(desk, record) == "compiling"


def test_what_is_wrong_with_the_form_comes_before_the_signature(officer: Any, page: Any) -> None:
    browser, _, record = officer
    wrong = browser.post(f"/records/{record}/publish", {**WORDS, "f.reason": ""})
    assert wrong.status_code == 422
    assert "Sign and do it" not in page(wrong)


def test_who_may_not_do_it_is_not_asked_to_sign(desk: Any, officer: Any, page: Any) -> None:
    _, _, record = officer
    other, _ = desk.with_passkey(Role.CONSUL)
    refused = other.post(f"/records/{record}/publish", WORDS)
    assert refused.status_code == 403
    assert "Sign and do it" not in page(refused)


def test_a_session_that_ends_before_signing_keeps_what_was_typed(
    make_desk: Callable[..., Any], page: Any, field: Any
) -> None:
    desk = make_desk()
    browser, device = desk.with_passkey(Role.ANALYST)
    intent = Intent(kind="open", procedure="circular", form=LIST, to=("KH",), marks=MARKS)
    record = desk.node.acting.act(browser.who(), intent).record
    sent = confirmed(browser.post(f"/records/{record}/publish", WORDS), device)
    desk.clock.advance(31 * MINUTE)
    ended = browser.post(f"/records/{record}/publish", sent)
    assert ended.status_code == 401
    assert sent["secret.credential"] not in html.unescape(ended.text)
    back = {"back": field(ended, "back"), "kept": field(ended, "kept")}
    answer = json.dumps(device.get(browser.ask("/api/v1/session/passkey/options")))
    resumed = browser.post("/sign-in/passkey", {**back, "secret.credential": answer})
    shown = browser.post(f"/records/{record}/publish", {**fields(resumed), "again": "1"})
    assert "as victims told" in shown.text
    assert state(desk, record) == "compiling"


def test_a_correction_of_what_acts_against_somebody_is_signed_too(
    desk: Any, officer: Any, goes: Any, page: Any
) -> None:
    """The page of the fact asks for the passkey over the corrected words; without it nothing is corrected."""
    browser, device, record = officer
    published = goes(
        browser.post(f"/records/{record}/publish", confirmed(browser.post(f"/records/{record}/publish", WORDS), device))
    )
    fact = published.split("done=")[1]
    correction = {"reason": "one victim took it back", "f.reason": "named by two victims", "f.entries": "0"}
    shown = browser.post(f"/facts/{fact}/correct", correction)
    assert shown.status_code == 200
    assert "named by two victims" in page(shown)
    with desk.node.reading() as tx:
        assert tx.facts.get(fact).status == "effective", "nothing is done before it is signed"
    goes(browser.post(f"/facts/{fact}/correct", confirmed(shown, device)))
    with desk.node.reading() as tx:
        assert tx.facts.get(fact).status == "corrected"
