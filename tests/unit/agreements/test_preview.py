"""Before anything is sent: who would receive it and why, who not and why not, and the next lawful way (D3, A9)."""

from __future__ import annotations

from dataclasses import replace

from spean.agreements.model import Instrument, Suspension
from spean.agreements.preview import preview
from spean.agreements.question import Question
from spean.agreements.registry import Registry
from spean.agreements.routes import alternatives

BORDER = Suspension(pair=frozenset({"KH", "TH"}), by="KH", when="2026-02-01")
OTHER = "KR:agreement:01ARZ3NDEKTSV4RRFFQ69G5FAW"


def test_each_receiver_has_a_line_with_reason_and_clauses(four: Instrument, asked: Question) -> None:
    registry = Registry([replace(four, suspended=frozenset({BORDER}))])
    lines = preview(registry, asked, ["KR", "KH", "VN", "TH"])
    assert [(line.node, line.allowed) for line in lines] == [("KR", True), ("KH", False), ("VN", False), ("TH", False)]
    korea, cambodia, vietnam, self = lines
    assert all(clause.holds for clause in korea.clauses)
    assert korea.instrument == four.id
    assert [clause.name for clause in cambodia.clauses if not clause.holds] == ["suspension"]
    assert "through INT" in cambodia.remedy
    assert "VN is not party" in vietnam.reason
    assert "no lawful channel" in vietnam.remedy
    assert "itself" in self.reason


def test_what_always_passes_is_previewed_as_such(four: Instrument, asked: Question) -> None:
    (line,) = preview(Registry([four]), replace(asked, kind="correct"), ["VN"])
    assert (line.allowed, line.instrument, line.rule) == (True, "closed-class", "R34")


def test_int_is_offered_before_other_mediators(four: Instrument, asked: Question) -> None:
    both = replace(four, mediators=frozenset({"INT", "KR"}), suspended=frozenset({BORDER}))
    routes = alternatives(Registry([both]), asked)
    assert [route.nodes for route in routes] == [("TH", "INT", "KH"), ("TH", "KR", "KH")]
    assert {route.instrument for route in routes} == {four.id}


def test_a_route_is_offered_only_if_every_hop_is_lawful(four: Instrument, asked: Question) -> None:
    cut = frozenset({BORDER, Suspension(pair=frozenset({"INT", "KH"}), by="KH", when="2026-02-01")})
    assert alternatives(Registry([replace(four, suspended=cut)]), asked) == []


def test_passing_on_does_not_become_lawful_by_mediation(four: Instrument, asked: Question) -> None:
    resting = replace(four, suspended=frozenset({BORDER}), onward="never")
    assert alternatives(Registry([resting]), replace(asked, origin="KR")) == []


def test_a_mediated_hop_still_knows_that_it_is_passed_on(four: Instrument, asked: Question) -> None:
    resting = replace(four, suspended=frozenset({Suspension(pair=frozenset({"KH", "KR"}), by="KH", when="2026-02-01")}))
    passed = replace(asked, origin="KR", consent=True)
    assert not Registry([resting]).decide(passed).allowed
    assert alternatives(Registry([resting]), passed) == []


def test_direct_ways_come_first_and_drafts_never(four: Instrument, asked: Question) -> None:
    other = replace(four, id=OTHER)
    resting = replace(four, suspended=frozenset({BORDER}))
    routes = alternatives(Registry([resting, other]), asked)
    assert (routes[0].nodes, routes[0].instrument) == (("TH", "KH"), OTHER)
    drafts = Registry([replace(resting, mediators=frozenset()), replace(other, state="draft")])
    assert alternatives(drafts, asked) == []
