"""Judgements: the state is the fold of those that stand, in whatever order they came; contradictions are named with their chain."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spean.entities.judgements import Judgement, Judgements

THINGS = [f"e{n}" for n in range(7)]
PAIRS = st.tuples(st.sampled_from(THINGS), st.sampled_from(THINGS)).filter(lambda pair: pair[0] != pair[1])
JUDGED = st.tuples(PAIRS, st.sampled_from(["positive", "positive", "negative", "unsure"]))
STORY = st.lists(st.one_of(JUDGED, st.integers(0, 30)), max_size=40)
"""Judgements, and numbers of judgements that are withdrawn."""


def told(story: list[object]) -> tuple[Judgements, dict[str, Judgement]]:
    """The graph after a story, and the judgements that stand."""
    graph, all_, standing = Judgements(), [], {}
    for step in story:
        if isinstance(step, int):
            if step < len(all_):
                graph.withdraw(all_[step].id)
                standing.pop(all_[step].id, None)
        else:
            (one, other), verdict = step
            judgement = Judgement(f"j{len(all_):02d}", one, other, verdict)
            all_.append(judgement)
            standing[judgement.id] = judgement
            graph.add(judgement)
    return graph, standing


def components(standing: dict[str, Judgement]) -> dict[str, frozenset[str]]:
    """The same by brute force: join until nothing changes."""
    found = {thing: frozenset({thing}) for thing in THINGS}
    for _ in THINGS:
        for each in standing.values():
            if each.verdict == "positive":
                whole = found[each.one] | found[each.other]
                found = {thing: whole if thing in whole else members for thing, members in found.items()}
    return found


@settings(max_examples=300, deadline=None)
@given(STORY)
def test_the_state_is_the_fold_without_what_was_withdrawn(story: list[object]) -> None:
    graph, standing = told(story)
    anew = Judgements(reversed(list(standing.values())))
    expected = components(standing)
    assert {each.id for each in graph} == set(standing)
    for thing in THINGS:
        assert graph.reached(thing) == anew.reached(thing) == expected[thing]
        assert graph.contradictions(thing) == anew.contradictions(thing)
        parted = {
            each.id
            for each in standing.values()
            if each.verdict == "negative" and {each.one, each.other} <= expected[thing]
        }
        assert {each.negative for each in graph.contradictions(thing)} == parted
        assert graph.cluster(thing) == (frozenset({thing}) if parted else expected[thing])


@settings(max_examples=200, deadline=None)
@given(STORY, PAIRS, st.sampled_from(["positive", "negative", "unsure"]))
def test_a_new_judgement_is_against_others_exactly_when_it_makes_a_contradiction(
    story: list[object], pair: tuple[str, str], verdict: str
) -> None:
    graph, standing = told(story)
    before = {chain.negative for thing in THINGS for chain in graph.contradictions(thing)}
    chain = graph.against(*pair, verdict)
    graph.add(Judgement("new", *pair, verdict))
    after = {chain.negative for thing in THINGS for chain in graph.contradictions(thing)}
    if verdict == "unsure":
        assert chain == ()
        assert after == before
        return
    if not before:
        assert bool(chain) == bool(after)
    assert set(chain) <= set(standing)
    _leads(standing, chain, *pair)


def _leads(standing: dict[str, Judgement], chain: tuple[str, ...], one: str, other: str) -> None:
    """Each judgement of a chain begins where the last one ended."""
    here = one
    for name in chain:
        ends = {standing[name].one, standing[name].other}
        assert here in ends
        here = (ends - {here}).pop()
    assert not chain or here == other


@given(STORY)
def test_a_story_that_is_taken_back_leaves_nothing(story: list[object]) -> None:
    graph, standing = told(story)
    for name in standing:
        graph.withdraw(name)
    assert len(graph) == 0
    assert all(graph.reached(thing) == {thing} and graph.path(thing, "e0") == () for thing in THINGS[1:])
