"""Holds: never more than claim and balance, never longer than the law, never without a person, always with a way back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, Refusal
from spean.core.world import DAY, HOUR, MINUTE
from spean.holds.clocks import URGENT, national, profiles, sources
from spean.holds.model import (
    Allocated,
    Channel,
    Declined,
    Easing,
    Freed,
    Ground,
    Hold,
    Movement,
    NotFound,
    PaidOut,
    ReleaseRead,
    Returned,
    Seizure,
    TooLate,
    Upheld,
)
from spean.holds.procedures import STOP_PAYMENT
from spean.procedures.acts import Act, Context
from spean.procedures.forms import Form, decode, encode, schema
from spean.procedures.generic import Correction
from unit.holds.holds_hops import complaint, hold, hop, kinds, order, prolonged, release, request

UPHELD = Upheld(
    answer="Your account received the victim's payment.", appeal_to="The bank ombudsman", reason="it is traced"
)
SEIZED = Seizure(authority="Court", reference="9", amount=3_200_000, custody="NBK/1", reason="by order of the court")


def refused(rule: str, what: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        what()
    assert caught.value.rule == rule
    assert caught.value.remedy
    return caught.value


# R50: the amount ----------------------------------------------------------------------------------------------


@given(claimed=st.integers(1, 10**9), less=st.integers(0, 10**9), balance=st.integers(0, 10**9), tried=st.integers(1, 2 * 10**9),
       urgent=st.booleans(), name=st.sampled_from(["matches", "differs", "not-shown"]))  # fmt: skip
def test_no_hold_exceeds_claim_and_balance(
    claimed: int, less: int, balance: int, tried: int, urgent: bool, name: str
) -> None:
    asked = max(1, claimed - less)
    play = hop(amount=10**9, part_to=10**9, claimed=claimed, located=0, asked=asked)
    play.look(balance, name)
    until = play.now + (URGENT if urgent else HOUR)
    rule = ""
    try:
        play.do("KH", "hold", hold(play.now, amount=tried, claimed=claimed, urgent=urgent, until=until))
    except Refusal as refusal:
        rule = refusal.rule
    too_much, unclear = tried > min(claimed, asked, balance), name == "differs" and not urgent
    assert (rule in ("R50", "R5")) == (too_much or unclear)
    assert play.state == ("acknowledged" if rule else "held")


def test_the_asker_cannot_ask_for_more_than_the_trace_claims() -> None:
    refused("R50", lambda: hop(claimed=115_000, asked=960_000, located=0, amount=115_000, part_to=115_000))
    refused("R50", lambda: hop(claimed=3_200_001, asked=1))
    refused("R50", lambda: hop(part_from=5, part_to=5))
    refused("R50", lambda: hop(part_to=3_200_001))


def test_a_foreign_node_refuses_a_hold_beyond_the_claim_that_arrives() -> None:
    """The asker's node judges what the holder's sends, without seeing its balance."""
    play = hop()
    play.look()
    act = Act(
        "a" * 64,
        "hold",
        "KH",
        "kh-1",
        "person",
        None,
        play.now,
        play.view.heads,
        (),
        hold(play.now, amount=3_200_001),
        (),
    )
    ctx = Context(play.now, "KR", play, ())
    refused("R50", lambda: play.engine.advance(play.view, act, ctx))


def test_a_look_is_needed_and_must_be_fresh() -> None:
    play = hop()
    refused("R50", lambda: play.do("KH", "hold", hold(play.now)))
    play.look()
    play.now += 16 * MINUTE
    refused("R50", lambda: play.do("KH", "hold", hold(play.now)))
    play.look(100)
    play.do("KH", "hold", hold(play.now, amount=100))


def test_the_last_look_counts() -> None:
    play = hop()
    play.look(10**9)
    play.now += 1000
    play.look(50)
    refused("R50", lambda: play.do("KH", "hold", hold(play.now, amount=51)))


def test_another_currency_is_another_money() -> None:
    play = hop()
    play.look(currency="KHR", digits=0)
    refused("R50", lambda: play.do("KH", "hold", hold(play.now)))
    play.look()
    refused("R50", lambda: play.do("KH", "hold", hold(play.now, currency="KHR", digits=0)))


@pytest.mark.parametrize(("other", "words"), [
    ({}, "held already"), ({"part_from": 3_199_999, "claimed": 1, "asked": 1, "located": 1}, "held already"),
    ({"payment": "elsewhere", "uetr": "7C1E"}, "held already"),
    ({"rule": "haircut", "asked": 1, "claimed": 1, "located": 1}, "of this payment are held"),
])  # fmt: skip
def test_no_part_of_a_payment_is_held_twice(other: dict[str, Any], words: str) -> None:
    """Also for two victims' desks, or for one desk that sends twice under another name."""
    play = hop(uetr="7c1e")
    play.others_of = {"stop-payment": (("CN:stop-payment:2", "held", request(**{"uetr": "7c1e", **other})),)}
    play.look()
    assert words in refused("R50", lambda: play.do("KH", "hold", hold(play.now))).why


