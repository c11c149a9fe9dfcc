"""What always passes is a closed class, and nothing else is in it (R34, R36, R47, O9)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.agreements.always import CLOSED, CLOSED_CLASS, always
from spean.agreements.question import Question
from spean.agreements.registry import Registry
from spean.core.marks import Purpose
from spean.holds.procedures import STOP_PAYMENT
from spean.procedures.generic import Empty

NOTHING = Registry()
NAMES = st.sampled_from(
    ["lapse", "remind-early", "recall", "correct", "withdraw", "withdraw-entry", "key-rotation", "revoke", "stop-payment", "release", "hold",
     "ask", "answer", "circular", "agreement", "information-request", "*", "", "Correct",
     "correct ", "danger", "life", "publish"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("procedure", "kind", "rule"),
    [
        ("recall", "request", "R34"),
        ("recall", "confirm", "R34"),
        ("circular", "correct", "R34"),
        ("circular", "withdraw-entry", "R34"),
        ("key-rotation", "revoke", "O9"),
        ("stop-payment", "release", "R36"),
        ("stop-payment", "lapse", "R36"),
        ("stop-payment", "remind-late", "R36"),
    ],
)
def test_it_passes_without_any_agreement(asked: Question, procedure: str, kind: str, rule: str) -> None:
    decision = NOTHING.decide(replace(asked, procedure=procedure, kind=kind, instrument=""))
    assert (decision.allowed, decision.instrument, decision.rule) == (True, CLOSED, rule)
    assert decision.review_hours == 0


def test_danger_to_life_passes_and_is_reviewed_within_a_day(asked: Question) -> None:
    decision = NOTHING.decide(replace(asked, purpose="danger-to-life"))
    assert (decision.allowed, decision.rule, decision.review_hours) == (True, "R47", 24)


ENDS_A_HOLD = ("release", "lapse", "remind-early", "remind-late", "complaint-overdue")


def test_of_a_hold_only_what_is_in_the_holders_favour_passes_and_clocks_have_no_words() -> None:
    for kind in ENDS_A_HOLD:
        t = STOP_PAYMENT.by_kind[kind]
        assert not t.adverse
        assert kind == "release" or (t.is_timer and t.form is Empty)


WORDS = NAMES | st.text(max_size=12)


@given(procedure=WORDS, kind=WORDS, purpose=st.sampled_from(list(Purpose)))
def test_nothing_else_passes(procedure: str, kind: str, purpose: str) -> None:
    question = Question(
        sender="TH", receiver="KH", origin="TH", instrument="", purpose=str(purpose), data="wallet", subject="suspect",
        tlp="RED", handling="H2", procedure=procedure, kind=kind, date="2026-03-04",
    )  # fmt: skip
    expected = (
        procedure == "recall"
        or kind == "correct"
        or f"{procedure}/{kind}" in ("circular/withdraw-entry", "key-rotation/revoke")
        or (procedure == "stop-payment" and kind in ENDS_A_HOLD)
        or purpose == "danger-to-life"
    )
    assert NOTHING.decide(question).allowed is expected
    assert (always(question) is not None) is expected


def test_the_class_is_the_one_that_was_agreed() -> None:
    assert {
        ("recall", "*"), ("*", "correct"), ("circular", "withdraw-entry"), ("key-rotation", "revoke"),
        *(("stop-payment", kind) for kind in ENDS_A_HOLD),
    } == CLOSED_CLASS  # fmt: skip
