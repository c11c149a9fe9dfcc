"""What is said folds to values with all their sources, in whatever order it comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spean.entities.kinds import kind
from spean.entities.statements import Statement, caption, fold

PERSON = kind("person")


def statement(number: int, property: str, value: str, **more: object) -> Statement:
    return Statement(**{
        "id": f"f:{number}", "entity": "e", "property": property, "value": value, "given": value, "node": "KR", "unit": "desk", "by": "",
        "origin": "", "source": "B", "grade": 2, "nature": "fact", "said_at": number, **more,
    })  # type: ignore[arg-type]  # fmt: skip


SAID = st.lists(
    st.builds(
        statement, st.integers(0, 50), st.sampled_from(["name", "birth-date", "sex", "phone"]),
        st.sampled_from(["1988", "1988-04", "1989", "x"]), source=st.sampled_from("ABCX"), grade=st.integers(1, 4),
        nature=st.sampled_from(["fact", "assessment"]), withdrawn=st.sampled_from(["", "w"]),
    ),
    max_size=12, unique_by=lambda each: each.id,
)  # fmt: skip


@given(SAID, st.randoms())
def test_the_order_of_arrival_does_not_matter(said: list[Statement], chance: object) -> None:
    mixed = list(said)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert fold(PERSON, said) == fold(PERSON, mixed)
    views = fold(PERSON, said)
    assert sorted(each.id for view in views for value in view.values for each in value.statements) == sorted(
        each.id for each in said
    )
    for view in views:
        counts = [value.counts for value in view.values]
        assert counts == sorted(counts, reverse=True)
        assert set(view.standing) == {each.value for each in said if each.property == view.name and each.counts}


def test_one_value_has_many_sources_the_best_first() -> None:
    (view,) = fold(
        PERSON, [statement(1, "phone", "+85512345678", source="C"), statement(2, "phone", "+85512345678", source="A")]
    )
    assert [each.source for each in view.values[0].statements] == ["A", "C"]
    assert not view.contradicts


def test_values_that_cannot_both_be_true_contradict() -> None:
    def contradicts(*values: str) -> bool:
        return fold(PERSON, [statement(n, "birth-date", value) for n, value in enumerate(values)])[0].contradicts

    assert contradicts("1988", "1989")
    assert contradicts("1988-04-02", "1988-04-03")
    assert not contradicts("1988", "1988-04-02")
    withdrawn = [statement(1, "sex", "male"), statement(2, "sex", "female", withdrawn="w")]
    assert not fold(PERSON, withdrawn)[0].contradicts


def test_a_thing_is_called_by_its_best_name() -> None:
    said = [
        statement(1, "alias", "Dara"),
        statement(2, "name", "Sok D.", source="C"),
        statement(3, "name", "Sok Dara", source="A"),
    ]
    assert caption(PERSON, fold(PERSON, said)) == "Sok Dara"
    assert caption(PERSON, fold(PERSON, said[:1])) == "Dara"
    assert caption(PERSON, fold(PERSON, [statement(1, "phone", "+85512345678")])) == "+85512345678"
    assert caption(PERSON, ()) == ""
