"""``spean alarm``: what a person must see, and that somebody has seen it."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from spean.cli.context import Cli
from spean.cli.parser import Parser, Verbs
from spean.cli.show import moment, stamp, table

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.node.faces import AlarmRow


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean alarm``."""
    verbs = Verbs(parser)
    listing = verbs.add("list", "open alarms, newest first", list_alarms)
    listing.add_argument("--all", action="store_true", help="those that somebody has seen, too")
    ack = verbs.add("ack", "say that you have seen an alarm", acknowledge)
    ack.add_argument("alarm", type=int, metavar="NUMBER")


def list_alarms(cli: Cli, options: Namespace) -> None:
    """Alarms."""
    with cli.node() as node:
        alarms = node.reading_desk.alarms(open_only=not options.all)
    rows = [
        (alarm.id, moment(alarm.at), alarm.severity, alarm.kind, alarm.acknowledged_by or "open", alarm.text)
        for alarm in alarms
    ]
    cli.say(
        [_plain(alarm) for alarm in alarms],
        table(("no", "time", "severity", "kind", "seen by", "what"), rows, "no alarms"),
    )


def acknowledge(cli: Cli, options: Namespace) -> None:
    """Note who has seen it."""
    with cli.desk() as (node, who):
        node.reading_desk.acknowledge(who, options.alarm)
    cli.say({"alarm": options.alarm, "acknowledged_by": who.id}, f"Alarm {options.alarm}: seen by {who.user.name}.")


def _plain(alarm: AlarmRow) -> dict[str, Any]:
    return {"id": alarm.id, "kind": alarm.kind, "severity": alarm.severity, "text": alarm.text, "at": stamp(alarm.at),
            "acknowledged_by": alarm.acknowledged_by, "acknowledged_at": stamp(alarm.acknowledged_at)}  # fmt: skip
