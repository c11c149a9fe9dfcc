"""The way of a fact in: the seven receiving steps over a whole page (docs/protocol.md section 4).

Steps 1 and 2 hold for the page: if one fails nothing changes. Steps 3 to 5 hold for each fact: it is accepted, refused, or
held (waiting, quarantined, unknown). Step 6 writes all in one transaction, step 7 signs the receipts in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from spean.agreements.question import question_of
from spean.core.errors import InvalidInput, NotFound, Refusal, StepFailed, TooMuch, VerificationFailed
from spean.core.fact import Fact, Header
from spean.core.ids import parse_record
from spean.exchange.codec import Peek, UnknownFormat, decode_header, fact_id
from spean.exchange.officer import detach
from spean.exchange.page import Forward, Item, Page
from spean.exchange.receipts import Status, receipt_for, sign_receipt
from spean.exchange.receive import (
    Damaged,
    Held,
    PageRefused,
    UnknownKey,
    step1_signature,
    step2_inclusion,
    step3_agreement,
    step4_schema,
)
from spean.exchange.seal import open_key, seal_info, unwrap_key
from spean.node.folding import body_document, read_body
from spean.node.work import Work, waiting_key
from spean.procedures.engine import UnknownVersion
from spean.store.rows import CheckpointRow, FactRow, FactStatus, ReceiptRow

if TYPE_CHECKING:
    from spean.node.ground import Ground


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one fact."""

    fact: str
    seq: int
    batch: str
    status: Status
    step: int = 0
    rule: str = ""
    reason: str = ""
    index: int | None = None


