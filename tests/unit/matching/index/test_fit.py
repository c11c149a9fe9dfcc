"""Of several Latin names that may be one of another script, the one that its letters fit best stands first; nothing else is weighed anew."""

from __future__ import annotations

from spean.matching.index.names import NameIndex


def _index(*names: str, births: tuple[str, ...] = ()) -> NameIndex:
    index = NameIndex()
    for at, name in enumerate(names):
        index.add(str(at), name, birth=births[at] if births else "")
    index.settle()
    return index


def test_the_best_spelling_stands_first_and_scores_fall() -> None:
    for asked, best, names in (
        ("အောင်ကျော်", "Aung Kyaw", ("Aung Gyaw", "Aung Kyaw", "Aung Kyow", "Ang Kyaw")),
        ("สมชาย ใจดี", "Somchai Jaidee", ("Samchay Jaidi", "Somchai Jaidee", "Sumchai Chaidee")),
        ("김민지", "Kim Minji", ("Kim Mingi", "Kim Minji", "Gam Minzi")),
    ):
        hits = _index(*names).search(asked, k=4)
        assert hits[0].name == best
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        for hit in hits:  # the weights still say what the score is made of
            assert abs(sum(hit.weights.values()) - hit.bits) < 0.5


def test_a_birth_date_outweighs_a_better_spelling() -> None:
    index = _index("Kim Minji", "Kim Mingi", births=("1960-01-01", "1988-04-02"))
    assert index.search("김민지", birth="1988-04-02", k=1)[0].name == "Kim Mingi"


def test_names_of_the_same_script_and_of_organisations_stay_as_they_are() -> None:
    index = _index("Kim Minji", "Kim Mingi")
    assert index.search("Kim Minji")[0].name == "Kim Minji"
    assert index.search("김민지", kind="organisation") is not None
