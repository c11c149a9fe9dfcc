"""Opens pages as one of the people of the served federation."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from browser.furnished import Furnished
from browser.served import Served
from browser.watched import Watch

WIDE = {"width": 1366, "height": 768}
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


def _cookie(context: BrowserContext, served: Served, suffix: str, value: str) -> None:
    context.add_cookies([
        {"name": f"spean-{served.name}{suffix}", "value": value, "domain": f"{served.name.lower()}.localhost", "path": "/",
         "httpOnly": True, "sameSite": "Strict"}
    ])  # fmt: skip
