"""JavaScript off: plain acts are done (that every page reads: test_pages.py); on paper the handling marks stand on the sheet."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser.furnished import REQUEST, Furnished
from browser.visitor import Visitor


@pytest.fixture
def plain(visitor: Visitor) -> Page:
    """A browser that runs no scripts."""
    return visitor.page(java_script_enabled=False)


def test_plain_acts_are_done(plain: Page, world: Furnished) -> None:
    record = world.ask("sent", back=True)
    plain.goto(f"{world.kr.url}/records/{record}")
    plain.locator("a[href$='/acknowledge']").click()
    plain.locator("[id='f.reference']").fill("KR-2026-0099")
    plain.locator("#send").click()
    plain.wait_for_url(re.compile("done="))
    expect(plain.locator("article.us").last).to_contain_text("KR-2026-0099")


def test_a_fault_keeps_the_words_and_a_line_is_added(plain: Page, visitor: Visitor, world: Furnished) -> None:
    visitor.watch(plain).expect({422})
    plain.goto(world.kr.url + "/new/information-request")
    plain.locator("[id='f.facts']").fill(str(REQUEST["facts"]))
    plain.locator("[id='f.items.0.value']").fill("TPlayedWallet0002")
    plain.locator("button[name=add]").click()
    expect(plain.locator("[id='f.items.1.value']")).to_be_visible()
    plain.locator("[id='f.items.1.value']").fill("TPlayedWallet0003")
    plain.locator("#send").click()
    expect(plain.locator("#errors li")).not_to_have_count(0)
    expect(plain.locator("[id='f.facts']")).to_have_value(str(REQUEST["facts"]))
    expect(plain.locator("[id='f.items.1.value']")).to_have_value("TPlayedWallet0003")


def test_who_would_receive_is_asked_by_a_button(plain: Page, world: Furnished) -> None:
    plain.goto(world.kr.url + "/new/information-request")
    plain.locator("[id='m.purpose']").select_option("stop-fraud")
    plain.locator("[id='m.data']").select_option("wallet")
    plain.locator("[id='m.subject']").select_option("suspect")
    plain.locator("input[name=to][value=KH]").check()
    plain.locator("button[name=again]").click()
    expect(plain.locator("#receivers li.yes").first).to_contain_text("receives it")


def test_on_paper_the_marks_stand_on_the_sheet(page: Page, world: Furnished) -> None:
    page.goto(f"{world.kr.url}/records/{world.requests['answered']}")
    page.emulate_media(media="print")
    expect(page.locator(".strip")).to_be_visible()
    expect(page.locator(".strip")).to_contain_text("TLP:AMBER")
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator(".story")).to_be_visible()
    assert page.pdf()[:5] == b"%PDF-"
