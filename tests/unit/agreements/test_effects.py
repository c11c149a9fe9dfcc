"""Preview of effects: the sets agree with what the policies decide, and the lines are exact and few."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from spean.agreements.effects import Effect, effects, mediators, permitted, shapes
from spean.agreements.model import DATA, PURPOSES, SUBJECTS, Instrument, Prohibition, Suspension, peering
from spean.agreements.question import Question
from spean.agreements.registry import Registry
from spean.agreements.routes import hops

FOUR = "KH:agreement:01ARZ3NDEKTSV4RRFFQ69G5FAV"
OTHER = "KR:agreement:01ARZ3NDEKTSV4RRFFQ69G5FAW"
DAY = "2026-03-04"
NODES = ("KH", "KR", "TH", "INT")


def subsets(values: frozenset[str], most: int = 3) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(sorted(values)), min_size=1, max_size=most)


@st.composite
def instruments(draw: st.DrawFn, name: str) -> Instrument:
    parties = draw(st.frozensets(st.sampled_from(NODES), min_size=2))
    mediating = draw(st.frozensets(st.sampled_from(NODES), max_size=1))
    pair = frozenset(draw(st.permutations(sorted(parties)))[:2])
    bans = draw(st.lists(st.builds(
        Prohibition, article=st.just(""), data=subsets(DATA), subjects=subsets(SUBJECTS) | st.just(frozenset[str]()),
    ), max_size=2))  # fmt: skip
    return Instrument(
        id=name, title="A text", parties=parties, mediators=mediating, purposes=draw(subsets(PURPOSES)), data=draw(subsets(DATA)),
        subjects=draw(subsets(SUBJECTS)), tlp_ceiling="AMBER", handling=frozenset({"H0"}), retention_days=30, starts="2026-01-01",
        ends=draw(st.sampled_from(("", "2026-02-01"))), state=draw(st.sampled_from(("in-force", "in-force", "expired"))),
        prohibitions=tuple(bans),
        suspended=draw(st.sampled_from((frozenset(), frozenset({Suspension(pair=pair, by=min(pair), when="2026-03-01")})))),
    )  # fmt: skip


def ask(registry: Registry, instrument: str, cell: tuple[str, str, str], via: str) -> bool:
    purpose, data, subject = cell
    question = Question(
        sender="KH", receiver="TH", origin="KH", instrument=instrument, purpose=purpose, data=data, subject=subject, tlp="CLEAR",
        handling="H0", procedure="", kind="", date=DAY, via=via,
    )  # fmt: skip
    return all(registry.judge(hop).allowed for hop in (hops(question, via) if via else (question,)))


@settings(max_examples=60, deadline=None)
@given(st.data(), instruments(FOUR), instruments(OTHER), st.sampled_from(("", "KR", "INT")))
def test_the_sets_say_what_the_policies_decide(data: st.DataObject, one: Instrument, two: Instrument, via: str) -> None:
    registry = Registry([one, two])
    found = permitted(registry, "KH", "TH", DAY, via)
    near = product(one.purposes | two.purposes, one.data | two.data, one.subjects | two.subjects)
    for cell in data.draw(st.lists(st.sampled_from(sorted(near)), max_size=12, unique=True)):
        if cell[0] != "danger-to-life":
            direct = any(ask(registry, each.id, cell, via) for each in registry.between("KH", "TH"))
            assert (cell in found) == direct, cell


@settings(max_examples=100, deadline=None)
@given(instruments(FOUR), instruments(OTHER), st.sampled_from(("KR", "INT")))
def test_a_mediator_opens_nothing_new_unless_the_pair_is_suspended(one: Instrument, two: Instrument, via: str) -> None:
    registry = Registry([one, two])
    if not any(each.suspension_of("KH", "TH") for each in registry.between("KH", "TH")):
        assert permitted(registry, "KH", "TH", DAY, via) <= permitted(registry, "KH", "TH", DAY)


@given(st.sets(st.tuples(*(st.sampled_from(sorted(each)) for each in (PURPOSES, DATA, SUBJECTS))), max_size=60))
def test_products_cover_exactly_what_they_are_made_of(cells: set[tuple[str, str, str]]) -> None:
    again = [cell for purposes, data, subjects in shapes(cells) for cell in product(purposes, data, subjects)]
    assert sorted(again) == sorted(cells)


def test_an_amendment_is_told_in_one_line_for_all_partners(four: Instrument) -> None:
    before = Registry([peering(NODES), four])
    after = before.with_instrument(replace(four, data=four.data | {"phone"}))
    (line,) = effects(before, after, "KR", NODES, DAY)
    assert line == Effect(
        partners=("INT", "KH", "TH"), before=None, after="", purposes=("investigate-fraud", "stop-fraud", "warn"), data=("phone",),
        subjects=("none", "suspect", "victim"),
    )  # fmt: skip
    assert line.count == 9
    (back,) = effects(after, before, "KR", NODES, DAY)
    assert (back.permits, back.data, back.before, back.after) == (False, ("phone",), "", None)


def test_a_suspended_pair_is_told_with_the_way_that_is_left(four: Instrument) -> None:
    before = Registry([peering(NODES), four])
    resting = Suspension(pair=frozenset({"KR", "TH"}), by="TH", when="2026-03-01", reason="talks")
    after = before.with_instrument(replace(four, suspended=frozenset({resting})))
    lines = effects(before, after, "KR", NODES, DAY)
    assert {line.partners for line in lines} == {("TH",)}
    assert {(line.before, line.after, line.permits) for line in lines} == {("", "INT", False)}
    assert mediators(after, "KR", "TH") == ["INT"]
    told = {cell for line in lines for cell in product(line.purposes, line.data, line.subjects)}
    assert told == permitted(before, "KR", "TH", DAY) - permitted(after, "KR", "TH", DAY)
    assert ("warn", "health", "victim") not in told  # the prohibition refused it before, too
    assert ("coordinate", "agreement", "none") not in told  # peering goes on
    ended = after.with_instrument(replace(four, state="terminated"))
    assert {(line.before, line.after) for line in effects(after, ended, "KR", ("TH",), DAY)} == {("INT", None)}
    assert {(line.before, line.after, line.permits) for line in effects(after, before, "KR", ("TH",), DAY)} == {
        ("INT", "", True)
    }


def test_an_agreement_that_ends_leaves_what_others_permit(four: Instrument) -> None:
    narrow = replace(four, id=OTHER, data=frozenset({"wallet"}), prohibitions=())
    before = Registry([four, narrow])
    after = before.with_instrument(replace(four, state="terminated"))
    lines = effects(before, after, "KR", ("KH",), DAY)
    assert all(not line.permits and "wallet" not in line.data for line in lines)
    assert any("account" in line.data for line in lines)
