"""National clocks of holds as data (``clocks.toml``; C2, DOMAIN 3.1). Lengths are milliseconds, ``hold-extensions`` is a count."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from spean.core.world import DAY, HOUR, MINUTE

URGENT = 15 * MINUTE
"""The most that a hold lasts that was made before the holder's name was checked (R5)."""
FRESH = 15 * MINUTE
"""How old the look at the account may be on which a hold rests: accounts are emptied within minutes (DOMAIN 2.1)."""
REMIND_EARLY, REMIND_LATE = 24 * HOUR, 4 * HOUR
"""Before a hold ends: for 72 hours these are its 48th and 68th (C2, DOMAIN 8.1)."""
NAMES = ("hold", "hold-extension", "hold-extensions", "hold-complaint")
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}


@cache
def profiles() -> Mapping[str, Mapping[str, int]]:
    """Country → clock → its length; *generic* is for every other country."""
    read = tomllib.loads(resources.files("spean.holds").joinpath("clocks.toml").read_text("utf-8"))
    found = {country: {name: _length(clocks[name]) for name in NAMES} for country, clocks in read.items()}
    return MappingProxyType({country: MappingProxyType(clocks) for country, clocks in found.items()})


def sources() -> Mapping[str, str]:
    """Country → where its clocks come from."""
    read = tomllib.loads(resources.files("spean.holds").joinpath("clocks.toml").read_text("utf-8"))
    return {country: clocks["source"] for country, clocks in read.items()}


def national(country: str, name: str) -> int | None:
    """A country's clock; None when it is no clock of holds."""
    return profiles().get(country, profiles()["generic"]).get(name)


def _length(value: int | str) -> int:
    if isinstance(value, int):
        return value
    count, unit = value.split()
    return int(count) * _UNITS[unit]
