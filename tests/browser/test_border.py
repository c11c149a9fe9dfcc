"""The border's counter in a real browser: the next traveller with one key, a scan wherever the cursor is, a wrong field found at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.furnished import Furnished
from browser.visitor import Visitor

ZONE = "P<KHMSOK<<DARA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\nN1234567<7KHM8804029F3001019<<<<<<<<<<<<<<08"
"""Ends on a full second line, as a scanner sends it; letters of it are keys of other pages."""


@pytest.fixture
def page(visitor: Visitor, world: Furnished) -> Page:
    """An officer at the counter."""
    page = visitor.page("officer")
    page.goto(f"{world.kr.url}/border")
    return page


def test_n_is_the_next_traveller_and_a_scan_needs_no_cursor(page: Page, visitor: Visitor) -> None:
    visitor.watch(page).expect({422})
    page.locator("#name").fill("Nobody Known")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_be_focused()
    expect(page.locator("#answer-word")).to_have_text("Nothing")
    page.keyboard.press("n")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("Nobody Else")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("Nobody Else")
    page.keyboard.type(ZONE)
    expect(page.locator("#zone")).to_be_focused()
    assert page.url.partition("#")[0].endswith("/border"), "no letter of the scan was a command"


def test_a_wrong_field_is_marked_and_has_the_cursor(page: Page, visitor: Visitor) -> None:
    visitor.watch(page).expect({422})
    page.locator("#name").fill("Sok Dara")
    page.locator("#birth").fill("31/31/1990")
    page.keyboard.press("Enter")
    expect(page.locator("#birth")).to_be_focused()
    expect(page.locator("#birth")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert").filter(has_text="31/31/1990 is no date")).to_be_visible()
    expect(page.locator("#name")).to_have_value("Sok Dara")
