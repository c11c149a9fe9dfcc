"""A bar on the error line while something large is read: redrawn for a person, a line each quarter for a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from spean.cli.show import clean

PATIENCE = 0.3
"""Seconds after which somebody wants to know."""
WIDTH = 30


class Bar:
    """Call it with what is done and what there is; ``stage`` names what follows once all is read."""

    def __init__(self, name: str) -> None:
        self._name = clean(name)[:60]
        self._begun = time.monotonic()
        self._drawn = ""
        self._quarter = 0
        self._live = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        share = 1.0 if total <= 0 else min(1.0, done / total)
        if time.monotonic() - self._begun < PATIENCE:
            return
        if self._live:
            full = int(WIDTH * share)
            self._draw(f"{self._name} [{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%}")
        elif int(share * 4) > self._quarter:
            self._quarter = int(share * 4)
            print(f"{self._name}: {self._quarter * 25} % read", file=sys.stderr, flush=True)

    def stage(self, name: str) -> None:
        if time.monotonic() - self._begun < PATIENCE:
            return
        if self._live:
            self._draw(f"{self._name}: {name}")
        else:
            print(f"{self._name}: {name}", file=sys.stderr, flush=True)

    def _draw(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(len(self._drawn)))
        sys.stderr.flush()
        self._drawn = text

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write("\r" + " " * len(self._drawn) + "\r")
            sys.stderr.flush()
