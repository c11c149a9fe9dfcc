"""``node.matching``: questions, candidates, watches, lists, the border; the parts find one another here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spean.core.errors import NotFound
from spean.core.fact import Fact
from spean.node.same import candidates, grouping, watching
from spean.node.same.asking import Asking
from spean.node.same.candidates import Candidates, Review
from spean.node.same.grouping import Groups
from spean.node.same.lists import Lists
from spean.node.same.looking import Looking
from spean.node.same.offline import Offline
from spean.node.same.screening import Screening
from spean.node.same.watching import Watching

if TYPE_CHECKING:
    from spean.node.entry.people import Who
    from spean.node.ground import Ground
    from spean.node.work import Work

JOBS = "matching-"
"""How the names of our jobs begin."""


class MatchingDesk:
    """The verbs of matching."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._warm = False
        self.looking = Looking(ground)
        self.lists = Lists(ground)
        self.candidates = Candidates(ground, self.looking)
        self.asking = Asking(ground, self.looking, self.lists, self.candidates)
        self.watching = Watching(ground, self.looking, self.candidates)
        self.offline = Offline(ground)
        self.screening = Screening(ground, self.looking, self.lists, self.offline)
        self.groups = Groups(ground, self.screening)

    def review(self, who: Who, record: str, *, reason: str) -> Review:
        """A candidate with both sides; see ``Candidates.review``."""
        return self.candidates.review(who, record, reason=reason, asking=self.asking)

    def accepted(self, work: Work, fact: Fact) -> None:
        """What follows from a fact of ours or a partner's."""
        key = fact.header.procedure, fact.header.kind
        if key == (candidates.PROCEDURE, "raise"):
            self.candidates.arrived(work, fact)
        elif key[0] == "safeguard":
            self._safeguarded(work, fact)
        elif key[0] == watching.PROCEDURE and key[1] in watching.ENDED:
            self.watching.over(work, fact)

    def listen(self) -> None:
        """Hear of what watches meet at partners; called once all parts are there."""
        self._ground.private.on_hit.append(self.watching.met)

    def _safeguarded(self, work: Work, fact: Fact) -> None:
        """Whom a state may be told about has changed: tables of tags follow (R22)."""
        stated = self._ground.projector.stated
        records = frozenset(
            form.entity for kind in ("set", "change") for _, form in stated(work, fact.header.record, kind)
        )
        for each in self._ground.same.on_change:
            each(work, records)

    def run(self, kind: str, payload: dict[str, Any]) -> None:
        """A job of ours is due."""
        if kind == candidates.ABOUT:
            self.candidates.tell_about(payload["record"])
        elif kind == watching.OWN:
            self.watching.compare_own(payload["record"])
        elif kind == watching.BLIND:
            self.watching.met_blind(payload)
        elif kind == watching.END:
            self.watching.forget(payload["watch"])
        elif kind == grouping.GOES_ON:
            self.groups.go_on(payload["group"], payload["seen"])
        elif kind == grouping.ENDS:
            self.groups.end(payload["group"])
        else:
            raise NotFound(f"no such job: {kind}")

    def warm(self) -> None:
        """Read lists and answers into memory, where there are any."""
        with self._ground.reading() as tx:
            self.lists.refresh(tx)
            self.screening.refresh(tx)

    def tick(self) -> None:
        """Gather what partners have answered meanwhile; once, read into memory what the border answers from, so that nobody waits for it."""
        if not self._warm:
            self._warm = True
            self.warm()
        self.asking.tick()