class Receiving:
    """Takes pages in."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def take(self, peer: str, page: Page, *, sent: int | None = None) -> list[Fate]:
        """Verify and write a page. ``sent``: the number of our last receipt that the request for it carried.

        Raises ``PageRefused``, after an alarm, when the page itself cannot be believed.
        """
        ground = self._ground
        ground.restoring.check()
        if page.sender != peer:
            raise PageRefused(1, f"a page of {page.sender} came from {peer}")
        try:
            with ground.writing() as work:
                fates = self._take(work, peer, page)
                if sent is not None:
                    work.tx.meta.set(f"receipts-sent:{peer}", str(sent))
        except PageRefused as refused:
            with ground.writing() as work:
                work.tx.alarms.raise_(refused.rule, f"{peer}:{page.after}", "critical", f"{peer}: {refused}", work.now)
                if isinstance(refused, DamagedPage):
                    work.tx.meta.set(f"damaged:{refused.fact}", peer)
            raise
        return fates

    def _take(self, work: Work, peer: str, page: Page) -> list[Fate]:
        trust = self._ground.peering.trust(peer)
        row = work.tx.peers.get(peer)
        if row.status != "active":
            raise PageRefused(1, f"{peer} is no partner of ours")
        if page.after > row.in_seq:
            raise PageRefused(2, f"the page starts after {page.after}, we have {row.in_seq}")
        fresh = [item for item in page.items if item.seq > row.in_seq]
        names = {item.seq: fact_id(item.payload) for item in fresh}
        headers = self._step1(work, peer, fresh)
        known = work.tx.witness.latest(trust.log.name)
        checkpoint = step2_inclusion(page, logs=trust.logs, known=None if known is None else (known.size, known.root))
        if known is None or checkpoint.size > known.size:
            work.tx.witness.save(CheckpointRow(origin=checkpoint.origin, size=checkpoint.size, root=checkpoint.root,
                                               note=page.checkpoint, at=work.now, seen_from=peer))  # fmt: skip
        fresh = fresh[: len(headers)]
        keys = self._content_keys(peer, page, fresh, names)
        work.preload([h.record for h in headers.values() if isinstance(h, Header)], names.values())
        fates = [self._one(work, peer, item, names[item.seq], headers[item.seq], keys.get(item.seq)) for item in fresh]
        self._receipts(work, peer, fates)
        last = fresh[-1].seq if fresh else row.in_seq
        work.tx.peers.seen(
            peer, in_seq=last, last_contact=work.now, last_error="", failures=0, clock_offset=page.now - work.now
        )
        self._revisit(work, fates)
        return fates

    # steps ------------------------------------------------------------------------------------------------

    def _step1(self, work: Work, peer: str, items: list[Item]) -> dict[int, Header | Held | StepFailed]:
        """All signatures before anything else: a page with one bad signature is refused whole.

        A page may bring the very announcement of the key with which its later items are signed: then it is taken up to
        there, and the rest is asked for again.
        """
        ground = self._ground
        found: dict[int, Header | Held | StepFailed] = {}
        announced = False
        for item in items:
            try:
                found[item.seq] = step1_signature(
                    item, me=ground.me, sender=peer, keys_of=ground.sign_keys, now=work.now
                )
                announced = announced or _announces_key(found[item.seq])
            except UnknownKey:
                if not announced:
                    raise
                break
            except PageRefused:
                raise
            except (Held, StepFailed) as special:
                found[item.seq] = special
        return found

    def _content_keys(self, peer: str, page: Page, items: list[Item], names: dict[int, str]) -> dict[int, bytes | None]:
        """Open the seals: one for each single fact, one for each batch. None where a seal does not open (step 4 says so)."""
        me = self._ground.me
        batches = {seal.batch: self._open(seal.sealed, seal_info(peer, me, seal.batch)) for seal in page.batch_seals}
        found: dict[int, bytes | None] = {}
        for item in items:
            name, batch = names[item.seq], batches.get(item.batch)
            found[item.seq] = None
            if item.sealed is not None:
                found[item.seq] = self._open(item.sealed, seal_info(peer, me, name))
            elif item.wrapped is not None and batch is not None:
                found[item.seq] = _unwrap(batch, name, item.wrapped)
        return found

    def _open(self, sealed: bytes, info: bytes) -> bytes | None:
        """With our present sealing key, or with an earlier one for what was sealed before we rotated."""
        for private in self._ground.seals:
            try:
                return open_key(sealed, private, info)
            except VerificationFailed:
                continue
        return None

    def _one(
        self, work: Work, peer: str, item: Item, name: str, header: Header | Held | StepFailed, key: bytes | None
    ) -> Fate:
        """Steps 1 (its verdict) to 6 for one fact."""
        known = work.fact(name)
        if known is not None:
            return self._again(item, known)
        try:
            if isinstance(header, Held | StepFailed):
                raise header
            form = self._steps_3_to_5(work, peer, item, name, header, key)
        except Held as held:
            return self._hold(work, peer, item, name, key, held)
        except Refusal as refused:
            if isinstance(refused, Damaged) and work.tx.meta.get(f"damaged:{name}") is None:
                raise DamagedPage(item.seq, name, refused.why) from refused
            return self._refuse(work, peer, item, name, refused)
        fact = _fact(item, name, header)
        row = work.add(fact, key, status=form.effect, received_from=peer, from_seq=item.seq, from_index=item.index)
        if self._ground.is_mediating(header):
            self._ground.mediating.forward(work, fact)
        self._ground.after(work, fact, form.form)
        return Fate(name, item.seq, item.batch, "accepted", index=row.index)

    def _steps_3_to_5(self, work: Work, peer: str, item: Item, name: str, header: Header, key: bytes | None) -> _Judged:
        batch = (
            (peer, header.batch, header.kind, header.envelope) if header.batch and header.envelope is not None else None
        )
        if batch is None or batch not in work.decided:
            question = question_of(header, peer, self._ground.me, date=work.time[:10])
            decision = step3_agreement(self._ground.registry, question)
            if decision.review_hours:
                work.tx.alarms.raise_(
                    "R47", name, "critical", f"{peer}: danger to life, review within 24 hours", work.now
                )
            if batch is not None:
                work.decided.add(batch)
        return self._steps_4_to_5(work, name, header, item.content, key)

    def _steps_4_to_5(self, work: Work, name: str, header: Header, content: bytes | None, key: bytes | None) -> _Judged:
        ground = self._ground
        if parse_record(header.record).procedure != header.procedure:
            raise StepFailed(5, "the record's name is of another procedure")
        form: Any | None = None
        body: bytes | None = None
        try:
            procedure = ground.engine.procedure(header.procedure, header.version)
            if header.kind not in procedure.by_kind:
                raise Held("unknown", 4, f"{header.procedure} has no {header.kind} here: needs a newer version")
            if content is not None:
                if key is None:
                    raise Damaged(4, "the seal does not open with our key", remedy="seal it to our announced key")
                body = step4_schema(header, name, content, key)
                form = self._form(work, header, body)
        except (NotFound, UnknownVersion) as newer:
            raise Held("unknown", 4, f"{newer.what}: needs a newer version") from newer
        except (InvalidInput, TooMuch) as wrong:
            raise StepFailed(
                4, wordless(wrong), rule=wrong.rule if wrong.rule != "form" else "", remedy=wrong.remedy
            ) from wrong
        self._predecessors(work, header)
        act = ground.projector.act(name, header, form, None)
        if ground.is_mediating(header):
            ground.mediating.check(work, header)
        try:
            ground.assertions.judge(work, name, header, self._corrects(work, header), body)
            effect = ground.projector.apply(work, act, header)
        except StepFailed:
            raise
        except Refusal as refused:
            raise StepFailed(5, _QUOTED.sub("…", refused.why), rule=refused.rule, remedy=refused.remedy) from refused
        return _Judged("overtaken" if effect == "overtaken" else "effective", form)

    def _form(self, work: Work, header: Header, body: bytes) -> Any:
        """The form in the body, which has one byte string only: a doubled or reordered field could be read in two ways."""
        parts = read_body(body)
        form = self._ground.projector.decode(header, bytes(parts.form), work.fact)
        words = body
        if bytes(parts.officer):
            try:
                words, _ = detach(body)
            except VerificationFailed as wrong:
                raise InvalidInput("officer", wrong.why, remedy=wrong.remedy, rule="R1") from wrong
        if body_document(parts.by, self._ground.engine.encode(form)) != words:
            raise InvalidInput(
                "body", "it is not in its one canonical form", remedy="send the bytes that the engine makes"
            )
        return form

    def _corrects(self, work: Work, header: Header) -> str:
        """For a correction: the kind of what it corrects."""
        row = work.fact(header.targets[0]) if header.kind == "correct" and header.targets else None
        return "" if row is None else row.kind

    def _predecessors(self, work: Work, header: Header) -> None:
        """A fact whose predecessor has not arrived waits, visibly."""
        for before in header.builds_on:
            row = work.fact(before)
            if row is None or row.status in ("waiting", "quarantined", "unknown"):
                raise Held("waiting", 5, f"its predecessor {before[:12]}… has not been accepted yet", before)
            if row.record != header.record:
                raise StepFailed(5, f"it builds on {before[:12]}…, a fact of another record", rule="D6")
            if row.status == "refused":
                raise StepFailed(5, f"it builds on {before[:12]}…, which was refused", rule="D6")

    # fates ------------------------------------------------------------------------------------------------

    def _again(self, item: Item, row: FactRow) -> Fate:
        """A replay is the same name: it changes nothing and is answered as before."""
        status: Status = row.status if row.status in ("waiting", "quarantined", "unknown", "refused") else "accepted"
        return Fate(row.id, item.seq, item.batch, status, row.step, "", row.reason, row.index)

    def _hold(self, work: Work, peer: str, item: Item, name: str, key: bytes | None, held: Held) -> Fate:
        work.keep(_kept(item, name, peer, work.now, held.status, held.step, held.reason), key)
        if held.key:
            work.wait(name, held.key)
        return Fate(name, item.seq, item.batch, held.status, held.step, "", held.reason)

    def _refuse(self, work: Work, peer: str, item: Item, name: str, refused: Refusal) -> Fate:
        """A refused fact is kept without its content: the receipt names what it was about."""
        step = refused.step if isinstance(refused, StepFailed) else 5
        row = _kept(item, name, peer, work.now, "refused", step, refused.why)
        if work.fact(name) is None:
            work.keep(replace(row, content=None), None)
        work.tx.alarms.raise_(
            "refused", name, "warning", f"{peer}: {row.kind} refused at step {step}: {refused.why}", work.now
        )
        return Fate(name, item.seq, item.batch, "refused", step, refused.rule, refused.why)

    def _receipts(self, work: Work, peer: str, fates: list[Fate]) -> None:
        """(7) One signed receipt for each fact, or for a batch's run of equal fate."""
        run: list[Fate] = []
        for fate in fates:
            if run and not _same_run(run[-1], fate):
                self._receipt(work, peer, run)
                run = []
            run.append(fate)
        if run:
            self._receipt(work, peer, run)

    def _receipt(self, work: Work, peer: str, run: list[Fate]) -> None:
        ground, first = self._ground, run[0]
        receipt = receipt_for(
            [fate.fact for fate in run], sender=peer, receiver=ground.me, seq_from=first.seq, status=first.status, at=work.now,
            step=first.step, rule=first.rule, reason=first.reason, index=first.index,
        )  # fmt: skip
        signed = sign_receipt(receipt, ground.signer)
        work.receipt(ReceiptRow(
            fact=first.fact, peer=peer, direction="out", status=first.status, step=first.step, rule=first.rule, reason=first.reason,
            at=work.now, payload=signed.payload, key_id=signed.key_id, signature=signed.signature, seq=first.seq,
            index=-1 if first.index is None else first.index,
        ))  # fmt: skip

    # waiting ----------------------------------------------------------------------------------------------

    def _revisit(self, work: Work, fates: list[Fate]) -> None:
        """Facts that waited for what has just been accepted are judged again, from step 3."""
        work.flush()
        self.revisit(work, [fate.fact for fate in fates if fate.status == "accepted"])

    def revisit(self, work: Work, keys: list[str]) -> None:
        """Judge again what waits for one of ``keys``; each acceptance may free others."""
        while keys:
            freed = [
                row.id for row in work.tx.facts.waiting_on([waiting_key(key) for key in keys])
                if row.status in ("waiting", "quarantined") and self._judge_again(work, row)
            ]  # fmt: skip
            keys = freed

    def _judge_again(self, work: Work, row: FactRow) -> bool:
        header = decode_header(row.payload)
        peer = row.received_from
        try:
            if row.step == 1:
                self._verify_again(row, header, work.now)
            step3_agreement(self._ground.registry, question_of(header, peer, self._ground.me, date=work.time[:10]))
            judged = self._steps_4_to_5(work, row.id, header, row.content, work.key(row.id))
        except Held as held:
            work.mark(row.id, held.status, step=held.step, reason=held.reason)
            if held.key:
                work.wait(row.id, held.key)
            return False
        except Refusal as refused:
            step = refused.step if isinstance(refused, StepFailed) else 5
            work.mark(row.id, "refused", step=step, reason=refused.why)
            self._ground.recalling.erase_in(work, [row.id], "refused")
            self._receipt(work, peer, [Fate(row.id, row.from_seq, "", "refused", step, refused.rule, refused.why)])
            return False
        placed = work.place(row, judged.effect)
        if row.erased_at is not None:
            work.mark(row.id, "withdrawn", reason="recalled while it waited")
        self._receipt(work, peer, [Fate(row.id, row.from_seq, "", "accepted", index=placed.index)])
        fact = Fact(
            id=row.id,
            header=header,
            payload=row.payload,
            key_id=row.key_id,
            signature=row.signature,
            content=row.content,
        )
        if self._ground.is_mediating(header):
            self._ground.mediating.forward(work, fact)
        self._ground.after(work, fact, judged.form)
        work.flush()
        return True

    def _verify_again(self, row: FactRow, header: Header, now: int) -> None:
        """Step 1 for a mediated fact whose origin we have come to know. A forged one is refused now."""
        item = Item(
            seq=row.from_seq, payload=row.payload, key_id=row.key_id, signature=row.signature, index=row.from_index,
            content=row.content, forward=Forward(origin=header.node),
        )  # fmt: skip
        ground = self._ground
        step1_signature(item, me=ground.me, sender=row.received_from, keys_of=ground.sign_keys, now=now)


