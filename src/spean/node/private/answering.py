"""The holder's answer: judged, counted and logged before anything is evaluated (docs/protocol.md, 10.4; B2, R24, R26, R42).

1. The question is a fact in both logs before we look at it: it was pulled, verified and written like any other.
2. Its elements are counted against the partner's budget, over all our keys, in a transaction of their own: a crash afterwards gives
   nothing away, and a repeated answer is not counted twice.
3. Only then the elements are evaluated. What comes out leaves as a fact, which is in our log before the partner can fetch it.

Nothing is looked up: we do not learn whether it was a hit, so answer and time are the same.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, NotFound, Refusal, TooMuch, VerificationFailed
from spean.core.fact import Envelope
from spean.exchange.codec import decode_header
from spean.hits.model import Batch, Claim, Offer, Proposal, Question, Raise
from spean.hits.rules import raw
from spean.matching.private import budget
from spean.matching.private.categories import DATA
from spean.matching.private.voprf import ELEMENT
from spean.node.acts.acting import Intent
from spean.node.entry.people import Who
from spean.node.private.model import Spent
from spean.node.private.offering import OPEN, month_of
from spean.node.work import Work
from spean.store.private_rows import KeyRow, OverlapRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx
    from spean.store.rows import RecordRow


class Answering:
    """Answers by itself."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def answer(self, record: str) -> None:
        """Answer a private question, or say why not. Raises when it cannot be said now; then it is tried again."""
        ground = self._ground
        clerk = ground.people.node_itself()
        try:
            form = self._form(record)
        except (NotFound, Refusal, InvalidInput, TooMuch, VerificationFailed) as refused:
            words = {"reason": f"{refused.what}: {refused.why}"[:2000]}
            ground.acting.act(clerk, Intent(kind="decline", form=words, record=record))
            return
        ground.acting.act(clerk, Intent(kind="answer", form=form, record=record))

    def _form(self, record: str) -> dict[str, object]:
        ground = self._ground
        with ground.reading() as tx:
            question, marks, row = self._asked(tx, record)
            key = self._key(tx, question, marks)
        peer = row.parties["asker"][0]
        spent, most = self._count(record, peer, question.count)
        made = ground.private.offering.key(question.holding, question.month, key.instrument, key.category)
        told = made.evaluate(raw(question.elements))
        return {"elements": base64.b64encode(told).decode(), "spent": spent, "budget": most}

    def _asked(self, tx: Tx, record: str) -> tuple[Question, Envelope, RecordRow]:
        ground = self._ground
        work = Work(ground, tx)
        row = work.record(record)
        stated = ground.projector.stated(work, record, "ask")
        if row is None or not stated or not isinstance(stated[0][1], Question):
            raise NotFound("The question's words are erased", remedy="ask again")
        envelope = decode_header(tx.facts.get(stated[0][0]).payload).envelope
        if envelope is None or envelope.via:
            raise Refusal("R42", "private questions are not mediated", remedy="ask when the direct channel is open")
        return stated[0][1], envelope, row

    def _key(self, tx: Tx, question: Question | Proposal, marks: Envelope) -> KeyRow:
        """The key that is asked for, once purpose and agreement fit what a person of ours offered (R26)."""
        ground = self._ground
        row = Work(ground, tx).record(question.holding)
        if row is None or row.state not in OPEN or ground.me not in row.parties.get("holder", ()):
            raise NotFound("We offer no such thing", remedy="look at what is offered")
        offer = ground.private.offering.offered(tx, question.holding)
        self._fits(offer, row, question, marks)
        keys = [key for key in tx.private.own_keys(question.holding) if key.month == question.month]
        if not keys or keys[0].ends < ground.clock.now():
            raise NotFound(f"The key of {question.month} answers no longer", remedy="ask with the key of this month")
        if keys[0].public != question.key:
            raise Refusal("B2", "it was blinded for another key than we announced", remedy="call our desk")
        return keys[0]

    def _fits(self, offer: Offer, row: RecordRow, question: Question | Proposal, marks: Envelope) -> None:
        if marks.instrument != row.instrument or offer.category != question.category:
            raise Refusal("R26", "asked under another agreement or category than is offered", remedy="ask as offered")
        if marks.data != DATA[offer.category]:
            raise Refusal("R26", f"{offer.category} is data of the kind {DATA[offer.category]}", remedy="mark it so")
        if marks.purpose not in offer.purposes:
            raise Refusal("R26", f"we do not answer for {marks.purpose}", remedy=f"one of {', '.join(offer.purposes)}")

    # budgets ----------------------------------------------------------------------------------------------------

    def _count(self, record: str, peer: str, elements: int) -> tuple[int, int]:
        """Count the elements, durably, or refuse (B2). A question is counted once."""
        ground = self._ground
        with ground.writing() as work:
            month = month_of(work.now)
            most = self.budget(work, peer, month)
            spent, _ = work.tx.private.spent(peer, month)
            if work.tx.private.counted(record) is not None:
                return spent, most
            if spent + elements <= most:
                work.tx.private.spend(record, peer, month, elements)
                return spent + elements, most
            text = f"{peer} has used {spent} of {most} elements this month and asked for {elements} more"
            work.tx.alarms.raise_("private-budget", f"{peer}/{month}", "warning", text, work.now)
        budget.check_budget(peer, spent, elements, most)
        return spent, most

    def check_room(self, work: Work, peer: str, elements: int) -> None:
        """Refuse what the month's budget does not bear (B2)."""
        month = month_of(work.now)
        spent, _ = work.tx.private.spent(peer, month)
        budget.check_budget(peer, spent, elements, self.budget(work, peer, month))

    def evaluate_batch(self, row: OverlapRow, proposed: Proposal, batch: Batch, data: bytes) -> tuple[bytes, int]:
        """Judge, count and evaluate one batch of an overlap: what comes out, and what the partner has used."""
        ground = self._ground
        if len(data) != batch.count * ELEMENT:
            raise VerificationFailed("The batch has not as many elements as it counts")
        with ground.reading() as tx:
            envelope = decode_header(Work(ground, tx).facts_of(row.record)[0].payload).envelope
            if envelope is None or envelope.via:
                raise Refusal("R42", "private questions are not mediated", remedy="ask when the direct channel is open")
            key = self._key(tx, proposed, envelope)
        spent, _ = self._count(f"{row.record}/{batch.number}/{batch.parcel[:16]}", row.node, batch.count)
        made = ground.private.offering.key(proposed.holding, proposed.month, key.instrument, key.category)
        return made.evaluate(data), spent

    def budget(self, work: Work, peer: str, month: str) -> int:
        """What the partner may have evaluated in that month: the usual budget, or what two persons of ours granted."""
        ground = self._ground
        granted = [budget.BUDGET]
        for row in work.records_in("question-budget", frozenset({"granted"})):
            if ground.me in row.parties.get("holder", ()) and peer in row.parties.get("asker", ()):
                for _, form in ground.projector.stated(work, row.id, "grant"):
                    if isinstance(form, Raise) and form.month == month:
                        granted.append(form.elements)
        return max(granted)

    def spent(self, who: Who) -> list[Spent]:
        """What partners used, newest month first."""
        ground = self._ground
        ground.reading_desk.may_read(who)
        with ground.reading() as tx:
            work = Work(ground, tx)
            found = []
            for peer, month, elements in tx.private.spenders():
                most = self.budget(work, peer, month)
                found.append(
                    Spent(peer=peer, month=month, elements=elements, budget=most, years=budget.years(most))
                )  # fmt: skip
            return found

    # claims -----------------------------------------------------------------------------------------------------

    def confirm(self, record: str) -> None:
        """Say which of the claimed references we hold, and who is in charge; nothing else (R42)."""
        ground = self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            claims = ground.projector.stated(work, record, "claim")
            question, _, row = self._asked(tx, record)
            if not claims or not isinstance(claims[-1][1], Claim):
                raise NotFound("Nothing was claimed")
            offer = ground.private.offering.offered(tx, question.holding)
            held = self.held(tx, claims[-1][1].references, question.holding)
        form = {"references": sorted(held), "desk": offer.desk, "contact": offer.contact}
        ground.acting.act(ground.people.node_itself(), Intent(kind="confirm", form=form, record=record))
        self._note(record, row.parties["asker"][0], len(held))

    def held(self, tx: Tx, references: tuple[str, ...], holding: str = "") -> dict[str, tuple[str, ...]]:
        """References that stand for something of ours now, each with our records; dummies and what is gone are missing."""
        found: dict[str, tuple[str, ...]] = {}
        for tag in tx.private.referred(references):
            if holding in ("", tag.record):
                sources = tx.private.sources(tag.record, tag.month, [tag.prefix]).get(tag.prefix, [])
                if sources:
                    found[tag.ref.hex()] = tuple(sources)
        return found

    def _note(self, record: str, peer: str, hits: int) -> None:
        """How often a partner hits: far more often than usual means that it knows whom we look for, or goes through lists (R24)."""
        ground = self._ground
        with ground.writing() as work:
            work.tx.private.claimed(record, hits)
            month = month_of(work.now)
            elements, all_hits = work.tx.private.spent(peer, month)
            if budget.unusual(elements, all_hits):
                text = f"{peer} claimed {all_hits} hits for {elements} elements this month: far more than usual"
                work.tx.alarms.raise_("private-rate", f"{peer}/{month}", "warning", text, work.now)
