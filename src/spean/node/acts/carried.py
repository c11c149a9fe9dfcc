"""Judging what is passed on, at both ends, with what only a node knows (A5, R26; step 5 of docs/protocol.md section 4).

The rules of the procedure judge what travels by itself. Here stand the rest: whose keys are believed, what the agreements say with
the true origin, whether the marks stayed and whether the consent is spent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spean.agreements.always import CLOSED
from spean.agreements.question import Question, question_of
from spean.core.errors import NotFound, Refusal, SpeanError
from spean.core.fact import Envelope, Header
from spean.core.world import from_iso, iso
from spean.exchange.identity import verify_identity
from spean.exchange.officer import Site, site_of
from spean.ledger.officer import MARK
from spean.node.acts.assertions import check_fact
from spean.node.folding import FOLDED
from spean.node.work import Work
from spean.onward.model import ConsentedTransfer, Signed, Transfer
from spean.onward.procedures import CONSENTED, NOTICE, TRANSFER
from spean.onward.service import check_signature, grant_in, keep_marks, needs_consent, opened
from spean.procedures.engine import UnknownVersion

if TYPE_CHECKING:
    from spean.node.ground import Ground

CARRYING = frozenset((TRANSFER.name, CONSENTED.name))
"""Procedures whose opening act carries another's fact."""
OPENING = TRANSFER.opening.kind


