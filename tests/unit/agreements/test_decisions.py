"""Each decision names the agreement that decided, its rule, its reason and what would make it pass."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import cedarpy
import pytest

from spean.agreements.cedar import SCHEMA, compile_instrument, request_of
from spean.agreements.model import Instrument, Onward, Prohibition, Suspension, peering
from spean.agreements.question import Question, question_of
from spean.agreements.registry import Registry
from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.core.fact import Envelope, Header

BORDER = Suspension(pair=frozenset({"KH", "TH"}), by="KH", when="2026-02-01", reason="border closed")
OTHER = "KR:agreement:01ARZ3NDEKTSV4RRFFQ69G5FAW"


def suspended(four: Instrument) -> Instrument:
    return replace(four, suspended=frozenset({BORDER}))


def test_what_an_agreement_permits_leaves_and_the_agreement_is_named(four: Instrument, asked: Question) -> None:
    decision = Registry([four]).decide(asked)
    assert decision.allowed
    assert decision.instrument == four.id
    assert decision.policies == (f"{four.id}#permit",)
    assert "Memorandum of the four (version 1), art. 4, permits wallet data" in decision.reason
    decision.require()


def test_what_nothing_permits_does_not_leave(asked: Question) -> None:
    decision = Registry().decide(asked)
    assert (decision.allowed, decision.instrument, decision.rule) == (False, "", "R26")
    with pytest.raises(Refusal) as caught:
        decision.require()
    assert caught.value.rule == "R26"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("change", "rule", "says"),
    [
        ({"purpose": "recover-assets"}, "R26", "purpose recover-assets is not admitted"),
        ({"data": "phone"}, "R26", "kind of data phone is not admitted"),
        ({"subject": "missing"}, "R30", "category of persons missing is not admitted"),
        ({"tlp": "RED"}, "A5", "TLP:RED is above this agreement's ceiling TLP:AMBER (art. 5)"),
        ({"tlp": "AMBER+STRICT"}, "A5", "above this agreement's ceiling"),
        ({"handling": "H3"}, "A5", "handling code H3 is not admitted"),
        ({"receiver": "VN"}, "R26", "VN is not party to it"),
        ({"sender": "VN", "origin": "VN"}, "R26", "VN is not party to it"),
        ({"receiver": "TH"}, "R26", "cannot send to itself"),
        ({"date": "2025-12-31"}, "A1", "begins only on 2026-01-01"),
        ({"date": "2029-01-01"}, "A1", "ended on 2028-12-31"),
        ({"via": "KR"}, "A9", "KR may not mediate"),
        ({"via": "INT"}, "A9", "it is to go through INT, not from TH to KH"),
        ({"data": "health", "subject": "victim"}, "R26", "prohibits data health, persons victim (art. 7(2))"),
    ],
)
def test_a_refusal_says_its_rule_reason_and_remedy(
    four: Instrument, asked: Question, change: dict[str, Any], rule: str, says: str
) -> None:
    decision = Registry([four]).decide(replace(asked, **change))
    assert not decision.allowed
    assert decision.instrument == four.id
    assert decision.rule == rule
    assert says in decision.reason
    assert decision.remedy


@pytest.mark.parametrize("date", ["2026-01-01", "2028-12-31"])
def test_first_and_last_day_belong_to_it(four: Instrument, asked: Question, date: str) -> None:
    assert Registry([four]).decide(replace(asked, date=date)).allowed


@pytest.mark.parametrize("state", ["draft", "review", "signed", "expired", "terminated"])
def test_only_what_is_in_force_permits(four: Instrument, asked: Question, state: Any) -> None:
    decision = Registry([replace(four, state=state)]).decide(asked)
    assert (decision.allowed, decision.rule) == (False, "A1")
    assert decision.policies == (f"{four.id}#state",)


def test_a_suspended_pair_rests_both_ways_and_the_others_go_on(four: Instrument, asked: Question) -> None:
    registry = Registry([suspended(four)])
    there = registry.decide(asked)
    back = registry.decide(replace(asked, sender="KH", receiver="TH", origin="KH"))
    for refused in (there, back):
        assert (refused.allowed, refused.rule) == (False, "A9")
        assert "suspended for KH–TH by KH since 2026-02-01: border closed" in refused.reason
        assert refused.remedy == f"use the way through INT under {four.id}"
    for receiver in ("KR", "INT"):
        assert registry.decide(replace(asked, receiver=receiver)).allowed


def test_the_mediator_carries_what_the_suspended_pair_may_not(four: Instrument, asked: Question) -> None:
    registry = Registry([suspended(four)])
    assert registry.decide(replace(asked, receiver="INT", via="INT")).allowed
    assert registry.decide(replace(asked, sender="INT", via="INT")).allowed
    assert not registry.decide(replace(asked, sender="INT", via="INT", data="phone")).allowed


def test_a_suspension_cannot_be_gone_round_by_passing_on(four: Instrument, asked: Question) -> None:
    registry = Registry([suspended(four)])
    for passed in (replace(asked, sender="KR", consent=True), replace(asked, sender="INT", consent=True, onward=True)):
        decision = registry.decide(passed)
        assert (decision.allowed, decision.rule) == (False, "A9")


def test_a_mediator_that_is_no_party_carries_but_sends_nothing_of_its_own(four: Instrument, asked: Question) -> None:
    registry = Registry([replace(four, parties=frozenset({"KH", "TH"}), contacts={})])
    assert registry.decide(replace(asked, receiver="INT", via="INT")).allowed
    assert registry.decide(replace(asked, sender="INT", via="INT")).allowed
    assert not registry.decide(replace(asked, receiver="INT")).allowed
    own = registry.decide(replace(asked, sender="INT", origin="INT", via="INT"))
    assert (own.allowed, own.rule) == (False, "A5")


@pytest.mark.parametrize(
    ("rule", "handling", "tlp", "consent", "origin", "allowed"),
    [
        ("never", "H0", "GREEN", True, "TH", False),
        ("consent", "H0", "GREEN", False, "TH", False),
        ("consent", "H0", "GREEN", True, "TH", True),
        ("consent", "H2", "GREEN", True, "TH", True),
        ("consent", "H0", "GREEN", True, "VN", True),
        ("parties", "H0", "GREEN", False, "TH", True),
        ("parties", "H0", "GREEN", True, "VN", False),
        ("parties", "H2", "GREEN", False, "TH", False),
        ("parties", "H2", "GREEN", True, "TH", True),
        ("parties", "H0", "RED", False, "TH", False),
        ("parties", "H0", "RED", True, "TH", True),
        ("parties", "H0", "AMBER+STRICT", False, "TH", False),
        ("parties", "H0", "AMBER", False, "TH", True),
    ],
)
def test_passing_on_follows_the_onward_rule_and_the_handling_code(
    four: Instrument, asked: Question, rule: Onward, handling: str, tlp: str, consent: bool, origin: str, allowed: bool
) -> None:
    registry = Registry([replace(four, onward=rule, tlp_ceiling="RED")])
    passed = replace(asked, sender="KR", origin=origin, handling=handling, tlp=tlp, consent=consent)
    decision = registry.decide(passed)
    assert decision.allowed is allowed
    if not allowed:
        assert decision.rule == "A5"
        assert "consent" in decision.remedy


def test_one_forward_passes_after_consent_and_none_before(four: Instrument, asked: Question) -> None:
    registry = Registry([four])
    passed = replace(asked, sender="KR", handling="H2")
    assert not registry.decide(passed).allowed
    assert registry.decide(replace(passed, consent=True)).allowed


def test_a_prohibition_binds_under_every_agreement_of_the_pair(four: Instrument, asked: Question) -> None:
    lenient = replace(four, id=OTHER, title="Lenient", prohibitions=())
    question = replace(asked, instrument=OTHER, data="health", subject="victim")
    assert Registry([lenient]).decide(question).allowed
    decision = Registry([lenient, four]).decide(question)
    assert (decision.allowed, decision.instrument) == (False, four.id)
    assert decision.policies == (f"{four.id}#prohibition-1",)
    assert "no other agreement lifts a prohibition" in decision.remedy
    assert Registry([lenient, replace(four, state="draft")]).decide(question).allowed
    outsiders = replace(four, parties=frozenset({"KR", "VN"}), contacts={}, mediators=frozenset())
    assert Registry([lenient, outsiders]).decide(question).allowed


def test_what_returns_to_its_origin_is_bound_by_no_agreement_of_the_origin_alone(
    four: Instrument, asked: Question
) -> None:
    free = replace(four, id=OTHER, prohibitions=(), parties=frozenset({"KH", "VN"}), contacts={})
    returned = replace(asked, instrument=OTHER, sender="VN", origin="KH", data="health", subject="victim", consent=True)
    assert Registry([free, four]).decide(returned).allowed
    whole = compile_instrument(free) + compile_instrument(four)
    assert cedarpy.is_authorized(request_of(returned), whole, []).allowed


def test_a_policy_that_cannot_be_evaluated_refuses(
    four: Instrument, asked: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_day(question: Question) -> dict[str, Any]:
        request = request_of(question)
        context = json.loads(request["context"])
        del context["day"]
        return {**request, "context": context}

    monkeypatch.setattr("spean.agreements.registry.request_of", without_day)
    decision = Registry([four]).decide(asked)
    assert (decision.allowed, decision.rule) == (False, "D3")
    assert decision.reason == "a policy could not be evaluated"


def test_the_remedy_names_another_agreement_of_the_pair(four: Instrument, asked: Question) -> None:
    other = replace(four, id=OTHER, title="Other", mediators=frozenset())
    decision = Registry([suspended(four), other]).decide(asked)
    assert decision.remedy == f"use the direct way under {OTHER}; or the way through INT under {four.id}"


def test_when_the_matter_itself_is_barred_the_remedy_says_so(four: Instrument, asked: Question) -> None:
    decision = Registry([suspended(four)]).decide(replace(asked, tlp="RED"))
    assert decision.rule == "A9"
    assert "lower the TLP mark" in decision.remedy


def test_a_registry_does_not_change_and_a_new_one_parses_only_what_is_new(
    four: Instrument, asked: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    real = cedarpy.PolicySet

    class Counting:
        @staticmethod
        def from_str(text: str) -> Any:
            parsed.append(text)
            return real.from_str(text)

    monkeypatch.setattr(cedarpy, "PolicySet", Counting)
    other = replace(four, id=OTHER, prohibitions=())
    first = Registry([four, other])
    also = replace(asked, instrument=OTHER)
    for question in (asked, also, asked, also, replace(asked, receiver="KR")):
        assert first.decide(question).allowed
    assert len(parsed) == 2
    second = first.with_instrument(suspended(four))
    assert not second.decide(asked).allowed
    assert second.decide(also).allowed
    assert len(parsed) == 3
    assert OTHER not in parsed[2]
    assert first.decide(asked).allowed
    assert second.get(four.id).suspended
    assert not first.get(four.id).suspended


def test_an_answer_is_remembered_only_by_the_registry_that_gave_it(
    four: Instrument, asked: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spean.agreements.registry.REMEMBERED", 2)
    first = Registry([four])
    second = first.with_instrument(replace(four, state="terminated"))
    for _ in range(2):
        for receiver in ("KH", "KR", "INT"):
            question = replace(asked, receiver=receiver)
            assert first.decide(question).allowed
            assert not second.decide(question).allowed


def test_a_new_prohibition_binds_at_once(four: Instrument, asked: Question) -> None:
    free = replace(four, prohibitions=())
    registry = Registry([free])
    question = replace(asked, data="health", subject="victim")
    assert registry.decide(question).allowed
    assert not registry.with_instrument(four).decide(question).allowed
    assert registry.with_instrument(four).with_instrument(free).decide(question).allowed


def test_a_prohibition_of_persons_alone_binds_for_every_kind_of_data(four: Instrument, asked: Question) -> None:
    ban = Prohibition(article="8", subjects=frozenset({"suspect"}))
    registry = Registry([replace(four, prohibitions=(ban,))])
    assert not registry.decide(asked).allowed
    assert registry.decide(replace(asked, subject="none")).allowed


def test_the_register_answers_what_it_holds(four: Instrument) -> None:
    registry = Registry([four, peering(["KH", "VN"])])
    assert len(registry) == 2
    assert four.id in registry
    assert [each.id for each in registry.between("KH", "TH")] == [four.id]
    assert registry.between("VN", "TH") == ()
    assert {each.id for each in registry} == {four.id, "peering"}
    with pytest.raises(NotFound):
        registry.get("KH:agreement:none")


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("purpose", "spy", "R20"), ("data", "religion", "R26"), ("subject", "", "R30"), ("tlp", "amber", "A5"),
        ("handling", "h0", "A5"), ("date", "yesterday", "form"), ("date", "", "form"),
    ],
)  # fmt: skip
def test_a_mark_off_the_closed_list_is_no_question(asked: Question, field: str, value: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(asked, **{field: value})
    assert (caught.value.field, caught.value.rule) == (field, rule)


@pytest.mark.parametrize("hostile", ['"', "\n", "\\", '" || true || "', "\x00", "KH\u202e", "ខ្មែរ", "N" * 10_000])
def test_hostile_words_in_a_question_stay_words(four: Instrument, asked: Question, hostile: str) -> None:
    registry = Registry([four])
    for field in ("sender", "receiver", "instrument", "via"):
        assert not registry.decide(replace(asked, **{field: hostile})).allowed
    assert not registry.decide(replace(asked, origin=hostile)).allowed
    assert registry.decide(replace(asked, procedure=hostile, kind=hostile)).allowed


def _header(envelope: Envelope | None) -> Header:
    return Header(
        node="TH", unit="desk", actor="p1", actor_kind="person", time="2026-03-04T01:41:00.000Z", record="r",
        procedure="circular", version=1, kind="publish", envelope=envelope, commitment="", size=0,
    )  # fmt: skip


def test_a_header_puts_its_question_for_every_hop(four: Instrument) -> None:
    envelope = Envelope(
        recipients=("KH",), purpose="warn", instrument=four.id, basis="", data="wallet", subject="none", handling="H1",
        tlp="AMBER", source="A", grade=1, nature="fact", review="2027-01-01", via="INT",
    )  # fmt: skip
    question = question_of(_header(envelope), "INT", "KH")
    assert (question.origin, question.via, question.date, question.passed_on) == ("TH", "INT", "2026-03-04", False)
    assert Registry([four]).decide(question).allowed
    assert question_of(_header(envelope), "KR", "KH").passed_on
    assert question_of(_header(envelope), "TH", "INT", date="2029-01-01").date == "2029-01-01"


def test_a_local_fact_never_leaves() -> None:
    with pytest.raises(Refusal) as caught:
        question_of(_header(None), "TH", "KH")
    assert caught.value.rule == "D3"


def test_the_policies_of_a_decision_can_be_read_and_fit_the_schema(four: Instrument, asked: Question) -> None:
    registry = Registry([suspended(four)])
    text = registry.policies(asked)
    assert f'@id("{four.id}#permit")' in text
    assert registry.policies(replace(asked, instrument="none")) == ""
    for onward in ("never", "consent", "parties"):
        whole = compile_instrument(replace(suspended(four), onward=onward))
        result = cedarpy.validate_policies(whole, SCHEMA)
        assert result.validation_passed, result.errors
