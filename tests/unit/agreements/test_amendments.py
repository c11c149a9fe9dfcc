"""An amendment changes only what it says: proved for all questions, or shown with a question (extra ``prove``)."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from spean.agreements.claims import Change, Within, read_claim
from spean.agreements.differences import differences
from spean.agreements.model import Instrument, Prohibition, Suspension
from spean.agreements.prove import prove_amendment, widest
from spean.agreements.registry import Registry
from spean.core.errors import InvalidInput, Unavailable

BORDER = Suspension(pair=frozenset({"KH", "TH"}), by="KH", when="2026-02-01")


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"version": 2, "title": "New name", "retention_days": 30}, []),
        ({"data": {"wallet", "account", "health", "phone"}}, ["adds data phone"]),
        ({"data": {"wallet", "account"}}, ["removes data health"]),
        ({"purposes": {"warn", "stop-fraud"}, "cites": {}}, ["removes purpose investigate-fraud"]),
        ({"tlp_ceiling": "RED"}, ["adds tlp AMBER+STRICT", "adds tlp RED"]),
        ({"tlp_ceiling": "GREEN"}, ["removes tlp AMBER"]),
        (
            {"parties": {"KH", "KR", "TH", "INT", "VN"}},
            ["adds party VN", "refuses party VN data health subject victim"],
        ),
        ({"suspended": {BORDER}}, ["refuses pair KH-TH"]),
        ({"ends": "2029-12-31"}, ["adds after 2028-12-31", "refuses after 2028-12-31 data health subject victim"]),
        ({"starts": "2026-02-01"}, ["removes before 2026-02-01", "permits before 2026-02-01 data health"]),
        ({"onward": "never"}, ["removes onward"]),
        ({"mediators": {"INT", "KR"}}, ["adds mediator KR"]),
        ({"handling": {"H0", "H1", "H2", "H3"}}, ["adds handling H3"]),
        ({"subjects": {"none", "suspect", "victim", "witness"}}, ["adds subject witness"]),
        ({"prohibitions": ()}, ["permits data health subject victim"]),
    ],
)
def test_an_amendment_that_says_what_it_does_is_proved(
    four: Instrument, change: dict[str, Any], claim: list[str]
) -> None:
    pytest.importorskip("z3")
    proof = prove_amendment(four, amended(four, change), read_claim(claim))
    assert proof.holds, proof.says
    assert proof.counterexample is None
    for left_out in claim:
        kept = [sentence for sentence in claim if sentence != left_out]
        assert not prove_amendment(four, amended(four, change), read_claim(kept)).holds


def amended(four: Instrument, change: dict[str, Any]) -> Instrument:
    values = {name: frozenset(value) if isinstance(value, set) else value for name, value in change.items()}
    return replace(four, **values)


def test_a_hidden_change_is_shown_with_a_question_that_cedar_confirms(four: Instrument) -> None:
    pytest.importorskip("z3")
    sly = amended(four, {"data": {"wallet", "account", "health", "phone"}, "onward": "parties"})
    proof = prove_amendment(four, sly, read_claim(["adds data phone"]))
    assert not proof.holds
    assert proof.counterexample is not None
    example = proof.counterexample
    assert (example.before, example.after) == (False, True)
    assert "newly permits" in proof.says
    assert "passed on without consent" in proof.says
    assert not Registry([four]).decide(example.question).allowed
    assert Registry([sly]).decide(example.question).allowed


def test_a_new_prohibition_reaches_into_other_agreements_and_must_be_said(four: Instrument) -> None:
    pytest.importorskip("z3")
    ban = Prohibition(article="8", data=frozenset({"phone"}))
    new = replace(four, prohibitions=(*four.prohibitions, ban))
    proof = prove_amendment(four, new, read_claim([]))
    assert not proof.holds
    assert "under another agreement" in proof.says
    assert prove_amendment(four, new, read_claim(["refuses data phone"])).holds


def test_a_claim_may_be_given_as_regions(four: Instrument) -> None:
    pytest.importorskip("z3")
    resting = replace(four, suspended=frozenset({BORDER}))
    lifted = Change(permits=(Within(pairs=frozenset({frozenset({"KH", "TH"})})),))
    assert prove_amendment(resting, four, lifted).holds
    assert not prove_amendment(four, resting, lifted).holds


def test_what_widens_and_narrows_is_shown_by_cause(four: Instrument) -> None:
    pytest.importorskip("z3")
    new = amended(four, {"tlp_ceiling": "RED", "handling": {"H0"}})
    both = widest(four, new)
    assert any(example.question.tlp in ("AMBER+STRICT", "RED") for example in both.permitted)
    assert any(example.question.handling in ("H1", "H2") for example in both.refused)
    assert all((example.before, example.after) == (False, True) for example in both.permitted)
    assert widest(four, replace(four, version=9)).permitted == ()


def test_two_agreements_are_no_amendment(four: Instrument) -> None:
    other = replace(four, id="KR:agreement:01ARZ3NDEKTSV4RRFFQ69G5FAW")
    with pytest.raises(InvalidInput, match="two agreements"):
        prove_amendment(four, other, Change())


def test_without_z3_the_error_names_the_extra(four: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(Unavailable) as caught:
        prove_amendment(four, four, Change())
    assert "spean[prove]" in caught.value.remedy


@pytest.mark.parametrize(
    "sentence",
    ["", "adds", "widens data phone", "adds data ghosts", "adds weather sun", "adds pair KH", "adds party kh",
     "adds after tomorrow", "adds data phone data wallet", "adds data", "refuses pair KH-KH", "adds party"],
)  # fmt: skip
def test_an_unreadable_claim_is_refused(sentence: str) -> None:
    with pytest.raises(InvalidInput):
        read_claim([sentence])


def test_differences_are_told_in_words(four: Instrument) -> None:
    new = amended(four, {
        "version": 2, "data": {"wallet", "health", "phone"}, "ends": "", "suspended": {BORDER}, "quotas": {"warn": 5},
        "prohibitions": (),
    })  # fmt: skip
    assert differences(four, four) == []
    assert differences(four, new) == [
        "version: 1 becomes 2",
        "last day: 2028-12-31 becomes none",
        "kind of data: adds phone",
        "kind of data: removes account",
        "quota for warn: 1000 becomes 5",
        "suspension: adds KH–TH (by KH, 2026-02-01)",
        "prohibition: removes data health, persons victim (art. 7(2))",
    ]
