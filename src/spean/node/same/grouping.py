"""Groups of travellers from a table: each answered by itself, in the background, with progress (B5).

What was answered stands in the log; what a page shows of a group stays in memory for a day and goes with the process.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spean.core.errors import NotFound, SpeanError
from spean.core.ids import ulid
from spean.core.world import DAY
from spean.node.entry.people import Who
from spean.screening import groups
from spean.screening.groups import BadLine
from spean.screening.model import Traveller

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.same.screening import Screened, Screening

MOST = 50
_AT_ONCE = 10


@dataclass(slots=True)
class Group:
    """A group on its way. ``failed`` says why it stopped; what is there was answered."""

    id: str
    name: str
    by: str
    at: int
    people: tuple[Traveller, ...]
    bad: tuple[BadLine, ...]
    answers: list[Screened] = field(default_factory=list)
    failed: SpeanError | None = None

    @property
    def done(self) -> bool:
        """Whether nothing more comes."""
        return self.failed is not None or len(self.answers) == len(self.people)


class Groups:
    """Runs groups, one after another."""

    def __init__(self, ground: Ground, screening: Screening) -> None:
        self._ground = ground
        self._screening = screening
        self._known: dict[str, Group] = {}
        self._turn = threading.Lock()

    def start(self, who: Who, name: str, data: bytes, *, reason: str, wait: bool = False) -> Group:
        """Read the table and begin. Raises ``InvalidInput``, ``TooMuch`` and ``Refusal`` before anybody is asked about."""
        people, bad = groups.read(data)
        self._screening.may(who, len(people))
        ground = self._ground
        made = Group(
            ulid(ground.clock, ground.entropy), name[:200], who.id, ground.clock.now(), tuple(people), tuple(bad)
        )
        self._forget(made.at)
        self._known[made.id] = made
        if wait:
            self._run(who, made, reason)
        else:
            threading.Thread(target=self._run, args=(who, made, reason), name="group", daemon=True).start()
        return made

    def one(self, who: Who, id: str) -> Group:
        """A group, for whoever gave it. Raises ``NotFound``."""
        found = self._known.get(id)
        if found is None or found.by != who.id:
            raise NotFound(
                "No such group of yours",
                why="it is older than a day, or the node was restarted",
                remedy="give the table again",
            )
        return found

    def mine(self, who: Who) -> list[Group]:
        """The groups of one person, newest first."""
        return sorted(
            (each for each in self._known.values() if each.by == who.id), key=lambda each: each.id, reverse=True
        )

    def _run(self, who: Who, group: Group, reason: str) -> None:
        with self._turn:
            for start in range(0, len(group.people), _AT_ONCE):
                try:
                    group.answers += self._screening.each(who, group.people[start : start + _AT_ONCE], reason=reason)
                except SpeanError as failed:
                    group.failed = failed
                    return

    def _forget(self, now: int) -> None:
        for id in [each.id for each in self._known.values() if each.at < now - DAY]:
            del self._known[id]
        for id in sorted(self._known)[: max(0, len(self._known) - MOST + 1)]:
            del self._known[id]
