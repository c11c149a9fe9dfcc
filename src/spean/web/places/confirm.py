"""Before an act against somebody: whom it affects, on what basis, until when, how it is undone, who receives it; then the officer's passkey (R1).

The page holds all that was typed. Its script has the passkey sign just this act; what moved meanwhile, or took longer than five
minutes, is prepared and shown again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import msgspec

from spean.core.errors import InvalidInput, Refusal, SpeanError
from spean.core.fact import Envelope
from spean.node.acts.assertions import AGE, Prepared, Unsigned
from spean.node.entry.sign_in_passkeys import encoded
from spean.procedures.clocks import words as delay_words
from spean.procedures.declare import Procedure, Transition
from spean.procedures.forms import schema
from spean.web.frame.pages import Page, Shown
from spean.web.frame.problem import Rule, rule_of, told
from spean.web.frame.visit import Visit
from spean.web.parts.lanes import Value, values
from spean.web.parts.measures import Unit
from spean.web.places.sign_in import MAX_CREDENTIAL

SIGNED = ("signed.at", "signed.opens")
"""Fields of this page itself, beside the passkey's answer."""
T = TypeVar("T")
Signature = dict[str, Any]
"""``officer``, ``at`` and ``opens`` of an ``Intent``; empty where nothing was signed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """An act that undoes or ends what is confirmed here."""

    kind: str
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage(Page):
    """What the officer is about to sign."""

    template: ClassVar[str] = "confirm.html"
    rule: Rule | None
    """Why it is asked again; None at first."""
    action: str
    procedure: str
    record: str
    doc: str
    envelope: Envelope | None
    """None: it stays here."""
    basis: str
    state: str
    state_doc: str
    ends: tuple[tuple[str, str], ...]
    """What happens by itself afterwards: act and after which time."""
    ways_back: tuple[WayBack, ...]
    correctable: bool
    values: tuple[Value, ...]
    reached: tuple[str, ...]
    behind: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]
    """All that was typed, to be sent with the signature, or to go back with."""
    ask: str
    """What the passkey is asked, as JSON; empty when this officer has none."""
    at: int
    until: int
    """When the confirmation has to be prepared anew."""
    opens: str
    name: str
    """The officer's, which will stand under it."""


def signed(visit: Visit, act: Callable[[Signature], T]) -> T:
    """Act with the officer's signature, if the page brought one. Raises ``Unsigned`` when it is to be asked for.

    A signature that no longer holds (too old, the record has moved) is asked for again; why, stands as the error's cause.
    """
    given = _given(visit)
    if not given:
        return act({})
    try:
        return act(given)
    except (Refusal, InvalidInput) as wrong:
        if wrong.rule != "R1":
            raise
        if isinstance(wrong, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, wrong, f"{visit.request.method} {visit.path}")
        try:
            return act({})
        except Unsigned as again:
            raise again from wrong


def _given(visit: Visit) -> Signature:
    text = visit.typed("secret.credential")
    if not text:
        return {}
    at = visit.typed("signed.at")
    try:
        officer = json.loads(text) if len(text) <= MAX_CREDENTIAL else None
    except (ValueError, RecursionError):
        officer = None
    if not isinstance(officer, dict):
        officer = {}
    return {
        "officer": officer,
        "at": int(at) if at.isdecimal() and len(at) < 16 else None,
        "opens": visit.typed("signed.opens"),
    }


def confirm_page(
    visit: Visit, unsigned: Unsigned, procedure: Procedure, t: Transition, action: str, unit: Unit | None = None
) -> Shown:
    """The page that asks for the signature."""
    prepared, why = unsigned.prepared, unsigned.__cause__
    words = visit.office.markup.words(visit.reader.language)
    body = msgspec.json.decode(prepared.words)
    envelope = prepared.envelope
    state = prepared.state
    page = ConfirmPage(
        title=words.gettext("Confirm: {}").format(words.act(t.kind)), rule=rule_of(why) if isinstance(why, SpeanError) else None,
        action=action, procedure=procedure.name, record=prepared.record, doc=t.doc, envelope=envelope,
        basis=_basis(visit, envelope), state=state, state_doc=procedure.states.get(state, ""), ends=_ends(procedure, state),
        ways_back=_ways_back(procedure, state), correctable=t.correctable, values=tuple(values(body["form"], schema(t.form), unit)),
        reached=prepared.reached, behind=prepared.behind, rules=tuple((rule.number, rule.text) for rule in t.rules),
        fields=tuple((name, value) for name, value in told(visit.pairs) if name not in SIGNED and name != "again"),
        ask=_ask(prepared), at=prepared.at, until=prepared.at + AGE, opens=prepared.record if t.opens else "", name=str(body["by"]),
    )  # fmt: skip
    return Shown(page, 200 if why is None else 403)


def _ask(prepared: Prepared) -> str:
    """As the browser's authenticator is asked: this act, by one of the officer's own passkeys, with her finger or PIN."""
    if not prepared.credentials:
        return ""
    allowed = [{"type": "public-key", "id": encoded(each)} for each in prepared.credentials]
    asked = {
        "challenge": encoded(prepared.challenge), "rpId": prepared.rp_id, "allowCredentials": allowed, "timeout": AGE,
        "userVerification": "required",
    }  # fmt: skip
    return json.dumps(asked)


def _basis(visit: Visit, envelope: Envelope | None) -> str:
    if envelope is None:
        return ""
    with visit.node.reading():
        registry = visit.node.registry
        title = registry.get(envelope.instrument).title if envelope.instrument in registry else envelope.instrument
    return envelope.basis if title in envelope.basis else f"{title}, {envelope.basis}"


def _ends(procedure: Procedure, state: str) -> tuple[tuple[str, str], ...]:
    """What the state's clocks do by themselves."""
    found = []
    for each in procedure.clocks_in.get(state, ()):
        if each.is_timer and each.after is not None:
            found.append((each.kind, delay_words(each.after)))
    return tuple(found)


def _ways_back(procedure: Procedure, state: str) -> tuple[WayBack, ...]:
    """Acts of the state that win over everything concurrent, or leave it: releases, closings, withdrawals."""
    return tuple(
        WayBack(kind=each.kind, doc=each.doc) for each in procedure.transitions
        if each.prevails and not each.is_timer and state and each.allowed_in(state)
    )  # fmt: skip
