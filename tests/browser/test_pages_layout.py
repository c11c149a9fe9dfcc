"""Every page on a desk's screen, at 200 % zoom and on a telephone: nothing to the side, nothing cut, targets big enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browser.faults import Faults
from browser.furnished import Furnished
from browser.places import PLACES, Place
from browser.visitor import Visitor

MEASURE = Path(__file__).with_name("measure.js").read_text()
SCREENS: dict[str, dict[str, Any]] = {
    "1366": {"viewport": {"width": 1366, "height": 768}},
    "683": {"viewport": {"width": 683, "height": 384}, "device_scale_factor": 2},
    "390": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
"""An old screen; the same at 200 % zoom; a telephone under a finger."""


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_page_fits(place: Place, screen: str, visitor: Visitor, world: Furnished) -> None:
    page = visitor.page(place.person, **SCREENS[screen])
    faults = Faults()
    for path in place.addresses(world):
        page.goto(world.kr.url + path)
        faults.add(path, page.evaluate(MEASURE, screen == "390"))
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        faults.add(path, page.evaluate(MEASURE, screen == "390"))
    faults.check()
