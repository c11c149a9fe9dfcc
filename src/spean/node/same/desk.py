"""``node.matching``: questions, candidates, watches, lists, the border; the parts find one another here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spean.node.same.lists import Lists
from spean.node.same.looking import Looking
from spean.node.same.screening import Screening

if TYPE_CHECKING:
    from spean.node.ground import Ground


class MatchingDesk:
    """The verbs of matching."""

    def __init__(self, ground: Ground) -> None:
        self.looking = Looking(ground)
        self.lists = Lists(ground)
        self.screening = Screening(ground, self.looking, self.lists)
