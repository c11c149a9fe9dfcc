"""The directory: who answers for a number, account, wallet or country, who is on duty there, and who is next (A2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from spean.core.errors import InvalidInput
from spean.core.roles import Role
from spean.core.world import from_iso
from spean.web.frame.pages import Page, Pages
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

if TYPE_CHECKING:  # numbering plans are heavy, and only who asks the directory needs them
    from spean.directory.model import Desk, Shift
    from spean.directory.service import Kind, KnownDesk

pages = Pages()
KINDS: tuple[Kind, ...] = ("phone", "account", "iban", "bic", "wallet", "country")
KEEPERS = (Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.SECRETARIAT)
"""Who may publish and change a desk, as its procedure says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """One shift of a roster."""

    officer: str
    phone: str
    languages: tuple[str, ...]
    starts: int
    ends: int
    rank: int
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A desk in the list."""

    record: str
    node: str
    name: str
    ours: bool
    languages: tuple[str, ...]
    countries: tuple[str, ...]
    prefixes: tuple[str, ...]
    phone: str
    email: str
    open: bool
    now: OnDuty | None
    next: OnDuty | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A desk that answers for what was asked, and why."""

    entry: Entry
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryPage(Page):
    """All desks, and the search for the right one."""

    template: ClassVar[str] = "directory.html"
    entries: tuple[Entry, ...]
    kinds: tuple[str, ...]
    kind: str
    value: str
    chain: str
    asked: bool
    proposals: tuple[Proposed, ...]
    rule: Rule | None
    may_publish: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskEntryPage(Page):
    """One desk with its roster."""

    template: ClassVar[str] = "directory-desk.html"
    entry: Entry
    units: tuple[str, ...]
    zone: str
    shown_zone: str
    iban_countries: tuple[str, ...]
    banks: tuple[str, ...]
    accounts: tuple[str, ...]
    wallets: tuple[tuple[str, str, str], ...]
    """Holder, chain, beginning of the address."""
    roster: tuple[OnDuty, ...]
    past: int
    """Shifts that are over and not shown."""
    sealed: tuple[tuple[str, str], ...]
    may_update: bool
    opens: bool
    """This reader may open the record with its acts."""


@pages.get("/directory")
def directory(visit: Visit) -> Page:
    """Desks of all nodes; with something known, the ones that answer for it."""
    desks, words = visit.node.desks, visit.office.markup.words(visit.reader.language)
    kind, value, chain = visit.query("kind", "phone"), visit.query("value").strip(), visit.query("chain").strip()
    proposals: list[Proposed] = []
    rule = None
    if value:
        try:
            chosen = next((each for each in KINDS if each == kind), None)
            if chosen is None:
                raise InvalidInput("kind", f"{kind[:20]!r} is on no list", remedy=f"one of {', '.join(KINDS)}")
            proposals = [
                Proposed(entry=_entry(visit, each.desk), why=each.why) for each in desks.propose(chosen, value, chain)
            ]
        except InvalidInput as wrong:
            rule = rule_of(wrong)
    return DirectoryPage(
        title=words.gettext("Directory"), entries=tuple(_entry(visit, each) for each in desks.all()), kinds=KINDS, kind=kind,
        value=value, chain=chain, asked=bool(value), proposals=tuple(proposals), rule=rule, may_publish=_keeps(visit),
    )  # fmt: skip


@pages.get("/directory/{record}")
def desk_entry(visit: Visit) -> Page:
    """One desk: what it answers for, its roster by the reader's clock, its keys."""
    known = visit.node.desks.one(visit.part("record"))
    desk = known.desk
    shifts = sorted((_shift(each, visit.now) for each in desk.roster), key=lambda each: (each.starts, each.rank))
    ahead = [each for each in shifts if each.ends > visit.now]
    return DeskEntryPage(
        title=desk.name, entry=_entry(visit, known), units=desk.units, zone=desk.time_zone,
        shown_zone=visit.reader.zone_name(visit.now), iban_countries=desk.iban_countries, banks=desk.bic_prefixes,
        accounts=desk.account_prefixes, wallets=tuple((each.holder, each.chain, each.address) for each in desk.wallets),
        roster=tuple(ahead), past=len(shifts) - len(ahead), sealed=tuple((each.unit, each.key_id) for each in desk.seal_keys),
        may_update=known.node == visit.node.me and _keeps(visit), opens=visit.node.desks.opens(visit.who, known),
    )  # fmt: skip


def _entry(visit: Visit, known: KnownDesk) -> Entry:
    desk: Desk = known.desk
    duty = visit.node.desks.duty(known)
    return Entry(
        record=known.record, node=known.node, name=desk.name, ours=known.node == visit.node.me, languages=desk.languages,
        countries=desk.countries, prefixes=desk.phone_prefixes, phone=desk.phone, email=desk.email,
        open=desk.always_open or duty.now is not None, now=None if duty.now is None else _shift(duty.now, visit.now),
        next=None if duty.next is None else _shift(duty.next, visit.now),
    )  # fmt: skip


def _shift(shift: Shift, now: int) -> OnDuty:
    starts, ends = from_iso(shift.starts), from_iso(shift.ends)
    return OnDuty(
        officer=shift.officer, phone=shift.phone, languages=shift.languages, starts=starts, ends=ends, rank=shift.rank,
        running=starts <= now < ends,
    )  # fmt: skip


def _keeps(visit: Visit) -> bool:
    return not visit.who.roles.isdisjoint(KEEPERS)
