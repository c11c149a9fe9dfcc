"""``spean agreement compare`` and ``prove``: what a new text changes, in words and proved (A1)."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli, read_text
from spean.cli.parser import Verbs
from spean.core.errors import NotFound

if TYPE_CHECKING:
    from spean.agreements.model import Instrument

FAILED = 5


def add(verbs: Verbs) -> None:
    """The two verbs of ``spean agreement`` that are no acts."""
    for name, says, run in (
        ("compare", "what a new text would change, line by line", compare),
        ("prove", "prove that a new text changes only what it says, or show a counterexample", prove),
    ):
        parser = verbs.add(name, says, run, more="TEXT is a JSON file, as for spean agreement draft or amend.")
        parser.add_argument("record", metavar="RECORD", help="the agreement as it binds now")
        parser.add_argument("text", metavar="TEXT", help="the new text")
        if name == "prove":
            parser.add_argument("--claim", action="append", default=[], metavar="WORDS",
                                help="what it says that it changes, repeatable: 'adds data phone', 'refuses pair KH-TH'")  # fmt: skip


def compare(cli: Cli, options: Namespace) -> None:
    """Each difference as a line."""
    from spean.agreements.differences import differences

    lines = differences(*_versions(cli, options))
    cli.say({"record": options.record, "differences": lines}, "\n".join(lines) or "nothing differs")


def prove(cli: Cli, options: Namespace) -> int:
    """Proved, or a counterexample and exit status 5."""
    from spean.agreements.claims import read_claim
    from spean.agreements.prove import prove_amendment

    proof = prove_amendment(*_versions(cli, options), read_claim(options.claim))
    example = None if proof.counterexample is None else proof.counterexample.says
    cli.say({"record": options.record, "holds": proof.holds, "says": proof.says, "counterexample": example}, proof.says)
    return 0 if proof.holds else FAILED


def _versions(cli: Cli, options: Namespace) -> tuple[Instrument, Instrument]:
    """The instrument as it binds, and as the new text would make it: id, version, state and suspensions stay."""
    from spean.procedures.forms import decode
    from spean.treaties.model import AgreementText, Redraft, to_instrument

    raw = read_text(options.text, "text").encode()
    text: Any = decode(Redraft, raw).text if _is_redraft(raw) else decode(AgreementText, raw)
    with cli.node() as node, node.reading():
        if options.record not in node.registry:
            raise NotFound(f"no agreement {options.record} here", remedy="spean agreement list shows them")
        old = node.registry.get(options.record)
    suspended = [
        {"pair": sorted(each.pair), "by": each.by, "when": each.when, "reason": each.reason} for each in old.suspended
    ]
    return old, to_instrument(text, record=old.id, version=old.version, state=old.state, suspended=suspended)


def _is_redraft(raw: bytes) -> bool:
    import json

    try:
        found = json.loads(raw)
    except ValueError:
        return False
    return isinstance(found, dict) and set(found) == {"text", "reason"}