_QUOTED = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"|`[^`]*`")


def wordless(wrong: InvalidInput | TooMuch) -> str:
    """Why a form was refused, without a word of it: receipts and alarms stay when the words are erased (D4)."""
    if "unknown field" in wrong.why:
        return "the form has a field that is not declared"
    return _QUOTED.sub("…", f"{wrong.what}: {wrong.why}")


class DamagedPage(PageRefused):
    """A page with an item whose content is not the signed one: asked for once more before the fact itself is refused."""

    def __init__(self, seq: int, fact: str, why: str) -> None:
        super().__init__(4, f"item {seq}: {why}", remedy="it is asked for once more by itself")
        self.fact = fact


@dataclass(frozen=True, slots=True)
class _Judged:
    effect: Any
    form: Any | None


def _announces_key(header: Header | Held | StepFailed) -> bool:
    return isinstance(header, Header) and (header.procedure, header.kind) == ("key-rotation", "announce")


def _unwrap(batch: bytes, name: str, wrapped: bytes) -> bytes | None:
    try:
        return unwrap_key(batch, name, wrapped)
    except VerificationFailed:
        return None


def _same_run(a: Fate, b: Fate) -> bool:
    return bool(
        a.batch and a.batch == b.batch and (a.status, a.step, a.rule, a.reason) == (b.status, b.step, b.rule, b.reason)
        and b.seq == a.seq + 1 and (a.index is None) == (b.index is None) and (a.index is None or b.index == a.index + 1)
    )  # fmt: skip


def _fact(item: Item, name: str, header: Header) -> Fact:
    return Fact(
        id=name, header=header, payload=item.payload, key_id=item.key_id, signature=item.signature, content=item.content
    )


def _kept(item: Item, name: str, peer: str, now: int, status: FactStatus, step: int, reason: str) -> FactRow:
    """A fact that is kept but does not count (yet), as far as this version can read its header."""
    try:
        header: Header | Peek = decode_header(item.payload)
    except UnknownFormat as newer:
        header = newer.peek
    return FactRow(
        id=name, record=header.record, procedure=header.procedure, kind=header.kind, origin=header.node, track="shared",
        at=now, payload=item.payload, key_id=item.key_id, signature=item.signature, content=item.content, status=status,
        received_from=peer, received_at=now, from_seq=item.seq, from_index=item.index, step=step, reason=reason,
    )  # fmt: skip
