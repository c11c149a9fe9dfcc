"""From facts to projections: the engine applied to what is stored, inside one transaction (docs/design.md, decision 5).

Both directions use it: an officer's act before it is signed, and a received fact in step 5. Nearly always the fact builds on
exactly the record's heads, and the projection advances without reading any other fact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from spean.core.errors import InvalidInput, NotFound, Refusal, StepFailed
from spean.core.fact import Header
from spean.core.world import from_iso
from spean.exchange.codec import check_depth, decode_header
from spean.exchange.seal import decrypt_content
from spean.holds.clocks import national
from spean.node.money.named import STOP
from spean.node.work import Work
from spean.procedures.acts import Act, Context, Effect, Known, LocalAct, Outcome, RecordView
from spean.procedures.declare import Procedure
from spean.procedures.engine import UnknownVersion
from spean.procedures.fold import Folding
from spean.store.rows import FactRow, RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

INSTRUMENT = "instrument:"
FOLDED = ("effective", "overtaken", "corrected", "withdrawn")
"""Statuses of facts that take part in the fold. A corrected or withdrawn fact did happen."""


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a fact: who acted, by name, and the form as the procedure declares it; where a person answers for an
    adverse act, also that person's own signature (``exchange/officer.py``)."""

    by: str
    form: msgspec.Raw
    officer: msgspec.Raw = msgspec.Raw(b"")


_BODY = msgspec.json.Decoder(Body)


def body_document(name: str, form: bytes) -> bytes:
    """The body's bytes: the actor's name stands here, where it can be erased, and never in the header."""
    return b'{"by":' + msgspec.json.encode(name) + b',"form":' + form + b"}"


def open_body(data: bytes) -> tuple[str, bytes]:
    """Actor's name and the form's bytes. Raises ``InvalidInput`` or ``TooMuch``."""
    body = read_body(data)
    return body.by, bytes(body.form)


def read_body(data: bytes) -> Body:
    """The parts of a body. Raises ``InvalidInput`` or ``TooMuch``."""
    check_depth(data)
    try:
        body = _BODY.decode(data)
    except (msgspec.MsgspecError, UnicodeError) as wrong:
        raise InvalidInput("body", str(wrong), remedy='give {"by": name, "form": {…}}') from wrong
    return body


