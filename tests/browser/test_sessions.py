"""Signing out, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from browser.faults import Faults
from browser.furnished import FACTS, Furnished
from browser.places import PLACES
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


def test_every_page_offers_to_sign_out(visitor: Visitor, world: Furnished) -> None:
    pages, faults = dict[str, Page](), Faults()
    for place in PLACES:
        if not place.stranger:
            path = place.addresses(world)[0]
            person = "officer" if place.path.startswith("/border") else "all"
            page = pages.setdefault(person, pages.get(person) or visitor.page(person, java_script_enabled=False))
            page.goto(world.kr.url + path, wait_until="commit")
            faults.add(path, [] if page.locator("form[action='/sign-out']").count() else ["nowhere to sign out"])
    faults.check()
