"""Bulk queries, look-ups of people in office, repeated misses: what is stopped, and what rings at the supervisor (R24, B2, O7).

Pure: it is given when somebody looked and what came of it, never what was looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spean.core.errors import TooMuch
from spean.core.world import DAY, HOUR, MINUTE

Use = Literal["look-up", "border", "group"]
Concerning = Literal["bulk", "office", "misses"]
MISSES = 30
"""Look-ups in a row that found nothing, within a day: somebody guesses."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in a minute and in an hour; from ``rings`` in an hour on the supervisor is told."""

    minute: int
    hour: int
    rings: int


LIMITS: dict[Use, Limit] = {
    "look-up": Limit(20, 200, 60),
    "border": Limit(60, 1500, 1000),
    "group": Limit(600, 2000, 1200),
}
"""For each use. Whoever types cannot look faster; a counter has up to sixty travellers a minute; a group counts each person in it."""


@dataclass(frozen=True, slots=True)
class Look:
    """One question of one user: when (ms), for which use, whether anything was found, and whether it was about somebody in office."""

    at: int
    use: Use
    found: bool
    office: bool = False


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that the supervisor should look at, with how often since when (ms)."""

    kind: Concerning
    count: int
    since: int


def check(looks: Sequence[Look], use: Use, now: int, count: int = 1) -> None:
    """Refuse ``count`` more questions past the limit. ``looks``: those of this user in the last hour, in any order. Raises ``TooMuch``."""
    limit = LIMITS[use]
    for span, most, word in ((MINUTE, limit.minute, "minute"), (HOUR, limit.hour, "hour")):
        made = sum(1 for look in looks if look.use == use and look.at > now - span)
        if made + count > most:
            raise TooMuch(
                "Too many questions", why=f"more than {most} in one {word} by one person; the supervisor is told",
                remedy=f"wait a {word}, or ask for a group or a batch", rule="R24",
            )  # fmt: skip


def concerns(looks: Sequence[Look], now: int) -> tuple[Concern, ...]:
    """What one user's questions of the last day give reason to look at. ``looks`` in any order."""
    found = []
    for use, limit in LIMITS.items():
        hour = [look.at for look in looks if look.use == use and look.at > now - HOUR]
        if len(hour) >= limit.rings:
            found.append(Concern("bulk", len(hour), min(hour)))
    office = [look.at for look in looks if look.office and look.at > now - DAY]
    if office:
        found.append(Concern("office", len(office), min(office)))
    misses = _in_a_row([look for look in looks if look.use == "look-up" and look.at > now - DAY])
    if len(misses) >= MISSES:
        found.append(Concern("misses", len(misses), min(misses)))
    return tuple(found)


def _in_a_row(looks: Sequence[Look]) -> list[int]:
    """When the newest look-ups were that found nothing, up to the last one that did."""
    times = []
    for look in sorted(looks, key=lambda each: each.at, reverse=True):
        if look.found:
            break
        times.append(look.at)
    return times