class _Asking:
    """What rules may ask, answered from the transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def fact(self, name: str) -> Known | None:
        row = self._work.fact(name)
        if row is None:
            return None
        header = decode_header(row.payload)
        purpose = "" if header.envelope is None else header.envelope.purpose
        return Known(row.record, row.kind, row.origin, row.received_from, header.actor, purpose)

    def form(self, name: str) -> Any | None:
        row = self._work.fact(name)
        return None if row is None else self._work.ground.projector.form(row, self._work.key(name), self._work.fact)

    def stated(self, record: str, kind: str) -> tuple[tuple[str, Any], ...]:
        return self._work.ground.projector.stated(self._work, record, kind)

    def beside(
        self, procedure: str, states: frozenset[str], names: tuple[str, ...] = ()
    ) -> tuple[tuple[str, Any], ...]:
        work, projector = self._work, self._work.ground.projector
        if names and procedure == STOP:
            found_rows = (work.record(record) for record in work.ground.money.named.records(work, names))
            rows = [row for row in found_rows if row is not None and row.state in states]
        else:
            rows = work.records_in(procedure, states)
        openings = [opening for row in rows if (opening := work.opening(row)) is not None]
        keys = work.keys([opening.id for opening in openings])
        found = ((each.record, projector.form(each, keys.get(each.id), work.fact)) for each in openings)
        return tuple((record, form) for record, form in found if form is not None)

    def opening(self, record: str) -> Any | None:
        row = self._work.record(record)
        opening = None if row is None else self._work.opening(row)
        return None if opening is None else self.form(opening.id)

    def chain(self, one: str, other: str, verdict: str) -> tuple[str, ...]:
        return self._work.ground.same.judging.against(self._work, one, other, verdict)

    def same(self, record: str) -> tuple[tuple[str, str], ...]:
        everybody = self._work.ground.same.judging.members(self._work, record)
        found = ((name, self._work.record(name)) for name in everybody)
        return tuple((name, row.state) for name, row in found if row is not None)

    def setting(self, name: str) -> int | None:
        if name.startswith(INSTRUMENT):
            return self._work.ground.instruments.last_moment(name.removeprefix(INSTRUMENT), self._work.now)
        settings = self._work.ground.settings
        own = settings.clocks.get(name)
        return national(settings.own_country, name) if own is None else own


class Projector:
    """Applies one fact to its record's projection."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def view(self, row: RecordRow) -> RecordView:
        return RecordView(
            row.id,
            row.procedure,
            row.version,
            row.parties,
            row.state,
            row.heads,
            row.done,
            row.opened_at,
            row.entered_at,
            row.entered_by,
        )

    def context(self, work: Work, record: str, *, local: bool = True) -> Context:
        """Where and when an act on ``record`` is judged; ``local``: with our own acts on it, which only our rules read."""
        rows = tuple(self._local(work, record)) if local else ()
        return Context(now=work.now, me=self._ground.me, ask=_Asking(work), local=rows)

    def _reads_local(self, act: Act, procedure: Procedure) -> bool:
        """Whether a rule of this act looks at our local track: four eyes, mostly (R4)."""
        transition = procedure.by_kind.get(act.kind)
        return (
            act.node == self._ground.me
            and transition is not None
            and any(rule.author_only for rule in transition.rules)
        )

    def _local(self, work: Work, record: str) -> Sequence[LocalAct]:
        found = []
        for row in work.facts_of(record, "local"):
            header = decode_header(row.payload)
            form = None if row.kind == "note" else self.form(row, work.key(row.id))
            about = form.kind if row.kind == "approve" and form is not None else ""
            found.append(LocalAct(row.kind, header.actor, header.node, row.at, about, form))
        return found

    def form(
        self, row: FactRow, key: bytes | None, known: Callable[[str], FactRow | None] = lambda _: None
    ) -> Any | None:
        """The decoded form of a stored fact; None when it is erased or from a newer version."""
        if row.content is None or key is None:
            return None
        _, body = decrypt_content(key, row.content, row.id)
        try:
            return self.decode(decode_header(row.payload), open_body(body)[1], known)
        except (NotFound, UnknownVersion, InvalidInput):
            return None

    def stated(self, work: Work, record: str, kind: str, track: str = "shared") -> tuple[tuple[str, Any], ...]:
        """Name and form of a record's facts of one kind (``a | b``: of several) that count, in the order of time; erased ones are missing."""
        kinds = kind.split(" | ")
        rows = [row for row in work.facts_of(record, track) if row.kind in kinds and row.status == "effective"]
        keys = work.keys([row.id for row in rows])
        found = ((row.id, self.form(row, keys.get(row.id), work.fact)) for row in _in_time(rows))
        return tuple((name, form) for name, form in found if form is not None)

    def decode(self, header: Header, form: bytes, known: Callable[[str], FactRow | None]) -> Any:
        """The form of a fact by its declaration; a correction takes the form of what it corrects."""
        corrects = ""
        if header.kind == "correct" and header.targets:
            target = known(header.targets[0])
            corrects = "" if target is None else target.kind
        return self._ground.engine.decode(self.procedure(header), header.kind, form, corrects=corrects)

    def procedure(self, header: Header) -> Procedure:
        """The procedure in the version on which the record stays. Raises ``NotFound`` or ``UnknownVersion``."""
        return self._ground.engine.procedure(header.procedure, header.version)

    def act(self, name: str, header: Header, form: Any | None, roles: frozenset[str] | None) -> Act:
        """A fact as the engine sees it."""
        recipients = header.envelope.recipients if header.envelope is not None else ()
        return Act(
            name, header.kind, header.node, header.actor, header.actor_kind, roles, from_iso(header.time), header.builds_on,
            header.targets, form, recipients,
        )  # fmt: skip

    def apply(self, work: Work, act: Act, header: Header) -> Effect:
        """Judge ``act`` and move the projection. Raises ``Refusal`` and changes nothing when it is not allowed."""
        row = work.record(header.record)
        if row is None:
            outcome = self._open(work, act, header)
            self.save(work, None, header, outcome)
            return outcome.effect
        if row.procedure != header.procedure or row.version != header.version:
            raise StepFailed(
                5, f"the record is a {row.procedure} of version {row.version}", remedy="stay on the record's version"
            )
        if row.id not in work.foldings and set(act.builds_on) == set(row.heads):
            local = self._reads_local(act, self.procedure(header))
            outcome = self._ground.engine.advance(self.view(row), act, self.context(work, row.id, local=local))
            self.save(work, row, header, outcome)
            return outcome.effect
        return self._refold(work, row, act, header)

    def _open(self, work: Work, act: Act, header: Header) -> Outcome:
        context = self.context(work, header.record, local=False)
        outcome = self._ground.engine.open(act, header.record, self.procedure(header), ctx=context)
        self._ground.carried.check(work, act.id, header, act.body)
        return outcome

    def _refold(self, work: Work, row: RecordRow, act: Act, header: Header) -> Effect:
        """A concurrent fact: fold the whole set, and tell every moving fact what it counts as now.

        The fold is kept for the rest of the transaction, so a page full of concurrent facts folds the record once.
        """
        folding = work.foldings.get(row.id)
        if folding is None:
            folding = work.foldings[row.id] = self._fold_stored(work, row.id, header)
        try:
            effect = folding.add(act)
        except StepFailed:
            raise
        except Refusal as refused:
            raise StepFailed(5, refused.why, rule=refused.rule, remedy=refused.remedy) from refused
        outcome = folding.outcome()
        if outcome is None:
            raise StepFailed(5, "the record's opening fact is missing", remedy="ask the sender for it")
        self._mark_moving(work, folding)
        self.save(work, row, header, outcome)
        return effect

    def rebuild(self, work: Work, record: str) -> None:
        """The projection anew from the facts that are stored, each of which was judged when it was written."""
        opening = next((row for row in work.facts_of(record) if b'"builds_on":[]' in row.payload), None)
        if opening is None:
            raise NotFound(f"the opening fact of {record} is missing", remedy="see spean log verify")
        header = decode_header(opening.payload)
        folding = self._fold_stored(work, record, header)
        outcome = folding.outcome()
        if outcome is None:
            raise NotFound(f"{record} does not fold", remedy="see spean log verify")
        self._mark_moving(work, folding)
        self.save(work, work.record(record), header, outcome)

    def _mark_moving(self, work: Work, folding: Folding) -> None:
        overtaken = folding.overtaken()
        for name in folding.moving():
            known = work.fact(name)
            if known is not None and known.status in ("effective", "overtaken"):
                work.mark(name, "overtaken" if name in overtaken else "effective")

    def _fold_stored(self, work: Work, record: str, header: Header) -> Folding:
        """What is stored was judged when it came in: rules are judged again only for what is new in this transaction."""
        stored = [each for each in work.facts_of(record) if each.status in FOLDED]
        procedure = self.procedure(header)
        bulk = {kind for kind, transition in procedure.by_kind.items() if transition.bulk}
        keys = work.keys([each.id for each in stored if each.kind not in bulk])
        acts = [
            self.act(each.id, decode_header(each.payload), self.form(each, keys.get(each.id)), None) for each in stored
        ]
        known = {act.id for act in acts}
        context = self.context(work, record)
        folding = self._ground.engine.folding(
            record, procedure, lambda one: None if one.id in known else context, context
        )
        folding.run(acts)
        return folding

    def judge_local(self, work: Work, act: Act, header: Header) -> None:
        """An act on our own track: judged against the record, which it leaves as it is."""
        row = work.record(header.record)
        if row is None:
            raise NotFound(f"no record {header.record} here", remedy="open it first")
        self._ground.engine.advance(self.view(row), act, self.context(work, row.id))

    def save(self, work: Work, row: RecordRow | None, header: Header, outcome: Outcome) -> None:
        """The record as the engine sees it now, with its clocks."""
        view = outcome.view
        envelope = header.envelope
        closed = view.state in self.procedure(header).ends
        due = min((timer.due_at for timer in outcome.timers), default=None)
        if row is None:
            row = RecordRow(
                id=view.id, procedure=view.procedure, version=view.version, state=view.state, parties=dict(view.parties),
                heads=view.heads, done=dict(view.done), opened_at=view.opened_at, entered_at=view.entered_at,
                changed_at=work.now, entered_by=view.entered_by, due_at=due, closed=closed,
                instrument=envelope.instrument if envelope else "", purpose=envelope.purpose if envelope else "",
                via=envelope.via if envelope else "", unit=self._ground.settings.units[0],
            )  # fmt: skip
            fresh = True
        else:
            row = replace(
                row, state=view.state, heads=view.heads, done=dict(view.done), entered_at=view.entered_at,
                entered_by=view.entered_by, changed_at=work.now, due_at=due, closed=closed,
            )  # fmt: skip
            fresh = False
        work.save(row)
        work.arm(
            view.id,
            [timer for timer in outcome.timers if self._ground.me in view.parties.get(timer.by_party, ())],
            fresh=fresh,
        )

    def acts_of(self, work: Work, record: str) -> list[Act]:
        """All facts of a record that fold, as acts with their forms."""
        rows = [row for row in work.facts_of(record) if row.status in FOLDED]
        keys = work.keys([row.id for row in rows])
        return [self.act(row.id, decode_header(row.payload), self.form(row, keys.get(row.id)), None) for row in rows]


def _in_time(rows: Sequence[FactRow]) -> Sequence[FactRow]:
    return sorted(rows, key=lambda row: (row.at, row.index or 0))
