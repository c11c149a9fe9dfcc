"""My account: with what I sign in, where I am signed in, how the pages speak to me, and what was written down about me."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar
from urllib.parse import quote
from zoneinfo import available_timezones

import segno

from spean.core.errors import Conflict, InvalidInput, Refusal, TooMuch, Unauthenticated
from spean.node.entry.preferences import CALENDARS, THEMES
from spean.node.entry.sign_in_passkeys import decoded_id, encoded
from spean.node.entry.signing_in import Session
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit, local_path
from spean.web.language.catalogue import LANGUAGES
from spean.web.places.sign_in import credential

pages = Pages()
HISTORY = 30
"""Lines of what was written down about oneself; the auditor sees all of it."""
_REGIONS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One of one's own passkeys."""

    id: str
    label: str
    created_at: int
    last_used_at: int
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What was written down: when, what, and by whom when it was somebody else."""

    at: int
    act: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage(Page):
    """Everything about one's own account."""

    template: ClassVar[str] = "account.html"
    rule: Rule | None
    done: str
    """What was just done; empty otherwise."""
    name: str
    unit: str
    roles: tuple[str, ...]
    person: bool
    fresh: bool
    """Whether authenticators may be changed now; otherwise a fresh proof is asked for."""
    passkeys: tuple[Passkey, ...]
    password: bool
    codes: bool
    """Whether the codes beside the password are confirmed: only then it signs in."""
    sessions: tuple[Session, ...]
    history: tuple[Noted, ...]
    chosen: tuple[str, str, str, str]
    """Language, time zone, calendar and theme as chosen; empty where nothing was."""
    languages: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    calendars: tuple[str, ...]
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyPage(Page):
    """Register a passkey; after a first sign-in by link it can be put off."""

    template: ClassVar[str] = "passkey.html"
    rule: Rule | None
    back: str
    first: bool
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage(Page):
    """The secret of an authenticator app, shown once, and the field for the code that confirms it."""

    template: ClassVar[str] = "code.html"
    rule: Rule | None
    secret: str
    """In groups of four, for typing; empty when a wrong code was given, since it is shown once."""
    picture: str
    """The same for scanning, as an address that holds its own SVG."""


@pages.get("/account")
def account(visit: Visit) -> Answer:
    """One's own account."""
    return account_page(visit)


def account_page(visit: Visit, error: Refusal | InvalidInput | Conflict | None = None) -> AccountPage:
    """The page, with what was in the way."""
    words = visit.office.markup.words(visit.reader.language)
    who, signing_in = visit.who, visit.node.signing_in
    with visit.node.reading() as tx:
        held, row = signing_in.held(tx, who.id), tx.sign_in.password(who.id)
        names = {user.id: user.name for user in tx.people.list()}
    user = who.user
    return AccountPage(
        title=words.gettext("My account"), rule=None if error is None else rule_of(error), done=visit.query("done"),
        name=user.name, unit=user.unit, roles=user.roles, person=user.kind == "person" and bool(who.session),
        fresh=not held or not signing_in.needs_proof(who),
        passkeys=tuple(
            Passkey(id=encoded(each.id), label=each.label, created_at=each.created_at, last_used_at=each.last_used_at,
                    backed_up=each.backed_up) for each in signing_in.passkeys(who)
        ),
        password=row is not None, codes=held.password, sessions=tuple(signing_in.sessions(who)),
        history=tuple(
            Noted(at=each.at, act=each.act, by="" if each.user == who.id else names.get(each.user, ""))
            for each in signing_in.history(who, HISTORY)
        ),
        chosen=(user.language, user.time_zone, user.calendar, user.theme), languages=tuple(LANGUAGES.items()), zones=zones(),
        calendars=tuple(filter(None, CALENDARS)), themes=tuple(THEMES),
    )  # fmt: skip


# passkeys -----------------------------------------------------------------------------------------------------------


@pages.get("/account/passkey")
def passkey(visit: Visit) -> Answer:
    """Where a passkey is registered."""
    return _passkey_page(visit)


@pages.post("/account/passkey")
def register(visit: Visit) -> Answer:
    """Keep the passkey that the browser made."""
    label = " ".join(visit.typed("label").split())
    try:
        visit.node.signing_in.register(visit.who, credential(visit), label)
    except (Unauthenticated, InvalidInput, Conflict) as wrong:
        return Shown(_passkey_page(visit, rule_of(wrong)), 422 if wrong.status == 401 else wrong.status)
    back = local_path(visit.typed("back", "/account"))
    return Go("/account?done=passkey" if back == "/account" else back)


