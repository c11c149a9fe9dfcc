"""The link chart in a real browser: the picture and the tables say the same, keys walk it, it can be taken along."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.furnished import Furnished
from browser.visitor import Visitor


@pytest.fixture
def page(visitor: Visitor, world: Furnished) -> Page:
    """An officer of KR on the chart of a person."""
    page = visitor.page("officer")
    page.goto(f"{world.kr.url}/chart/{world.known.person}")
    page.wait_for_selector("#chart[data-rests=yes]")
    return page


def test_keys_walk_the_chart_and_words_follow(page: Page, world: Furnished) -> None:
    canvas, told = page.get_by_role("application"), page.locator("#chart-told")
    expect(told).to_contain_text("Nothing is chosen")
    canvas.focus()
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("សុខ ដារ៉ា")
    expect(told).to_contain_text("lines that end here: 3")
    seen = set()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp") * 3:
        page.keyboard.press(key)
        seen.add(told.locator("p a").first.inner_text())
    assert {"Sok Dara (person)", "Golden Ficus Trading (played) (organisation)"} & seen
    page.keyboard.press("Escape")
    expect(told).to_contain_text("Nothing is chosen")


def test_what_is_looked_for_is_found_and_opened(page: Page, world: Furnished) -> None:
    page.get_by_label("Find on the chart").fill("golden ficus")
    page.keyboard.press("Enter")
    expect(page.locator("#chart-told")).to_contain_text("Golden Ficus Trading")
    page.get_by_role("application").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{world.known.firm}")


def test_picture_and_tables_say_the_same(page: Page, world: Furnished) -> None:
    found = page.evaluate("fetch(document.getElementById('chart').dataset.source).then((answer) => answer.json())")
    rows = page.get_by_role("table", name="Things").locator("tbody tr")
    assert sorted(each["label"] for each in found["nodes"]) == sorted(rows.locator("td:first-child").all_inner_texts())
    lines = page.get_by_role("table", name="Lines").locator("tbody tr")
    assert sorted(each["label"] for each in found["links"]) == sorted(
        lines.locator("td:nth-child(2)").all_inner_texts()
    )
    assert len(found["nodes"]) == 4  # two persons, a firm, the number that two of them share


@pytest.mark.parametrize(("button", "begins"), [("PNG", b"\x89PNG"), ("SVG", b"<svg")])
def test_it_can_be_taken_along(page: Page, tmp_path: Path, button: str, begins: bytes) -> None:
    with page.expect_download() as taken:
        page.get_by_role("button", name=button).click()
    path = tmp_path / "chart"
    taken.value.save_as(path)
    raw = path.read_bytes()
    assert raw.startswith(begins)
    if button == "PNG":
        assert min(struct.unpack(">II", raw[16:24])) > 60
    else:
        assert "Golden Ficus Trading (played)" in raw.decode()


def test_it_goes_out_as_follow_the_money(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as taken:
        page.get_by_role("button", name="FollowTheMoney").click()
    path = tmp_path / "chart"
    taken.value.save_as(path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted(line["schema"] for line in lines if line["schema"] in ("Person", "Organization")) == [
        "Organization",
        "Person",
        "Person",
    ]
    assert len(lines) > 3, "what joins them goes along"


def test_moving_and_zooming_change_the_view_only(page: Page) -> None:
    canvas = page.get_by_role("application")
    before = canvas.screenshot()
    canvas.hover()
    page.mouse.wheel(0, -400)
    page.mouse.down()
    page.mouse.move(500, 420, steps=4)
    page.mouse.up()
    assert canvas.screenshot() != before
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#chart-told")).to_contain_text("Nothing is chosen")
