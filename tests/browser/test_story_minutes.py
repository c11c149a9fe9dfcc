"""The story "Minutes" in a real Chromium (DOMAIN 8.1): an officer's board and sheet, a bank's desk with its passkey, on served nodes.

What people decide is done in the browser: sending requests, holding at the exchange. The rest of the story is played as in the demo, and the
open pages show it without being reloaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.test_passkeys import Device
from browser.watched import Watch
from spean.demo import visitors
from spean.demo.federation import Federation, Played
from spean.demo.minutes import files as f
from spean.demo.minutes import served
from spean.demo.minutes.files import Files
from spean.demo.minutes.stage import BANKS
from spean.demo.minutes.story import HELD_USD, Minutes
from spean.demo.story import Story

OFFICER, TELLER = "Park Minho", "Nok Wattana"


class Looking(Minutes):
    """Plays the story; sends and holds in the browser."""

    board: Page
    sheet_page: Page
    bank: Page
    watches: tuple[Watch, ...]

    def _send(self, *accounts: str) -> None:
        page = self.sheet_page
        page.goto(f"{_base(page)}/money/{self.told.case}")
        for box in page.locator("input[name=place]:not([disabled])").all():
            box.set_checked(any(str(box.get_attribute("value")).endswith(account) for account in accounts), force=True)
        page.get_by_role("button", name="Send the chosen requests").click()

        def sent() -> bool:
            self.told.hops |= {hop["account"]: hop["record"] for hop in self.sheet()["hops"] if hop["record"]}
            return set(accounts) <= self.told.hops.keys()

        self.player("KR").wait("the requests", sent, 20)

    def _hold(self, account: str, bank: str, *, balance: int, amount: int = 0) -> None:
        if bank != f.SIAMX:
            super()._hold(account, bank, balance=balance, amount=amount)
            return
        record, desk = self.told.hops[account], self.player("TH")
        desk.wait_state(record, "sent")
        desk.act(record, "acknowledge", {})
        desk.post(
            f"/money/requests/{record}/order",
            {"what": "hold", "contact_name": "Duty officer", "contact_phone": "+66 2 1441"},
        )
        page = self.bank
        expect(page.locator("article.order")).to_contain_text("91,000")  # it came by itself
        page.get_by_role("link", name=re.compile("^Hold", re.IGNORECASE)).click()
        page.locator("[id='f.balance']").fill("95400")
        page.locator("[id='f.name']").select_option("not-shown")
        page.locator("[id='f.notice.by']").select_option("message")
        page.locator("[id='f.notice.language']").fill("th")
        page.locator("[id='f.notice.contact_name']").fill("Duty officer")
        page.locator("[id='f.notice.contact_phone']").fill("+66 2 1441")
        page.locator("[id='f.reason']").fill("money of a victim of fraud lies here")
        page.locator("#send").click()
        page.get_by_role("button", name="Sign and do it").click()
        page.wait_for_url("**/bank**")
        self.player("KR").wait_state(record, "held")
        self.told.held[account] = 91_000_000_000

    def _wrong_hold(self) -> None:
        """Before hours pass, which end sessions: what the board shows, and it was never reloaded."""
        shown = self.board.locator("main")
        expect(shown).to_contain_text("91,000.00 USDT", timeout=20_000)
        expect(shown).to_contain_text("32,000.00 USD")
        self.sheet_page.goto(f"{_base(self.sheet_page)}/money/{self.told.case}")
        expect(self.sheet_page.locator("svg").first).to_be_visible()
        expect(self.sheet_page.locator("main")).to_contain_text("ABKKKHPP/53300907")
        for watch in self.watches:
            watch.check()
        super()._wrong_hold()


def _base(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


@pytest.fixture(scope="module")
def files() -> Files:
    return Files(served.beginning())


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory, files: Files) -> Iterator[Federation]:
    made = Federation(tmp_path_factory.mktemp("story") / "demo", begins=files.at(100))
    made.make()
    for played in made.nodes.values():
        visitors.furnish(made, played)
    with_teller = made.open(made.nodes["TH"])
    with_teller.people.add(TELLER, unit=f.SIAMX, roles=BANKS[f.SIAMX].roles)
    with_teller.close()
    made.start()
    yield made
    made.stop()


def link(federation: Federation, played: Played, name: str) -> str:
    node = federation.open(played)
    try:
        return f"{played.url}/sign-in/link/{node.people.token(node.people.find(name), use='link')}"
    finally:
        node.close()


def signed_in(context: BrowserContext, url: str, *, task: str = "") -> Page:
    """Somebody who comes by a link and registers a passkey on a virtual device."""
    page = context.new_page()
    Device(page)
    page.goto(url)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/account/passkey?back=**")
    page.get_by_label("What you call this device").fill("virtual device")
    page.get_by_role("button", name="Register a passkey").click()
    page.wait_for_url(re.compile(r"localhost:\d+/(bank)?$"))
    if task:
        page.get_by_label("Case or task").fill(task)
        page.get_by_role("button", name="Read for this").click()
        expect(page.locator(".task summary")).to_contain_text(task)
    return page


def test_from_the_report_to_the_hold_abroad_in_the_browser(
    browser: Browser, federation: Federation, files: Files
) -> None:
    told = Story({name: played.desk for name, played in federation.nodes.items()}, lambda _: None)
    told.agree()
    agreement = told.told.agreement
    federation.nodes["KH"].desk.act(agreement, "suspend-pair", {"other": "TH", "reason": "played suspension"})
    stage = served.Served(federation, agreement)
    story = Looking(stage, files, lambda _: None)
    korea, thailand = (browser.new_context(viewport={"width": 1366, "height": 768}) for _ in range(2))
    story.watches = (Watch(korea, federation.nodes["KR"].url), Watch(thailand, federation.nodes["TH"].url))
    story.watches[1].expect(cuts=True)  # Thailand is off-line for seven minutes
    story.sheet_page = signed_in(korea, link(federation, federation.nodes["KR"], OFFICER), task="Case V-KR-0417")
    story.board = korea.new_page()
    story.board.goto(f"{federation.nodes['KR'].url}/money")
    story.bank = signed_in(thailand, link(federation, federation.nodes["TH"], TELLER))
    story.bank.goto(f"{federation.nodes['TH'].url}/bank")
    expect(story.bank.get_by_text("Nothing waits for your answer.")).to_be_visible()
    found = story.play()
    assert found.held_usd == HELD_USD
    assert found.refusals["more than the claim"] == "R50"
    story.board.reload()
    expect(story.board.get_by_role("button", name="Sign in with a passkey")).to_be_visible()  # hours have passed
    for context in (korea, thailand):
        context.close()
