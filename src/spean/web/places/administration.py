"""Administration: keys, backups, versions, storage, health. What the node holds is not shown to whoever keeps it alive (DOMAIN 5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import InvalidInput
from spean.core.roles import Role
from spean.node.care import health
from spean.node.care.health import Line
from spean.node.care.machine import Machine
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationPage(Page):
    """The state of the machine, and the commands that change it."""

    template: ClassVar[str] = "administration.html"
    rule: Rule | None
    done: str
    machine: Machine
    units: tuple[tuple[str, int], ...]
    """Each unit with how many users it has."""
    users: int
    admitted: bool
    drill: str
    """What was typed about a drill, when it was not accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPage(Page):
    """What ``spean doctor`` says."""

    template: ClassVar[str] = "health.html"
    lines: tuple[Line, ...]
    worst: str
    called: bool
    """Whether the partners were called, too."""


@pages.get("/administration")
def administration(visit: Visit) -> Answer:
    """The overview."""
    return administration_page(visit)


def administration_page(visit: Visit, error: InvalidInput | None = None) -> AdministrationPage:
    """The page, with what was wrong."""
    words = visit.office.markup.words(visit.reader.language)
    machine = visit.node.machines.look(visit.who)
    active = [each.user for each in visit.node.administering.users(visit.who) if each.user.disabled_at is None]
    counts = Counter(user.unit for user in active)
    return AdministrationPage(
        title=words.gettext("Administration"), rule=None if error is None else rule_of(error), done=visit.query("done"),
        machine=machine, units=tuple((unit, counts[unit]) for unit in visit.node.settings.units), users=len(active),
        admitted=machine.identity_serial > 0, drill=visit.typed("words"),
    )  # fmt: skip


@pages.get("/administration/health")
def look(visit: Visit) -> Answer:
    """Everything that can be looked at from here."""
    visit.who.need(Role.ADMINISTRATOR)
    called = visit.query("partners") == "1"
    lines = tuple(health.served(visit.node, network=called))
    words = visit.office.markup.words(visit.reader.language)
    worst = next((verdict for verdict in ("fail", "warn") if any(line.verdict == verdict for line in lines)), "ok")
    order = {"fail": 0, "warn": 1, "ok": 2}
    return HealthPage(
        title=words.gettext("Is the node well?"), lines=tuple(sorted(lines, key=lambda line: order[line.verdict])), worst=worst,
        called=called,
    )  # fmt: skip


@pages.post("/administration/drill")
def drill(visit: Visit) -> Answer:
    """A restore was rehearsed."""
    try:
        visit.node.administering.note_drill(visit.who, visit.typed("words"))
    except InvalidInput as wrong:
        return Shown(administration_page(visit, wrong), wrong.status)
    return Go("/administration?done=drill")
