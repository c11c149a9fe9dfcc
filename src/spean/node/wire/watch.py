"""Tells whoever waits that the store has changed, whoever changed it: partners' pulls and officers' open pages."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spean.node.ground import Ground

POLL = 0.1
"""Seconds between looks at commits of other processes; our own wake the waiters at once."""


class Watch:
    """One for each server: ``run`` looks, ``wait`` returns at the next change."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._news = asyncio.Event()
        self._pulse = -1

    @property
    def news(self) -> asyncio.Event:
        """Set at the next change. Whoever looks and then waits takes it before looking, so that no change falls between."""
        return self._news

    async def wait(self, seconds: float, news: asyncio.Event | None = None) -> bool:
        """Wait for a change (since ``news`` was taken), at most so long; True when there was one, or the server is about to end."""
        try:
            await asyncio.wait_for((news or self._news).wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Wake the waiters whenever the store changed. Runs as long as the server."""
        loop = asyncio.get_running_loop()
        committed = asyncio.Event()
        self._ground.on_commit = lambda: loop.call_soon_threadsafe(committed.set)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(committed.wait(), POLL)
            committed.clear()
            pulse = self._ground.store.pulse()
            if pulse != self._pulse or self._ground.stopping:
                self._pulse = pulse
                self._news.set()
                self._news = asyncio.Event()
