"""Selectors in free text: kind, value, clean form and place. Pure, and in time that grows with the length of the text only."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from spean.core.errors import TooMuch
from spean.entities.extract import devices, money, net, papers
from spean.entities.extract.model import MOST_TEXT, Found, Seen, see
from spean.entities.values.country import COUNTRY

Finder = Callable[[Seen], Iterator[Found]]

FINDERS: tuple[Finder, ...] = (
    papers.zones, net.urls, net.mails, money.wallets, money.ibans, devices.hashes, net.addresses, net.names, net.handles, devices.imeis,
    devices.ships, papers.passports, papers.nationals, money.accounts, money.amounts, devices.phones,
)  # fmt: skip
"""The surest first: what one has taken no other takes again."""


def extract(text: str, country: str = "") -> list[Found]:
    """What stands in the text, in its order, without overlaps. ``country`` (ISO 3166) reads numbers without a country code.

    Raises ``TooMuch`` for more than ``MOST_TEXT`` characters, ``InvalidInput`` for a country that is none.
    """
    if len(text) > MOST_TEXT:
        raise TooMuch("The text is too long", why=f"more than {MOST_TEXT} characters", remedy="cut it into parts")
    seen = see(text, COUNTRY.clean(country) if country else "")
    taken = bytearray(len(text))
    kept: list[Found] = []
    for finder in FINDERS:
        for found in finder(seen):
            if not any(taken[found.start : found.end]):
                taken[found.start : found.end] = b"\1" * (found.end - found.start)
                kept.append(found)
    return sorted(kept, key=lambda each: each.start)


__all__ = ["FINDERS", "Found", "extract"]
