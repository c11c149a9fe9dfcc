"""Signing in and out. What was typed when a session ended is carried through the sign-in and shown again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qsl

from spean.web.pages import Answer, Go, Page, Pages
from spean.web.problem import MAX_KEPT, KeptPage
from spean.web.visit import MAX_FIELDS, Pairs, Visit, local_path

pages = Pages()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage(Page):
    """A one-time link was opened; it is spent only when the person says so, since programs open links, too."""

    template: ClassVar[str] = "link.html"
    secret: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePage(Page):
    """Signed in again: back to the form with what was typed."""

    template: ClassVar[str] = "resume.html"
    action: str
    fields: tuple[tuple[str, str], ...]


@pages.get("/sign-in", stranger=True)
def sign_in(visit: Visit) -> Answer:
    """The ways in."""
    words = visit.office.markup.words(visit.reader.language)
    return KeptPage(title=words.gettext("Sign in"), rule=None, back=local_path(visit.query("back", "/")), kept="")


@pages.get("/sign-in/link/{secret}", stranger=True)
def link(visit: Visit) -> Answer:
    """What a one-time link opens."""
    words = visit.office.markup.words(visit.reader.language)
    return LinkPage(title=words.gettext("Sign in"), secret=visit.part("secret"), back="/")


@pages.post("/sign-in/link", stranger=True)
def spend_link(visit: Visit) -> Answer:
    """Turn the link into a session."""
    secret = visit.office.access.sign_in(visit.request, visit.typed("secret"), form=True)
    return enter(visit, secret)


@pages.post("/sign-out")
def sign_out(visit: Visit) -> Answer:
    """End this session here and at the node."""
    visit.office.access.sign_out(visit.request)
    visit.cookies += [(visit.office.access.cookie, "", 0), (visit.office.task_cookie, "", 0)]
    return Go("/sign-in")


def enter(visit: Visit, session: str) -> Answer:
    """Somebody has proved who it is: hand out the cookie and go where it was meant to go."""
    visit.cookies.append((visit.office.access.cookie, session, visit.office.access.session_seconds))
    back = local_path(visit.typed("back", "/"))
    kept = visit.typed("kept")
    if not kept or len(kept) > MAX_KEPT:
        return Go(back)
    visit.someone = visit.node.people.authenticate(session, through="session")
    words = visit.office.markup.words(visit.reader.language)
    fields: Pairs = parse_qsl(kept, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    return ResumePage(title=words.gettext("You are signed in again"), action=back, fields=tuple(fields))