@pages.post("/account/passkey/drop")
def drop(visit: Visit) -> Answer:
    """Forget a passkey."""
    return _changed(
        visit, "dropped", lambda: visit.node.signing_in.drop_passkey(visit.who, decoded_id(visit.typed("id")))
    )


def _passkey_page(visit: Visit, rule: Rule | None = None) -> PasskeyPage:
    words = visit.office.markup.words(visit.reader.language)
    with visit.node.reading() as tx:
        first = not visit.node.signing_in.held(tx, visit.who.id)
    back = visit.typed("back") or visit.query("back", "/account")
    return PasskeyPage(
        title=words.gettext("Register a passkey"), rule=rule, back=local_path(back), first=first,
        label=visit.typed("label")[:60],
    )  # fmt: skip


# password and codes -------------------------------------------------------------------------------------------------


@pages.post("/account/password")
def set_password(visit: Visit) -> Answer:
    """A first or a new password; typed twice, since nobody sees it."""
    new = visit.typed("secret.new")
    if new != visit.typed("secret.repeat"):
        wrong = InvalidInput("password", "the two are not the same", remedy="type it twice alike", rule="password")
        return Shown(account_page(visit, wrong), 422)
    return _changed(visit, "password", lambda: visit.node.signing_in.set_password(visit.who, new))


@pages.post("/account/password/drop")
def drop_password(visit: Visit) -> Answer:
    """Forget password and codes."""
    return _changed(visit, "no-password", lambda: visit.node.signing_in.drop_password(visit.who))


@pages.post("/account/code")
def begin_code(visit: Visit) -> Answer:
    """A new secret for the authenticator app, shown on this page only."""
    try:
        begun = visit.node.signing_in.begin_code(visit.who)
    except Conflict as wrong:
        return Shown(account_page(visit, wrong), wrong.status)
    grouped = " ".join(begun.secret[at : at + 4] for at in range(0, len(begun.secret), 4))
    return _code_page(
        visit, secret=grouped, picture=segno.make(begun.uri, error="m").svg_data_uri(scale=4, border=4, light="#fff")
    )


@pages.post("/account/code/confirm")
def confirm_code(visit: Visit) -> Answer:
    """The app shows the right codes."""
    try:
        visit.node.signing_in.confirm_code(visit.who, visit.typed("secret.code"))
    except (Unauthenticated, TooMuch) as wrong:
        return Shown(_code_page(visit, rule=rule_of(wrong)), 422 if wrong.status == 401 else wrong.status)
    except Conflict as wrong:
        return Shown(account_page(visit, wrong), wrong.status)
    return Go("/account?done=code")


def _code_page(visit: Visit, *, secret: str = "", picture: str = "", rule: Rule | None = None) -> CodePage:
    words = visit.office.markup.words(visit.reader.language)
    return CodePage(title=words.gettext("Codes of an authenticator app"), rule=rule, secret=secret, picture=picture)


# sessions and wishes ------------------------------------------------------------------------------------------------


@pages.post("/account/sessions/end")
def end_session(visit: Visit) -> Answer:
    """End one of one's sessions, or all the others."""
    if visit.typed("id"):
        visit.node.signing_in.end_session(visit.who, visit.typed("id"))
    else:
        visit.node.signing_in.end_others(visit.who)
    return Go("/account?done=sessions")


@pages.post("/account/preferences")
def prefer(visit: Visit) -> Answer:
    """How the pages speak to one from the next page on."""
    language, time_zone, calendar, theme = (
        visit.typed(name).strip() for name in ("language", "time_zone", "calendar", "theme")
    )
    wished = {"language": language, "time_zone": time_zone, "calendar": calendar, "theme": theme}
    try:
        visit.node.people.prefer(visit.who, **wished)
    except InvalidInput as wrong:
        return Shown(account_page(visit, wrong), 422)
    return Go("/account?done=preferences")


@cache
def zones() -> tuple[str, ...]:
    """The names of time zones that a person would look for."""
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(_REGIONS)))


def _changed(visit: Visit, done: str, change: Callable[[], object]) -> Answer:
    """Do it; what is in the way is shown on the account's page. A proof that is missing is asked for by the office."""
    try:
        change()
    except (Refusal, InvalidInput, Conflict) as wrong:
        if isinstance(wrong, Refusal) and wrong.rule == "proof":
            raise
        return Shown(account_page(visit, wrong), wrong.status)
    return Go(f"/account?done={quote(done)}")
