"""The way of a fact out: judge, decide for each recipient, sign, write (docs/design.md).

The whole act runs inside one write transaction, so it is judged against the state that it changes. Many acts may share
one transaction (group commit); one that is refused leaves nothing behind and does not harm its neighbours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from spean.agreements.model import OWN
from spean.agreements.question import Decision, Question
from spean.core.errors import InvalidInput, NotFound, Refusal, SpeanError
from spean.core.fact import Envelope
from spean.core.ids import check_node, parse_record, record_id
from spean.core.world import iso
from spean.exchange.codec import decode_header
from spean.exchange.make import HeaderFields, Made, make_fact
from spean.node.acts.assertions import Prepared, Unsigned, is_adverse, need_person
from spean.node.entry.people import Who
from spean.node.entry.rights import check_act
from spean.node.folding import body_document
from spean.node.work import Work
from spean.procedures.declare import Procedure, Transition
from spean.store.rows import RecordRow, SubmissionRow

if TYPE_CHECKING:
    from spean.node.ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks that an officer sets on a fact; None inherits from the record's opening fact, else the default."""

    purpose: str | None = None
    instrument: str | None = None
    basis: str | None = None
    data: str | None = None
    subject: str | None = None
    handling: str | None = None
    tlp: str | None = None
    source: str | None = None
    grade: int | None = None
    nature: str | None = None
    review: str | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What somebody wants to do: open a record (``procedure``, ``to``) or act in one (``record``)."""

    kind: str
    form: dict[str, Any]
    record: str = ""
    procedure: str = ""
    to: tuple[str, ...] = ()
    marks: Marks = Marks()
    targets: tuple[str, ...] = ()
    batch: str = ""
    once: str = ""
    """A mark of the form that was sent: the same person's same form is done once, however often it arrives."""
    officer: dict[str, Any] | None = None
    """For an adverse act: the assertion of the officer's passkey, as the browser gave it (R1)."""
    at: int | None = None
    """With it: the moment that was prepared, in ms."""
    opens: str = ""
    """With it, for an opening act: the name of the new record that was prepared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it."""

    fact: str
    record: str
    state: str
    recipients: tuple[str, ...]
    """Partners to whom it is on its way."""
    behind: tuple[str, ...] = ()
    """Parties whom it may not reach now, shown as behind."""
    deciding: tuple[str, ...] = ()
    """The instrument that decided for each recipient, in their order."""


