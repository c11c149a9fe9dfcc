"""``spean``: finds the command, does it, and explains what went wrong.

Exit status: 0 done · 1 refused · 2 bad input or usage · 3 not found · 4 unavailable · 5 verification failed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spean.core.errors import InvalidInput, SpeanError

if TYPE_CHECKING:
    from argparse import Namespace

    from spean.cli.parser import Parser

INTERRUPTED = 130
EXITS = {400: 5, 401: 1, 403: 1, 404: 3, 409: 1, 413: 2, 422: 2, 429: 1, 503: 4}
"""Kind of error (its HTTP status) to exit status."""


class Command(NamedTuple):
    """A word after ``spean``: the module that does it and one line of help."""

    name: str
    module: str
    says: str
    procedure: str = ""
    """For a group whose verbs come from a declaration: the procedure's name."""


SECTIONS: tuple[tuple[str, tuple[Command, ...]], ...] = (
    ("The node", (
        Command("init", "start", "make a node: keys, databases, first administrator"),
        Command("trust", "trust", "the trust root that admits nodes; identities and their words"),
        Command("serve", "start", "run the node"),
        Command("doctor", "doctor", "say what is not well, and how to mend it"),
        Command("user", "user", "people and services of this node, their tokens"),
        Command("alarm", "alarm", "what a person must see"),
        Command("backup", "backup", "copy the node while it runs"),
        Command("restore", "restore", "fill an empty home from a backup"),
        Command("keys", "keys", "a recovery file of the node's keys, which two of three persons open"),
        Command("upgrade", "backup", "bring the database to this version"),
        Command("version", "start", "which version this is"),
        Command("demo", "start", "four national nodes on this machine"),
    )),
    ("Partners", (
        Command("peer", "peer", "invite, accept and revoke partner nodes"),
        Command("agreement", "derived", "conclude, amend, suspend, compare and prove agreements", "agreement"),
        Command("key", "derived", "rotate and revoke keys", "key-rotation"),
        Command("desk", "derived", "the directory of desks", "desk"),
        Command("exchange", "exchange", "exchange by file, without a line"),
    )),
    ("Work", (
        Command("request", "derived", "ask a partner for information, and answer", "information-request"),
        Command("circular", "derived", "a signed list to many partners", "circular"),
        Command("recall", "derived", "recalls of facts, as records", "recall"),
        Command("consent", "derived", "ask an owner whether its fact may be passed on, and answer", "onward-consent"),
        Command("notice", "derived", "who passed a fact of ours on, without needing consent", "onward-notice"),
        Command("transfer", "derived", "facts that were passed on", "onward-transfer"),
        Command("consented", "derived", "facts that were passed on with their owner's consent", "consented-transfer"),
        Command("preview", "preview", "who would receive this, and why, and who not"),
        Command("record", "record", "the desk's queue; one record"),
        Command("search", "record", "find facts by words"),
        Command("fact", "fact", "correct, withdraw, pass on, erase or prove one fact; who holds it"),
        Command("hold", "record", "keep a record for a court (legal hold)"),
        Command("readers", "record", "who read a record"),
        Command("log", "log", "verify, prove and export our logs"),
    )),
    ("Money", (
        Command("money", "money", "files into the ledgers, the hold board, a case's money"),
        Command("report", "derived", "take a victim's report down; it stays at this node", "fraud-report"),
        Command("stop", "derived", "ask a desk to stop the money of one hop; hold, release, give back", "stop-payment"),
        Command("question", "derived", "ask a node where slices of payments went", "trace-question"),
        Command("preservation", "derived", "have data abroad kept until a formal request arrives", "preservation"),
        Command("restitution", "derived", "give stopped money back to victims, to the last unit", "restitution"),
        Command("mule", "derived", "list accounts that moved victims' money, verify and clear them", "mule-account"),
    )),
    ("Money, without a node", (
        Command("trace", "trace", "where a payment's money went, through a ledger file or an index"),
        Command("trace-many", "trace", "the same for many payments, one JSON object a line"),
        Command("index", "trace", "make an index of a large ledger, which is traced at once"),
    )),
    ("The same one?", (
        Command("entity", "derived", "persons and things that this node knows; statements, links, judgements", "entity"),
        Command("look-up", "derived", "do we, open lists or partners know this one?", "look-up"),
        Command("candidate", "derived", "two that may be one: verify, release, decide", "candidate"),
        Command("watch", "derived", "be told when somebody enters a key, until an end", "watch"),
        Command("open-list", "derived", "published lists with version and source", "open-list"),
        Command("safeguard", "derived", "states that may not learn of a person", "safeguard"),
        Command("offline-extract", "derived", "what border posts without a line hold", "offline-extract"),
        Command("holding", "derived", "answer partners' private questions about a category", "holding"),
        Command("private-question", "derived", "questions that show nobody whom they are about", "private-question"),
        Command("question-budget", "derived", "let a partner ask more this month", "question-budget"),
        Command("overlap", "derived", "compare two whole holdings without showing them", "overlap"),
    )),
    ("The same one? Without a node", (
        Command("extract", "extract", "the phones, accounts, wallets, addresses and papers that a text names"),
        Command("link", "link", "find rows that are the same person or thing, in one list or between two"),
        Command("names", "names", "how alike two names are, and one name among many, in ten scripts"),
        Command("screen", "screen", "travellers of a table against a list of names and dates of birth"),
    )),
)  # fmt: skip
COMMANDS = {command.name: command for _, commands in SECTIONS for command in commands}


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)
    except SpeanError as error:
        return _explain(error, "--json" in words)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _silence()
        return 0
    except OSError as error:
        from spean.core.errors import Unavailable

        return _explain(
            Unavailable("The machine refuses", why=str(error), remedy="look at disk and permissions"), "--json" in words
        )
    except SystemExit as done:  # argparse after --help
        return int(done.code or 0)


