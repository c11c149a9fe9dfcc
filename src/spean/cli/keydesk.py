"""The verbs of ``spean key`` and ``spean desk`` behind which there is more than one act."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli
from spean.cli.parser import Verbs
from spean.cli.show import moment, plain, stamp, table
from spean.core.errors import InvalidInput

if TYPE_CHECKING:
    from spean.directory.service import Proposal
    from spean.node.acts.acting import Done


def add_key(verbs: Verbs) -> None:
    """``rotate``, ``revoke``, ``affected``."""
    rotate = verbs.add("rotate", "make new keys, announce them to every partner, and sign with them from now on", rotate_keys,
                       more="Needs the role administrator. Restart spean serve afterwards if it does not run on this machine's store.")  # fmt: skip
    rotate.add_argument("--reason", required=True)
    revoke = verbs.add("revoke", "tell everybody to believe a former key of ours no more", revoke_key,
                       more="Rotate first. It passes in spite of suspension; what was signed since is listed at every partner.")  # fmt: skip
    revoke.add_argument("key", metavar="KEY", help="the key's id")
    revoke.add_argument(
        "--since", required=True, metavar="TIME", help="since when it is not to be believed, ISO 8601 with offset"
    )
    revoke.add_argument("--reason", required=True)
    affected = verbs.add("affected", "facts that a key signed since a moment: what to review", show_affected)
    affected.add_argument("node", metavar="NODE", help="whose key it is")
    affected.add_argument("key", metavar="KEY", help="the key's id")
    affected.add_argument(
        "--since", default="1970-01-01T00:00:00Z", metavar="TIME", help="ISO 8601 with offset (default: ever)"
    )


def rotate_keys(cli: Cli, options: Namespace) -> None:
    """New keys."""
    with cli.desk() as (node, who):
        done = node.rotating.rotate(who, options.reason)
        key = node.keys.sign_id
    _say(
        cli,
        done,
        {"sign_key": key},
        f"New signing key {key}; identity.draft holds an identity with it: spean trust admit.",
    )


def revoke_key(cli: Cli, options: Namespace) -> None:
    """An own former key."""
    since = _time(options.since)
    with cli.desk() as (node, who):
        done = node.rotating.revoke(who, options.key, since, options.reason)
    _say(cli, done, {"key": options.key}, f"{options.key} is revoked since {moment(since)}.")


def show_affected(cli: Cli, options: Namespace) -> None:
    """What rests on a key."""
    since = _time(options.since)
    with cli.desk() as (node, _who):
        found = node.rotating.affected(options.node, options.key, since)
    cells = [(moment(each.at), each.status, each.record, each.fact) for each in found]
    cli.say(
        [{**plain(each), "at": stamp(each.at)} for each in found],
        table(("time", "status", "record", "fact"), cells, "nothing"),
    )


def _say(cli: Cli, done: Done, value: dict[str, str], text: str) -> None:
    cli.say(
        {**plain(done), **value}, f"{text}\nAnnounced in {done.record} to {', '.join(done.recipients) or 'nobody'}."
    )


def _time(text: str) -> int:
    from spean.core.world import from_iso

    try:
        return from_iso(text)
    except ValueError as wrong:
        raise InvalidInput("--since", f"{text!r}: {wrong}", remedy="give e.g. 2026-03-04T01:41:00Z") from wrong


def add_desk(verbs: Verbs) -> None:
    """``find``."""
    find = verbs.add("find", "which foreign desk answers for a telephone number, account, wallet or country", find_desk)
    find.add_argument("kind", metavar="KIND", help="phone, iban, bic, account, wallet, country")
    find.add_argument("value", metavar="VALUE")
    find.add_argument("--chain", default="", help="for a wallet: the chain, e.g. tron")


def find_desk(cli: Cli, options: Namespace) -> None:
    """The desks that fit, the surest first, and who is on duty there."""
    with cli.desk() as (node, _who):
        found = node.desks.propose(options.kind, options.value, options.chain)
    cells: list[tuple[object, ...]] = []
    for each in found:
        desk, duty = each.desk.desk, each.on_duty
        cells.append(
            (each.desk.node, desk.name, desk.phone, "" if duty is None else f"{duty.officer} {duty.phone}", each.why)
        )
    cli.say(
        [_proposal(each) for each in found],
        table(("node", "desk", "telephone", "on duty", "why"), cells, "no desk is known for this: ask INT"),
    )


def _proposal(each: Proposal) -> dict[str, Any]:
    """A proposed desk for a program."""
    import msgspec

    value: dict[str, Any] = msgspec.to_builtins(each.desk.desk)
    duty = None if each.on_duty is None else msgspec.to_builtins(each.on_duty)
    return {
        "node": each.desk.node,
        "record": each.desk.record,
        "desk": value,
        "on_duty": duty,
        "open": each.open,
        "why": each.why,
    }
