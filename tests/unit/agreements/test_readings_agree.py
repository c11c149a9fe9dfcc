"""Cedar, the plain explanation, the unsliced policies and the z3 encoding give one answer to every question."""

from __future__ import annotations

from dataclasses import replace

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.agreements.cedar import SCHEMA, compile_instrument, request_of, text
from spean.agreements.explain import explain
from spean.agreements.model import Instrument, Prohibition, Suspension
from spean.agreements.question import Question
from spean.agreements.registry import Registry

NODES = ("KH", "KR", "TH", "INT", "VN")
IDS = tuple(f"KH:agreement:01ARZ3NDEKTSV4RRFFQ69G5FA{last}" for last in "VWX")
DATES = ("2025-12-31", "2026-01-01", "2026-06-01", "2026-12-31", "2027-01-01")
PURPOSES, DATA, SUBJECTS = ("warn", "stop-fraud", "coordinate"), ("wallet", "phone", "health"), ("none", "victim")
TLP, HANDLING = ("CLEAR", "AMBER", "AMBER+STRICT", "RED"), ("H0", "H2", "H3")


def some(values: tuple[str, ...], least: int = 1) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), min_size=least)


def mostly(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.just(frozenset(values)) | some(values)


BANS = st.builds(
    Prohibition, article=st.sampled_from(("", "7")), data=some(DATA), subjects=some(SUBJECTS, 0),
    purposes=some(PURPOSES, 0),
)  # fmt: skip


@st.composite
def instruments(draw: st.DrawFn, ids: tuple[str, ...] = IDS[:1]) -> Instrument:
    parties = draw(st.just(frozenset(NODES[:4])) | some(NODES, 2))
    mediators = draw(st.just(frozenset({"INT"})) | some(("INT", "KR"), 0))
    pair = st.frozensets(st.sampled_from(sorted(parties | mediators)), min_size=2, max_size=2)
    pairs = draw(st.sets(pair, max_size=2))
    return Instrument(
        id=draw(st.sampled_from(ids)), title="T", parties=parties, mediators=mediators, purposes=draw(mostly(PURPOSES)),
        data=draw(mostly(DATA)), subjects=draw(mostly(SUBJECTS)), tlp_ceiling=draw(st.sampled_from(TLP[1:])),
        handling=draw(mostly(HANDLING)), onward=draw(st.sampled_from(("never", "consent", "parties"))),
        retention_days=30, starts=draw(st.sampled_from(DATES[1:3])), ends=draw(st.sampled_from(("", *DATES[2:4]))),
        prohibitions=tuple(draw(st.lists(BANS, max_size=2))),
        state=draw(st.sampled_from(("in-force",) * 7 + ("draft", "expired"))),
        suspended=frozenset(Suspension(pair=pair, by="KH", when="2026-02-01") for pair in pairs),
    )  # fmt: skip


@st.composite
def questions(draw: st.DrawFn, named: Instrument) -> Question:
    """What ``named`` may well permit, direct, mediated or passed on; half of them bent in one or two fields."""
    first, second, third = draw(st.permutations(sorted(named.parties | {"INT", "KR", "VN"})))[:3]
    mediator = draw(st.sampled_from((*sorted(named.mediators), "INT")))
    hop = draw(st.sampled_from((
        {"sender": first, "receiver": second, "origin": first},
        {"sender": first, "receiver": mediator, "origin": first, "via": mediator},
        {"sender": mediator, "receiver": second, "origin": first, "via": mediator},
        {"sender": first, "receiver": second, "origin": third},
    )))  # fmt: skip
    fields = {
        **hop, "instrument": named.id, "purpose": draw(st.sampled_from(sorted(named.purposes))),
        "data": draw(st.sampled_from(sorted(named.data))), "subject": draw(st.sampled_from(sorted(named.subjects))),
        "tlp": draw(st.sampled_from(("CLEAR", named.tlp_ceiling))), "consent": draw(st.booleans()),
        "handling": draw(st.sampled_from(sorted(named.handling))),
        "date": draw(st.sampled_from((DATES[2],) * 15 + DATES)), "procedure": "information-request", "kind": "ask",
    }  # fmt: skip
    for _ in range(draw(st.sampled_from((0, 0, 1, 2)))):
        name = draw(st.sampled_from(sorted(BENDS)))
        fields[name] = draw(st.sampled_from(BENDS[name]))
    return Question(**fields)


BENDS = {
    "sender": NODES, "receiver": NODES, "origin": NODES, "via": ("", "INT", "KR", "TH"), "instrument": IDS,
    "purpose": PURPOSES, "data": DATA, "subject": SUBJECTS, "tlp": TLP, "handling": HANDLING, "date": DATES,
    "onward": (True, False), "consent": (True, False),
}  # fmt: skip


@st.composite
def cases(draw: st.DrawFn, most: int = 1) -> tuple[list[Instrument], list[Question]]:
    """Some instruments and questions about them."""
    made = draw(st.lists(instruments(ids=IDS[:most]), min_size=1, max_size=most, unique_by=lambda each: each.id))
    asked = st.sampled_from(made).flatmap(questions)
    return made, draw(st.lists(asked, min_size=1, max_size=6))


@settings(max_examples=300, deadline=None)
@given(case=cases())
def test_the_explanation_and_cedar_agree(case: tuple[list[Instrument], list[Question]]) -> None:
    (instrument,), asked = case
    registry = Registry([instrument])
    for question in asked:
        clauses = explain(question, instrument)
        decision = registry.decide(question)
        assert decision.allowed is all(clause.holds for clause in clauses), (question, clauses)
        assert decision.rule != "D3"


@settings(max_examples=120, deadline=None)
@given(case=cases(most=3))
def test_slicing_changes_no_decision(case: tuple[list[Instrument], list[Question]]) -> None:
    registry = Registry(case[0])
    whole = cedarpy.PolicySet.from_str("".join(compile_instrument(each) for each in registry))
    for question in case[1]:
        allowed = cedarpy.is_authorized(request_of(question), whole, []).allowed
        assert registry.decide(question).allowed is allowed, question
        clauses = registry.clauses(question)
        assert (bool(clauses) and all(clause.holds for _, clause in clauses)) is allowed


@settings(max_examples=50, deadline=None)
@given(case=cases(most=3), older=st.lists(instruments(ids=IDS), max_size=2))
def test_a_registry_grown_step_by_step_decides_like_one_built_at_once(
    case: tuple[list[Instrument], list[Question]], older: list[Instrument]
) -> None:
    made, asked = case
    grown = Registry()
    for instrument in (*older, *made):
        grown = grown.with_instrument(instrument)
        for question in asked:
            grown.decide(question)
    fresh = Registry([*older, *made])
    for question in asked:
        assert grown.decide(question) == fresh.decide(question)


def test_the_cases_are_not_one_sided() -> None:
    """The properties above are worth something only if both verdicts come up, in each way of sending."""
    seen: set[tuple[bool, bool, bool]] = set()

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(case=cases())
    def look(case: tuple[list[Instrument], list[Question]]) -> None:
        registry = Registry(case[0])
        seen.update((registry.decide(asked).allowed, bool(asked.via), asked.passed_on) for asked in case[1])

    look()
    wanted = {(allowed, mediated, False) for allowed in (True, False) for mediated in (True, False)}
    assert wanted | {(True, False, True), (False, False, True)} <= seen


@settings(max_examples=50, deadline=None)
@given(instrument=instruments())
def test_every_instrument_fits_the_schema(instrument: Instrument) -> None:
    result = cedarpy.validate_policies(compile_instrument(instrument), SCHEMA)
    assert result.validation_passed, result.errors


@given(value=st.text(max_size=40))
def test_any_text_is_one_harmless_literal(value: str) -> None:
    policy = f"permit(principal, action, resource) when {{ context.word == {text(value)} }};"
    node = {"type": "Node", "id": "KH"}
    request = {"principal": node, "action": {"type": "Action", "id": "send"}, "resource": node}
    assert len(cedarpy.PolicySet.from_str(policy)) == 1
    assert cedarpy.is_authorized({**request, "context": {"word": value}}, policy, []).allowed
    assert not cedarpy.is_authorized({**request, "context": {"word": value + "x"}}, policy, []).allowed


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_the_encoding_for_proofs_and_cedar_agree(case: tuple[list[Instrument], list[Question]]) -> None:
    pytest.importorskip("z3")
    from spean.agreements.prove import permits_in_model

    (instrument,), asked = case
    for question in asked[:3]:
        named = replace(question, instrument=instrument.id)
        assert permits_in_model(instrument, named) is Registry([instrument]).decide(named).allowed
