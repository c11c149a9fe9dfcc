"""Figures of the desk, counted from records. No contents are shown: only how many, and whose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from spean.exchange.codec import decode_header
from spean.holds import service as hold_service
from spean.holds.service import HoldFigures
from spean.node.work import Work
from spean.procedures.acts import Act
from spean.requests import service
from spean.requests.service import Punctuality

if TYPE_CHECKING:
    from spean.node.ground import Ground

REQUEST = "information-request"
HOP = "stop-payment"
COUNTED = ("effective", "corrected", "withdrawn")
PAGE = 500


class Figures:
    """Counts."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def late_answers(self) -> tuple[Punctuality, ...]:
        """How punctually each node answers what it was asked, ours included, by urgency (A4): one line for each pair.

        A request whose opening is erased does not count, since its deadline is not known any more.
        """
        with self._ground.reading() as tx:
            return service.late(self._requests(Work(self._ground, tx)), self._ground.clock.now())

    def holds(self) -> tuple[HoldFigures, ...]:
        """The public count of each country's holds that we know of (R36): how many, how many lapsed, were wrong, and the hours
        until those were free. Nothing but kinds, times and "wrong" is read."""
        with self._ground.reading() as tx:
            return hold_service.figures(self._hops(Work(self._ground, tx)))

    def _hops(self, work: Work) -> Iterator[list[Act]]:
        after = None
        while rows := work.tx.records.list(procedure=HOP, after=after, limit=PAGE):
            for row in rows:
                yield self._acts(work, row.id, opened=("hold", "release"))
            after = rows[-1]

    def _requests(self, work: Work) -> Iterator[list[Act]]:
        """The acts of each request that count; only the opening's form is read."""
        after = None
        while rows := work.tx.records.list(procedure=REQUEST, after=after, limit=PAGE):
            for row in rows:
                yield self._acts(work, row.id)
            after = rows[-1]

    def _acts(self, work: Work, record: str, opened: tuple[str, ...] = ("send",)) -> list[Act]:
        projector = self._ground.projector
        acts = []
        for row in work.facts_of(record):
            if row.status in COUNTED:
                form = projector.form(row, work.key(row.id)) if row.kind in opened else None
                acts.append(projector.act(row.id, decode_header(row.payload), form, None))
        return acts
