"""Delays of clocks: fixed, national (a setting of the node) or read from a form.

A delay is integer milliseconds. ``within=minutes(5)`` and ``after=hours(72)`` read as a jurist would say them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spean.core.world import DAY, HOUR, MINUTE


def minutes(count: int) -> int:
    """So many minutes, in milliseconds."""
    return count * MINUTE


def hours(count: int) -> int:
    """So many hours, in milliseconds."""
    return count * HOUR


def days(count: int) -> int:
    """So many days, in milliseconds."""
    return count * DAY


@dataclass(frozen=True, slots=True)
class National:
    """A delay that each state sets for itself (DOMAIN 3.1): the setting ``name``, else ``default`` ms."""

    name: str
    default: int


@dataclass(frozen=True, slots=True)
class FromForm:
    """A delay that stands in a form: ``read(form)`` gives milliseconds, or None for "no clock".

    ``of`` are the moves whose forms are read, the latest counts (empty: the opening act). ``absolute`` means that
    the number is a moment and no delay. ``otherwise`` is used when the form is erased.
    """

    read: Callable[[Any], int | None]
    text: str
    of: tuple[str, ...] = ()
    absolute: bool = False
    otherwise: int | None = None


Delay = int | National | FromForm


def national(name: str, *, default: int) -> National:
    """The node's own setting ``name``, else ``default`` milliseconds."""
    return National(name, default)


def from_form(
    read: Callable[[Any], int | None],
    text: str,
    *,
    of: tuple[str, ...] = (),
    absolute: bool = False,
    otherwise: int | None = None,
) -> FromForm:
    """A delay read from a form; ``text`` says it in words for the manual."""
    return FromForm(read, text, of, absolute, otherwise)


def words(delay: Delay) -> str:
    """The delay in words for diagram and manual: ``5 minutes``, ``72 hours``, ``national: hold (72 hours)``."""
    if isinstance(delay, FromForm):
        return delay.text
    if isinstance(delay, National):
        return f"national setting “{delay.name}”, {words(delay.default)} unless set"
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1000, "second")):
        if delay >= unit and delay % unit == 0:
            count = delay // unit
            return f"{count} {name}" + ("" if count == 1 else "s")
    return f"{delay} ms"
