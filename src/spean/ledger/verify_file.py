"""``spean-verify``: verify one evidence file on any machine, with nothing but Python and ``cryptography``.

Exit status: 0 it holds, 1 it does not, 2 the file or the command line cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from spean.core.errors import InvalidInput, SpeanError, VerificationFailed
from spean.core.world import SECOND, iso
from spean.ledger.evidence import MAX_FILE, decode
from spean.ledger.evidence_check import Report, TrustedKeys, parse_trusted, verify_evidence

_UNTRUSTED = """\
********************************************************************************
WARNING: NO TRUSTED KEY WAS GIVEN.
The file agrees with itself, and that is all. Anybody can make such a file with
keys of his own. Get the keys of the origin and of the log from a source that
you trust, and give them with --key.
********************************************************************************"""
_LIMITS = """\
Not shown by this file: that what the fact says is true; that it was not corrected
or withdrawn later; that the key had not been revoked; whose an officer's passkey
is. Ask the origin for these."""


def main(argv: Sequence[str] | None = None) -> int:
    """The command line of ``spean-verify``; returns the exit status."""
    options = _parser().parse_args(argv)
    try:
        trusted = parse_trusted(options.key) if options.key else None
        data = _read(options.file)
    except (InvalidInput, OSError) as error:
        return _say_failure(error, options.json, 2)
    try:
        report = verify_evidence(decode(data), trusted, options.witnesses)
    except VerificationFailed as error:
        return _say_failure(error, options.json, 1)
    print(json.dumps(as_json(report), ensure_ascii=False) if options.json else as_text(report, trusted))
    return 0


def as_text(report: Report, trusted: TrustedKeys | None) -> str:
    """The report for a person."""
    header = report.header
    lines = [f"Fact {report.fact}"]
    lines.append(f"  {header['kind']} of {header['record']}, by {header['node']} at {header['time']}")
    lines.append("")
    lines += [f"  {step.number}  {step.name:<11} {step.shown}" for step in report.steps]
    lines.append("")
    if trusted is None:
        lines.append(_UNTRUSTED)
    else:
        lines.append(f"Proved: under the keys that you gave, {header['node']} signed this fact,")
        lines.append(f"and it stands in the log {report.checkpoint.origin} as leaf {report.index}.")
    lines.append(_LIMITS)
    return "\n".join(_plain(line) for line in lines)


def as_json(report: Report) -> dict[str, object]:
    """The report for a program."""
    return {
        "ok": True,
        "trusted": report.trusted,
        "fact": report.fact,
        "header": report.header,
        "log": {
            "origin": report.checkpoint.origin,
            "size": report.checkpoint.size,
            "root": report.checkpoint.root.hex(),
            "index": report.index,
        },
        "content": report.content,
        "officer": None if report.officer is None else asdict(report.officer),
        "witnesses": [{"name": name, "at": iso(seconds * SECOND)} for name, seconds in report.witnesses],
        "receipts": [
            {"receiver": one.receiver, "status": one.status, "trusted": one.trusted} for one in report.receipts
        ],
        "steps": [{"step": step.number, "name": step.name, "shown": step.shown} for step in report.steps],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spean-verify",
        description="Verify an evidence file of Spean: who signed the fact, and that it stands in the log.",
        epilog="Exit status: 0 it holds, 1 it does not, 2 the file or the command line cannot be used.",
    )
    parser.add_argument("file", metavar="FILE", help="the evidence file")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY",
        help="a key that you trust: NODE=HEX (or HEX) of a signing key, or the verifier key (name+id+key) of a log "
        "or witness; may be repeated. The origin's signing key and the log's key are needed",
    )
    parser.add_argument(
        "--witnesses", type=_count, default=0, metavar="N", help="how many witnesses must have cosigned (default 0)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("give a whole number from 0")
    return int(text)


def _read(path: str) -> bytes:
    with Path(path).open("rb") as file:
        # One byte over the limit, so that decode sees that it is too long without reading all of it.
        return file.read(MAX_FILE + 1)


def _say_failure(error: SpeanError | OSError, as_object: bool, status: int) -> int:
    told = error.diagnostics() if isinstance(error, SpeanError) else {"error": "OSError", "what": str(error)}
    if as_object:
        print(json.dumps({"ok": False, **told}, ensure_ascii=False))
    else:
        print("NOT VERIFIED" if status == 1 else "CANNOT VERIFY", file=sys.stderr)
        for name, text in told.items():
            print(_plain(f"  {name:<7} {text}"), file=sys.stderr)
    return status


def _plain(text: str) -> str:
    """Text of a stranger's file must not steer the reader's terminal."""
    return "".join(mark if mark.isprintable() or mark == "\n" else "\N{REPLACEMENT CHARACTER}" for mark in text)


if __name__ == "__main__":
    sys.exit(main())
