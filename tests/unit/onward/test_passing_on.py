"""Passing on: what the rules see in what travels; consent, its clocks and its end (A5, R26)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.agreements.model import Instrument
from spean.agreements.question import PASSING_ON, Question
from spean.core.errors import InvalidInput, Refusal
from spean.core.fact import Envelope, Fact
from spean.core.marks import Tlp
from spean.core.world import DAY, SeededEntropy, iso
from spean.exchange.make import HeaderFields, Signer, make_fact
from spean.exchange.seal import decrypt_content
from spean.keys import NodeKeys
from spean.onward import PROCEDURES
from spean.onward.model import (
    Asking,
    ConsentedTransfer,
    Ending,
    Grant,
    Objection,
    Onwards,
    Refused,
    Seen,
    Signed,
    Transfer,
)
from spean.onward.procedures import CONSENT, CONSENTED, NOTICE, TRANSFER
from spean.onward.service import check_signature, keep_marks, needs_consent
from spean.procedures.acts import Known
from spean.procedures.rehearse import Rehearsal

NOW = 1_772_586_000_000
ENTROPY = SeededEntropy(5)
OWNER = NodeKeys.generate(ENTROPY, NOW)
SIGNER = Signer(OWNER.sign_id, OWNER.sign)
MARKS = Envelope(
    recipients=("KH",), purpose="stop-fraud", instrument="KR:agreement:01JNF000000000000000000000", basis="MoU art. 4", data="wallet",
    subject="none", handling="H2", tlp="AMBER", source="B", grade=2, nature="fact", review="2027-03-04",
)  # fmt: skip
RECORD = "KR:circular:01JNF000000000000000000000"
ASKED = "KH:onward-consent:01JNF000000000000000000000"
GRANT = b'{"days":5,"limits":"","node":"TH","purpose":"stop-fraud"}'


def signed(record: str = RECORD, kind: str = "entry", form: bytes = b"{}", **more: Any) -> tuple[Signed, Fact]:
    """A fact of KR as it is carried."""
    given: dict[str, Any] = {"envelope": MARKS, "node": "KR", "time": iso(NOW), **more}
    fields = HeaderFields(
        unit="desk",
        actor="u1",
        actor_kind="person",
        record=record,
        procedure=record.split(":")[1],
        version=1,
        kind=kind,
        **given,
    )
    made = make_fact(fields, b'{"by":"Lee Hana","form":' + form + b"}", SIGNER, ENTROPY)
    assert made.fact.content is not None
    salt, body = decrypt_content(made.key, made.fact.content, made.fact.id)
    carried = Signed(
        payload=made.fact.payload.decode(), key_id=made.fact.key_id, signature=made.fact.signature.hex(), salt=salt.hex(),
        body=body.decode(),
    )  # fmt: skip
    return carried, made.fact


def consent(fact: str, **more: Any) -> tuple[Signed, Fact]:
    """KR's consent to passing ``fact`` on."""
    return signed(**{"record": ASKED, "kind": "grant", "form": GRANT, "targets": (fact,), **more})


def passed_on(original: Signed, fact: Fact, to: str = "TH", targets: tuple[str, ...] | None = None) -> Rehearsal:
    play = Rehearsal(TRANSFER, "KH", (to,), now=NOW + DAY)
    play.do("KH", "pass-on", Transfer(original=original, reason="it was paid there"), targets=targets or (fact.id,))
    return play


def passed_with(
    original: Signed, fact: Fact, given: Signed, granted: Fact, *, to: str = "TH", after: int = DAY
) -> Rehearsal:
    play = Rehearsal(CONSENTED, "KH", (to,), now=NOW + after)
    body = ConsentedTransfer(original=original, consent=given, reason="it was paid there")
    play.do("KH", "pass-on", body, targets=tuple(sorted((fact.id, granted.id))))
    return play


def test_what_is_whole_and_consented_passes() -> None:
    original, fact = signed()
    play = passed_on(original, fact)
    play.do("TH", "acknowledge", Seen())
    assert play.state == "acknowledged"
    assert passed_with(original, fact, *consent(fact.id)).state == "passed"
    check_signature(original, OWNER.sign_public)


@pytest.mark.parametrize("change", [
    {"body": '{"by":"Lee Hana","form":{"x":1}}'}, {"salt": "00" * 32}, {"payload": "{}"}, {"payload": '{"v":2}'}, {"body": "\x00"},
])  # fmt: skip
def test_what_is_not_whole_does_not_pass(change: dict[str, str]) -> None:
    original, fact = signed()
    with pytest.raises(Refusal, match="not whole") as caught:
        passed_on(msgspec.structs.replace(original, **change), fact)
    assert caught.value.rule == "A5"


