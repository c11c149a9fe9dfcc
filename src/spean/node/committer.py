"""Group commit: whoever comes while a transaction is being written shares the next one.

One thread leads: it takes all that wait, runs each act in one write transaction and commits once. An act that is refused
raises for its caller only. If the commit itself fails, nobody's act happened and everybody is told so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from spean.core.errors import SpeanError, Unavailable

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
            for waiting, outcome in zip(group, self.together([each.act for each in group]), strict=True):
                if isinstance(outcome, SpeanError):
                    waiting.error = outcome
                else:
                    waiting.result = outcome
        except BaseException as failed:
            for waiting in group:
                waiting.error = failed
            if not isinstance(failed, Exception):
                raise
        finally:
            for waiting in group:
                waiting.done.set()

    def together(self, acts: Sequence[Callable[[Work], Any]]) -> list[Any]:
        """Run acts in one transaction: what each returned, or the ``SpeanError`` with which it alone was refused.

        An act that is refused after it had begun to change something undoes the transaction; the others are done again
        without it. When the store itself fails, everything is undone and ``Unavailable`` is raised.
        """
        outcomes: list[Any] = [None] * len(acts)
        left = list(range(len(acts)))
        while left:
            try:
                with self._ground.writing() as work:
                    for place in left:
                        outcomes[place] = _attempt(work, acts[place], place)
                return outcomes
            except _HalfDone as half:
                outcomes[half.place] = half.refused
                left = [place for place in left if place != half.place]
        return outcomes


class _HalfDone(Exception):
    """An act was refused in the middle: its transaction must not be committed."""

    def __init__(self, place: int, refused: SpeanError) -> None:
        super().__init__(str(refused))
        self.place = place
        self.refused = refused


def _attempt(work: Work, act: Callable[[Work], Any], place: int) -> Any:
    before = work.trace()
    try:
        return act(work)
    except Unavailable:
        raise
    except SpeanError as refused:
        if work.trace() != before:
            raise _HalfDone(place, refused) from refused
        return refused
