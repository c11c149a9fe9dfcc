"""A node with an analyst, and how files reach it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from federation.world import World
from spean.node.entry.people import Who
from spean.node.money.money import Money


class Desk:
    """A node of a country, its analyst, and how files reach it."""

    def __init__(self, folder: Path, country: str = "KR", **settings: object) -> None:
        self.world = World([country], folder, peered=False)
        disk = self.world.disks[country]
        disk.settings = replace(disk.settings, **settings)  # type: ignore[arg-type]  # settings by name
        self.node = self.world.boot(country)
        self.analyst = self.world.person(country, "Han Ji", "financial-analyst", "duty-officer")

    @property
    def money(self) -> Money:
        return self.node.money

    def give(self, text: str | bytes, name: str = "file.csv", who: Who | None = None, **hints: object):  # type: ignore[no-untyped-def]
        self.world.clock.advance(1)
        data = text.encode() if isinstance(text, str) else text
        return self.money.take_file(who or self.analyst, name, [data], hints=hints or None, wait=True)
