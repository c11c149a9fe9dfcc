"""Every page, by day and by night, against the WCAG 2.0, 2.1 and 2.2 rules (A and AA) that axe-core can check."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from browser.faults import Faults
from browser.furnished import Furnished
from browser.places import PLACES, Place
from browser.visitor import Visitor

VENDOR = Path(__file__).with_name("vendor")
AXE = VENDOR / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules that judge colours. Night changes colours and nothing else, so these are asked again by night."""
RUN = "([type, values]) => axe.run(document, {runOnly: {type, values}, resultTypes: ['violations']})"


def findings(page: Page, scheme: str = "light") -> list[str]:
    """What axe finds on the page as it stands: rule, place, how to mend it."""
    asked = ["tag", TAGS] if scheme == "light" else ["rule", OF_COLOUR]
    found: dict[str, Any] = page.evaluate(RUN, asked)
    return [
        f"{scheme}, {rule['id']}: {' '.join(map(str, node['target'][:1]))}: {' '.join(node['failureSummary'].split())}"
        for rule in found["violations"] for node in rule["nodes"]
    ]  # fmt: skip


def test_vendored_axe_is_the_listed_one() -> None:
    assert sha256(AXE.read_bytes()).hexdigest() in (VENDOR / "VENDOR.md").read_text()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_axe_finds_nothing_by_day_and_by_night(place: Place, visitor: Visitor, world: Furnished) -> None:
    page = visitor.page(place.person)
    faults = Faults()
    for path in place.addresses(world):
        page.goto(world.kr.url + path)
        page.evaluate(AXE.read_text())
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            faults.add(path, findings(page, scheme))
    faults.check()


def test_axe_sees_a_fault(visitor: Visitor, world: Furnished) -> None:
    page = visitor.page()
    page.goto(world.kr.url + "/")
    page.evaluate("document.querySelector('label[for=procedure]').remove()")
    page.evaluate(AXE.read_text())
    assert any("select-name" in text for text in findings(page))
