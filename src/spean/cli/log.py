"""``spean log``: verify, prove and export our two logs (O2, R38)."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.cli import machine
from spean.cli.context import Cli
from spean.cli.fact import evidence_options, verify_file, write_evidence
from spean.cli.parser import Parser, Verbs
from spean.core.errors import NotFound

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.ledger.tiles import LogReport


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean log``."""
    verbs = Verbs(parser)
    verify = verbs.add("verify", "recompute a log and compare it with all that was signed", verify_log,
                       more="PATH is an exported log, an evidence file or a node's home; without it, our own logs.")  # fmt: skip
    verify.add_argument("path", nargs="?", metavar="PATH")
    verify.add_argument("--key", action="append", default=[], metavar="KEY", help="a key that you trust; for a folder the log's, "
                        "else its own is used, which does not show whose log it is")  # fmt: skip
    evidence_options(verbs.add("prove", "write an evidence file for one fact", write_evidence))
    export = verbs.add("export", "write a log as a folder of tiles that anybody can verify", export_log)
    export.add_argument("folder", metavar="DIR", help="a new or empty folder")
    export.add_argument(
        "--domestic", action="store_true", help="the log of reads and local acts, instead of what concerns partners"
    )
    verbs.add("checkpoint", "our signed checkpoint, with the cosignatures of partners", show_checkpoint)


def verify_log(cli: Cli, options: Namespace) -> int:
    """Verify what the path names."""
    path = None if options.path is None else Path(options.path)
    if path is None or (path / "settings.json").is_file():
        return _verify_home(cli if path is None else Cli(home=path, json=cli.json, token_file=cli.token_file))
    if path.is_file():
        return verify_file(cli, str(path), options.key)
    if not path.is_dir():
        raise NotFound(f"nothing at {path}", remedy="name an exported log, an evidence file or a node's home")
    from spean.ledger.note import parse_vkey
    from spean.node.care.logs import verify_folder

    report = verify_folder(path, [parse_vkey(key) for key in options.key])
    trusted = bool(options.key)
    whose = (
        "" if trusted else "\nThe folder's own key was used: it agrees with itself; give --key to show whose log it is."
    )
    cli.say({"ok": True, "trusted": trusted, **_value(report)}, f"{_says(report)}{whose}")
    return 0


def _verify_home(cli: Cli) -> int:
    from spean.node.work import DOMESTIC, EXCHANGE

    with cli.node() as node:
        reports = [node.logs.verify(log) for log in (EXCHANGE, DOMESTIC)]
    cli.say({"ok": True, "logs": [_value(report) for report in reports]}, "\n".join(map(_says, reports)))
    return 0


def export_log(cli: Cli, options: Namespace) -> None:
    """Export a log. It holds headers only, which name no person; that it was exported is noted."""
    from spean.ledger.note import format_vkey
    from spean.node.work import DOMESTIC, EXCHANGE

    log = DOMESTIC if options.domestic else EXCHANGE
    with cli.node() as node:
        size = node.logs.export(Path(options.folder), log)
        key = format_vkey(node.logs.verifier(log))
        machine.note(node, "log-export", log)
    cli.say({"folder": options.folder, "log": log, "size": size, "key": key},
            f"{size} entries of the {log} log are in {options.folder}.\nIts key: {key}")  # fmt: skip


def show_checkpoint(cli: Cli, _options: Namespace) -> None:
    """The latest checkpoint of the exchange log."""
    with cli.node() as node, node.reading() as tx:
        note = node.serving.note(tx).decode()
    lines = note.split("\n")
    cli.say({"origin": lines[0], "size": int(lines[1]), "root": lines[2], "note": note}, note.rstrip("\n"))


def _value(report: LogReport) -> dict[str, Any]:
    return {"origin": report.origin, "size": report.size, "root": report.root.hex()}


def _says(report: LogReport) -> str:
    return f"{report.origin}: {report.size} entries verified, root {report.root.hex()[:16]}…"
