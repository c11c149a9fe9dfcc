"""Money that changes currency outside of any payment that a bank tells of: an exchange desk takes dollars and gives tokens.

An analyst states it once, with its source. It stands in both ledgers, in the one as paid, in the other as received, so that the trace
goes on at the stated rate (``tracing.convert``); it is a payment like any other, found by its name and traced anew when it comes late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from spean.core.errors import InvalidInput
from spean.core.ids import ulid
from spean.formats.model import Money as Amount
from spean.formats.model import Payment, References, Source
from spean.node.entry.people import Who
from spean.node.money.importing import LOADERS, checked_grades
from spean.store.rows import ImportRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.money import Money

DOCUMENT = "conversion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One side: an account, and how many minor units of which currency."""

    account: str
    amount: int
    currency: str


class Conversions:
    """Takes statements of conversions."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money

    def convert(self, who: Who, paid: Leg, received: Leg, at: int, *, reason: str, reference: str = "", source: str = "B",
                grade: int = 2) -> str:  # fmt: skip
        """``paid.account`` gave up ``paid`` at ``at``, and ``received.account`` got ``received`` for it; the payment's name.

        Raises ``InvalidInput`` for one currency on both sides, or accounts that are not both ours.
        """
        from spean.node.money.intake import Intake

        who.need(*LOADERS)
        checked_grades(source, grade)
        if paid.currency == received.currency:
            raise InvalidInput("received", "both sides are in one currency", remedy="that is a payment: import it")
        if len(reason.strip()) < 3:
            raise InvalidInput("reason", "a statement says who knows it", remedy="name the document or the witness")
        ground, vault = self._ground, self._money.vault
        name = f"conversion:{ulid(ground.clock, ground.entropy)}"
        payment = Payment(
            name, at, paid.account, received.account, received.amount, received.currency, reference, Source(DOCUMENT, 0),
            text=reason.strip()[:2000], references=References(), instructed=Amount(paid.amount, paid.currency),
        )  # fmt: skip
        homes = self._money.homes()
        for field, leg in (("paid", paid), ("received", received)):
            if not homes.ours(leg.account):
                raise InvalidInput(field, f"{leg.account[:60]} is an account of {homes.owner(leg.account).node or 'another country'}",
                                   remedy="the node whose accounts they are states it")  # fmt: skip
        key = vault.new()
        row = ImportRow(
            id=ulid(ground.clock, ground.entropy), state="done", document=DOCUMENT, by=who.id, at=ground.clock.now(), source=source,
            grade=grade, bytes_read=0, bytes_all=0, taken=1, twice=0, rejected=0, late=0, key=key,
            words=vault.seal(key, msgspec.json.encode({"name": DOCUMENT})),
        )  # fmt: skip
        with ground.writing() as work:
            ground.reading_desk.note_access(
                work, who, "import", f"{ground.me}:import:{row.id}", reason, {"doing": name}
            )
            work.tx.money.save_import(row)
        intake = Intake(ground, row.id, key, homes, self._money.following.arrived)
        with self._money.importing.turn:
            intake.take([payment])
        if intake.counts.bad:
            bad = intake.counts.bad[0]
            raise InvalidInput(bad.field, bad.reason, remedy=bad.remedy, rule=bad.rule)
        return name
