"""All pages of this version, and the places of the rail."""

from __future__ import annotations

from starlette.routing import BaseRoute

from spean.candidates.procedures import DESK as ASKING
from spean.core.marks import Purpose
from spean.core.roles import READS, Role
from spean.door.access import Access
from spean.node import Node
from spean.node.same.screening import ROLES as BORDER
from spean.node.wire.watch import Watch
from spean.web.frame import shell, static
from spean.web.frame.live import Live
from spean.web.frame.office import Office
from spean.web.frame.shell import Place
from spean.web.places import (
    account,
    act,
    administration,
    agreement,
    agreements,
    alarms,
    audit,
    bank,
    bank_inquiry,
    board,
    border,
    candidates,
    chart,
    components,
    desk,
    directory,
    entities,
    entity,
    entity_files,
    fact_acts,
    facts,
    goaml,
    hand_over,
    imports,
    log,
    money,
    partners,
    procedures,
    prove,
    recalls,
    record,
    recoveries,
    restitution,
    search,
    sign_in,
    task,
    terms,
    users,
    watches,
)

MODULES = (
    desk,
    act,
    record,
    chart,
    search,
    entities,
    entity_files,
    entity,
    task,
    sign_in,
    prove,
    account,
    administration,
    users,
    recoveries,
    alarms,
    agreements,
    agreement,
    facts,
    fact_acts,
    directory,
    partners,
    procedures,
    terms,
    hand_over,
    log,
    recalls,
    components,
    audit,
    bank_inquiry,
    bank,
    board,
    imports,
    goaml,
    money,
    restitution,
    watches,
    candidates,
    border,
)
"""In order of their routes: a path with a fixed word comes before one with a name in its place."""
_OFFICERS = tuple(role for role in Role if role not in (Role.ADMINISTRATOR, Role.SERVICE))


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


_MONEY = tuple(role for role in _OFFICERS if Purpose.STOP_FRAUD in READS[role].purposes and role is not Role.BANK_DESK)
_ASKING = (*ASKING, Role.AUDITOR)
_PLACES = (
    Place("/", _("Desk"), "d"),
    Place("/search", _("Search"), "s", _OFFICERS),
    Place("/entities", _("Persons and things"), "t", _OFFICERS),
    Place("/money", _("Money"), "y", _MONEY),
    Place("/same", _("The same one?"), "q", _ASKING),
    Place("/border", _("Border"), "x", BORDER),
    Place("/alarms", _("Alarms"), "a"),
    Place("/hand-over", _("Hand-over"), "h", _OFFICERS),
    Place("/agreements", _("Agreements"), "e", after_line=True),
    Place("/directory", _("Directory"), "f"),
    Place("/partners", _("Partners"), "p"),
    Place("/procedures", _("Procedures"), "o"),
    Place("/terms", _("Terms"), "w"),
    Place("/log", _("Log and proofs"), "l"),
    Place("/recalls", _("Recalls"), "r"),
    Place("/recoveries", _("Recoveries"), "", roles=(Role.ADMINISTRATOR, Role.LEGAL, Role.AUDITOR), after_line=True),
    Place("/administration", _("Administration"), "m", roles=(Role.ADMINISTRATOR,)),
    Place("/audit", _("Audit"), "u", (Role.AUDITOR,)),
    Place("/bank", _("Orders"), "b", (Role.BANK_DESK,)),
)  # fmt: skip


def web_routes(node: Node, access: Access, watch: Watch) -> list[BaseRoute]:
    """Every page, the stream that keeps them live, and the files they load."""
    office = Office(node, access, watch)
    shell.PLACES[:] = _PLACES
    declared = office.routes(module.pages for module in MODULES)
    return [static.ROUTE, Live(office).route(), *declared, office.nowhere()]
