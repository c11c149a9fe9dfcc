"""``spean demo``: four national nodes on this machine exchange on real input.

    spean demo [--headless] [--json] [--dir FOLDER]

Without ``--headless`` the nodes stay up until Ctrl-C, and things to try by hand are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from spean.core.errors import SpeanError
from spean.core.world import SystemClock
from spean.demo import amendment, visitors
from spean.demo import known as known_story
from spean.demo.desk import Refused
from spean.demo.federation import Federation
from spean.demo.minutes import second, served
from spean.demo.minutes import story as minutes_story
from spean.demo.minutes.files import Files
from spean.demo.minutes.later import Later
from spean.demo.minutes.story import Minutes
from spean.demo.story import Story, Told
from spean.demo.wallets import read_wallets
from spean.node.care.logs import verify_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the demo; exit status 0 when everything was as said."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    start = time.monotonic()
    temporary = Path(tempfile.mkdtemp(prefix="spean-demo-")) if options.headless and options.dir is None else None
    folder = temporary or Path(options.dir or ".demo")
    files = Files(served.beginning())
    federation = Federation(folder.resolve(), begins=files.at(60))

    def say(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout, flush=True)

    try:
        federation.make()
        if not options.headless:
            for played in federation.nodes.values():
                visitors.furnish(federation, played)
        federation.start()
        say(f"0  four nodes are up under their own demo trust root ({round((time.monotonic() - start) * 1000)} ms)")
        for played in federation.nodes.values():
            say(f"   {played.name:4} {played.url}")
        told = Story({name: played.desk for name, played in federation.nodes.items()}, say).play()
        told.amendment = amendment.play(federation.nodes["INT"].home, told.agreement, federation.folder, say)
        say("Do we know her? Three nodes have written one invented person down, each in its own script")
        known = known_story.Scene({name: each.desk for name, each in federation.nodes.items()}, say).play()
        say(
            "The story “Minutes”: a victim's transfer is followed through three countries and stopped (the clock is played)"
        )
        stage = served.Served(federation, told.agreement)
        minutes = Minutes(stage, files, say).play()
        Later(stage, files, say, minutes).play(SystemClock().now())
        if not options.headless:
            _stay(federation, told, minutes, known, second.leave(stage)[0], say)
        federation.stop()
        result = _result(federation, told, minutes, known, start)
    except (SpeanError, Refused, TimeoutError) as failed:
        result = {"ok": False, "error": str(failed)}
        say(f"not as said: {failed}")
    except KeyboardInterrupt:
        result = {"ok": False, "error": "interrupted"}
    finally:
        federation.stop()
    if options.json:
        print(json.dumps(result))
    if temporary is not None and not options.keep:
        _keep_logs_only(temporary, result)
    return 0 if result["ok"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spean demo", description="Four national nodes on this machine exchange on real input."
    )
    parser.add_argument(
        "--headless", action="store_true", help="play it, stop the nodes, and say whether all was as said"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument(
        "--dir",
        type=Path,
        default=None,
        help="where the nodes live (default .demo, or a temporary folder when headless)",
    )
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder of a headless run whole")
    return parser


def _result(
    federation: Federation, told: Told, minutes: minutes_story.Told, known: known_story.Known, start: float
) -> dict[str, Any]:
    """What was measured, and whether it is what was promised."""
    logs = _export_logs(federation)
    wanted = len(read_wallets())
    facts = asdict(told)
    receipts = _receipts(federation, facts.pop("entries"))
    checks = {
        "entries": set(told.list_entries.values()) == {wanted} and len(told.list_entries) == len(federation.nodes),
        "receipts": receipts == 3 * wanted,
        "correction": 0 <= told.correction_ms < 5 * 60_000,
        "withdrawn": told.withdrawn,
        "request": set(told.request) == {"asked_ms", "answered_ms"},
        "refused": bool(told.refused.get("rule")) and bool(told.refused.get("reason")),
        "mediated": told.mediated == ["TH", "INT", "KH"],
        "amendment": set(told.amendment) == {"proved", "refuted"},
        "logs": len(logs) == len(federation.nodes),
        **{f"known: {name}": holds for name, holds in known_story.checks(known).items()},
        **{f"minutes: {name}": holds for name, holds in minutes_story.checks(minutes).items()},
    }
    return {
        "ok": all(checks.values()), "checks": checks, "nodes": sorted(federation.nodes), "seconds": round(time.monotonic() - start, 1),
        **facts, "receipts": receipts, "logs": logs, "minutes": asdict(minutes), "known": asdict(known),
    }  # fmt: skip


def _receipts(federation: Federation, entries: list[str]) -> int:
    """How many (entry, partner) INT holds an *accepted* receipt for, counted one by one in its store."""
    node = federation.open(federation.nodes["INT"])
    try:
        with node.reading() as tx:
            return sum(status == "accepted" for fact in entries for _, status in tx.outbox.holders(fact))
    finally:
        node.close()


def _export_logs(federation: Federation) -> list[dict[str, Any]]:
    """Each node's exchange log as a folder of tiles, verified as anybody can."""
    found = []
    for name, played in sorted(federation.nodes.items()):
        target = federation.folder / "logs" / name.lower()
        shutil.rmtree(target, ignore_errors=True)
        node = federation.open(played)
        try:
            node.logs.export(target)
            key = node.logs.verifier("exchange")
        finally:
            node.close()
        report = verify_folder(target, [key])
        found.append({"node": name, "path": str(target), "size": report.size})
    return found


