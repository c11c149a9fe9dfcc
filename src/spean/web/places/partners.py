"""Partners: how each one is, what waits for it, and, for an administrator, inviting, accepting and revoking (O9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import Conflict, InvalidInput, Refusal, SpeanError
from spean.core.roles import Role
from spean.node.views.partners import Health, Rests, Waiting
from spean.web.frame.office import PROOF
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()
OFF = 60_000
"""Milliseconds from which on a partner's clock is told to be wrong (DESIGN, Clocks)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One partner of the list."""

    node: str
    name: str
    status: str
    silent: bool
    last_contact: int | None
    backlog: int
    oldest: int | None
    clock: str
    """Seconds by which its clock is ahead of ours, with sign."""
    clock_off: bool
    version: str
    ours: int
    witnessed: int
    seen: int
    seen_at: int | None
    failures: int
    last_error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnersPage(Page):
    """All partners."""

    template: ClassVar[str] = "partners.html"
    rows: tuple[Row, ...]
    administrator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key of the partner with the time in which it is believed."""

    use: str
    key_id: str
    since: int
    until: int | None
    revoked_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerPage(Page):
    """One partner."""

    template: ClassVar[str] = "partner.html"
    row: Row
    url: str
    added_at: int
    received: int
    sent: int
    words: str
    keys: tuple[Key, ...]
    shared: tuple[tuple[str, str], ...]
    resting: tuple[Rests, ...]
    waiting: tuple[Waiting, ...]
    administrator: bool
    rule: Rule | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitePage(Page):
    """Our invitation to hand over, with the words to read out."""

    template: ClassVar[str] = "partner-invite.html"
    text: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptPage(Page):
    """A partner's invitation: pasted, looked at, its words compared on the telephone, accepted."""

    template: ClassVar[str] = "partner-accept.html"
    text: str
    whose: tuple[str, str, str] | None
    """Node, name and address once the invitation was read."""
    heard: str
    ours: str
    """Our own words, which the partner compares at the same time."""
    rule: Rule | None


@pages.get("/partners")
def partners(visit: Visit) -> Page:
    """How each partner is."""
    words = visit.office.markup.words(visit.reader.language)
    rows = tuple(_row(each) for each in visit.node.partners.health())
    return PartnersPage(title=words.gettext("Partners"), rows=rows, administrator=_administers(visit))


@pages.get("/partners/invite")
def invite(visit: Visit) -> Page:
    """Our invitation."""
    words = visit.office.markup.words(visit.reader.language)
    offer = visit.node.partners.invite(visit.who)
    return InvitePage(title=words.gettext("Invite a partner"), text=offer.text, words=offer.words)


@pages.get("/partners/accept")
def accept_form(visit: Visit) -> Page:
    """The form that takes a partner's invitation."""
    return _accept_page(visit, "", "")


@pages.post("/partners/accept")
def accept(visit: Visit) -> Answer:
    """First look whose it is; with the words that were heard, accept."""
    text, heard = visit.typed("text"), visit.typed("heard")
    try:
        if not heard.strip():
            return _accept_page(visit, text, heard)
        row = visit.node.partners.accept(visit.who, text, heard)
    except (InvalidInput, Refusal, Conflict) as refused:
        if refused.rule == PROOF:
            raise
        if isinstance(refused, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, refused, "POST /partners/accept")
        return Shown(_accept_page(visit, text, heard, refused), refused.status)
    return Go(f"/partners/{row.node}")


@pages.get("/partners/{node}")
def partner(visit: Visit) -> Page:
    """One partner."""
    return _partner_page(visit)


@pages.post("/partners/{node}/revoke")
def revoke(visit: Visit) -> Answer:
    """Believe nothing from it any more."""
    node, reason = visit.part("node"), visit.typed("reason")
    try:
        visit.node.partners.revoke(visit.who, node, reason)
    except InvalidInput as wrong:
        return Shown(_partner_page(visit, wrong, reason), wrong.status)
    return Go(f"/partners/{node}")


def _accept_page(visit: Visit, text: str, heard: str, error: SpeanError | None = None) -> AcceptPage:
    words = visit.office.markup.words(visit.reader.language)
    ours = visit.node.partners.invite(visit.who).words
    whose = None
    if text.strip():
        try:
            identity = visit.node.partners.look(visit.who, text).identity
            whose = (identity.node, identity.name, identity.url)
        except SpeanError as unreadable:
            error = error or unreadable
    return AcceptPage(
        title=words.gettext("Accept a partner"), text=text, whose=whose, heard=heard, ours=ours,
        rule=None if error is None else rule_of(error),
    )  # fmt: skip


def _partner_page(visit: Visit, error: SpeanError | None = None, reason: str = "") -> PartnerPage:
    found = visit.node.partners.partner(visit.who, visit.part("node"))
    row = found.health.row
    keys = tuple(
        Key(use=key.use, key_id=key.key_id, since=key.valid_from, until=key.valid_until, revoked_at=key.revoked_at)
        for key in found.keys
    )
    return PartnerPage(
        title=row.name, row=_row(found.health), url=row.url, added_at=row.added_at, received=row.in_seq, sent=found.health.queued,
        words=found.words, keys=keys, shared=found.shared, resting=found.resting, waiting=found.waiting,
        administrator=_administers(visit), rule=None if error is None else rule_of(error), reason=reason,
    )  # fmt: skip


def _row(health: Health) -> Row:
    row = health.row
    return Row(
        node=row.node, name=row.name, status=row.status, silent=health.silent, last_contact=row.last_contact,
        backlog=health.backlog, oldest=health.oldest, clock=_seconds(row.clock_offset), clock_off=abs(row.clock_offset) > OFF,
        version=row.version, ours=health.ours, witnessed=health.witnessed, seen=health.seen, seen_at=health.seen_at,
        failures=row.failures, last_error=row.last_error,
    )  # fmt: skip


def _seconds(milliseconds: int) -> str:
    tenths = round(milliseconds / 100)
    return f"{tenths / 10:+.1f}" if tenths else "0.0"


def _administers(visit: Visit) -> bool:
    return Role.ADMINISTRATOR in visit.who.roles
