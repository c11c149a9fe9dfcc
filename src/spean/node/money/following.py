"""Open cases, followed through our ledgers: traced at their beginning, and again by every payment that touches them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spean.ledgers.live import Arrived
    from spean.node.ground import Ground
    from spean.node.money.money import Money


class Following:
    """Which cases a new payment touches."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money

    def arrived(self, currency: str, payments: Sequence[str], arrived: Arrived) -> None:
        """Payments are in the ledger of ``currency``."""
