"""``spean peer``: partners, accepted by two people who compare words on the telephone (O9, R40)."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli, read_text
from spean.cli.parser import Parser, Verbs
from spean.cli.show import moment, stamp, table
from spean.core.errors import InvalidInput

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.node.faces import PeerRow


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean peer``."""
    verbs = Verbs(parser)
    verbs.add("invite", "our invitation, and the words to read out", invite)
    accept = verbs.add("accept", "accept an invitation, once its words were compared aloud", accept_peer,
                       more="Call the partner on a number that you know already. Each reads the other's words. All must agree.")  # fmt: skip
    accept.add_argument(
        "invitation", metavar="INVITATION", help="the text beginning with spean1., a file that holds it, or -"
    )
    accept.add_argument("--words", help="the words as the partner read them out (otherwise they are asked for)")
    verbs.add("list", "partners: state, last contact, clock, what is undelivered", list_peers)
    revoke = verbs.add("revoke", "believe nothing from a partner any more; nothing leaves to it", revoke_peer)
    revoke.add_argument("node", metavar="NODE")
    revoke.add_argument("--reason", required=True)


def invite(cli: Cli, _options: Namespace) -> None:
    """Print our invitation."""
    with cli.node() as node:
        offer = node.peering.invite()
    cli.say({"node": offer.identity.node, "words": offer.words, "invitation": offer.text},
            f"{offer.text}\n\nSend the line above to the partner, by any way. On the telephone read out:\n\n  {offer.words}")  # fmt: skip


def accept_peer(cli: Cli, options: Namespace) -> None:
    """Accept a partner's invitation."""
    given = options.invitation
    text = given if given.startswith("spean1.") else read_text(given, "invitation").strip()
    with cli.desk() as (node, who):
        offer = node.peering.look(text)
        words = options.words
        if words is None:
            words = _ask(
                cli, f"{offer.identity.node}, {offer.identity.name}, {offer.identity.url}", from_stdin=given == "-"
            )
        row = node.peering.accept(who, text, _spoken(words))
    cli.say({"node": row.node, "name": row.name, "url": row.url, "status": row.status, "words": offer.words},
            f"{row.node} ({row.name}) is a partner: agreement texts, directory entries and keys may pass, nothing else yet.")  # fmt: skip


def _ask(cli: Cli, whose: str, *, from_stdin: bool) -> str:
    """The words are typed as they were heard; they are not shown before, or they would be copied instead of compared."""
    if from_stdin or not sys.stdin.isatty():
        raise InvalidInput("--words", "the words were not given", remedy='telephone the partner, then give --words "…"')
    cli.tell(f"The invitation says: {whose}.\nType the words that the partner reads out on the telephone:")
    return sys.stdin.readline()


def _spoken(words: str) -> str:
    """People write what they hear without hyphens; the comparison is by word, in threes."""
    flat = words.lower().replace("-", " ").split()
    return " ".join("-".join(flat[at : at + 3]) for at in range(0, len(flat), 3))


def list_peers(cli: Cli, _options: Namespace) -> None:
    """All partners."""
    with cli.node() as node:
        rows = node.peering.list()
        with node.store.read() as tx:
            counts = tx.outbox.counts()
    waiting = {row.node: counts[row.node].open if row.node in counts else 0 for row in rows}
    heads = ("node", "name", "state", "last contact", "clock", "undelivered", "last error")
    lines = [
        (row.node, row.name, row.status, moment(row.last_contact) or "never", f"{row.clock_offset / 1000:+.1f} s", waiting[row.node],
         row.last_error) for row in rows
    ]  # fmt: skip
    cli.say([_plain(row, waiting[row.node]) for row in rows], table(heads, lines, "no partners: spean peer invite"))


def revoke_peer(cli: Cli, options: Namespace) -> None:
    """End a partnership at once."""
    with cli.desk() as (node, who):
        row = node.peering.revoke(who, options.node, options.reason)
    cli.say(_plain(row, 0), f"{row.node} is revoked: nothing leaves to it and nothing from it is believed.")


def _plain(row: PeerRow, waiting: int) -> dict[str, Any]:
    return {"node": row.node, "name": row.name, "url": row.url, "status": row.status, "last_contact": stamp(row.last_contact),
            "clock_offset_ms": row.clock_offset, "undelivered": waiting, "failures": row.failures, "last_error": row.last_error}  # fmt: skip
