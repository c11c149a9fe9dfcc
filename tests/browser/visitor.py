"""Opens pages as one of the people of the served federation."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from browser.furnished import Furnished
from browser.served import Served
from browser.watched import Watch

WIDE = {"width": 1366, "height": 768}
BLANK = "about:blank"
TASK = "Browser tests, night shift"


class Visitor:
    """Opens pages as one of the people of the federation; checks at the end what the browser noticed."""

    def __init__(self, browser: Browser, world: Furnished, sessions: dict[tuple[str, str], str]) -> None:
        self._browser = browser
        self._world = world
        self._sessions = sessions
        self._open: list[tuple[BrowserContext, Watch]] = []

    def page(
        self,
        person: str = "officer",
        at: Served | None = None,
        *,
        fresh: bool = False,
        task: str = TASK,
        **options: Any,
    ) -> Page:
        """A page of ``person`` at a node (KR unless said), signed in by a link; '' is a stranger. ``fresh``: a session of its own."""
        served = at or self._world.kr
        context = self._browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **options})
        context.set_default_timeout(10_000)
        if person:
            known = (served.name, person)
            secret = served.session(person) if fresh or known not in self._sessions else self._sessions[known]
            if not fresh:
                self._sessions[known] = secret
            _cookie(context, served, "", secret)
            if task:
                _cookie(context, served, "-task", task.replace(" ", "%20").replace(",", "%2C"))
        watch = Watch(context, served.url)
        self._open.append((context, watch))
        return context.new_page()

    def watch(self, page: Page) -> Watch:
        """What listens to this page."""
        return next(watch for context, watch in self._open if context == page.context)

    def close(self) -> None:
        """Close everything, then fail with what was noticed."""
        for context, _ in self._open:
            context.close()
        for _, watch in self._open:
            watch.check()


class Window:
    """One page that goes from address to address."""

    def __init__(self, page: Page, watch: Watch) -> None:
        self.page = page
        self.watch = watch
        self._devices = page.context.new_cdp_session(page)

    def zoom(self, percent: int) -> None:
        """As somebody zooms the page that she reads, on a screen of WIDE."""
        times = percent / 100
        width, height = (int(side / times) for side in (WIDE["width"], WIDE["height"]))
        screen = {"width": width, "height": height, "deviceScaleFactor": times, "mobile": False}
        self._devices.send("Emulation.setDeviceMetricsOverride", screen)


class Windows:
    """Windows for looking only, one for each person and kind of screen: opening one costs as much as two pages."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._open: dict[tuple[str, str], Window] = {}

    def of(self, person: str, **options: Any) -> Window:
        """The window of ``person`` (see ``Visitor.page``)."""
        key = (person, repr(sorted(options.items())))
        if key not in self._open:
            page = self._visitor.page(person, **options)
            self._open[key] = Window(page, self._visitor.watch(page))
        return self._open[key]

    def check(self) -> None:
        """Leave the pages, so that none of them goes on listening; fail with what was noticed since the last check."""
        for window in self._open.values():
            if window.page.url != BLANK:
                window.page.goto(BLANK)
        for window in self._open.values():
            window.watch.check()

    def close(self) -> None:
        """Close all."""
        self._visitor.close()


def _cookie(context: BrowserContext, served: Served, suffix: str, value: str) -> None:
    context.add_cookies([
        {"name": f"spean-{served.name}{suffix}", "value": value, "domain": f"{served.name.lower()}.localhost", "path": "/",
         "httpOnly": True, "sameSite": "Strict"}
    ])  # fmt: skip