class Acting:
    """Performs intents."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._projector = ground.projector

    def act(self, who: Who, intent: Intent) -> Done:
        """One act in a transaction of its own (shared with others that wait at the same moment)."""
        return self._ground.committer.run(lambda work: self._once(work, who, intent))

    def _once(self, work: Work, who: Who, intent: Intent) -> Done:
        """Somebody who saw no answer sends the form again: what came of it the first time is said again."""
        if not intent.once:
            return self._asked(work, who, intent)
        key = hashlib.sha256(f"{who.id}\0{intent.once}".encode()).digest()
        known = work.tx.submissions.get(key)
        if known is not None:
            row = work.record(known.record)
            return Done(fact=known.fact, record=known.record, state="" if row is None else row.state, recipients=())
        done = self._asked(work, who, intent)
        work.tx.submissions.add(SubmissionRow(key=key, fact=done.fact, record=done.record, at=work.now))
        return done

    def act_each(self, who: Who, intents: Sequence[Intent]) -> list[Done | SpeanError]:
        """Many independent acts, one transaction: each judged, decided, signed and sealed by itself."""
        acts = [partial(self._asked, who=who, intent=intent) for intent in intents]
        return self._ground.committer.together(acts)

    def act_batch(
        self, who: Who, record: str, kind: str, forms: Sequence[dict[str, Any]], marks: Marks | None = None
    ) -> list[Done]:
        """One bulk act: facts of one kind in one record under one envelope share decision, seal and receipt.

        All or nothing: an entry that is not accepted refuses the batch, naming its place.
        """
        from spean.node.acts.bulk import Bulk

        return Bulk(self._ground, self).act(who, record, kind, forms, marks or Marks())

    def prepare(self, who: Who, intent: Intent) -> Prepared:
        """Judge an act as ``act`` would, and write nothing: what its officer's passkey is to sign, and what a page shows.

        Raises whatever ``act`` would raise.
        """
        try:
            with self._ground.writing() as work:
                self.check_right(work, who, intent)
                draft = self._draft(work, who, replace(intent, officer=None))
                self._make(work, who, draft, draft.words)
                raise _Judged(self._prepared(work, who, draft, work.now))
        except _Judged as judged:  # the transaction is undone
            return judged.prepared

    def _prepared(self, work: Work, who: Who, draft: _Draft, at: int) -> Prepared:
        """What is to be signed, once the act was judged."""
        shared = draft.shared
        prepared = self._ground.assertions.prepared(
            work, who, draft.fields, draft.words, at, shared.reached, shared.behind
        )
        after = work.record(draft.record)
        return replace(prepared, state="" if after is None else after.state)

    def _asked(self, work: Work, who: Who, intent: Intent) -> Done:
        """An act that somebody asks for: in a record that she may see (O1)."""
        self.check_right(work, who, intent)
        return self.perform(work, who, intent)

    def check_right(self, work: Work, who: Who, intent: Intent) -> None:
        """Refuse an act in a record, or the opening of one, that is for other eyes (O1)."""
        check_act(self._ground, work, who, intent, intent.marks.purpose or DEFAULTS["purpose"])

    def perform(self, work: Work, who: Who, intent: Intent) -> Done:
        """One act inside a transaction. Everything is judged before anything is gathered, so a refusal leaves no trace.

        Raises ``Unsigned`` when everything else is well and its officer's passkey has still to sign it: then the
        transaction is to be undone.
        """
        ground = self._ground
        draft = self._draft(work, who, intent)
        shared = draft.shared
        body, assertion = draft.words, None
        if intent.officer is not None:
            body, assertion = ground.assertions.signed(work, who, intent.officer, draft.fields, draft.words)
        made = self._make(work, who, draft, body)
        if draft.adverse and assertion is None:
            raise Unsigned(self._prepared(work, who, draft, work.now))
        work.add(made.fact, made.key, status="effective")
        if assertion is not None:
            ground.assertions.used(work, assertion)
        for peer in shared.reached:
            work.send(peer, made.fact.id, batch=intent.batch)
        if draft.row is not None:
            self.note_behind(work, [made.fact.id], shared.behind)
        state = after.state if (after := work.record(draft.record)) is not None else ""
        ground.after(work, made.fact, draft.form)
        return Done(
            fact=made.fact.id,
            record=draft.record,
            state=state,
            recipients=shared.reached,
            behind=shared.behind,
            deciding=shared.deciding,
        )

    def _draft(self, work: Work, who: Who, intent: Intent) -> _Draft:
        """Everything of an act but its officer's signature: form, envelope, recipients, header. Nothing is judged by the engine yet."""
        ground = self._ground
        ground.restoring.check()
        row = work.record(intent.record) if intent.record else None
        if intent.record and row is None:
            raise NotFound(f"no record {intent.record} here", remedy="spean record list shows them")
        name = intent.procedure if row is None else row.procedure
        procedure = ground.engine.procedure(name, None if row is None else row.version)
        transition = procedure.by_kind.get(intent.kind)
        if transition is None:
            raise NotFound(
                f"{name} has no act {intent.kind!r}", remedy=f"one of {', '.join(sorted(procedure.by_kind))}"
            )
        corrected = work.fact(intent.targets[0]) if intent.kind == "correct" and intent.targets else None
        corrects = "" if corrected is None else corrected.kind
        form = ground.engine.decode(procedure, intent.kind, msgspec.json.encode(intent.form), corrects=corrects)
        shared = self.share(work, row, procedure, transition, intent)
        record = row.id if row is not None else work.new_record(self._new_name(work, name, intent))
        time = work.time if intent.officer is None else iso(ground.assertions.moment(work, intent.at))
        fields = HeaderFields(
            node=ground.me, unit=who.user.unit, actor=who.id, actor_kind=who.actor_kind, time=time, record=record,
            procedure=name, version=procedure.version, kind=intent.kind, builds_on=() if row is None else tuple(sorted(row.heads)),
            track="local" if transition.local else "shared", envelope=shared.envelope, targets=tuple(sorted(intent.targets)),
            batch=intent.batch,
        )  # fmt: skip
        words = body_document(who.user.name, ground.engine.encode(form))
        return _Draft(row, record, form, shared, fields, words, is_adverse(procedure, transition, corrects))

    def _new_name(self, work: Work, procedure: str, intent: Intent) -> str:
        """A fresh name for a record, or the one that was prepared and signed."""
        ground = self._ground
        if intent.officer is None or not intent.opens:
            return record_id(ground.me, procedure, ground.clock, ground.entropy)
        named = parse_record(intent.opens)
        if (named.node, named.procedure) != (ground.me, procedure) or work.record(intent.opens) is not None:
            raise InvalidInput("opens", "it names no new record of ours", remedy="prepare the act again", rule="R1")
        return intent.opens

    def _make(self, work: Work, who: Who, draft: _Draft, body: bytes) -> Made:
        """The fact, judged."""
        if draft.adverse:
            need_person(draft.fields["kind"], who.actor_kind)
        made = make_fact(draft.fields, body, self._ground.signer, self._ground.entropy)
        self._judge(work, made, draft.form, who)
        return made

    def _judge(self, work: Work, made: Made, form: Any, who: Who) -> None:
        """The engine's word: may this user make this move now? The record moves when it may."""
        header = made.fact.header
        act = self._projector.act(made.fact.id, header, form, who.roles)
        if header.track == "local":
            self._projector.judge_local(work, act, header)
        else:
            self._projector.apply(work, act, header)

    def note_behind(self, work: Work, facts: Sequence[str], behind: Sequence[str]) -> None:
        """Remember which parties have not received what is meant for them."""
        for node in behind:
            for fact in facts:
                work.tx.jobs.put(BEHIND, f"{fact}/{node}", NEVER)

    def deliver_behind(self, work: Work) -> None:
        """What could not reach a party goes to it once an agreement permits it again."""
        ground = self._ground
        for job in work.tx.jobs.list(BEHIND):
            fact, node = job.key.split("/")
            row = work.fact(fact)
            if row is None or row.status in ("withdrawn", "corrected"):
                work.tx.jobs.done(job.id)
                continue
            header = decode_header(row.payload)
            if header.envelope is None or not ground.is_peer(node):
                continue
            if ground.registry.decide(self.question(header.envelope, row.procedure, row.kind, node)).allowed:
                work.send(node, fact, batch=header.batch)
                work.tx.jobs.done(job.id)

    def share(
        self, work: Work, row: RecordRow | None, procedure: Procedure, transition: Transition, intent: Intent
    ) -> Shared:
        """Envelope and recipients: who receives this, decided by the agreement for each (D3)."""
        if transition.local:
            return Shared(None, (), (), ())
        if procedure.own or self._at_home(row, procedure, intent):
            return Shared(self._own_envelope(work, row, procedure, intent), (), (), ())
        ground = self._ground
        to = self._recipients(row, intent)
        envelope = self.envelope(work, row, procedure, intent, to)
        reached, behind, deciding = [], [], []
        refusal: Decision | None = None
        first_hop = envelope.via
        for node in to:
            hop = first_hop or node
            question = self.question(envelope, procedure.name, intent.kind, hop)
            decision = ground.registry.decide(question)
            if decision.allowed and not ground.is_peer(hop):
                decision = replace(
                    decision,
                    allowed=False,
                    rule="D1",
                    reason=f"{hop} is no partner of ours",
                    remedy="spean peer invite",
                )
            if decision.allowed:
                reached.append(hop)
                deciding.append(decision.instrument)
            else:
                behind.append(node)
                refusal = refusal or decision
        if refusal is not None and not reached and not transition.is_timer:
            raise Refusal(refusal.rule, refusal.reason, remedy=refusal.remedy, what="Nothing leaves")
        if row is None and behind:
            envelope = replace(envelope, recipients=tuple(node for node in to if node not in behind))
        if row is None:
            self._spend_quota(work, envelope, reached)
        return Shared(envelope, tuple(dict.fromkeys(reached)), tuple(behind), tuple(deciding))

    def _spend_quota(self, work: Work, envelope: Envelope, peers: list[str]) -> None:
        """An agreement may limit how many records one partner opens towards another for a purpose each month."""
        registry = self._ground.registry
        if envelope.instrument not in registry:
            return
        most = registry.get(envelope.instrument).quotas.get(envelope.purpose)
        if most is None:
            return
        month = work.time[:7]
        for peer in peers:
            if work.tx.people.count(envelope.instrument, peer, envelope.purpose, month) >= most:
                title = self._title(envelope.instrument)
                raise Refusal("R26", f"{title} allows {most} for {envelope.purpose} to {peer} a month, and they are used", what="Nothing leaves",
                              remedy="wait for the next month, or agree on a higher quota")  # fmt: skip
        for peer in peers:
            work.tx.people.add(envelope.instrument, peer, envelope.purpose, month)

    def _recipients(self, row: RecordRow | None, intent: Intent) -> tuple[str, ...]:
        me = self._ground.me
        if row is not None:
            nodes = {node for party in row.parties.values() for node in party}
        else:
            nodes = {check_node(node) for node in intent.to}
        nodes.discard(me)
        if not nodes:
            raise InvalidInput("to", "nobody would receive this", remedy="name at least one partner")
        return tuple(sorted(nodes))

    def _at_home(self, row: RecordRow | None, procedure: Procedure, intent: Intent) -> bool:
        """Whether a record of several parties is our own matter alone: money that lies at a bank of ours."""
        if row is None:
            return procedure.domestic and intent.to == (self._ground.me,)
        return procedure.domestic and {node for nodes in row.parties.values() for node in nodes} == {self._ground.me}

    def _own_envelope(self, work: Work, row: RecordRow | None, procedure: Procedure, intent: Intent) -> Envelope:
        """The marks of a record that stays here: nobody receives it, so no agreement is asked; its purpose says who may
        read it (O1)."""
        if intent.to and procedure.own:
            raise InvalidInput("to", f"{procedure.name} stays at its own node", remedy="name no recipient")
        marks = replace(intent.marks, instrument=OWN, via="", basis=intent.marks.basis or (None if row else OWN_BASIS))
        return self.envelope(work, row, procedure, replace(intent, marks=marks), ())

    def envelope(
        self, work: Work, row: RecordRow | None, procedure: Procedure, intent: Intent, to: tuple[str, ...]
    ) -> Envelope:
        """Marks given now, else those of the record's opening fact, else the defaults."""
        marks = intent.marks
        opening = self._opening_envelope(work, row)
        chosen: dict[str, Any] = {**DEFAULTS, **({} if opening is None else asdict(opening))}
        chosen.update({name: value for name, value in asdict(marks).items() if value is not None})
        chosen["recipients"] = to
        if not chosen.get("instrument"):
            chosen["instrument"] = self.only_instrument(to)
        if not chosen.get("basis"):
            chosen["basis"] = self._title(chosen["instrument"])
        if marks.review is None:
            chosen["review"] = self.review_day(chosen["instrument"], work.now)
        else:
            self._check_review(marks.review, chosen["instrument"], work.now)
        return Envelope(**chosen)

    def _opening_envelope(self, work: Work, row: RecordRow | None) -> Envelope | None:
        if row is None:
            return None
        opening = work.opening(row)
        return None if opening is None else decode_header(opening.payload).envelope

    def only_instrument(self, to: tuple[str, ...]) -> str:
        """When exactly one agreement in force binds us and all recipients, it need not be named."""
        ground = self._ground
        fits = [
            each.id for each in ground.registry
            if each.state == "in-force" and each.id != "peering" and {ground.me, *to} <= each.parties
        ]  # fmt: skip
        if len(fits) == 1:
            return fits[0]
        if not fits:
            raise Refusal("R26", f"no agreement in force binds {ground.me} and {', '.join(to)}",
                          remedy="conclude one: spean agreement draft", what="Nothing leaves")  # fmt: skip
        raise InvalidInput(
            "instrument", f"{len(fits)} agreements could decide", remedy=f"name one of {', '.join(fits)}", rule="R26"
        )

    def _title(self, instrument: str) -> str:
        return self._ground.registry.get(instrument).title if instrument in self._ground.registry else instrument

    def _retention(self, instrument: str) -> int:
        registry = self._ground.registry
        return registry.get(instrument).retention_days if instrument in registry else 365

    def review_day(self, instrument: str, now: int) -> str:
        """By default the review comes after a year, sooner when the agreement's retention is shorter (R33)."""
        return (_day(now) + timedelta(days=min(365, self._retention(instrument)))).isoformat()

    def _check_review(self, review: str, instrument: str, now: int) -> None:
        most = self._retention(instrument)
        try:
            days = (date.fromisoformat(review) - _day(now)).days
        except ValueError as wrong:
            raise InvalidInput("review", f"{review!r} is no date", remedy="give YYYY-MM-DD") from wrong
        if not 0 <= days <= most:
            raise InvalidInput(
                "review", f"the agreement keeps for at most {most} days", rule="R33", remedy="choose an earlier day"
            )

    def question(self, envelope: Envelope, procedure: str, kind: str, receiver: str) -> Question:
        """What the agreements are asked before a fact of this kind goes to ``receiver``."""
        me = self._ground.me
        return Question(
            sender=me, receiver=receiver, origin=me, instrument=envelope.instrument, purpose=envelope.purpose, data=envelope.data,
            subject=envelope.subject, tlp=envelope.tlp, handling=envelope.handling, procedure=procedure, kind=kind,
            via=envelope.via, date=iso(self._ground.clock.now())[:10],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Draft:
    """An act before it is signed and judged."""

    row: RecordRow | None
    record: str
    form: Any
    shared: Shared
    fields: HeaderFields
    words: bytes
    """The body, without an officer's signature."""
    adverse: bool


class _Judged(Exception):
    """Carries what was prepared out of a transaction that must leave no trace."""

    def __init__(self, prepared: Prepared) -> None:
        super().__init__()
        self.prepared = prepared


@dataclass(frozen=True, slots=True)
class Shared:
    """What the facts of one act have in common: envelope, and to whom they go."""

    envelope: Envelope | None
    reached: tuple[str, ...]
    behind: tuple[str, ...]
    deciding: tuple[str, ...]


def _day(now: int) -> date:
    return date.fromisoformat(iso(now)[:10])


OWN_BASIS = "law of the own state"
"""Legal basis of an own record when its officer names none."""
BEHIND = "behind"
"""A note, kept among the jobs and never due, that a party has not received a fact that is meant for it."""
NEVER = 2**62
DEFAULTS: dict[str, Any] = {
    "purpose": "coordinate", "instrument": "", "basis": "", "data": "indicator", "subject": "none", "handling": "H0",
    "tlp": "AMBER", "source": "B", "grade": 2, "nature": "fact", "review": "", "via": "",
}  # fmt: skip
"""Marks when neither the officer nor the record's opening fact sets them. Purpose and data are always asked for by the faces."""