@pytest.mark.parametrize("other", [
    ("released", request()), ("held", request(account="ABKHKHPP/9")), ("held", request(payment="uetr:2")),
])  # fmt: skip
def test_what_is_free_again_or_another_payment_is_in_nobodys_way(other: tuple[str, Any]) -> None:
    play = hop()
    play.others_of = {"stop-payment": (("CN:stop-payment:2", *other),)}
    play.held()
    assert play.state == "held"


def test_an_erased_request_is_held_by_nobody() -> None:
    play = hop()
    play.look()
    send = next(act for act in play.acts if act.kind == "send")
    play.acts[play.acts.index(send)] = Act(
        send.id, send.kind, send.node, send.actor, send.actor_kind, None, send.time, (), (), None, ("KH",)
    )
    refused("R51", lambda: play.do("KH", "hold", hold(play.now)))


def test_a_whole_account_needs_a_judge_and_two_persons() -> None:
    whole = {"scope": "whole-account", "amount": 5_000_000}
    play = hop()
    play.look()
    refused("R50", lambda: play.do("KH", "hold", hold(play.now, **whole)))
    judged = {**whole, "judge_reference": "Judge Sok, 2026/3"}
    refused("R4", lambda: play.do("KH", "hold", hold(play.now, **judged)))
    play.approve("hold", "kh-1")
    refused("R4", lambda: play.do("KH", "hold", hold(play.now, **judged)))
    play.approve("hold", "kh-2")
    play.do("KH", "hold", hold(play.now, **judged))


def test_a_whole_account_too_holds_only_what_is_there() -> None:
    play = hop()
    play.look(100)
    play.approve("hold")
    refused(
        "R50", lambda: play.do("KH", "hold", hold(play.now, scope="whole-account", judge_reference="J", amount=101))
    )


# R1, R5, R6: a person, at once, and as easy to refuse ------------------------------------------------------------


@pytest.mark.parametrize("kind", ["service", "timer"])
@pytest.mark.parametrize("act", ["hold", "review", "extend", "uphold", "confirm", "seize"])
def test_no_service_and_no_clock_acts_against_anybody(act: str, kind: str) -> None:
    t = STOP_PAYMENT.by_kind[act]
    assert t.adverse
    assert t.human
    play = hop()
    if act != "hold":
        play.held()
    with pytest.raises(Refusal):
        play.do("KH", act, None, actor_kind=kind)


def test_every_adverse_state_is_entered_by_persons_only() -> None:
    entering = {t.kind for t in STOP_PAYMENT.transitions if t.target in ("held", "confirmed", "seized")}
    assert all(STOP_PAYMENT.by_kind[kind].human and STOP_PAYMENT.by_kind[kind].adverse for kind in entering)


def test_a_hold_before_review_lasts_fifteen_minutes_and_ends_by_itself() -> None:
    play = hop()
    refused("R5", lambda: play.held(name="differs"))
    refused("R5", lambda: play.held(name="differs", urgent=True, until=play.now + URGENT + 1))
    play.held(name="differs", urgent=True, until=play.now + URGENT)
    play.wait(URGENT)
    assert play.state == "auto-released"
    assert "remind-early" not in kinds(play)


