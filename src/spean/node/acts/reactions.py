"""What follows from a fact that counts: registers refreshed, services' answers queued as jobs of the same transaction.

A reaction is never adverse: it acknowledges a key, confirms a recall, lets an agreement that all have signed enter into force.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from spean.agreements.question import PASSING_ON
from spean.core.errors import NotFound
from spean.core.fact import Fact
from spean.holds.model import StopRequest
from spean.mules.service import NAMES_IT
from spean.node.acts.acting import Intent
from spean.node.same.desk import JOBS
from spean.node.work import Work
from spean.procedures.declare import Procedure, Transition
from spean.store.rows import JobRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

Reaction = Callable[[Work, Fact, Any], None]


class Reactions:
    """Dispatches by procedure and kind."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._after: dict[tuple[str, str], Reaction] = {
            ("*", "correct"): self._corrected,
            ("agreement", "*"): self._agreement,
            ("circular", "withdraw-entry"): self._withdrawn,
            ("mule-account", "clear"): self._delisted,
            ("mule-account", "expire"): self._delisted,
            ("stop-payment", "send"): self._stop_named,
            ("stop-payment", "withdraw"): self._stop_withdrawn,
            ("recall", "recall"): self._recall,
            ("recall", "confirm"): self._confirmed,
            ("recall", "progress"): self._confirmed,
            ("onward-transfer", "pass-on"): self._passed,
            ("consented-transfer", "pass-on"): self._passed,
            ("key-rotation", "announce"): self._announced,
            ("key-rotation", "revoke"): self._revoked,
            ("stop-payment", "order"): self._ordered,
            ("stop-payment", "inquire"): self._ordered,
            ("stop-payment", "disclose"): self._ordered,
            ("stop-payment", "answered"): self._bank_answered,
            ("trace-question", "answer"): self._told_of_money,
            ("trace-question", "decline"): self._told_of_money,
            ("fraud-report", "close"): self._case_closed,
        }

    def after(self, work: Work, fact: Fact, form: Any) -> None:
        """Called once for each fact that was accepted, inside its transaction."""
        procedure, kind = fact.header.procedure, fact.header.kind
        for key in ((procedure, kind), (procedure, "*"), ("*", kind)):
            reaction = self._after.get(key)
            if reaction is not None:
                reaction(work, fact, form)
        self._autos(work, fact)

    def learn(self, work: Work, fact: Fact, form: Any) -> None:
        """Keys that a fact which was given back after a restore announces or revokes: later ones are signed with them."""
        key = (fact.header.procedure, fact.header.kind)
        if form is not None and fact.header.node != self._ground.me:
            if key == ("key-rotation", "announce"):
                self._ground.rotating.announced(work, fact, form)
            elif key == ("key-rotation", "revoke"):
                self._ground.rotating.revoked(work, fact, form)

    def replay(self, work: Work, fact: Fact, form: Any) -> None:
        """What followed from a fact before it was lost and given back: marks, and answers that may not have been written.

        Never an act at once: those that had been written come back as facts of their own.
        """
        key = (fact.header.procedure, fact.header.kind)
        mine = fact.header.node == self._ground.me
        if fact.header.kind == "correct":
            self._corrected(work, fact, form)
        if key == ("stop-payment", "send"):
            self._stop_named(work, fact, form)
        if key[0] == "recall":
            self._ground.recalling.replay(work, fact, form)
        if key[0] == "key-rotation" and fact.header.kind in ("announce", "revoke") and not mine:
            self._acknowledge(work, fact)
        if key in PASSING_ON and mine:
            work.tx.jobs.put("tell-owner", fact.id, work.now, json.dumps({"fact": fact.id}))
        if key[0] == "holding":
            self._ground.private.after(work, fact, form)
        if key[0] == "agreement":
            work.touched.append(f"instrument:{fact.header.record}")
        self._autos(work, fact)

    def run(self, job: JobRow) -> None:
        """Do what a reaction queued."""
        payload = json.loads(job.payload)
        if job.kind == "auto":
            self._run_auto(payload["record"], payload["kind"])
        elif job.kind == "recall":
            self._ground.recalling.answer(payload["record"])
        elif job.kind == "destroy-keys":
            self._ground.recalling.destroy(payload["facts"], payload["ground"])
        elif job.kind == "tell-owner":
            self._ground.onward.tell_again(payload["fact"])
        elif job.kind == "bank-file":
            self._ground.money.banks.write(payload["record"], payload["fact"])
        elif job.kind == "case-closed":
            self._ground.money.following.again(payload["case"])
        elif job.kind.startswith(JOBS):
            self._ground.matching.run(job.kind, payload)
        elif job.kind == "retrace":
            self._ground.money.answered(payload["record"])
        elif job.kind.startswith("private-"):
            self._ground.private.run(job)
        elif job.kind == "acknowledge":
            clerk = self._ground.people.node_itself()
            self._ground.acting.act(clerk, Intent(kind="acknowledge", form={}, record=payload["record"]))
        else:
            raise NotFound(f"no such job: {job.kind}")

    # acts that the node does by itself when their rules allow it ---------------------------------------------

    def _autos(self, work: Work, fact: Fact) -> None:
        ground = self._ground
        row = work.record(fact.header.record)
        if row is None or fact.header.track == "local":
            return
        for transition in _autos_of(ground.engine.procedure(row.procedure, row.version)):
            mine = any(ground.me in row.parties.get(name, ()) for name in transition.by)
            if mine and transition.allowed_in(row.state):
                payload = json.dumps({"record": row.id, "kind": transition.kind})
                work.tx.jobs.put("auto", f"{row.id}/{transition.kind}", work.now, payload)

    def _run_auto(self, record: str, kind: str) -> None:
        ground = self._ground
        form: dict[str, Any] = {}
        if (record.split(":")[1], kind) == ("agreement", "enter"):
            form = ground.instruments.entry_form(record)
        if (record.split(":")[1], kind) == ("trace-question", "answer"):
            ground.money.answer(record)
            return
        if ground.private.auto(record.split(":")[1], record, kind):
            return
        ground.acting.act(ground.people.node_itself(), Intent(kind=kind, form=form, record=record))

    # reactions ----------------------------------------------------------------------------------------------

    def _agreement(self, work: Work, fact: Fact, form: Any) -> None:
        self._ground.instruments.touch(work, fact.header.record)

    def _corrected(self, work: Work, fact: Fact, form: Any) -> None:
        """The corrected fact stays as history and is shown as corrected; what cites it is flagged for review."""
        for target in fact.header.targets:
            work.mark(target, "corrected", superseded_by=fact.id)
            self._ground.recalling.flag_derived(work, target)

    def _ordered(self, work: Work, fact: Fact, form: Any) -> None:
        self._ground.money.banks.ordered(work, fact.id, form, fact.header.record)

    def _bank_answered(self, work: Work, fact: Fact, form: Any) -> None:
        self._ground.money.banks.inquiries.rang(work, fact.id, form, fact.header.record)

    def _case_closed(self, work: Work, fact: Fact, form: Any) -> None:
        work.tx.jobs.put("case-closed", fact.header.record, work.now, json.dumps({"case": fact.header.record}))

    def _told_of_money(self, work: Work, fact: Fact, form: Any) -> None:
        """A node has answered: the case is traced again, beside this transaction."""
        if fact.header.node != self._ground.me:
            record = fact.header.record
            work.tx.jobs.put("retrace", record, work.now, json.dumps({"record": record}))

    def _withdrawn(self, work: Work, fact: Fact, form: Any) -> None:
        """The publisher takes an entry back: every holder is asked to erase it."""
        if fact.header.node == self._ground.me:
            for target in fact.header.targets:
                self._ground.recalling.take_back(work, target, form.reason)

    def _delisted(self, work: Work, fact: Fact, form: Any) -> None:
        """An account is listed no longer: each side takes back what it said about it, so that no node shows it; the decision,
        which names no account, remains (C10)."""
        reason = "the account is listed no longer"
        mine = [
            row for row in work.facts_of(fact.header.record)
            if row.origin == self._ground.me and row.kind in NAMES_IT and row.content is not None
        ]  # fmt: skip
        for row in mine:
            if row.status not in ("withdrawn", "corrected", "refused"):
                self._ground.recalling.take_back(work, row.id, reason)
        if mine:
            self._ground.recalling.erase_in(work, [row.id for row in mine], reason)

    def _stop_named(self, work: Work, fact: Fact, form: Any) -> None:
        """A request stands here: holds of the same payment are judged beside it."""
        if isinstance(form, StopRequest):
            self._ground.money.named.note(work, fact.header.record, form)

    def _stop_withdrawn(self, work: Work, fact: Fact, form: Any) -> None:
        """A request was taken back while we held: the hold does not count any more, so the account must be free at once."""
        lost = [
            row for row in work.facts_of(fact.header.record)
            if row.kind == "hold" and row.status == "overtaken" and row.origin == self._ground.me
        ]  # fmt: skip
        for row in lost:
            text = f"{row.record}: the request was taken back while the money was held: free the account now"
            work.tx.alarms.raise_("free-now", row.id, "critical", text, work.now)

    def _recall(self, work: Work, fact: Fact, form: Any) -> None:
        if fact.header.node != self._ground.me:
            work.tx.jobs.put("recall", fact.header.record, work.now, json.dumps({"record": fact.header.record}))

    def _confirmed(self, work: Work, fact: Fact, form: Any) -> None:
        self._ground.recalling.confirmed(work, fact, form)

    def _passed(self, work: Work, fact: Fact, form: Any) -> None:
        self._ground.onward.passed(work, fact.id, fact.header, form)

    def _announced(self, work: Work, fact: Fact, form: Any) -> None:
        if fact.header.node != self._ground.me and self._has_words(work, fact, form):
            self._ground.rotating.announced(work, fact, form)
            self._acknowledge(work, fact)

    def _revoked(self, work: Work, fact: Fact, form: Any) -> None:
        if fact.header.node != self._ground.me and self._has_words(work, fact, form):
            self._ground.rotating.revoked(work, fact, form)
            self._acknowledge(work, fact)

    def _has_words(self, work: Work, fact: Fact, form: Any) -> bool:
        """A change of keys whose words are missing changes nothing, and somebody has to ask for it."""
        if form is None:
            text = f"{fact.header.node}: a change of keys came without its words: call its desk"
            work.tx.alarms.raise_("key-change", fact.id, "critical", text, work.now)
        return form is not None

    def _acknowledge(self, work: Work, fact: Fact) -> None:
        work.tx.jobs.put("acknowledge", fact.id, work.now, json.dumps({"record": fact.header.record}))


@lru_cache(maxsize=256)
def _autos_of(procedure: Procedure) -> tuple[Transition, ...]:
    return tuple(transition for transition in procedure.by_kind.values() if transition.auto)
