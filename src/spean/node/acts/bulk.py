"""A bulk act: thousands of facts of one kind in one record, under one envelope, in one transaction.

The facts build on one another, so their names must be made in order; their signatures need not, and are made
beside, on another core.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec

from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.core.ids import ulid
from spean.exchange.make import Draft, HeaderFields, Signer, draft_fact, sign_payload
from spean.node.entry.people import Who
from spean.node.entry.rights import check_act
from spean.node.folding import body_document
from spean.node.work import Work
from spean.procedures.acts import Outcome

if TYPE_CHECKING:
    from spean.core.fact import Header
    from spean.node.acts.acting import Acting, Done, Marks
    from spean.node.ground import Ground
    from spean.procedures.declare import Procedure, Transition
    from spean.store.rows import RecordRow

CHUNK = 32
"""Signatures that the worker makes in one go: enough to pay for its waking."""
_pool = ThreadPoolExecutor(1, thread_name_prefix="ed25519")


class _Signing:
    """Signs payloads beside the thread that drafts them: Ed25519 leaves Python's lock while it calculates."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._waiting: list[bytes] = []
        self._under_way: list[Future[list[bytes]]] = []

    def add(self, payload: bytes) -> None:
        self._waiting.append(payload)
        if len(self._waiting) == CHUNK:
            self._hand_over()

    def all(self) -> list[bytes]:
        """Every signature, in the order in which the payloads came."""
        self._hand_over()
        return [signature for part in self._under_way for signature in part.result()]

    def _hand_over(self) -> None:
        chunk, self._waiting = self._waiting, []
        self._under_way.append(_pool.submit(lambda: [sign_payload(payload, self._signer) for payload in chunk]))


class Bulk:
    """Performs one bulk act."""

    def __init__(self, ground: Ground, acting: Acting) -> None:
        self._ground = ground
        self._acting = acting

    def act(self, who: Who, record: str, kind: str, forms: Iterable[dict[str, Any]], marks: Marks) -> list[Done]:
        """All or nothing; an entry that is not accepted refuses the batch, naming its place."""
        from spean.node.acts.acting import Done, Intent

        ground = self._ground
        batch = ulid(ground.clock, ground.entropy)
        with ground.writing() as work:
            row = work.record(record)
            if row is None:
                raise NotFound(f"no record {record} here", remedy="spean record list shows them")
            procedure, transition = self._declared(row, kind)
            intent = Intent(kind=kind, form={}, record=record, marks=marks)
            check_act(ground, work, who, intent, row.purpose)
            shared = self._acting.share(work, row, procedure, transition, intent)
            fields = self._fields(work, who, row, procedure, kind, batch)
            fields["envelope"] = shared.envelope
            signing = _Signing(ground.signer)
            drafts, outcome = self._draft(signing, work, who, row, procedure, transition, fields, forms)
            if outcome is None:
                return []
            for (draft, form), signature in zip(drafts, signing.all(), strict=True):
                fact = draft.signed(ground.signer.key_id, signature)
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

    def _draft(self, signing: _Signing, work: Work, who: Who, row: RecordRow, procedure: Procedure, transition: Transition, fields: HeaderFields,
               forms: Iterable[dict[str, Any]]) -> tuple[list[tuple[Draft, Any]], Outcome | None]:  # fmt: skip
        """Name and judge each fact on the one before it."""
        ground = self._ground
        engine, projector = ground.engine, ground.projector
        view = projector.view(row)
        context = projector.context(work, row.id, local=False)
        drafts: list[tuple[Draft, Any]] = []
        outcome: Outcome | None = None
        first: Header | None = None
        for place, given in enumerate(forms):
            try:
                form = engine.decode(procedure, transition.kind, msgspec.json.encode(given))
            except InvalidInput as wrong:
                field = f"[{place}].{wrong.field}"
                raise InvalidInput(field, wrong.why, remedy=wrong.remedy, rule=wrong.rule) from wrong
            fields["builds_on"] = tuple(sorted(view.heads))
            draft = draft_fact(fields, body_document(who.user.name, engine.encode(form)), ground.entropy, like=first)
            first = first or draft.header
            outcome = engine.advance(view, projector.act(draft.id, draft.header, form, who.roles), context)
            view = outcome.view
            drafts.append((draft, form))
            signing.add(draft.payload)
        return drafts, outcome
