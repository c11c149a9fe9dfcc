"""Keys change: our own rotation and revocation, and what partners announce (O9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spean.core.fact import Fact
from spean.node.work import Work

if TYPE_CHECKING:
    from spean.node.ground import Ground


class Rotating:
    """Believes and disbelieves keys."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def announced(self, work: Work, fact: Fact, form: Any) -> None:
        """A partner's new keys."""

    def revoked(self, work: Work, fact: Fact, form: Any) -> None:
        """A partner's revoked key."""
