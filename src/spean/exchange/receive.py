"""The seven receiving steps (docs/protocol.md section 4). Pure: what a step needs is passed in; a step that fails raises.

1 envelope signature · 2 inclusion · 3 agreement · 4 schema · 5 procedure · 6 write · 7 receipt
(6 and 7 are the node's: ``node/wire/receiving.py``.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from spean.agreements.question import Decision, Question
from spean.agreements.registry import Registry
from spean.core.errors import InvalidInput, StepFailed, VerificationFailed
from spean.core.fact import Header
from spean.core.world import MINUTE, from_iso
from spean.exchange.codec import UnknownFormat, decode_header, fact_id
from spean.exchange.page import Item, Page
from spean.exchange.seal import check_commitment, decrypt_content
from spean.ledger import dsse
from spean.ledger.checkpoint import Checkpoint, open_checkpoint
from spean.ledger.note import Verifier
from spean.ledger.verify import verify_consistency, verify_many

FUTURE = 10 * MINUTE
"""A fact from further in the future than this is not believed (clocks off by a minute are alarmed about)."""


class PageRefused(StepFailed):
    """Steps 1 and 2 guard the page itself: bytes were changed, a key is unknown, a log shrank or forked.

    The whole page is refused, nothing changes, an alarm is raised and the page is asked for again.
    """


class Damaged(StepFailed):
    """The content of an item is not what its origin signed. Whoever changed it, sender or line, cannot be told apart: the
    page is asked for again once, and only then the fact is refused."""


class UnknownKey(PageRefused):
    """An item is signed with a key that its origin never announced, as far as we know."""


class Held(Exception):
    """A fact that can be neither accepted nor refused yet. ``status`` is waiting, quarantined or unknown;
    ``key`` names what it waits for (a fact, or ``instrument:…``)."""

    def __init__(
        self, status: Literal["waiting", "quarantined", "unknown"], step: int, reason: str, key: str = ""
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.step = step
        self.reason = reason
        self.key = key


@dataclass(frozen=True, slots=True)
class SignKey:
    """A public signing key with the time in which it is believed."""

    key_id: str
    public: bytes
    valid_from: int
    valid_until: int | None = None
    revoked_at: int | None = None


KeysOf = Callable[[str], Sequence[SignKey]]


def step1_signature(item: Item, *, me: str, sender: str, keys_of: KeysOf, now: int) -> Header:
    """(1) The payload is well formed, addressed to us, and signed by a believed key of its origin."""
    try:
        header = decode_header(item.payload)
    except UnknownFormat as newer:
        raise Held("unknown", 1, str(newer)) from newer
    except InvalidInput as wrong:
        raise PageRefused(1, f"item {item.seq}: {wrong}") from wrong
    origin = item.forward.origin if item.forward is not None else sender
    if header.node != origin:
        raise PageRefused(1, f"item {item.seq} claims to come from {header.node}, but {origin} hands it over")
    keys = keys_of(origin)
    if not keys and item.forward is not None:
        raise Held("waiting", 1, f"{sender} mediates for {origin}, whose keys we do not know yet", f"node:{origin}")
    key = next((known for known in keys if known.key_id == item.key_id), None)
    if key is None and item.forward is not None:
        raise Held("waiting", 1, f"{origin} has not announced the key {item.key_id} to us yet", f"node:{origin}")
    if key is None:
        raise UnknownKey(1, f"item {item.seq} is signed with key {item.key_id}, which {origin} never announced",
                         remedy="wait for its key announcement, or compare fingerprints by telephone")  # fmt: skip
    try:
        dsse.verify(dsse.FACT_TYPE, item.payload, item.signature, key.public)
    except VerificationFailed as forged:
        raise PageRefused(1, f"item {item.seq}: the signature does not fit the bytes") from forged
    if key.revoked_at is not None:
        raise StepFailed(1, f"key {item.key_id} was revoked", rule="O9", remedy="sign it again with the new key")
    made = from_iso(header.time)
    if key.valid_until is not None and made > key.valid_until:
        raise StepFailed(1, f"key {item.key_id} had ended before this was signed", rule="O9", remedy="use the new key")
    if made > now + FUTURE:
        raise StepFailed(1, f"dated {header.time}, which is in the future", remedy="set the sender's clock")
    envelope = header.envelope
    if envelope is None or not envelope.recipients or (me not in envelope.recipients and me != envelope.via):
        raise StepFailed(1, f"not addressed to {me}", remedy="send it to its recipients only")
    return header


def step2_inclusion(page: Page, *, logs: Sequence[Verifier], known: tuple[int, bytes] | None) -> Checkpoint:
    """(2) The checkpoint is the sender's, consistent with the last one we verified (size, root), and includes every item."""
    try:
        checkpoint = open_checkpoint(page.checkpoint, logs)
        if known is not None:
            size, root = known
            if checkpoint.size < size:
                raise VerificationFailed(
                    f"the log shrank from {size} to {checkpoint.size} entries", rule="shrunken-log"
                )
            if page.old_size != size:
                raise VerificationFailed(f"the page proves from size {page.old_size}, we know {size}")
            _same_log(size, checkpoint, root, page.consistency)
        leaves = {item.index: bytes.fromhex(fact_id(item.payload)) for item in page.items}
        if len(leaves) != len(page.items):
            raise VerificationFailed("two items claim one place in the log")
        if leaves:
            verify_many(leaves, checkpoint.size, page.proof, checkpoint.root)
    except VerificationFailed as failed:
        raise PageRefused(2, str(failed), rule=failed.rule) from failed
    return checkpoint


def _same_log(size: int, checkpoint: Checkpoint, root: bytes, proof: Sequence[bytes]) -> None:
    """Equal or grown, never rewritten."""
    try:
        if size == checkpoint.size:
            if root != checkpoint.root:
                raise VerificationFailed("two roots for one size")
        elif size:
            verify_consistency(size, checkpoint.size, root, checkpoint.root, proof)
    except VerificationFailed as forked:
        raise VerificationFailed(
            "the log was rewritten: it does not contain what we verified", why=str(forked), rule="forked-log"
        ) from forked


def step3_agreement(registry: Registry, question: Question) -> Decision:
    """(3) The named instrument permits this as we see it, or the kind is of the closed class.

    Only a suspension in the way: quarantined, until the pair resumes. An instrument that is not here or not yet in
    force: waiting, since its facts may come by another way. Everything else is refused with the clause's rule.
    """
    decision = registry.decide(question)
    if decision.allowed:
        return decision
    key = f"instrument:{question.instrument}"
    if question.instrument not in registry:
        raise Held("waiting", 3, decision.reason, key)
    failing = {clause.name for _, clause in registry.clauses(question) if not clause.holds}
    if failing == {"suspension"}:
        raise Held("quarantined", 3, decision.reason, key)
    if failing <= {"state", "dates"} and registry.get(question.instrument).state in ("draft", "review", "signed"):
        raise Held("waiting", 3, decision.reason, key)
    raise StepFailed(3, decision.reason, rule=decision.rule, remedy=decision.remedy)


def step4_schema(header: Header, name: str, content: bytes, key: bytes) -> bytes:
    """(4) The content opens, and is exactly what the header commits to. Returns the body's bytes."""
    try:
        salt, body = decrypt_content(key, content, name)
        check_commitment(header, salt, body)
    except VerificationFailed as wrong:
        raise Damaged(4, str(wrong), remedy="send the content that was signed") from wrong
    return body
