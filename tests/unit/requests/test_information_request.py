"""Information requests: urgency with reasons, clocks, grounds of refusal, punctuality (A4)."""

from __future__ import annotations

from typing import Any

import pytest

from spean.core.errors import InvalidInput, Refusal
from spean.core.world import DAY, HOUR, MINUTE
from spean.procedures.rehearse import Rehearsal
from spean.requests import service
from spean.requests.model import (
    Acceptance,
    Answer,
    Declined,
    Ending,
    Feedback,
    Finding,
    Ground,
    InformationRequest,
    Item,
    Message,
    Offence,
    Receipt,
    Selector,
    Urgency,
)
from spean.requests.procedures import INFORMATION_REQUEST

ANSWER = Answer(findings=(Finding(item=0, known=True, text="seen in March"),))


def request(**more: Any) -> InformationRequest:
    given: dict[str, Any] = {
        "offence": Offence.FRAUD, "facts": "A romance scam by a man called Lim.", "need": "The wallet was paid there.",
        "proportionality": "One wallet, one month.",
        "items": (Item(selector=Selector.WALLET, chain="tron", value="T-FICT-1", question="Who owns it?"),),
    }  # fmt: skip
    return InformationRequest(**{**given, **more})


URGENT = {"urgency": Urgency.URGENT_DIRECT, "urgency_reason": "the money moves within minutes"}


def sent(**more: Any) -> Rehearsal:
    play = Rehearsal(INFORMATION_REQUEST, "KR", ("KH",))
    play.do("KR", "send", request(**more))
    return play


def test_from_sending_to_closing() -> None:
    play = sent()
    for node, kind, body, state in (
        ("KH", "acknowledge", Receipt(reference="KH-7"), "acknowledged"),
        ("KH", "ask-clarification", Message(text="Which month?"), "needs-clarification"),
        ("KR", "clarify", Message(text="March."), "acknowledged"),
        ("KH", "accept", Acceptance(), "accepted"),
        ("KH", "execute", Acceptance(), "executing"),
        ("KH", "answer-part", ANSWER, "partly-answered"),
        ("KH", "answer-part", ANSWER, "partly-answered"),
        ("KH", "answer", ANSWER, "answered"),
        ("KR", "give-feedback", Feedback(useful=True), "feedback"),
        ("KR", "close", Ending(reason="the case is closed"), "closed"),
    ):
        play.do(node, kind, body)
        assert play.state == state
    assert play.timers == ()
    assert play.fold().view == play.view


@pytest.mark.parametrize("urgency", [Urgency.URGENT, Urgency.URGENT_DIRECT])
def test_urgent_without_a_reason_is_not_sent(urgency: Urgency) -> None:
    with pytest.raises(Refusal) as caught:
        sent(urgency=urgency)
    assert caught.value.rule == "A4"
    assert "reason" in caught.value.remedy


@pytest.mark.parametrize(("change", "field"), [
    ({"need": ""}, "need"), ({"proportionality": "short"}, "proportionality"), ({"items": ()}, "items"),
    ({"offence": "blasphemy"}, "offence"),
])  # fmt: skip
def test_a_request_without_need_proportion_question_or_listed_offence_is_not_sent(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        sent(**change)
    assert caught.value.field == field


def test_a_wallet_needs_its_chain_and_an_answer_one_finding_a_question() -> None:
    with pytest.raises(Refusal, match="chain"):
        sent(items=(Item(selector=Selector.WALLET, value="T", question="Who?"),))
    play = sent()
    play.do("KH", "acknowledge", Receipt())
    play.do("KH", "accept", Acceptance())
    with pytest.raises(Refusal, match="two findings"):
        play.do("KH", "answer", Answer(findings=ANSWER.findings * 2))


def test_a_refusal_has_a_listed_ground_and_a_reason() -> None:
    play = sent()
    play.do("KH", "acknowledge", Receipt())
    engine = play.engine
    for body in (b'{"ground":"no-time","reason":"we are busy"}', b'{"ground":"not-an-offence-here"}'):
        with pytest.raises(InvalidInput):
            engine.decode(INFORMATION_REQUEST, "refuse", body)
    play.do("KH", "refuse", Declined(ground=Ground.NOT_AN_OFFENCE, reason="gambling debts are civil here"))
    assert play.state == "refused"


def test_an_unread_urgent_request_escalates_in_five_minutes_and_an_answer_is_due_in_eight_hours() -> None:
    play = sent(**URGENT)
    start = play.now
    assert [(due.kind, due.due_at - start, due.by_party) for due in play.timers] == [
        ("escalate", 5 * MINUTE, "asker"), ("overdue", 8 * HOUR, "asker"),
    ]  # fmt: skip
    assert play.tick() is not None
    assert play.state == "sent"
    play.do("KH", "acknowledge", Receipt())
    late = play.tick()
    assert late is not None
    assert (late.kind, late.time - start, play.timers) == ("overdue", 8 * HOUR, ())


@pytest.mark.parametrize(("urgency", "allowed"), [
    (Urgency.NORMAL, 7 * DAY), (Urgency.URGENT, 3 * DAY), (Urgency.URGENT_DIRECT, 8 * HOUR),
])  # fmt: skip
@pytest.mark.parametrize("over", [0, 1])
def test_late_answers_are_counted_per_holder(urgency: Urgency, allowed: int, over: int) -> None:
    play = sent(urgency=urgency, urgency_reason="the money moves on")
    play.do("KH", "acknowledge", Receipt())
    play.do("KH", "accept", Acceptance())
    play.now += allowed + over
    play.do("KH", "answer", ANSWER)
    (count,) = service.late([play.acts, play.acts[:1]], now=play.now - over)
    assert (count.holder, count.urgency, count.in_time, count.late, count.pending) == ("KH", urgency, 1 - over, over, 1)
    timing = service.timing(play.acts[::-1], now=0)
    assert timing is not None
    assert (timing.late_by, timing.due_at) == (over, play.acts[0].time + allowed)


def test_an_unanswered_request_is_late_and_a_withdrawn_one_does_not_count() -> None:
    play = sent()
    (count,) = service.late([play.acts], now=play.now + 7 * DAY + 1)
    assert (count.late, count.pending) == (1, 0)
    play.do("KR", "withdraw", Ending(reason="solved otherwise"))
    assert service.late([play.acts], now=play.now + 30 * DAY) == ()
    assert service.timing([], 0) is None
