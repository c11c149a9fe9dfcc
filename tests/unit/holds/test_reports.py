"""Reports and questions about a payment's way: complete before they are followed; answered about the same money."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spean.core.errors import InvalidInput, Refusal
from spean.core.world import DAY, HOUR, MINUTE
from spean.holds.model import Movement, TooLate
from spean.holds.procedures import FRAUD_REPORT, STOP_PAYMENT, TRACE_QUESTION
from spean.holds.questions import Onward, Part, Rest, TraceAnswer, TraceQuestion, Unanswered
from spean.holds.report_rules import HAPPENED, _told, missing
from spean.holds.reports import Checked, Closing, Followed, FraudReport, Protection, ReportedPayment, Traced
from spean.procedures.forms import decode
from spean.procedures.rehearse import Rehearsal

PAYMENT = {
    "transferred_at": 5,
    "amount": 184_000_000,
    "currency": "KRW",
    "digits": 0,
    "account": "302-918",
    "uetr": "7c1e",
}


def report(**more: Any) -> FraudReport:
    payment = ReportedPayment(**{**PAYMENT, **more})
    return FraudReport(victim="V-KR-0417", reported_at=9, payments=(payment,), contact_phone="+82 2 1394")


def told(form: FraudReport) -> Rehearsal:
    play = Rehearsal(FRAUD_REPORT, "KR", ())
    play.do("KR", "report", form)
    return play


def test_a_report_stays_at_its_node() -> None:
    assert FRAUD_REPORT.own
    play = told(report())
    assert play.view is not None
    assert play.view.parties == {"owner": ("KR",)}
    with pytest.raises(InvalidInput):
        play.engine.open(
            play.acts[0].__class__("x", "report", "KR", "k", "person", None, 1, (), (), None, ("KH",)),
            play.record,
            FRAUD_REPORT,
        )


@pytest.mark.parametrize(("lacks", "field"), [
    ({"transferred_at": 0}, "transferred_at"), ({"amount": 0}, "amount"), ({"currency": ""}, "currency"),
    ({"uetr": ""}, "uetr"), ({"account": "", "uetr": ""}, "account"),
])  # fmt: skip
def test_what_is_missing_is_named_before_anybody_follows_it(lacks: dict[str, Any], field: str) -> None:
    play = told(report(**lacks))
    with pytest.raises(Refusal, match=field) as caught:
        play.do("KR", "validate", Checked())
    assert caught.value.rule == "C1"
    play.do("KR", "complete", report())
    play.do("KR", "validate", Checked())
    assert play.state == "validated"


def test_an_empty_report_lists_everything() -> None:
    assert missing(FraudReport(victim="V", reported_at=1)) == ("payments", "contact_phone")
    assert missing(report()) == ()


def test_only_a_person_validates_and_follows() -> None:
    play = told(report())
    for kind, form in (("validate", Checked()), ("follow", Followed(records=("x",)))):
        with pytest.raises(Refusal):
            play.do("KR", kind, form, actor_kind="service")
    play.do("KR", "validate", Checked())
    traced = Traced(payment="uetr:7c1e", currency="KRW", digits=0, amount=5, places=2)
    play.do("KR", "trace", traced, actor_kind="service")
    play.do("KR", "follow", Followed(records=("KR:stop-payment:1",)))
    play.do("KR", "retrace", traced, actor_kind="service")
    play.do("KR", "close", Closing(reason="all is held"))
    assert play.state == "closed"


def test_a_victims_account_is_protected_by_a_person_with_an_end_and_a_ground() -> None:
    play = told(report())
    with pytest.raises(Refusal, match="R51"):
        play.do("KR", "protect", Protection(account="a", by="consent", until=play.now, reason="pays again"))
    with pytest.raises(Refusal, match="R51"):
        play.do("KR", "protect", Protection(account="a", by="legal-order", until=play.now + 1, reason="pays again"))
    with pytest.raises(Refusal, match="R1"):
        play.do(
            "KR",
            "protect",
            Protection(account="a", by="consent", until=play.now + 1, reason="x y z"),
            actor_kind="service",
        )
    play.do("KR", "protect", Protection(account="a", by="consent", until=play.now + 1, reason="pays again"))


# questions about a payment's way ---------------------------------------------------------------------------------

QUESTION = TraceQuestion(
    case="KR:fraud-report:1", rule="fifo", parts=(Part(payment="p", start=0, end=70), Part(payment="q", start=5, end=35)),
    currency="USD", digits=2, need="a victim's money",
)  # fmt: skip


def asked(**more: Any) -> Rehearsal:
    play = Rehearsal(TRACE_QUESTION, "KR", ("KH",))
    parts = more.pop("parts", QUESTION.parts)
    play.do(
        "KR",
        "ask",
        TraceQuestion(**{**{f: getattr(QUESTION, f) for f in QUESTION.__struct_fields__}, "parts": parts}),
        **more,
    )
    return play


def answer(*onward: tuple[int, int], rests: int = 0) -> TraceAnswer:
    return TraceAnswer(
        onward=tuple(Onward(node="TH", payment="o", start=start, end=end) for start, end in onward),
        rests=(Rest(account="ABK/1", amount=rests),) if rests else (),
    )


def test_a_node_answers_by_itself_about_exactly_the_same_money() -> None:
    play = asked()
    for wrong in (answer((0, 99)), answer((0, 101)), answer(rests=99), TraceAnswer()):
        with pytest.raises(Refusal, match="R27"):
            play.do("KH", "answer", wrong, actor_kind="service")
    play.do("KH", "answer", answer((0, 60), rests=40), actor_kind="service")
    assert play.state == "answered"


@pytest.mark.parametrize("parts", [
    (Part(payment="p", start=5, end=5),), (Part(payment="p", start=6, end=5),),
    (Part(payment="p", start=0, end=5), Part(payment="p", start=4, end=9)),
])  # fmt: skip
def test_parts_are_slices_and_none_is_asked_about_twice(parts: tuple[Part, ...]) -> None:
    with pytest.raises(Refusal, match="R28"):
        asked(parts=parts)


def test_poison_does_not_cross_a_border() -> None:
    body = b'{"case":"c","rule":"poison","parts":[{"payment":"p","start":0,"end":1}],"currency":"USD","digits":2,"need":"why"}'
    with pytest.raises(InvalidInput, match="rule"):
        decode(TraceQuestion, body)


def test_silence_is_shown_and_the_answer_still_counts() -> None:
    play = asked()
    play.now += 5 * MINUTE
    silent = play.tick()
    assert silent is not None
    assert (silent.kind, play.state) == ("silent", "asked")
    play.do("KH", "answer", answer((0, 100)), actor_kind="service")
    assert play.state == "answered"


def test_a_node_may_say_that_it_cannot() -> None:
    play = asked()
    play.do("KH", "decline", Unanswered(reason="no such part came in"), actor_kind="service")
    assert play.state == "declined"


@pytest.mark.parametrize(("field", "form"), [
    ("reported_at", lambda late: FraudReport(victim="V-KR-0417", reported_at=late)),
    ("payments.0.transferred_at", lambda late: report(transferred_at=late)),
])  # fmt: skip
def test_what_is_told_to_have_happened_is_past(field: str, form: Callable[[int], FraudReport]) -> None:
    play = Rehearsal(FRAUD_REPORT, "KR", ())
    with pytest.raises(InvalidInput, match="future") as caught:
        play.do("KR", "report", form(play.now + 2 * DAY))
    assert caught.value.field == field
    play.do("KR", "report", form(play.now + HOUR))


def test_a_last_movement_is_past_as_well() -> None:
    when = Movement(moved_at=3 * DAY, amount=5)
    fields = dict(_told(TooLate(last=Movement(moved_at=1, amount=5), onward=(when,))))
    assert fields == {"last.moved_at": 1, "onward.0.moved_at": 3 * DAY}
    assert HAPPENED in STOP_PAYMENT.by_kind["too-late"].rules
