"""Nothing typed is lost: by a fault, an ended session, a cut line, the back button, a second click, a partner that is away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from browser.furnished import Furnished
from browser.visitor import Visitor

NOTE = "Der Zettel – ហាងទូរស័ព្ទ – 메모 – “quoted” & <b>"
"""What is typed in these tests: several scripts, and signs that HTML would like to eat."""


def _clarify(page: Page, world: Furnished, text: str = NOTE) -> str:
    """A form with something typed in it; the record."""
    record = world.ask("acknowledged", back=True)
    page.goto(f"{world.kr.url}/records/{record}/ask-clarification")
    page.locator("[id='f.text']").fill(text)
    return record


def _answer(page: Page, world: Furnished) -> str:
    """A form with two things wrong in it; the record."""
    record = world.ask("accepted", back=True)
    page.goto(f"{world.kr.url}/records/{record}/answer")
    page.locator("[id='f.findings.0.item']").fill("two")
    page.locator("[id='f.findings.0.text']").fill(NOTE)
    return record


def _act_and_say_nothing(route: Route, world: Furnished) -> None:
    """The request arrives and is answered; the answer gets lost."""
    assert route.fetch(url=route.request.url.replace("kr.localhost", "127.0.0.1"), max_redirects=0).ok
    route.abort()


def _sent(page: Page, world: Furnished, record: str) -> int:
    """How many clarifications the record holds."""
    page.goto(f"{world.kr.url}/records/{record}")
    return page.locator("article.us", has_text="ask clarification").count()


def test_a_fault_keeps_every_word_and_names_the_field(page: Page, visitor: Visitor, world: Furnished) -> None:
    visitor.watch(page).expect({422})
    _answer(page, world)
    page.locator("#send").click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("[id='f.findings.0.item']")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[id='f.findings.0.item']")).to_have_value("two")
    expect(page.locator("[id='f.findings.0.text']")).to_have_value(NOTE)
    page.locator("#errors a").first.press("Enter")
    assert page.url.endswith("#f.findings.0.item")


def test_an_ended_session_asks_to_sign_in_and_gives_the_words_back(visitor: Visitor, world: Furnished) -> None:
    page = visitor.page(fresh=True)
    visitor.watch(page).expect({401})
    record = _clarify(page, world)
    secret = next(each["value"] for each in page.context.cookies() if each["name"] == "spean-KR")
    world.kr.node.people.drop(secret)
    page.locator("#send").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    page.locator("details:has(#secret)").evaluate("(each) => { each.open = true; }")
    page.locator("#secret").fill(world.kr.link().rpartition("/")[2])
    page.locator("#secret").press("Enter")
    expect(page.locator("h1")).to_contain_text("signed in again")
    page.locator("main button.main").click()
    expect(page.locator("[id='f.text']")).to_have_value(NOTE)
    page.locator("#send").click()
    page.wait_for_url(re.compile("done="))
    assert _sent(page, world, record) == 1


def test_a_cut_line_keeps_the_form_and_sends_once_when_it_is_back(
    page: Page, visitor: Visitor, world: Furnished
) -> None:
    visitor.watch(page).expect(cuts=True)
    record = _clarify(page, world)
    page.context.set_offline(True)
    page.locator("#send").click()
    expect(page.locator("#notice")).to_contain_text("Not sent")
    expect(page.locator("[id='f.text']")).to_have_value(NOTE)
    page.context.set_offline(False)
    page.locator("#send").click()
    page.wait_for_url(re.compile("done="))
    assert _sent(page, world, record) == 1


def test_an_answer_that_is_lost_on_its_way_does_not_double_the_act(
    page: Page, visitor: Visitor, world: Furnished
) -> None:
    """The node acted, but the browser never heard: the second sending finds the first."""
    visitor.watch(page).expect(cuts=True)
    record = _clarify(page, world)
    page.route("**/ask-clarification", lambda route: _act_and_say_nothing(route, world), times=1)
    page.locator("#send").click()
    expect(page.locator("#notice")).to_contain_text("Not sent")
    expect(page.locator("[id='f.text']")).to_have_value(NOTE)
    page.locator("#send").click()
    page.wait_for_url(re.compile("done="))
    assert _sent(page, world, record) == 1


def test_the_back_button_finds_the_words_again(page: Page, world: Furnished) -> None:
    _clarify(page, world)
    page.goto(world.kr.url + "/")
    page.go_back()
    expect(page.locator("[id='f.text']")).to_have_value(NOTE)


def test_coming_back_another_way_finds_the_words_again(page: Page, world: Furnished) -> None:
    record = _clarify(page, world)
    page.goto(world.kr.url + "/")
    page.goto(f"{world.kr.url}/records/{record}/ask-clarification")
    expect(page.locator("[id='f.text']")).to_have_value(NOTE)
    page.locator("#send").click()
    page.wait_for_url(re.compile("done="))
    page.goto(f"{world.kr.url}/new/circular")
    page.go_back()
    assert _sent(page, world, record) == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_double_click_sends_once(scripts: bool, visitor: Visitor, world: Furnished) -> None:
    page = visitor.page(java_script_enabled=scripts)
    record = _clarify(page, world)
    page.locator("#send").dblclick(no_wait_after=True)
    page.wait_for_url(re.compile("done="))
    assert _sent(page, world, record) == 1


def test_a_partner_that_is_away_receives_when_it_is_back(page: Page, world: Furnished) -> None:
    record = _clarify(page, world)
    world.kh.stop()
    try:
        page.locator("#send").click()
        page.wait_for_url(re.compile("done="))
        expect(page.locator("#done")).to_contain_text("on its way to KH")
        expect(page.locator("article.us").last).to_contain_text(NOTE)
    finally:
        world.kh.start()
    expect(page.locator("#done .receipt.accepted")).to_contain_text("received by KH", timeout=30_000)
    world.kh.wait(record, "needs-clarification")
