"""Signing in and out: by passkey, by password and one-time code, by a one-time link. What was typed when a session ended comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote

from spean.core.errors import TooMuch, Unauthenticated
from spean.door.access import address_of
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import MAX_KEPT, KeptPage, rule_of
from spean.web.frame.visit import MAX_FIELDS, Pairs, Visit, local_path

pages = Pages()
MAX_CREDENTIAL = 64 * 1024
"""Characters of what a passkey answers; real answers have some thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage(Page):
    """A one-time link was opened; it is spent only when the person says so, since programs open links, too."""

    template: ClassVar[str] = "link.html"
    secret: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePage(Page):
    """Signed in again, or proved again: back to what was typed."""

    template: ClassVar[str] = "resume.html"
    action: str
    fields: tuple[tuple[str, str], ...]
    proved: bool
    """A proof was asked for between, and nobody was signed out."""


@pages.get("/sign-in", stranger=True)
def sign_in(visit: Visit) -> Answer:
    """The ways in."""
    words = visit.office.markup.words(visit.reader.language)
    return KeptPage(title=words.gettext("Sign in"), rule=None, back=local_path(visit.query("back", "/")), kept="")


@pages.post("/sign-in/passkey", stranger=True)
def by_passkey(visit: Visit) -> Answer:
    """The passkey itself says who it is."""
    signing_in, address = visit.node.signing_in, address_of(visit.request)
    return _tried(visit, lambda: signing_in.sign_in_passkey(credential(visit), address=address))


@pages.post("/sign-in/password", stranger=True)
def by_password(visit: Visit) -> Answer:
    """Name, password and one-time code."""
    name, password, code = visit.typed("name"), visit.typed("secret.password"), visit.typed("secret.code")
    address, device = address_of(visit.request), visit.office.access.device_of(visit.request)
    return _tried(
        visit,
        lambda: visit.node.signing_in.sign_in_password(name, password, code, address=address, device=device),
    )


@pages.get("/sign-in/link/{secret}", stranger=True)
def link(visit: Visit) -> Answer:
    """What a one-time link opens."""
    words = visit.office.markup.words(visit.reader.language)
    return LinkPage(title=words.gettext("Sign in"), secret=visit.part("secret"), back="/")


@pages.post("/sign-in/link", stranger=True)
def spend_link(visit: Visit) -> Answer:
    """Turn the link into a session."""
    access = visit.office.access
    return _tried(
        visit, lambda: access.sign_in(visit.request, visit.typed("secret.link").strip(), form=True), device=False
    )


@pages.post("/sign-out", stranger=True)
def sign_out(visit: Visit) -> Answer:
    """End this session here and at the node; one that has ended already is forgotten here."""
    if visit.someone is not None:
        visit.office.access.sign_out(visit.request)
    visit.cookies += [(visit.office.access.cookie, "", 0), (visit.office.task_cookie, "", 0)]
    return Go("/sign-in")


def _tried(visit: Visit, attempt: Callable[[], str], *, device: bool = True) -> Answer:
    """In; or the ways in again, with what was typed but the secrets."""
    try:
        session = attempt()
    except (Unauthenticated, TooMuch) as wrong:
        words = visit.office.markup.words(visit.reader.language)
        page = KeptPage(
            title=words.gettext("Sign in"), rule=rule_of(wrong), back=local_path(visit.typed("back", "/")),
            kept=visit.typed("kept")[:MAX_KEPT], name=visit.typed("name")[:200],
        )  # fmt: skip
        return Shown(page, wrong.status)
    return enter(visit, session, device=device)


def enter(visit: Visit, session: str, *, device: bool) -> Answer:
    """Somebody has proved who it is: hand out the cookies and go where it was meant to go. ``device``: know it next time."""
    access = visit.office.access
    before = visit.someone
    visit.cookies.append((access.cookie, session, access.session_seconds))
    if device:
        visit.cookies.append(access.device_cookie(session))
    if before is not None and before.session:
        visit.node.people.drop(access.secret_of(visit.request))
    visit.someone = visit.node.people.authenticate(session, through="session")
    visit.forget_reader()
    back = local_path(visit.typed("back", "/"))
    if not visit.typed("kept") and _holds_nothing(visit):
        return Go(f"/account/passkey?back={quote(back)}")
    return resumed(visit, back, proved=False)


def resumed(visit: Visit, back: str, *, proved: bool) -> Answer:
    """Back to where somebody was, with what was typed there."""
    kept = visit.typed("kept")
    if not kept or len(kept) > MAX_KEPT:
        return Go(back)
    words = visit.office.markup.words(visit.reader.language)
    title = words.gettext("Go on") if proved else words.gettext("You are signed in again")
    fields: Pairs = parse_qsl(kept, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    return ResumePage(title=title, action=back, fields=tuple(fields), proved=proved)


def credential(visit: Visit, name: str = "secret.credential") -> dict[str, Any]:
    """What the passkey answered, as the page's script wrote it down. Raises ``Unauthenticated``."""
    text = visit.typed(name)
    try:
        found = json.loads(text) if len(text) <= MAX_CREDENTIAL else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unauthenticated(
            "The passkey was not accepted", why="the page sent no answer of a passkey",
            remedy="use a passkey in a browser that runs this page's script, or another way to sign in",
        )  # fmt: skip
    return found


def _holds_nothing(visit: Visit) -> bool:
    """Whether this person has neither passkey nor password yet."""
    with visit.node.reading() as tx:
        return not visit.node.signing_in.held(tx, visit.who.id)
