"""Two officers on two nodes: what one commits stands on the other's screen, and nobody reloads."""

from __future__ import annotations

import http.client
import re
import time

from playwright.sync_api import Page, Route, expect

from browser.furnished import REQUEST, Furnished
from browser.visitor import Visitor

LOADED = "performance.getEntriesByType('navigation').length + '/' + performance.timeOrigin"


def test_a_new_request_appears_on_the_partners_desk(visitor: Visitor, world: Furnished) -> None:
    theirs = visitor.page(at=world.kh)
    theirs.goto(world.kh.url + "/")
    before, loaded = theirs.locator("[data-line]").count(), theirs.evaluate(LOADED)
    done = world.kr.open("information-request", "send", REQUEST, "KH", world.marks)
    line = theirs.locator(f"a[href='/records/{done.record}']")
    expect(line).to_be_visible()
    assert theirs.locator("[data-line]").count() == before + 1
    assert theirs.evaluate(LOADED) == loaded
    expect(theirs.locator("#announce")).to_have_text("This page has been brought up to date.")


def test_an_act_appears_on_both_pages_of_the_record(visitor: Visitor, world: Furnished) -> None:
    record = world.ask("sent")
    ours, theirs = visitor.page(), visitor.page(at=world.kh)
    ours.goto(f"{world.kr.url}/records/{record}")
    theirs.goto(f"{world.kh.url}/records/{record}")
    loaded = ours.evaluate(LOADED)
    _acknowledge(theirs, "KH-2026-0815")
    expect(ours.locator("article.them").last).to_contain_text("KH-2026-0815")
    expect(ours.locator(".turn")).to_contain_text("acknowledged")
    assert ours.evaluate(LOADED) == loaded
    expect(theirs.locator("#done .receipt.accepted")).to_contain_text("received by KR")


def test_what_came_while_the_line_was_cut_is_shown_when_it_is_back(visitor: Visitor, world: Furnished) -> None:
    record = world.ask("sent")
    page = visitor.page()
    visitor.watch(page).expect(cuts=True)
    page.goto(f"{world.kr.url}/records/{record}")
    page.context.set_offline(True)
    expect(page.locator("#notice")).to_contain_text("No connection")
    world.kh.act(record, "acknowledge", {"reference": "KH-2026-4711"})
    world.kr.wait(record, "acknowledged")
    page.context.set_offline(False)
    expect(page.locator("article.them").last).to_contain_text("KH-2026-4711", timeout=10_000)
    expect(page.locator("#notice")).to_be_hidden()


def test_nobody_takes_away_what_somebody_is_typing(page: Page, world: Furnished) -> None:
    record = world.ask("accepted", back=True)
    page.goto(f"{world.kr.url}/records/{record}/refuse")
    page.locator("[id='f.reason']").press_sequentially("It left the ")
    world.kh.act(record, "withdraw", {"reason": "found elsewhere"})
    world.kr.wait(record, "withdrawn")
    page.locator("[id='f.reason']").press_sequentially("country")
    expect(page.locator("[id='f.reason']")).to_have_value("It left the country")
    expect(page.locator("[id='f.reason']")).to_be_focused()


def _acknowledge(page: Page, reference: str) -> None:
    page.locator("a[href$='/acknowledge']").click()
    page.locator("[id='f.reference']").fill(reference)
    page.locator("#send").click()
    page.wait_for_url(re.compile("done="))


def test_a_change_while_the_page_is_being_fetched_is_not_forgotten(visitor: Visitor, world: Furnished) -> None:
    """The answer that is on its way does not know of it, and nothing else happens that would have the page ask again."""
    theirs = visitor.page(at=world.kh)
    theirs.goto(world.kh.url + "/")
    second: list[str] = []

    def slowly(route: Route) -> None:
        line = http.client.HTTPConnection("127.0.0.1", world.kh.port, timeout=10)
        sent = {**route.request.all_headers(), "host": f"kh.localhost:{world.kh.port}", "accept-encoding": "identity"}
        line.request("GET", "/", headers=sent)
        answer = line.getresponse()
        text = answer.read()
        if not second:
            second.append(world.kr.open("information-request", "send", REQUEST, "KH", world.marks).record)
            world.kh.wait(second[0], "sent")
            time.sleep(1.5)  # both streams have told of it, while this answer waits
        route.fulfill(status=answer.status, body=text, headers={"content-type": "text/html; charset=utf-8"})

    theirs.route(lambda url: url.rstrip("/") == world.kh.url, slowly)
    first = world.kr.open("information-request", "send", REQUEST, "KH", world.marks).record
    for record in (first, *second):
        expect(theirs.locator(f"a[href='/records/{record}']")).to_be_visible(timeout=10_000)
    expect(theirs.locator(f"a[href='/records/{second[0]}']")).to_be_visible(timeout=10_000)
