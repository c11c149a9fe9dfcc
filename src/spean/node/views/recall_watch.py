"""Recalls under way and lately confirmed, holder by holder: who was asked, what came back, who is overdue (A8, R34, D5).

What a recall says of a copy is what its form says: erased, restricted, never held. It tells nothing of what the fact says, so looking
is no read of contents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean.exchange.codec import decode_header
from spean.node.acts.recalling import RECALL
from spean.node.entry.people import Who
from spean.node.entry.rights import check_fact
from spean.node.work import Work
from spean.store.rows import FactRow, RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One holder and what became of its copy."""

    record: str
    fact: str
    holder: str
    owner: str
    """Who recalls: we, or a partner whose fact we hold."""
    mode: str
    """``correct`` or ``withdraw``; empty when its words are erased."""
    asked_at: int
    received_at: int | None
    """When the holder's receipt for the question came; None while it has none."""
    due_at: int | None
    """When it is overdue; None once confirmed, or when that moment has passed and was alarmed."""
    overdue: bool
    state: str
    outcome: str
    """``erased``, ``restricted``, ``never-held``; empty while unanswered."""
    ground: str
    until: str
    confirmed_at: int | None
    behind: tuple[tuple[str, str], ...]
    """Nodes to which the holder had passed it on, with what became of their copies (also ``unreachable``)."""

    @property
    def holds(self) -> bool:
        """Whether a copy may still be there."""
        return self.outcome in ("", "restricted") or any(
            each in ("restricted", "unreachable") for _, each in self.behind
        )


class RecallWatch:
    """Lists recalls."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def under_way(self, who: Who, *, limit: int = MOST) -> list[Asked]:
        """Recalls without an answer, what runs out first on top; those of which she may read the record."""
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            rows = tx.records.list(procedure=RECALL, open_only=True, purposes=who.purposes, limit=limit)
            return [self._asked(work, row) for row in rows]

    def confirmed(self, who: Who, *, limit: int = 50) -> list[Asked]:
        """Recalls lately answered, the youngest first."""
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            return [self._asked(work, row) for row in tx.records.closed_last(RECALL, who.purposes, limit)]

    def of_fact(self, who: Who, fact: str) -> list[Asked]:
        """Every holder that was asked about a fact, by name."""
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            check_fact(work, who, tx.facts.get(fact).record)
            names = {row.record for row in tx.facts.citing(fact) if (row.procedure, row.kind) == (RECALL, "recall")}
            rows = [row for name in names if (row := work.record(name)) is not None]
            return sorted((self._asked(work, row) for row in rows), key=lambda each: each.holder)

    def _asked(self, work: Work, row: RecordRow) -> Asked:
        facts = work.facts_of(row.id)
        opening = next((each for each in facts if each.kind == "recall"), None)
        said = [each for each in facts if each.kind in ("progress", "confirm") and each.status == "effective"]
        forms = self._ground.projector
        question = None if opening is None else forms.form(opening, work.key(opening.id))
        answer = forms.form(said[-1], work.key(said[-1].id)) if said else None
        confirmed = next((each for each in reversed(said) if each.kind == "confirm"), None)
        (holder,) = row.parties["holder"]
        (owner,) = row.parties["owner"]
        return Asked(
            record=row.id, fact="" if opening is None else decode_header(opening.payload).targets[0], holder=holder, owner=owner,
            mode=getattr(question, "mode", ""), asked_at=row.opened_at, received_at=self._received(work, opening, holder),
            due_at=row.due_at, overdue="overdue" in row.done, state=row.state, outcome=getattr(answer, "outcome", ""),
            ground=getattr(answer, "ground", ""), until=getattr(answer, "until", ""),
            confirmed_at=None if confirmed is None else confirmed.at,
            behind=tuple((each.node, each.outcome) for each in getattr(answer, "downstream", ())),
        )  # fmt: skip

    def _received(self, work: Work, opening: FactRow | None, holder: str) -> int | None:
        if opening is None:
            return None
        if opening.origin != self._ground.me:
            return opening.received_at
        got = [
            each.at
            for each in work.tx.receipts.covering(opening.id)
            if each.peer == holder and each.status == "accepted"
        ]
        return got[0] if got else None
