"""One fact in full: what it says, what proves it, who has it, what follows from it; and what this person may do with it (A3, A8, R34, D5).

Opening it is a read, written down with its reason before anything is shown (R38).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, NotFound, SpeanError
from spean.core.ids import parse_record
from spean.core.roles import Role
from spean.ledger import dsse
from spean.ledger.merkle import inclusion_proof
from spean.ledger.verify import verify_inclusion
from spean.node.acts.recalling import ABOUT, RECALL, Holding
from spean.node.entry.people import Who
from spean.node.entry.rights import check_fact
from spean.node.views.reading import ACCESSES, FactView
from spean.node.work import DOMESTIC, EXCHANGE, Work
from spean.onward.procedures import DESK
from spean.onward.rules import STAYS
from spean.store.rows import ExportRow, FactRow, ReceiptRow, RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

ERASERS = (Role.LEGAL, Role.ADMINISTRATOR, Role.AUDITOR)
_HEX = re.compile(r"[0-9a-f]{4,64}")
MOST_FOUND = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Where the fact stands in one of our logs, and whether the proof of it, made anew just now, holds."""

    log: str
    index: int
    size: int
    root: str
    steps: int
    """Hashes of the proof."""
    fault: str
    """Empty: it holds."""
    witnesses: tuple[tuple[str, int], ...]
    """Partners that cosigned a checkpoint which covers the leaf, with the largest size each has cosigned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """What this person may do with the fact now."""

    correct: bool
    withdraw: bool
    erase: bool
    pass_on: bool
    evidence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FactDetail:
    """Everything about one fact."""

    view: FactView
    record: RecordRow | None
    signature_fault: str
    """Empty: the origin's key signed exactly this header."""
    key: str
    """The public key that made it, in hex; empty when it is not known here."""
    leaf: Leaf | None
    receipts: tuple[ReceiptRow, ...]
    """What we got, and what we gave."""
    holding: tuple[Holding, ...]
    exports: tuple[ExportRow, ...]
    derived: tuple[FactRow, ...]
    """Facts of other records that cite it as their source."""
    follows: tuple[FactRow, ...]
    """Corrections of it and recalls about it."""
    acts: Acts


