"""What surrounds every page: the rail, who is signed in and for which task, alarms, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from spean.core.roles import Role
from spean.node.entry.people import Who
from spean.web.frame.pages import Page
from spean.web.frame.visit import Visit

Count = Callable[[Visit], int]


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the rail. ``roles`` empty: everybody who reads contents; ``key`` opens it after ``g``."""

    path: str
    label: str
    key: str = ""
    roles: tuple[Role, ...] = ()
    after_line: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A place as this person sees it."""

    path: str
    label: str
    key: str
    current: bool
    after_line: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What ``base.html`` is given beside the page."""

    node: str
    node_name: str
    signed_in: bool
    name: str
    unit: str
    roles: tuple[str, ...]
    task: str
    asks_task: bool
    """Whether this person reads records for a case or task; a bank's desk reads its orders only."""
    places: tuple[Link, ...]
    alarms: int
    worst: str
    """Severity of the worst alarm that nobody has acknowledged; empty when there is none."""
    now: int
    here: str
    live: bool
    calls: str
    """How this browser calls the person to an alarm: ``sound``, ``notices``, both with a dot between, or neither."""
    stamp: str


PLACES: list[Place] = []
"""Filled by ``routes.py`` from the modules that are there."""


def shell_of(visit: Visit, page: Page) -> Shell:
    """The surroundings of ``page`` for the one who asks."""
    del page
    node, who = visit.node, visit.someone
    words = visit.office.markup.words(visit.reader.language)
    bank = who is not None and who.only_bank
    alarms = node.reading_desk.alarms(who=who) if who is not None and not bank else []
    order = {"critical": 0, "warning": 1, "info": 2}
    worst = min((alarm.severity for alarm in alarms), key=lambda each: order[each], default="")
    return Shell(
        node=node.me,
        node_name=node.settings.name,
        signed_in=who is not None,
        name="" if who is None else who.user.name,
        unit="" if who is None else who.user.unit,
        roles=() if who is None else who.user.roles,
        task=visit.task,
        asks_task=not bank,
        places=tuple(
            Link(place.path, words.gettext(place.label), place.key, _is_current(place, visit.path), place.after_line)
            for place in PLACES if who is not None and _may(place, who)
        ),
        alarms=len(alarms),
        worst=worst,
        now=visit.now,
        here=visit.here,
        live=who is not None,
        calls=visit.request.cookies.get(calls_cookie(node.me), "")[:20] if who is not None else "",
        stamp=visit.stamp,
    )  # fmt: skip


def calls_cookie(node: str) -> str:
    """The cookie that remembers it in this browser."""
    return f"spean-{node}-calls"


def _may(place: Place, who: Who) -> bool:
    if who.only_bank:
        return Role.BANK_DESK in place.roles and len(place.roles) == 1
    return not place.roles or not who.roles.isdisjoint(place.roles)


def _is_current(place: Place, path: str) -> bool:
    if place.path == "/":
        return path == "/" or path.startswith(("/records", "/new"))
    return path == place.path or path.startswith(place.path + "/")
