"""Keys change: our own rotation and revocation, and what partners announce (O9).

A revoked key is believed nowhere from the moment its revocation arrives; the facts that it had signed are listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spean.core.fact import Fact
from spean.core.world import from_iso
from spean.node.instruments import touch_register
from spean.node.work import Work
from spean.store.rows import PeerKeyRow

if TYPE_CHECKING:
    from spean.node.ground import Ground


class Rotating:
    """Believes and disbelieves keys."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def announced(self, work: Work, fact: Fact, form: Any) -> None:
        """A partner's new keys: believed from the time it says; the old signing key ends then."""
