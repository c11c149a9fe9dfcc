"""Every page in a real Chromium, each looked at once on a desk, once without scripts, once on a telephone.

On a desk: it is shown and the browser notices nothing (CSP, scripts, other hosts); axe-core finds nothing against WCAG 2.0,
2.1 and 2.2 (A and AA) by day and by night; at 100 % and at 200 % zoom nothing lies to the side, nothing is cut and targets are
big enough. Without scripts it says the same words, and offers to sign out.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from browser.faults import Faults
from browser.furnished import Furnished
from browser.places import PLACES, Place
from browser.visitor import Visitor, Window, Windows

VENDOR = Path(__file__).with_name("vendor")
AXE = VENDOR / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules that judge colours. Night changes colours and nothing else, so these are asked again by night."""
RUN = "([type, values]) => axe.run(document, {runOnly: {type, values}, resultTypes: ['violations']})"
MEASURE = Path(__file__).with_name("measure.js").read_text()
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
WORDS = """() => {
  const drawn = [...document.querySelectorAll('main .drawn')].filter((each) => !each.hidden);
  drawn.forEach((each) => { each.hidden = true; });
  const said = document.querySelector('main').innerText;
  drawn.forEach((each) => { each.hidden = false; });
  return said;
}"""
TELEPHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def _opened(windows: Windows) -> Iterator[Windows]:
    yield windows
    windows.close()


@pytest.fixture
def looking(_opened: Windows) -> Iterator[Windows]:
    """Windows that stay open from page to page; fails the test for what the browser noticed."""
    yield _opened
    _opened.check()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_page_on_a_desk(place: Place, looking: Windows, world: Furnished) -> None:
    desk = looking.of(place.person)
    plain = looking.of(place.person, java_script_enabled=False)
    faults = Faults()
    for path in place.addresses(world):
        shown(plain.page, world.kr.url + path)
        if not place.stranger and not plain.page.locator("form[action='/sign-out']").count():
            faults.add(path, ["nowhere to sign out"])
        shown(desk.page, world.kr.url + path)  # at once: clocks move on
        faults.add(path, sorted(f"only with scripts: {word}" for word in words(desk.page) - words(plain.page)))
        desk.page.evaluate(AXE.read_text())
        for scheme in ("light", "dark"):
            desk.page.emulate_media(color_scheme=scheme)
            faults.add(path, findings(desk.page, scheme))
        desk.page.emulate_media(color_scheme="light")
        faults.add(path, layout(desk))
    faults.check()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_page_on_a_telephone(place: Place, looking: Windows, world: Furnished) -> None:
    held = looking.of(place.person, **TELEPHONE)
    faults = Faults()
    for path in place.addresses(world):
        shown(held.page, world.kr.url + path)
        faults.add(path, held.page.evaluate(MEASURE, True))
        held.page.evaluate(UNFOLD)
        faults.add(path, held.page.evaluate(MEASURE, True))
    faults.check()


def test_vendored_axe_is_the_listed_one() -> None:
    assert sha256(AXE.read_bytes()).hexdigest() in (VENDOR / "VENDOR.md").read_text()


def test_axe_sees_a_fault(visitor: Visitor, world: Furnished) -> None:
    page = visitor.page()
    page.goto(world.kr.url + "/")
    page.evaluate("document.querySelector('label[for=procedure]').remove()")
    page.evaluate(AXE.read_text())
    assert any("select-name" in text for text in findings(page))


def test_a_word_that_only_scripts_say_and_a_page_too_wide_are_seen(looking: Windows, world: Furnished) -> None:
    desk = looking.of("officer")
    shown(desk.page, world.kr.url + "/")
    before = words(desk.page)
    assert before
    desk.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=wide>Whispered</p>')")
    assert words(desk.page) - before == {"Whispered"}
    assert layout(desk) == []
    desk.page.evaluate("document.querySelector('#wide').style.width = '900px'")
    assert [each for each in layout(desk) if each.startswith("at 200 %: the page is")]


def shown(page: Page, address: str) -> None:
    """Go there: the page is found and has its heading."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    assert page.locator("h1").inner_text(), address


def words(page: Page) -> set[str]:
    """Words of the page's sheet, without figures, which move on, and without pictures that say what a table says, too."""
    return {word for word in str(page.evaluate(WORDS)).split() if word.isalpha()}


def findings(page: Page, scheme: str = "light") -> list[str]:
    """What axe finds on the page as it stands: rule, place, how to mend it."""
    asked = ["tag", TAGS] if scheme == "light" else ["rule", OF_COLOUR]
    found: dict[str, Any] = page.evaluate(RUN, asked)
    return [
        f"{scheme}, {rule['id']}: {' '.join(map(str, node['target'][:1]))}: {' '.join(node['failureSummary'].split())}"
        for rule in found["violations"] for node in rule["nodes"]
    ]  # fmt: skip


def layout(window: Window) -> list[str]:
    """What does not fit on an old screen, and at 200 % zoom there: as it is shown, and with all that can be opened open."""
    found = []
    for zoom, unfolded in ((100, False), (200, False), (200, True), (100, True)):
        window.zoom(zoom)
        if unfolded:
            window.page.evaluate(UNFOLD)
        window.page.evaluate(DRAWN)
        found += [f"at {zoom} %: {fault}" for fault in window.page.evaluate(MEASURE, False)]
    return found
