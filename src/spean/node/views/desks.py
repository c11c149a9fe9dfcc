"""The directory: which foreign desk answers for a telephone number, account, wallet or country, and who is on duty (A2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spean.core.errors import NotFound
from spean.node.entry.people import Who
from spean.node.entry.rights import opened_to
from spean.node.work import Work

if TYPE_CHECKING:
    from spean.directory.model import Shift
    from spean.directory.service import Kind, KnownDesk, Proposal
    from spean.node.ground import Ground


@dataclass(frozen=True, slots=True)
class Duty:
    """Who answers at a desk now, and whom to call when that one is silent; None where the roster says nobody."""

    now: Shift | None
    next: Shift | None


class Desks:
    """Reads the desks that nodes have published. ``directory.service`` is heavy (numbering plans): imported on first use."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def all(self) -> list[KnownDesk]:
        """Every desk that is open, ours included."""
        from spean.directory import service

        found = []
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            for row in tx.records.list(procedure="desk", open_only=True, limit=1000):
                desk = service.current(row.id, self._ground.projector.acts_of(work, row.id))
                if desk is not None:
                    found.append(service.KnownDesk(row.parties["node"][0], row.id, desk))
        return found

    def propose(self, kind: Kind, value: str, chain: str = "") -> list[Proposal]:
        """The desks that answer for what is known, the surest first; raises ``InvalidInput`` when it is no such thing."""
        from spean.directory import service

        selector = service.Selector(kind, value, chain)
        return service.propose(self.all(), selector, self._ground.clock.now())

    def one(self, record: str) -> KnownDesk:
        """The open desk of that record; raises ``NotFound``."""
        for known in self.all():
            if known.record == record:
                return known
        raise NotFound(f"no open desk {record[:80]}", remedy="see the directory")

    def opens(self, who: Who, known: KnownDesk) -> bool:
        """Whether somebody may open the record behind a desk (O1)."""
        with self._ground.reading() as tx:
            return bool(opened_to(tx, who, (known.record,)))

    def duty(self, known: KnownDesk) -> Duty:
        """Who answers at a desk at this moment, and who is next (A2)."""
        from spean.directory import service

        now = self._ground.clock.now()
        return Duty(service.on_duty(known.desk, now), service.next_on_roster(known.desk, now, now))

    def next(self, record: str, silent_since: int) -> Any:
        """Whom to call when the one on duty at a desk is silent."""
        from spean.directory import service

        for known in self.all():
            if known.record == record:
                return service.next_on_roster(known.desk, silent_since, self._ground.clock.now())
        raise NotFound(f"no open desk {record}", remedy="spean desk list shows them")