def test_a_hold_before_review_is_never_of_a_whole_account() -> None:
    play = hop()
    play.approve("hold")
    refused("R5", lambda: play.held(scope="whole-account", judge_reference="J", urgent=True, until=play.now + URGENT))


def test_a_second_person_reviews_it_once_and_within_the_national_clock() -> None:
    play = hop().held(name="differs", urgent=True, until=hop().now + URGENT)
    begun = play.now
    refused("R5", lambda: play.do("KH", "extend", prolonged(play.now, 1, HOUR)))
    refused("R4", lambda: play.do("KH", "review", prolonged(play.now, 0, HOUR)))
    refused("R5", lambda: play.do("KH", "review", prolonged(play.now, 0, HOUR), actor="kh-2"))
    play.now += MINUTE
    play.look(name="matches")
    refused("R36", lambda: play.do("KH", "review", prolonged(play.now, 0, 72 * HOUR), actor="kh-2"))
    refused("R36", lambda: play.do("KH", "review", prolonged(play.now, 1, HOUR), actor="kh-2"))
    play.do("KH", "review", prolonged(begun, 0, 72 * HOUR), actor="kh-2")
    refused("R5", lambda: play.do("KH", "review", prolonged(play.now, 0, HOUR), actor="kh-2"))
    play.wait(72 * HOUR)
    assert play.state == "auto-released"


ANSWERS: tuple[tuple[str, Form], ...] = (
    ("too-late", TooLate(last=Movement(moved_at=1, amount=5))), ("not-found", NotFound(missing="account")),
    ("refuse", Declined(ground=Ground.BASIS_MISSING, reason="no basis here")),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "form"), ANSWERS)
def test_refusing_is_possible_wherever_holding_is_and_no_harder(kind: str, form: Form) -> None:
    no, yes = STOP_PAYMENT.by_kind[kind], STOP_PAYMENT.by_kind["hold"]
    assert set(no.sources) == set(yes.sources)
    assert set(no.roles) == set(yes.roles)
    assert len(schema(no.form)["required"]) <= len(schema(yes.form)["required"])
    play = hop()
    play.do("KH", kind, form, actor_kind="service")
    assert play.state in STOP_PAYMENT.ends
    assert not STOP_PAYMENT.by_kind["hold"].auto


def test_too_late_says_what_took_it_away() -> None:
    with pytest.raises(InvalidInput, match="last"):
        decode(TooLate, b"{}")


# R36, C2: the clock -------------------------------------------------------------------------------------------


def test_a_hold_without_order_lapses_with_two_reminders_before() -> None:
    play = hop()
    play.held()
    begun = play.now
    play.wait(71 * HOUR)
    fired = {act.kind: act.time - begun for act in play.acts if act.actor_kind == "timer"}
    assert fired == {"remind-early": 48 * HOUR, "remind-late": 68 * HOUR}
    assert play.state == "held"
    play.wait(HOUR)
    assert play.state == "auto-released"
    assert play.acts[-1].time - begun == 72 * HOUR
    play.do("KH", "freed", Freed(freed_at=play.now), actor_kind="service")
    play.do("KR", "take-note", ReleaseRead(told=("HNBNKRSE",)))


def test_with_an_order_it_stays_until_the_order_ends() -> None:
    play = hop()
    play.held()
    play.now += 70 * HOUR
    play.do("KH", "confirm", order(play.now))
    play.wait(100 * DAY)
    assert play.state == "confirmed"
    play.wait(81 * DAY)
    assert play.state == "auto-released"


@pytest.mark.parametrize(
    ("country", "length"), [("generic", 72 * HOUR), ("TH", 72 * HOUR), ("CN", 48 * HOUR), ("SG", 30 * DAY)]
)
def test_no_hold_begins_longer_than_the_national_law_allows(country: str, length: int) -> None:
    play = hop(country)
    play.look()
    refused("R36", lambda: play.do("KH", "hold", hold(play.now, until=play.now + length + 1)))
    refused("R51", lambda: play.do("KH", "hold", hold(play.now, until=play.now)))
    play.do("KH", "hold", hold(play.now, until=play.now + length))


