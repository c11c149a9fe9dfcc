"""Passkeys in a real browser with its virtual authenticator: registering, signing in without a name, signing what acts against somebody."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from browser.furnished import LIST, Furnished
from browser.served import DESK
from browser.visitor import Visitor
from spean.node.acts.acting import Intent
from spean.store.rows import UserRow

pytestmark = pytest.mark.browser
_numbers = itertools.count(1)
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


class Device:
    """A virtual authenticator of one page."""

    def __init__(self, page: Page) -> None:
        self._line: CDPSession = page.context.new_cdp_session(page)
        self._line.send("WebAuthn.enable")
        self._id = self._line.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def verifies(self, yes: bool) -> None:
        """Whether it recognises the person from now on (finger, face, PIN)."""
        self._line.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": yes})

    def passkeys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._line.send("WebAuthn.getCredentials", {"authenticatorId": self._id})[
            "credentials"
        ]
        return found


@pytest.fixture
def person(world: Furnished) -> UserRow:
    """A new officer of KR without any authenticator."""
    return world.kr.node.people.add(f"Officer with a key {next(_numbers)}", unit="desk", roles=tuple(map(str, DESK)))


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """A stranger's page at KR."""
    return visitor.page("", service_workers="block")


def registered(page: Page, world: Furnished, person: UserRow) -> Device:
    """Come in by a link, register a passkey on the page that asks for it, say for what one reads."""
    device = Device(page)
    page.goto(f"{world.kr.url}/sign-in/link/{world.kr.node.people.token(person, use='link')}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/account/passkey?back=**")
    page.get_by_label("What you call this device").fill("virtual device")
    page.get_by_role("button", name="Register a passkey").click()
    page.wait_for_url(f"{world.kr.url}/")
    page.get_by_label("Case or task").fill("Night shift")
    page.get_by_role("button", name="Read for this").click()
    expect(page.locator(".task summary")).to_contain_text("Night shift")
    return device


def signed_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")


def test_registered_then_in_without_a_name(page: Page, world: Furnished, person: UserRow) -> None:
    device = registered(page, world, person)
    assert [each["rpId"] for each in device.passkeys()] == ["kr.localhost"]
    assert device.passkeys()[0]["isResidentCredential"]
    signed_out(page)
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{world.kr.url}/")
    expect(page.locator(".me b")).to_have_text(person.name)
    page.goto(f"{world.kr.url}/account")
    expect(page.get_by_role("row", name="virtual device")).to_be_visible()
    expect(page.get_by_role("row", name="this one").get_by_text("passkey", exact=True)).to_be_visible()


def test_who_is_not_recognised_does_not_get_in_and_is_told(page: Page, world: Furnished, person: UserRow) -> None:
    device = registered(page, world, person)
    signed_out(page)
    device.verifies(False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert").filter(has_text="could not verify you")).to_be_visible()
    device.verifies(True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{world.kr.url}/")


def compiled(world: Furnished) -> str:
    """A list of KR that waits to be published."""
    who = world.kr.who()
    intent = Intent(kind="open", procedure="circular", form=LIST, to=("KH",), marks=world.marks)
    return world.kr.node.acting.act(who, intent).record


def filled(page: Page, world: Furnished, record: str) -> None:
    page.goto(f"{world.kr.url}/records/{record}/publish")
    page.get_by_label("Reason").fill("named by three victims")
    page.get_by_label("Entries").fill("0")
    page.get_by_label("Statement").fill("as victims told, ហាងទូរស័ព្ទ")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="This acts against somebody")).to_be_visible()


def test_what_acts_against_somebody_is_signed_and_reaches_the_partner(
    page: Page, world: Furnished, person: UserRow
) -> None:
    registered(page, world, person)
    record = compiled(world)
    filled(page, world, record)
    assert world.kr.state(record) == "compiling"
    expect(page.locator("main")).to_contain_text("Whom it affects")
    expect(page.locator("main")).to_contain_text("Memorandum on stopping fraud (played)")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Sign and do it").press("Enter")
    page.wait_for_url("**?done=*")
    assert world.kr.state(record) == "published"
    world.kh.wait(record, "published")
    page.goto(f"{world.kr.url}/records/{record}/publish")
    expect(page.get_by_label("Statement")).to_have_value("")


def test_back_to_the_form_and_a_signature_refused_lose_nothing(
    page: Page, visitor: Visitor, world: Furnished, person: UserRow
) -> None:
    device = registered(page, world, person)
    record = compiled(world)
    filled(page, world, record)
    page.get_by_role("button", name="Back to the form").click()
    expect(page.get_by_label("Statement")).to_have_value("as victims told, ហាងទូរស័ព្ទ")
    page.get_by_role("button", name="Publish").click()
    device.verifies(False)
    page.get_by_role("button", name="Sign and do it").click()
    expect(page.get_by_role("alert").filter(has_text="could not verify you")).to_be_visible()
    assert world.kr.state(record) == "compiling"
    device.verifies(True)
    world.kr.act(record, "entry", {"kind": "wallet", "value": "TPlayedWallet0042", "chain": "tron"})
    visitor.watch(page).expect({403})
    page.get_by_role("button", name="Sign and do it").click()
    expect(page.locator("main")).to_contain_text("What you typed is still here")
    page.get_by_role("button", name="Sign and do it").click()
    page.wait_for_url("**?done=*")
    assert world.kr.state(record) == "published"


def test_a_session_that_ends_while_one_types_comes_back_through_the_passkey(
    page: Page, visitor: Visitor, world: Furnished, person: UserRow
) -> None:
    registered(page, world, person)
    page.goto(f"{world.kr.url}/new/information-request")
    page.get_by_label("Facts").fill("A friend from the internet, ហាងទូរស័ព្ទ សុខា")
    with world.kr.node.store.write() as tx:
        tx.people.drop_tokens(person.id)
    visitor.watch(page).expect({401})
    page.locator("#send").click()
    expect(page.locator("main")).to_contain_text("What you typed is kept on this page")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Go on with what I typed").click()
    expect(page.get_by_label("Facts")).to_have_value("A friend from the internet, ហាងទូរស័ព្ទ សុខា")


def test_a_second_passkey_asks_for_a_proof_first(
    page: Page, visitor: Visitor, world: Furnished, person: UserRow
) -> None:
    device = registered(page, world, person)
    visitor.watch(page).expect({403})
    page.goto(f"{world.kr.url}/account/passkey")
    page.get_by_label("What you call this device").fill("another")
    page.get_by_role("button", name="Register a passkey").click()
    page.wait_for_url("**/account/prove?back=**")
    page.get_by_role("button", name="Prove it with a passkey").click()
    page.wait_for_url("**/account/passkey")
    page.get_by_label("What you call this device").fill("another")
    page.get_by_role("button", name="Register a passkey").click()
    expect(page.get_by_role("alert").filter(has_text="has a passkey for you already")).to_be_visible()
    assert len(device.passkeys()) == 1


def test_without_scripts_the_other_ways_stay_and_the_page_says_why(visitor: Visitor, world: Furnished) -> None:
    page = visitor.page("", java_script_enabled=False)
    page.goto(f"{world.kr.url}/sign-in")
    expect(page.get_by_text("A passkey needs this page's script")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("button", name="Sign in with password and code")).to_be_visible()
