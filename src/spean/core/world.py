"""Time and chance, passed in (D10), so that a whole federation runs deterministically in one process."""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, in integer milliseconds since 1970 UTC."""

    def now(self) -> int: ...


class Entropy(Protocol):
    """Gives random bytes fit for keys and salts."""

    def bytes(self, count: int) -> bytes: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that a test, an exercise or the simulation moves by hand."""

    def __init__(self, now: int = 1_772_586_000_000) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def advance(self, milliseconds: int) -> None:
        self._now += milliseconds


class SystemEntropy:
    """The operating system's random source."""

    def bytes(self, count: int) -> bytes:
        return os.urandom(count)


class SeededEntropy:
    """Repeatable bytes for tests and simulations; never for a real node."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a simulation must repeat itself

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def iso(milliseconds: int) -> str:
    """Milliseconds as ISO 8601 in UTC with millisecond precision, e.g. ``2026-03-04T01:41:00.000Z``."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


@lru_cache(maxsize=4096)
def from_iso(text: str) -> int:
    """ISO 8601 with an offset or ``Z`` to milliseconds. Raises ``ValueError`` for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, e.g. 2026-03-04T01:41:00Z")
    whole = moment.replace(microsecond=0)
    return int(whole.timestamp()) * 1000 + moment.microsecond // 1000
