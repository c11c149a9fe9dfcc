"""A bulk act: thousands of facts of one kind in one record, under one envelope, in one transaction.

The facts build on one another, so their names must be made in order; their signatures need not, and are made by all cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.core.ids import ulid
from spean.exchange.make import Draft, HeaderFields, draft_fact, sign_payload
from spean.node.folding import body_document
from spean.node.people import Who
from spean.node.work import Work
from spean.procedures.acts import Outcome

if TYPE_CHECKING:
    from spean.node.acting import Acting, Done, Marks
    from spean.node.ground import Ground
    from spean.procedures.declare import Procedure, Transition
    from spean.store.rows import RecordRow

CHUNK = 32
"""Signatures that one worker makes in one go: enough to pay for its waking."""
Given = TypeVar("Given")
Result = TypeVar("Result")
_pool = ThreadPoolExecutor(2, thread_name_prefix="ed25519")


def on_all_cores(work: Callable[[Given], Result], given: Sequence[Given]) -> list[Result]:
    """``work`` for each, in order. Ed25519 leaves Python's lock while it calculates, so two threads are twice as fast."""
    if len(given) <= CHUNK:
        return [work(each) for each in given]
    chunks = [given[at : at + CHUNK] for at in range(0, len(given), CHUNK)]
    return [result for part in _pool.map(lambda chunk: [work(each) for each in chunk], chunks) for result in part]


class Bulk:
    """Performs one bulk act."""

    def __init__(self, ground: Ground, acting: Acting) -> None:
        self._ground = ground
        self._acting = acting

    def act(self, who: Who, record: str, kind: str, forms: Iterable[dict[str, Any]], marks: Marks) -> list[Done]:
        """All or nothing; an entry that is not accepted refuses the batch, naming its place."""
        from spean.node.acting import Done, Intent

        ground = self._ground
        batch = ulid(ground.clock, ground.entropy)
        with ground.writing() as work:
            row = work.record(record)
            if row is None:
                raise NotFound(f"no record {record} here", remedy="spean record list shows them")
            procedure, transition = self._declared(row, kind)
            shared = self._acting.share(
                work, row, procedure, transition, Intent(kind=kind, form={}, record=record, marks=marks)
            )
            fields = self._fields(work, who, row, procedure, kind, batch)
            fields["envelope"] = shared.envelope
            drafts, outcome = self._draft(work, who, row, procedure, transition, fields, forms)
            if outcome is None:
                return []
            signer = ground.signer
            signatures = on_all_cores(
                lambda payload: sign_payload(payload, signer), [draft.payload for draft, _ in drafts]
            )
            for (draft, form), signature in zip(drafts, signatures, strict=True):
                fact = draft.signed(signer.key_id, signature)
                work.add(fact, draft.key, status="effective")
                for peer in shared.reached:
                    work.send(peer, fact.id, batch=batch)
                ground.after(work, fact, form)
            self._acting.note_behind(work, [draft.id for draft, _ in drafts], shared.behind)
            ground.projector.save(work, row, drafts[-1][0].header, outcome)
            return [
                Done(fact=draft.id, record=record, state=outcome.view.state, recipients=shared.reached, behind=shared.behind,
                     deciding=shared.deciding)
                for draft, _ in drafts
            ]  # fmt: skip

    def _declared(self, row: RecordRow, kind: str) -> tuple[Procedure, Transition]:
        procedure = self._ground.engine.procedure(row.procedure, row.version)
        transition = procedure.by_kind.get(kind)
        if transition is None or not transition.bulk:
            raise Refusal("D6", f"{kind} of {row.procedure} is decided one at a time", remedy="do each act by itself")
        return procedure, transition

    def _fields(
        self, work: Work, who: Who, row: RecordRow, procedure: Procedure, kind: str, batch: str
    ) -> HeaderFields:
        return HeaderFields(
            node=self._ground.me, unit=who.user.unit, actor=who.id, actor_kind=who.actor_kind, time=work.time, record=row.id,
            procedure=procedure.name, version=procedure.version, kind=kind, track="shared", batch=batch,
        )  # fmt: skip

    def _draft(self, work: Work, who: Who, row: RecordRow, procedure: Procedure, transition: Transition, fields: HeaderFields,
               forms: Iterable[dict[str, Any]]) -> tuple[list[tuple[Draft, Any]], Outcome | None]:  # fmt: skip
        """Name and judge each fact on the one before it."""
        ground = self._ground
        engine, projector = ground.engine, ground.projector
        view = projector.view(row)
        context = projector.context(work, row.id, local=False)
        drafts: list[tuple[Draft, Any]] = []
        outcome: Outcome | None = None
        for place, given in enumerate(forms):
            try:
                form = engine.decode(procedure, transition.kind, msgspec.json.encode(given))
            except InvalidInput as wrong:
                field = f"[{place}].{wrong.field}"
                raise InvalidInput(field, wrong.why, remedy=wrong.remedy, rule=wrong.rule) from wrong
            fields["builds_on"] = tuple(sorted(view.heads))
            draft = draft_fact(fields, body_document(who.user.name, engine.encode(form)), ground.entropy)
            outcome = engine.advance(view, projector.act(draft.id, draft.header, form, who.roles), context)
            view = outcome.view
            drafts.append((draft, form))
        return drafts, outcome
