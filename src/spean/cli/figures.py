"""``spean request late``: how punctually each node answers (A4)."""

from __future__ import annotations

from argparse import Namespace

from spean.cli.context import Cli
from spean.cli.parser import Verbs
from spean.cli.show import table


def add_late(verbs: Verbs) -> None:
    """The verb of ``spean request``."""
    verbs.add("late", "how many answers of each node came in time, late, or are not due yet", show_late)


def show_late(cli: Cli, _options: Namespace) -> None:
    """Late answers, counted per node."""
    with cli.desk() as (node, _who):
        counts = node.figures.late_answers()
    cells = [(each.holder, each.urgency, str(each.in_time), str(each.late), str(each.pending)) for each in counts]
    cli.say(counts, table(("node", "urgency", "in time", "late", "not due"), cells, "nobody was asked"))