def _run(words: list[str]) -> int:
    before, name, rest = _split(words)
    if name is None:
        print(help_text())
        return 0 if before or not words else 2
    command = COMMANDS.get(name)
    if command is None:
        raise InvalidInput("command", f"there is no command {name!r}", remedy="spean --help shows them", rule="usage")
    if name == "demo":  # it has options of its own, and its own --json
        from spean.demo.main import main as demo

        return demo([*rest, *(word for word in before if word == "--json")])
    if name == "demo":  # a program of its own, with its own options
        return _demo([*before, *rest])
    options = parser_of(command).parse_args([*before, *rest])
    from spean.cli.context import Cli, default_home

    home = getattr(options, "home", None)
    cli = Cli(home=default_home() if home is None else Path(home), json=getattr(options, "json", False),
              token_file=getattr(options, "token_file", ""), command=_doing(name, options))  # fmt: skip
    done: int | None = options.run(cli, options)
    return 0 if done is None else done


def _demo(words: list[str]) -> int:
    from spean.demo.main import main as play

    return play(words)


def _doing(name: str, options: Namespace) -> str:
    """The command and what it is about, without what somebody typed about a person."""
    return " ".join(word for word in (name, getattr(options, "record", ""), getattr(options, "fact", "")) if word)


def parser_of(command: Command) -> Parser:
    """The parser of one command with all its verbs; imports that command's module."""
    from spean.cli.parser import Parser, common

    module: Any = import_module(f"spean.cli.{command.module}")
    parser = Parser(
        prog=f"spean {command.name}", description=command.says[0].upper() + command.says[1:] + ".", parents=[common()]
    )
    module.add(parser, command)
    return parser


def help_text() -> str:
    """``spean --help``: every command on a line."""
    lines = ["usage: spean [--home DIR] [--token-file FILE] [--json] COMMAND …", ""]
    for title, commands in SECTIONS:
        lines += [f"{title}:", *(f"  {command.name:<10} {command.says}" for command in commands), ""]
    lines.append("spean COMMAND --help explains a command. Exit status: 0 done, 1 refused, 2 bad input,")
    lines.append("3 not found, 4 unavailable, 5 verification failed.")
    return "\n".join(lines)


def _split(words: list[str]) -> tuple[list[str], str | None, list[str]]:
    """Options before the command, the command, and the rest. Without a command, ``before`` tells that help was asked."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] in ("-h", "--help"):
            return ["--help"], None, []
        if words[at] == "--version":
            return words[:at], "version", words[at + 1 :]
        at += 2 if words[at] in ("--home", "--token-file") else 1
    if at >= len(words):
        return [], None, []
    return words[:at], words[at], words[at + 1 :]


def _explain(error: SpeanError, as_object: bool) -> int:
    from spean.cli.show import as_json, clean

    status = EXITS.get(error.status, 1)
    print(as_json({**error.diagnostics(), "exit": status}) if as_object else clean(str(error)), file=sys.stderr)
    return status


def _silence() -> None:
    """Whoever read us has gone; Python's own flush at the end must not complain."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