class Inspecting:
    """Looks at single facts."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def fact(self, who: Who, fact: str, *, reason: str) -> FactDetail:
        """The fact with everything around it. Raises ``NotFound``, or ``Refusal`` (O1) where the record is not for her."""
        desk = self._ground.reading_desk
        desk.may_read(who)
        with self._ground.writing() as work:
            row = self._row(work, who, fact)
            desk.note_access(work, who, "read", row.record, reason, {"fact": fact})
        holding = tuple(self._ground.recalling.holding(fact))
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            view = desk.fact_view(work, tx.facts.get(fact), work.key(fact))
            return self._detail(work, who, view, holding)

    def acts(self, who: Who, fact: str) -> Acts:
        """What she may do with it; it opens nothing."""
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            return self._acts(work, who, self._row(work, who, fact))

    def find(self, who: Who, text: str) -> list[FactRow]:
        """Facts by name or its beginning (4 digits at least), by record, or by index in the exchange log; at most 50, without words.

        Only what she may read is found. Raises ``InvalidInput`` when the text is none of these.
        """
        self._ground.reading_desk.may_read(who)
        text = text.strip()
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            rows = [row for row in self._candidates(tx, text) if row.kind not in ACCESSES]
            allowed = {name: self._allowed(work, who, name) for name in {row.record for row in rows}}
            return [row for row in rows if allowed[row.record]][:MOST_FOUND]

    def _candidates(self, tx: Tx, text: str) -> list[FactRow]:
        if ":" in text:
            parse_record(text)
            return tx.facts.of_record(text, None)
        if text.isascii() and text.isdecimal() and len(text) <= 12:
            leaves = tx.log.leaf_ids(EXCHANGE, int(text), int(text) + 1)
            found = list(tx.facts.many([leaf.hex() for leaf in leaves]).values())
            return found + (tx.facts.beginning(text, MOST_FOUND) if len(text) >= 4 else [])
        if _HEX.fullmatch(text.lower()):
            return tx.facts.beginning(text.lower(), MOST_FOUND)
        raise InvalidInput(
            "find", "neither a fact, a record nor an index", remedy="give the first digits of a fact's name"
        )

    def _allowed(self, work: Work, who: Who, record: str) -> bool:
        row = work.record(record)
        return who.may_purpose("" if row is None else row.purpose)

    def _row(self, work: Work, who: Who, fact: str) -> FactRow:
        row = work.fact(fact) if re.fullmatch("[0-9a-f]{64}", fact) else None
        if row is None or row.kind in ACCESSES:
            raise NotFound(
                f"no fact {fact[:16]}… here", remedy="look for it by its first digits on the page of the log"
            )
        check_fact(work, who, row.record)
        return row

    def _detail(self, work: Work, who: Who, view: FactView, holding: tuple[Holding, ...]) -> FactDetail:
        tx, row = work.tx, view.row
        citing = [each for each in tx.facts.citing(row.id) if each.kind not in ACCESSES]
        fault, key = self._signature(row)
        receipts = {(each.peer, each.direction, each.status, each.at): each for each in view.receipts}
        receipts |= {(each.peer, each.direction, each.status, each.at): each for each in tx.receipts.covering(row.id)}
        return FactDetail(
            view=view, record=work.record(row.record), signature_fault=fault, key=key, leaf=self._leaf(tx, row),
            receipts=tuple(sorted(receipts.values(), key=lambda each: each.at)), holding=holding,
            exports=tuple(tx.exports.of_fact(row.id)),
            derived=tuple(each for each in citing if each.record != row.record and each.procedure not in ABOUT),
            follows=tuple(each for each in citing if each.record == row.record or each.procedure == RECALL),
            acts=self._acts(work, who, row),
        )  # fmt: skip

    def _signature(self, row: FactRow) -> tuple[str, str]:
        """What is wrong with the origin's signature, and the key."""
        key = next((key for key in self._ground.sign_keys(row.origin) if key.key_id == row.key_id), None)
        if key is None:
            return f"the key {row.key_id} of {row.origin} is not known here", ""
        try:
            dsse.verify(dsse.FACT_TYPE, row.payload, row.signature, key.public)
        except SpeanError as wrong:
            return wrong.why or wrong.what, key.public.hex()
        return "", key.public.hex()

    def _leaf(self, tx: Tx, row: FactRow) -> Leaf | None:
        if row.index is None or row.log is None:
            return None
        head, read = tx.log.head(row.log), tx.log.reader(row.log)
        proof = inclusion_proof(row.index, head.size, read)
        fault = ""
        try:
            verify_inclusion(bytes.fromhex(row.id), row.index, head.size, proof, head.root())
        except SpeanError as wrong:
            fault = wrong.why or wrong.what
        return Leaf(log=row.log, index=row.index, size=head.size, root=head.root().hex(), steps=len(proof), fault=fault,
                    witnesses=self._witnesses(tx, row))  # fmt: skip

    def _witnesses(self, tx: Tx, row: FactRow) -> tuple[tuple[str, int], ...]:
        settings = self._ground.settings
        origin = settings.domestic_origin if row.log == DOMESTIC else settings.log_origin
        reach = ((peer, tx.witness.reach(origin, peer)) for peer in self._ground.peering.active())
        return tuple(sorted((peer, size) for peer, size in reach if size > (row.index or 0)))

    def _acts(self, work: Work, who: Who, row: FactRow) -> Acts:
        ours = row.origin == self._ground.me
        standing = row.status not in ("corrected", "withdrawn")
        shared = row.track == "shared"
        held = row.content is not None
        reads = who.purposes != frozenset()
        return Acts(
            correct=ours and reads and row.status == "effective" and held and self._correctable(row),
            withdraw=ours and reads and shared and standing and row.procedure not in ABOUT and bool(work.tx.outbox.holders(row.id)),
            erase=held and bool(who.roles & set(ERASERS)) and reads,
            pass_on=not ours and shared and held and row.status == "effective" and row.procedure not in STAYS
            and bool(who.roles & set(DESK)),
            evidence=row.index is not None,
        )  # fmt: skip

    def _correctable(self, row: FactRow) -> bool:
        try:
            procedure = self._ground.engine.procedure(row.procedure)
        except NotFound:
            return False
        transition = procedure.by_kind.get(row.kind)
        generic = row.kind in ("note", "approve", "correct")
        return transition is not None and transition.correctable and not generic and row.track == "shared"
