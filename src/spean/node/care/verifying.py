"""Verifying our own logs while the desk works: in the background, one at a time, with its progress; the result is kept (O2, R38).

A log of a million entries takes seconds to a minute; whoever asked may leave, and finds the result later.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from spean.core.errors import Conflict, InvalidInput, SpeanError
from spean.node.work import DOMESTIC, EXCHANGE
from spean.store.rows import AccessAct

if TYPE_CHECKING:
    from spean.node.ground import Ground

LOGS = (EXCHANGE, DOMESTIC)
BUNDLE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The last verification of a log."""

    log: str
    at: int
    size: int
    checkpoints: int
    """Signed checkpoints of it that were compared."""
    fault: str
    """Empty: every entry is where it was, and every signed checkpoint fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A verification under way."""

    log: str
    since: int
    done: int
    size: int
    """Entries read so far, and in all."""


class Verifying:
    """Verifies when somebody asks."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._lock = threading.Lock()
        self._running: Running | None = None

    @property
    def running(self) -> Running | None:
        """What is being verified now."""
        return self._running

    def last(self, log: str) -> Verified | None:
        """The result of the last time; None when it was never asked for."""
        with self._ground.store.read() as tx:
            text = tx.meta.get(f"verified:{log}")
        return None if text is None else Verified(**json.loads(text))

    def start(self, log: str) -> None:
        """Begin in the background. Raises ``Conflict`` while another one runs."""
        thread = threading.Thread(target=self._run_claimed, args=(log,), name="verifying", daemon=True)
        self._claim(log)
        thread.start()

    def run(self, log: str) -> Verified:
        """The same at once, for whoever waits for it."""
        self._claim(log)
        return self._run_claimed(log)

    def _claim(self, log: str) -> None:
        if log not in LOGS:
            raise InvalidInput("log", f"{log!r} is no log", remedy=f"one of {', '.join(LOGS)}")
        with self._ground.store.read() as tx:
            size = tx.log.head(log).size
        with self._lock:
            if self._running is not None:
                raise Conflict(f"the {self._running.log} log is being verified", remedy="wait until that has ended")
            self._running = Running(log=log, since=self._ground.clock.now(), done=0, size=size)

    def _run_claimed(self, log: str) -> Verified:
        size, checkpoints, fault = 0, 0, ""
        try:
            size = self._ground.logs.verify(log, tell=self._tell).size
            with self._ground.store.read() as tx:
                checkpoints = len(tx.witness.history(self._ground.logs.verifier(log).name))
                lost = tx.access.missing(get_args(AccessAct)) if log == DOMESTIC else 0
            if lost:
                fault = f"{lost} entries of who read what are in the log and no longer in the list"
        except SpeanError as wrong:
            fault = f"{wrong.what}: {wrong.why}" if wrong.why else wrong.what
        finally:
            running, self._running = self._running, None
        assert running is not None
        found = Verified(
            log=log, at=self._ground.clock.now(), size=size or running.size, checkpoints=checkpoints, fault=fault
        )
        self._keep(found)
        return found

    def _keep(self, found: Verified) -> None:
        fields = {name: getattr(found, name) for name in ("log", "at", "size", "checkpoints", "fault")}
        with self._ground.writing() as work:
            work.tx.meta.set(f"verified:{found.log}", json.dumps(fields))
            if found.fault:
                text = f"our {found.log} log does not hold: {found.fault}"
                work.tx.alarms.raise_("own-log", f"{found.log}:{found.at}", "critical", text, work.now)

    def _tell(self, path: str) -> None:
        """A tile of entries was read."""
        running = self._running
        if running is not None and "entries" in path:
            done = min(running.done + BUNDLE, running.size)
            self._running = Running(log=running.log, since=running.since, done=done, size=running.size)
