"""``node.money``: ledgers that files feed, cases that are followed, requests hop by hop, the banks' side.

The parts find one another here. Arrow, numba and XML are imported when they are first used: a node that never traces does not pay.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from spean.core.errors import NotFound
from spean.node.entry.people import Who
from spean.node.money.following import Following
from spean.node.money.importing import Importing
from spean.node.money.keeping import Ledgers
from spean.node.money.model import BadRow, ImportState, Recognised
from spean.node.money.sealing import Vault
from spean.store.rows import ImportRow, PaymentRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.intake import Told


class Money:
    """The verbs of money."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.vault = Vault(ground)
        self.ledgers = Ledgers(ground)
        self.following = Following(ground, self)
        self.importing = Importing(ground, self)

    def start(self) -> None:
        """Go on with files that were being read when the node stopped."""
        self.importing.resume()

    def close(self) -> None:
        """Close the ledgers."""
        self.ledgers.close()

    # files ------------------------------------------------------------------------------------------------------

    def take_file(self, who: Who, name: str, chunks: Iterable[bytes], source: str = "B", grade: int = 2,
                  hints: dict[str, Any] | None = None, *, wait: bool = False) -> ImportState:  # fmt: skip
        """See ``Importing.take_file``."""
        return self.importing.take_file(who, name, chunks, source=source, grade=grade, hints=hints, wait=wait)

    def imports(self, who: Who, limit: int = 100) -> list[ImportState]:
        """The files, newest first."""
        return self.importing.imports(who, limit)

    def import_state(self, who: Who, id: str) -> ImportState:
        """How far a file is."""
        return self.importing.import_state(who, id)

    def import_rows(self, who: Who, id: str, *, after: int = 0, limit: int = 500) -> list[BadRow]:
        """Rows of a file that were not taken."""
        return self.importing.import_rows(who, id, after=after, limit=limit)

    def recognised(self, who: Who, id: str) -> Recognised:
        """What a file that is *asking* seems to be."""
        return self.importing.recognised(who, id)

    def confirm_mapping(self, who: Who, id: str, answers: dict[str, Any], *, wait: bool = False) -> ImportState:
        """See ``Importing.confirm_mapping``."""
        return self.importing.confirm_mapping(who, id, answers, wait=wait)

    # payments ---------------------------------------------------------------------------------------------------

    def payments(self, ids: Iterable[str]) -> dict[str, Told]:
        """What documents say of payments; those whose words are erased are missing."""
        with self._ground.store.read() as tx:
            rows = tx.money.payments(dict.fromkeys(ids))
        return self.opened(rows.values())

    def opened(self, rows: Iterable[PaymentRow]) -> dict[str, Told]:
        """Payments with their words, by id."""
        from spean.node.money.intake import Told, decoded

        several = list(rows)
        files = self._files({row.file for row in several})
        found = {}
        for row in several:
            file = files[row.file]
            try:
                words = self.vault.open(file.key, row.words)
            except NotFound:
                continue
            found[row.id] = Told(decoded(words), row.file, file.source, file.grade)
        return found

    def _files(self, ids: set[str]) -> dict[str, ImportRow]:
        if not ids:
            return {}
        with self._ground.store.read() as tx:
            return {id: tx.money.one_import(id) for id in ids}