def _keep_logs_only(folder: Path, result: dict[str, Any]) -> None:
    """A headless run leaves nothing but the exported logs that its JSON names."""
    for child in folder.iterdir():
        if child.name != "logs" or not result["ok"]:
            shutil.rmtree(child) if child.is_dir() else child.unlink()


def _stay(
    federation: Federation, told: Told, minutes: minutes_story.Told, known: known_story.Known, case: str, say: Any
) -> None:
    """Links, and things to try in the browser and by command, while the nodes stay up."""
    homes = {name: os.path.relpath(played.home) for name, played in federation.nodes.items()}
    spean = os.path.relpath(Path(sys.executable).parent / "spean")
    kr, kh, international = homes["KR"], homes["KH"], homes["INT"]
    text = os.path.relpath(federation.folder / "amendment.json")
    url = f"{federation.nodes['KR'].url}/api/v1/records/{told.circular}/publish"
    tries = (
        ("what waits on KH's desk", f"{spean} --home {kh} --token-file {kh}/token record list"),
        ("who would receive a wallet, and why", f"{spean} --home {kr} --token-file {kr}/token preview circular open "
         f"--data wallet --purpose warn --subject other --instrument {told.agreement}"),
        ("who still holds an entry of the list", f"{spean} --home {international} --token-file {international}/token fact holders {told.fact}"),
        ("prove an amendment", f"{spean} --home {international} --token-file {international}/token agreement prove {told.agreement} {text} "
         f"--claim '{amendment.CLAIM}'"),
        ("a forbidden act, explained", f"curl -s -H \"Authorization: Bearer $(cat {kr}/token)\" -H 'Content-Type: application/json' "
         f"-d '{{\"form\": {{\"entries\": 1, \"reason\": \"a try\"}}}}' {url}"),
    )  # fmt: skip
    record = visitors.leave_a_request(federation, told.agreement)
    say("")
    say("Sign in as one of these (each link serves once, within a quarter of an hour; the people are invented):")
    for who, link in visitors.links(federation):
        say(f"   {who.node:3} {who.name}, {who.does}:\n       {link}")
    say("Things to try in the browser:")
    for number, (what, where) in enumerate(visitors.to_try(federation, record, case, minutes.case, known), start=1):
        say(f"{number}  {what}:\n   {where}")
    say("And five by command, in another terminal (the nodes stay up; Ctrl-C ends them):")
    for number, (what, command) in enumerate(tries, start=11):
        say(f"{number}  {what}:\n   {command}")
    try:
        while all(played.process is not None and played.process.poll() is None for played in federation.nodes.values()):
            time.sleep(0.5)
    except KeyboardInterrupt:
        say("")


if __name__ == "__main__":
    sys.exit(main())
