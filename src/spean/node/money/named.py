"""Requests to stop a payment by keyed hashes of account and payment: a hold is judged beside those of the same payment alone (R50).

What is found here is only where to look: the rule reads the requests themselves. An older store is filled at its start, or else when it is
first asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spean.holds.model import StopRequest
from spean.holds.service import payment_names
from spean.node.work import Work

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.sealing import Vault

STOP = "stop-payment"
_FILLED = "stop-names"
_PAGE = 500


class Named:
    """Notes and finds them, inside the caller's transaction."""

    def __init__(self, ground: Ground, vault: Vault) -> None:
        self._ground = ground
        self._vault = vault

    def ready(self) -> None:
        """Fill an older store."""
        with self._ground.writing() as work:
            if not work.tx.meta.get(_FILLED):
                self._fill(work)

    def note(self, work: Work, record: str, request: StopRequest) -> None:
        """A request was sent or came in."""
        work.tx.money.add_stop_names(record, self._hashed(payment_names(request)))

    def records(self, work: Work, names: Iterable[str]) -> list[str]:
        """The requests that bear one of these names."""
        if not work.tx.meta.get(_FILLED):
            self._fill(work)
        return work.tx.money.stops_named(self._hashed(names))

    def _hashed(self, names: Iterable[str]) -> list[bytes]:
        return [self._vault.hashed("stop", name) for name in names]

    def _fill(self, work: Work) -> None:
        after = None
        while rows := work.tx.records.list(procedure=STOP, after=after, limit=_PAGE):
            openings = [opening for row in rows if (opening := work.opening(row)) is not None]
            keys = work.keys([opening.id for opening in openings])
            for opening in openings:
                form = self._ground.projector.form(opening, keys.get(opening.id), work.fact)
                if isinstance(form, StopRequest):
                    self.note(work, opening.record, form)
            after = rows[-1]
        work.tx.meta.set(_FILLED, "1")
