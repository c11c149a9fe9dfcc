"""Agreements: propose, sign, enter, amend, suspend a pair, leave, denounce, expire (A1, A9)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.core.marks import Data, Handling, Purpose, Subject, Tlp
from spean.core.roles import Role
from spean.core.world import DAY, from_iso
from spean.procedures.forms import Form
from spean.procedures.generic import Correction
from spean.procedures.rehearse import Rehearsal
from spean.treaties import service
from spean.treaties.model import (
    AgreementText,
    Denunciation,
    Entry,
    PairSuspension,
    Redraft,
    Review,
    Signature,
    Statement,
)
from spean.treaties.procedures import AGREEMENT

SIGN = Signature(capacity="Director", authority="statute 7")
WHY = Statement(reason="as agreed in the meeting")


def text(*parties: str, **more: Any) -> AgreementText:
    given: dict[str, Any] = {
        "title": "Memorandum on scam wallets", "parties": parties, "purposes": (Purpose.STOP_FRAUD,),
        "data": (Data.WALLET,), "subjects": (Subject.SUSPECT, Subject.NONE), "tlp_ceiling": Tlp.AMBER,
        "handling": (Handling.H0, Handling.H2), "retention_days": 365, "starts": "2026-03-01", "notice_days": 30,
    }  # fmt: skip
    return AgreementText(**{**given, **more})


def proposed(*parties: str, **more: Any) -> Rehearsal:
    play = Rehearsal(AGREEMENT, parties[0], parties[1:])
    play.do(parties[0], "propose", text(*parties, **more))
    play.do(parties[0], "submit", WHY)
    return play


def sign_all(play: Rehearsal, *nodes: str) -> None:
    assert play.view is not None
    for node in nodes:
        play.do(node, "sign", SIGN, targets=play.view.done["text"])


def in_force(*parties: str, **more: Any) -> Rehearsal:
    play = proposed(*parties, **more)
    sign_all(play, *parties)
    play.do(parties[0], "enter", Entry(last_day=more.get("ends", "")), actor_kind="service")
    return play


def refused(play: Rehearsal, node: str, kind: str, body: Form, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        play.do(node, kind, body, **more)
    return caught.value


def test_it_enters_into_force_when_all_have_signed_and_not_before() -> None:
    play = proposed("KR", "KH", "TH")
    assert service.instrument(play.record, play.acts).state == "review"
    sign_all(play, "KR", "KH")
    assert service.instrument(play.record, play.acts).state == "signed"
    assert service.signed_by(play.record, play.acts) == ("KH", "KR")
    early = refused(play, "KR", "enter", Entry(), actor_kind="service")
    assert (early.rule, early.why) == ("A1", "TH has not signed")
    sign_all(play, "TH")
    play.do("KR", "enter", Entry(), actor_kind="service")
    found = service.instrument(play.record, play.acts)
    assert (found.state, found.version, found.parties) == ("in-force", 1, frozenset({"KR", "KH", "TH"}))
    assert (found.id, found.retention_days, found.purposes) == (play.record, 365, frozenset({"stop-fraud"}))


def test_a_signature_is_a_persons_names_the_text_and_is_given_once() -> None:
    play = proposed("KR", "KH")
    assert play.view is not None
    current = play.view.done["text"]
    assert refused(play, "KH", "sign", SIGN).rule == "D2"
    assert refused(play, "KH", "sign", SIGN, targets=(play.acts[-1].id,)).rule == "D2"
    assert refused(play, "KH", "sign", SIGN, targets=current, actor_kind="service").rule == "D8"
    assert refused(play, "KH", "sign", SIGN, targets=current, roles=frozenset({Role.DUTY_OFFICER})).rule == "O1"
    play.do("KH", "sign", SIGN, targets=current, roles=frozenset({Role.LEGAL}))
    assert refused(play, "KH", "sign", SIGN, targets=current).rule == "D6"


def test_a_new_text_needs_new_signatures_and_none_is_corrected_alone() -> None:
    play = proposed("KR", "KH")
    sign_all(play, "KH")
    wider = text("KR", "KH", data=(Data.WALLET, Data.PHONE))
    sneaky = Correction(reason="a typing error", replacement=wider)
    assert refused(play, "KR", "correct", sneaky, targets=(play.acts[0].id,)).rule == "R34"
    play.do("KR", "redraft", Redraft(text=wider, reason="phones are needed too"))
    assert play.state == "draft"
    assert service.signed_by(play.record, play.acts) == ()
    assert "phone" in service.instrument(play.record, play.acts).data


def test_the_text_binds_exactly_the_parties_of_the_record() -> None:
    play = Rehearsal(AGREEMENT, "KR", ("KH", "INT"))
    assert refused(play, "KR", "propose", text("KR", "KH")).rule == "R26"
    play.do("KR", "propose", text("KR", "KH", mediators=("INT",)))
    assert service.instrument(play.record, play.acts).mediators == frozenset({"INT"})
    with pytest.raises(InvalidInput, match="ends"):
        Rehearsal(AGREEMENT, "KR", ("KH",)).do("KR", "propose", text("KR", "KH", ends="2020-01-01"))


def test_an_amendment_binds_only_when_all_have_signed_it() -> None:
    play = in_force("KR", "KH")
    play.do("KH", "amend", Redraft(text=text("KR", "KH", retention_days=30), reason="shorter"))
    before = service.instrument(play.record, play.acts)
    assert (before.retention_days, before.version, before.state) == (365, 1, "in-force")
    sign_all(play, "KH", "KR")
    play.do("KR", "enter", Entry(), actor_kind="service")
    after = service.instrument(play.record, play.acts)
    assert (after.retention_days, after.version) == (30, 2)
    play.do("KR", "amend", Redraft(text=text("KR", "KH", retention_days=900), reason="longer"))
    play.do("KH", "withdraw-amendment", WHY)
    assert service.instrument(play.record, play.acts).retention_days == 30


def test_a_pair_is_suspended_by_a_member_and_resumed_by_the_same() -> None:
    play = in_force("INT", "KH", "TH", "KR")
    assert refused(play, "KR", "suspend-pair", PairSuspension(other="LA", reason="dispute")).rule == "A1"
    suspension = play.do("KH", "suspend-pair", PairSuspension(other="TH", reason="border dispute"))
    found = service.instrument(play.record, play.acts)
    rest = found.suspension_of("TH", "KH")
    assert rest is not None
    assert (rest.by, rest.reason, rest.when) == ("KH", "border dispute", "2026-03-04")
    assert found.suspension_of("KH", "KR") is None
    assert refused(play, "TH", "resume-pair", WHY, targets=(suspension.id,)).rule == "A1"
    assert refused(play, "KH", "resume-pair", WHY, targets=(play.acts[0].id,)).rule == "A1"
    play.do("TH", "suspend-pair", PairSuspension(other="KH", reason="border dispute"))
    play.do("KH", "resume-pair", WHY, targets=(suspension.id,))
    still = service.instrument(play.record, play.acts).suspension_of("KH", "TH")
    assert still is not None
    assert still.by == "TH"


def test_one_of_several_leaves_with_notice_and_the_others_go_on() -> None:
    play = in_force("KR", "KH", "TH")
    assert refused(play, "KH", "denounce", WHY).rule == "A1"
    soon = Denunciation(leaves_on="2026-03-10", reason="new law")
    assert "30 days" in refused(play, "KH", "leave", soon).why
    play.do("KH", "leave", Denunciation(leaves_on="2026-04-05", reason="new law"))
    last = from_iso("2026-04-05T12:00:00Z")
    assert service.instrument(play.record, play.acts, last).parties == frozenset({"KR", "KH", "TH"})
    assert service.instrument(play.record, play.acts, last + DAY).parties == frozenset({"KR", "TH"})
    assert refused(play, "TH", "leave", Denunciation(leaves_on="2027-01-01", reason="new law")).rule == "A1"


def test_two_end_by_notice_or_at_the_last_day() -> None:
    play = in_force("KR", "KH")
    play.do("KH", "denounce", WHY)
    assert service.instrument(play.record, play.acts).state == "in-force"
    start = play.now
    ended = play.tick()
    assert ended is not None
    assert (ended.kind, ended.time - start) == ("terminate", 30 * DAY)
    assert service.instrument(play.record, play.acts).state == "terminated"
    short = in_force("KR", "KH", ends="2026-03-31")
    assert short.tick() is not None
    assert (short.state, short.now) == ("expired", from_iso("2026-04-01T00:00:00Z"))
    assert service.instrument(short.record, short.acts).state == "expired"


def test_the_instrument_does_not_depend_on_the_order_of_arrival() -> None:
    play = in_force("KR", "KH", "TH")
    play.do("KH", "suspend-pair", PairSuspension(other="TH", reason="border dispute"))
    play.do("TH", "amend", Redraft(text=text("KR", "KH", "TH", retention_days=30), reason="shorter"))
    whole = service.instrument(play.record, play.acts)
    for acts in itertools.islice(itertools.permutations(play.acts), 0, 5000, 97):
        assert service.instrument(play.record, acts) == whole
    with pytest.raises(NotFound):
        service.instrument(play.record, play.acts[1:])


def test_history_tells_who_and_when_and_reviews_stay_at_home() -> None:
    play = in_force("KR", "KH")
    play.do("KH", "suspend-pair", PairSuspension(other="KR", reason="dispute"))
    steps = service.history(play.record, play.acts)
    assert [(step.node, step.kind) for step in steps if step.kind == "suspend-pair"] == [("KH", "suspend-pair")]
    assert all(step.counts for step in steps)
    assert any(step.says == "KH–KR: dispute" for step in steps)
    open_play = proposed("KR", "KH")
    view = open_play.view
    open_play.do("KR", "review", Review(opinion="in order", reason="checked"), roles=frozenset({Role.LEGAL}))
    assert open_play.view == view