@pytest.mark.parametrize(
    ("country", "times", "length"),
    [("generic", 0, HOUR), ("TH", 1, 7 * DAY), ("CN", 2, 48 * HOUR), ("SG", 5, 30 * DAY)],
)
def test_it_is_prolonged_as_often_as_the_law_says(country: str, times: int, length: int) -> None:
    play = hop(country)
    play.held(until=play.now + 48 * HOUR)
    for number in range(1, times + 1):
        play.now += HOUR
        refused("R36", lambda number=number: play.do("KH", "extend", prolonged(play.now, number, length + 1)))
        refused("R36", lambda number=number: play.do("KH", "extend", prolonged(play.now, number + 1, length)))
        play.do("KH", "extend", prolonged(play.now, number, length))
    refused("R36", lambda: play.do("KH", "extend", prolonged(play.now, times + 1, HOUR)))
    play.wait(length + 48 * HOUR)
    assert play.state == "auto-released"


def test_the_other_end_counts_prolongations_too() -> None:
    play = hop("CN")
    play.held(until=play.now + 48 * HOUR)
    play.do("KH", "extend", prolonged(play.now, 1, 48 * HOUR))
    again = Act(
        "b" * 64,
        "extend",
        "KH",
        "kh-1",
        "person",
        None,
        play.now,
        play.view.heads,
        (),
        prolonged(play.now, 1, HOUR),
        (),
    )
    refused("R36", lambda: play.engine.advance(play.view, again, Context(play.now, "KR", play, ())))


def test_an_erased_hold_ends_at_once() -> None:
    play = hop()
    play.held()
    acts = [act if act.kind != "hold" else Act(act.id, "hold", "KH", "kh-1", "person", None, act.time, act.builds_on, (), None, ())
            for act in play.acts]  # fmt: skip
    folded = play.engine.fold(play.record, STOP_PAYMENT, acts)
    due = {each.kind: each.due_at for each in folded.timers}
    assert due["lapse"] <= play.now


def test_the_clocks_are_data_with_their_source() -> None:
    assert set(sources()) == set(profiles())
    assert all("DOMAIN" in source for source in sources().values())
    assert national("KH", "hold") == 72 * HOUR
    assert national("CN", "hold-extensions") == 2
    assert national("KH", "retention") is None


# R51, R35: what a hold says, complaint, release -----------------------------------------------------------------


@pytest.mark.parametrize("field", ["amount", "claimed", "rule", "basis", "until", "notice", "reason"])
def test_a_hold_names_claim_rule_basis_expiry_and_how_the_holder_is_told(field: str) -> None:
    whole = encode(hold(1))
    assert field.encode() in whole
    parts = {name: value for name, value in json.loads(whole).items() if name != field}
    with pytest.raises(InvalidInput, match=field):
        decode(Hold, json.dumps(parts).encode())


def test_it_names_the_claim_and_rule_of_the_request() -> None:
    play = hop()
    play.look()
    refused("R51", lambda: play.do("KH", "hold", hold(play.now, claimed=3_199_999)))
    refused("R51", lambda: play.do("KH", "hold", hold(play.now, rule="lifo")))


def test_the_merchant_is_free_within_four_hours_and_everybody_confirms() -> None:
    play = hop(amount=115_000, part_to=115_000, claimed=115_000, located=115_000, asked=115_000)
    play.held(amount=115_000, claimed=115_000)
    play.now += HOUR
    play.do("KH", "complain", complaint(play.now), actor_kind="service")
    complained = play.now
    refused("R4", lambda: play.do("KH", "uphold", UPHELD))
    refused("R35", lambda: play.do("KH", "release", release(wrong=True)))
    play.now += 2 * HOUR
    play.do("KH", "release", release(wrong=True, apology="We are sorry: you sold rice in good faith."))
    assert play.now - complained < 4 * HOUR
    assert play.state == "released"
    play.wait(HOUR)
    assert kinds(play)[-2:] == ["freed-overdue", "note-overdue"]


def test_a_complaint_nobody_decides_is_overdue_after_four_hours() -> None:
    play = hop()
    play.held()
    play.do("KR", "complain", complaint(play.now))
    play.wait(4 * HOUR)
    assert kinds(play)[-1] == "complaint-overdue"
    play.do("KH", "uphold", UPHELD, actor="kh-2")
    assert play.state == "held"
    play.wait(72 * HOUR)
    assert play.state == "auto-released"


