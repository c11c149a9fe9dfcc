"""``spean keys recovery``: a file of the node's keys that two of three persons open together (R4).

Words are asked for and shown at the terminal only, one person after the other: never on a command line, never in a JSON answer.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli.context import Cli, passphrase, read_bytes, write_new
from spean.cli.parser import Verbs
from spean.cli.show import clean, moment
from spean.core.errors import InvalidInput

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser
    from spean.node.care.key_recovery import Head, NodeKeys

_MOST = 1 << 20
_CLEARED = "\x1b[2J\x1b[3J\x1b[H"
"""Clears a terminal, with what had scrolled away."""


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean keys recovery``."""
    recovery = Verbs(parser).add("recovery", "make or open a recovery file of the node's keys", make_file)
    verbs = Verbs(recovery)
    make = verbs.add("make", "make a recovery file of the present keys; each of three persons writes words down", make_file,
                     more="Needs the role administrator. Make a new one after every rotation, and destroy the old words.")  # fmt: skip
    make.add_argument("file", metavar="FILE", help="a new file; it may lie beside backups, since no one alone opens it")
    make.add_argument("--people", nargs=3, metavar="NAME", required=True, help="three persons who each keep a paper")
    open_ = verbs.add("open", "put the keys back into a home that has lost them, with the words of two persons", open_file,
                      more="Stop the node first. With a backup: spean restore BACKUP --recovery FILE.")  # fmt: skip
    open_.add_argument("file", metavar="FILE", help="the recovery file")


def make_file(cli: Cli, options: Namespace) -> None:
    """Make it, and show the words to one person after the other."""
    path = Path(options.file)
    if path.exists():
        raise InvalidInput("FILE", f"{path} exists", remedy="name a new file")
    with cli.desk() as (node, who):
        document, shares = node.key_recovery.make(who, options.people)
        write_new(path, document)
        key, name = node.keys.sign_id, node.me
    for share in shares:
        _ask(f"Only {share.person} looks at the screen now. Press Enter to see the words.")
        _show(f"{name}, key {key}, {share.person}:\n\n    {share.words}\n")
        _ask(
            "Write them on paper, by hand, all of them in this order. They are shown once. Press Enter when it is done."
        )
        _clear()
    cli.say({"file": str(path), "key": key, "people": [share.person for share in shares]},
            f"{path} holds the node's keys; two of {', '.join(options.people)} open it together, no one alone.")  # fmt: skip


def open_file(cli: Cli, options: Namespace) -> None:
    """Put the keys back."""
    from spean.core.world import SystemEntropy
    from spean.node.care import key_recovery

    document = read_bytes(options.file, "FILE", _MOST)
    head = key_recovery.read_head(document)
    key_recovery.check_home(cli.home, head)
    people, keys = _opened(document, head)
    key_recovery.put(cli.home, keys, SystemEntropy(), passphrase())
    with cli.node() as node:
        node.key_recovery.opened(head, people)
    cli.say({"node": head.node, "key": head.sign_id, "people": people},
            f"{head.node} has its keys of {moment(head.made)} again. All partners see the same node. "
            "Two papers were read out: make a new recovery file now.")  # fmt: skip


def recovered(file: str) -> tuple[Head, NodeKeys]:
    """The keys in a recovery file, once two persons have given their words."""
    from spean.node.care import key_recovery

    document = read_bytes(file, "--recovery", _MOST)
    head = key_recovery.read_head(document)
    return head, _opened(document, head)[1]


def _opened(document: bytes, head: Head) -> tuple[list[str], NodeKeys]:
    from spean.node.care import key_recovery

    _show(
        f"Recovery file of {head.node}, made {moment(head.made)}, key {head.sign_id}. Two of: {', '.join(head.people)}."
    )
    words: dict[str, str] = {}
    for which in ("first", "second"):
        person = _ask(f"Name of the {which} person:").strip()
        words[person] = _ask(f"The words of {person}, on one line:")
        _clear()
    return list(words), key_recovery.open_file(document, words)


def _ask(question: str) -> str:
    _show(question)
    line = sys.stdin.readline()
    if not line:
        raise InvalidInput("answer", "nobody answers", remedy="run it at a terminal, with the persons beside you")
    return line


def _show(text: str) -> None:
    print(clean(text), file=sys.stderr, flush=True)


def _clear() -> None:
    if sys.stderr.isatty():
        print(_CLEARED, end="", file=sys.stderr, flush=True)