def test_another_key_did_not_sign_it() -> None:
    original, _ = signed()
    stranger = NodeKeys.generate(ENTROPY, NOW)
    with pytest.raises(Refusal, match="did not sign"):
        check_signature(original, stranger.sign_public)
    with pytest.raises(Refusal, match="did not sign"):
        check_signature(msgspec.structs.replace(original, signature="ab" * 64), OWNER.sign_public)


@pytest.mark.parametrize(("more", "to", "why"), [
    ({"envelope": replace(MARKS, recipients=("VN",))}, "TH", "did not send it to KH"),
    ({"envelope": None, "track": "local"}, "TH", "did not send it to KH"),
    ({"node": "KH", "envelope": replace(MARKS, recipients=("KH",))}, "TH", "did not send it to KH"),
    ({"record": "KR:recall:01JNF000000000000000000000", "kind": "recall"}, "TH", "stays between its parties"),
    ({"record": "KR:onward-transfer:01JNF000000000000000000000", "kind": "pass-on"}, "TH", "stays between its parties"),
    ({}, "KR", "it is KR's own"),
])  # fmt: skip
def test_only_what_the_owner_sent_to_the_passer_goes_to_a_third(more: dict[str, Any], to: str, why: str) -> None:
    original, fact = signed(**more)
    with pytest.raises(Refusal, match=why):
        passed_on(original, fact, to)


def test_it_names_what_it_carries() -> None:
    original, fact = signed()
    for targets in (("ab" * 32,), tuple(sorted((fact.id, "ab" * 32)))):
        with pytest.raises(Refusal, match="another fact than it names"):
            passed_on(original, fact, targets=targets)


@pytest.mark.parametrize(("more", "to", "why"), [
    ({"targets": ("ab" * 32,)}, "TH", "of another fact"),
    ({"node": "VN"}, "TH", "not its owner's"),
    ({"record": "LA:onward-consent:01JNF000000000000000000000"}, "TH", "not given to KH"),
    ({"envelope": replace(MARKS, recipients=("LA",))}, "TH", "not given to KH"),
    ({}, "VN", "for TH, not for VN"),
    ({"time": iso(NOW - 5 * DAY)}, "TH", "ended after 5 days"),
    ({"kind": "refuse"}, "TH", "no consent"),
    ({"form": b"{}"}, "TH", "no consent"),
    ({"form": b"[" * 5000}, "TH", "no consent"),
    ({"record": RECORD, "kind": "entry"}, "TH", "no consent"),
])  # fmt: skip
def test_a_consent_covers_one_fact_one_holder_one_receiver_one_time(more: dict[str, Any], to: str, why: str) -> None:
    original, fact = signed()
    with pytest.raises(Refusal, match=why) as caught:
        passed_with(original, fact, *consent(fact.id, **more), to=to)
    assert caught.value.rule == "A5"


@given(tlp=st.sampled_from(list(Tlp)), ours=st.sampled_from(list(Tlp)), earlier=st.booleans())
def test_marks_are_never_loosened(tlp: Tlp, ours: Tlp, earlier: bool) -> None:
    theirs = replace(MARKS, tlp=str(tlp))
    outer = replace(MARKS, tlp=str(ours), review="2027-03-03" if earlier else "2027-03-05", recipients=("TH",))
    if earlier and ours.rank >= tlp.rank:
        keep_marks(outer, theirs)
    else:
        with pytest.raises(Refusal):
            keep_marks(outer, theirs)


@pytest.mark.parametrize("change", [
    {"handling": "H0"}, {"data": "phone"}, {"subject": "suspect"}, {"source": "A"}, {"grade": 1}, {"nature": "assessment"},
])  # fmt: skip
def test_the_owners_marks_stay(change: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="stays on it"):
        keep_marks(replace(MARKS, **change), MARKS)


def test_the_onward_rule_of_the_agreement_under_which_it_came_binds() -> None:
    terms = Instrument(
        id=MARKS.instrument, title="Memorandum", parties=frozenset({"KR", "KH", "TH"}), purposes=frozenset({"warn"}),
        data=frozenset({"wallet"}), subjects=frozenset({"none"}), tlp_ceiling="AMBER", handling=frozenset({"H0"}), retention_days=30,
        starts="2026-01-01",
    )  # fmt: skip
    with pytest.raises(Refusal, match="never passed on"):
        needs_consent(terms, "TH")
    assert needs_consent(replace(terms, onward="consent"), "TH")
    assert not needs_consent(replace(terms, onward="parties"), "TH")
    assert needs_consent(replace(terms, onward="parties"), "VN")


