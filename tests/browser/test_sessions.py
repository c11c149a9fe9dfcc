"""Signing out, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.furnished import FACTS, Furnished
from browser.visitor import Visitor


def test_after_signing_out_the_back_button_shows_nothing(visitor: Visitor, world: Furnished) -> None:
    page = visitor.page(fresh=True)
    visitor.watch(page).expect({401})
    page.goto(f"{world.kr.url}/records/{world.requests['answered']}")
    expect(page.locator("main")).to_contain_text(FACTS)
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator("body")).not_to_contain_text(FACTS)
