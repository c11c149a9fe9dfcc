"""In a real Chromium the scripts of the partners are shown in our fonts and break into lines on a telephone."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, Route

import spean.web

FONTS = Path(spean.web.__file__).parent / "static" / "fonts"
ORIGIN = "http://fonts.invalid"
SANS = '"Noto Sans", "Noto Sans Khmer", "Noto Sans Thai", "Noto Sans Lao", "Noto Sans Myanmar", "Noto Sans SC", "Noto Sans KR"'
LINES = """id => {
  const node = document.getElementById(id).firstChild, range = document.createRange(), lines = [];
  let top = null;
  for (let i = 0; i < node.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const box = range.getClientRects()[0];
    if (box && box.width > 0 && (top === null || box.top > top + 12)) { lines.push(""); top = box.top; }
    if (lines.length) lines[lines.length - 1] += node.data[i];
  }
  return lines;
}"""
LONG = {
    "km": ("Noto Sans Khmer", "ជនរងគ្រោះដែលត្រូវបានបង្ខំឱ្យធ្វើការនៅក្នុងបរិវេណបោកប្រាស់តាមអ៊ីនធឺណិតត្រូវបានជួយសង្គ្រោះនិងបញ្ជូនទៅទីជម្រក" * 2),
    "th": ("Noto Sans Thai", "ผู้เสียหายที่ถูกบังคับให้ทำงานในฐานหลอกลวงออนไลน์ได้รับการช่วยเหลือและส่งไปยังบ้านพักพิงที่ปลอดภัย" * 2),
    "lo": ("Noto Sans Lao", "ຜູ້ຖືກເຄາະຮ້າຍທີ່ຖືກບັງຄັບໃຫ້ເຮັດວຽກໃນສູນຫຼອກລວງທາງອອນລາຍໄດ້ຮັບການຊ່ວຍເຫຼືອແລະສົ່ງໄປສະຖານທີ່ພັກພິງ" * 2),
    "my": ("Noto Sans Myanmar", "အွန်လိုင်းလိမ်လည်မှုဝင်းထဲတွင်အဓမ္မအလုပ်ခိုင်းခံရသောနစ်နာသူများကိုကယ်တင်၍ခိုလှုံရာသို့ပို့ဆောင်ခဲ့သည်" * 2),
    "ko": ("Noto Sans KR", "온라인 사기 단지에서 강제로 일하던 피해자들이 구조되어 안전한 쉼터로 옮겨졌으며 영사가 면담하고 있습니다. " * 3),
    "zh": ("Noto Sans SC", "在网络诈骗园区被迫工作的受害人已获解救并被送往庇护所，领事正在与他们面谈。" * 3),
    "vi": ("Noto Sans", "Những nạn nhân bị cưỡng bức làm việc trong khu lừa đảo trực tuyến đã được giải cứu và đưa đến nơi tạm lánh. " * 2),
}  # fmt: skip


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    body = "".join(f'<p id="{lang}" lang="{lang}">{html.escape(text)}</p>' for lang, (_, text) in LONG.items())
    document = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="fonts.css"><link rel="stylesheet" href="fonts-cjk.css">'
        f"<style>body {{ margin: 12px; font: 15px/1.6 {SANS}; }} [lang=ko] {{ word-break: keep-all; }}</style>{body}"
    )

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if name == "page":
            route.fulfill(body=document, content_type="text/html; charset=utf-8")
        elif (FONTS / name).is_file() and "/" not in name:
            route.fulfill(path=FONTS / name)
        else:
            route.fulfill(status=404)

    context = browser.new_context(viewport={"width": 390, "height": 844})
    shown = context.new_page()
    shown.route("**/*", answer)
    shown.goto(f"{ORIGIN}/page")
    shown.evaluate("document.fonts.ready.then(() => true)")
    yield shown
    context.close()


@pytest.fixture(scope="module")
def inspector(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    return session


def fonts_of(inspector: CDPSession, selector: str) -> list[dict[str, Any]]:
    root = inspector.send("DOM.getDocument")["root"]["nodeId"]
    node = inspector.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    found: list[dict[str, Any]] = inspector.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return found


@pytest.mark.parametrize("lang", LONG)
def test_every_glyph_comes_from_the_fonts_that_we_ship(inspector: CDPSession, lang: str) -> None:
    family, _ = LONG[lang]
    fonts = fonts_of(inspector, f"#{lang}")
    assert all(font["isCustomFont"] for font in fonts), fonts
    glyphs = {font["familyName"]: font["glyphCount"] for font in fonts}
    named = max(glyphs, key=lambda name: glyphs[name])
    assert named.removesuffix(" Thin") == family, glyphs  # a variable font is named after its lightest weight


@pytest.mark.parametrize("lang", LONG)
def test_long_sentences_wrap_on_a_telephone(page: Page, lang: str) -> None:
    height, line, wide = page.evaluate(
        "id => { const p = document.getElementById(id); const s = getComputedStyle(p);"
        " return [p.getBoundingClientRect().height, parseFloat(s.lineHeight), p.scrollWidth > p.clientWidth]; }",
        lang,
    )
    assert not wide
    assert height >= 3 * line


def test_nothing_runs_over_the_edge(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def line_ends(page: Page, lang: str) -> list[str]:
    """The text of each line as it is shown, found by where the characters stand."""
    found: list[str] = page.evaluate(LINES, lang)
    return found


def test_korean_breaks_between_words_only(page: Page) -> None:
    words = set(LONG["ko"][1].split())
    lines = line_ends(page, "ko")
    assert len(lines) >= 3
    assert all(set(line.split()) <= words for line in lines)


def test_chinese_lines_do_not_begin_with_a_comma_or_stop(page: Page) -> None:
    assert all(not line.startswith(("，", "。")) for line in line_ends(page, "zh"))


@pytest.mark.parametrize("lang", ["km", "th", "lo", "my"])
def test_no_line_begins_with_a_mark_that_belongs_to_the_letter_before(page: Page, lang: str) -> None:
    lines = line_ends(page, lang)
    assert len(lines) >= 3
    assert all(not unicodedata.category(line[0]).startswith("M") for line in lines)


def test_only_the_needed_slices_are_loaded(page: Page) -> None:
    loaded = page.evaluate("[...document.fonts].filter(face => face.status === 'loaded').length")
    declared = page.evaluate("document.fonts.size")
    assert declared > 200
    assert loaded < 60
