"""What the issue asks first: a newcomer, with the keyboard alone, from the printed link to a corrected fact."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser.furnished import FACTS, Furnished
from browser.visitor import Visitor


class Keyboard:
    """A person without a mouse: every step is a key."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def tab_to(self, selector: str, most: int = 80) -> None:
        """Tab until the focus stands on ``selector``; its ring must be seen there."""
        wanted = self.page.locator(selector).first
        for _ in range(most):
            if wanted.evaluate("(e) => e === document.activeElement"):
                assert wanted.evaluate("(e) => getComputedStyle(e).outlineStyle") != "none", f"no ring on {selector}"
                return
            self.press("Tab")
        raise AssertionError(f"{selector} is not reached within {most} tabs")

    def choose(self, selector: str, value: str) -> None:
        """Choose of a list as a keyboard does: by typing the beginning of the word."""
        self.tab_to(selector)
        label = self.page.locator(f"{selector} option[value='{value}']").inner_text()
        self.page.keyboard.type(label)
        expect(self.page.locator(selector)).to_have_value(value)


@pytest.fixture
def keys(visitor: Visitor) -> Keyboard:
    """A browser of somebody who is not signed in yet."""
    return Keyboard(visitor.page(""))


def test_from_the_link_to_the_receipt_without_a_mouse(keys: Keyboard, world: Furnished, visitor: Visitor) -> None:
    page, record = keys.page, world.ask("sent", back=True)
    _sign_in(keys, world)
    _open_record(keys, record)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Information request")
    expect(page.locator("main")).to_contain_text(FACTS)
    _act(keys, "acknowledge")
    expect(page.locator("#receivers")).to_contain_text("KH receives it")
    keys.tab_to("#receivers summary")
    keys.press("Enter")
    expect(page.locator("#receivers .clauses li").first).to_be_visible()
    keys.tab_to("[id='f.reference']")
    keys.type("KR-2026-0042")
    _send(keys)
    _act(keys, "accept")
    _send(keys)
    _act(keys, "answer")
    expect(page.locator("#receivers")).to_contain_text("KH receives it")
    keys.tab_to("[id='f.findings.0.item']")
    keys.type("0")
    keys.tab_to("[id='f.findings.0.known']")
    keys.press("Space")
    keys.tab_to("[id='f.findings.0.text']")
    keys.type("Opened in March at an exchange here.")
    _send(keys)
    came = page.locator("#done .receipt.accepted")
    expect(came).to_contain_text("received by KH")  # arrives while we look: nothing is loaded again
    expect(page.locator("article.us").last).to_contain_text("Opened in March at an exchange here.")


def test_a_forbidden_act_says_what_would_make_it_pass(keys: Keyboard, world: Furnished, visitor: Visitor) -> None:
    page = keys.page
    visitor.watch(page).expect({403})
    _sign_in(keys, world)
    page.goto(world.kr.url + "/new/information-request")
    _fill_request(keys)
    keys.choose("[id='m.purpose']", "stop-fraud")
    keys.choose("[id='m.data']", "document")
    keys.choose("[id='m.subject']", "suspect")
    keys.tab_to("input[name=to][value=KH]")
    keys.press("Space", "Control+Enter")
    card = page.locator("main .rule").first
    expect(card).to_contain_text("What would make it pass")
    expect(page.locator("[data-focus]").first).to_be_focused()
    expect(page.locator("[id='f.facts']")).to_have_value(FACTS)
    expect(page.locator("[id='m.data']")).to_have_value("document")


def test_a_correction_shows_who_still_holds_the_old_words(keys: Keyboard, world: Furnished) -> None:
    page, record = keys.page, world.ask("answered", back=True)
    _sign_in(keys, world)
    page.goto(f"{world.kr.url}/records/{record}")
    world.kh.stop()  # while the holder is away, its copy stays
    try:
        keys.tab_to("article.us:last-of-type a[href$='/correct']", most=150)
        keys.press("Enter")
        page.wait_for_url(re.compile("/correct$"))
        keys.tab_to("[id='f.findings.0.text']")
        keys.press("Control+a")
        keys.type("Seen in two reports.")
        keys.tab_to("#reason")
        keys.type("a second report was overlooked")
        expect(page.locator("[aria-labelledby=asked]")).to_contain_text("KH")
        keys.press("Control+Enter")
        page.wait_for_url(re.compile("/recall"))
        expect(page.locator("#live [role=status]")).to_contain_text("1 copy may still be there.")
        expect(page.locator("#live tbody")).to_contain_text("KH")
    finally:
        world.kh.start()
    expect(page.locator("#live [role=status]")).to_contain_text("Nobody holds the old words any more.", timeout=30_000)


def _sign_in(keys: Keyboard, world: Furnished) -> None:
    page = keys.page
    page.goto(world.kr.link())
    expect(page.locator("main button[autofocus], main button[data-focus]").first).to_be_focused()
    keys.press("Enter")
    page.wait_for_url(lambda url: "/sign-in/link" not in url)
    if "/account/passkey" in page.url:  # a first sign-in offers a passkey; it can be put off
        page.goto(world.kr.url + "/")
    keys.tab_to("#task")
    keys.press("Control+a")
    keys.type("Wallet of the Incheon case")
    keys.press("Enter")
    expect(page.locator(".task summary")).to_contain_text("Wallet of the Incheon case")


def _act(keys: Keyboard, kind: str) -> None:
    """Press the letter that the act's button shows."""
    button = keys.page.locator(f"a[href$='/{kind}'][data-key]")
    letter = str(button.get_attribute("data-key"))
    expect(button.locator("kbd")).to_have_text(letter.upper())
    keys.press(letter)
    keys.page.wait_for_url(re.compile(f"/{kind}$"))


def _send(keys: Keyboard) -> None:
    """Send the form from where the focus is in it, and see the page say that it is done."""
    keys.tab_to("#act button.main, #act #send")
    keys.press("Control+Enter")
    keys.page.wait_for_url(re.compile("done="))
    expect(keys.page.locator("#done")).to_be_focused()


def _open_record(keys: Keyboard, record: str) -> None:
    """By j until its line is reached, then Enter."""
    page = keys.page
    for _ in range(60):
        keys.press("j")
        if page.evaluate("document.activeElement.getAttribute('href')") == f"/records/{record}":
            keys.press("Enter")
            page.wait_for_url(f"**/records/{record}")
            return
    raise AssertionError(f"{record} is not in the queue")


def _fill_request(keys: Keyboard) -> None:
    keys.choose("[id='f.offence']", "fraud")
    for name, text in (
        ("facts", FACTS), ("items.0.value", "TPlayedWallet0002"), ("items.0.question", "Who owns it?"),
        ("need", "It is the only trace that is left."), ("proportionality", "One wallet, one question."),
    ):  # fmt: skip
        if name == "items.0.value":
            keys.choose("[id='f.items.0.selector']", "wallet")
        keys.tab_to(f"[id='f.{name}']")
        keys.type(text)
