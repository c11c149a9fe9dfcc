"""Alarms that nobody acknowledges go to the next ones (STYLE: alarms; DOMAIN 3.2); and what may be said of one outside.

What leaves by webhook or mail passes through others' machines, so it names nodes, records, counts and kinds of acts, never a person and
never words of a fact. Of a kind of alarm whose text may hold a name or a partner's own words only the kind goes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean.store.rows import AlarmRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

PLAIN = frozenset({
    "R47", "clock", "derived", "forked-log", "key-change", "key-revoked", "memory-lost", "not-delivered", "officer-unseen", "own-log",
    "restored-lost", "shrunken-log", "sign-in-flood", "timer", "unwitnessed",
})  # fmt: skip
"""Kinds of alarms whose text is made of nodes, records, keys, sizes and times alone."""
SUPERVISED = frozenset({"R22", "R23", "R24", "private-guesses"})
"""Kinds of alarms that the supervisor alone is shown, outside the chain of command; they never go out of band (R23, R24)."""
ELSEWHERE = "its words stay at the node: open its page of alarms"
_ORDER = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is not acknowledged: how many alarms, the worst severity (empty for none), the newest one's number (0 for none)."""

    count: int
    worst: str
    newest: int


class Escalating:
    """Says which alarms are due for the next ones."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def due(self) -> list[AlarmRow]:
        """Alarms that went unacknowledged for too long and were not escalated yet, critical ones first."""
        ground = self._ground
        now, settings = ground.clock.now(), ground.settings
        with ground.store.read() as tx:
            critical = tx.alarms.waiting("critical", now - settings.escalate_ms)
            found = critical + tx.alarms.waiting("warning", now - settings.escalate_warning_ms)
        return [alarm for alarm in found if alarm.kind not in SUPERVISED]

    def done(self, alarm: AlarmRow) -> None:
        """Note that the next ones were told."""
        with self._ground.writing() as work:
            work.tx.alarms.escalated(alarm.id, work.now)

    def standing(self, *, supervisor: bool = False) -> Standing:
        """In one look: what nobody has acknowledged; what is for the supervisor only for a supervisor."""
        with self._ground.store.read() as tx:
            found = tx.alarms.standing(() if supervisor else SUPERVISED)
        return Standing(
            count=sum(count for count, _ in found.values()),
            worst=next((name for name in _ORDER if name in found), ""),
            newest=max((newest for _, newest in found.values()), default=0),
        )


def outside(alarm: AlarmRow) -> str:
    """What is said of an alarm out of band."""
    return alarm.text if alarm.kind in PLAIN else ELSEWHERE
