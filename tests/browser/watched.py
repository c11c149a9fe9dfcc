"""What a browser noticed while a test used it: whatever is listed here fails the test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `CSP: ${event.effectiveDirective} blocked ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber} ${event.sample}`));
"""
_STATUS = re.compile(r"the server responded with a status of (\d{3})")
_CUT = "net::ERR_"
_INSIDE = ("data", "blob", "about")


class Watch:
    """Listens to one browser context. ``statuses`` are the answers, ``cuts`` whether lost lines, that a test provokes on purpose."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._host = urlsplit(url).netloc
        self.faults: list[str] = []
        self.statuses: set[int] = set()
        self.cuts = False
        context.add_init_script(LISTEN)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        context.on("request", self._asked)

    def expect(self, statuses: Iterable[int] = (), *, cuts: bool = False) -> None:
        """These refusals, or a cut line, are what the test is about."""
        self.statuses |= set(statuses)
        self.cuts = self.cuts or cuts

    def check(self) -> None:
        """Fail with everything that was noticed since the last check."""
        found, self.faults = self.faults, []
        assert not found, "the browser noticed:\n" + "\n".join(found)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        status = _STATUS.search(message.text)
        if status is not None and int(status[1]) in self.statuses:
            return
        if self.cuts and (_CUT in message.text or message.text.startswith("htmx:")):
            return
        self.faults.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in _INSIDE and parts.netloc != self._host:
            self.faults.append(f"a request to another host: {request.url}")
