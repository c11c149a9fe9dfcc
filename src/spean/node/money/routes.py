"""Under which agreement, and by which way, something about money goes to a node: the direct way first, then through a mediator (A9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from spean.agreements.question import Question
from spean.agreements.routes import alternatives
from spean.core.errors import InvalidInput, NotFound
from spean.core.world import iso
from spean.formats.chain.tokens import FINEST, digits
from spean.node.acts.acting import Marks
from spean.tracing.borders import Part

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.money import Money


class Routes:
    """Chooses marks."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money

    def marks(self, procedure: str, kind: str, node: str, data: str, given: Marks | None = None) -> Marks:
        """Marks for a fact about money to ``node``. Without a lawful way the act itself is refused, with its reason."""
        given = given or Marks()
        subject = given.subject or "other"
        base = Marks(purpose="stop-fraud", data=given.data or data, subject=subject, handling=given.handling or "H0",
                     tlp=given.tlp or "AMBER", source=given.source, grade=given.grade, basis=given.basis,
                     instrument=given.instrument, via=given.via)  # fmt: skip
        if given.instrument is not None:
            return base
        ground = self._ground
        question = Question(
            sender=ground.me, receiver=node, origin=ground.me, instrument="", purpose="stop-fraud", data=base.data or data,
            subject=subject, tlp=base.tlp or "AMBER", handling=base.handling or "H0", procedure=procedure, kind=kind, via="",
            date=iso(ground.clock.now())[:10],
        )  # fmt: skip
        with ground.reading():
            found = alternatives(ground.registry, question, 1)
        if not found:
            return base
        route = found[0]
        via = route.nodes[1] if len(route.nodes) > 2 else ""
        return Marks(purpose=base.purpose, data=base.data, subject=base.subject, handling=base.handling, tlp=base.tlp,
                     source=base.source, grade=base.grade, basis=base.basis, instrument=route.instrument, via=via)  # fmt: skip

    def ledger_of(self, currency: str, places: int, parts: Sequence[Part]) -> str:
        """The ledger in which these payments are: a token may have one for each of its decimals.

        Raises ``NotFound``, and ``InvalidInput`` when it counts in another unit than ``places`` decimals: slices of a payment are then
        not the same slices.
        """
        ledgers, other = self._money.ledgers, ""
        for name in ledgers.currencies():
            if name.partition("@")[0] == currency:
                ledger = ledgers.ledger(name)
                if ledger is not None and all(ledger.names.order(part.payment) is not None for part in parts):
                    if digits(name) == places:
                        return name
                    other = name
        if other:
            raise InvalidInput(
                "digits", f"{currency} is asked about with {places} decimals, and is counted with {digits(other)} here",
                remedy=f"ask with {digits(other)} decimals: every node counts a token with at most {FINEST}", rule="token-unit",
            )  # fmt: skip
        raise NotFound(
            "No such part of a payment came in from abroad", remedy="check the payment with the bank that sent it"
        )