def asked(**more: Any) -> Rehearsal:
    play = Rehearsal(CONSENT, "KH", ("KR",), elsewhere={"ab" * 32: Known(RECORD, "entry", "KR")}, **more)
    play.do("KH", "ask", Asking(node="TH", purpose="stop-fraud", reason="it was paid there"), targets=("ab" * 32,))
    return play


def test_consent_is_asked_granted_and_spent() -> None:
    play = asked()
    start = play.now
    assert [(due.kind, due.due_at - start, due.by_party) for due in play.timers] == [("escalate", DAY, "holder")]
    play.do("KR", "grant", Grant(node="TH", purpose="stop-fraud", days=3), targets=("ab" * 32,))
    assert [(due.kind, due.due_at - start, due.by_party) for due in play.timers] == [("expire", 3 * DAY, "owner")]
    play.do("KH", "use", Onwards(node="TH", transfer="cd" * 32), actor_kind="service")
    assert (play.state, play.timers) == ("used", ())
    with pytest.raises(Refusal):
        play.do("KH", "use", Onwards(node="TH", transfer="ef" * 32), actor_kind="service")


def test_an_unused_consent_expires_and_an_unneeded_one_is_withdrawn() -> None:
    play = asked()
    play.do("KR", "grant", Grant(node="TH", purpose="stop-fraud", days=3), targets=("ab" * 32,))
    assert play.tick() is not None
    assert play.state == "expired"
    other = asked()
    other.do("KH", "withdraw", Ending(reason="the wallet is empty"))
    assert other.state == "withdrawn"


def test_silence_escalates_and_a_refusal_has_a_listed_ground() -> None:
    play = asked()
    late = play.tick()
    assert late is not None
    assert (late.kind, late.node, play.state) == ("escalate", "KH", "asked")
    for body in (b'{"ground":"no-time","reason":"we are busy"}', b'{"ground":"harms-an-investigation"}'):
        with pytest.raises(InvalidInput):
            play.engine.decode(CONSENT, "refuse", body)
    play.do("KR", "refuse", Refused(ground=Objection.INVESTIGATION, reason="an arrest is near"))
    assert play.state == "refused"


def test_consent_is_the_owners_and_a_persons() -> None:
    with pytest.raises(Refusal, match="ask VN"):
        Rehearsal(CONSENT, "KH", ("KR",), elsewhere={"ab" * 32: Known(RECORD, "entry", "VN")}).do(
            "KH", "ask", Asking(node="TH", purpose="stop-fraud", reason="it was paid there"), targets=("ab" * 32,)
        )
    play = asked()
    grant = Grant(node="TH", purpose="stop-fraud", days=3)
    with pytest.raises(Refusal, match="named human"):
        play.do("KR", "grant", grant, targets=("ab" * 32,), actor_kind="service")
    with pytest.raises(Refusal, match="not owner"):
        play.do("KH", "grant", grant, targets=("ab" * 32,))
    for targets in ((), ("ab" * 32, "cd" * 32)):
        with pytest.raises(Refusal, match="names the one fact"):
            play.do("KR", "grant", grant, targets=targets)


def test_a_notice_is_told_and_read() -> None:
    play = Rehearsal(NOTICE, "KH", ("KR",))
    play.do("KH", "tell", Onwards(node="TH", transfer="cd" * 32), targets=("ab" * 32,), actor_kind="service")
    play.do("KR", "acknowledge", Seen())
    assert play.state == "acknowledged"


def test_every_act_that_carries_another_fact_is_asked_about_as_passing_on() -> None:
    carrying = {(each.name, t.kind) for each in PROCEDURES for t in each.transitions if issubclass(t.form, Transfer)}
    assert carrying == set(PASSING_ON)
    claims = {(each.name, t.kind) for each in PROCEDURES for t in each.transitions if t.form is ConsentedTransfer}
    assert {act for act, claimed in PASSING_ON.items() if claimed} == claims
    plain = Question(
        sender="KH", receiver="TH", origin="KH", instrument=MARKS.instrument, purpose="stop-fraud", data="wallet", subject="none",
        tlp="AMBER", handling="H2", procedure="circular", kind="entry", date="2026-03-04",
    )  # fmt: skip
    assert not plain.passed_on
    for (procedure, kind), claimed in PASSING_ON.items():
        question = replace(plain, procedure=procedure, kind=kind)
        assert (question.passed_on, question.consent) == (True, claimed)
        assert not replace(question, kind="acknowledge", onward=False).passed_on
