"""The verbs of ``spean user`` about signing in: what a person holds, what was lost, and its recovery by two people (R4)."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli
from spean.cli.parser import Verbs
from spean.cli.show import moment, stamp, table

if TYPE_CHECKING:
    from spean.node.faces import PasskeyRow, RecoveryRow


def add(verbs: Verbs) -> None:
    """``passkeys``, ``drop-passkey``, ``recoveries``, ``recovery-ask``, ``recovery-approve``."""
    held = verbs.add("passkeys", "the passkeys of a user", list_passkeys)
    held.add_argument("user", metavar="USER", help="name or id")
    drop = verbs.add("drop-passkey", "drop a user's lost passkey; the last way in stays", drop_passkey,
                     more="It is noted in the domestic log and raises a critical alarm. The last one is recovered by two people.")  # fmt: skip
    drop.add_argument("user", metavar="USER", help="name or id")
    drop.add_argument("passkey", metavar="ID", help="as spean user passkeys shows it")
    verbs.add("recoveries", "recoveries of lost authenticators, newest first", list_recoveries)
    ask = verbs.add("recovery-ask", "ask for the recovery of a person's sign-in; another person approves", ask_recovery,
                    more="Needs the role administrator. It waits a day.")  # fmt: skip
    ask.add_argument("user", metavar="USER", help="name or id")
    ask.add_argument("--reason", required=True, help="how you know that it is really this person")
    approve = verbs.add("recovery-approve", "approve what another person asked for: a link, once", approve_recovery,
                        more="Needs the role administrator, legal or auditor. Using the link ends old passkeys, tokens and sessions.")  # fmt: skip
    approve.add_argument("recovery", metavar="ID", help="as spean user recoveries shows it")


def list_passkeys(cli: Cli, options: Namespace) -> None:
    """Passkeys of a user, and whether there is a password."""
    with cli.node() as node:
        user = node.people.find(options.user)
        rows = node.signing_in.passkeys_of(user.id)
        held = node.signing_in.overview().get(user.id)
    password = held is not None and held.password
    lines = [
        (row.id.hex(), row.label, "copied" if row.backed_up else "on one device", moment(row.last_used_at))
        for row in rows
    ]
    told = table(("id", "label", "kept", "last used"), lines, "no passkeys")
    cli.say(
        {"user": user.id, "passkeys": [_passkey(row) for row in rows], "password": password},
        f"{told}\nPassword with codes: {'yes' if password else 'no'}",
    )


def drop_passkey(cli: Cli, options: Namespace) -> None:
    """A lost device."""
    with cli.node() as node:
        user = node.people.find(options.user)
        node.signing_in.drop_passkey_at_machine(user.id, options.passkey)
    cli.say({"user": user.id, "dropped": options.passkey}, f"The passkey of {user.name} opens nothing any more.")


def list_recoveries(cli: Cli, _options: Namespace) -> None:
    """Who asked, who approved."""
    with cli.desk() as (node, who):
        rows = node.recoveries.list(who)
    lines = [(row.id, row.user, row.asked_by, row.approved_by or "nobody yet", _state(row)) for row in rows]
    cli.say(
        [_recovery(row) for row in rows],
        table(("id", "user", "asked by", "approved by", "state"), lines, "no recoveries"),
    )


def ask_recovery(cli: Cli, options: Namespace) -> None:
    """The first of two people."""
    with cli.desk() as (node, who):
        user = node.people.find(options.user)
        row = node.recoveries.ask(who, user, options.reason)
    told = f"Recovery {row.id} for {user.name} waits for another person until {moment(row.expires_at)}."
    cli.say(_recovery(row), told)


def approve_recovery(cli: Cli, options: Namespace) -> None:
    """The second of two people."""
    with cli.desk() as (node, who):
        link = node.recoveries.approve(who, options.recovery)
        address = f"{node.settings.url}/api/v1/session"
    told = f'For the owner, once, within 15 minutes: POST {address} with\n{{"link": "{link}"}}'
    cli.say({"recovery": options.recovery, "link": link, "address": address}, told)


def _state(row: RecoveryRow) -> str:
    if row.spent_at is not None:
        return f"used {moment(row.spent_at)}"
    return f"until {moment(row.expires_at)}"


def _passkey(row: PasskeyRow) -> dict[str, Any]:
    return {"id": row.id.hex(), "label": row.label, "backed_up": row.backed_up, "created_at": stamp(row.created_at),
            "last_used_at": stamp(row.last_used_at)}  # fmt: skip


def _recovery(row: RecoveryRow) -> dict[str, Any]:
    return {"id": row.id, "user": row.user, "asked_by": row.asked_by, "asked_at": stamp(row.asked_at), "fact": row.reason_fact,
            "approved_by": row.approved_by, "approved_at": stamp(row.approved_at), "spent_at": stamp(row.spent_at),
            "expires_at": stamp(row.expires_at)}  # fmt: skip
