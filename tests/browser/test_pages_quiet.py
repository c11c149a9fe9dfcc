"""Every page in a real Chromium: it is shown, and the browser notices nothing wrong with it (CSP, scripts, other hosts)."""

from __future__ import annotations

import pytest

from browser.furnished import Furnished
from browser.places import PLACES, Place
from browser.visitor import Visitor


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_page_is_shown_without_a_violation(place: Place, visitor: Visitor, world: Furnished) -> None:
    page = visitor.page(place.person)
    for path in place.addresses(world):
        answer = page.goto(world.kr.url + path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.locator("h1").inner_text()
