"""Correct, withdraw, erase; and know who still holds it (A8, D4, D5, R34).

A correction is a fact in the same record, and a *recall* record to each holder carries it out: the holder's node erases the
old content (or restricts it under a legal hold), and its signed confirmation says which. A mediator, or whoever passed
a fact on, recalls in turn from those behind it and returns their answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput, NotFound, Refusal, SpeanError
from spean.core.fact import Fact
from spean.core.roles import Role
from spean.exchange.codec import decode_header
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.acts.assertions import Prepared
from spean.node.acts.onward import PASSING
from spean.node.entry.people import Who
from spean.node.entry.rights import check_fact, check_named
from spean.node.work import Work
from spean.store.rows import FactRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

RECALL = "recall"
ABOUT = PASSING | {RECALL}
"""Procedures whose facts name another as what they are about, and are not derived from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A recall under way: the correction, if any, and one record for each holder."""

    fact: str
    correction: str
    records: dict[str, str]
    """Holder → recall record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One holder's answer."""

    node: str
    status: str
    """``asked``, ``confirmed``; or ``holds`` when it was never recalled."""
    outcome: str
    """``erased``, ``restricted``, ``never-held``; empty while it has not answered."""
    record: str


class Recalling:
    """Recalls, in both directions, and erasure."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    # the owner ----------------------------------------------------------------------------------------------

    def correct(self, who: Who, fact: str, replacement: dict[str, Any], reason: str, *,
                officer: dict[str, Any] | None = None, at: int | None = None) -> Recalled:  # fmt: skip
        """Replace an own fact's content everywhere: one transaction writes the correction and every recall.

        The correction of an adverse act is signed by its officer (``officer``, ``at``: as in ``Intent``).
        """
        return self._ground.committer.run(
            lambda work: self._correct(work, who, fact, replacement, reason, officer=officer, at=at)
        )

    def prepare_correction(self, who: Who, fact: str, replacement: dict[str, Any], reason: str) -> Prepared:
        """What the officer's passkey is to sign for the correction of an adverse act."""
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            check_named(work, who, fact)
            intent = self._correction(work, fact, replacement, reason)
        return self._ground.acting.prepare(who, intent)

    def _correction(self, work: Work, fact: str, replacement: dict[str, Any], reason: str) -> Intent:
        form = {"reason": reason, "replacement": replacement}
        return Intent(kind="correct", form=form, record=self._own(work, fact).record, targets=(fact,))

    def _correct(self, work: Work, who: Who, fact: str, replacement: dict[str, Any], reason: str, *,
                 officer: dict[str, Any] | None, at: int | None) -> Recalled:  # fmt: skip
        check_named(work, who, fact)
        row = self._own(work, fact)
        intent = replace(self._correction(work, fact, replacement, reason), officer=officer, at=at)
        done = self._ground.acting.perform(work, who, intent)
        records = self._ask_all(work, who, row, mode="correct", reason=reason, replacement=done.fact)
        return Recalled(fact=fact, correction=done.fact, records=records)

    def withdraw(self, who: Who, fact: str, reason: str) -> Recalled:
        """Take an own fact back from everybody who has it."""
        return self._ground.committer.run(lambda work: self._asked_back(work, who, fact, reason))

    def _asked_back(self, work: Work, who: Who, fact: str, reason: str) -> Recalled:
        check_named(work, who, fact)
        return self._withdraw(work, who, fact, reason)

    def _withdraw(self, work: Work, who: Who, fact: str, reason: str) -> Recalled:
        row = self._own(work, fact)
        records = self._ask_all(work, who, row, mode="withdraw", reason=reason, replacement="")
        work.mark(fact, "withdrawn", reason="withdrawn by its owner")
        self.flag_derived(work, fact)
        return Recalled(fact=fact, correction="", records=records)

    def take_back(self, work: Work, fact: str, reason: str) -> None:
        """The recalls that follow from an act in the fact's own record, such as the withdrawal of a list's entry."""
        self._withdraw(work, self._ground.people.node_itself(), fact, reason)

    def _own(self, work: Work, fact: str) -> FactRow:
        row = work.fact(fact)
        if row is None:
            raise NotFound(f"no fact {fact[:16]}… here", remedy="spean record show names them")
        if row.origin != self._ground.me:
            raise Refusal("A8", f"it belongs to {row.origin}", remedy=f"ask {row.origin} to correct or withdraw it")
        if row.status in ("corrected", "withdrawn"):
            raise Refusal("A8", f"it is {row.status} already", remedy="correct its latest version")
        return row

    def _ask_all(
        self, work: Work, who: Who, row: FactRow, *, mode: str, reason: str, replacement: str
    ) -> dict[str, str]:
        work.flush()
        found: dict[str, str] = {}
        for holder, _ in work.tx.outbox.holders(row.id):
            if holder not in found and self._ground.is_peer(holder):
                found[holder] = self._ask(work, who, row, holder, mode, reason, replacement).record
        return found

    def _ask(self, work: Work, who: Who, row: FactRow, holder: str, mode: str, reason: str, replacement: str) -> Done:
        """One recall record to one holder, under the instrument of the fact itself (the closed class lets it pass)."""
        envelope = decode_header(row.payload).envelope
        marks = Marks() if envelope is None else Marks(
            purpose=envelope.purpose, instrument=envelope.instrument, basis=envelope.basis, data=envelope.data,
            subject=envelope.subject, handling=envelope.handling, tlp=envelope.tlp, source=envelope.source, grade=envelope.grade,
            nature=envelope.nature,
        )  # fmt: skip
        form: dict[str, Any] = {"mode": mode, "reason": reason}
        if replacement:
            form["replacement"] = replacement
        intent = Intent(kind="recall", procedure=RECALL, form=form, to=(holder,), marks=marks, targets=(row.id,))
        return self._ground.acting.perform(work, who, intent)

    def holding(self, fact: str, who: Who | None = None) -> list[Holding]:
        """Who still holds a fact: every holder with what it answered to a recall, and to whom it was passed on (D5).

        ``who`` asks: refused when the fact's record is not for her (O1). None: the node itself.
        """
        ground = self._ground
        with ground.reading() as tx:
            row = tx.facts.get(fact)
            work = Work(ground, tx)
            if who is not None:
                check_fact(work, who, row.record)
            names = [fact, *(row.id for row in ground.onward.carriers(work, fact))]
            found = [each for name in names for each in self._holding(work, name)]
            reported = {each.node for each in found}
            return found + [
                Holding(node=node, status="holds", outcome="", record=record)
                for node, record in ground.onward.told(work, fact) if node not in reported
            ]  # fmt: skip

    def _holding(self, work: Work, fact: str) -> list[Holding]:
        recalls = self._recalls_of(work, fact)
        found = []
        for holder, _ in dict(work.tx.outbox.holders(fact)).items():
            record = recalls.get(holder, "")
            row = work.record(record) if record else None
            outcome = self._outcome(work, record) if record else ""
            status = "holds" if row is None else row.state
            found.append(Holding(node=holder, status=status, outcome=outcome, record=record))
            found += self._behind(work, record)
        return found

    def _behind(self, work: Work, record: str) -> list[Holding]:
        """Those to whom the holder had passed it on, as the holder reports them."""
        said = [row for row in work.facts_of(record) if row.kind in ("progress", "confirm")] if record else []
        form = self._ground.projector.form(said[-1], work.key(said[-1].id)) if said else None
        status = said[-1].kind if said else ""
        return [
            Holding(node=each.node, status="confirmed" if status == "confirm" else "asked",
                    outcome="" if each.outcome == "unreachable" else each.outcome, record=record)
            for each in (form.downstream if form is not None else ())
        ]  # fmt: skip

    def _recalls_of(self, work: Work, fact: str) -> dict[str, str]:
        found = {}
        for row in work.tx.facts.citing(fact):
            if row.procedure == RECALL and row.kind == "recall" and row.origin == self._ground.me:
                envelope = decode_header(row.payload).envelope
                if envelope is not None:
                    found[envelope.recipients[0]] = row.record
        return found

    def _outcome(self, work: Work, record: str) -> str:
        for row in reversed(work.facts_of(record)):
            if row.kind == "confirm":
                form = self._ground.projector.form(row, work.key(row.id))
                return "" if form is None else str(form.outcome)
        return ""

    def confirmed(self, work: Work, fact: Fact, form: Any) -> None:
        """A holder answered us. When we recalled for somebody else, our own answer to them may now be complete."""
        if fact.header.node == self._ground.me:
            return
        upstream = work.tx.meta.get(f"recall-for:{fact.header.record}")
        if upstream:
            work.tx.jobs.put("recall", upstream, work.now, json.dumps({"record": upstream}))

    def flag_derived(self, work: Work, fact: str) -> None:
        """Facts that cite it as their source need a look (DESIGN, Recall)."""
        source = work.fact(fact)
        for row in work.tx.facts.citing(fact):
            derived = source is not None and row.record != source.record and row.procedure not in ABOUT
            if derived and row.origin == self._ground.me:
                text = f"{row.record}: built on {fact[:16]}…, which was corrected or withdrawn"
                work.tx.alarms.raise_("derived", row.id, "warning", text, work.now)

    # after a restore -----------------------------------------------------------------------------------------

    def replay(self, work: Work, fact: Fact, form: Any) -> None:
        """Marks of a recall that was given back after a restore, and the answer that we may still owe."""
        header, me = fact.header, self._ground.me
        if header.kind == "recall" and header.node == me:
            self._replay_asked(work, fact, form)
        elif header.kind == "recall":
            work.tx.jobs.put("recall", header.record, work.now, json.dumps({"record": header.record}))
        elif header.node == me and getattr(form, "outcome", "") == "erased":
            self._replay_erased(work, header.record)

    def _replay_asked(self, work: Work, fact: Fact, form: Any) -> None:
        target = work.fact(fact.header.targets[0])
        if target is None:
            return
        if target.origin == self._ground.me and getattr(form, "mode", "") == "withdraw":
            work.mark(target.id, "withdrawn", reason="withdrawn by its owner")
        for row in work.tx.facts.citing(target.id):
            if row.procedure == RECALL and row.kind == "recall" and row.origin != self._ground.me:
                work.tx.meta.set(f"recall-for:{fact.header.record}", row.record)

    def _replay_erased(self, work: Work, record: str) -> None:
        """We had confirmed that our copy is erased: so it is, whatever a partner gave back."""
        row = work.record(record)
        opening = None if row is None else work.opening(row)
        if opening is None:
            return
        target = work.fact(decode_header(opening.payload).targets[0])
        form = self._ground.projector.form(opening, work.key(opening.id))
        if target is not None:
            if target.status not in ("corrected", "withdrawn"):
                mode = getattr(form, "mode", "withdraw")
                work.mark(target.id, "corrected" if mode == "correct" else "withdrawn")
            self.erase_in(work, [target.id], f"recall by {opening.origin}")

    # the holder ---------------------------------------------------------------------------------------------

    def answer(self, record: str) -> None:
        """Carry out a recall that reached us, and confirm what became of our copy. Runs as a job, so it survives a crash."""
        ground = self._ground
        clerk = ground.people.node_itself()
        with ground.writing() as work:
            row = work.record(record)
            opening = None if row is None else work.opening(row)
            if row is None or opening is None or row.closed:
                return
            target = decode_header(opening.payload).targets[0]
            form = ground.projector.form(opening, work.key(opening.id))
            reason = "" if form is None else form.reason
            outcome, detail = self._carry_out(work, target, opening.origin, "" if form is None else form.mode)
            downstream = self._recall_onward(work, clerk, record, target, reason)
            answers = [{"node": node, "outcome": answer} for node, answer in sorted(downstream.items())]
            complete = all(answer != "unreachable" for answer in downstream.values())
            body: dict[str, Any] = {"outcome": outcome, "downstream": answers, **detail}
            ground.acting.perform(
                work, clerk, Intent(kind="confirm" if complete else "progress", form=body, record=record)
            )

    def _carry_out(self, work: Work, target: str, owner: str, mode: str) -> tuple[str, dict[str, str]]:
        """What becomes of our copy: erased, or restricted while a legal hold stands on its record."""
        row = work.fact(target)
        if row is None or row.status == "refused":
            return "never-held", {}
        if row.origin != owner and row.received_from != owner:
            return "never-held", {}
        hold = work.tx.meta.get(f"legal-hold:{row.record}")
        if hold:
            held = json.loads(hold)
            return "restricted", {"ground": held["ground"], "until": held["until"]}
        if row.status not in ("corrected", "withdrawn", "waiting", "quarantined", "unknown"):
            work.mark(target, "corrected" if mode == "correct" else "withdrawn")
        self.erase_in(work, [target], f"recall by {owner}")
        return "erased", {}

    def _recall_onward(self, work: Work, clerk: Who, upstream: str, target: str, reason: str) -> dict[str, str]:
        """Recall from those to whom we passed it on; their answers, ``unreachable`` while they have not come."""
        row = work.fact(target)
        if row is None:
            return {}
        work.flush()
        carriers = self._ground.onward.carriers(work, target)
        answers: dict[str, str] = {}
        for each in (row, *carriers):
            known = self._recalls_of(work, each.id)
            for holder, _ in dict(work.tx.outbox.holders(each.id)).items():
                if holder not in known:
                    done = self._ask(work, clerk, each, holder, "withdraw", reason or "recalled by its owner", "")
                    work.tx.meta.set(f"recall-for:{done.record}", upstream)
                    answers[holder] = "unreachable"
                else:
                    answers.update(self._answers(work, holder, known[holder]))
        self._drop_carriers(work, carriers)
        return answers

    def _answers(self, work: Work, holder: str, record: str) -> dict[str, str]:
        """What a node behind us answered, and those behind it."""
        answers = {holder: self._outcome(work, record) or "unreachable"}
        for behind in self._behind(work, record):
            answers[behind.node] = behind.outcome or "unreachable"
        return answers

    def _drop_carriers(self, work: Work, carriers: list[FactRow]) -> None:
        """The copies inside what we passed on are erased here too."""
        for row in carriers:
            work.mark(row.id, "withdrawn", reason="what it carried was recalled")
        if kept := [row.id for row in carriers if row.content is not None]:
            self.erase_in(work, kept, "recall of what it carried")

    def legal_hold(self, who: Who, record: str, ground: str, until: str) -> None:
        """Keep a record's contents for a court: recalls answer *restricted* until that day, and say on what ground."""
        who.need(Role.LEGAL)
        if len(ground.strip()) < 3:
            raise InvalidInput("ground", "a legal hold names its ground", remedy="give the court's order or statute")
        with self._ground.writing() as work:
            if work.record(record) is None:
                raise NotFound(f"no record {record} here", remedy="spean record list shows them")
            self._ground.reading_desk.note_access(work, who, "read", record, f"legal hold: {ground} until {until}")
            work.tx.meta.set(f"legal-hold:{record}", json.dumps({"ground": ground, "until": until}))

    # erasure ------------------------------------------------------------------------------------------------

    def erase(self, who: Who, fact: str, reason: str) -> Recalled | None:
        """Erase a fact's content here; an own fact is withdrawn from every holder too. Header, signature and proof stay (D4)."""
        who.need(Role.LEGAL, Role.ADMINISTRATOR, Role.AUDITOR)
        with self._ground.writing() as work:
            row = work.fact(fact)
            if row is None:
                raise NotFound(f"no fact {fact[:16]}… here", remedy="spean record show names them")
            recalled = None
            if row.origin == self._ground.me and row.track == "shared" and row.status not in ("withdrawn", "corrected"):
                recalled = self._withdraw(work, who, fact, reason)
            self._ground.reading_desk.note_access(work, who, "export", row.record, f"erasure: {reason}", {"fact": fact})
            copies = [each.id for each in self._ground.onward.carriers(work, fact)]
            self.erase_in(work, [fact, *copies], "erasure")
        self.finish()
        return recalled

    def erase_in(self, work: Work, facts: list[str], ground: str) -> None:
        """Drop contents and index terms in this transaction, and queue the destruction of their keys, which a crash cannot skip."""
        work.flush()
        self._ground.same.lost(work, facts)
        keys = self._ground.indexing.forget(work.tx, facts)
        work.tx.facts.erase(facts, work.now)
        payload = json.dumps({"facts": [*facts, *keys], "ground": ground})
        work.tx.jobs.put("destroy-keys", facts[0], work.now, payload)

    def destroy(self, facts: list[str], ground: str) -> None:
        """Destroy keys, then scrub: no page and no write-ahead log holds the old bytes."""
        self._ground.content_keys.destroy(facts, self._ground.clock.now(), ground)
        self._ground.store.scrub()

    def finish(self) -> None:
        """Do the queued destruction now, for whoever waits for it."""
        try:
            self._ground.clockwork.tick()
        except SpeanError:
            return  # it stays queued
