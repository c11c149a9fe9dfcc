"""Group commit: whoever comes while a transaction is being written shares the next one.

One thread leads: it takes all that wait, runs each act in one write transaction and commits once. An act that is refused
raises for its caller only. If the commit itself fails, nobody's act happened and everybody is told so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from spean.core.errors import SpeanError

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.work import Work

Result = TypeVar("Result")
MOST = 256
"""Acts that share one transaction at most, so that the last one does not wait long."""


@dataclass(slots=True)
class _Waiting:
    act: Callable[[Work], Any]
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: BaseException | None = None


class Committer:
    """Runs acts in shared transactions."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._lead = threading.Lock()
        self._guard = threading.Lock()
        self._queue: list[_Waiting] = []

    def run(self, act: Callable[[Work], Result]) -> Result:
        """Run ``act`` in a write transaction; returns when it is durable, or raises what it raised."""
        mine = _Waiting(act)
        with self._guard:
            self._queue.append(mine)
        with self._lead:
            if not mine.done.is_set():
                self._write_all()
        if mine.error is not None:
            raise mine.error
        result: Result = mine.result
        return result

    def _write_all(self) -> None:
        with self._guard:
            group, self._queue = self._queue[:MOST], self._queue[MOST:]
        try:
            with self._ground.writing() as work:
                for waiting in group:
                    try:
                        waiting.result = waiting.act(work)
                    except SpeanError as refused:
                        waiting.error = refused
        except BaseException as failed:
            for waiting in group:
                waiting.error = waiting.error or failed
            if not isinstance(failed, Exception):
                raise
        finally:
            for waiting in group:
                waiting.done.set()
