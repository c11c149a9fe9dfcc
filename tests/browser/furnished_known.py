"""What KR knows of people and things when a test begins: two spellings of one person, a firm, a number that two share."""

from __future__ import annotations

from typing import Any

from browser.served import Served
from spean.node.acts.acting import Marks

MARKS = Marks(purpose="investigate-fraud", data="identity", subject="contact")
_GRADED = {"source": "B", "grade": 2, "nature": "fact"}


def said(property: str, value: str) -> dict[str, Any]:
    """One statement."""
    return {"property": property, "value": value, **_GRADED}


class Known:
    """Entities of KR by name."""

    def __init__(self, kr: Served) -> None:
        self._kr = kr
        shared = said("phone", "+85512555142")
        self.person = self.opened("person", said("name", "សុខ ដារ៉ា"), said("birth-date", "1988-04-02"), shared)
        self.same = self.opened("person", said("name", "Sok Dara"), said("birth-date", "1988-04"))
        self.firm = self.opened("organisation", said("name", "Golden Ficus Trading (played)"), shared)
        self.link(self.person, self.firm, "works-at")
        reason = {"other": self.same, "verdict": "positive", "reason": "one passport, seen by both desks"}
        self.judgement = kr.act(self.person, "judge", reason).fact

    def opened(self, kind: str, *statements: dict[str, Any]) -> str:
        """A new entity; its record."""
        form = {"kind": kind, "category": "contact" if kind == "person" else "none", "statements": list(statements)}
        marks = MARKS if kind == "person" else Marks(purpose="investigate-fraud", data="identity", subject="none")
        return self._kr.open("entity", "open", form, "", marks).record

    def link(self, one: str, other: str, how: str) -> str:
        """Join two entities."""
        return self._kr.act(one, "link", {"link": how, "other": other, **_GRADED}).fact