class Carried:
    """Judges acts of passing on."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def check(self, work: Work, name: str, header: Header, form: Any) -> None:
        """Judge an act of passing on with what only a node knows: whose keys are believed, what the agreements say with the true
        origin, and whether the consent is spent. Raises ``Refusal``; other acts pass."""
        if (
            header.kind != OPENING
            or header.procedure not in CARRYING
            or not isinstance(form, Transfer)
            or header.envelope is None
        ):
            return
        _, original = opened(form.original)
        self._check_signed(form.original, original, form.identity)
        self._check_officer(form.original, original, form.identity)
        assert original.envelope is not None
        keep_marks(header.envelope, original.envelope)
        if isinstance(form, ConsentedTransfer):
            self._check_consent(work, name, header, original, form)
        decision = self._ground.registry.decide(self._question(work, header, original.node))
        if not decision.allowed:
            raise Refusal(decision.rule, decision.reason, remedy=decision.remedy)
        if decision.instrument != CLOSED and not isinstance(form, ConsentedTransfer):
            self._check_free(header.envelope, original.envelope, original.node)
        if header.node == self._ground.me:
            self._check_owner_can_be_told(work, original)

    def _check_signed(self, signed: Signed, header: Header, identity: str) -> None:
        check_signature(signed, self._believed(header.node, signed.key_id, from_iso(header.time), identity))

    def _check_officer(self, signed: Signed, header: Header, identity: str) -> None:
        """What acts against somebody is carried with the signature of the owner's officer, made on the owner's page (R1)."""
        ground = self._ground
        try:
            procedure = ground.engine.procedure(header.procedure, header.version)
        except (NotFound, UnknownVersion):
            return  # what this version does not know it cannot judge; the words are the owner's all the same
        transition = procedure.by_kind.get(header.kind)
        adverse = transition is not None and transition.adverse
        body = signed.body.encode()
        if adverse or MARK in body:
            check_fact(header, body, self._site(header.node, identity), adverse=adverse)

    def _site(self, node: str, identity: str) -> Site:
        """Where the owner's officers use their passkeys: as we know it, else as the identity says that our root admitted."""
        ground = self._ground
        if identity and not ground.sign_keys(node):
            settings = ground.settings
            return site_of(verify_identity(identity.encode(), bytes.fromhex(settings.root), realm=settings.realm).url)
        return ground.assertions.site(node)

    def _believed(self, node: str, key_id: str, made: int, identity: str) -> bytes:
        """A key of the owner that we believe: from our own partnership with it, else from the identity that our root admitted."""
        ground = self._ground
        keys = ground.sign_keys(node)
        for key in keys:
            if key.key_id == key_id and key.revoked_at is None and (key.valid_until is None or made <= key.valid_until):
                return key.public
        if not keys and identity:
            try:
                known = verify_identity(
                    identity.encode(), bytes.fromhex(ground.settings.root), realm=ground.settings.realm
                )
            except SpeanError as wrong:
                raise Refusal(
                    "A5", f"the owner's identity does not hold: {wrong.what}", remedy=f"ask {node} itself"
                ) from wrong
            if (known.node, known.sign_id) == (node, key_id):
                return bytes.fromhex(known.sign_key)
        raise Refusal(
            "A5",
            f"the key {key_id} of {node} is not believed here",
            remedy=f"become a partner of {node}, or ask it itself",
        )

    def _check_consent(self, work: Work, name: str, header: Header, original: Header, form: ConsentedTransfer) -> None:
        consent, given = opened(form.consent)
        self._check_signed(form.consent, given, form.identity)
        terms = grant_in(form.consent, given)
        purpose = "" if header.envelope is None else header.envelope.purpose
        if terms.purpose != purpose:
            raise Refusal(
                "A5", f"the consent is for {terms.purpose}, not for {purpose}", remedy=f"ask {original.node} again"
            )
        used = any(
            row.procedure == CONSENTED.name and row.id != name and row.status in FOLDED for row in work.citing(consent)
        )
        if header.node == self._ground.me:
            ours = work.record(given.record)
            used = used or ours is None or ours.state != "granted"
        if used:
            raise Refusal(
                "A5", "the consent is spent", remedy=f"ask {original.node} again: one consent is for one passing on"
            )

    def _check_free(self, outer: Envelope, owners: Envelope, owner: str) -> None:
        """Without consent: for the owner's purpose only, and as the agreement under which it was received says."""
        if outer.purpose != owners.purpose:
            raise Refusal(
                "R26",
                f"{owner} gave it for {owners.purpose}, not for {outer.purpose}",
                remedy=f"ask {owner} for its consent",
            )
        if self.wants_consent(owners, outer.recipients[0]):
            raise Refusal(
                "A5", f"it may be passed on only with the consent of {owner}", remedy=f"ask {owner} for its consent"
            )

    def _question(self, work: Work, header: Header, owner: str) -> Question:
        """The hop that we see, with the true origin."""
        envelope, me = header.envelope, self._ground.me
        assert envelope is not None
        if me == header.node:
            sender, receiver = me, envelope.via or envelope.recipients[0]
        else:
            sender, receiver = header.node if me == envelope.via else envelope.via or header.node, me
        return replace(question_of(header, sender, receiver, date=iso(work.now)[:10]), origin=owner)

    def _check_owner_can_be_told(self, work: Work, original: Header) -> None:
        """Who cannot tell the owner now does not pass on (D5)."""
        ground, owners = self._ground, original.envelope
        assert owners is not None
        hop = owners.via or original.node
        question = Question(
            sender=ground.me, receiver=hop, origin=ground.me, instrument=owners.instrument, purpose=owners.purpose, data=owners.data,
            subject=owners.subject, tlp=owners.tlp, handling=owners.handling, procedure=NOTICE.name, kind="tell", via=owners.via,
            date=iso(work.now)[:10],
        )  # fmt: skip
        decision = ground.registry.decide(question)
        if not decision.allowed or not ground.is_peer(hop):
            raise Refusal(
                "D5",
                f"{original.node} could not be told: {decision.reason}",
                remedy="wait until its channel is open again",
            )

    def wants_consent(self, owners: Envelope, to: str) -> bool:
        """The onward rule under which it was received. At a receiver who is no party to that agreement it is not known."""
        registry = self._ground.registry
        if owners.instrument in registry:
            return needs_consent(registry.get(owners.instrument), to)
        return self._ground.me in owners.recipients
