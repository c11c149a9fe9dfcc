"""``python -m spean.demo.serving HOME CLOCK``: a node of the demo, with the demo's own clock."""

from __future__ import annotations

import sys
from pathlib import Path

from spean.app import server
from spean.demo.clock import PlayedClock
from spean.node import open_node


def main(home: str, clock: str) -> None:
    """Serve until a signal ends it."""
    server(open_node(Path(home), clock=PlayedClock(Path(clock)))).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
