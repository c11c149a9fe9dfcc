"""The officer's own signature on an adverse act (R1), at both ends (docs/design.md, "What is signed").

Here, before an act is written: what the officer's passkey is to sign, and whether it did. There, in step 5 of receiving:
whether the fact of a partner carries the signature of one of its officers, made on that partner's own page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, Refusal, VerificationFailed
from spean.core.fact import Envelope, Header
from spean.core.world import MINUTE
from spean.exchange.make import HeaderFields
from spean.exchange.officer import (
    Assertion,
    Signed,
    Site,
    as_json,
    attach,
    challenge,
    challenge_of,
    check,
    credential_of,
    detach,
    given,
    site_of,
)
from spean.ledger.officer import MARK
from spean.node.entry.people import Who
from spean.node.work import Work
from spean.procedures.declare import Procedure, Transition

if TYPE_CHECKING:
    from spean.node.ground import Ground

AGE = 5 * MINUTE
"""How long an act may be looked at before it is confirmed: its moment is part of what is signed."""
_BACKED_UP = 0x10
REMEDY = "confirm it with your passkey on the desk's page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An act as it would be written now: what the officer's passkey is to sign, and what a page shows of it."""

    challenge: bytes
    at: int
    """The act's moment (ms): it is given back with the signature."""
    record: str
    """The record; for an opening act the name that it will have, which is given back as well."""
    kind: str
    rp_id: str
    credentials: tuple[bytes, ...]
    """Ids of the officer's passkeys, any of which may sign. None: she has to register one first."""
    words: bytes
    """The body that is signed, as JSON: the officer's name and the form."""
    envelope: Envelope | None
    reached: tuple[str, ...]
    """Partners who would receive it."""
    behind: tuple[str, ...]
    """Parties whom it may not reach now."""
    state: str = ""
    """The record's state after it; empty when it has not been judged yet."""


class Unsigned(Refusal):
    """An adverse act without its officer's signature. ``prepared`` says what is to be signed."""

    def __init__(self, prepared: Prepared) -> None:
        remedy = REMEDY if prepared.credentials else f"register a passkey, then {REMEDY}"
        why = f"{prepared.kind} acts against somebody: the officer who decides it signs it with her own passkey"
        super().__init__("R1", why, remedy=remedy, what="Not signed by its officer")
        self.prepared = prepared


class Assertions:
    """Asks for officers' signatures, and judges them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def site(self, node: str) -> Site:
        """Where the officers of ``node`` use their passkeys: our own address, or the one in a partner's identity."""
        ground = self._ground
        return site_of(ground.settings.url if node == ground.me else ground.peering.trust(node).url)

    # going out ----------------------------------------------------------------------------------------------

    def moment(self, work: Work, at: int | None) -> int:
        """The moment of a signed act: recent, and past. Raises ``Refusal`` (R1)."""
        if at is None:
            raise InvalidInput(
                "at", "a signed act names its moment", remedy="send back the at that was prepared", rule="R1"
            )
        if not work.now - AGE <= at <= work.now:
            raise Refusal(
                "R1", "what was signed is not of the last five minutes", remedy=f"look at it again, and {REMEDY}"
            )
        return at

    def prepared(self, work: Work, who: Who, fields: HeaderFields, words: bytes, at: int, reached: tuple[str, ...],
                 behind: tuple[str, ...]) -> Prepared:  # fmt: skip
        """What is to be signed for an act that is drafted."""
        return Prepared(
            challenge=challenge(fields, words), at=at, record=fields["record"], kind=fields["kind"],
            rp_id=self.site(self._ground.me).rp_id, credentials=tuple(row.id for row in work.tx.sign_in.passkeys(who.id)),
            words=words, envelope=fields.get("envelope"), reached=reached, behind=behind,
        )  # fmt: skip

    def signed(
        self, work: Work, who: Who, credential: object, fields: HeaderFields, words: bytes
    ) -> tuple[bytes, Assertion]:
        """The body with the signature of ``who``, once it holds over exactly this act. Raises ``Refusal`` (R1)."""
        wanted = credential_of(credential)
        row = next((row for row in work.tx.sign_in.passkeys(who.id) if row.id == wanted), None)
        if row is None:
            raise Refusal("R1", f"it was signed with no passkey of {who.user.name}", remedy=REMEDY)
        assertion = given(credential, row.public_key)
        try:
            check(assertion, challenge(fields, words), *self.site(self._ground.me))
        except VerificationFailed as wrong:
            raise Refusal("R1", wrong.why, remedy=wrong.remedy, what=wrong.what) from wrong
        if (assertion.count or row.sign_count) and assertion.count <= row.sign_count:
            raise Refusal("R1", "the passkey's counter did not grow: it may have been copied",
                          remedy="use another passkey, and tell the administrator")  # fmt: skip
        return attach(words, as_json(assertion)), assertion

    def used(self, work: Work, assertion: Assertion) -> None:
        """Note the use of a passkey once its act is accepted."""
        backed_up = bool(assertion.authenticator[32] & _BACKED_UP)
        work.tx.sign_in.used_passkey(assertion.credential, assertion.count, backed_up, work.now)

    # coming in ----------------------------------------------------------------------------------------------

    def judge(self, work: Work, name: str, header: Header, corrects: str, body: bytes | None) -> Signed | None:
        """Step 5: an adverse act of a partner carries its officer's signature over exactly this fact; raises ``Refusal`` (R1).

        ``body`` is None where the words are erased: the signature went with them, and a person is told.
        """
        procedure = self._ground.engine.procedure(header.procedure, header.version)
        adverse = is_adverse(procedure, procedure.by_kind[header.kind], corrects)
        if adverse:
            need_person(header.kind, header.actor_kind)
        if body is None:
            if adverse:
                text = f"{header.node}: {header.kind} came without its words, so without its officer's signature"
                work.tx.alarms.raise_("officer-unseen", name, "warning", text, work.now)
            return None
        if not adverse and MARK not in body:
            return None  # nearly every fact, and thousands in a batch: nothing is parsed for them
        return check_fact(header, body, self.site(header.node), adverse=adverse)


def check_fact(header: Header, body: bytes, site: Site, *, adverse: bool) -> Signed | None:
    """The officer's signature in a fact's body: it must be there when the act is ``adverse``, and hold wherever it is.

    Raises ``Refusal`` (R1).
    """
    try:
        words, assertion = detach(body)
        if assertion is not None:
            return check(assertion, challenge_of(header, words), *site)
    except VerificationFailed as wrong:
        raise Refusal("R1", wrong.why, remedy=wrong.remedy, what=wrong.what) from wrong
    if adverse:
        raise Refusal("R1", f"{header.kind} acts against somebody, and no officer signed it",
                      remedy=f"{header.node}'s officer confirms it with a passkey")  # fmt: skip
    return None


def is_adverse(procedure: Procedure, transition: Transition, corrects: str) -> bool:
    """Whether an officer's signature is needed. The correction of an adverse act acts against the same people anew."""
    if transition.kind == "correct" and corrects in procedure.by_kind:
        return procedure.by_kind[corrects].adverse
    return transition.adverse


def need_person(kind: str, actor_kind: str) -> None:
    """No service and no clock acts against anybody, nor corrects what does (R1). Raises ``Refusal``."""
    if actor_kind != "person":
        raise Refusal("R1", f"{kind} needs a named human, not a {actor_kind}", remedy="an officer decides it")
