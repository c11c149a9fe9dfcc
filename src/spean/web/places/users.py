"""Users of this node: who may do what, with what they sign in, their tokens. For the administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import Conflict, InvalidInput, Refusal
from spean.core.roles import Role
from spean.node.entry.administering import Managed, Token
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()
LANGUAGES = ("en", "fr", "id", "km", "ko", "lo", "ms", "my", "th", "tl", "vi", "zh")
"""Languages in which a colleague can be addressed, offered in the form; others can be typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What stands in the form of a user's rights."""

    name: str = ""
    unit: str = ""
    kind: str = "person"
    roles: tuple[str, ...] = ()
    languages: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersPage(Page):
    """All users, and the form for a new one."""

    template: ClassVar[str] = "users.html"
    rule: Rule | None
    users: tuple[Managed, ...]
    typed: Rights
    units: tuple[str, ...]
    roles: tuple[str, ...]
    disabled: int
    """How many have no rights any more."""
    all: bool
    """Whether those are shown, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage(Page):
    """One user."""

    template: ClassVar[str] = "user.html"
    rule: Rule | None
    done: str
    user: Managed
    typed: Rights
    units: tuple[str, ...]
    roles: tuple[str, ...]
    tokens: tuple[Token, ...]
    own: bool
    """The administrator looks at herself."""
    label: str
    days: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPage(Page):
    """A secret that is shown once: a link, or a token."""

    template: ClassVar[str] = "secret.html"
    kind: str
    """``link``, ``token`` or ``recovery``."""
    name: str
    secret: str
    back: str


@pages.get("/administration/users")
def users(visit: Visit) -> Answer:
    """The list."""
    return _users(visit)


@pages.post("/administration/users")
def add(visit: Visit) -> Answer:
    """A new user."""
    typed = _typed(visit)
    try:
        made = visit.node.administering.add(
            visit.who,
            typed.name,
            unit=typed.unit,
            roles=typed.roles,
            kind=typed.kind,
            languages=tuple(typed.languages.split()),
        )
    except (InvalidInput, Conflict) as wrong:
        return Shown(_users(visit, rule_of(wrong)), wrong.status)
    return Go(f"/administration/users/{made.id}?done=added")


def _users(visit: Visit, rule: Rule | None = None) -> UsersPage:
    words = visit.office.markup.words(visit.reader.language)
    found = visit.node.administering.users(visit.who)
    everybody = visit.query("all") == "1"
    active = [each for each in found if each.user.disabled_at is None]
    return UsersPage(
        title=words.gettext("Users"), rule=rule, users=tuple(found if everybody else active), typed=_typed(visit),
        units=visit.node.settings.units, roles=tuple(Role), disabled=len(found) - len(active), all=everybody,
    )  # fmt: skip


def _typed(visit: Visit) -> Rights:
    units = visit.node.settings.units
    return Rights(
        name=" ".join(visit.typed("name").split()), unit=visit.typed("unit") or units[0], kind=visit.typed("kind", "person"),
        roles=tuple(value for name, value in visit.pairs if name == "roles"), languages=visit.typed("languages"),
    )  # fmt: skip


# one user -----------------------------------------------------------------------------------------------------------


@pages.get("/administration/users/{user}")
def user(visit: Visit) -> Answer:
    """One user."""
    return _user(visit)


@pages.post("/administration/users/{user}/rights")
def change(visit: Visit) -> Answer:
    """Other roles or another unit."""
    typed, id = _typed(visit), visit.part("user")
    try:
        visit.node.administering.change(visit.who, id, unit=typed.unit, roles=typed.roles)
    except (InvalidInput, Refusal) as wrong:
        return _in_the_way(visit, wrong)
    return Go(f"/administration/users/{id}?done=changed")


@pages.post("/administration/users/{user}/disable")
def disable(visit: Visit) -> Answer:
    """End all rights at once."""
    try:
        visit.node.administering.disable(visit.who, visit.part("user"))
    except Refusal as wrong:
        return _in_the_way(visit, wrong)
    return Go(f"/administration/users/{visit.part('user')}?done=disabled")


@pages.post("/administration/users/{user}/link")
def link(visit: Visit) -> Answer:
    """A one-time link, where one person alone may make it."""
    try:
        secret = visit.node.administering.link(visit.who, visit.part("user"))
    except Refusal as wrong:
        return _in_the_way(visit, wrong)
    return secret_page(visit, "link", visit.part("user"), secret)


@pages.post("/administration/users/{user}/token")
def token(visit: Visit) -> Answer:
    """An API token, shown once."""
    days = visit.typed("days").strip()
    try:
        number = int(days) if days.isdecimal() and len(days) < 6 else 0
        secret = visit.node.administering.token(visit.who, visit.part("user"), days=number, label=visit.typed("label"))
    except (InvalidInput, Refusal) as wrong:
        return _in_the_way(visit, wrong)
    return secret_page(visit, "token", visit.part("user"), secret)


@pages.post("/administration/users/{user}/token/end")
def end_token(visit: Visit) -> Answer:
    """End an API token at once."""
    visit.node.administering.end_token(visit.who, visit.part("user"), visit.typed("id"))
    return Go(f"/administration/users/{visit.part('user')}?done=token")


@pages.post("/administration/users/{user}/recovery")
def recover(visit: Visit) -> Answer:
    """Ask for the recovery of an account whose authenticators are lost; another person approves (R4)."""
    found = visit.node.administering.user(visit.who, visit.part("user")).user
    try:
        visit.node.recoveries.ask(visit.who, found, visit.typed("reason"))
    except (InvalidInput, Conflict, Refusal) as wrong:
        return _in_the_way(visit, wrong)
    return Go("/recoveries?done=asked")


def _in_the_way(visit: Visit, wrong: InvalidInput | Conflict | Refusal) -> Answer:
    """The user's page with the reason and what was typed. A missing proof is asked for by the office."""
    if isinstance(wrong, Refusal):
        if wrong.rule == "proof":
            raise wrong
        visit.node.reading_desk.note_refusal(visit.who, wrong, f"{visit.request.method} {visit.path}")
    return Shown(_user(visit, rule_of(wrong)), wrong.status)


def _user(visit: Visit, rule: Rule | None = None) -> UserPage:
    found = visit.node.administering.user(visit.who, visit.part("user"))
    row = found.user
    stands = Rights(name=row.name, unit=row.unit, kind=row.kind, roles=row.roles)
    typed = _typed(visit) if visit.path.endswith("/rights") else stands
    return UserPage(
        title=row.name, rule=rule, done=visit.query("done"), user=found, typed=typed, units=visit.node.settings.units, roles=tuple(Role),
        tokens=tuple(visit.node.administering.tokens(visit.who, row.id)), own=row.id == visit.who.id,
        label=visit.typed("label"), days=visit.typed("days", "90"), reason=visit.typed("reason"),
    )  # fmt: skip


def secret_page(visit: Visit, kind: str, user: str, secret: str) -> SecretPage:
    """Shows a secret once; it stands on no other page."""
    words = visit.office.markup.words(visit.reader.language)
    shown = secret if kind == "token" else f"{visit.node.settings.url}/sign-in/link/{secret}"
    back = "/recoveries" if kind == "recovery" else f"/administration/users/{user}"
    return SecretPage(
        title=words.gettext("Shown once"), kind=kind, name=visit.node.people.find(user).name, secret=shown, back=back
    )
