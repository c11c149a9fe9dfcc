"""Who asks how often, and what our node must keep in mind about whom: throttles, safeguards, and what rings at the supervisor (R22–R24).

What is counted says who asked, when and with what success, and never about whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from spean.candidates import misuse
from spean.candidates.lists import Safeguard
from spean.candidates.misuse import Concern, Look, Use
from spean.candidates.rules import STANDS
from spean.core.errors import TooMuch
from spean.core.world import DAY, iso
from spean.node.entry.people import Who
from spean.store.rows import LookRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.work import Work
    from spean.store import Tx


class Looking:
    """Counts questions, and keeps safeguards at hand."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._kept: tuple[tuple[str, ...], dict[str, list[Safeguard]]] = ((), {})

    def check(self, who: Who, use: Use, count: int = 1) -> None:
        """Refuse ``count`` more questions past this person's limit, and tell the supervisor. Raises ``TooMuch`` (R24)."""
        ground = self._ground
        now = ground.clock.now()
        with ground.reading() as tx:
            looks = self._looks(tx, who, now)
        try:
            misuse.check(looks, use, now, count)
        except TooMuch:
            with ground.writing() as work:
                text = f"{who.id} was stopped: too many questions at once ({use})"
                work.tx.alarms.raise_("R24", f"{who.id}/stopped/{iso(now)[:13]}", "critical", text, now)
            raise

    def note(self, work: Work, who: Who, use: Use, outcomes: Sequence[tuple[bool, bool]]) -> None:
        """Count questions: for each whether anything was found, and whether it was about somebody in office."""
        tx = work.tx
        tx.matching.add_looks(
            [LookRow(user=who.id, use=use, at=work.now, found=found, office=office) for found, office in outcomes]
        )
        for each in misuse.concerns(self._looks(tx, who, work.now), work.now):
            text = _said(who.id, each)
            severity = "critical" if each.kind == "office" else "warning"
            tx.alarms.raise_("R24", f"{who.id}/{each.kind}/{iso(work.now)[:10]}", severity, text, work.now)

    def _looks(self, tx: Tx, who: Who, now: int) -> list[Look]:
        known: dict[str, Use] = {"look-up": "look-up", "border": "border", "group": "group"}
        return [
            Look(row.at, known[row.use], row.found, row.office)
            for row in tx.matching.looks(who.id, now - DAY)
            if row.use in known
        ]

    def tidy(self, work: Work) -> None:
        """Forget counts that no limit looks at any more."""
        work.tx.matching.drop_looks(work.now - 2 * DAY)

    # safeguards -------------------------------------------------------------------------------------------------

    def safeguards(self, work: Work) -> dict[str, list[Safeguard]]:
        """What is kept in mind about our own entities, by record; opened anew only when one of them changed."""
        rows = work.records_in("safeguard", STANDS)
        stamp = tuple(sorted(f"{row.id}{row.entered_by}" for row in rows))
        if stamp != self._kept[0]:
            found: dict[str, list[Safeguard]] = {}
            for row in rows:
                fact = work.fact(row.entered_by)
                form = None if fact is None else self._ground.projector.form(fact, work.key(fact.id), work.fact)
                if isinstance(form, Safeguard):
                    found.setdefault(form.entity, []).append(form)
            self._kept = stamp, found
        return self._kept[1]

    def hidden_from(self, work: Work, nodes: frozenset[str]) -> frozenset[str]:
        """Entities about whom nothing is told to one of these states, and not why (R22): tables of tags leave them out."""
        return frozenset(
            record for record, kept in self.safeguards(work).items() if any(nodes & set(each.feared) for each in kept)
        )

    def office(self, work: Work, records: Iterable[str]) -> bool:
        """Whether one of these entities holds a public office (R24)."""
        known = self.safeguards(work)
        return any(each.office for record in records for each in known.get(record, ()))


def _said(who: str, concern: Concern) -> str:
    """The alarm's text: who, how often, since when; never about whom."""
    since = iso(concern.since)[:16]
    if concern.kind == "office":
        return f"{who} asked {concern.count} times about people in public office since {since}"
    if concern.kind == "misses":
        return f"{who} asked {concern.count} times in a row without finding anything since {since}"
    return f"{who} asked {concern.count} times since {since}"
