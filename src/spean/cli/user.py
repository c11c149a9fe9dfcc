"""``spean user``: people and services of this node. Whoever may read the home folder keeps them; each change is noted."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.cli import sign_in
from spean.cli.context import Cli, write_new
from spean.cli.parser import Parser, Verbs
from spean.cli.show import moment, stamp, table
from spean.core.roles import Role

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.node.entry.authenticators import Held
    from spean.node.faces import UserRow


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean user``."""
    verbs = Verbs(parser)
    new = verbs.add("add", "make a user and print a first API token", add_user, more=f"Roles: {', '.join(Role)}.")
    new.add_argument("name", metavar="NAME", help="name of the person or service; it stays in this node")
    new.add_argument("--unit", default="", help="unit (default: the node's first)")
    new.add_argument("--role", action="append", dest="roles", metavar="ROLE", required=True, help="repeatable")
    new.add_argument("--service", action="store_true", help="a program: it can do nothing that needs a named human")
    new.add_argument(
        "--language", action="append", dest="languages", metavar="LANG", default=[], help="repeatable, e.g. km"
    )
    _token_options(new)
    new.add_argument("--no-token", action="store_true", help="make no token now")
    verbs.add("list", "who has rights here", list_users)
    off = verbs.add("disable", "end a user's rights, tokens and sessions at once", disable_user)
    off.add_argument("user", metavar="USER", help="name or id")
    token = verbs.add("token", "make an API token, shown once", make_token)
    token.add_argument("user", metavar="USER", help="name or id")
    _token_options(token)
    link = verbs.add("link", "make a secret that signs in once, within 15 minutes", make_link,
                     more="Not for somebody who has a passkey or a password: two people recover that (recovery-ask).")  # fmt: skip
    link.add_argument("user", metavar="USER", help="name or id")
    sign_in.add(verbs)


def _token_options(parser: Parser) -> None:
    parser.add_argument("--days", type=int, default=90, help="how long the token holds (%(default)s)")
    parser.add_argument("--label", default="", help="what the token is for")
    parser.add_argument("--token-out", metavar="FILE", help="write the token there instead of printing it")


def add_user(cli: Cli, options: Namespace) -> None:
    """Make a user."""
    with cli.node() as node:
        unit = options.unit or node.settings.units[0]
        user = node.people.add(options.name, unit=unit, roles=tuple(options.roles), kind="service" if options.service else "person",
                               languages=tuple(options.languages))  # fmt: skip
        token = "" if options.no_token else node.people.token(user, days=options.days, label=options.label)
    _say(
        cli,
        user,
        token,
        options.token_out,
        f"{user.name} is user {user.id}, unit {user.unit}, {', '.join(user.roles)}.",
    )


def list_users(cli: Cli, _options: Namespace) -> None:
    """All users."""
    with cli.node() as node:
        users, held = node.people.list(), node.signing_in.overview()
    rows = [
        (user.id, user.name, user.kind, user.unit, user.roles, _held(held.get(user.id)), moment(user.disabled_at) or "active")
        for user in users
    ]  # fmt: skip
    said = [
        {**_plain(user), "passkeys": held[user.id].passkeys if user.id in held else 0,
         "password": user.id in held and held[user.id].password}
        for user in users
    ]  # fmt: skip
    cli.say(said, table(("id", "name", "kind", "unit", "roles", "signs in with", "since"), rows, "no users"))


def _held(held: Held | None) -> str:
    """What a person signs in with, in words."""
    if held is None:
        return "links only"
    keys = f"{held.passkeys} passkey{'s' if held.passkeys > 1 else ''}" if held.passkeys else ""
    return ", ".join(filter(None, (keys, "password" if held.password else "")))


def disable_user(cli: Cli, options: Namespace) -> None:
    """End rights."""
    with cli.node() as node:
        user = node.people.disable(options.user)
    cli.say(_plain(user), f"{user.name} has no rights any more.")


def make_token(cli: Cli, options: Namespace) -> None:
    """A token for a user."""
    with cli.node() as node:
        user = node.people.find(options.user)
        token = node.people.token(user, days=options.days, label=options.label)
    _say(cli, user, token, options.token_out, f"A token for {user.name}, {options.days} days.")


def make_link(cli: Cli, options: Namespace) -> None:
    """A one-time secret; POST /api/v1/session turns it into a session."""
    with cli.node() as node:
        user = node.people.find(options.user)
        secret = node.people.token(user, use="link")
        address = f"{node.settings.url}/api/v1/session"
    told = f'For {user.name}, once, within 15 minutes: POST {address} with\n{{"link": "{secret}"}}'
    cli.say({"user": user.id, "link": secret, "address": address}, told)


def _say(cli: Cli, user: UserRow, token: str, token_out: str | None, text: str) -> None:
    value = _plain(user)
    if token and token_out:
        write_new(Path(token_out), token.encode() + b"\n")
        value["token_file"], text = token_out, f"{text}\nThe token is in {token_out}."
    elif token:
        value["token"], text = token, f"{text}\nToken, shown this once:\n{token}"
    cli.say(value, text)


def _plain(user: UserRow) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "kind": user.kind, "unit": user.unit, "roles": list(user.roles),
            "languages": list(user.languages), "disabled_at": stamp(user.disabled_at)}  # fmt: skip