def test_a_release_prevails_over_whatever_is_done_against_somebody_at_the_same_moment() -> None:
    play = hop()
    play.held()
    view, now = play.view, play.now
    confirm = play.do("KH", "confirm", order(now))
    play.view = view
    free = play.do("KH", "release", release())
    folded = play.engine.fold(play.record, STOP_PAYMENT, play.acts)
    assert folded.view.state == "released"
    assert folded.effects[confirm.id] == "overtaken"
    assert folded.effects[free.id] == "effective"


def test_nothing_adverse_follows_a_release() -> None:
    play = hop()
    play.held()
    play.do("KH", "release", release())
    for kind, form in (
        ("hold", hold(play.now)),
        ("confirm", order(play.now)),
        ("extend", prolonged(play.now, 1, HOUR)),
    ):
        refused("D6", lambda kind=kind, form=form: play.do("KH", kind, form))


# C3: easing; order, seizure, payment ---------------------------------------------------------------------------


def test_rent_is_set_free_and_never_taken_back() -> None:
    play = hop()
    play.held()
    refused("R50", lambda: play.do("KH", "ease", Easing(stays=3_200_000, reason="rent is due")))
    play.do("KH", "ease", Easing(stays=3_000_000, reason="rent is due"))
    refused("R50", lambda: play.do("KH", "ease", Easing(stays=3_100_000, reason="again")))
    refused("R50", lambda: play.do("KH", "confirm", order(play.now)))
    play.do("KH", "confirm", order(play.now, amount=3_000_000))
    assert play.state == "confirmed"


def test_seizing_needs_an_order_and_two_persons() -> None:
    play = hop()
    play.held()
    refused("D6", lambda: play.do("KH", "seize", SEIZED))
    play.do("KH", "confirm", order(play.now))
    refused("R4", lambda: play.do("KH", "seize", SEIZED))
    play.approve("seize", "kh-1")
    refused("R4", lambda: play.do("KH", "seize", SEIZED))
    play.approve("seize", "kh-2")
    play.do("KH", "seize", SEIZED)
    play.do("KH", "allocate", Allocated(restitution="KR:restitution:1", amount=3_200_000))
    refused("R50", lambda: play.do("KH", "pay-out", PaidOut(amount=3_200_001, paid_at=1, reference="x")))
    play.do("KH", "pay-out", PaidOut(amount=3_200_000, paid_at=1, reference="x"))
    assert play.state == "paid-out"


def test_an_order_must_be_in_force_and_within_what_is_held() -> None:
    play = hop()
    play.held()
    refused("R50", lambda: play.do("KH", "confirm", order(play.now, amount=3_200_001)))
    refused("R51", lambda: play.do("KH", "confirm", order(play.now, until=play.now)))
    refused("R51", lambda: play.do("KH", "confirm", order(play.now, issued_at=play.now + 1)))


def test_no_more_comes_back_than_was_paid() -> None:
    play = hop()
    back = Returned(amount=3_200_001, currency="USD", digits=2, returned_at=1, by="customer-consent")
    refused("R50", lambda: play.do("KH", "report-return", back))
    refused("R50", lambda: play.do("KH", "report-return", back, actor_kind="service"))


# C5, R28: what is named ------------------------------------------------------------------------------------------


def test_a_wallet_is_named_with_chain_and_transaction() -> None:
    wallet = {"account": "tron:0x2b6653dc:TFict", "institution": "SIAMX", "channel": Channel.WALLET}
    refused("R28", lambda: hop(**wallet))
    refused("C5", lambda: hop(**wallet, chain="tron"))
    hop(**wallet, chain="tron", transaction_hash="ab" * 32)


def test_nobody_corrects_an_amount_afterwards() -> None:
    for kind in ("send", "hold", "extend", "confirm", "seize", "release"):
        assert not STOP_PAYMENT.by_kind[kind].correctable
    play = hop()
    assert request().asked == 3_200_000
    send = play.acts[0]
    with pytest.raises(Refusal, match="R34"):
        play.do("KR", "correct", Correction(reason="more", replacement=request(asked=1)), targets=(send.id,))
